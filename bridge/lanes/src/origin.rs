//! The raw lane as L sees it through S: every `in` item names the raw item it
//! was made from, so that L can tell I what arrived of I's own numbers.

use bridge_contract::bundle::IndexEntry;
use bridge_contract::messages::{Origin, Unreadable};
use bridge_contract::place::Lane;
use diesel::prelude::*;
use jiff::Timestamp;
use platform_store::time::to_micros;
use platform_store::{Tx, each_backend};

use crate::numbers::{big, index, number, small};
use crate::receipts;
use crate::schema::{lane_gaps as gaps, lane_watermarks as watermarks, quarantine};

const RAW: &str = "raw";

/// Where the raw lane is, in whole bundles and in items of the next one.
struct Progress {
    epoch: u32,
    seq: u64,
    next_idx: u32,
}

/// Notes that a raw item arrived. Items come in the raw lane's order; one from
/// before is a repetition, one from beyond leaves a gap that is reported until
/// it is filled.
pub(crate) fn arrived(tx: &mut Tx<'_>, origin: &Origin, now: Timestamp) -> QueryResult<()> {
    receipts::begin(tx, Lane::Raw, now)?;
    let (epoch, seq, next_idx): (i32, i64, i32) = watermarks::table
        .find(RAW)
        .select((watermarks::epoch, watermarks::seq, watermarks::next_idx))
        .first(tx.db)?;
    let here = Progress { epoch: index(epoch), seq: number(seq), next_idx: index(next_idx) };
    let at = origin.at;
    let order = (at.epoch, at.seq, at.idx).cmp(&(here.epoch, here.seq + 1, here.next_idx));
    match order {
        std::cmp::Ordering::Less => fill_gap(tx, origin),
        std::cmp::Ordering::Equal => advance(tx, origin, now),
        std::cmp::Ordering::Greater => {
            leave_gap(tx, &here, origin, now)?;
            advance(tx, origin, now)
        }
    }
}

fn advance(tx: &mut Tx<'_>, origin: &Origin, now: Timestamp) -> QueryResult<()> {
    let whole = origin.at.idx + 1 == origin.items;
    let seq = if whole { origin.at.seq } else { origin.at.seq.saturating_sub(1) };
    let next_idx = if whole { 0 } else { origin.at.idx + 1 };
    let row = diesel::update(watermarks::table.find(RAW));
    row.set((
        watermarks::epoch.eq(small(origin.at.epoch)),
        watermarks::seq.eq(big(seq)),
        watermarks::next_idx.eq(small(next_idx)),
        watermarks::updated_at.eq(to_micros(now)),
    ))
    .execute(tx.db)?;
    if whole {
        diesel::update(watermarks::table.find(RAW))
            .set(watermarks::hash.eq(origin.hash.0.to_vec()))
            .execute(tx.db)?;
    }
    Ok(())
}

/// Reports the raw bundles between the last one and this one as missing.
fn leave_gap(tx: &mut Tx<'_>, here: &Progress, origin: &Origin, now: Timestamp) -> QueryResult<()> {
    // A bundle that misses items is missing as a whole.
    let first = if origin.at.epoch == here.epoch { here.seq + 1 } else { 1 };
    let last = if origin.at.idx == 0 { origin.at.seq.saturating_sub(1) } else { origin.at.seq };
    if first > last {
        return Ok(());
    }
    tracing::error!(first, last, "raw bundles did not come through the relay");
    let row = (
        gaps::lane.eq(RAW),
        gaps::epoch.eq(small(origin.at.epoch)),
        gaps::first_seq.eq(big(first)),
        gaps::last_seq.eq(big(last)),
        gaps::found_at.eq(to_micros(now)),
    );
    each_backend!(tx.db, conn => diesel::insert_into(gaps::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(conn))
    .map(|_| ())
}

/// A raw bundle that came late closes its gap when its last item arrives.
fn fill_gap(tx: &mut Tx<'_>, origin: &Origin) -> QueryResult<()> {
    if origin.at.idx + 1 != origin.items {
        return Ok(());
    }
    let (epoch, seq) = (small(origin.at.epoch), big(origin.at.seq));
    let gap: Option<(i64, i64, i64)> = gaps::table
        .filter(gaps::lane.eq(RAW).and(gaps::epoch.eq(epoch)))
        .filter(gaps::first_seq.le(seq).and(gaps::last_seq.ge(seq)))
        .select((gaps::first_seq, gaps::last_seq, gaps::found_at))
        .first(tx.db)
        .optional()?;
    let Some((first, last, found_at)) = gap else { return Ok(()) };
    diesel::delete(gaps::table.find((RAW, epoch, first))).execute(tx.db)?;
    for (first, last) in [(first, seq - 1), (seq + 1, last)] {
        if first <= last {
            diesel::insert_into(gaps::table)
                .values((
                    gaps::lane.eq(RAW),
                    gaps::epoch.eq(epoch),
                    gaps::first_seq.eq(first),
                    gaps::last_seq.eq(last),
                    gaps::found_at.eq(found_at),
                ))
                .execute(tx.db)?;
        }
    }
    Ok(())
}

/// Lists a raw item that S could not read. S keeps its sealed bytes.
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
