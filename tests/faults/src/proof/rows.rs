//! What the zones' databases say about the lanes.

use std::io;

use bridge_contract::bundle::{Envelope, Header, NewItem};
use bridge_contract::keys::Signature;
use bridge_contract::messages::RECEIPT_KIND;
use bridge_contract::place::Lane;
use bridge_contract::wire::decode;
use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use platform_store::Db;

diesel::table! {
    outbox_items (id) {
        id -> BigInt,
        lane -> Text,
        uuid -> Text,
        kind -> Integer,
        stamp -> Binary,
        epoch -> Nullable<Integer>,
        seq -> Nullable<BigInt>,
    }
}

diesel::table! {
    outbox_sealed (item) {
        item -> BigInt,
        sealed -> Binary,
    }
}

diesel::table! {
    outbox_bundles (lane, epoch, seq) {
        lane -> Text,
        epoch -> Integer,
        seq -> BigInt,
        state -> Text,
        header -> Nullable<Binary>,
        signature -> Nullable<Binary>,
    }
}

diesel::table! {
    lane_receipts (lane) {
        lane -> Text,
        ingested_seq -> BigInt,
    }
}

diesel::table! {
    lane_watermarks (lane) {
        lane -> Text,
        epoch -> Integer,
        seq -> BigInt,
        halted -> Nullable<Text>,
    }
}

diesel::table! {
    inbox_bundles (lane, epoch, seq) {
        lane -> Text,
        epoch -> Integer,
        seq -> BigInt,
    }
}

diesel::table! {
    quarantine (lane, epoch, seq, idx) {
        lane -> Text,
        epoch -> Integer,
        seq -> BigInt,
        idx -> Integer,
    }
}

diesel::table! {
    lane_gaps (lane, epoch, first_seq) {
        lane -> Text,
        epoch -> Integer,
        first_seq -> BigInt,
    }
}

diesel::joinable!(outbox_sealed -> outbox_items (item));
diesel::allow_tables_to_appear_in_same_query!(outbox_items, outbox_bundles, outbox_sealed);

/// Where a received lane is.
pub(super) struct Place {
    pub(super) epoch: i32,
    pub(super) seq: i64,
    pub(super) halted: Option<String>,
}

/// A bundle whose file was shown.
pub(super) struct Bundle {
    pub(super) seq: i64,
    pub(super) state: String,
    pub(super) envelope: Envelope,
    pub(super) items: Vec<NewItem>,
}

/// Opens a zone's database for a look beside the running zone.
pub(crate) fn open(url: &str) -> io::Result<Db> {
    let Some(path) = url.strip_prefix("sqlite:") else {
        return PgConnection::establish(url).map(Db::Pg).map_err(io::Error::other);
    };
    let mut db = SqliteConnection::establish(path).map_err(io::Error::other)?;
    db.batch_execute("pragma busy_timeout = 5000").map_err(io::Error::other)?;
    Ok(Db::Sqlite(db))
}

/// Runs one statement.
pub(crate) fn run(db: &mut Db, statement: &str) -> io::Result<()> {
    let done = match db {
        Db::Sqlite(db) => db.batch_execute(statement),
        Db::Pg(db) => db.batch_execute(statement),
    };
    done.map_err(|error| io::Error::other(format!("{statement}: {error}")))
}

/// Forgets every receipt that a sender got.
pub(crate) fn forget_receipts(db: &mut Db) -> io::Result<()> {
    diesel::delete(lane_receipts::table).execute(db).map(drop).map_err(io::Error::other)
}

pub(super) fn watermark(db: &mut Db, lane: Lane) -> io::Result<Option<Place>> {
    let row: Option<(i32, i64, Option<String>)> = lane_watermarks::table
        .find(lane.word())
        .select((lane_watermarks::epoch, lane_watermarks::seq, lane_watermarks::halted))
        .first(db)
        .optional()
        .map_err(io::Error::other)?;
    Ok(row.map(|(epoch, seq, halted)| Place { epoch, seq, halted }))
}

/// How many bundles of an epoch were taken in, and the newest.
pub(super) fn bundles_in(db: &mut Db, lane: Lane, epoch: i32) -> io::Result<(i64, Option<i64>)> {
    inbox_bundles::table
        .filter(inbox_bundles::lane.eq(lane.word()).and(inbox_bundles::epoch.eq(epoch)))
        .select((diesel::dsl::count_star(), diesel::dsl::max(inbox_bundles::seq)))
        .first(db)
        .map_err(io::Error::other)
}

pub(super) fn set_aside(db: &mut Db) -> io::Result<i64> {
    quarantine::table.count().get_result(db).map_err(io::Error::other)
}

pub(super) fn gaps(db: &mut Db) -> io::Result<i64> {
    lane_gaps::table.count().get_result(db).map_err(io::Error::other)
}

/// How far the far end says it took the lane in.
pub(super) fn claimed(db: &mut Db, lane: Lane) -> io::Result<i64> {
    let claimed: Option<i64> = lane_receipts::table
        .find(lane.word())
        .select(lane_receipts::ingested_seq)
        .first(db)
        .optional()
        .map_err(io::Error::other)?;
    Ok(claimed.unwrap_or(0))
}

/// The first bundle with a message that is not known to have arrived. Bundles of
/// receipts only are not answered.
pub(super) fn unanswered(db: &mut Db, lane: Lane) -> io::Result<Option<i64>> {
    let joined = outbox_items::lane
        .eq(outbox_bundles::lane)
        .and(outbox_items::epoch.eq(outbox_bundles::epoch.nullable()))
        .and(outbox_items::seq.eq(outbox_bundles::seq.nullable()));
    outbox_bundles::table
        .inner_join(outbox_items::table.on(joined))
        .filter(outbox_bundles::lane.eq(lane.word()))
        .filter(outbox_bundles::state.ne_all(["ingested", "released"]))
        .filter(outbox_items::kind.ne(i32::from(RECEIPT_KIND)))
        .order(outbox_bundles::seq)
        .select(outbox_bundles::seq)
        .first(db)
        .optional()
        .map_err(io::Error::other)
}

/// Bundles after a number whose header is kept, oldest first.
pub(super) fn made_since(db: &mut Db, lane: Lane, after: i64) -> io::Result<Vec<Bundle>> {
    type Row = (i32, i64, String, Option<Vec<u8>>, Option<Vec<u8>>);
    let rows: Vec<Row> = outbox_bundles::table
        .filter(outbox_bundles::lane.eq(lane.word()).and(outbox_bundles::seq.gt(after)))
        .filter(outbox_bundles::header.is_not_null())
        .order(outbox_bundles::seq)
        .select((
            outbox_bundles::epoch,
            outbox_bundles::seq,
            outbox_bundles::state,
            outbox_bundles::header,
            outbox_bundles::signature,
        ))
        .load(db)
        .map_err(io::Error::other)?;
    let mut bundles = Vec::with_capacity(rows.len());
    for (epoch, seq, state, header, signature) in rows {
        let damaged = || io::Error::other(format!("{lane}: the header of {seq} is damaged"));
        let header: Option<Header> = header.and_then(|bytes| decode(&bytes).ok());
        let signature = signature.and_then(|bytes| bytes.try_into().ok()).map(Signature);
        let (header, signature) = header.zip(signature).ok_or_else(damaged)?;
        let items = members(db, lane, epoch, seq)?;
        bundles.push(Bundle { seq, state, envelope: Envelope { header, signature }, items });
    }
    Ok(bundles)
}

fn members(db: &mut Db, lane: Lane, epoch: i32, seq: i64) -> io::Result<Vec<NewItem>> {
    let rows: Vec<(String, i32, Vec<u8>, Vec<u8>)> = outbox_items::table
        .inner_join(outbox_sealed::table)
        .filter(outbox_items::lane.eq(lane.word()))
        .filter(outbox_items::epoch.eq(epoch).and(outbox_items::seq.eq(seq)))
        .order(outbox_items::id)
        .select((
            outbox_items::uuid,
            outbox_items::kind,
            outbox_items::stamp,
            outbox_sealed::sealed,
        ))
        .load(db)
        .map_err(io::Error::other)?;
    let item = |(uuid, kind, stamp, sealed): (String, i32, _, _)| NewItem {
        uuid,
        kind: u16::try_from(kind).unwrap_or(0),
        stamp,
        sealed,
    };
    Ok(rows.into_iter().map(item).collect())
}
