//! `keys show` and `keys check`.

use std::path::PathBuf;

use bridge::ceremony::{say, say_with};
use bridge_contract::digest::Digest;
use bridge_contract::keys::{KeyEntry, KeyFolder, KeySet, Purpose};
use bridge_contract::place::{Host, Lane};
use bridge_contract::spoken;
use bridge_spool::newest_seen;
use clap::Args;
use serde::Serialize;
use serde_json::json;

use super::super::Fallible;
use super::{Answer, fingerprint_line};

/// Below so many keys to seal to, the next ceremony is prepared.
const FEW: usize = 8;

#[derive(Args)]
pub(in super::super) struct Show {
    /// The key folder.
    #[arg(long)]
    dir: PathBuf,
}

#[derive(Args)]
pub(in super::super) struct Check {
    /// The key folder.
    #[arg(long)]
    dir: PathBuf,
    /// Whose it is.
    #[arg(long, value_parser = super::host)]
    host: Host,
    /// The host's spool folder.
    #[arg(long)]
    spool: Option<PathBuf>,
}

#[derive(Serialize)]
struct SetAsJson {
    tenant: String,
    environment: &'static str,
    version: u32,
    fingerprint: String,
    root: String,
    keys: Vec<KeyAsJson>,
}

#[derive(Serialize)]
pub(super) struct KeyAsJson {
    id: String,
    purpose: &'static str,
    about: Option<&'static str>,
    public_sha256: String,
    from: u64,
    /// Absent while it is in use.
    until: Option<u64>,
}

pub(super) fn show(order: &Show, answer: Answer) -> Fallible<()> {
    let folder = KeyFolder::open(&order.dir)?;
    let set = folder.set();
    answer.line(&format!("{}  {}", say("show_tenant"), set.tenant));
    answer.line(&format!("{}  {}", say("show_environment"), set.environment));
    answer.line(&format!("{}  {}", say("show_version"), set.version));
    answer.line(&fingerprint_line(&set.fingerprint()));
    for key in &set.keys {
        answer.line(&line(key));
    }
    answer.facts(&set_json(set, &folder))
}

fn set_json(set: &KeySet, folder: &KeyFolder) -> SetAsJson {
    SetAsJson {
        tenant: set.tenant.to_string(),
        environment: set.environment.word(),
        version: set.version,
        fingerprint: spoken::fingerprint(&set.fingerprint()),
        root: spoken::fingerprint(&Digest::of(&folder.root().0)),
        keys: set.keys.iter().map(key_json).collect(),
    }
}

pub(super) fn key_json(key: &KeyEntry) -> KeyAsJson {
    KeyAsJson {
        id: key.id().to_string(),
        purpose: words(key.purpose).0,
        about: words(key.purpose).1,
        public_sha256: Digest::of(&key.public).hex(),
        from: key.valid_from,
        until: (key.valid_until != u64::MAX).then_some(key.valid_until),
    }
}

/// A purpose and what it is about, in words for programs.
const fn words(purpose: Purpose) -> (&'static str, Option<&'static str>) {
    match purpose {
        Purpose::Sign(lane) => ("sign", Some(lane.word())),
        Purpose::Seal(lane) => ("seal", Some(lane.word())),
        Purpose::Verdict => ("verdict", None),
        Purpose::Transport(host) => ("transport", Some(host.word())),
        Purpose::Operator => ("operator", None),
    }
}

/// One key in words for people.
pub(super) fn line(key: &KeyEntry) -> String {
    let (purpose, about) = words(key.purpose);
    let purpose = say(&format!("purpose_{purpose}"));
    let from = key.valid_from.to_string();
    let range = match key.valid_until {
        u64::MAX => say_with("range_open", &[("from", &from)]),
        last => say_with("range_closed", &[("from", &from), ("to", &last.to_string())]),
    };
    format!("{}  {purpose} {:<8} {range}", key.id(), about.unwrap_or_default())
}

pub(super) fn check(order: &Check, answer: Answer) -> Fallible<()> {
    let folder = KeyFolder::open(&order.dir)?;
    let mut found = Vec::new();
    let missing = |what: Purpose, good: bool| {
        let (purpose, about) = words(what);
        let what = format!("{purpose} {}", about.unwrap_or_default());
        (!good).then(|| say_with("check_missing", &[("what", what.trim())]))
    };
    found.extend(missing(Purpose::Transport(order.host), folder.transport(order.host).is_ok()));
    if order.host == Host::Sanitizer {
        found.extend(missing(Purpose::Verdict, folder.verdict_signer().is_ok()));
    }
    for lane in Lane::ALL.iter().filter(|lane| lane.sender() == order.host) {
        found.extend(missing(Purpose::Sign(*lane), folder.signer(*lane).is_ok()));
    }
    for lane in Lane::ALL.iter().filter(|lane| lane.receiver() == order.host) {
        found.extend(missing(Purpose::Seal(*lane), folder.openers(*lane).is_ok()));
        let listed = folder.set().seal_keys(*lane).count();
        // A set that never had many is one of a demonstration.
        if (2..FEW).contains(&listed) {
            let count = listed.to_string();
            found.push(say_with("check_few", &[("lane", lane.word()), ("count", &count)]));
        }
        for (path, key) in folder.opening_files(*lane)? {
            if !folder.set().lists(Purpose::Seal(*lane), &key.seal_key().0) {
                let path = path.display().to_string();
                found.push(say_with("check_unlisted", &[("path", &path)]));
            }
        }
    }
    let version = folder.set().version;
    if let Some(seen) = order.spool.as_ref().map(|spool| newest_seen(spool))
        && seen > version
    {
        let (seen, version) = (seen.to_string(), version.to_string());
        found.push(say_with("check_seen", &[("seen", &seen), ("found", &version)]));
    }
    answer.facts(&json!({ "good": found.is_empty(), "version": version, "found": found }))?;
    if found.is_empty() {
        answer.line(&say("check_good"));
        return Ok(());
    }
    match answer {
        Answer::Words => Err(found.join("\n").into()),
        Answer::Json => Err(say("check_found").into()),
    }
}
