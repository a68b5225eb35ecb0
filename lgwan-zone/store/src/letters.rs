//! Letters to staff that tell of no single arrival: they wait here from the transaction that
//! made them until the mail server took them, so none is lost and none is made twice.

use diesel::prelude::*;
use platform_service::clock::Clock;
use platform_service::ids;
use platform_store::{Db, Tx};

use crate::record::By;
use crate::schema::{daily_tasks, staff_letters as letters};

/// A letter whose time has come.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Due {
    /// Identifier; the same at every try, so that a mail server can tell.
    pub id: String,
    /// Who gets it.
    pub recipient: String,
    /// Subject.
    pub subject: String,
    /// Body.
    pub body: String,
    /// Tries so far.
    pub attempts: i32,
    /// When it was queued, microseconds.
    pub created_at: i64,
}

/// A letter to one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// Who gets it.
    pub recipient: String,
    /// Subject.
    pub subject: String,
    /// Body: nothing of an applicant.
    pub body: String,
}

/// Queues a letter of a kind.
///
/// # Errors
/// When the database cannot be written.
pub(crate) fn queue(
    tx: &mut Tx<'_>,
    clock: &Clock,
    kind: &str,
    letter: &Letter,
) -> QueryResult<()> {
    let now = clock.now().as_microsecond();
    diesel::insert_into(letters::table)
        .values((
            letters::id.eq(ids::new(clock)),
            letters::kind.eq(kind),
            letters::recipient.eq(&letter.recipient),
            letters::subject.eq(&letter.subject),
            letters::body.eq(&letter.body),
            letters::next_at.eq(now),
            letters::created_at.eq(now),
        ))
        .execute(tx.db)
        .map(drop)
}

/// Queues letters of a kind with the change they tell of.
///
/// # Errors
/// When the database cannot be written.
pub fn queue_all(tx: &mut Tx<'_>, clock: &Clock, kind: &str, all: &[Letter]) -> QueryResult<()> {
    for letter in all {
        queue(tx, clock, kind, letter)?;
    }
    Ok(())
}

/// Letters to send now, oldest first.
///
/// # Errors
/// When the database cannot be read.
pub fn due(db: &mut Db, now: i64, limit: i64) -> QueryResult<Vec<Due>> {
    letters::table
        .filter(letters::next_at.le(now))
        .order(letters::next_at)
        .limit(limit)
        .select((
            letters::id,
            letters::recipient,
            letters::subject,
            letters::body,
            letters::attempts,
            letters::created_at,
        ))
        .load(db)
}

/// Takes a letter for sending until `until`. `false` when another sender has it.
///
/// # Errors
/// When the database cannot be written.
pub fn lease(tx: &mut Tx<'_>, id: &str, now: i64, until: i64) -> QueryResult<bool> {
    diesel::update(letters::table.find(id).filter(letters::next_at.le(now)))
        .set((letters::next_at.eq(until), letters::attempts.eq(letters::attempts + 1)))
        .execute(tx.db)
        .map(|changed| changed == 1)
}

/// Forgets a letter that was sent or given up.
///
/// # Errors
/// When the database cannot be written.
pub fn forget(tx: &mut Tx<'_>, id: &str) -> QueryResult<()> {
    diesel::delete(letters::table.find(id)).execute(tx.db).map(drop)
}

/// Puts a letter off until `next_at`; `why` is the server's answer without addresses.
///
/// # Errors
/// When the database cannot be written.
pub fn put_off(tx: &mut Tx<'_>, id: &str, next_at: i64, why: &str) -> QueryResult<()> {
    diesel::update(letters::table.find(id))
        .set((letters::next_at.eq(next_at), letters::last_error.eq(Some(why))))
        .execute(tx.db)
        .map(drop)
}

/// Letters that wait, for the metrics.
///
/// # Errors
/// When the database cannot be read.
pub fn waiting(db: &mut Db) -> QueryResult<i64> {
    letters::table.count().get_result(db)
}

/// The day a daily task was done for last, ISO; empty before the first time.
///
/// # Errors
/// When the database cannot be read.
pub fn done_for(db: &mut Db, task: &str) -> QueryResult<String> {
    daily_tasks::table.find(task).select(daily_tasks::day).first(db)
}

/// Takes a day of a daily task; `false` when it was taken before. What the task makes goes into
/// the same transaction, so it is made once, whatever restarts.
///
/// # Errors
/// When the database cannot be written.
fn take_day(tx: &mut Tx<'_>, task: &str, day: &str) -> QueryResult<bool> {
    diesel::update(daily_tasks::table.find(task).filter(daily_tasks::day.lt(day)))
        .set(daily_tasks::day.eq(day))
        .execute(tx.db)
        .map(|changed| changed == 1)
}

/// Queues the letters of a day, all of them or none, with the record `act`; `false` when the task
/// was done for that day before.
///
/// # Errors
/// When the database cannot be written.
pub fn queue_day(
    tx: &mut Tx<'_>,
    clock: &Clock,
    (task, act): (&str, &str),
    day: &str,
    all: &[Letter],
) -> QueryResult<bool> {
    if !take_day(tx, task, day)? {
        return Ok(false);
    }
    queue_all(tx, clock, task, all)?;
    By::system(clock.now()).record(tx, act, "letters", day, &all.len().to_string());
    Ok(true)
}
