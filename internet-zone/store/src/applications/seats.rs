//! Seats: taken by one conditional statement, never by counting first (NF-49).

use std::collections::BTreeSet;

use diesel::prelude::*;
use platform_store::{Db, Tx};

use crate::schema::{held_seats, seats};

/// Takes one seat; `false` when none is left.
fn take(db: &mut Db, procedure_id: &str, pool: &str) -> QueryResult<bool> {
    let free = seats::table.find((procedure_id, pool)).filter(seats::taken.lt(seats::capacity));
    diesel::update(free).set(seats::taken.eq(seats::taken + 1)).execute(db).map(|n| n == 1)
}

fn give_back(db: &mut Db, procedure_id: &str, pool: &str) -> QueryResult<usize> {
    diesel::update(seats::table.find((procedure_id, pool)))
        .set(seats::taken.eq(seats::taken - 1))
        .execute(db)
}

/// Takes a seat of each pool, or none at all and names the full pool. The pools
/// are sorted, so two transactions cannot lock each other out.
pub(super) fn take_all(
    tx: &mut Tx<'_>,
    procedure_id: &str,
    pools: &[String],
) -> QueryResult<Result<(), String>> {
    for (taken, pool) in pools.iter().enumerate() {
        if take(tx.db, procedure_id, pool)? {
            continue;
        }
        for earlier in &pools[..taken] {
            give_back(tx.db, procedure_id, earlier)?;
        }
        return Ok(Err(pool.clone()));
    }
    Ok(Ok(()))
}

/// Gives seats back that were just taken, before the application exists.
pub(super) fn undo(tx: &mut Tx<'_>, procedure_id: &str, pools: &[String]) -> QueryResult<()> {
    for pool in pools {
        give_back(tx.db, procedure_id, pool)?;
    }
    Ok(())
}

/// Remembers which seats an application holds.
pub(super) fn hold(
    tx: &mut Tx<'_>,
    application_id: &str,
    procedure_id: &str,
    pools: &[String],
) -> QueryResult<()> {
    for pool in pools {
        diesel::insert_into(held_seats::table)
            .values((
                held_seats::application_id.eq(application_id),
                held_seats::procedure_id.eq(procedure_id),
                held_seats::pool.eq(pool),
            ))
            .execute(tx.db)?;
    }
    Ok(())
}

/// Pools of which an application holds a seat.
///
/// # Errors
/// When the database cannot be read.
pub fn held(db: &mut Db, application_id: &str) -> QueryResult<Vec<String>> {
    held_seats::table
        .filter(held_seats::application_id.eq(application_id))
        .order(held_seats::pool)
        .select(held_seats::pool)
        .load(db)
}

/// The seats a correction asks for: those of the fields it opened, and no others.
#[derive(Clone, Debug, Default)]
pub struct Reseated {
    /// Ids of the fields it opened.
    pub fields: BTreeSet<String>,
    /// Sorted pools their new answers claim.
    pub pools: Vec<String>,
}

/// Moves an application to other seats, or changes nothing and names the full pool.
pub(super) fn reseat(
    tx: &mut Tx<'_>,
    (application_id, procedure_id): (&str, &str),
    new: &Reseated,
) -> QueryResult<Result<(), String>> {
    let held = held(tx.db, application_id)?;
    let opened =
        |pool: &str| pool.split_once('.').is_some_and(|(field, _)| new.fields.contains(field));
    let fresh: Vec<String> =
        new.pools.iter().filter(|pool| opened(pool) && !held.contains(pool)).cloned().collect();
    if let Err(full) = take_all(tx, procedure_id, &fresh)? {
        return Ok(Err(full));
    }
    hold(tx, application_id, procedure_id, &fresh)?;
    for pool in held.iter().filter(|pool| opened(pool) && !new.pools.contains(pool)) {
        give_back(tx.db, procedure_id, pool)?;
        diesel::delete(
            held_seats::table
                .filter(held_seats::application_id.eq(application_id))
                .filter(held_seats::pool.eq(pool)),
        )
        .execute(tx.db)?;
    }
    Ok(Ok(()))
}

/// Gives back every seat an application holds.
pub(super) fn release(tx: &mut Tx<'_>, application_id: &str) -> QueryResult<()> {
    let held: Vec<(String, String)> = held_seats::table
        .filter(held_seats::application_id.eq(application_id))
        .order(held_seats::pool)
        .select((held_seats::procedure_id, held_seats::pool))
        .load(tx.db)?;
    for (procedure_id, pool) in &held {
        give_back(tx.db, procedure_id, pool)?;
    }
    diesel::delete(held_seats::table.filter(held_seats::application_id.eq(application_id)))
        .execute(tx.db)?;
    Ok(())
}
