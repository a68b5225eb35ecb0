//! `cargo xtask test`: everything that must pass.

use std::process::Command;

use crate::{Fallible, accessibility, needs, postgres, succeed};

pub(crate) fn run(filter: Option<&str>, package: Option<&str>) -> Fallible<()> {
    needs::provide()?;
    let cargo = env!("CARGO");
    // Journeys and fault tests start the real programs.
    succeed(Command::new(cargo).args(["build", "--workspace", "--bins"]))?;
    let mut tests = Command::new(cargo);
    tests.arg("test").arg("--no-fail-fast");
    match package {
        Some(package) => tests.args(["--package", package]),
        None => tests.arg("--workspace"),
    };
    tests.args(filter);
    postgres::with_server(&mut tests)?;
    // The sheet says what this very run found.
    match (filter, package) {
        (None, None) => accessibility::check(),
        _ => Ok(()),
    }
}
