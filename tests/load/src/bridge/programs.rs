//! The three roles as the programs that an operator starts, so that the memory of each
//! can be told apart.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use bridge_contract::place::Host;
use town::{Ports, Program, Running};

use super::zones::words;
use crate::memory::peak_of;
use crate::processor;

/// Longest start of a program.
const PATIENCE: Duration = Duration::from_secs(20);

/// `outer`, `relay` and `inner`, each a process.
pub(super) struct Programs(Vec<Running>);

impl Programs {
    /// Starts them on the keys and spools of a town's folder.
    pub(super) fn start(dir: &Path) -> Result<Self, String> {
        let ports = Ports::free().map_err(words)?;
        let (outer, relay) = (ports.outer(), ports.relay());
        let own = std::env::current_exe().map_err(words)?;
        let roles = [
            ("outer", Host::Internet, ports.citizens_ops(), format!("listen = \"{outer}\"")),
            (
                "relay",
                Host::Sanitizer,
                ports.staff_ops(),
                // Nothing that crosses here has files.
                format!(
                    "listen = \"{relay}\"\npeer = \"{outer}\"\nsanitizer = {{ program = \"{}\" }}",
                    own.with_file_name("sanitizer").display()
                ),
            ),
            ("inner", Host::Lgwan, ports.citizens(), format!("peer = \"{relay}\"")),
        ];
        let mut running = Vec::new();
        for (role, host, ops, rest) in roles {
            let config = dir.join(format!("{role}.toml"));
            fs::write(&config, settings(dir, host, ops, &rest)).map_err(words)?;
            let program = Program {
                name: role,
                path: own.with_file_name("bridge"),
                arguments: vec![
                    role.to_owned(),
                    "--config".to_owned(),
                    config.display().to_string(),
                ],
                ops: Some(ops),
                environment: Vec::new(),
            };
            let mut started = program.start(&dir.join("logs")).map_err(words)?;
            started.wait_ready(PATIENCE).map_err(words)?;
            running.push(started);
        }
        Ok(Self(running))
    }

    /// The most memory that each ever had, in mebibytes.
    pub(super) fn peaks(&self) -> Result<Vec<(&'static str, f64)>, String> {
        self.0.iter().map(|one| Ok((one.program.name, peak_of(one.id())?))).collect()
    }

    /// The processor time that each took so far.
    pub(super) fn worked(&self) -> Result<Vec<(&'static str, Duration)>, String> {
        self.0.iter().map(|one| Ok((one.program.name, processor::of(one.id())?))).collect()
    }

    /// Stops them, those that dial first.
    pub(super) fn stop(self) -> Result<(), String> {
        self.0.into_iter().rev().try_for_each(|one| one.stop().map_err(words))
    }
}

fn settings(dir: &Path, host: Host, ops: SocketAddr, rest: &str) -> String {
    let (keys, spool) = (dir.join("keys").join(host.word()), dir.join("spool").join(host.word()));
    format!(
        "keys = \"{}\"\nspool = \"{}\"\nops = \"{ops}\"\nbacklog_mb = 100000\n{rest}\n",
        keys.display(),
        spool.display(),
    )
}
