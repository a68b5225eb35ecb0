//! `bridge status`, `verify` and `show`.

use std::path::{Path, PathBuf};

use bridge::config::Common;
use bridge::status::{LaneStatus, status as look};
use bridge_contract::bundle::{Expect, HEADER_BYTES, Header};
use bridge_contract::keys::KeyFolder;
use bridge_contract::wire::decode;
use clap::Args;
use platform_service::config;

use super::Fallible;

/// A bundle file and the keys to judge it by.
#[derive(Args)]
pub(super) struct File {
    /// The bundle file.
    file: PathBuf,
    /// A key folder; its key set and root are enough.
    #[arg(long)]
    keys: PathBuf,
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
    println!("lane      end       head     ingested  waiting  rejected  head signed");
    for lane in &host.lanes {
        println!("{}", line(lane));
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

pub(super) fn verify(file: &File) -> Fallible<()> {
    let (keys, bytes) = read(file)?;
    let header = header(&bytes)?;
    let expect = Expect { lane: header.lane, keys: keys.set() };
    let bundle = bridge_contract::bundle::verify(&bytes, &expect)?;
    println!(
        "good: lane {} epoch {} number {} with {} items, header hash {}",
        header.lane,
        header.epoch,
        header.seq,
        bundle.items.len(),
        bundle.verified.hash
    );
    Ok(())
}

pub(super) fn show(file: &File) -> Fallible<()> {
    let (keys, bytes) = read(file)?;
    let header = header(&bytes)?;
    let expect = Expect { lane: header.lane, keys: keys.set() };
    let bundle = bridge_contract::bundle::verify(&bytes, &expect)?;
    println!("tenant       {}", header.tenant);
    println!("environment  {}", header.environment);
    println!("lane         {}", header.lane);
    println!("epoch        {}", header.epoch);
    println!("number       {}", header.seq);
    println!("time         {} (the sender's clock)", header.at);
    println!("signer       {} of key set {}", header.signer, header.key_set_version);
    println!("before       {}", header.prev);
    println!("this         {}", bundle.verified.hash);
    println!("merkle root  {}", header.merkle_root);
    for (place, item) in bundle.items.iter().enumerate() {
        let entry = &item.entry;
        println!(
            "item {place:<4} kind {:<3} {} bytes  {}  {}",
            entry.kind, entry.size, entry.uuid, entry.sha256
        );
    }
    Ok(())
}

fn read(file: &File) -> Fallible<(KeyFolder, Vec<u8>)> {
    let keys = KeyFolder::open(&file.keys)?;
    let bytes =
        std::fs::read(&file.file).map_err(|error| format!("{}: {error}", file.file.display()))?;
    Ok((keys, bytes))
}

/// The lane is read from the header itself: an operator's file has no other.
fn header(bytes: &[u8]) -> Fallible<Header> {
    let header = bytes.get(..HEADER_BYTES).ok_or("too short for a bundle")?;
    Ok(decode(header)?)
}
