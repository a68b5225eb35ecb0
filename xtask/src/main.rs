//! Chores that need a program: `cargo xtask demo | test | bench | trace | postgres`.

mod postgres;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Chores of the house.
#[derive(Parser)]
#[command(name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Runs a command with a throwaway PostgreSQL for the tests.
    Postgres {
        /// The command and its arguments, after `--`.
        #[arg(last = true, required = true)]
        command: Vec<String>,
    },
}

type Outcome = Result<ExitCode, Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    let done = match Arguments::parse().chore {
        Chore::Postgres { command } => postgres::run(&command),
    };
    done.unwrap_or_else(|error| {
        eprintln!("xtask: {error}");
        ExitCode::FAILURE
    })
}
