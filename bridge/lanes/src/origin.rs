//! The raw lane as L sees it through S: every `in` item names the raw item it
//! was made from, so that L can tell I what arrived of I's own numbers.

use std::collections::BTreeMap;

use bridge_contract::bundle::IndexEntry;
use bridge_contract::digest::Digest;
use bridge_contract::messages::{Crossed, Origin, Position, Unreadable};
use bridge_contract::place::Lane;
use diesel::prelude::*;
use jiff::Timestamp;
use platform_store::time::to_micros;
use platform_store::{Db, Tx, each_backend};

use crate::epochs;
use crate::numbers::{big, index, number, small};
use crate::receipts;
use crate::schema::{
    lane_gaps as gaps, lane_watermarks as watermarks, quarantine, raw_arrivals as arrivals,
};

const RAW: &str = "raw";
/// Most items that passed one before them which are looked at together; more than
/// the relay ever has in work.
const REMEMBERED: i64 = 4096;

/// Where the raw lane is, in whole bundles and in items of the next one.
struct Progress {
    epoch: u32,
    seq: u64,
    next_idx: u32,
}

/// The raw item that an `in` item was made from, by its stamp; none on other lanes.
pub(crate) fn of_stamp(lane: Lane, stamp: &[u8]) -> Option<Origin> {
    let crossed = (lane == Lane::In).then(|| Crossed::read_stamp(stamp))?;
    crossed.ok().map(|crossed| crossed.origin)
}

/// Notes which raw items are in this database. Items may pass each other; the raw
/// watermark moves over what is there without a gap, and what is missing between it
/// and the newest is a gap until it comes.
pub(crate) fn arrived(tx: &mut Tx<'_>, origins: &[Origin], now: Timestamp) -> QueryResult<()> {
    if origins.is_empty() {
        return Ok(());
    }
    receipts::begin(tx, Lane::Raw, now)?;
    let mut origins = origins.to_vec();
    origins.sort_by_key(|origin| origin.at);
    for same_epoch in origins.chunk_by(|one, two| one.at.epoch == two.at.epoch) {
        arrived_in_epoch(tx, same_epoch, now)?;
    }
    Ok(())
}

fn arrived_in_epoch(tx: &mut Tx<'_>, origins: &[Origin], now: Timestamp) -> QueryResult<()> {
    // Whoever else counts, an operator's command in another process too, waits until this transaction ends.
    let (epoch, seq, next_idx): (i32, i64, i32) = diesel::update(watermarks::table.find(RAW))
        .set(watermarks::seq.eq(watermarks::seq))
        .returning((watermarks::epoch, watermarks::seq, watermarks::next_idx))
        .get_result(tx.db)?;
    let mut here = Progress { epoch: index(epoch), seq: number(seq), next_idx: index(next_idx) };
    let newer = origins.first().map_or(here.epoch, |origin| origin.at.epoch);
    if newer < here.epoch {
        // A repetition.
        return Ok(());
    }
    if newer > here.epoch {
        if !epochs::is_open(tx.db, Lane::Raw, newer)? {
            // S alone cannot open an epoch; it counts once two operators' word is here.
            return origins.iter().try_for_each(|origin| remember(tx, origin, now));
        }
        // The lane began anew; what is missing of the epoch before stays listed.
        here = Progress { epoch: newer, seq: 0, next_idx: 0 };
    }
    let known = remembered(tx.db, &here)?;
    let mut all: BTreeMap<Position, Origin> =
        known.iter().chain(origins).map(|origin| (origin.at, *origin)).collect();
    all.retain(|at, _| (at.seq, at.idx) >= (here.seq + 1, here.next_idx));
    let mut hash = None;
    while let Some(next) = all.first_entry().filter(|next| here.is_next(next.key())) {
        here.pass(&next.remove(), &mut hash);
    }
    for origin in origins.iter().filter(|origin| all.contains_key(&origin.at)) {
        remember(tx, origin, now)?;
    }
    keep(tx, &here, hash, now)?;
    if !known.is_empty() {
        forget(tx, &here)?;
    }
    let later: Vec<Origin> = all.into_values().collect();
    list_gaps(tx, &here, &later, now)
}

impl Progress {
    fn is_next(&self, at: &Position) -> bool {
        (at.epoch, at.seq, at.idx) == (self.epoch, self.seq + 1, self.next_idx)
    }

    fn pass(&mut self, origin: &Origin, hash: &mut Option<Digest>) {
        if origin.at.idx + 1 == origin.items {
            (self.seq, self.next_idx) = (origin.at.seq, 0);
            *hash = Some(origin.hash);
        } else {
            self.next_idx = origin.at.idx + 1;
        }
    }
}

/// Keeps an item that passed one before it.
fn remember(tx: &mut Tx<'_>, origin: &Origin, now: Timestamp) -> QueryResult<()> {
    let row = (
        arrivals::epoch.eq(small(origin.at.epoch)),
        arrivals::seq.eq(big(origin.at.seq)),
        arrivals::idx.eq(small(origin.at.idx)),
        arrivals::items.eq(small(origin.items)),
        arrivals::hash.eq(origin.hash.0.to_vec()),
        arrivals::at.eq(to_micros(now)),
    );
    each_backend!(tx.db, conn => diesel::insert_into(arrivals::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(conn))
    .map(|_| ())
}

/// Items of this epoch that passed one before them, in their order.
fn remembered(db: &mut Db, here: &Progress) -> QueryResult<Vec<Origin>> {
    let rows: Vec<(i32, i64, i32, i32, Vec<u8>)> = arrivals::table
        .filter(arrivals::epoch.eq(small(here.epoch)))
        .order((arrivals::seq, arrivals::idx))
        .select((arrivals::epoch, arrivals::seq, arrivals::idx, arrivals::items, arrivals::hash))
        .limit(REMEMBERED)
        .load(db)?;
    let origin = |(epoch, seq, idx, items, hash): (i32, i64, i32, i32, Vec<u8>)| Origin {
        at: Position { epoch: index(epoch), seq: number(seq), idx: index(idx) },
        items: index(items),
        hash: hash.try_into().map_or(Digest::ZERO, Digest),
    };
    Ok(rows.into_iter().map(origin).collect())
}

/// Writes the watermark.
fn keep(tx: &mut Tx<'_>, here: &Progress, hash: Option<Digest>, now: Timestamp) -> QueryResult<()> {
    diesel::update(watermarks::table.find(RAW))
        .set((
            watermarks::epoch.eq(small(here.epoch)),
            watermarks::seq.eq(big(here.seq)),
            watermarks::next_idx.eq(small(here.next_idx)),
            watermarks::updated_at.eq(to_micros(now)),
        ))
        .execute(tx.db)?;
    if let Some(hash) = hash {
        diesel::update(watermarks::table.find(RAW))
            .set(watermarks::hash.eq(hash.0.to_vec()))
            .execute(tx.db)?;
    }
    Ok(())
}

fn forget(tx: &mut Tx<'_>, here: &Progress) -> QueryResult<()> {
    let (epoch, seq, next) = (small(here.epoch), big(here.seq), small(here.next_idx));
    let within = arrivals::seq.eq(seq + 1).and(arrivals::idx.lt(next));
    let passed = arrivals::table.filter(arrivals::epoch.eq(epoch));
    diesel::delete(passed.filter(arrivals::seq.le(seq).or(within))).execute(tx.db).map(|_| ())
}

/// Brings the list of missing raw bundles up to date; one that is listed keeps the
/// time it was found.
fn list_gaps(
    tx: &mut Tx<'_>,
    here: &Progress,
    later: &[Origin],
    now: Timestamp,
) -> QueryResult<()> {
    let missing = missing(here, later);
    let ours = gaps::table.filter(gaps::lane.eq(RAW).and(gaps::epoch.eq(small(here.epoch))));
    let listed: Vec<(i64, i64, i64)> = ours
        .order(gaps::first_seq)
        .select((gaps::first_seq, gaps::last_seq, gaps::found_at))
        .load(tx.db)?;
    let same = |((first, last), (known, to, _)): (&(u64, u64), &(i64, i64, i64))| {
        (big(*first), big(*last)) == (*known, *to)
    };
    if missing.len() == listed.len() && missing.iter().zip(&listed).all(same) {
        return Ok(());
    }
    diesel::delete(ours).execute(tx.db)?;
    for (first, last) in missing {
        let (first, last) = (big(first), big(last));
        let overlap = listed.iter().filter(|(from, to, _)| *from <= last && first <= *to);
        let found = overlap.map(|(_, _, at)| *at).min().unwrap_or_else(|| to_micros(now));
        diesel::insert_into(gaps::table)
            .values((
                gaps::lane.eq(RAW),
                gaps::epoch.eq(small(here.epoch)),
                gaps::first_seq.eq(first),
                gaps::last_seq.eq(last),
                gaps::found_at.eq(found),
            ))
            .execute(tx.db)?;
    }
    Ok(())
}

/// Ranges of raw bundles that are not whole although a later one is here. A bundle
/// that misses an item is missing as a whole.
fn missing(here: &Progress, later: &[Origin]) -> Vec<(u64, u64)> {
    let mut ranges: Vec<(u64, u64)> = Vec::new();
    let mut from = here.seq + 1;
    for bundle in later.chunk_by(|one, two| one.at.seq == two.at.seq) {
        let (seq, items) = (bundle[0].at.seq, bundle[0].items);
        let passed = if seq == here.seq + 1 { here.next_idx } else { 0 };
        let whole = bundle.len() as u64 + u64::from(passed) >= u64::from(items);
        if from < seq {
            ranges.push((from, seq - 1));
        }
        if !whole {
            ranges.push((seq, seq));
        }
        from = seq + 1;
    }
    let mut joined: Vec<(u64, u64)> = Vec::new();
    for (first, last) in ranges {
        match joined.last_mut() {
            Some(before) if before.1 + 1 == first => before.1 = last,
            _ => joined.push((first, last)),
        }
    }
    joined
}

/// Lists a raw item that S could not read. The internet zone keeps its sealed bytes.
pub(crate) fn set_aside(
    tx: &mut Tx<'_>,
    item: &Unreadable,
    entry: &IndexEntry,
    now: Timestamp,
) -> QueryResult<()> {
    let at = item.origin.at;
    let row = (
        quarantine::lane.eq(RAW),
        quarantine::epoch.eq(small(at.epoch)),
        quarantine::seq.eq(big(at.seq)),
        quarantine::idx.eq(small(at.idx)),
        quarantine::uuid.eq(&entry.uuid),
        quarantine::kind.eq(i32::from(entry.kind)),
        quarantine::stamp.eq(&item.stamp),
        quarantine::sealed.eq(Vec::new()),
        quarantine::reason.eq(&item.reason),
        quarantine::at.eq(to_micros(now)),
    );
    each_backend!(tx.db, conn => diesel::insert_into(quarantine::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(conn))
    .map(|_| ())
}
