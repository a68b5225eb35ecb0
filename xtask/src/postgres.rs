//! `cargo xtask postgres -- COMMAND`: a server for the time of one command.

use std::process::Command;

use platform_testkit::postgres::{Cluster, Durability, SOCKET_VARIABLE};

use crate::{Fallible, succeed, unmarked};

pub(crate) fn run(command: &[String]) -> Fallible<()> {
    let mut program = Command::new(&command[0]);
    unmarked(&mut program);
    with_server(program.args(&command[1..]), succeed)
}

/// Runs a command, in the manner given, that finds the server's socket in its environment.
pub(crate) fn with_server(
    command: &mut Command,
    run: impl FnOnce(&mut Command) -> Fallible<()>,
) -> Fallible<()> {
    let folder = tempfile::Builder::new().prefix("madoguchi-pg-").tempdir()?;
    let cluster = Cluster::start(folder.path(), Durability::None)?;
    run(command.env(SOCKET_VARIABLE, cluster.socket()))
}
