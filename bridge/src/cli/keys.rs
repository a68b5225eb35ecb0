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

use super::Fallible;

#[derive(Subcommand)]
pub(super) enum Command {
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
pub(super) enum Set {
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

pub(super) fn run(command: Command) -> Fallible<()> {
    match command {
        Command::Root(order) => make::root(&order),
        Command::Init(order) => make::init(&order),
        Command::Operator(order) => make::operator(&order),
        Command::Set(Set::Sign(order)) => sign::sign(&order),
        Command::Install(order) => install::install(&order),
        Command::Show(order) => show::show(&order),
        Command::Check(order) => show::check(&order),
        Command::Escrow(command) => escrow::run(command),
        Command::DestroyDone(host) => escrow::destroy_done(&host),
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
