//! Days and times (日時の枠) that applications ask for: what the list is narrowed by.

use diesel::prelude::*;
use jiff::civil::Date;
use platform_store::{Db, Tx};

use crate::schema::application_slots;

/// Keeps the days and times of an application, in place of earlier ones.
pub(super) fn keep(tx: &mut Tx<'_>, application: &str, slots: &[String]) -> QueryResult<()> {
    let own = application_slots::table.filter(application_slots::application_id.eq(application));
    diesel::delete(own).execute(tx.db)?;
    let mut slots = slots.to_vec();
    slots.sort_unstable();
    slots.dedup();
    for slot in slots {
        diesel::insert_into(application_slots::table)
            .values((
                application_slots::application_id.eq(application),
                application_slots::slot.eq(slot),
            ))
            .execute(tx.db)?;
    }
    Ok(())
}

/// The applications with a time of a day, sorted.
pub(super) fn of_day(db: &mut Db, day: Date) -> QueryResult<Vec<String>> {
    let mut ids: Vec<String> = application_slots::table
        .filter(application_slots::slot.ge(format!("{day}T")))
        .filter(application_slots::slot.lt(format!("{day}U")))
        .select(application_slots::application_id)
        .load(db)?;
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}

/// The days and times of these applications: application, `2026-12-01T09:30`; earliest first.
///
/// # Errors
/// When the database cannot be read.
pub fn on(db: &mut Db, applications: &[String]) -> QueryResult<Vec<(String, String)>> {
    application_slots::table
        .filter(application_slots::application_id.eq_any(applications))
        .order((application_slots::slot, application_slots::application_id))
        .select((application_slots::application_id, application_slots::slot))
        .load(db)
}
