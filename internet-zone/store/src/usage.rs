//! How the pages are used, by day and procedure (NF-25, IK-2.1.3). Counts only: nothing here says
//! who it was.

use bridge_contract::messages::{UsageCount, UsageCounted};
use diesel::prelude::*;
use domain::ids::ProcedureId;
use domain::procedures::is_trial;
use platform_store::{Db, Tx, each_backend};

use crate::post::{self, Letter};
use crate::schema::usage_days;

pub use bridge_contract::messages::Usage;

/// What is counted: the day in Japan (ISO), the procedure (empty for none), what happened.
pub type Key = (String, String, Usage);

/// Adds to a count. Trials are counted nowhere.
///
/// # Errors
/// When the database cannot be written.
pub fn add(tx: &mut Tx<'_>, (day, procedure_id, what): &Key, times: u64) -> QueryResult<()> {
    if is_trial(procedure_id) {
        return Ok(());
    }
    let times = i64::try_from(times).unwrap_or(i64::MAX);
    let row = (
        usage_days::day.eq(day),
        usage_days::procedure_id.eq(procedure_id),
        usage_days::what.eq(what.word()),
        usage_days::counted.eq(times),
        usage_days::told.eq(0),
    );
    each_backend!(tx.db, conn => diesel::insert_into(usage_days::table)
        .values(row)
        .on_conflict((usage_days::day, usage_days::procedure_id, usage_days::what))
        .do_update()
        .set(usage_days::counted.eq(usage_days::counted + times))
        .execute(conn))?;
    Ok(())
}

/// Days of which the staff zone does not know everything, the oldest first.
///
/// # Errors
/// When the database cannot be read.
pub fn untold(db: &mut Db) -> QueryResult<Vec<String>> {
    usage_days::table
        .filter(usage_days::counted.gt(usage_days::told))
        .select(usage_days::day)
        .distinct()
        .order(usage_days::day)
        .load(db)
}

/// Everything that was counted on a day.
///
/// # Errors
/// When the database cannot be read, or holds something nobody counts.
pub fn counted(db: &mut Db, day: &str) -> QueryResult<UsageCounted> {
    let unknown = || diesel::result::Error::NotFound;
    let rows: Vec<(String, String, i64)> = usage_days::table
        .filter(usage_days::day.eq(day))
        .order((usage_days::procedure_id, usage_days::what))
        .select((usage_days::procedure_id, usage_days::what, usage_days::counted))
        .load(db)?;
    let count = |(procedure, what, count): (String, String, i64)| {
        let procedure_id = match procedure.as_str() {
            "" => None,
            id => Some(ProcedureId::parse(id).map_err(|_| unknown())?),
        };
        let what = Usage::from_word(&what).ok_or_else(unknown)?;
        Ok(UsageCount { procedure_id, what, count: u64::try_from(count).unwrap_or(0) })
    };
    let counts = rows.into_iter().map(count).collect::<QueryResult<_>>()?;
    Ok(UsageCounted { day: day.parse().map_err(|_| unknown())?, counts })
}

/// Tells the staff zone of a day: the letter and the mark that it was told, together. What was
/// counted since the letter was made is told by the next one.
///
/// # Errors
/// When the database cannot be written.
pub fn tell(tx: &mut Tx<'_>, told: &UsageCounted, letter: Letter, at: i64) -> QueryResult<()> {
    for count in &told.counts {
        let procedure_id = count.procedure_id.as_ref().map_or("", ProcedureId::as_str);
        let key = (told.day.to_string(), procedure_id, count.what.word());
        diesel::update(usage_days::table.find(key))
            .set(usage_days::told.eq(i64::try_from(count.count).unwrap_or(i64::MAX)))
            .execute(tx.db)?;
    }
    post::send(tx, letter, None, at)
}

/// Deletes days that were told long ago.
///
/// # Errors
/// When the database cannot be written.
pub fn forget(tx: &mut Tx<'_>, before: &str) -> QueryResult<usize> {
    let old = usage_days::table
        .filter(usage_days::day.lt(before))
        .filter(usage_days::counted.eq(usage_days::told));
    diesel::delete(old).execute(tx.db)
}
