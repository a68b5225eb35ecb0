//! Seats and the person's key that an application gave up: others may have them from then on (NF-49, NF-64).
//! They are remembered as long as the application is, so that it gets back what is still free when the
//! staff zone goes on with it after all.

use std::collections::BTreeMap;

use diesel::prelude::*;
use platform_store::{Tx, each_backend};

use super::seats::{self, Seat};
use crate::schema::{given_up_keys, given_up_seats, held_seats, once_keys};

/// What others have by now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Missing {
    /// Pools without a free seat.
    pub(super) seats: Vec<String>,
    /// The person applied again meanwhile (NF-64).
    pub(super) key: bool,
}

impl Missing {
    /// Short facts for the log.
    pub(super) fn facts(&self) -> String {
        let mut facts = Vec::new();
        if !self.seats.is_empty() {
            facts.push(format!("seats={}", self.seats.join(",")));
        }
        if self.key {
            facts.push("once=taken".to_owned());
        }
        facts.join(" ")
    }
}

/// Gives up what an application has; who waits for its seats moves up.
pub(super) fn give_up(tx: &mut Tx<'_>, id: &str, at: i64) -> QueryResult<()> {
    let held: Vec<(String, String, i64)> = held_seats::table
        .filter(held_seats::application_id.eq(id))
        .select((held_seats::procedure_id, held_seats::pool, held_seats::units))
        .load(tx.db)?;
    for (procedure, pool, units) in held {
        let row = (
            given_up_seats::application_id.eq(id),
            given_up_seats::procedure_id.eq(procedure),
            given_up_seats::pool.eq(pool),
            given_up_seats::units.eq(units),
        );
        each_backend!(tx.db, conn => diesel::insert_into(given_up_seats::table)
            .values(row).on_conflict_do_nothing().execute(conn))?;
    }
    let key: Option<(String, Vec<u8>, Option<i64>)> = once_keys::table
        .filter(once_keys::application_id.eq(id))
        .select((once_keys::procedure_id, once_keys::key_hash, once_keys::expires_at))
        .first(tx.db)
        .optional()?;
    if let Some((procedure, hash, until)) = key {
        let row = (
            given_up_keys::application_id.eq(id),
            given_up_keys::procedure_id.eq(procedure),
            given_up_keys::key_hash.eq(hash),
            given_up_keys::expires_at.eq(until),
        );
        each_backend!(tx.db, conn => diesel::insert_into(given_up_keys::table)
            .values(row).on_conflict_do_nothing().execute(conn))?;
    }
    seats::release(tx, id, at)?;
    diesel::delete(once_keys::table.filter(once_keys::application_id.eq(id))).execute(tx.db)?;
    Ok(())
}

/// Forgets what was given up: nobody goes on with the application.
pub(super) fn forget(tx: &mut Tx<'_>, id: &str) -> QueryResult<()> {
    diesel::delete(given_up_seats::table.filter(given_up_seats::application_id.eq(id)))
        .execute(tx.db)?;
    diesel::delete(given_up_keys::table.filter(given_up_keys::application_id.eq(id)))
        .execute(tx.db)?;
    Ok(())
}

/// Takes back what is free, each seat for itself, and passes nobody who waits; names what is not.
pub(super) fn take_back(tx: &mut Tx<'_>, id: &str, at: i64) -> QueryResult<Missing> {
    let mut missing = Missing::default();
    let wanted: Vec<(String, String, i64)> = given_up_seats::table
        .filter(given_up_seats::application_id.eq(id))
        .order(given_up_seats::pool)
        .select((given_up_seats::procedure_id, given_up_seats::pool, given_up_seats::units))
        .load(tx.db)?;
    if let Some((procedure, _, _)) = wanted.first() {
        seats::lock(tx.db, procedure)?;
    }
    let nothing = BTreeMap::new();
    for (procedure, pool, units) in wanted {
        let one = [Seat { pool, units }];
        match seats::take_all(tx, &procedure, &one, (&nothing, "", at))? {
            Ok(_) => seats::hold(tx, id, &procedure, &one)?,
            Err(short) => missing.seats.extend(short),
        }
    }
    missing.key = !key_back(tx, id, at)?;
    forget(tx, id)?;
    Ok(missing)
}

/// Enters the person's key again; `false` when another application has it. One whose time is over is
/// not entered.
fn key_back(tx: &mut Tx<'_>, id: &str, at: i64) -> QueryResult<bool> {
    let key: Option<(String, Vec<u8>, Option<i64>)> = given_up_keys::table
        .find(id)
        .select((given_up_keys::procedure_id, given_up_keys::key_hash, given_up_keys::expires_at))
        .first(tx.db)
        .optional()?;
    let Some((procedure, hash, until)) = key else { return Ok(true) };
    if until.is_some_and(|until| until <= at) {
        return Ok(true);
    }
    let over = once_keys::table.find((&procedure, &hash)).filter(once_keys::expires_at.le(at));
    diesel::delete(over).execute(tx.db)?;
    let row = (
        once_keys::procedure_id.eq(&procedure),
        once_keys::key_hash.eq(&hash),
        once_keys::application_id.eq(id),
        once_keys::expires_at.eq(until),
    );
    let entered = each_backend!(tx.db, conn => diesel::insert_into(once_keys::table)
        .values(row).on_conflict_do_nothing().execute(conn))?;
    Ok(entered == 1)
}
