//! Messages whose large files are still on their way (`waiting_parts`), and what
//! follows them about the same application. They are kept sealed, as they came. One
//! that comes again under another number waits under each: whichever is whole first
//! is taken, and the numbers of all of them are here then.

use std::collections::BTreeMap;

use bridge_contract::bundle::IndexEntry;
use bridge_contract::messages::Position;
use bridge_contract::place::Lane;
use diesel::dsl::{self, exists};
use diesel::prelude::*;
use diesel::select;
use jiff::Timestamp;
use platform_store::time::{from_micros, to_micros};
use platform_store::{Db, Tx};

use crate::incoming::{Awaited, Message};
use crate::numbers::{big, index, number, small};
use crate::origin;
use crate::schema::{bulk_parts as parts, waiting_items as waiting};

/// Most waiting messages looked at together.
const LOOK: i64 = 10_000;

/// A message that waits, as it is kept.
pub(crate) struct Waiter<'a> {
    pub(crate) lane: Lane,
    pub(crate) at: Position,
    pub(crate) entry: &'a IndexEntry,
    pub(crate) thread: &'a str,
    pub(crate) sealed: &'a [u8],
    pub(crate) sent_at: Timestamp,
}

/// A message that waits, read back.
#[derive(Clone, Debug)]
pub(crate) struct Waiting {
    pub(crate) lane: Lane,
    pub(crate) at: Position,
    pub(crate) uuid: String,
    pub(crate) kind: u16,
    pub(crate) stamp: Vec<u8>,
    pub(crate) sealed: Vec<u8>,
    pub(crate) sent_at: Timestamp,
}

/// Whether any message waits at all: asked once a bundle, so that each of its items need not.
pub(crate) fn anybody(db: &mut Db) -> QueryResult<bool> {
    select(exists(waiting::table.select(waiting::thread))).get_result(db)
}

/// Whether a message has to wait: for files of its own, or behind another one, when anybody waits.
pub(crate) fn must_wait<M: Message>(
    db: &mut Db,
    message: &M,
    anybody_waits: bool,
) -> QueryResult<bool> {
    if !message.awaited().is_empty() {
        return Ok(true);
    }
    if !anybody_waits {
        return Ok(false);
    }
    let Some(thread) = message.thread() else { return Ok(false) };
    select(exists(waiting::table.filter(waiting::thread.eq(thread)))).get_result(db)
}

/// Whether an item of this id waits.
pub(crate) fn has(db: &mut Db, lane: Lane, uuid: &str) -> QueryResult<bool> {
    let row = waiting::table.filter(waiting::lane.eq(lane.word()).and(waiting::uuid.eq(uuid)));
    select(exists(row)).get_result(db)
}

/// How many messages of a lane wait.
pub(crate) fn count(db: &mut Db, lane: Lane) -> QueryResult<u64> {
    let rows = waiting::table.filter(waiting::lane.eq(lane.word()));
    Ok(number(rows.select(dsl::count(waiting::uuid).aggregate_distinct()).get_result(db)?))
}

pub(crate) fn keep(tx: &mut Tx<'_>, one: &Waiter<'_>, now: Timestamp) -> QueryResult<()> {
    diesel::insert_into(waiting::table)
        .values((
            waiting::lane.eq(one.lane.word()),
            waiting::epoch.eq(small(one.at.epoch)),
            waiting::seq.eq(big(one.at.seq)),
            waiting::idx.eq(small(one.at.idx)),
            waiting::uuid.eq(&one.entry.uuid),
            waiting::kind.eq(i32::from(one.entry.kind)),
            waiting::thread.eq(one.thread),
            waiting::stamp.eq(&one.entry.stamp),
            waiting::sealed.eq(one.sealed),
            waiting::sent_at.eq(to_micros(one.sent_at)),
            waiting::at.eq(to_micros(now)),
        ))
        .execute(tx.db)
        .map(|_| ())
}

/// The first waiting message of each application, oldest first; each time it came.
pub(crate) fn first_of_each(db: &mut Db, lane: Lane) -> QueryResult<Vec<Position>> {
    let rows: Vec<(i32, i64, i32, String, String)> = waiting::table
        .filter(waiting::lane.eq(lane.word()))
        .order((waiting::epoch, waiting::seq, waiting::idx))
        .select((waiting::epoch, waiting::seq, waiting::idx, waiting::thread, waiting::uuid))
        .limit(LOOK)
        .load(db)?;
    let mut first_of = BTreeMap::new();
    let mut firsts = Vec::new();
    for (epoch, seq, idx, thread, uuid) in rows {
        let at = Position { epoch: index(epoch), seq: number(seq), idx: index(idx) };
        let first = first_of.entry(thread).or_insert_with(|| uuid.clone());
        if *first == uuid {
            firsts.push(at);
        }
    }
    Ok(firsts)
}

/// A waiting message as it came; `None` when it waits no more.
pub(crate) fn load(db: &mut Db, lane: Lane, at: Position) -> QueryResult<Option<Waiting>> {
    type Row = (String, i32, Vec<u8>, Vec<u8>, i64);
    let row: Option<Row> = waiting::table
        .find((lane.word(), small(at.epoch), big(at.seq), small(at.idx)))
        .select((waiting::uuid, waiting::kind, waiting::stamp, waiting::sealed, waiting::sent_at))
        .first(db)
        .optional()?;
    Ok(row.map(|(uuid, kind, stamp, sealed, sent_at)| {
        let kind = u16::try_from(kind).unwrap_or(0);
        Waiting { lane, at, uuid, kind, stamp, sealed, sent_at: from_micros(sent_at) }
    }))
}

/// A message is here and waits under none of its numbers; `false` when it did not wait at this one.
/// The raw numbers of all of them are counted.
pub(crate) fn end(
    tx: &mut Tx<'_>,
    (lane, at): (Lane, Position),
    uuid: &str,
    now: Timestamp,
) -> QueryResult<bool> {
    let ours = || waiting::table.filter(waiting::lane.eq(lane.word()).and(waiting::uuid.eq(uuid)));
    let stamps: Vec<Vec<u8>> = ours().select(waiting::stamp).load(tx.db)?;
    if !remove(tx, lane, at)? {
        return Ok(false);
    }
    diesel::delete(ours()).execute(tx.db)?;
    origin::arrived(
        tx,
        &stamps.iter().filter_map(|stamp| origin::of_stamp(lane, stamp)).collect::<Vec<_>>(),
        now,
    )?;
    Ok(true)
}

/// A message waits no more under one number; `false` when it did not.
pub(crate) fn remove(tx: &mut Tx<'_>, lane: Lane, at: Position) -> QueryResult<bool> {
    let row = waiting::table.find((lane.word(), small(at.epoch), big(at.seq), small(at.idx)));
    Ok(diesel::delete(row).execute(tx.db)? == 1)
}

/// Whether a large file is here.
pub(crate) fn is_here(db: &mut Db, wanted: &Awaited) -> QueryResult<bool> {
    let row = parts::table.find((wanted.attachment_id.as_str(), wanted.sha256.as_str()));
    select(exists(row)).get_result(db)
}

/// Forgets a large file that is in its application now.
pub(crate) fn forget(tx: &mut Tx<'_>, wanted: &Awaited) -> QueryResult<()> {
    let row = parts::table.find((wanted.attachment_id.as_str(), wanted.sha256.as_str()));
    diesel::delete(row).execute(tx.db).map(|_| ())
}
