//! Chores that need a program: `cargo xtask demo | test | bench | faults | fuzz | trace | accessibility | gallery | texts | postgres`.

mod accessibility;
mod demo;
mod fuzz;
mod gallery;
mod load;
mod needs;
mod postgres;
mod test;
mod trace;

use std::process::{Command, ExitCode};

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
    /// Builds and runs the whole town with a sample city on this machine.
    Demo(demo::Wishes),
    /// Passes everything: installs what the tests need, builds, tests.
    Test {
        /// Only tests whose name contains this.
        filter: Option<String>,
        /// Only the tests of this package.
        #[arg(long, short)]
        package: Option<String>,
    },
    /// Prints the figures of the town's own programs, each beside a bare floor.
    Bench {
        /// accept, page, form, search, design, list, csv, batch, cross, bridge, exports, audit or sanitizer, and its options; `bench -- --help` names them.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
        what: Vec<String>,
    },
    /// Strikes the running town with faults and checks that nothing is lost or doubled.
    Faults {
        /// bridge --trials N --seed S --database sqlite|postgres, bridge --every, or
        /// sanitizer --trials N --seed S --corpus FOLDER.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
        what: Vec<String>,
    },
    /// Searches for bytes that bring a reader of the sanitizer or the bridge down; keeps what it finds.
    Fuzz {
        /// TARGET… --seconds N --seed S --jobs N; or `list`, or `distil FOLDER`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        what: Vec<String>,
    },
    /// Writes docs/requirements.md: every requirement, where it is met, which test shows it.
    Trace {
        /// Only says whether the file is up to date.
        #[arg(long)]
        check: bool,
    },
    /// Walks over every page and writes docs/accessibility.md: each criterion of JIS X 8341-3, what checks it, what came of it.
    Accessibility {
        /// Only says whether the file agrees with the last walk.
        #[arg(long)]
        check: bool,
        /// Takes what the last walk left (`cargo xtask test` walks, too).
        #[arg(long)]
        last: bool,
    },
    /// Takes pictures of every page into docs/gallery.
    Gallery,
    /// Lists what the translations of the citizens' pages lack against the Japanese.
    Texts {
        /// `--complete`: fail when anything is listed; `--record LANGUAGE KEY…`: these were
        /// translated from the present Japanese (without keys: all of the language).
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        what: Vec<String>,
    },
    /// Runs a command with a throwaway PostgreSQL for the tests.
    Postgres {
        /// The command and its arguments, after `--`.
        #[arg(last = true, required = true)]
        command: Vec<String>,
    },
}

type Fallible<T> = Result<T, Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    let done = match Arguments::parse().chore {
        Chore::Demo(wishes) => demo::run(&wishes),
        Chore::Test { filter, package } => test::run(filter.as_deref(), package.as_deref()),
        Chore::Bench { what } => load::run("load", &what),
        Chore::Faults { what } => match what.split_first() {
            Some((first, rest)) if first == "sanitizer" => load::strike(rest),
            _ => load::run("faults", &what),
        },
        Chore::Fuzz { what } => fuzz::run(&what),
        Chore::Trace { check } => trace::run(check),
        Chore::Accessibility { check: true, .. } => accessibility::check(),
        Chore::Accessibility { last, check: false } => accessibility::write(last),
        Chore::Gallery => gallery::run(),
        Chore::Texts { what } => texts(&what),
        Chore::Postgres { command } => postgres::run(&command),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The list comes from the program that has the texts in it.
fn texts(arguments: &[String]) -> Fallible<()> {
    let mut program = cargo();
    program.current_dir(demo::house()?);
    program.args(["run", "--quiet", "--package", "internet-zone-web", "--example", "texts", "--"]);
    succeed(program.args(arguments))
}

/// The cargo that runs this chore.
fn cargo() -> Command {
    let mut cargo = Command::new(env!("CARGO"));
    unmarked(&mut cargo);
    cargo
}

/// Takes away what `cargo run` says of this package in the environment: build scripts that look
/// at it would take the same build for another one, and compile everything anew in turn.
fn unmarked(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
}

/// Runs a command to its end; an exit code other than 0 is an error.
fn succeed(command: &mut Command) -> Fallible<()> {
    let status = command.status().map_err(|error| format!("{command:?}: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{command:?}: {status}").into()) }
}
