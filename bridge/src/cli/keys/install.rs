//! `keys install`: what changes is said in words, and the fingerprint is asked for.

use std::io::{BufRead as _, Write as _};
use std::path::PathBuf;

use bridge::ceremony::{Change, changes, say, say_with};
use bridge_contract::keys::{KeyFolder, KeySet};
use bridge_contract::spoken;
use bridge_spool::{acceptable_keys, install_keys};
use clap::Args;

use super::super::Fallible;
use super::show::line;
use super::{fingerprint_line, read};

#[derive(Args)]
pub(in super::super) struct Install {
    /// The signed key set.
    file: PathBuf,
    /// The host's key folder.
    #[arg(long)]
    dir: PathBuf,
    /// The host's spool folder, where running roles find it.
    #[arg(long)]
    spool: PathBuf,
    /// The first four digits of the fingerprint, instead of asking for them.
    #[arg(long)]
    confirm: Option<String>,
}

pub(super) fn install(order: &Install) -> Fallible<()> {
    let file = read(&order.file)?;
    let before = KeyFolder::open(&order.dir).ok().map(|folder| folder.set().clone());
    let set = acceptable_keys(&file, &order.dir)?;
    tell(before.as_ref(), &set);
    let digits = match &order.confirm {
        Some(digits) => digits.clone(),
        None => ask()?,
    };
    if !spoken::fingerprint(&set.fingerprint()).starts_with(&format!("{}-", digits.trim())) {
        return Err(say("not_confirmed").into());
    }
    install_keys(&file, &order.dir, &order.spool)?;
    println!("{}", say("installed"));
    println!("{}", say("installed_new_private"));
    Ok(())
}

fn tell(before: Option<&KeySet>, now: &KeySet) {
    let version = now.version.to_string();
    match before {
        None => println!("{}", say_with("set_first", &[("now", &version)])),
        Some(before) => {
            let old = before.version.to_string();
            println!("{}", say_with("set_version", &[("before", &old), ("now", &version)]));
            let found = changes(before, now);
            println!("{}", say(if found.is_empty() { "nothing_changes" } else { "changes" }));
            for change in &found {
                println!("  {}", words(change));
            }
        }
    }
    println!("{}", fingerprint_line(&now.fingerprint()));
}

fn words(change: &Change) -> String {
    match change {
        Change::Added(key) => format!("{}  {}", say("added"), line(key)),
        Change::Removed(key) => format!("{}  {}", say("removed"), line(key)),
        Change::Moved { now, .. } => format!("{}  {}", say("moved"), line(now)),
    }
}

fn ask() -> Fallible<String> {
    print!("{}", say("ask"));
    std::io::stdout().flush()?;
    let mut typed = String::new();
    std::io::stdin().lock().read_line(&mut typed)?;
    Ok(typed)
}
