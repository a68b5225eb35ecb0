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
        let networks = match role {
            Role::Administrator => &self.administrator,
            Role::ProcedureManager => &self.procedure_manager,
            Role::Clerk => &self.clerk,
            Role::Auditor => &self.auditor,
        };
        let from = from.to_canonical();
        networks.is_empty() || networks.iter().any(|network| network.contains(&from))
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
}
