//! Seats kept for a draft until it is sent or its time is over. They count as
//! taken, so whoever sees a free seat can take it (NF-49).

use std::collections::BTreeMap;

use diesel::prelude::*;
use platform_store::{Db, Tx};

use super::seats::{self, Seat};
use super::waiting;
use crate::schema::seat_holds;

/// Seats of a pool to keep for a draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// The seats.
    pub seat: Seat,
    /// Microseconds; free for others from then on.
    pub until: i64,
}

/// A hold of a draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    /// The seats.
    pub seat: Seat,
    /// Microseconds; free for others from then on.
    pub until: i64,
}

/// The holds of a draft, those whose time is over included.
///
/// # Errors
/// When the database cannot be read.
pub fn of(db: &mut Db, draft_id: &str) -> QueryResult<Vec<Hold>> {
    let rows: Vec<(String, i64, i64)> = seat_holds::table
        .filter(seat_holds::draft_id.eq(draft_id))
        .order(seat_holds::pool)
        .select((seat_holds::pool, seat_holds::units, seat_holds::expires_at))
        .load(db)?;
    let hold = |(pool, units, until)| Hold { seat: Seat { pool, units }, until };
    Ok(rows.into_iter().map(hold).collect())
}

/// Seats taken for a draft already, by pool.
pub(super) fn kept(db: &mut Db, draft_id: &str) -> QueryResult<BTreeMap<String, i64>> {
    Ok(of(db, draft_id)?.into_iter().map(|hold| (hold.seat.pool, hold.seat.units)).collect())
}

/// Keeps seats for a draft and gives those back that it wants no more. A hold runs
/// from its first moment: saving again makes it no longer while it lasts. What is
/// full is not kept, and who wants more of it than there is keeps what they have;
/// sending tells.
///
/// # Errors
/// When the database cannot be written.
pub fn keep(
    tx: &mut Tx<'_>,
    (draft_id, procedure_id): (&str, &str),
    wishes: &[Wish],
    now: i64,
) -> QueryResult<()> {
    seats::lock(tx.db, procedure_id)?;
    let before = of(tx.db, draft_id)?;
    let mut gave_back = false;
    for hold in &before {
        let wish = wishes.iter().find(|wish| wish.seat.pool == hold.seat.pool);
        let surplus = hold.seat.units - wish.map_or(0, |wish| wish.seat.units);
        if surplus <= 0 {
            continue;
        }
        let seat = Seat { units: surplus, ..hold.seat.clone() };
        seats::give_back(tx.db, procedure_id, &seat)?;
        match wish {
            Some(wish) => weigh(tx.db, draft_id, &wish.seat)?,
            None => delete(tx.db, draft_id, &hold.seat.pool)?,
        };
        gave_back = true;
    }
    for wish in wishes {
        match before.iter().find(|hold| hold.seat.pool == wish.seat.pool) {
            Some(hold) => lengthen(tx, (draft_id, procedure_id), (hold, wish), now)?,
            None => take(tx, (draft_id, procedure_id), wish, now)?,
        }
    }
    if gave_back {
        waiting::promote(tx, procedure_id, now)?;
    }
    Ok(())
}

fn take(
    tx: &mut Tx<'_>,
    (draft_id, procedure_id): (&str, &str),
    wish: &Wish,
    now: i64,
) -> QueryResult<()> {
    let seat = std::slice::from_ref(&wish.seat);
    let none = BTreeMap::new();
    if seats::take_all(tx, procedure_id, seat, (&none, draft_id, now))?.is_err() {
        return Ok(());
    }
    diesel::insert_into(seat_holds::table)
        .values((
            seat_holds::draft_id.eq(draft_id),
            seat_holds::procedure_id.eq(procedure_id),
            seat_holds::pool.eq(&wish.seat.pool),
            seat_holds::units.eq(wish.seat.units),
            seat_holds::expires_at.eq(wish.until),
        ))
        .execute(tx.db)?;
    Ok(())
}

/// Keeps what is kept already for longer when its time is over, and adds what is wanted beyond it.
fn lengthen(
    tx: &mut Tx<'_>,
    (draft_id, procedure_id): (&str, &str),
    (hold, wish): (&Hold, &Wish),
    now: i64,
) -> QueryResult<()> {
    if hold.until <= now {
        diesel::update(seat_holds::table.find((draft_id, &wish.seat.pool)))
            .set(seat_holds::expires_at.eq(wish.until))
            .execute(tx.db)?;
    }
    let units = wish.seat.units - hold.seat.units;
    if units <= 0 {
        return Ok(());
    }
    let more = [Seat { units, ..wish.seat.clone() }];
    let none = BTreeMap::new();
    if seats::take_all(tx, procedure_id, &more, (&none, draft_id, now))?.is_ok() {
        weigh(tx.db, draft_id, &wish.seat)?;
    }
    Ok(())
}

/// Sets how many seats of a pool are kept for a draft.
fn weigh(db: &mut Db, draft_id: &str, seat: &Seat) -> QueryResult<usize> {
    diesel::update(seat_holds::table.find((draft_id, &seat.pool)))
        .set(seat_holds::units.eq(seat.units))
        .execute(db)
}

fn delete(db: &mut Db, draft_id: &str, pool: &str) -> QueryResult<usize> {
    diesel::delete(seat_holds::table.find((draft_id, pool))).execute(db)
}

/// Turns the holds of a draft into seats of its application: what it does not
/// need is given back; whether there was any.
pub(super) fn consume(
    tx: &mut Tx<'_>,
    (draft_id, procedure_id): (&str, &str),
    wanted: &[Seat],
) -> QueryResult<bool> {
    let mut gave_back = false;
    for hold in of(tx.db, draft_id)? {
        let needed = wanted.iter().find(|seat| seat.pool == hold.seat.pool);
        let surplus = hold.seat.units - needed.map_or(0, |seat| seat.units);
        if surplus > 0 {
            let seat = Seat { units: surplus, ..hold.seat.clone() };
            seats::give_back(tx.db, procedure_id, &seat)?;
            gave_back = true;
        }
        delete(tx.db, draft_id, &hold.seat.pool)?;
    }
    Ok(gave_back)
}

/// Gives back everything kept for a draft that goes.
pub(super) fn drop_of(tx: &mut Tx<'_>, draft_id: &str, now: i64) -> QueryResult<()> {
    let procedure: Option<String> = seat_holds::table
        .filter(seat_holds::draft_id.eq(draft_id))
        .select(seat_holds::procedure_id)
        .first(tx.db)
        .optional()?;
    let Some(procedure_id) = procedure else { return Ok(()) };
    keep(tx, (draft_id, &procedure_id), &[], now)
}

/// Frees what other drafts kept too long in a pool; `false` when there is nothing.
pub(super) fn release_expired(
    tx: &mut Tx<'_>,
    (procedure_id, pool): (&str, &str),
    draft_id: &str,
    now: i64,
) -> QueryResult<bool> {
    let over: Vec<(String, i64)> = seat_holds::table
        .filter(seat_holds::procedure_id.eq(procedure_id))
        .filter(seat_holds::pool.eq(pool))
        .filter(seat_holds::expires_at.le(now))
        .filter(seat_holds::draft_id.ne(draft_id))
        .select((seat_holds::draft_id, seat_holds::units))
        .load(tx.db)?;
    for (draft, units) in &over {
        delete(tx.db, draft, pool)?;
        let seat = Seat { pool: pool.to_owned(), units: *units };
        seats::give_back(tx.db, procedure_id, &seat)?;
    }
    Ok(!over.is_empty())
}

/// A procedure and pool in which somebody kept seats too long.
///
/// # Errors
/// When the database cannot be read.
pub fn expired(db: &mut Db, now: i64) -> QueryResult<Option<(String, String)>> {
    seat_holds::table
        .filter(seat_holds::expires_at.le(now))
        .order(seat_holds::expires_at)
        .select((seat_holds::procedure_id, seat_holds::pool))
        .first(db)
        .optional()
}

/// Frees what was kept too long in a pool; who waits for it moves up.
///
/// # Errors
/// When the database cannot be written.
pub fn expire(tx: &mut Tx<'_>, (procedure_id, pool): (&str, &str), now: i64) -> QueryResult<()> {
    seats::lock(tx.db, procedure_id)?;
    release_expired(tx, (procedure_id, pool), "", now)?;
    waiting::promote(tx, procedure_id, now)
}
