//! Epochs of a lane, and senders that were restored (I14).
//!
//! ```text
//! sender    folder has a mark the database lacks ─► halted ─► a new receipt confirms the newest bundle
//!                                                          └► a reset is installed: new epoch, what the
//!                                                             far end did not confirm gets new numbers
//! receiver  a reset is installed ─► watermark: new epoch, number 0, hash of the reset
//! ```

use bridge_contract::bundle::index_bytes;
use bridge_contract::digest::Digest;
use bridge_contract::messages::Receipt;
use bridge_contract::place::Lane;
use bridge_contract::reset::ResetDocument;
use bridge_contract::wire::encode;
use diesel::prelude::*;
use jiff::Timestamp;
use platform_store::time::to_micros;
use platform_store::{Db, Tx, each_backend};

use crate::evidence::sent_index;
use crate::numbers::{big, index, number, small};
use crate::receipts;
use crate::schema::{
    inbox_bundles, lane_epochs as epochs, lane_gaps as gaps, lane_holds as holds,
    lane_lives as lives, lane_watermarks as watermarks, outbox_bundles as bundles,
    outbox_items as items,
};
use crate::sender::Last;

/// Why a reset is not installed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotReset {
    /// This zone has nothing to do with the lane.
    #[error("this zone neither sends nor receives the lane")]
    NotHere,
    /// The lane is in another epoch.
    #[error("the reset ends epoch {named}, the lane is in epoch {here} here")]
    OtherEpoch {
        /// The epoch that the reset ends.
        named: u32,
        /// The epoch here.
        here: u32,
    },
    /// What the reset names as the last bundle is not what was taken in.
    #[error("the reset names another bundle {0} than the one that was taken in here")]
    OtherBundle(u64),
}

/// The mark that a sender leaves in its database and then in its folder: which start it is, and how often it was
/// renewed since. `<start>`, then `<start>-<times>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Life {
    start: String,
    renewed: u64,
}

impl Life {
    /// The mark of a new start, which has no `-`.
    pub(crate) fn new(start: String) -> Self {
        Self { start, renewed: 0 }
    }

    fn read(mark: &str) -> Self {
        let parts = mark.split_once('-');
        let parts = parts.and_then(|(start, renewed)| Some((start, renewed.parse::<u64>().ok()?)));
        let (start, renewed) = parts.unwrap_or((mark, 0));
        Self { start: start.to_owned(), renewed }
    }

    /// The next mark of the same start.
    pub(crate) fn renewed(&self) -> Self {
        Self { start: self.start.clone(), renewed: self.renewed + 1 }
    }

    pub(crate) fn text(&self) -> String {
        match self.renewed {
            0 => self.start.clone(),
            renewed => format!("{}-{renewed}", self.start),
        }
    }
}

/// Where the newest epoch of a lane begins; `None` in the first.
pub(crate) fn newest(db: &mut Db, lane: Lane) -> QueryResult<Option<Last>> {
    let row: Option<(i32, Vec<u8>)> = epochs::table
        .filter(epochs::lane.eq(lane.word()))
        .order(epochs::epoch.desc())
        .select((epochs::epoch, epochs::hash))
        .first(db)
        .optional()?;
    let last = |(epoch, hash): (i32, Vec<u8>)| Last {
        epoch: index(epoch),
        seq: 0,
        hash: hash.try_into().map_or(Digest::ZERO, Digest),
    };
    Ok(row.map(last))
}

/// The newest epoch of which this zone has bundles of a lane, sent or taken in: what an operator means who names none.
pub(crate) fn newest_here(db: &mut Db, lane: Lane) -> QueryResult<u32> {
    let sent: Option<i32> = bundles::table
        .filter(bundles::lane.eq(lane.word()))
        .select(diesel::dsl::max(bundles::epoch))
        .first(db)?;
    let taken: Option<i32> = inbox_bundles::table
        .filter(inbox_bundles::lane.eq(lane.word()))
        .select(diesel::dsl::max(inbox_bundles::epoch))
        .first(db)?;
    Ok(sent.max(taken).map_or(1, index))
}

/// Whether two operators opened this epoch; the first needs nobody.
pub(crate) fn is_open(db: &mut Db, lane: Lane, epoch: u32) -> QueryResult<bool> {
    Ok(epoch <= newest(db, lane)?.map_or(1, |began| began.epoch))
}

/// Notes a start of the lane's sender, whose mark [`go_on`] renews. `false` when the mark in the folder is
/// unknown: the database was restored, and nothing reconciled it yet.
pub(crate) fn begin_a_life(
    tx: &mut Tx<'_>,
    lane: Lane,
    before: Option<&str>,
    life: &Life,
    now: Timestamp,
) -> QueryResult<bool> {
    if let Some(before) = before
        && !knows(tx.db, lane, before)?
        && !epoch_is_new(tx.db, lane)?
        && !is_reconciled(tx, lane, now)?
    {
        return Ok(false);
    }
    diesel::delete(holds::table.find(lane.word())).execute(tx.db)?;
    diesel::insert_into(lives::table)
        .values((lives::lane.eq(lane.word()), lives::life.eq(life.text())))
        .execute(tx.db)?;
    Ok(true)
}

/// Renews the mark of this start. `false` when the database does not have it: it was set back under the running
/// sender, and the lane is held.
pub(crate) fn go_on(
    tx: &mut Tx<'_>,
    lane: Lane,
    (before, next): (&Life, &Life),
    now: Timestamp,
) -> QueryResult<bool> {
    let mark = lives::table.find((lane.word(), before.text()));
    let renewed = diesel::update(mark).set(lives::life.eq(next.text())).execute(tx.db)?;
    if renewed == 0 {
        // As at a start: a receipt that comes from now on may confirm the lane before the next one.
        is_reconciled(tx, lane, now)?;
    }
    Ok(renewed == 1)
}

/// Whether the database has a mark of the folder, or a later one of the same start: a folder may be an older one.
fn knows(db: &mut Db, lane: Lane, mark: &str) -> QueryResult<bool> {
    let wanted = Life::read(mark);
    let alike: Vec<String> = lives::table
        .filter(lives::lane.eq(lane.word()))
        .filter(lives::life.like(format!("{}%", wanted.start)))
        .select(lives::life)
        .load(db)?;
    let is_it = |life: &Life| life.start == wanted.start && life.renewed >= wanted.renewed;
    Ok(alike.iter().map(|mark| Life::read(mark)).any(|life| is_it(&life)))
}

/// A reset was installed and nothing sent after it.
fn epoch_is_new(db: &mut Db, lane: Lane) -> QueryResult<bool> {
    let Some(began) = newest(db, lane)? else { return Ok(false) };
    let newest: Option<i32> = bundles::table
        .filter(bundles::lane.eq(lane.word()))
        .select(diesel::dsl::max(bundles::epoch))
        .first(db)?;
    Ok(newest.is_none_or(|epoch| index(epoch) < began.epoch))
}

/// Whether a receipt that came after the lane was first held says that the far end has
/// exactly what this database has. The first time, the lane is held.
fn is_reconciled(tx: &mut Tx<'_>, lane: Lane, now: Timestamp) -> QueryResult<bool> {
    let receipt = receipts::last(tx.db, lane)?;
    let came = receipts::came(tx.db, lane)?;
    let held: Option<(Vec<u8>, i64)> = holds::table
        .find(lane.word())
        .select((holds::receipt, holds::at))
        .first(tx.db)
        .optional()?;
    let bytes = receipt.as_ref().map(encode).unwrap_or_default();
    let Some(held) = held else {
        diesel::insert_into(holds::table)
            .values((
                holds::lane.eq(lane.word()),
                holds::receipt.eq(bytes),
                holds::at.eq(came.unwrap_or_else(|| to_micros(now))),
            ))
            .execute(tx.db)?;
        return Ok(false);
    };
    if held == (bytes, came.unwrap_or(held.1)) {
        return Ok(false);
    }
    let newest = crate::sender::newest_made(tx.db, lane)?;
    Ok(receipt.is_some_and(|receipt| confirms(&receipt, &newest)))
}

fn confirms(receipt: &Receipt, newest: &Last) -> bool {
    (receipt.epoch, receipt.stored_seq, receipt.ingested_seq, receipt.head_hash)
        == (newest.epoch, newest.seq, newest.seq, newest.hash)
}

/// Where the lane is by this database: what it took in, or what the far end last
/// confirmed. `None` when it knows nothing of it.
pub(crate) fn place(db: &mut Db, lane: Lane) -> QueryResult<Option<Last>> {
    let row: Option<(i32, i64, Vec<u8>)> = watermarks::table
        .find(lane.word())
        .select((watermarks::epoch, watermarks::seq, watermarks::hash))
        .first(db)
        .optional()?;
    if let Some((epoch, seq, hash)) = row {
        let hash = hash.try_into().map_or(Digest::ZERO, Digest);
        return Ok(Some(Last { epoch: index(epoch), seq: number(seq), hash }));
    }
    let receipt = receipts::last(db, lane)?;
    Ok(receipt.map(|one| Last { epoch: one.epoch, seq: one.ingested_seq, hash: one.head_hash }))
}

/// Installs a verified reset at the end of the lane that this zone is.
pub(crate) fn install(
    tx: &mut Tx<'_>,
    document: &ResetDocument,
    sends: bool,
    now: Timestamp,
) -> QueryResult<Result<(), NotReset>> {
    let checked = if sends { sender(tx, document, now)? } else { receiver(tx, document, now)? };
    if let Err(refused) = checked {
        return Ok(Err(refused));
    }
    let reset = &document.reset;
    diesel::insert_into(epochs::table)
        .values((
            epochs::lane.eq(reset.lane.word()),
            epochs::epoch.eq(small(reset.new_epoch())),
            epochs::old_epoch.eq(small(reset.old_epoch)),
            epochs::old_seq.eq(big(reset.old_seq)),
            epochs::hash.eq(reset.hash().0.to_vec()),
            epochs::document.eq(document.to_bytes()),
            epochs::installed_at.eq(to_micros(now)),
        ))
        .execute(tx.db)?;
    Ok(Ok(()))
}

/// What the far end did not confirm gets numbers of the new epoch. It takes in by id,
/// so what it had after all changes nothing.
fn sender(
    tx: &mut Tx<'_>,
    document: &ResetDocument,
    now: Timestamp,
) -> QueryResult<Result<(), NotReset>> {
    let (lane, reset) = (document.reset.lane, &document.reset);
    let here = crate::sender::newest_of(tx.db, lane)?.map_or(1, |(epoch, _)| epoch);
    // A database of before an earlier reset knows nothing of the epoch that ends; what it has is of one before.
    if here > reset.old_epoch {
        return Ok(Err(NotReset::OtherEpoch { named: reset.old_epoch, here }));
    }
    let ours = || bundles::table.filter(bundles::lane.eq(lane.word()));
    // Confirmed once, and lost again by a receiver that was restored.
    let beyond =
        || bundles::epoch.eq(small(reset.old_epoch)).and(bundles::seq.gt(big(reset.old_seq)));
    let unsure = bundles::state
        .eq_any(["allocated", "ready", "stored"])
        .or(bundles::state.eq("ingested").and(beyond()));
    let open: Vec<(i32, i64)> =
        ours().filter(unsure).select((bundles::epoch, bundles::seq)).load(tx.db)?;
    // What was in one that keeps its index itself is in a later one.
    let gone =
        ours().filter(bundles::state.eq("released").and(beyond()).and(bundles::entries.is_null()));
    let (first, last): (Option<i64>, Option<i64>) = gone
        .select((diesel::dsl::min(bundles::seq), diesel::dsl::max(bundles::seq)))
        .first(tx.db)?;
    if let Some((first, last)) = first.zip(last) {
        tracing::error!(%lane, first, last, "only backups of the far end have these bundles");
        let here = Last { epoch: reset.old_epoch, seq: number(first - 1), hash: Digest::ZERO };
        note_gap(tx, lane, &here, number(last), now)?;
    }
    for at in open {
        take_out(tx, lane, at)?;
    }
    diesel::delete(ours().filter(bundles::state.eq("allocated"))).execute(tx.db)?;
    let left =
        bundles::state.eq_any(["ready", "stored"]).or(bundles::state.eq("ingested").and(beyond()));
    diesel::update(ours().filter(left))
        .set((bundles::state.eq("released"), bundles::released_at.eq(to_micros(now))))
        .execute(tx.db)?;
    Ok(Ok(()))
}

/// Takes the items out of a bundle: they get the next numbers. Its index stays with its header, for
/// auditors.
pub(crate) fn take_out(tx: &mut Tx<'_>, lane: Lane, (epoch, seq): (i32, i64)) -> QueryResult<()> {
    let entries = index_bytes(&sent_index(tx.db, lane, (epoch, seq))?);
    diesel::update(bundles::table.find((lane.word(), epoch, seq)))
        .set(bundles::entries.eq(entries))
        .execute(tx.db)?;
    let members = items::table
        .filter(items::lane.eq(lane.word()))
        .filter(items::epoch.eq(epoch).and(items::seq.eq(seq)));
    diesel::update(members)
        .set((items::epoch.eq(None::<i32>), items::seq.eq(None::<i64>)))
        .execute(tx.db)
        .map(|_| ())
}

fn receiver(
    tx: &mut Tx<'_>,
    document: &ResetDocument,
    now: Timestamp,
) -> QueryResult<Result<(), NotReset>> {
    let (lane, reset) = (document.reset.lane, &document.reset);
    let Some(here) = place(tx.db, lane)? else { return Ok(Err(NotReset::NotHere)) };
    if here.epoch != reset.old_epoch {
        return Ok(Err(NotReset::OtherEpoch { named: reset.old_epoch, here: here.epoch }));
    }
    let known: Option<Vec<u8>> = inbox_bundles::table
        .find((lane.word(), small(reset.old_epoch), big(reset.old_seq)))
        .select(inbox_bundles::hash)
        .first(tx.db)
        .optional()?;
    let known = known.or_else(|| (here.seq == reset.old_seq).then(|| here.hash.0.to_vec()));
    if known.is_some_and(|known| known != reset.old_hash.0) {
        return Ok(Err(NotReset::OtherBundle(reset.old_seq)));
    }
    if here.seq < reset.old_seq {
        note_gap(tx, lane, &here, reset.old_seq, now)?;
    }
    // By its items, the raw lane's number is kept without hashes of the chain.
    diesel::update(watermarks::table.find(lane.word()))
        .set((
            watermarks::epoch.eq(small(reset.new_epoch())),
            watermarks::seq.eq(0),
            watermarks::hash.eq(reset.hash().0.to_vec()),
            watermarks::next_idx.eq(0),
            watermarks::halted.eq(None::<String>),
            watermarks::updated_at.eq(to_micros(now)),
        ))
        .execute(tx.db)?;
    Ok(Ok(()))
}

/// What never came stays listed: an operator sees it until it is explained.
fn note_gap(
    tx: &mut Tx<'_>,
    lane: Lane,
    here: &Last,
    last: u64,
    now: Timestamp,
) -> QueryResult<()> {
    let row = (
        gaps::lane.eq(lane.word()),
        gaps::epoch.eq(small(here.epoch)),
        gaps::first_seq.eq(big(here.seq + 1)),
        gaps::last_seq.eq(big(last)),
        gaps::found_at.eq(to_micros(now)),
    );
    each_backend!(tx.db, conn => diesel::insert_into(gaps::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(conn))
    .map(|_| ())
}
