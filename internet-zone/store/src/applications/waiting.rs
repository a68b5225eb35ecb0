//! Waiting for seats. An application that waits is complete and sealed, has its
//! number, and has not arrived: it goes to the staff zone the moment its seats are
//! free, in the transaction that freed them. Nobody who came later in the same
//! pool passes (NF-49).

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use platform_store::{Db, Tx};

use super::accept::{self, NewApplication, Receipt};
use super::seats::{self, Seat};
use super::{charges, cosigns};
use crate::identity::{Owner, represented};
use crate::post;
use crate::record::{Act, By, record, record_with};
use crate::schema::{
    once_keys, procedures, promotions, seats as pools, session_grants, waiting, waiting_seats,
};

/// An application that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Identifier; the application keeps it.
    pub id: String,
    /// Number; the application keeps it.
    pub number: String,
    /// The procedure.
    pub procedure_id: String,
    /// The revision it was made with.
    pub revision: i64,
    /// Who waits.
    pub owner: Option<Owner>,
    /// Sealed secret of a guest.
    pub secret_sealed: Option<Vec<u8>>,
    /// Since when, microseconds.
    pub since: i64,
    /// Whether mails about it reach somebody: at a counter terminal nobody needs an address.
    pub mailed: bool,
}

/// Whether everything that is short has room on its waiting list.
pub(super) fn has_room(
    db: &mut Db,
    procedure_id: &str,
    short: &BTreeSet<String>,
) -> QueryResult<bool> {
    let open: i64 = pools::table
        .filter(pools::procedure_id.eq(procedure_id))
        .filter(pools::pool.eq_any(short))
        .filter(pools::waiting.lt(pools::waitlist))
        .count()
        .get_result(db)?;
    Ok(usize::try_from(open).is_ok_and(|open| open == short.len()))
}

/// Puts an application on the waiting lists of what is short. The caller made sure
/// of the room in the same transaction.
pub(super) fn join(
    tx: &mut Tx<'_>,
    by: &By,
    (new, short): (&NewApplication, &BTreeSet<String>),
    number: &str,
    now: i64,
) -> QueryResult<()> {
    let (secret_sealed, secret_hash) = new.secret.as_ref().map(|(s, h)| (s, h)).unzip();
    let item = &new.letter.0;
    diesel::insert_into(waiting::table)
        .values((
            waiting::id.eq(&new.id),
            waiting::number.eq(number),
            waiting::draft_id.eq(&new.draft_id),
            waiting::procedure_id.eq(&new.procedure_id),
            waiting::revision.eq(new.revision),
            waiting::account_id.eq(new.owner.as_ref().and_then(Owner::account)),
            waiting::guest_id.eq(new.owner.as_ref().and_then(Owner::guest)),
            waiting::contact_sealed.eq(&new.contact_sealed),
            waiting::secret_sealed.eq(secret_sealed),
            waiting::secret_hash.eq(secret_hash),
            waiting::since.eq(now),
            waiting::ends_at.eq(new.seat_ends_at),
            waiting::item_kind.eq(i64::from(item.kind)),
            waiting::item_sealed.eq(&item.sealed),
        ))
        .execute(tx.db)?;
    for seat in &new.seats {
        let counted = short.contains(&seat.pool);
        diesel::insert_into(waiting_seats::table)
            .values((
                waiting_seats::waiting_id.eq(&new.id),
                waiting_seats::procedure_id.eq(&new.procedure_id),
                waiting_seats::pool.eq(&seat.pool),
                waiting_seats::units.eq(seat.units),
                waiting_seats::counted.eq(i64::from(counted)),
            ))
            .execute(tx.db)?;
        if counted {
            diesel::update(pools::table.find((&new.procedure_id, &seat.pool)))
                .set(pools::waiting.eq(pools::waiting + 1))
                .execute(tx.db)?;
        }
    }
    if let Some(session) = &new.grant_to {
        diesel::insert_into(session_grants::table)
            .values((
                session_grants::session_hash.eq(session),
                session_grants::application_id.eq(&new.id),
            ))
            .execute(tx.db)?;
    }
    record_with(tx, by, Act::WaitingBegun, &new.id, format!("number={number}"));
    Ok(())
}

type Row = (
    String,
    String,
    String,
    String,
    i64,
    Option<String>,
    Option<String>,
    Option<Vec<u8>>,
    Option<Vec<u8>>,
    Option<Vec<u8>>,
    i64,
);

macro_rules! columns {
    () => {
        (
            waiting::id,
            waiting::number,
            waiting::draft_id,
            waiting::procedure_id,
            waiting::revision,
            waiting::account_id,
            waiting::guest_id,
            waiting::contact_sealed,
            waiting::secret_sealed,
            waiting::secret_hash,
            waiting::since,
        )
    };
}

fn seats_of(db: &mut Db, id: &str) -> QueryResult<Vec<(Seat, bool)>> {
    let rows: Vec<(String, i64, i64)> = waiting_seats::table
        .filter(waiting_seats::waiting_id.eq(id))
        .order(waiting_seats::pool)
        .select((waiting_seats::pool, waiting_seats::units, waiting_seats::counted))
        .load(db)?;
    let seat = |(pool, units, counted)| (Seat { pool, units }, counted == 1);
    Ok(rows.into_iter().map(seat).collect())
}

/// Lets everybody move up for whom there are seats now, in the order they came; who
/// needs a pool that somebody before them still waits for stays. The procedure is
/// locked already, so what was read of the pools stays true. However long the line is,
/// it is read by one question, and only as far as somebody may move.
pub(crate) fn promote(tx: &mut Tx<'_>, procedure_id: &str, at: i64) -> QueryResult<()> {
    let read: Vec<(String, i64, i64)> = pools::table
        .filter(pools::procedure_id.eq(procedure_id))
        .select((pools::pool, pools::capacity - pools::taken, pools::waiting))
        .load(tx.db)?;
    let waited = |(pool, _, waiting): &(String, i64, i64)| (*waiting > 0).then(|| pool.clone());
    let waited: BTreeSet<String> = read.iter().filter_map(waited).collect();
    if waited.is_empty() {
        return Ok(());
    }
    let mut free: BTreeMap<String, i64> =
        read.into_iter().map(|(pool, free, _)| (pool, free)).collect();
    let mut blocked: BTreeSet<String> = BTreeSet::new();
    for (id, wanted) in line(tx.db, procedure_id, at)? {
        // Everybody in the line waits for one of these.
        if waited.is_subset(&blocked) {
            break;
        }
        if wanted.iter().any(|(seat, _)| blocked.contains(&seat.pool)) {
            blocked.extend(wanted.into_iter().filter(|(_, c)| *c).map(|(seat, _)| seat.pool));
            continue;
        }
        let is_short = |seat: &Seat| free.get(&seat.pool).is_none_or(|free| *free < seat.units);
        let short: Vec<&(Seat, bool)> = wanted.iter().filter(|(seat, _)| is_short(seat)).collect();
        for (seat, _) in short.iter().filter(|(_, counted)| !counted) {
            count(tx, (&id, procedure_id), &seat.pool)?;
        }
        if !short.is_empty() {
            let waits_for = wanted.iter().filter(|one| one.1 || short.contains(one));
            blocked.extend(waits_for.map(|(seat, _)| seat.pool.clone()));
            continue;
        }
        let taken: Vec<Seat> = wanted.into_iter().map(|(seat, _)| seat).collect();
        for seat in &taken {
            if !seats::take_in_turn(tx.db, procedure_id, seat)? {
                return Err(diesel::result::Error::RollbackTransaction);
            }
            *free.entry(seat.pool.clone()).or_default() -= seat.units;
        }
        let row: Row = waiting::table.find(&id).select(columns!()).first(tx.db)?;
        arrive(tx, row, &taken, at)?;
    }
    Ok(())
}

/// Somebody in the line: the application, and each seat it waits for with whether it is counted.
type Waits = (String, Vec<(Seat, bool)>);

/// Who waits for a procedure, in the order they came, and for which seats (counted or not).
fn line(db: &mut Db, procedure_id: &str, at: i64) -> QueryResult<Vec<Waits>> {
    let rows: Vec<(String, String, i64, i64)> = waiting_seats::table
        .inner_join(waiting::table.on(waiting::id.eq(waiting_seats::waiting_id)))
        .filter(waiting::procedure_id.eq(procedure_id))
        .filter(waiting::ends_at.is_null().or(waiting::ends_at.gt(at)))
        .order((waiting::since, waiting::number, waiting_seats::pool))
        .select((waiting::id, waiting_seats::pool, waiting_seats::units, waiting_seats::counted))
        .load(db)?;
    let mut line: Vec<Waits> = Vec::new();
    for (id, pool, units, counted) in rows {
        let seat = (Seat { pool, units }, counted == 1);
        match line.last_mut() {
            Some((last, seats)) if *last == id => seats.push(seat),
            Some(_) | None => line.push((id, vec![seat])),
        }
    }
    Ok(line)
}

/// Others took these seats meanwhile: from now on nobody who comes later does.
fn count(tx: &mut Tx<'_>, (id, procedure_id): (&str, &str), pool: &str) -> QueryResult<()> {
    diesel::update(waiting_seats::table.find((id, pool)))
        .set(waiting_seats::counted.eq(1))
        .execute(tx.db)?;
    diesel::update(pools::table.find((procedure_id, pool)))
        .set(pools::waiting.eq(pools::waiting + 1))
        .execute(tx.db)?;
    Ok(())
}

fn arrive(tx: &mut Tx<'_>, row: Row, taken: &[Seat], at: i64) -> QueryResult<()> {
    let (id, number, draft_id, procedure_id, revision, account, guest, contact, secret, hash, _) =
        row;
    let (kind, sealed): (i64, Vec<u8>) =
        waiting::table.find(&id).select((waiting::item_kind, waiting::item_sealed)).first(tx.db)?;
    let receipt = Receipt { application_id: id.clone(), number, arrived_at: at };
    let row = accept::Row {
        draft_id: &draft_id,
        procedure_id: &procedure_id,
        revision,
        owner: Owner::from_columns(account, guest),
        contact_sealed: contact,
        secret: secret.zip(hash),
    };
    accept::insert(tx, &row, &receipt)?;
    seats::hold(tx, &id, &procedure_id, taken)?;
    strike(tx, &id, &procedure_id)?;
    diesel::insert_into(promotions::table)
        .values((promotions::application_id.eq(&id), promotions::at.eq(at)))
        .execute(tx.db)?;
    let by = By::system("waiting-list", at);
    record_with(tx, &by, Act::Arrived, &id, format!("number={}", receipt.number));
    post::send_kept(tx, &id, (kind, sealed), &receipt.number, at)
}

/// Takes an application off every list.
fn strike(tx: &mut Tx<'_>, id: &str, procedure_id: &str) -> QueryResult<()> {
    for (seat, counted) in seats_of(tx.db, id)? {
        if counted {
            diesel::update(pools::table.find((procedure_id, &seat.pool)))
                .set(pools::waiting.eq(pools::waiting - 1))
                .execute(tx.db)?;
        }
    }
    diesel::delete(waiting_seats::table.filter(waiting_seats::waiting_id.eq(id))).execute(tx.db)?;
    diesel::delete(waiting::table.find(id)).execute(tx.db)?;
    Ok(())
}

/// Leaves the waiting list; `false` when that application does not wait any more.
///
/// # Errors
/// When the database cannot be written.
pub fn leave(tx: &mut Tx<'_>, by: &By, id: &str) -> QueryResult<bool> {
    let Some(found) = find(tx.db, id)? else { return Ok(false) };
    seats::lock(tx.db, &found.procedure_id)?;
    // Its turn may have come before the lock was ours.
    if find(tx.db, id)?.is_none() {
        return Ok(false);
    }
    if let Some(draft) = represented::draft_of(tx.db, id)? {
        cosigns::forget(tx, &draft)?;
    }
    strike(tx, id, &found.procedure_id)?;
    charges::forget(tx, id)?;
    diesel::delete(once_keys::table.filter(once_keys::application_id.eq(id))).execute(tx.db)?;
    promote(tx, &found.procedure_id, by.at)?;
    record(tx, by, Act::WaitingLeft, id);
    Ok(true)
}

/// Procedures for which somebody waits, and when each was closed, if it was.
///
/// # Errors
/// When the database cannot be read.
pub fn waited_for(db: &mut Db) -> QueryResult<Vec<(String, Option<i64>)>> {
    let ids: Vec<String> = waiting::table
        .select(waiting::procedure_id)
        .distinct()
        .order(waiting::procedure_id)
        .load(db)?;
    let closed: Vec<(String, Option<i64>)> = procedures::table
        .filter(procedures::id.eq_any(&ids))
        .select((procedures::id, procedures::closed_at))
        .load(db)?;
    let since = |id: &String| closed.iter().find(|(one, _)| one == id).and_then(|(_, at)| *at);
    Ok(ids.into_iter().map(|id| (id.clone(), since(&id))).collect())
}

/// Somebody whose wait ended without a seat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Over {
    /// What waited.
    pub waiting: Waiting,
    /// The draft it was.
    pub draft_id: String,
    /// Sealed address for mails to a guest.
    pub contact_sealed: Option<Vec<u8>>,
}

/// Ends the wait of the first who still waits for a procedure that ended; `None` when nobody does.
/// Nobody moves up: there is nothing to move up to.
///
/// # Errors
/// When the database cannot be written.
pub fn end(tx: &mut Tx<'_>, by: &By, procedure_id: &str) -> QueryResult<Option<Over>> {
    seats::lock(tx.db, procedure_id)?;
    let row: Option<Row> = waiting::table
        .filter(waiting::procedure_id.eq(procedure_id))
        .order((waiting::since, waiting::number))
        .select(columns!())
        .first(tx.db)
        .optional()?;
    row.map(|row| over(tx, by, row)).transpose()
}

/// Ends the wait of one for whose day and time it is too late; `None` when there is nobody.
///
/// # Errors
/// When the database cannot be written.
pub fn end_late(tx: &mut Tx<'_>, by: &By) -> QueryResult<Option<Over>> {
    let late = || waiting::table.filter(waiting::ends_at.le(by.at));
    let found: Option<String> = late()
        .order((waiting::ends_at, waiting::number))
        .select(waiting::procedure_id)
        .first(tx.db)
        .optional()?;
    let Some(procedure_id) = found else { return Ok(None) };
    seats::lock(tx.db, &procedure_id)?;
    let row: Option<Row> = late()
        .filter(waiting::procedure_id.eq(&procedure_id))
        .order((waiting::ends_at, waiting::number))
        .select(columns!())
        .first(tx.db)
        .optional()?;
    let Some(row) = row else { return Ok(None) };
    let ended = over(tx, by, row)?;
    // Whoever it stood before may have their seats now.
    promote(tx, &procedure_id, by.at)?;
    Ok(Some(ended))
}

fn over(tx: &mut Tx<'_>, by: &By, row: Row) -> QueryResult<Over> {
    let (draft_id, contact_sealed) = (row.2.clone(), row.7.clone());
    cosigns::forget(tx, &draft_id)?;
    let waiting = read(row);
    strike(tx, &waiting.id, &waiting.procedure_id)?;
    charges::forget(tx, &waiting.id)?;
    let once = once_keys::table.filter(once_keys::application_id.eq(&waiting.id));
    diesel::delete(once).execute(tx.db)?;
    record(tx, by, Act::WaitingOver, &waiting.id);
    Ok(Over { waiting, draft_id, contact_sealed })
}

fn read(row: Row) -> Waiting {
    let (id, number, _, procedure_id, revision, account, guest, contact, secret_sealed, _, since) =
        row;
    let mailed = account.is_some() || contact.is_some();
    let owner = Owner::from_columns(account, guest);
    Waiting { id, number, procedure_id, revision, owner, secret_sealed, since, mailed }
}

/// An application that waits.
///
/// # Errors
/// When the database cannot be read.
pub fn find(db: &mut Db, id: &str) -> QueryResult<Option<Waiting>> {
    let row: Option<Row> = waiting::table.find(id).select(columns!()).first(db).optional()?;
    Ok(row.map(read))
}

/// What the draft became, when it waits.
///
/// # Errors
/// When the database cannot be read.
pub fn of_draft(db: &mut Db, draft_id: &str) -> QueryResult<Option<String>> {
    let found = waiting::table.filter(waiting::draft_id.eq(draft_id));
    found.select(waiting::id).first(db).optional()
}

/// `(id, keyed hash of the secret)` of what waits under this number.
///
/// # Errors
/// When the database cannot be read.
pub fn secret_of(db: &mut Db, number: &str) -> QueryResult<Option<(String, Option<Vec<u8>>)>> {
    let found = waiting::table.filter(waiting::number.eq(number));
    found.select((waiting::id, waiting::secret_hash)).first(db).optional()
}

/// What waits of these drafts, with the draft of each, latest first.
///
/// # Errors
/// When the database cannot be read.
pub fn from_drafts(db: &mut Db, drafts: &[String]) -> QueryResult<Vec<(String, Waiting)>> {
    let rows: Vec<Row> = waiting::table
        .filter(waiting::draft_id.eq_any(drafts))
        .order((waiting::since.desc(), waiting::id.desc()))
        .select(columns!())
        .load(db)?;
    Ok(rows.into_iter().map(|row| (row.2.clone(), read(row))).collect())
}

/// What an account waits for, latest first.
///
/// # Errors
/// When the database cannot be read.
pub fn of(db: &mut Db, account: &str) -> QueryResult<Vec<Waiting>> {
    let rows: Vec<Row> = waiting::table
        .filter(waiting::account_id.eq(account))
        .order(waiting::since.desc())
        .limit(200)
        .select(columns!())
        .load(db)?;
    Ok(rows.into_iter().map(read).collect())
}

/// The same, however many.
pub(crate) fn all_of(db: &mut Db, account: &str) -> QueryResult<Vec<Waiting>> {
    let rows: Vec<Row> = waiting::table
        .filter(waiting::account_id.eq(account))
        .order(waiting::since.desc())
        .select(columns!())
        .load(db)?;
    Ok(rows.into_iter().map(read).collect())
}

/// What somebody without an account waits for, latest first.
pub(crate) fn of_guest(db: &mut Db, guest: &str) -> QueryResult<Vec<Waiting>> {
    let rows: Vec<Row> = waiting::table
        .filter(waiting::guest_id.eq(guest))
        .order(waiting::since.desc())
        .limit(200)
        .select(columns!())
        .load(db)?;
    Ok(rows.into_iter().map(read).collect())
}

/// How many came before and wait for a seat of a pool that this one waits for too.
///
/// # Errors
/// When the database cannot be read.
pub fn before(db: &mut Db, one: &Waiting) -> QueryResult<i64> {
    let mine: Vec<String> = waiting_seats::table
        .filter(waiting_seats::waiting_id.eq(&one.id))
        .filter(waiting_seats::counted.eq(1))
        .select(waiting_seats::pool)
        .load(db)?;
    let earlier = waiting::since.lt(one.since);
    let same = waiting::since.eq(one.since).and(waiting::number.lt(&one.number));
    waiting_seats::table
        .inner_join(waiting::table.on(waiting::id.eq(waiting_seats::waiting_id)))
        .filter(waiting::procedure_id.eq(&one.procedure_id))
        .filter(earlier.or(same))
        .filter(waiting_seats::pool.eq_any(mine))
        .filter(waiting_seats::counted.eq(1))
        .select(diesel::dsl::count(waiting_seats::waiting_id).aggregate_distinct())
        .first(db)
}

/// Applications whose turn came and whose people are still to be told.
///
/// # Errors
/// When the database cannot be read.
pub fn promoted(db: &mut Db, limit: i64) -> QueryResult<Vec<String>> {
    promotions::table
        .order((promotions::at, promotions::application_id))
        .limit(limit)
        .select(promotions::application_id)
        .load(db)
}

/// Notes that somebody was told; `false` when that was done before.
///
/// # Errors
/// When the database cannot be written.
pub fn told(tx: &mut Tx<'_>, application_id: &str) -> QueryResult<bool> {
    diesel::delete(promotions::table.find(application_id)).execute(tx.db).map(|gone| gone == 1)
}
