//! `keys set sign`.

use std::path::{Path, PathBuf};

use bridge::ceremony::{Part, Secret, Wish, combine, next_set, say, say_with, write_public};
use bridge_contract::keys::{KeyId, KeySet, SigningKey};
use bridge_contract::place::Lane;
use bridge_contract::spoken;
use clap::Args;
use serde_json::json;
use zeroize::Zeroizing;

use super::super::Fallible;
use super::{Answer, RootKey, fingerprint_line, read};

#[derive(Args)]
pub(in super::super) struct Sign {
    #[command(flatten)]
    root: RootKey,
    /// The key set in use; none at the first ceremony.
    #[arg(long)]
    before: Option<PathBuf>,
    /// The public part of a host or an operator; may be given many times.
    #[arg(long)]
    part: Vec<PathBuf>,
    /// `LANE=NUMBER`: the new signing key of the lane signs from this bundle on.
    #[arg(long, value_parser = turn)]
    turn: Vec<(Lane, u64)>,
    /// The id of a key that shall be good for nothing any more.
    #[arg(long, value_parser = key_id)]
    drop: Vec<KeyId>,
    /// The new file; nothing is ever replaced.
    #[arg(long)]
    out: PathBuf,
}

fn turn(text: &str) -> Result<(Lane, u64), String> {
    let wrong = || "say LANE=NUMBER, such as raw=1200".to_owned();
    let (lane, number) = text.split_once('=').ok_or_else(wrong)?;
    let number = number.parse().ok().filter(|number| *number > 0).ok_or_else(wrong)?;
    Ok((Lane::from_word(lane).ok_or_else(wrong)?, number))
}

fn key_id(text: &str) -> Result<KeyId, String> {
    KeyId::parse(text).ok_or_else(|| "a key id is 16 characters of 0-9 and a-f".to_owned())
}

pub(super) fn sign(order: &Sign, answer: Answer) -> Fallible<()> {
    let root = root_key(&order.root)?;
    let before = order
        .before
        .as_ref()
        .map(|path| -> Fallible<KeySet> { Ok(KeySet::open(&read(path)?, &root.verify_key(), 0)?) });
    let (mut parts, mut brought) = (Vec::new(), Vec::new());
    for path in &order.part {
        let part =
            Part::open(&read(path)?).map_err(|error| format!("{}: {error}", path.display()))?;
        let (path, digest) = (path.display().to_string(), part.fingerprint());
        answer.line(&format!("{path}\n  {}", fingerprint_line(&digest)));
        brought.push(json!({ "part": path, "fingerprint": spoken::fingerprint(&digest) }));
        parts.push(part);
    }
    let (turns, drops) = (order.turn.clone(), order.drop.clone());
    let set = next_set(&Wish { before: before.transpose()?, parts, turns, drops })?;
    write_public(&order.out, &set.sign(&root))?;
    let (version, path) = (set.version.to_string(), order.out.display().to_string());
    answer.line(&say_with("signed", &[("version", &version), ("path", &path)]));
    answer.line(&say("signed_next"));
    answer.line(&fingerprint_line(&set.fingerprint()));
    answer.facts(&json!({
        "version": set.version, "key_set": path, "parts": brought,
        "fingerprint": spoken::fingerprint(&set.fingerprint()),
    }))
}

/// The root's key, from its file or from two shares.
fn root_key(from: &RootKey) -> Fallible<SigningKey> {
    let document = match &from.root_key {
        Some(path) => Zeroizing::new(read(path)?),
        None => {
            let (kind, secret) = from_shares(&from.root_share)?;
            if kind != Secret::Root {
                return Err(say("share_wrong_kind").into());
            }
            secret
        }
    };
    Ok(SigningKey::from_pkcs8(&document).ok_or("not a root key")?)
}

/// What the shares in these files give: the last line of each is the share.
pub(super) fn from_shares(paths: &[PathBuf]) -> Fallible<(Secret, Zeroizing<Vec<u8>>)> {
    let read = |path: &PathBuf| share_of(path);
    let texts: Vec<Zeroizing<String>> = paths.iter().map(read).collect::<Fallible<_>>()?;
    let texts: Vec<&str> = texts.iter().map(|text| text.as_str()).collect();
    Ok(combine(&texts)?)
}

fn share_of(path: &Path) -> Fallible<Zeroizing<String>> {
    let text = Zeroizing::new(String::from_utf8(read(path)?)?);
    let last = text.lines().rfind(|line| !line.trim().is_empty()).unwrap_or_default();
    Ok(Zeroizing::new(last.to_owned()))
}
