//! The one transaction that takes a bundle in.

use std::sync::Arc;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bridge_contract::bundle::{Header, index_bytes};
use bridge_contract::keys::KeySet;
use bridge_contract::messages::{BULK_KIND, Position, RECEIPT_KIND, UNREADABLE_KIND};
use bridge_contract::place::Lane;
use bridge_spool::Ingested;
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error};
use platform_service::clock::Clock;
use platform_store::time::to_micros;
use platform_store::{StoreError, Tx, each_backend};

use super::opened::{Content, Opened, OpenedItem, Skipped};
use super::place;
use crate::incoming::{Incoming, Ingest, Message, Refusal};
use crate::numbers::{big, index, number, small};
use crate::origin;
use crate::receipts;
use crate::schema::{inbox_bundles, inbox_items, quarantine};
use crate::waiting;

/// How one try ended.
pub(super) enum Attempt {
    /// The bundle is in; the lane is here now.
    Taken(Ingested),
    /// The watermark is not where we left it: another process takes this lane in.
    Overtaken,
    /// Nothing is kept.
    Failed(Trouble),
}

/// Why a try failed.
pub(crate) enum Trouble {
    /// The database cannot be used now, or no item is the cause.
    Outage(String),
    /// One item cannot be taken in.
    Item {
        /// Which.
        idx: usize,
        /// Why, for operators.
        why: String,
        /// Whether trying again is useless.
        hopeless: bool,
    },
}

/// What the transaction was busy with when it failed; it survives the undoing.
#[derive(Clone, Default)]
pub(crate) struct Note(Arc<Mutex<Busy>>);

#[derive(Default)]
struct Busy {
    /// The item; `None` outside of all of them.
    idx: Option<usize>,
    poison: Option<String>,
}

impl Note {
    pub(crate) fn at(&self, idx: usize) {
        self.busy().idx = Some(idx);
    }

    /// No item is the cause of what comes now.
    pub(crate) fn outside(&self) {
        self.busy().idx = None;
    }

    fn busy(&self) -> MutexGuard<'_, Busy> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn poison(&self, why: String) {
        self.busy().poison = Some(why);
    }

    pub(crate) fn explain(&self, error: StoreError) -> Trouble {
        let Busy { idx, poison } = std::mem::take(&mut *self.busy());
        match (idx, poison, error) {
            (Some(idx), Some(why), _) => Trouble::Item { idx, why, hopeless: true },
            (Some(_), None, StoreError::Query(error)) if is_outage(&error) => {
                Trouble::Outage(error.to_string())
            }
            (Some(idx), None, error) => {
                Trouble::Item { idx, why: error.to_string(), hopeless: false }
            }
            // There is nothing that could be set aside: the lane waits, and says so.
            (None, _, error) => Trouble::Outage(error.to_string()),
        }
    }
}

/// Words of SQLite and PostgreSQL for what is no item's fault.
const PASSING: [&str; 10] = [
    "full",
    "locked",
    "busy",
    "I/O",
    "space",
    "memory",
    "deadlock",
    "timeout",
    "shutting down",
    "terminating",
];

/// Whether the database, not the item, is the cause.
fn is_outage(error: &Error) -> bool {
    match error {
        Error::DatabaseError(kind, about) => match kind {
            DatabaseErrorKind::UniqueViolation
            | DatabaseErrorKind::ForeignKeyViolation
            | DatabaseErrorKind::NotNullViolation
            | DatabaseErrorKind::CheckViolation
            | DatabaseErrorKind::RestrictViolation
            | DatabaseErrorKind::ExclusionViolation => false,
            // Among the unnamed ones are a full disk and a value the engine
            // does not take, such as a NUL in a text on PostgreSQL.
            DatabaseErrorKind::Unknown => PASSING.iter().any(|word| about.message().contains(word)),
            _ => true,
        },
        Error::BrokenTransactionManager | Error::AlreadyInTransaction => true,
        _ => false,
    }
}

/// Takes a bundle in, all of it or nothing.
pub(super) fn run<I: Ingest>(
    tx: &mut Tx<'_>,
    ingest: &I,
    opened: &Opened<I::Message>,
    from: Ingested,
    skipped: &Skipped,
    (keys, clock): (&KeySet, &Clock),
    note: &Note,
) -> QueryResult<Attempt> {
    let (header, now) = (opened.header(), clock.now());
    let lane = header.lane;
    if !place::advance(tx, lane, &from, opened.verified.hash, now)? {
        return Ok(Attempt::Overtaken);
    }
    diesel::insert_into(inbox_bundles::table)
        .values((
            inbox_bundles::lane.eq(lane.word()),
            inbox_bundles::epoch.eq(small(header.epoch)),
            inbox_bundles::seq.eq(big(header.seq)),
            inbox_bundles::hash.eq(opened.verified.hash.0.to_vec()),
            inbox_bundles::header.eq(header.to_bytes().to_vec()),
            inbox_bundles::signature.eq(opened.verified.envelope.signature.0.to_vec()),
            inbox_bundles::entries.eq(index_bytes(opened.items.iter().map(|item| &item.entry))),
            inbox_bundles::items.eq(small(header.items)),
            inbox_bundles::bytes.eq(big(opened.file.len() as u64)),
            inbox_bundles::sent_at.eq(to_micros(header.at)),
            inbox_bundles::ingested_at.eq(to_micros(now)),
        ))
        .execute(tx.db)?;
    let mut origins = Vec::new();
    let mut anybody_waits = waiting::anybody(tx.db)?;
    for (idx, item) in opened.items.iter().enumerate() {
        note.at(idx);
        let place = ItemPlace { lane, epoch: header.epoch, seq: header.seq, idx };
        let about = (&place, header, anybody_waits);
        let stands = one(tx, ingest, item, about, skipped.get(&idx), clock, note)?;
        anybody_waits |= stands == Stands::Waits;
        origins.extend(item.origin.filter(|_| stands == Stands::Here));
    }
    note.outside();
    origin::arrived(tx, &origins, now)?;
    // Receipts are not answered with receipts, or two idle zones never rest; a large
    // file is answered with its application.
    let answered = |item: &OpenedItem<_>| ![RECEIPT_KIND, BULK_KIND].contains(&item.entry.kind);
    if opened.items.iter().any(answered) {
        receipts::put(tx, spoken_of(lane), keys, clock)?;
    }
    Ok(Attempt::Taken(Ingested {
        epoch: header.epoch,
        seq: header.seq,
        hash: opened.verified.hash,
    }))
}

/// L tells I about the raw lane, over S's head (§2.7).
pub(crate) const fn spoken_of(lane: Lane) -> Lane {
    match lane {
        Lane::In | Lane::InBulk => Lane::Raw,
        Lane::Raw | Lane::PubCtl | Lane::PubDoc | Lane::Exp | Lane::Exr => lane,
    }
}

struct ItemPlace {
    lane: Lane,
    epoch: u32,
    seq: u64,
    idx: usize,
}

/// What became of an item.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stands {
    /// It is in the database, for good or set aside.
    Here,
    /// It waits for large files, or for a message before it that does.
    Waits,
}

fn one<I: Ingest>(
    tx: &mut Tx<'_>,
    ingest: &I,
    item: &OpenedItem<I::Message>,
    (place, header, anybody_waits): (&ItemPlace, &Header, bool),
    skipped: Option<&String>,
    clock: &Clock,
    note: &Note,
) -> QueryResult<Stands> {
    let why = match (&item.content, skipped) {
        (Err(why), _) | (Ok(_), Some(why)) => Some(why.as_str()),
        (Ok(_), None) => None,
    };
    if !first_time(tx, item, place, why.is_some())? {
        if !waiting::has(tx.db, place.lane, &item.entry.uuid)? {
            return Ok(Stands::Here);
        }
        // It may wait for what never comes: what came now waits too, and has its own number.
        if let (Ok(Content::Message(incoming)), None) = (&item.content, why) {
            keep_waiting(tx, item, (place.lane, header), incoming, clock)?;
        }
        return Ok(Stands::Waits);
    }
    if let Some(why) = why {
        return set_aside(tx, item, place, why, clock).map(|()| Stands::Here);
    }
    if let Ok(Content::Message(incoming)) = &item.content
        && waiting::must_wait(tx.db, &incoming.message, anybody_waits)?
    {
        keep_waiting(tx, item, (place.lane, header), incoming, clock)?;
        return Ok(Stands::Waits);
    }
    let done = match &item.content {
        Err(_) => Ok(()),
        Ok(Content::Receipt(receipt)) => receipts::take(tx, receipt, clock.now()),
        Ok(Content::SetAside(unreadable)) => {
            origin::set_aside(tx, unreadable, &item.entry, clock.now())
        }
        Ok(Content::Message(incoming)) => match ingest.apply(tx, incoming) {
            Ok(()) => Ok(()),
            Err(Refusal::Query(error)) => Err(error),
            Err(Refusal::Poison(why)) => {
                note.poison(why);
                Err(Error::RollbackTransaction)
            }
        },
    };
    done.map(|()| Stands::Here)
}

fn keep_waiting<M: Message>(
    tx: &mut Tx<'_>,
    item: &OpenedItem<M>,
    (lane, header): (Lane, &Header),
    incoming: &Incoming<M>,
    clock: &Clock,
) -> QueryResult<()> {
    let row = waiting::Waiter {
        lane,
        at: incoming.position,
        entry: &item.entry,
        thread: incoming.message.thread().unwrap_or_default(),
        sealed: &item.sealed,
        sent_at: header.at,
    };
    waiting::keep(tx, &row, clock.now())
}

/// `false` when an item of this id was taken in before: sent again after the
/// relay or a whole zone was set back. What S could not open was not.
fn first_time<M: Message>(
    tx: &mut Tx<'_>,
    item: &OpenedItem<M>,
    place: &ItemPlace,
    quarantined: bool,
) -> QueryResult<bool> {
    let state = if quarantined { "quarantined" } else { "done" };
    let row = (
        inbox_items::lane.eq(place.lane.word()),
        inbox_items::epoch.eq(small(place.epoch)),
        inbox_items::seq.eq(big(place.seq)),
        inbox_items::idx.eq(i32::try_from(place.idx).unwrap_or(i32::MAX)),
        inbox_items::uuid.eq(&item.entry.uuid),
        inbox_items::kind.eq(i32::from(item.entry.kind)),
        inbox_items::state.eq(state),
    );
    let inserted = each_backend!(tx.db, conn => diesel::insert_into(inbox_items::table)
        .values(row)
        .on_conflict((inbox_items::lane, inbox_items::uuid))
        .do_nothing()
        .execute(conn))?;
    Ok(inserted == 1 || was_unreadable(tx, item, place, state)?)
}

/// Whether all that is known of an item is that S could not open it, and no operator gave it up.
/// What came now takes its place, and what S said is told no more; of an item that S could open
/// nothing is ever replaced.
fn was_unreadable<M: Message>(
    tx: &mut Tx<'_>,
    item: &OpenedItem<M>,
    place: &ItemPlace,
    state: &str,
) -> QueryResult<bool> {
    let unread = i32::from(UNREADABLE_KIND);
    let told = || {
        quarantine::table
            .filter(quarantine::lane.eq(Lane::Raw.word()))
            .filter(quarantine::uuid.eq(&item.entry.uuid))
            .filter(quarantine::kind.eq(unread))
    };
    let listed: Option<(i32, i64, i32)> = told()
        .select((quarantine::epoch, quarantine::seq, quarantine::idx))
        .first(tx.db)
        .optional()?;
    let Some((epoch, seq, idx)) = listed else { return Ok(false) };
    let listed = Position { epoch: index(epoch), seq: number(seq), idx: index(idx) };
    // Said again of a place that is over: the receipt goes on naming where the bytes are now.
    if let Ok(Content::SetAside(again)) = &item.content
        && again.origin.at <= listed
    {
        return Ok(false);
    }
    let known = inbox_items::table
        .filter(inbox_items::lane.eq(place.lane.word()))
        .filter(inbox_items::uuid.eq(&item.entry.uuid))
        .filter(inbox_items::kind.eq(unread));
    let replaced = diesel::update(known)
        .set((
            inbox_items::epoch.eq(small(place.epoch)),
            inbox_items::seq.eq(big(place.seq)),
            inbox_items::idx.eq(i32::try_from(place.idx).unwrap_or(i32::MAX)),
            inbox_items::kind.eq(i32::from(item.entry.kind)),
            inbox_items::state.eq(state),
        ))
        .execute(tx.db)?;
    if replaced == 1 {
        diesel::delete(told()).execute(tx.db)?;
    }
    Ok(replaced == 1)
}

fn set_aside<M>(
    tx: &mut Tx<'_>,
    item: &OpenedItem<M>,
    place: &ItemPlace,
    why: &str,
    clock: &Clock,
) -> QueryResult<()> {
    diesel::insert_into(quarantine::table)
        .values((
            quarantine::lane.eq(place.lane.word()),
            quarantine::epoch.eq(small(place.epoch)),
            quarantine::seq.eq(big(place.seq)),
            quarantine::idx.eq(i32::try_from(place.idx).unwrap_or(i32::MAX)),
            quarantine::uuid.eq(&item.entry.uuid),
            quarantine::kind.eq(i32::from(item.entry.kind)),
            quarantine::stamp.eq(&item.entry.stamp),
            quarantine::sealed.eq(&*item.sealed),
            quarantine::reason.eq(why),
            quarantine::at.eq(to_micros(clock.now())),
        ))
        .execute(tx.db)
        .map(|_| ())
}
