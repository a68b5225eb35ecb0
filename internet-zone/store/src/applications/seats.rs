//! Seats: taken by one conditional statement, never by counting first (NF-49).
//!
//! Whatever touches the seats of a procedure first locks its row (`lock`), so no
//! two transactions lock each other out, whichever pools they need in which order.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use platform_store::{Db, Tx};

use super::{holds, waiting};
use crate::schema::{held_seats, procedures, seats};

/// Seats of one pool that somebody needs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seat {
    /// `FIELD.CODE`, or `procedure`.
    pub pool: String,
    /// How many, at least 1.
    pub units: i64,
}

/// Whoever else touches seats of this procedure waits until this transaction ends.
pub(crate) fn lock(db: &mut Db, procedure_id: &str) -> QueryResult<()> {
    diesel::update(procedures::table.find(procedure_id))
        .set(procedures::revision.eq(procedures::revision))
        .execute(db)?;
    Ok(())
}

/// Takes seats of one pool; `false` when there are not enough. Who just comes
/// passes nobody who waits.
fn take(db: &mut Db, procedure_id: &str, seat: &Seat) -> QueryResult<bool> {
    let free = seats::table
        .find((procedure_id, &seat.pool))
        .filter((seats::taken + seat.units).le(seats::capacity))
        .filter(seats::waiting.eq(0));
    let taken = seats::taken.eq(seats::taken + seat.units);
    diesel::update(free).set(taken).execute(db).map(|n| n == 1)
}

/// The same for who waited longest.
pub(super) fn take_in_turn(db: &mut Db, procedure_id: &str, seat: &Seat) -> QueryResult<bool> {
    let free = seats::table
        .find((procedure_id, &seat.pool))
        .filter((seats::taken + seat.units).le(seats::capacity));
    let taken = seats::taken.eq(seats::taken + seat.units);
    diesel::update(free).set(taken).execute(db).map(|n| n == 1)
}

pub(super) fn give_back(db: &mut Db, procedure_id: &str, seat: &Seat) -> QueryResult<usize> {
    diesel::update(seats::table.find((procedure_id, &seat.pool)))
        .set(seats::taken.eq(seats::taken - seat.units))
        .execute(db)
}

/// Takes seats of each pool, or none at all and names the pools that are short.
/// What holds of others kept too long is free, first of all for who waits; a draft's
/// own holds count for it (`kept`: seats by pool that are taken for it already).
pub(super) fn take_all(
    tx: &mut Tx<'_>,
    procedure_id: &str,
    wanted: &[Seat],
    (kept, draft_id, now): (&BTreeMap<String, i64>, &str, i64),
) -> QueryResult<Result<Vec<Seat>, BTreeSet<String>>> {
    loop {
        let (mut taken, mut short, mut freed) = (Vec::new(), BTreeSet::new(), false);
        for seat in wanted {
            let units = seat.units - kept.get(&seat.pool).copied().unwrap_or(0);
            let more = Seat { pool: seat.pool.clone(), units };
            if units <= 0 {
                continue;
            }
            let mut got = take(tx.db, procedure_id, &more)?;
            if !got && holds::release_expired(tx, (procedure_id, &seat.pool), draft_id, now)? {
                freed = true;
                got = take(tx.db, procedure_id, &more)?;
            }
            if got {
                taken.push(more);
            } else {
                short.insert(seat.pool.clone());
            }
        }
        if short.is_empty() {
            return Ok(Ok(taken));
        }
        undo(tx, procedure_id, &taken)?;
        if !freed {
            return Ok(Err(short));
        }
        // Nothing is left to free: the second round is the last.
        waiting::promote(tx, procedure_id, now)?;
    }
}

/// Gives seats back that were just taken, before the application exists.
pub(super) fn undo(tx: &mut Tx<'_>, procedure_id: &str, taken: &[Seat]) -> QueryResult<()> {
    for seat in taken {
        give_back(tx.db, procedure_id, seat)?;
    }
    Ok(())
}

/// Remembers which seats an application holds.
pub(super) fn hold(
    tx: &mut Tx<'_>,
    application_id: &str,
    procedure_id: &str,
    held: &[Seat],
) -> QueryResult<()> {
    for seat in held {
        diesel::insert_into(held_seats::table)
            .values((
                held_seats::application_id.eq(application_id),
                held_seats::procedure_id.eq(procedure_id),
                held_seats::pool.eq(&seat.pool),
                held_seats::units.eq(seat.units),
            ))
            .execute(tx.db)?;
    }
    Ok(())
}

/// Pools of which an application holds seats.
///
/// # Errors
/// When the database cannot be read.
pub fn held(db: &mut Db, application_id: &str) -> QueryResult<Vec<String>> {
    Ok(seats_of(db, application_id)?.into_iter().map(|seat| seat.pool).collect())
}

fn seats_of(db: &mut Db, application_id: &str) -> QueryResult<Vec<Seat>> {
    let rows: Vec<(String, i64)> = held_seats::table
        .filter(held_seats::application_id.eq(application_id))
        .order(held_seats::pool)
        .select((held_seats::pool, held_seats::units))
        .load(db)?;
    Ok(rows.into_iter().map(|(pool, units)| Seat { pool, units }).collect())
}

/// The seats a correction asks for: those of the fields it opened, what the others weigh by its answers; and
/// what it costs.
#[derive(Clone, Debug, Default)]
pub struct Reseated {
    /// Ids of the fields it opened.
    pub fields: BTreeSet<String>,
    /// Sorted seats their new answers claim.
    pub seats: Vec<Seat>,
    /// Seats it holds whose number hangs on those fields, with the number of now.
    pub reweighed: Vec<Seat>,
    /// What it costs now, sealed for the receipt; `None` when the correction changes no fee.
    pub charged_sealed: Option<Vec<u8>>,
}

/// A pool that has not the seats a correction needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Short {
    /// The pool, and how many of its seats are needed in all.
    pub seat: Seat,
    /// How many it can have: those it holds and those that are free for who just comes.
    pub most: i64,
}

/// Moves an application to other seats and weighs those it keeps by its new answers, or changes nothing and
/// names the pool that is short. What it holds counts for it; who waits is not passed.
pub(super) fn reseat(
    tx: &mut Tx<'_>,
    (application_id, procedure_id): (&str, &str),
    new: &Reseated,
    at: i64,
) -> QueryResult<Result<(), Short>> {
    let held = seats_of(tx.db, application_id)?;
    let mine: BTreeMap<String, i64> =
        held.iter().map(|seat| (seat.pool.clone(), seat.units)).collect();
    let has = |pool: &str| mine.get(pool).copied().unwrap_or(0);
    let opened =
        |pool: &str| pool.split_once('.').is_some_and(|(field, _)| new.fields.contains(field));
    let wanted = |pool: &str| new.seats.iter().any(|seat| seat.pool == pool);
    let leaves = |pool: &str| opened(pool) && !wanted(pool);
    let is_fresh = |seat: &&Seat| opened(&seat.pool) && !mine.contains_key(&seat.pool);
    let fresh: Vec<Seat> = new.seats.iter().filter(is_fresh).cloned().collect();
    let given_up: Vec<&Seat> = held.iter().filter(|seat| leaves(&seat.pool)).collect();
    let is_other = |seat: &&Seat| {
        let was = mine.get(&seat.pool);
        was.is_some_and(|units| *units != seat.units) && !leaves(&seat.pool)
    };
    let reweighed: Vec<Seat> = new.reweighed.iter().filter(is_other).cloned().collect();
    if fresh.is_empty() && given_up.is_empty() && reweighed.is_empty() {
        return Ok(Ok(()));
    }
    lock(tx.db, procedure_id)?;
    let needed: Vec<Seat> = fresh.iter().chain(&reweighed).cloned().collect();
    if let Err(short) = take_all(tx, procedure_id, &needed, (&mine, "", at))? {
        let pool = short.into_iter().next().unwrap_or_default();
        let units = needed.iter().find(|seat| seat.pool == pool).map_or(1, |seat| seat.units);
        let most = has(&pool) + free(tx.db, (procedure_id, &pool))?;
        return Ok(Err(Short { seat: Seat { pool, units }, most }));
    }
    hold(tx, application_id, procedure_id, &fresh)?;
    for seat in &reweighed {
        let surplus = Seat { units: has(&seat.pool) - seat.units, ..seat.clone() };
        if surplus.units > 0 {
            give_back(tx.db, procedure_id, &surplus)?;
        }
        let row = held_seats::table.find((application_id, &seat.pool));
        diesel::update(row).set(held_seats::units.eq(seat.units)).execute(tx.db)?;
    }
    for seat in given_up {
        give_back(tx.db, procedure_id, seat)?;
        let row = held_seats::table.find((application_id, &seat.pool));
        diesel::delete(row).execute(tx.db)?;
    }
    waiting::promote(tx, procedure_id, at)?;
    Ok(Ok(()))
}

/// Seats of a pool that are free for who just comes: none while somebody waits.
fn free(db: &mut Db, (procedure_id, pool): (&str, &str)) -> QueryResult<i64> {
    let left: Option<i64> = seats::table
        .find((procedure_id, pool))
        .filter(seats::waiting.eq(0))
        .select(seats::capacity - seats::taken)
        .first(db)
        .optional()?;
    Ok(left.unwrap_or(0).max(0))
}

/// Gives back every seat an application holds; who waits for them moves up.
pub(super) fn release(tx: &mut Tx<'_>, application_id: &str, at: i64) -> QueryResult<()> {
    let procedure: Option<String> = held_seats::table
        .filter(held_seats::application_id.eq(application_id))
        .select(held_seats::procedure_id)
        .first(tx.db)
        .optional()?;
    let Some(procedure_id) = procedure else { return Ok(()) };
    lock(tx.db, &procedure_id)?;
    for seat in seats_of(tx.db, application_id)? {
        give_back(tx.db, &procedure_id, &seat)?;
    }
    diesel::delete(held_seats::table.filter(held_seats::application_id.eq(application_id)))
        .execute(tx.db)?;
    waiting::promote(tx, &procedure_id, at)
}
