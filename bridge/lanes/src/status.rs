//! What operators see of the lanes (NS-2): how far each is, what waits, what
//! is missing, what was set aside.

use bridge_contract::bundle::{Header, IndexEntry, read_index};
use bridge_contract::messages::RECEIPT_KIND;
use bridge_contract::place::Lane;
use bridge_contract::wire::decode;
use diesel::dsl::{count_star, min, sql};
use diesel::expression::SqlLiteral;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use jiff::Timestamp;
use platform_store::Db;
use platform_store::time::from_micros;

use crate::evidence::sent_index;
use crate::numbers::{big, index, number, small};
use crate::schema::{
    inbox_bundles, inbox_items, lane_gaps as gaps, lane_receipts, lane_watermarks as watermarks,
    outbox_bundles as bundles, outbox_items as items, quarantine,
};
use crate::{receipts, waiting};

/// A lane this zone sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sending {
    /// The lane.
    pub lane: Lane,
    /// The epoch of the newest bundle.
    pub epoch: u32,
    /// Number of the newest bundle, 0 before the first.
    pub head_seq: u64,
    /// Everything up to here is durable at the far end.
    pub stored_seq: u64,
    /// Everything up to here is in the far database.
    pub ingested_seq: u64,
    /// Everything up to here is in two verified backups of the far end.
    pub backup_seq: u64,
    /// Items that have no number yet; receipts are not counted.
    pub waiting: u64,
    /// Items that have a number but are not known to be in the far database.
    pub unconfirmed: u64,
    /// Sealed bytes of those two.
    pub bytes: u64,
    /// When the oldest of those two was put into the outbox.
    pub oldest: Option<Timestamp>,
    /// Items the far end has set aside, as its last receipt names them.
    pub set_aside: u64,
    /// When the last receipt came.
    pub receipt_at: Option<Timestamp>,
}

/// A lane this zone receives, or the raw lane as the LGWAN zone hears of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receiving {
    /// The lane.
    pub lane: Lane,
    /// The epoch.
    pub epoch: u32,
    /// Number of the last bundle taken in.
    pub seq: u64,
    /// Why the lane waits for an operator; `None` while it runs.
    pub halted: Option<String>,
    /// When the last bundle was taken in, or the lane began.
    pub at: Timestamp,
    /// Bundle numbers of this epoch that are missing, as first and last.
    pub gaps: Vec<(u64, u64)>,
    /// When the oldest of them was found. A slow file leaves one for a moment.
    pub gaps_since: Option<Timestamp>,
    /// What never came of epochs that ended: epoch, first and last. Nothing brings it any more.
    pub lost: Vec<(u32, u64, u64)>,
    /// Items set aside.
    pub quarantined: u64,
    /// Messages that wait for large files, or behind one that does.
    pub waiting_parts: u64,
}

/// All lanes of this zone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// The lanes it sends, in the order of their numbers.
    pub sending: Vec<Sending>,
    /// The lanes it receives.
    pub receiving: Vec<Receiving>,
}

/// Reads the state of all lanes.
///
/// # Errors
/// When the database cannot be read.
pub fn status(db: &mut Db) -> QueryResult<Status> {
    let mut status = Status::default();
    for lane in Lane::ALL {
        status.sending.extend(sending(db, *lane)?);
        status.receiving.extend(receiving(db, *lane)?);
    }
    Ok(status)
}

fn sending(db: &mut Db, lane: Lane) -> QueryResult<Option<Sending>> {
    // What waits is read first: an item that gets its number meanwhile may be counted twice for a
    // moment, but never missed.
    // Receipts are not answered, so they count as neither waiting nor open.
    let told = items::table
        .filter(items::lane.eq(lane.word()))
        .filter(items::kind.ne(i32::from(RECEIPT_KIND)));
    let (waiting, oldest_waiting, waiting_bytes): (i64, Option<i64>, i64) = told
        .filter(items::seq.is_null())
        .select((count_star(), min(items::created_at), all_bytes()))
        .first(db)?;
    let newest: Option<(i32, i64)> = bundles::table
        .filter(bundles::lane.eq(lane.word()))
        .order((bundles::epoch.desc(), bundles::seq.desc()))
        .select((bundles::epoch, bundles::seq))
        .first(db)
        .optional()?;
    if newest.is_none() && waiting == 0 {
        return Ok(None);
    }
    let receipt: Option<(i32, i64, i64, i64, i64)> = lane_receipts::table
        .find(lane.word())
        .select((
            lane_receipts::epoch,
            lane_receipts::stored_seq,
            lane_receipts::ingested_seq,
            lane_receipts::backup_seq,
            lane_receipts::received_at,
        ))
        .first(db)
        .optional()?;
    let (known_epoch, known_seq) = receipt.map_or((1, 0), |(epoch, _, seq, _, _)| (epoch, seq));
    let after =
        items::epoch.gt(known_epoch).or(items::epoch.eq(known_epoch).and(items::seq.gt(known_seq)));
    let (unconfirmed, oldest_open, open_bytes): (i64, Option<i64>, i64) = told
        .filter(items::seq.is_not_null())
        .filter(after.assume_not_null())
        .select((count_star(), min(items::created_at), all_bytes()))
        .first(db)?;
    let (epoch, seq) = newest.unwrap_or((1, 0));
    let set_aside = receipts::last(db, lane)?.map_or(0, |receipt| receipt.quarantined.len());
    Ok(Some(Sending {
        lane,
        epoch: index(epoch),
        head_seq: number(seq),
        stored_seq: receipt.map_or(0, |(_, stored, ..)| number(stored)),
        ingested_seq: receipt.map_or(0, |(_, _, ingested, ..)| number(ingested)),
        backup_seq: receipt.map_or(0, |(_, _, _, backup, _)| number(backup)),
        waiting: number(waiting),
        unconfirmed: number(unconfirmed),
        bytes: number(waiting_bytes).saturating_add(number(open_bytes)),
        oldest: oldest_open.into_iter().chain(oldest_waiting).min().map(from_micros),
        set_aside: u64::try_from(set_aside).unwrap_or(u64::MAX),
        receipt_at: receipt.map(|(_, _, _, _, at)| from_micros(at)),
    }))
}

/// The sum of the sealed bytes of items; PostgreSQL sums in a wider kind of number.
fn all_bytes() -> SqlLiteral<BigInt> {
    sql("cast(coalesce(sum(outbox_items.bytes), 0) as bigint)")
}

fn receiving(db: &mut Db, lane: Lane) -> QueryResult<Option<Receiving>> {
    let place: Option<(i32, i64, Option<String>, i64)> = watermarks::table
        .find(lane.word())
        .select((watermarks::epoch, watermarks::seq, watermarks::halted, watermarks::updated_at))
        .first(db)
        .optional()?;
    let Some((epoch, seq, halted, at)) = place else { return Ok(None) };
    let listed: Vec<(i32, i64, i64, i64)> = gaps::table
        .filter(gaps::lane.eq(lane.word()))
        .order((gaps::epoch, gaps::first_seq))
        .select((gaps::epoch, gaps::first_seq, gaps::last_seq, gaps::found_at))
        .load(db)?;
    let (lost, missing): (Vec<_>, Vec<_>) = listed.into_iter().partition(|gap| gap.0 < epoch);
    let quarantined: i64 =
        quarantine::table.filter(quarantine::lane.eq(lane.word())).count().get_result(db)?;
    Ok(Some(Receiving {
        lane,
        epoch: index(epoch),
        seq: number(seq),
        halted,
        at: from_micros(at),
        gaps_since: missing.iter().map(|gap| gap.3).min().map(from_micros),
        gaps: missing.into_iter().map(|gap| (number(gap.1), number(gap.2))).collect(),
        lost: lost.into_iter().map(|gap| (index(gap.0), number(gap.1), number(gap.2))).collect(),
        quarantined: number(quarantined),
        waiting_parts: waiting::count(db, lane)?,
    }))
}

/// Where a page of a history ends: the next one begins with the bundle before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Before {
    /// The epoch.
    pub epoch: u32,
    /// The number.
    pub seq: u64,
}

impl Before {
    /// Reads `1-42`; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (epoch, seq) = text.split_once('-')?;
        Some(Self { epoch: epoch.parse().ok()?, seq: seq.parse().ok()? })
    }

    fn key(before: Option<Self>) -> (i32, i64) {
        before.map_or((i32::MAX, i64::MAX), |one| (small(one.epoch), big(one.seq)))
    }
}

/// One sent bundle (配信履歴).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentBundle {
    /// The epoch.
    pub epoch: u32,
    /// The number.
    pub seq: u64,
    /// `allocated`, `ready`, `stored`, `ingested` or `released`.
    pub state: String,
    /// Number of items.
    pub items: u32,
    /// How many of them the far end has set aside, by its last receipt, which names the newest 256.
    pub set_aside: u32,
    /// Bytes of its sealed items.
    pub bytes: u64,
    /// When it got its number.
    pub allocated_at: Timestamp,
    /// When its file was durable.
    pub ready_at: Option<Timestamp>,
    /// When the far end said that it has taken it in.
    pub ingested_at: Option<Timestamp>,
}

/// The newest sent bundles of a lane, newest first.
///
/// # Errors
/// When the database cannot be read.
pub fn sent(db: &mut Db, lane: Lane, limit: u32) -> QueryResult<Vec<SentBundle>> {
    sent_before(db, lane, None, limit)
}

/// The same, from the one before `before` on: a page of the history (配信履歴).
///
/// # Errors
/// When the database cannot be read.
pub fn sent_before(
    db: &mut Db,
    lane: Lane,
    before: Option<Before>,
    limit: u32,
) -> QueryResult<Vec<SentBundle>> {
    let (epoch, seq) = Before::key(before);
    type Row = (i32, i64, String, i32, i64, i64, Option<i64>, Option<i64>);
    let rows: Vec<Row> = bundles::table
        .filter(bundles::lane.eq(lane.word()))
        .filter(bundles::epoch.lt(epoch).or(bundles::epoch.eq(epoch).and(bundles::seq.lt(seq))))
        .order((bundles::epoch.desc(), bundles::seq.desc()))
        .select((
            bundles::epoch,
            bundles::seq,
            bundles::state,
            bundles::items,
            bundles::bytes,
            bundles::allocated_at,
            bundles::ready_at,
            bundles::ingested_at,
        ))
        .limit(i64::from(limit))
        .load(db)?;
    let aside = receipts::last(db, lane)?.map_or_else(Vec::new, |receipt| receipt.quarantined);
    let in_it = |epoch: u32, seq: u64| -> u32 {
        aside.iter().filter(|at| (at.epoch, at.seq) == (epoch, seq)).map(|_| 1).sum()
    };
    let bundle =
        |(epoch, seq, state, items, bytes, allocated_at, ready_at, ingested_at): Row| SentBundle {
            epoch: index(epoch),
            seq: number(seq),
            state,
            items: index(items),
            set_aside: in_it(index(epoch), number(seq)),
            bytes: number(bytes),
            allocated_at: from_micros(allocated_at),
            ready_at: ready_at.map(from_micros),
            ingested_at: ingested_at.map(from_micros),
        };
    Ok(rows.into_iter().map(bundle).collect())
}

/// One received bundle (集信履歴).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceivedBundle {
    /// The epoch.
    pub epoch: u32,
    /// The number.
    pub seq: u64,
    /// Number of items.
    pub items: u32,
    /// How many of them are set aside now.
    pub set_aside: u32,
    /// Size of the file in bytes.
    pub bytes: u64,
    /// The sender's clock when it got its number.
    pub sent_at: Timestamp,
    /// When it was taken in here.
    pub ingested_at: Timestamp,
    /// Whether the sender's clock was behind that of the bundle before: somebody set it back. Nothing
    /// goes by these times.
    pub clock_back: bool,
}

/// The newest received bundles of a lane, newest first.
///
/// # Errors
/// When the database cannot be read.
pub fn received(db: &mut Db, lane: Lane, limit: u32) -> QueryResult<Vec<ReceivedBundle>> {
    received_before(db, lane, None, limit)
}

/// Received bundles of a lane, newest first, from the one before `before` on (集信履歴).
///
/// # Errors
/// When the database cannot be read.
pub fn received_before(
    db: &mut Db,
    lane: Lane,
    before: Option<Before>,
    limit: u32,
) -> QueryResult<Vec<ReceivedBundle>> {
    use inbox_bundles::dsl as inbox;
    type Row = (i32, i64, i32, i64, i64, i64);
    let (epoch, seq) = Before::key(before);
    let rows: Vec<Row> = inbox_bundles::table
        .filter(inbox::lane.eq(lane.word()))
        .filter(inbox::epoch.lt(epoch).or(inbox::epoch.eq(epoch).and(inbox::seq.lt(seq))))
        .order((inbox::epoch.desc(), inbox::seq.desc()))
        .select((
            inbox::epoch,
            inbox::seq,
            inbox::items,
            inbox::bytes,
            inbox::sent_at,
            inbox::ingested_at,
        ))
        // One more: the bundle before the last that is shown.
        .limit(i64::from(limit) + 1)
        .load(db)?;
    let aside: Vec<(i32, i64)> = quarantine::table
        .filter(quarantine::lane.eq(lane.word()))
        .filter(quarantine::seq.eq_any(rows.iter().map(|row| row.1)))
        .select((quarantine::epoch, quarantine::seq))
        .load(db)?;
    let before: Vec<Option<i64>> =
        rows.iter().skip(1).map(|(.., sent_at, _)| Some(*sent_at)).chain([None]).collect();
    let bundle = |(row, before): (Row, Option<i64>)| {
        let (epoch, seq, items, bytes, sent_at, ingested_at) = row;
        ReceivedBundle {
            epoch: index(epoch),
            seq: number(seq),
            items: index(items),
            set_aside: aside.iter().filter(|at| **at == (epoch, seq)).map(|_| 1).sum(),
            bytes: number(bytes),
            sent_at: from_micros(sent_at),
            ingested_at: from_micros(ingested_at),
            clock_back: before.is_some_and(|before| sent_at < before),
        }
    };
    Ok(rows.into_iter().zip(before).take(limit as usize).map(bundle).collect())
}

/// An item that was set aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quarantined {
    /// The lane.
    pub lane: Lane,
    /// The epoch.
    pub epoch: u32,
    /// The bundle's number.
    pub seq: u64,
    /// The item's place in the bundle.
    pub idx: u32,
    /// The item's id.
    pub uuid: String,
    /// Why, in English, for operators.
    pub reason: String,
    /// When.
    pub at: Timestamp,
}

/// Items set aside, newest first.
///
/// # Errors
/// When the database cannot be read.
pub fn quarantined(db: &mut Db, limit: u32) -> QueryResult<Vec<Quarantined>> {
    let rows: Vec<(String, i32, i64, i32, String, String, i64)> = quarantine::table
        .order(quarantine::at.desc())
        .select((
            quarantine::lane,
            quarantine::epoch,
            quarantine::seq,
            quarantine::idx,
            quarantine::uuid,
            quarantine::reason,
            quarantine::at,
        ))
        .limit(i64::from(limit))
        .load(db)?;
    let item = |(lane, epoch, seq, idx, uuid, reason, at): (String, _, _, _, _, _, _)| {
        Some(Quarantined {
            lane: Lane::from_word(&lane)?,
            epoch: index(epoch),
            seq: number(seq),
            idx: index(idx),
            uuid,
            reason,
            at: from_micros(at),
        })
    };
    Ok(rows.into_iter().filter_map(item).collect())
}

/// How many items are set aside, of all lanes.
///
/// # Errors
/// When the database cannot be read.
pub fn set_aside(db: &mut Db) -> QueryResult<u64> {
    quarantine::table.count().get_result(db).map(number)
}

/// One bundle, sent or received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OneBundle {
    /// Its state; `received` at a receiver.
    pub state: String,
    /// Hash of its header; empty while it has none.
    pub hash: Vec<u8>,
    /// What happened to it, and when.
    pub times: Vec<(&'static str, Option<Timestamp>)>,
    /// Id, kind and state of each item, in order.
    pub items: Vec<(String, u16, String)>,
}

/// A bundle of a lane this zone sends or receives; `None` when there is none.
///
/// # Errors
/// When the database cannot be read.
pub fn bundle(db: &mut Db, lane: Lane, epoch: u32, seq: u64) -> QueryResult<Option<OneBundle>> {
    match sent_bundle(db, lane, epoch, seq)? {
        Some(sent) => Ok(Some(sent)),
        None => received_bundle(db, lane, epoch, seq),
    }
}

fn sent_bundle(db: &mut Db, lane: Lane, epoch: u32, seq: u64) -> QueryResult<Option<OneBundle>> {
    let row: Option<(String, Option<Vec<u8>>, i64)> = bundles::table
        .find((lane.word(), small(epoch), big(seq)))
        .select((bundles::state, bundles::hash, bundles::allocated_at))
        .first(db)
        .optional()?;
    let Some((state, hash, allocated)) = row else { return Ok(None) };
    let later: (Option<i64>, Option<i64>, Option<i64>, Option<i64>) = bundles::table
        .find((lane.word(), small(epoch), big(seq)))
        .select((bundles::ready_at, bundles::stored_at, bundles::ingested_at, bundles::released_at))
        .first(db)?;
    let kept: (Option<Vec<u8>>, Option<Vec<u8>>) = bundles::table
        .find((lane.word(), small(epoch), big(seq)))
        .select((bundles::header, bundles::entries))
        .first(db)?;
    // A reset gave its items other numbers, and kept the index.
    let kept = kept.0.zip(kept.1).and_then(|(header, entries)| {
        let header: Header = decode(&header).ok()?;
        read_index(&entries, &header)
    });
    let members = match kept {
        Some(kept) => kept,
        None => sent_index(db, lane, (small(epoch), big(seq)))?,
    };
    let item = |one: IndexEntry| (one.uuid, one.kind, String::new());
    Ok(Some(OneBundle {
        state,
        hash: hash.unwrap_or_default(),
        times: vec![
            ("allocated", Some(from_micros(allocated))),
            ("ready", later.0.map(from_micros)),
            ("stored", later.1.map(from_micros)),
            ("ingested", later.2.map(from_micros)),
            ("released", later.3.map(from_micros)),
        ],
        items: members.into_iter().map(item).collect(),
    }))
}

fn received_bundle(
    db: &mut Db,
    lane: Lane,
    epoch: u32,
    seq: u64,
) -> QueryResult<Option<OneBundle>> {
    let row: Option<(Vec<u8>, i64, i64)> = inbox_bundles::table
        .find((lane.word(), small(epoch), big(seq)))
        .select((inbox_bundles::hash, inbox_bundles::sent_at, inbox_bundles::ingested_at))
        .first(db)
        .optional()?;
    let Some((hash, sent, ingested)) = row else { return Ok(None) };
    let members: Vec<(String, i32, String)> = inbox_items::table
        .filter(inbox_items::lane.eq(lane.word()))
        .filter(inbox_items::epoch.eq(small(epoch)).and(inbox_items::seq.eq(big(seq))))
        .order(inbox_items::idx)
        .select((inbox_items::uuid, inbox_items::kind, inbox_items::state))
        .load(db)?;
    let item = |(uuid, kind, state)| (uuid, u16::try_from(kind).unwrap_or(0), state);
    Ok(Some(OneBundle {
        state: "received".to_owned(),
        hash,
        times: vec![("sent", Some(from_micros(sent))), ("ingested", Some(from_micros(ingested)))],
        items: members.into_iter().map(item).collect(),
    }))
}
