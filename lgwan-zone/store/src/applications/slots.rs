//! Days and times (日時の枠) that applications ask for: what the list is narrowed by.

use diesel::prelude::*;
use jiff::civil::Date;
use platform_store::{Db, Tx};

use super::inbox::Line;
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

/// What stands before and behind every time of a day.
pub(super) fn bounds(day: Date) -> (String, String) {
    (format!("{day}T"), format!("{day}U"))
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

/// Of these lines only those with a time of a day.
///
/// # Errors
/// When the database cannot be read.
pub fn retain(db: &mut Db, day: Date, lines: &mut Vec<Line>) -> QueryResult<()> {
    let ids: Vec<String> = lines.iter().map(|line| line.id.clone()).collect();
    let (from, until) = bounds(day);
    let mut there = on(db, &ids)?;
    there.retain(|(_, slot)| (from.as_str()..until.as_str()).contains(&slot.as_str()));
    lines.retain(|line| there.iter().any(|(id, _)| *id == line.id));
    Ok(())
}
