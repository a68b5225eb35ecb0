//! `sanitizer`: rebuilds files, explains them, or serves the bridge.

mod cli;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    cli::run(cli::Args::parse())
}
