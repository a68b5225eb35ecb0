//! The rows of outgoing bundles.

use bridge_contract::bundle::{BYTES_SOFT, Envelope, Header, ITEMS_SOFT, NewItem};
use bridge_contract::digest::Digest;
use bridge_contract::head::RECENT;
use bridge_contract::keys::{KeyId, Signature};
use bridge_contract::place::Lane;
use bridge_contract::wire::decode;
use diesel::prelude::*;
use jiff::Timestamp;
use platform_store::time::{from_micros, to_micros};
use platform_store::{Db, Tx};

use super::replay::Range;
use super::{Last, Made};
use crate::epochs;
use crate::numbers::{big, index, number, small};
use crate::receipts;
use crate::schema::{
    lane_receipts, outbox_bundles as bundles, outbox_items as items, outbox_sealed,
};

/// A bundle that has its number and members but perhaps no file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Allocated {
    pub(crate) lane: Lane,
    pub(crate) epoch: u32,
    pub(crate) seq: u64,
    pub(crate) prev: Digest,
    pub(crate) at: Timestamp,
    pub(crate) key_set_version: u32,
}

/// A row of `outbox_bundles`, as far as rebuilding needs it.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) allocated: Allocated,
    /// `None` while the row is ALLOCATED.
    pub(crate) envelope: Option<Envelope>,
}

pub(crate) fn anything_waits(db: &mut Db, lane: Lane) -> QueryResult<bool> {
    let waiting = items::table
        .filter(items::lane.eq(lane.word()).and(items::seq.is_null()))
        .select(items::id)
        .first::<i64>(db)
        .optional()?;
    Ok(waiting.is_some())
}

/// Gives the oldest waiting items the next number; `None` when none waits or
/// the newest bundle is not made yet.
pub(crate) fn allocate(
    tx: &mut Tx<'_>,
    lane: Lane,
    (signer, key_set_version): (KeyId, u32),
    at: Timestamp,
) -> QueryResult<Option<Allocated>> {
    let members = next_members(tx.db, lane)?;
    let Some(last) = last(tx.db, lane)? else { return Ok(None) };
    if members.is_empty() {
        return Ok(None);
    }
    let (epoch, seq, prev) = (last.epoch, last.seq + 1, last.hash);
    let ids: Vec<i64> = members.iter().map(|(id, _)| *id).collect();
    let bytes: i64 = members.iter().map(|(_, bytes)| i64::from(*bytes)).sum();
    diesel::update(items::table.filter(items::id.eq_any(ids)))
        .set((items::epoch.eq(small(epoch)), items::seq.eq(big(seq))))
        .execute(tx.db)?;
    diesel::insert_into(bundles::table)
        .values((
            bundles::lane.eq(lane.word()),
            bundles::epoch.eq(small(epoch)),
            bundles::seq.eq(big(seq)),
            bundles::state.eq("allocated"),
            bundles::prev.eq(prev.0.to_vec()),
            bundles::signer.eq(signer.0.to_vec()),
            bundles::key_set_version.eq(small(key_set_version)),
            bundles::items.eq(i32::try_from(members.len()).unwrap_or(i32::MAX)),
            bundles::bytes.eq(bytes),
            bundles::allocated_at.eq(to_micros(at)),
        ))
        .execute(tx.db)?;
    Ok(Some(Allocated { lane, epoch, seq, prev, at, key_set_version }))
}

/// The oldest waiting items that fit one bundle, as (id, bytes).
fn next_members(db: &mut Db, lane: Lane) -> QueryResult<Vec<(i64, i32)>> {
    let waiting: Vec<(i64, i32)> = items::table
        .filter(items::lane.eq(lane.word()).and(items::seq.is_null()))
        .order(items::id)
        .select((items::id, items::bytes))
        .limit(i64::try_from(ITEMS_SOFT).unwrap_or(i64::MAX))
        .load(db)?;
    let mut room = BYTES_SOFT;
    let fits = |(_, bytes): &(i64, i32)| {
        let bytes = usize::try_from(*bytes).unwrap_or(0);
        // An item that is too large for any company travels alone.
        let fits = bytes <= room || room == BYTES_SOFT;
        room = room.saturating_sub(bytes.max(1));
        fits
    };
    Ok(waiting.into_iter().take_while(fits).collect())
}

/// The newest bundle; `None` while it is not made.
fn last(db: &mut Db, lane: Lane) -> QueryResult<Option<Last>> {
    let newest: Option<(i32, i64, Option<Vec<u8>>)> = bundles::table
        .filter(bundles::lane.eq(lane.word()))
        .order((bundles::epoch.desc(), bundles::seq.desc()))
        .select((bundles::epoch, bundles::seq, bundles::hash))
        .first(db)
        .optional()?;
    let began = epochs::newest(db, lane)?;
    Ok(match newest {
        None => Some(began.unwrap_or(Last::NOTHING)),
        // The newest epoch has no bundle yet.
        Some((epoch, _, _)) if began.is_some_and(|began| began.epoch > index(epoch)) => began,
        Some((epoch, seq, hash)) => hash.and_then(|hash| digest(&hash)).map(|hash| Last {
            epoch: index(epoch),
            seq: number(seq),
            hash,
        }),
    })
}

/// Notes that a bundle's file is durable, and keeps its header for ever.
pub(super) fn ready(tx: &mut Tx<'_>, made: &Made, at: Timestamp) -> QueryResult<()> {
    let header = &made.envelope.header;
    let row = bundles::table.find((header.lane.word(), small(header.epoch), big(header.seq)));
    diesel::update(row.filter(bundles::state.eq("allocated")))
        .set((
            bundles::state.eq("ready"),
            bundles::header.eq(header.to_bytes().to_vec()),
            bundles::signature.eq(made.envelope.signature.0.to_vec()),
            bundles::hash.eq(header.hash().0.to_vec()),
            bundles::ready_at.eq(to_micros(made.at)),
        ))
        .execute(tx.db)?;
    // The far end may have been faster than this transaction.
    receipts::apply_last(tx, header.lane, at)
}

/// A bundle's items in their order.
pub(crate) fn members(db: &mut Db, lane: Lane, epoch: u32, seq: u64) -> QueryResult<Vec<NewItem>> {
    let rows: Vec<(String, i32, Vec<u8>, Vec<u8>)> = items::table
        .inner_join(outbox_sealed::table)
        .filter(items::lane.eq(lane.word()))
        .filter(items::epoch.eq(small(epoch)).and(items::seq.eq(big(seq))))
        .order(items::id)
        .select((items::uuid, items::kind, items::stamp, outbox_sealed::sealed))
        .load(db)?;
    let item = |(uuid, kind, stamp, sealed)| NewItem {
        uuid,
        kind: u16::try_from(kind).unwrap_or(0),
        stamp,
        sealed,
    };
    Ok(rows.into_iter().map(item).collect())
}

/// Every bundle the far end is not known to have, oldest first.
pub(crate) fn unfinished(db: &mut Db, lane: Lane) -> QueryResult<Vec<Row>> {
    rows(db, lane, &["allocated", "ready"], None)
}

/// The bundles of a range that are made and not released, oldest first.
pub(crate) fn sent_in(db: &mut Db, lane: Lane, range: &Range) -> QueryResult<Vec<Row>> {
    rows(db, lane, &["ready", "stored", "ingested"], Some(range))
}

/// The newest bundle, made or not.
pub(crate) fn newest(db: &mut Db, lane: Lane) -> QueryResult<Option<(u32, u64)>> {
    let newest: Option<(i32, i64)> = bundles::table
        .filter(bundles::lane.eq(lane.word()))
        .order((bundles::epoch.desc(), bundles::seq.desc()))
        .select((bundles::epoch, bundles::seq))
        .first(db)
        .optional()?;
    let newest = newest.map(|(epoch, seq)| (index(epoch), number(seq)));
    Ok(newest.max(epochs::newest(db, lane)?.map(|began| (began.epoch, 0))))
}

/// The newest bundle that is made.
pub(crate) fn newest_made(db: &mut Db, lane: Lane) -> QueryResult<Last> {
    let newest: Option<(i32, i64, Option<Vec<u8>>)> = bundles::table
        .filter(bundles::lane.eq(lane.word()).and(bundles::hash.is_not_null()))
        .order((bundles::epoch.desc(), bundles::seq.desc()))
        .select((bundles::epoch, bundles::seq, bundles::hash))
        .first(db)
        .optional()?;
    let made = newest.map_or(Last::NOTHING, |(epoch, seq, hash)| Last {
        epoch: index(epoch),
        seq: number(seq),
        hash: hash.and_then(|hash| digest(&hash)).unwrap_or(Digest::ZERO),
    });
    let began = epochs::newest(db, lane)?;
    Ok(began.filter(|began| began.epoch > made.epoch).unwrap_or(made))
}

/// Number and hash of the newest bundles of an epoch that are made, oldest first.
pub(crate) fn recent(db: &mut Db, lane: Lane, epoch: u32) -> QueryResult<Vec<(u64, Digest)>> {
    let rows: Vec<(i64, Option<Vec<u8>>)> = bundles::table
        .filter(bundles::lane.eq(lane.word()).and(bundles::epoch.eq(small(epoch))))
        .filter(bundles::hash.is_not_null())
        .order(bundles::seq.desc())
        .select((bundles::seq, bundles::hash))
        .limit(i64::try_from(RECENT).unwrap_or(i64::MAX))
        .load(db)?;
    let listed = |(seq, hash): (i64, Option<Vec<u8>>)| Some((number(seq), digest(&hash?)?));
    Ok(rows.into_iter().rev().filter_map(listed).collect())
}

/// How far the far end has taken the lane in, by its last receipt.
pub(crate) fn taken_in(db: &mut Db, lane: Lane) -> QueryResult<Option<(u32, u64)>> {
    let receipt: Option<(i32, i64)> = lane_receipts::table
        .find(lane.word())
        .select((lane_receipts::epoch, lane_receipts::ingested_seq))
        .first(db)
        .optional()?;
    Ok(receipt.map(|(epoch, seq)| (index(epoch), number(seq))))
}

type RawRow = (i32, i64, Vec<u8>, i32, i64, Option<Vec<u8>>, Option<Vec<u8>>);

fn rows(db: &mut Db, lane: Lane, states: &[&str], range: Option<&Range>) -> QueryResult<Vec<Row>> {
    let (first, last) = range.map_or((0, i64::MAX), |range| (big(range.first), big(range.last)));
    let (oldest, newest) =
        range.map_or((0, i32::MAX), |range| (small(range.epoch), small(range.epoch)));
    let rows: Vec<RawRow> = bundles::table
        .filter(bundles::lane.eq(lane.word()))
        .filter(bundles::epoch.between(oldest, newest).and(bundles::seq.between(first, last)))
        .filter(bundles::state.eq_any(states))
        .order((bundles::epoch, bundles::seq))
        .select((
            bundles::epoch,
            bundles::seq,
            bundles::prev,
            bundles::key_set_version,
            bundles::allocated_at,
            bundles::header,
            bundles::signature,
        ))
        .load(db)?;
    Ok(rows.into_iter().map(|row| from_row(lane, row)).collect())
}

fn from_row(lane: Lane, row: RawRow) -> Row {
    let (epoch, seq, prev, version, at, header, signature) = row;
    let envelope = header.zip(signature).and_then(|(header, signature)| {
        let header: Header = decode(&header).ok()?;
        Some(Envelope { header, signature: Signature(signature.try_into().ok()?) })
    });
    let allocated = Allocated {
        lane,
        epoch: index(epoch),
        seq: number(seq),
        prev: digest(&prev).unwrap_or(Digest::ZERO),
        at: from_micros(at),
        key_set_version: index(version),
    };
    Row { allocated, envelope }
}

pub(crate) fn digest(bytes: &[u8]) -> Option<Digest> {
    bytes.try_into().ok().map(Digest)
}
