//! `cargo xtask test`: everything that must pass.

use crate::{Fallible, accessibility, cargo, needs, postgres, succeed};

pub(crate) fn run(filter: Option<&str>, package: Option<&str>) -> Fallible<()> {
    needs::provide()?;
    // Journeys and fault tests start the real programs.
    succeed(cargo().args(["build", "--workspace", "--bins"]))?;
    let mut tests = cargo();
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
