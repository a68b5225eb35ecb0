//! `bridge status`, `verify` and `show`.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use bridge::config::Common;
use bridge::status::{LaneStatus, status as look};
use bridge_contract::bundle::{Expect, HEADER_BYTES, Header, IndexEntry};
use bridge_contract::digest::{Digest, hex};
use bridge_contract::keys::KeyFolder;
use bridge_contract::wire::decode;
use clap::Args;
use platform_service::config;
use serde_json::json;

use super::{Fallible, audit};

/// A file and the keys to judge it by.
#[derive(Args)]
pub(super) struct File {
    /// The file.
    file: PathBuf,
    /// A key folder; its key set and root are enough.
    #[arg(long)]
    keys: PathBuf,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn status(path: &Path, json: bool) -> Fallible<()> {
    let common: Common = config::load(path)?;
    let host = look(&common)?;
    if json {
        println!("{}", serde_json::to_string_pretty(&host)?);
        return Ok(());
    }
    println!(
        "spool     {}: disk {} %, backlog {} % ({} bytes)",
        host.level, host.disk_percent, host.backlog_percent, host.backlog_bytes
    );
    println!("keys      version {}", host.key_set);
    println!("lane      end       head     ingested  waiting  rejected  head signed");
    for lane in &host.lanes {
        println!("{}", line(lane));
        println!("{}", more(lane));
        if let (Some(missing), Some(code)) = (&lane.missing, &lane.request) {
            println!("          missing {missing}; at the sending end: replay --code {code}");
        }
    }
    Ok(())
}

fn line(lane: &LaneStatus) -> String {
    let number = |value: Option<u64>| value.map_or("-".to_owned(), |value| value.to_string());
    let end = match lane.end {
        bridge::status::End::Sender => "sender",
        bridge::status::End::Receiver => "receiver",
    };
    let at = lane.head_at.map_or("-".to_owned(), |at| at.to_string());
    format!(
        "{:<9} {end:<9} {:<8} {:<9} {:<8} {:<9} {at}",
        lane.lane,
        number(lane.head),
        number(lane.ingested),
        lane.waiting,
        lane.rejected,
    )
}

/// What there is to know of a lane beside how far it is.
fn more(lane: &LaneStatus) -> String {
    let sync = lane
        .sync_p99_micros
        .map_or("-".to_owned(), |micros| format!("{}.{} ms", micros / 1000, micros % 1000 / 100));
    let key = lane.signer.as_ref().map_or("none".to_owned(), |signer| {
        let until = signer.until.map_or_else(String::new, |until| until.to_string());
        format!("{} for {}-{until}", signer.key, signer.from)
    });
    format!("          fsync p99 {sync}; rejected {}/h; key {key}", lane.rejected_last_hour)
}

pub(super) fn verify(file: &File, beside: Option<&Path>, item: Option<&str>) -> Fallible<()> {
    let keys = KeyFolder::open(&file.keys)?;
    if is_evidence(&file.file)? {
        return audit::check(&file.file, beside, item, (keys.set(), file.json));
    }
    if beside.is_some() || item.is_some() {
        return Err("--beside and --item are for evidence, this is a bundle".into());
    }
    let bytes = read(&file.file)?;
    let (header, items, hash) = seen(&bytes, &keys)?;
    if file.json {
        println!("{:#}", header_json(&header, hash));
    } else {
        println!(
            "good: lane {} epoch {} number {} with {} items, header hash {hash}",
            header.lane,
            header.epoch,
            header.seq,
            items.len()
        );
    }
    Ok(())
}

pub(super) fn show(file: &File) -> Fallible<()> {
    let keys = KeyFolder::open(&file.keys)?;
    let bytes = read(&file.file)?;
    let (header, items, hash) = seen(&bytes, &keys)?;
    if file.json {
        let item = |entry: &IndexEntry| {
            json!({ "uuid": entry.uuid, "kind": entry.kind, "bytes": entry.size,
                    "sha256": entry.sha256.hex(), "stamp": hex(&entry.stamp) })
        };
        let mut shown = header_json(&header, hash);
        shown["index"] = items.iter().map(item).collect();
        println!("{shown:#}");
        return Ok(());
    }
    println!("tenant       {}", header.tenant);
    println!("environment  {}", header.environment);
    println!("lane         {}", header.lane);
    println!("epoch        {}", header.epoch);
    println!("number       {}", header.seq);
    println!("time         {} (the sender's clock)", header.at);
    println!("signer       {} of key set {}", header.signer, header.key_set_version);
    println!("before       {}", header.prev);
    println!("this         {hash}");
    println!("merkle root  {}", header.merkle_root);
    for (place, entry) in items.iter().enumerate() {
        println!(
            "item {place:<4} kind {:<3} {} bytes  {}  {}",
            entry.kind, entry.size, entry.uuid, entry.sha256
        );
    }
    Ok(())
}

/// What a bundle that verifies says in the clear.
fn seen(bytes: &[u8], keys: &KeyFolder) -> Fallible<(Header, Vec<IndexEntry>, Digest)> {
    let header = header(bytes)?;
    let expect = Expect { lane: header.lane, keys: keys.set() };
    let bundle = bridge_contract::bundle::verify(bytes, &expect)?;
    let items = bundle.items.into_iter().map(|item| item.entry).collect();
    Ok((header, items, bundle.verified.hash))
}

fn header_json(header: &Header, hash: Digest) -> serde_json::Value {
    json!({
        "tenant": header.tenant.as_str(), "environment": header.environment.word(),
        "lane": header.lane.word(), "epoch": header.epoch, "seq": header.seq,
        "at": header.at.to_string(), "signer": header.signer.to_string(),
        "key_set_version": header.key_set_version, "prev": header.prev.hex(),
        "hash": hash.hex(), "merkle_root": header.merkle_root.hex(), "items": header.items,
    })
}

/// Evidence is JSON, a bundle begins with its own mark.
fn is_evidence(file: &Path) -> Fallible<bool> {
    let named = |why: std::io::Error| format!("{}: {why}", file.display());
    let mut first = [0];
    let read = std::fs::File::open(file).map_err(named)?.read(&mut first).map_err(named)?;
    Ok(read == 1 && first == *b"{")
}

fn read(file: &Path) -> Fallible<Vec<u8>> {
    Ok(std::fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?)
}

/// The lane is read from the header itself: an operator's file has no other.
fn header(bytes: &[u8]) -> Fallible<Header> {
    let header = bytes.get(..HEADER_BYTES).ok_or("too short for a bundle")?;
    Ok(decode(header)?)
}
