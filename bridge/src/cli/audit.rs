//! `bridge verify` for evidence of a zone.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;

use bridge_contract::evidence::{Agreement, Chain, Checker, End, Findings, ItemFound, compare};
use bridge_contract::keys::KeySet;
use bridge_contract::place::Lane;
use serde_json::json;

use super::Fallible;

/// Checks a file of evidence, and another zone's beside it.
pub(super) fn check(
    file: &Path,
    beside: Option<&Path>,
    item: Option<&str>,
    (keys, as_json): (&KeySet, bool),
) -> Fallible<()> {
    let one = read(file, item, keys)?;
    let other = beside.map(|beside| read(beside, item, keys)).transpose()?;
    let agreements = other.as_ref().map(|other| compare(&one, other)).transpose()?;
    let all: Vec<&Findings> = std::iter::once(&one).chain(&other).collect();
    if let Some(item) = item.filter(|_| all.iter().all(|one| one.found.is_empty())) {
        return Err(format!("item {item} is not in this evidence").into());
    }
    if as_json {
        let zones: Vec<_> = all.into_iter().map(zone_json).collect();
        let agreements: Vec<_> = agreements.iter().flatten().map(agreement_json).collect();
        println!("{:#}", json!({ "good": true, "zones": zones, "agreements": agreements }));
        return Ok(());
    }
    for findings in all {
        print(findings);
    }
    for one in agreements.iter().flatten() {
        let what = if one.lane == Lane::Raw { "items" } else { "bundles" };
        println!(
            "agree  {:<8} {} {what} in both; {} at the sender alone, {} at the receiver alone",
            one.lane.word(),
            one.both,
            one.sent_only_count,
            one.received_only
        );
        for at in &one.sent_only {
            println!("       not at the receiver: e{}-{} item {}", at.epoch, at.seq, at.idx);
        }
    }
    Ok(())
}

fn read(file: &Path, item: Option<&str>, keys: &KeySet) -> Fallible<Findings> {
    let named = |why: &dyn std::fmt::Display| format!("{}: {why}", file.display());
    let lines = BufReader::new(File::open(file).map_err(|why| named(&why))?).lines();
    let mut checker = Checker::new(keys, item.map(str::to_owned));
    for line in lines {
        checker.line(&line.map_err(|why| named(&why))?).map_err(|why| named(&why))?;
    }
    Ok(checker.finish().map_err(|why| named(&why))?)
}

const fn end(end: End) -> &'static str {
    match end {
        End::Sender => "sent",
        End::Receiver => "taken in",
    }
}

fn print(findings: &Findings) {
    let opening = &findings.opening;
    println!(
        "good: evidence of {} ({}), zone {}, made {}",
        opening.tenant, opening.environment, opening.zone, opening.made_at
    );
    for ((lane, at), chain) in &findings.chains {
        let (first, last) = ends(chain);
        println!(
            "chain  {:<8} {:<8} {} to {}: {} bundles, {} items, {} set aside",
            lane.word(),
            end(*at),
            first,
            last,
            chain.bundles.len(),
            chain.items(),
            chain.set_aside
        );
    }
    for found in &findings.found {
        let entry = &found.entry;
        println!(
            "item   {} {} on {} e{}-{} place {}: kind {}, {} bytes sealed, SHA-256 {}{}",
            entry.uuid,
            end(found.end),
            found.lane,
            found.at.epoch,
            found.at.seq,
            found.at.idx,
            entry.kind,
            entry.size,
            entry.sha256,
            if found.set_aside { ", set aside" } else { "" }
        );
        for (what, at) in &found.times {
            println!("       {what:<10} {at}");
        }
    }
}

fn ends(chain: &Chain) -> (String, String) {
    let word = |at: Option<&(u32, u64)>| at.map_or_else(String::new, |(e, n)| format!("e{e}-{n}"));
    (word(chain.bundles.keys().next()), word(chain.bundles.keys().next_back()))
}

fn zone_json(findings: &Findings) -> serde_json::Value {
    let chains: Vec<_> = findings
        .chains
        .iter()
        .map(|((lane, at), chain)| {
            let (first, last) = ends(chain);
            json!({
                "lane": lane.word(), "end": end(*at), "first": first, "last": last,
                "bundles": chain.bundles.len(), "items": chain.items(),
                "set_aside": chain.set_aside,
                "head": chain.last().map(|(_, hash)| hash.hex()),
            })
        })
        .collect();
    let found: Vec<_> = findings.found.iter().map(item_json).collect();
    json!({ "zone": findings.opening.zone, "made_at": findings.opening.made_at,
            "chains": chains, "found": found })
}

fn item_json(found: &ItemFound) -> serde_json::Value {
    let times: serde_json::Map<String, serde_json::Value> =
        found.times.iter().map(|(what, at)| (what.clone(), json!(at))).collect();
    json!({
        "uuid": found.entry.uuid, "end": end(found.end), "lane": found.lane.word(),
        "epoch": found.at.epoch, "seq": found.at.seq, "idx": found.at.idx,
        "kind": found.entry.kind, "bytes": found.entry.size,
        "sha256": found.entry.sha256.hex(), "header": found.header.hex(),
        "set_aside": found.set_aside, "times": times,
    })
}

fn agreement_json(one: &Agreement) -> serde_json::Value {
    let alone: Vec<_> = one
        .sent_only
        .iter()
        .map(|at| json!({ "epoch": at.epoch, "seq": at.seq, "idx": at.idx }))
        .collect();
    json!({
        "lane": one.lane.word(), "both": one.both, "sent_only": one.sent_only_count,
        "first_sent_only": alone, "received_only": one.received_only,
    })
}
