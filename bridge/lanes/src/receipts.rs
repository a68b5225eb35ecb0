//! Receipts: what the far end has of a lane we send, and what we tell the far
//! end of a lane we receive.

use bridge_contract::bundle::NewItem;
use bridge_contract::digest::Digest;
use bridge_contract::keys::KeySet;
use bridge_contract::messages::{
    Held, Position, RECEIPT_KIND, Receipt, SeqRange, ToCitizen, ToStaff,
};
use bridge_contract::place::Lane;
use bridge_contract::seal;
use bridge_contract::wire::{decode, encode};
use diesel::prelude::*;
use jiff::Timestamp;
use platform_service::clock::Clock;
use platform_service::ids;
use platform_store::time::to_micros;
use platform_store::{Db, Tx, each_backend};

use crate::numbers::{big, index, number, small};
use crate::schema::{
    lane_gaps as gaps, lane_receipts, lane_watermarks as watermarks, outbox_bundles as bundles,
    outbox_items as items, quarantine, waiting_items,
};
use crate::{backups, outbox};

/// Most ranges and positions one receipt names.
const MISSING: i64 = 64;
const QUARANTINED: i64 = 256;
/// The same as a count: a receipt that names so many may leave out others.
pub(crate) const NAMED: usize = 256;

/// Takes in a receipt for a lane we send. An older one changes nothing.
pub(crate) fn take(tx: &mut Tx<'_>, receipt: &Receipt, at: Timestamp) -> QueryResult<()> {
    let row = (
        lane_receipts::lane.eq(receipt.lane.word()),
        lane_receipts::epoch.eq(small(receipt.epoch)),
        lane_receipts::stored_seq.eq(big(receipt.stored_seq)),
        lane_receipts::ingested_seq.eq(big(receipt.ingested_seq)),
        lane_receipts::backup_seq.eq(big(receipt.backup_seq)),
        lane_receipts::receipt.eq(encode(receipt)),
        lane_receipts::received_at.eq(to_micros(at)),
    );
    if let Some(known) = last(tx.db, receipt.lane)? {
        let place = |one: &Receipt| (one.epoch, one.ingested_seq, one.stored_seq, one.backup_seq);
        if place(receipt) < place(&known) {
            return Ok(());
        }
        diesel::delete(lane_receipts::table.find(receipt.lane.word())).execute(tx.db)?;
    }
    diesel::insert_into(lane_receipts::table).values(row).execute(tx.db)?;
    apply(tx, receipt, at)
}

/// Applies the last receipt to bundles that became READY after it.
pub(crate) fn apply_last(tx: &mut Tx<'_>, lane: Lane, at: Timestamp) -> QueryResult<()> {
    match last(tx.db, lane)? {
        Some(receipt) => apply(tx, &receipt, at),
        None => Ok(()),
    }
}

/// The last receipt for a lane we send.
pub(crate) fn last(db: &mut Db, lane: Lane) -> QueryResult<Option<Receipt>> {
    let bytes: Option<Vec<u8>> = lane_receipts::table
        .find(lane.word())
        .select(lane_receipts::receipt)
        .first(db)
        .optional()?;
    Ok(bytes.and_then(|bytes| decode(&bytes).ok()))
}

/// When it came, in microseconds.
pub(crate) fn came(db: &mut Db, lane: Lane) -> QueryResult<Option<i64>> {
    lane_receipts::table.find(lane.word()).select(lane_receipts::received_at).first(db).optional()
}

fn apply(tx: &mut Tx<'_>, receipt: &Receipt, at: Timestamp) -> QueryResult<()> {
    let ours = bundles::table
        .filter(bundles::lane.eq(receipt.lane.word()))
        .filter(bundles::epoch.eq(small(receipt.epoch)));
    diesel::update(
        ours.filter(bundles::seq.le(big(receipt.stored_seq))).filter(bundles::state.eq("ready")),
    )
    .set((bundles::state.eq("stored"), bundles::stored_at.eq(to_micros(at))))
    .execute(tx.db)?;
    diesel::update(
        ours.filter(bundles::seq.le(big(receipt.ingested_seq))).filter(bundles::state.eq("stored")),
    )
    .set((bundles::state.eq("ingested"), bundles::ingested_at.eq(to_micros(at))))
    .execute(tx.db)
    .map(|_| ())
}

/// Puts a receipt for a lane we receive into the outbox of the opposite lane.
/// One that has no number yet is replaced: the newest says all.
pub(crate) fn put(tx: &mut Tx<'_>, lane: Lane, keys: &KeySet, clock: &Clock) -> QueryResult<()> {
    let Some(receipt) = make(tx.db, lane)? else { return Ok(()) };
    let (uuid, prefix) = (ids::new(clock), format!("receipt.{lane}."));
    let uuid = prefix.clone() + &uuid;
    let (back, item) = match lane {
        Lane::Raw => {
            let message = ToCitizen::ArrivalReceipt(receipt);
            let stamp = encode(&held(tx.db)?);
            let item =
                seal::to_citizen(keys, &uuid, &message).map(|item| NewItem { stamp, ..item });
            (message.lane(), item)
        }
        Lane::PubCtl | Lane::PubDoc => {
            let message = ToStaff::PublicationReceipt(receipt);
            (Lane::Raw, seal::to_staff(keys, &uuid, &message, Vec::new()))
        }
        // The relay and the export hosts have no database.
        Lane::In | Lane::InBulk | Lane::Exp | Lane::Exr => return Ok(()),
    };
    let Some(item) = item else { return Ok(()) };
    // What was taken out of a bundle is older than what has a number: the far end lists it, and wants it again.
    let numbered: Option<i64> = items::table
        .filter(items::lane.eq(back.word()).and(items::seq.is_not_null()))
        .order(items::id.desc())
        .select(items::id)
        .first(tx.db)
        .optional()?;
    let waiting = items::table
        .filter(items::lane.eq(back.word()).and(items::seq.is_null()))
        .filter(items::id.gt(numbered.unwrap_or(0)))
        .filter(items::kind.eq(i32::from(RECEIPT_KIND)))
        .filter(items::uuid.like(format!("{prefix}%")));
    diesel::delete(waiting).execute(tx.db)?;
    outbox::put(tx, back, &item, clock.now())
}

/// What we have of a lane; `None` before its first bundle.
pub(crate) fn make(db: &mut Db, lane: Lane) -> QueryResult<Option<Receipt>> {
    let place: Option<(i32, i64, Vec<u8>)> = watermarks::table
        .find(lane.word())
        .select((watermarks::epoch, watermarks::seq, watermarks::hash))
        .first(db)
        .optional()?;
    let Some((epoch, seq, hash)) = place else { return Ok(None) };
    let missing: Vec<(i64, i64)> = gaps::table
        .filter(gaps::lane.eq(lane.word()).and(gaps::epoch.eq(epoch)))
        .order(gaps::first_seq)
        .select((gaps::first_seq, gaps::last_seq))
        .limit(MISSING)
        .load(db)?;
    let quarantined: Vec<(i32, i64, i32)> = quarantine::table
        .filter(quarantine::lane.eq(lane.word()))
        .order((quarantine::epoch.desc(), quarantine::seq.desc(), quarantine::idx.desc()))
        .select((quarantine::epoch, quarantine::seq, quarantine::idx))
        .limit(QUARANTINED)
        .load(db)?;
    let range = |(first, last)| SeqRange { first: number(first), last: number(last) };
    let position =
        |(epoch, seq, idx)| Position { epoch: index(epoch), seq: number(seq), idx: index(idx) };
    let mut quarantined: Vec<Position> = quarantined.into_iter().map(position).collect();
    never_came(db, lane, epoch, &mut quarantined)?;
    Ok(Some(Receipt {
        lane,
        epoch: index(epoch),
        stored_seq: number(seq),
        ingested_seq: number(seq),
        backup_seq: backups::twice_kept(db, lane, index(epoch))?,
        head_hash: hash.try_into().map(Digest).unwrap_or(Digest::ZERO),
        missing: missing.into_iter().map(range).collect(),
        quarantined,
    }))
}

/// Adds the bundles of closed epochs that never came: this database was set back before the
/// reset was installed, and what is left of them lies with their sender.
fn never_came(
    db: &mut Db,
    lane: Lane,
    epoch: i32,
    positions: &mut Vec<Position>,
) -> QueryResult<()> {
    let ranges: Vec<(i32, i64, i64)> = gaps::table
        .filter(gaps::lane.eq(lane.word()).and(gaps::epoch.lt(epoch)))
        .order((gaps::epoch, gaps::first_seq))
        .select((gaps::epoch, gaps::first_seq, gaps::last_seq))
        .limit(QUARANTINED)
        .load(db)?;
    let bundle = |epoch| move |seq| Position { epoch: index(epoch), seq: number(seq), idx: 0 };
    let bundles =
        ranges.into_iter().flat_map(|(epoch, first, last)| (first..=last).map(bundle(epoch)));
    positions.extend(bundles.take(NAMED.saturating_sub(positions.len())));
    Ok(())
}

/// What S may forget: it opens no receipt, so this rides beside one.
fn held(db: &mut Db) -> QueryResult<Vec<Held>> {
    let mut all = Vec::new();
    for lane in [Lane::Raw, Lane::In, Lane::InBulk] {
        let place: Option<(i32, i64)> = watermarks::table
            .find(lane.word())
            .select((watermarks::epoch, watermarks::seq))
            .first(db)
            .optional()?;
        if let Some((epoch, seq)) = place {
            let (epoch, ingested) = (index(epoch), number(seq));
            let kept = backups::twice_kept(db, lane, epoch)?.min(ingested);
            // What is kept sealed here needs its key, and perhaps its file, once more.
            let kept = sealed_here(db, lane, epoch)?.map_or(kept, |seq| kept.min(seq - 1));
            all.push(Held { lane, epoch, ingested, kept });
        }
    }
    Ok(all)
}

/// The oldest bundle of the lane with an item that waits or is set aside; one of an earlier
/// epoch is before the first of this one.
fn sealed_here(db: &mut Db, lane: Lane, epoch: u32) -> QueryResult<Option<u64>> {
    let aside: Option<(i32, i64)> = quarantine::table
        .filter(quarantine::lane.eq(lane.word()))
        .order((quarantine::epoch, quarantine::seq))
        .select((quarantine::epoch, quarantine::seq))
        .first(db)
        .optional()?;
    let waits: Option<(i32, i64)> = waiting_items::table
        .filter(waiting_items::lane.eq(lane.word()))
        .order((waiting_items::epoch, waiting_items::seq))
        .select((waiting_items::epoch, waiting_items::seq))
        .first(db)
        .optional()?;
    let oldest = aside.into_iter().chain(waits).min();
    Ok(oldest.map(|(its, seq)| if index(its) < epoch { 1 } else { number(seq) }))
}

/// Makes sure a watermark row is there.
pub(crate) fn begin(tx: &mut Tx<'_>, lane: Lane, at: Timestamp) -> QueryResult<()> {
    let row = (
        watermarks::lane.eq(lane.word()),
        watermarks::epoch.eq(1),
        watermarks::seq.eq(0),
        watermarks::hash.eq(Digest::ZERO.0.to_vec()),
        watermarks::next_idx.eq(0),
        watermarks::updated_at.eq(to_micros(at)),
    );
    each_backend!(tx.db, conn => diesel::insert_into(watermarks::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(conn))
    .map(|_| ())
}
