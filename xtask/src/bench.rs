//! `cargo xtask bench`: figures on the town's own programs, built for real use.

use std::process::Command;

use crate::{Fallible, demo, succeed};

/// Runs `load` with these arguments.
pub(crate) fn run(arguments: &[String]) -> Fallible<()> {
    let house = demo::house()?;
    let programs = demo::build(&house, &["load"])?;
    succeed(Command::new(programs.join("load")).args(arguments).current_dir(house))
}
