//! Commands of the bridge. Output for operators and scripts; texts for
//! citizens and staff never come from here.

mod audit;
mod epoch;
mod inspect;
mod keys;
mod replay;
mod role;

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use bridge::confine::{Probe, Wall};
use clap::{Args, Parser, Subcommand};

type Fallible<T> = Result<T, Box<dyn Error>>;

/// Carries sealed, signed bundles between the zones.
#[derive(Parser)]
#[command(name = "bridge", version)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Host I: serves the raw lane to S, takes publications.
    Outer(Role),
    /// Host S: opens, has attachments rebuilt, seals for L.
    Relay(Role),
    /// Host L: pulls from S, pushes publications. Never listens.
    Inner(Role),
    /// Host A: sends export generations to B. Never listens.
    Export(Role),
    /// Host B: receives export generations, reports pick-ups.
    Drop(Role),
    /// Makes and shows keys.
    Keys(keys::Orders),
    /// A lane begins anew.
    #[command(subcommand)]
    Epoch(epoch::Command),
    /// Shows how far each lane of a host is.
    Status {
        /// The settings file of any role of the host.
        #[arg(long)]
        config: PathBuf,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Shows bundles again on a host without a database (S, A, B), for a mover that takes
    /// them from `ready/`.
    Replay {
        /// The settings file of any role of the host.
        #[arg(long)]
        config: PathBuf,
        /// The code that the far end shows for what it misses.
        #[arg(long)]
        code: String,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Verifies a bundle file (signature, hashes, index) or a zone's evidence (every
    /// number, signature and index; with --beside that two zones tell the same).
    Verify {
        #[command(flatten)]
        file: inspect::File,
        /// Evidence of the other zone.
        #[arg(long)]
        beside: Option<PathBuf>,
        /// Shows where the item of this id is in the evidence.
        #[arg(long)]
        item: Option<String>,
    },
    /// Shows what a bundle file says in the clear. Items stay sealed.
    Show(inspect::File),
}

#[derive(Args)]
struct Role {
    /// The settings file.
    #[arg(long)]
    config: PathBuf,
    /// Only checks the settings and keys, then ends.
    #[arg(long)]
    check_config: bool,
    /// Tries one thing behind the walls instead of working.
    #[arg(long, hide = true)]
    probe: Option<Probe>,
    /// Leaves a wall out of a probe.
    #[arg(long, hide = true, requires = "probe", value_parser = wall)]
    without: Vec<Wall>,
}

fn wall(word: &str) -> Result<Wall, String> {
    Wall::parse(word).ok_or_else(|| "no such wall".to_owned())
}

pub(crate) fn run(arguments: Arguments) -> ExitCode {
    let done = match arguments.command {
        Command::Outer(role) => role::outer(&role),
        Command::Relay(role) => role::relay(&role),
        Command::Inner(role) => role::inner(&role),
        Command::Export(role) => role::export(&role),
        Command::Drop(role) => role::drop(&role),
        Command::Keys(orders) => keys::run(orders),
        Command::Epoch(command) => epoch::run(command),
        Command::Status { config, json } => inspect::status(&config, json),
        Command::Replay { config, code, json } => replay::run(&config, &code, json),
        Command::Verify { file, beside, item } => {
            inspect::verify(&file, beside.as_deref(), item.as_deref())
        }
        Command::Show(file) => inspect::show(&file),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bridge: {error}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::Arguments;

    /// What works until it is stopped, and answers nobody.
    const ROLES: [&str; 5] = ["outer", "relay", "inner", "export", "drop"];

    /// Every order of a command, and whether it takes `--json`, its own or one of a command above it.
    fn orders(command: &clap::Command, path: &str, above: bool) -> Vec<(String, bool)> {
        let path = format!("{path} {}", command.get_name());
        let json = command.get_arguments().find(|one| one.get_long() == Some("json"));
        if command.has_subcommands() {
            let below = above || json.is_some_and(clap::Arg::is_global_set);
            return command.get_subcommands().flat_map(|one| orders(one, &path, below)).collect();
        }
        vec![(path, above || json.is_some())]
    }

    /// NN-18: whatever the bridge is asked at a command line, a program can ask as well.
    #[test]
    fn every_order_takes_json() {
        let all = orders(&Arguments::command(), "", false);
        let names: Vec<&str> = all.iter().map(|(name, _)| name.as_str()).collect();
        for known in ["bridge status", "bridge keys set sign", "bridge epoch approve"] {
            assert!(names.iter().any(|name| name.ends_with(known)), "{known} in {names:?}");
        }
        let mute: Vec<&str> =
            all.iter().filter(|(_, json)| !json).map(|(name, _)| name.as_str()).collect();
        let roles = ROLES.map(|role| format!(" bridge {role}"));
        assert_eq!(mute, roles, "these have no --json; roles alone need none");
    }
}
