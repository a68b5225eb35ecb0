//! How forms are filled in, by day, procedure and page (NF-25). Counts only: nothing here says who it
//! was, or on what exactly.

use bridge_contract::messages::{FillingCount, FillingCounted};
use diesel::prelude::*;
use domain::ids::ProcedureId;
use domain::procedures::is_trial;
use platform_store::{Db, Tx, each_backend};

use crate::post::{self, Letter};
use crate::schema::filling_days;

pub use bridge_contract::messages::Filling;

/// The page behind the last one, on which everything is looked through and sent.
pub const CHECK: &str = "_check";

/// Counts of one message.
const MOST: i64 = 5_000;

/// What is counted: the day in Japan (ISO), the procedure, the page (empty for the whole form), what
/// happened.
pub type Key = (String, String, String, Filling);

/// Adds to a count. Trials are counted nowhere.
///
/// # Errors
/// When the database cannot be written.
pub fn add(tx: &mut Tx<'_>, (day, procedure_id, page, what): &Key, times: u64) -> QueryResult<()> {
    if is_trial(procedure_id) {
        return Ok(());
    }
    let times = i64::try_from(times).unwrap_or(i64::MAX);
    let row = (
        filling_days::day.eq(day),
        filling_days::procedure_id.eq(procedure_id),
        filling_days::page.eq(page),
        filling_days::what.eq(what.word()),
        filling_days::counted.eq(times),
        filling_days::told.eq(0),
    );
    let known =
        (filling_days::day, filling_days::procedure_id, filling_days::page, filling_days::what);
    each_backend!(tx.db, conn => diesel::insert_into(filling_days::table)
        .values(row)
        .on_conflict(known)
        .do_update()
        .set(filling_days::counted.eq(filling_days::counted + times))
        .execute(conn))?;
    Ok(())
}

/// What the staff zone does not know of the oldest day of which it does not know everything; not more
/// than a message holds.
///
/// # Errors
/// When the database cannot be read, or holds something nobody counts.
pub fn untold(db: &mut Db) -> QueryResult<Option<FillingCounted>> {
    let unknown = || diesel::result::Error::NotFound;
    let rows: Vec<(String, String, String, String, i64)> = filling_days::table
        .filter(filling_days::counted.gt(filling_days::told))
        .order((
            filling_days::day,
            filling_days::procedure_id,
            filling_days::page,
            filling_days::what,
        ))
        .limit(MOST)
        .select((
            filling_days::day,
            filling_days::procedure_id,
            filling_days::page,
            filling_days::what,
            filling_days::counted,
        ))
        .load(db)?;
    let Some(day) = rows.first().map(|(day, ..)| day.clone()) else { return Ok(None) };
    let of_day = rows.into_iter().filter(|(of, ..)| *of == day);
    let count = |(_, procedure, page, what, count): (String, String, String, String, i64)| {
        Ok(FillingCount {
            procedure_id: ProcedureId::parse(&procedure).map_err(|_| unknown())?,
            page,
            what: Filling::from_word(&what).ok_or_else(unknown)?,
            count: u64::try_from(count).unwrap_or(0),
        })
    };
    let counts = of_day.map(count).collect::<QueryResult<_>>()?;
    Ok(Some(FillingCounted { day: day.parse().map_err(|_| unknown())?, counts }))
}

/// Tells the staff zone: the letter and the mark that it was told, together. What was counted since the
/// letter was made is told by the next one.
///
/// # Errors
/// When the database cannot be written.
pub fn tell(tx: &mut Tx<'_>, told: &FillingCounted, letter: Letter, at: i64) -> QueryResult<()> {
    let day = told.day.to_string();
    for one in &told.counts {
        let key = (&day, one.procedure_id.as_str(), &one.page, one.what.word());
        diesel::update(filling_days::table.find(key))
            .set(filling_days::told.eq(i64::try_from(one.count).unwrap_or(i64::MAX)))
            .execute(tx.db)?;
    }
    post::send(tx, letter, None, at)
}

/// Deletes days that were told long ago.
///
/// # Errors
/// When the database cannot be written.
pub fn forget(tx: &mut Tx<'_>, before: &str) -> QueryResult<usize> {
    let old = filling_days::table
        .filter(filling_days::day.lt(before))
        .filter(filling_days::counted.eq(filling_days::told));
    diesel::delete(old).execute(tx.db)
}
