//! `bridge keys`: the ceremony (`docs/operations/keys.md`).

mod escrow;
mod install;
mod make;
mod show;
mod sign;

use std::path::PathBuf;

use bridge::ceremony::say;
use bridge_contract::digest::Digest;
use bridge_contract::place::Host;
use bridge_contract::spoken;
use clap::{Args, Subcommand};
use serde::Serialize;

use super::Fallible;

#[derive(Args)]
pub(super) struct Orders {
    /// As JSON. What a person must read before they are asked goes to the standard error then.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Makes the root key. On a computer that is on no network.
    Root(make::Root),
    /// Makes the keys of one host, or of all with a root.
    Init(make::Init),
    /// Makes the key of a person who may sign that a lane begins anew.
    Operator(make::Operator),
    /// The list of all keys.
    #[command(subcommand)]
    Set(Set),
    /// Takes a signed key set over on a host, after its fingerprint was compared.
    Install(install::Install),
    /// Shows the key set of a host's key folder.
    Show(show::Show),
    /// Looks for what is missing, left over or running out.
    Check(show::Check),
    /// Shares of secrets: any two of three give them back.
    #[command(subcommand)]
    Escrow(escrow::Command),
    /// Overwrites and removes opening keys that the far ends are done with.
    DestroyDone(escrow::Host),
}

#[derive(Subcommand)]
enum Set {
    /// Signs the next key set with the root.
    Sign(sign::Sign),
}

/// Where the root's private key is.
#[derive(Args)]
struct RootKey {
    /// The file of the root's private key.
    #[arg(long, required_unless_present = "root_share")]
    root_key: Option<PathBuf>,
    /// Instead: a file with a share of it; give two.
    #[arg(long, conflicts_with = "root_key")]
    root_share: Vec<PathBuf>,
}

/// How an order answers: people as it goes, a program with one document at its end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Answer {
    Words,
    Json,
}

impl Answer {
    /// A line for people.
    fn line(self, words: &str) {
        if self == Self::Words {
            println!("{words}");
        }
    }

    /// A line that a person must read before they are asked.
    fn beforehand(self, words: &str) {
        match self {
            Self::Words => println!("{words}"),
            Self::Json => eprintln!("{words}"),
        }
    }

    /// What was done, for programs. Never a secret: where it is, what it is called.
    fn facts(self, facts: &impl Serialize) -> Fallible<()> {
        if self == Self::Json {
            println!("{}", serde_json::to_string_pretty(facts)?);
        }
        Ok(())
    }
}

pub(super) fn run(orders: Orders) -> Fallible<()> {
    let answer = if orders.json { Answer::Json } else { Answer::Words };
    match orders.command {
        Command::Root(order) => make::root(&order, answer),
        Command::Init(order) => make::init(&order, answer),
        Command::Operator(order) => make::operator(&order, answer),
        Command::Set(Set::Sign(order)) => sign::sign(&order, answer),
        Command::Install(order) => install::install(&order, answer),
        Command::Show(order) => show::show(&order, answer),
        Command::Check(order) => show::check(&order, answer),
        Command::Escrow(command) => escrow::run(command, answer),
        Command::DestroyDone(host) => escrow::destroy_done(&host, answer),
    }
}

/// The line with a fingerprint that two people read to each other.
fn fingerprint_line(digest: &Digest) -> String {
    format!("{}  {}", say("fingerprint"), spoken::fingerprint(digest))
}

fn host(word: &str) -> Result<Host, String> {
    Host::from_word(word).ok_or_else(|| "a host is i, s, l, a or b".to_owned())
}

fn read(path: &std::path::Path) -> Fallible<Vec<u8>> {
    Ok(std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?)
}
