//! From where which role may work (IK-3.5.2a).

use std::net::IpAddr;

use domain::identity::Role;
use ipnet::IpNet;
use serde::Deserialize;

/// Networks by role; a role without any may work from everywhere this service can be reached from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Networks {
    /// システム管理者.
    pub administrator: Vec<IpNet>,
    /// 手続管理者.
    pub procedure_manager: Vec<IpNet>,
    /// 業務担当者.
    pub clerk: Vec<IpNet>,
    /// 監査担当者.
    pub auditor: Vec<IpNet>,
}

impl Networks {
    /// Whether this role may work from this address.
    #[must_use]
    pub fn allow(&self, role: Role, from: IpAddr) -> bool {
        let (networks, from) = (self.of(role), from.to_canonical());
        networks.is_empty() || networks.iter().any(|network| network.contains(&from))
    }

    /// Whether nobody of this role could work at all: none of its networks reaches a service that
    /// listens at `listen` without a proxy which says who calls.
    #[must_use]
    pub fn shut_out(&self, role: Role, listen: IpAddr) -> bool {
        let callers = match listen {
            // It takes IPv4 as well.
            IpAddr::V6(own) if own.is_unspecified() => return false,
            IpAddr::V4(own) if own.is_loopback() => IpNet::new_assert(listen, 8),
            IpAddr::V6(own) if own.is_loopback() => IpNet::new_assert(listen, 128),
            IpAddr::V4(_) | IpAddr::V6(_) => IpNet::new_assert(listen, 0),
        };
        let reaches = |network: &IpNet| {
            callers.contains(&network.network()) || network.contains(&callers.network())
        };
        let networks = self.of(role);
        !networks.is_empty() && !networks.iter().any(reaches)
    }

    fn of(&self, role: Role) -> &[IpNet] {
        match role {
            Role::Administrator => &self.administrator,
            Role::ProcedureManager => &self.procedure_manager,
            Role::Clerk => &self.clerk,
            Role::Auditor => &self.auditor,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// IK-3.5.2a: a role works from its networks only, however the address is written.
    #[test]
    fn a_role_works_from_its_networks_only() {
        let network = |text: &str| text.parse::<IpNet>().expect("a network");
        let networks = Networks {
            administrator: vec![network("10.20.0.0/16"), network("fd00:20::/32")],
            ..Networks::default()
        };
        for (from, allowed) in [
            ("10.20.255.1", true),
            ("::ffff:10.20.0.1", true),
            ("fd00:20::1", true),
            ("10.21.0.1", false),
            ("::1", false),
        ] {
            let from: IpAddr = from.parse().expect("an address");
            assert_eq!(networks.allow(Role::Administrator, from), allowed, "{from}");
            assert!(networks.allow(Role::Clerk, from));
        }
    }

    /// IK-3.5.2a: networks from which nobody can reach the service are known at its start: those of
    /// elsewhere when it listens to its own machine alone, and those of the other kind of address.
    #[test]
    fn networks_that_reach_nothing_are_known() {
        for (network, listen, out) in [
            ("10.20.0.0/16", "127.0.0.1", true),
            ("127.0.0.1/32", "127.0.0.1", false),
            ("0.0.0.0/0", "127.0.0.1", false),
            ("fd00:20::/32", "::1", true),
            ("::1/128", "::1", false),
            ("10.20.0.0/16", "0.0.0.0", false),
            ("10.20.0.0/16", "10.20.0.1", false),
            ("fd00:20::/32", "10.20.0.1", true),
            ("10.20.0.0/16", "fd00:20::1", true),
            ("10.20.0.0/16", "::", false),
        ] {
            let administrator = vec![network.parse().expect("a network")];
            let networks = Networks { administrator, ..Networks::default() };
            let listen: IpAddr = listen.parse().expect("an address");
            assert_eq!(networks.shut_out(Role::Administrator, listen), out, "{network} {listen}");
            assert!(!networks.shut_out(Role::Clerk, listen), "who may work from everywhere");
        }
    }
}
