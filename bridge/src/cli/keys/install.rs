//! `keys install`: what changes is said in words, and the fingerprint is asked for.

use std::io::BufRead as _;
use std::path::PathBuf;

use bridge::ceremony::{Change, changes, say, say_with};
use bridge_contract::keys::{KeyEntry, KeyFolder, KeySet};
use bridge_contract::spoken;
use bridge_spool::{acceptable_keys, install_keys};
use clap::Args;
use serde_json::{Value, json};

use super::super::Fallible;
use super::show::{key_json, line};
use super::{Answer, fingerprint_line, read};

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

pub(super) fn install(order: &Install, answer: Answer) -> Fallible<()> {
    let file = read(&order.file)?;
    let before = KeyFolder::open(&order.dir).ok().map(|folder| folder.set().clone());
    let set = acceptable_keys(&file, &order.dir)?;
    let found = before.as_ref().map(|before| changes(before, &set)).unwrap_or_default();
    tell(before.as_ref(), &set, &found, answer);
    let digits = match &order.confirm {
        Some(digits) => digits.clone(),
        None => ask()?,
    };
    let fingerprint = spoken::fingerprint(&set.fingerprint());
    if !fingerprint.starts_with(&format!("{}-", digits.trim())) {
        return Err(say("not_confirmed").into());
    }
    install_keys(&file, &order.dir, &order.spool)?;
    answer.line(&say("installed"));
    answer.line(&say("installed_new_private"));
    let found: Vec<Value> = found.iter().map(change_json).collect();
    answer.facts(&json!({
        "before": before.map(|before| before.version), "version": set.version,
        "fingerprint": fingerprint, "changes": found,
    }))
}

fn tell(before: Option<&KeySet>, now: &KeySet, found: &[Change], answer: Answer) {
    let version = now.version.to_string();
    match before {
        None => answer.beforehand(&say_with("set_first", &[("now", &version)])),
        Some(before) => {
            let old = before.version.to_string();
            let versions = [("before", old.as_str()), ("now", version.as_str())];
            answer.beforehand(&say_with("set_version", &versions));
            answer.beforehand(&say(if found.is_empty() { "nothing_changes" } else { "changes" }));
            for change in found {
                let (what, key) = parted(change);
                answer.beforehand(&format!("  {}  {}", say(what), line(key)));
            }
        }
    }
    answer.beforehand(&fingerprint_line(&now.fingerprint()));
}

/// What happens to which key.
const fn parted(change: &Change) -> (&'static str, &KeyEntry) {
    match change {
        Change::Added(key) => ("added", key),
        Change::Removed(key) => ("removed", key),
        Change::Moved { now, .. } => ("moved", now),
    }
}

fn change_json(change: &Change) -> Value {
    let (what, key) = parted(change);
    json!({ "change": what, "key": key_json(key) })
}

fn ask() -> Fallible<String> {
    eprint!("{}", say("ask"));
    let mut typed = String::new();
    std::io::stdin().lock().read_line(&mut typed)?;
    Ok(typed)
}
