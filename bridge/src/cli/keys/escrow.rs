//! `keys escrow` and `keys destroy-done`.

use std::path::PathBuf;

use bridge::ceremony::{SEAL_KEYS, Secret, restore_seals, say, say_with, write_private};
use bridge_contract::keys::SigningKey;
use bridge_contract::place::Lane;
use bridge_spool::destroy_done as destroy;
use clap::{Args, Subcommand};
use serde_json::json;

use super::super::Fallible;
use super::{Answer, make::write_shares, read, sign::from_shares};

#[derive(Subcommand)]
pub(in super::super) enum Command {
    /// Splits the root's file into three shares; the file can be destroyed then.
    Split {
        /// The root's private key.
        root_key: PathBuf,
        /// Where the shares are written.
        #[arg(long)]
        shares: PathBuf,
    },
    /// Gives a host its opening keys back from two shares, or the root its file.
    Restore {
        /// Two files with shares; the last line of each is the share.
        #[arg(num_args = 2)]
        share: Vec<PathBuf>,
        /// The host whose keys they are; without it, the root.
        #[arg(long, value_parser = super::host)]
        host: Option<bridge_contract::place::Host>,
        /// The host's key folder, or the file of the root.
        #[arg(long)]
        into: PathBuf,
        /// Opening keys a lane that were made.
        #[arg(long, default_value_t = SEAL_KEYS)]
        weeks: u32,
    },
}

/// A host's folders.
#[derive(Args)]
pub(in super::super) struct Host {
    /// The key folder.
    #[arg(long)]
    dir: PathBuf,
    /// The spool folder, where the far ends' heads say what they are done with.
    #[arg(long)]
    spool: PathBuf,
}

pub(super) fn run(command: Command, answer: Answer) -> Fallible<()> {
    match command {
        Command::Split { root_key, shares } => {
            let document = zeroize::Zeroizing::new(read(&root_key)?);
            SigningKey::from_pkcs8(&document).ok_or("not a root key")?;
            let what = say_with("share_what_root", &[("tenant", "")]);
            let shares = write_shares(&shares, "root", &what, Secret::Root, &document)?;
            answer.line(&say("root_shares"));
            answer.facts(&json!({ "shares": shares }))
        }
        Command::Restore { share, host, into, weeks } => {
            let (kind, secret) = from_shares(&share)?;
            match (kind, host) {
                (Secret::Seed, Some(host)) => {
                    let seed = secret.first_chunk::<32>().ok_or("not a seed")?;
                    let keys = restore_seals(host, seed, weeks);
                    let mut restored = 0_u32;
                    for (_, _, name, bytes) in keys {
                        let path = into.join(name);
                        if !path.exists() {
                            write_private(&path, &bytes)?;
                            restored += 1;
                        }
                    }
                    let (count, dir) = (restored.to_string(), into.display().to_string());
                    answer.line(&say_with("restored_seals", &[("count", &count), ("dir", &dir)]));
                    answer.facts(&json!({ "host": host.word(), "dir": dir, "restored": restored }))
                }
                (Secret::Root, None) => {
                    write_private(&into, &secret)?;
                    let path = into.display().to_string();
                    answer.line(&say_with("restored_root", &[("path", &path)]));
                    answer.facts(&json!({ "root_key": path }))
                }
                (Secret::Seed, None) | (Secret::Root, Some(_)) => {
                    Err(say("share_wrong_kind").into())
                }
            }
        }
    }
}

pub(super) fn destroy_done(host: &Host, answer: Answer) -> Fallible<()> {
    let mut gone = Vec::new();
    for lane in Lane::ALL {
        let paths = destroy(&host.dir, &host.spool, *lane)?;
        gone.extend(paths.iter().map(|path| path.display().to_string()));
    }
    if gone.is_empty() {
        answer.line(&say("destroyed_none"));
    } else {
        answer.line(&say_with("destroyed", &[("paths", &gone.join(" "))]));
    }
    answer.facts(&json!({ "destroyed": gone }))
}
