//! `cargo xtask postgres -- COMMAND`: a server for the time of one command.

use std::process::{Command, ExitCode};

use platform_testkit::postgres::{Cluster, Durability, SOCKET_VARIABLE};

use crate::Outcome;

pub(crate) fn run(command: &[String]) -> Outcome {
    let folder = tempfile::Builder::new().prefix("madoguchi-pg-").tempdir()?;
    let cluster = Cluster::start(folder.path(), Durability::None)?;
    let status = Command::new(&command[0])
        .args(&command[1..])
        .env(SOCKET_VARIABLE, cluster.socket())
        .status()?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
