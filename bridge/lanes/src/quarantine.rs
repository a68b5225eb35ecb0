//! Items that were set aside, one by one.

use bridge_contract::bundle::IndexEntry;
use bridge_contract::digest::Digest;
use bridge_contract::messages::Position;
use bridge_contract::place::Lane;
use diesel::prelude::*;
use jiff::Timestamp;
use platform_store::time::from_micros;
use platform_store::{Db, Tx};

use crate::numbers::{big, index, small};
use crate::origin;
use crate::schema::{inbox_bundles, quarantine};
use crate::waiting::{self, Waiter};

/// An item that was set aside.
#[derive(Clone, Debug)]
pub(crate) struct Aside {
    pub(crate) uuid: String,
    pub(crate) kind: u16,
    pub(crate) stamp: Vec<u8>,
    /// Empty when S could not open the raw item: the internet zone has the bytes.
    pub(crate) sealed: Vec<u8>,
    pub(crate) reason: String,
}

/// What became of the wish to take an item in again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Redriven {
    /// The running service takes it in within seconds.
    Done,
    /// S could not open it, and the internet zone has its bytes: replay its raw bundle there.
    Elsewhere,
    /// It is not among those that were set aside.
    Missing,
}

/// Takes an item in once more, after what stood in its way was put right.
///
/// # Errors
/// When the database cannot be written.
pub fn redrive(tx: &mut Tx<'_>, lane: Lane, at: Position, now: Timestamp) -> QueryResult<Redriven> {
    let Some(aside) = find(tx.db, lane, at)? else { return Ok(Redriven::Missing) };
    if aside.sealed.is_empty() {
        return Ok(Redriven::Elsewhere);
    }
    if !remove(tx, lane, at)? {
        return Ok(Redriven::Missing);
    }
    drive_again(tx, lane, at, &aside, now)?;
    Ok(Redriven::Done)
}

/// Gives an item up; gives its id and the hash of its sealed bytes, for the log. One that could never be
/// opened was not counted when it came: its raw number is over now, and holds up no other any more.
///
/// # Errors
/// When the database cannot be written.
pub fn discard(
    tx: &mut Tx<'_>,
    lane: Lane,
    at: Position,
    now: Timestamp,
) -> QueryResult<Option<(String, Digest)>> {
    let Some(aside) = find(tx.db, lane, at)? else { return Ok(None) };
    if !remove(tx, lane, at)? {
        return Ok(None);
    }
    origin::arrived(tx, origin::of_stamp(lane, &aside.stamp).as_slice(), now)?;
    Ok(Some((aside.uuid, Digest::of(&aside.sealed))))
}

/// The epochs in which an item is set aside under this number, oldest first.
pub(crate) fn epochs(db: &mut Db, lane: Lane, seq: u64, idx: u32) -> QueryResult<Vec<u32>> {
    let rows: Vec<i32> = quarantine::table
        .filter(quarantine::lane.eq(lane.word()))
        .filter(quarantine::seq.eq(big(seq)).and(quarantine::idx.eq(small(idx))))
        .order(quarantine::epoch)
        .select(quarantine::epoch)
        .load(db)?;
    Ok(rows.into_iter().map(index).collect())
}

pub(crate) fn find(db: &mut Db, lane: Lane, at: Position) -> QueryResult<Option<Aside>> {
    type Row = (String, i32, Vec<u8>, Vec<u8>, String);
    let row: Option<Row> = quarantine::table
        .find((lane.word(), small(at.epoch), big(at.seq), small(at.idx)))
        .select((
            quarantine::uuid,
            quarantine::kind,
            quarantine::stamp,
            quarantine::sealed,
            quarantine::reason,
        ))
        .first(db)
        .optional()?;
    Ok(row.map(|(uuid, kind, stamp, sealed, reason)| {
        let kind = u16::try_from(kind).unwrap_or(0);
        Aside { uuid, kind, stamp, sealed, reason }
    }))
}

/// Puts an item among those that wait, where the running service finds it.
fn drive_again(
    tx: &mut Tx<'_>,
    lane: Lane,
    at: Position,
    aside: &Aside,
    now: Timestamp,
) -> QueryResult<()> {
    let sent: Option<i64> = inbox_bundles::table
        .find((lane.word(), small(at.epoch), big(at.seq)))
        .select(inbox_bundles::sent_at)
        .first(tx.db)
        .optional()?;
    let entry = IndexEntry {
        uuid: aside.uuid.clone(),
        kind: aside.kind,
        stamp: aside.stamp.clone(),
        size: u32::try_from(aside.sealed.len()).unwrap_or(u32::MAX),
        sha256: Digest::of(&aside.sealed),
    };
    let row = Waiter {
        lane,
        at,
        entry: &entry,
        thread: &aside.uuid,
        sealed: &aside.sealed,
        sent_at: sent.map_or(now, from_micros),
    };
    waiting::keep(tx, &row, now)
}

/// `false` when somebody else took it away first.
fn remove(tx: &mut Tx<'_>, lane: Lane, at: Position) -> QueryResult<bool> {
    let row = quarantine::table.find((lane.word(), small(at.epoch), big(at.seq), small(at.idx)));
    Ok(diesel::delete(row).execute(tx.db)? == 1)
}
