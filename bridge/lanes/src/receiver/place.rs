//! Where a received lane is, by the database.

use bridge_contract::digest::Digest;
use bridge_contract::place::Lane;
use bridge_spool::Ingested;
use diesel::prelude::*;
use jiff::Timestamp;
use platform_store::time::to_micros;
use platform_store::{Db, Tx};

use crate::numbers::{big, index, number, small};
use crate::receipts;
use crate::schema::{inbox_bundles, lane_watermarks as watermarks};

/// A lane's watermark.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) at: Ingested,
    /// Why the lane waits for an operator.
    pub(super) halted: Option<String>,
}

pub(super) fn begin(tx: &mut Tx<'_>, lane: Lane, at: Timestamp) -> QueryResult<()> {
    receipts::begin(tx, lane, at)
}

pub(super) fn read(db: &mut Db, lane: Lane) -> QueryResult<Place> {
    let (epoch, seq, hash, halted): (i32, i64, Vec<u8>, Option<String>) = watermarks::table
        .find(lane.word())
        .select((watermarks::epoch, watermarks::seq, watermarks::hash, watermarks::halted))
        .first(db)?;
    let hash = hash.try_into().map_or(Digest::ZERO, Digest);
    Ok(Place { at: Ingested { epoch: index(epoch), seq: number(seq), hash }, halted })
}

/// Moves the watermark by exactly one; `false` when it is not where we think
/// it is (I3, I16).
pub(super) fn advance(
    tx: &mut Tx<'_>,
    lane: Lane,
    from: &Ingested,
    to: Digest,
    at: Timestamp,
) -> QueryResult<bool> {
    let expected = watermarks::table
        .find(lane.word())
        .filter(watermarks::epoch.eq(small(from.epoch)))
        .filter(watermarks::seq.eq(big(from.seq)))
        .filter(watermarks::hash.eq(from.hash.0.to_vec()))
        .filter(watermarks::halted.is_null());
    let moved = diesel::update(expected)
        .set((
            watermarks::seq.eq(watermarks::seq + 1),
            watermarks::hash.eq(to.0.to_vec()),
            watermarks::updated_at.eq(to_micros(at)),
        ))
        .execute(tx.db)?;
    Ok(moved == 1)
}

/// The header hash of a bundle that was taken in.
pub(super) fn known(db: &mut Db, lane: Lane, epoch: u32, seq: u64) -> QueryResult<Option<Digest>> {
    let hash: Option<Vec<u8>> = inbox_bundles::table
        .find((lane.word(), small(epoch), big(seq)))
        .select(inbox_bundles::hash)
        .first(db)
        .optional()?;
    Ok(hash.and_then(|hash| hash.try_into().ok()).map(Digest))
}

pub(super) fn halt(tx: &mut Tx<'_>, lane: Lane, why: &str, at: Timestamp) -> QueryResult<()> {
    diesel::update(watermarks::table.find(lane.word()))
        .set((watermarks::halted.eq(why), watermarks::updated_at.eq(to_micros(at))))
        .execute(tx.db)
        .map(|_| ())
}
