//! Failed tries. A try is charged before the secret is looked at and given back
//! when it was right, so tries sent at the same moment cannot pass together (A4).
//! Known and unknown names are charged alike, so the answer tells nothing (A3).

use diesel::prelude::*;
use domain::identity::{Attempts, Wait};
use jiff::Timestamp;
use platform_store::{Tx, each_backend, time};

use crate::schema::tries;

/// Charges a try at `now`. `Err` inside says until when to wait; nothing is
/// charged then. A charged try counts as failed until [`forgive`].
///
/// # Errors
/// When the database cannot be written.
pub fn charge(tx: &mut Tx<'_>, subject: &[u8], now: Timestamp) -> QueryResult<Result<(), Wait>> {
    let last = time::to_micros(now);
    // Whoever tries the same at the same moment waits here, and then reads what was charged.
    let row = (tries::subject.eq(subject), tries::failures.eq(0), tries::last_at.eq(last));
    let (failures, at): (i64, i64) = each_backend!(tx.db, conn => diesel::insert_into(tries::table)
        .values(row)
        .on_conflict(tries::subject)
        .do_update()
        .set(tries::failures.eq(tries::failures))
        .returning((tries::failures, tries::last_at))
        .get_result(conn))?;
    let before = Attempts {
        failures: u32::try_from(failures).unwrap_or(u32::MAX),
        last: (failures > 0).then(|| time::from_micros(at)),
    };
    if let Err(wait) = before.may_try(now) {
        return Ok(Err(wait));
    }
    let failures = i64::from(before.failed(now).failures);
    diesel::update(tries::table.find(subject))
        .set((tries::failures.eq(failures), tries::last_at.eq(last)))
        .execute(tx.db)?;
    Ok(Ok(()))
}

/// Forgets the failures of `subject`: the try was right.
///
/// # Errors
/// When the database cannot be written.
pub fn forgive(tx: &mut Tx<'_>, subject: &[u8]) -> QueryResult<()> {
    diesel::delete(tries::table.find(subject)).execute(tx.db)?;
    Ok(())
}

/// Counts one more of `subject`. `false`, and nothing is counted, when there were `limit` already:
/// one statement, so tries sent at the same moment cannot pass together.
///
/// # Errors
/// When the database cannot be written.
pub fn count_to(tx: &mut Tx<'_>, subject: &[u8], limit: i64, at: i64) -> QueryResult<bool> {
    let room = tries::table.find(subject).filter(tries::failures.lt(limit));
    let counted = diesel::update(room)
        .set((tries::failures.eq(tries::failures + 1), tries::last_at.eq(at)))
        .execute(tx.db)?;
    if counted == 1 {
        return Ok(true);
    }
    let row = (tries::subject.eq(subject), tries::failures.eq(1), tries::last_at.eq(at));
    let first = each_backend!(tx.db, conn => diesel::insert_into(tries::table)
        .values(row).on_conflict_do_nothing().execute(conn))?;
    Ok(first == 1)
}

/// Counts one more of each subject with its limit. `false`, and nothing is counted, when one of them
/// has no room.
///
/// # Errors
/// When the database cannot be written.
pub fn count_each(tx: &mut Tx<'_>, subjects: &[(Vec<u8>, i64)], at: i64) -> QueryResult<bool> {
    for (nth, (subject, limit)) in subjects.iter().enumerate() {
        if !count_to(tx, subject, *limit, at)? {
            for (counted, _) in &subjects[..nth] {
                give_back(tx, counted)?;
            }
            return Ok(false);
        }
    }
    Ok(true)
}

/// Takes one count of [`count_to`] back: it was no failure.
///
/// # Errors
/// When the database cannot be written.
pub fn give_back(tx: &mut Tx<'_>, subject: &[u8]) -> QueryResult<()> {
    diesel::update(tries::table.find(subject).filter(tries::failures.gt(0)))
        .set(tries::failures.eq(tries::failures - 1))
        .execute(tx.db)?;
    Ok(())
}

/// Deletes what was last charged before `before`; returns how many.
///
/// # Errors
/// When the database cannot be written.
pub fn sweep(tx: &mut Tx<'_>, before: i64) -> QueryResult<usize> {
    diesel::delete(tries::table.filter(tries::last_at.lt(before))).execute(tx.db)
}
