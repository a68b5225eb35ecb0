//! Landlock: the folders and the port that stay.

use std::path::Path;

use landlock::{
    ABI, Access as _, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible as _, LandlockStatus,
    NetPort, PathBeneath, PathFd, PathFdError, Ruleset, RulesetAttr as _, RulesetCreated,
    RulesetCreatedAttr as _, RulesetError, Scope, make_bitflags, path_beneath_rules,
};

use super::allowance::{Allowance, Dials, Program};
use super::{Missing, Wall};

/// Files can be moved between folders from this version on (Linux 5.19); the
/// spool lives from that.
const FILES: ABI = ABI::V2;
/// TCP ports from this one on (Linux 6.7).
const PORTS: ABI = ABI::V4;
/// The newest this code knows; what a kernel has of it is used.
const NEWEST: ABI = ABI::V6;

/// Where programs find their libraries.
const LIBRARIES: [&str; 5] = ["/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache"];
/// What starts a program that uses libraries.
const LOADERS: [&str; 4] = [
    "/lib64/ld-linux-x86-64.so.2",
    "/lib/ld-linux-aarch64.so.1",
    "/lib/ld-musl-x86_64.so.1",
    "/lib/ld-musl-aarch64.so.1",
];
/// Where names of hosts are looked up.
const RESOLVER: [&str; 6] = [
    "/etc/hosts",
    "/etc/resolv.conf",
    "/etc/nsswitch.conf",
    "/etc/host.conf",
    "/etc/gai.conf",
    "/run/systemd/resolve",
];

/// Raises both walls that Landlock builds; says which of those asked for do
/// not stand.
pub(super) fn raise(allowance: &Allowance, walls: &[Wall]) -> Vec<Missing> {
    let mut asked: Vec<Wall> =
        walls.iter().copied().filter(|wall| matches!(wall, Wall::Files | Wall::Ports)).collect();
    if asked.is_empty() {
        return Vec::new();
    }
    let files = asked.contains(&Wall::Files);
    let ports = asked.contains(&Wall::Ports);
    match restrict(allowance, files, ports) {
        Ok(abi) => {
            asked.retain(|wall| match wall {
                Wall::Files => abi < FILES,
                Wall::Ports => abi < PORTS,
                Wall::Calls => false,
            });
            let why = |wall| Missing::new(wall, "this kernel's Landlock is too old");
            asked.into_iter().map(why).collect()
        }
        Err(error) => {
            let why = format!("Landlock: {error}");
            asked.into_iter().map(|wall| Missing::new(wall, &why)).collect()
        }
    }
}

#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error(transparent)]
    Rules(#[from] RulesetError),
    #[error(transparent)]
    Folder(#[from] PathFdError),
}

fn restrict(allowance: &Allowance, files: bool, ports: bool) -> Result<ABI, Refused> {
    let mut rules = Ruleset::default();
    if files {
        // An older Landlock would stop the spool's own moves: then rather none.
        rules = rules
            .set_compatibility(CompatLevel::HardRequirement)
            .handle_access(AccessFs::from_all(FILES))?
            .set_compatibility(CompatLevel::BestEffort)
            .handle_access(AccessFs::from_all(NEWEST))?
            .scope(Scope::from_all(NEWEST))?;
    }
    if ports {
        rules = rules
            .set_compatibility(CompatLevel::BestEffort)
            .handle_access(AccessNet::from_all(NEWEST))?;
    }
    let mut rules = rules.create()?;
    if files {
        rules = keep_files(rules, allowance)?;
    }
    if ports {
        for Dials { port, .. } in allowance.all_dials() {
            rules = rules.add_rule(NetPort::new(port, AccessNet::ConnectTcp))?;
        }
    }
    match rules.restrict_self()?.landlock {
        LandlockStatus::Available { effective_abi, .. } => Ok(effective_abi),
        LandlockStatus::NotEnabled | LandlockStatus::NotImplemented => Ok(ABI::Unsupported),
    }
}

fn keep_files(mut rules: RulesetCreated, allowance: &Allowance) -> Result<RulesetCreated, Refused> {
    for folder in &allowance.folders {
        rules = rules.add_rule(PathBeneath::new(PathFd::new(folder)?, files_and_folders()))?;
    }
    if let Some(Program { run, read }) = &allowance.program {
        let execute = AccessFs::Execute | AccessFs::ReadFile;
        rules = rules
            .add_rules(path_beneath_rules(run, execute))?
            .add_rules(path_beneath_rules(LOADERS, execute))?
            .add_rules(path_beneath_rules(LIBRARIES, reading()))?
            .add_rules(path_beneath_rules(read, reading()))?;
    }
    if allowance.all_dials().any(|dials| dials.by_name) {
        rules = rules
            .add_rules(path_beneath_rules(RESOLVER, reading()))?
            .add_rules(path_beneath_rules(LIBRARIES.map(Path::new), reading()))?;
    }
    Ok(rules)
}

fn reading() -> BitFlags<AccessFs> {
    AccessFs::ReadFile | AccessFs::ReadDir
}

/// Plain files and folders; no programs, links, devices or sockets.
fn files_and_folders() -> BitFlags<AccessFs> {
    make_bitflags!(AccessFs::{
        ReadFile | ReadDir | WriteFile | Truncate | MakeReg | MakeDir | RemoveFile | RemoveDir
        | Refer
    })
}
