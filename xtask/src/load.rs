//! `cargo xtask bench` and `cargo xtask faults`: programs that work on the town's
//! own programs, built for real use.

use std::process::Command;

use crate::{Fallible, cargo, demo, succeed};

/// Strikes the sanitizer's programs, which need no town around them.
pub(crate) fn strike(arguments: &[String]) -> Fallible<()> {
    let house = demo::house()?;
    let mut build = cargo();
    build.current_dir(&house).args(["build", "--release", "--bins"]);
    for package in ["sanitizer", "sanitizer-worker", "sanitizer-fuzz"] {
        build.args(["--package", package]);
    }
    succeed(&mut build)?;
    let program = demo::target_folder()?.join("release/sanitizer-fuzz");
    succeed(Command::new(program).arg("strike").args(arguments).current_dir(house))
}

/// Builds the town and one more program, and runs that with these arguments.
pub(crate) fn run(program: &str, arguments: &[String]) -> Fallible<()> {
    let house = demo::house()?;
    let programs = demo::build(&house, &[program])?;
    succeed(Command::new(programs.join(program)).args(arguments).current_dir(house))
}
