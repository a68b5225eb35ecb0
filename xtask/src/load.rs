//! `cargo xtask bench` and `cargo xtask faults`: programs that work on the town's
//! own programs, built for real use.

use std::process::Command;

use crate::{Fallible, demo, succeed};

/// Builds the town and one more program, and runs that with these arguments.
pub(crate) fn run(program: &str, arguments: &[String]) -> Fallible<()> {
    let house = demo::house()?;
    let programs = demo::build(&house, &[program])?;
    succeed(Command::new(programs.join(program)).args(arguments).current_dir(house))
}
