//! Applications that began in this zone: what staff entered from paper, phone and fax (IK-2.1.2a3), and
//! what they applied for themselves (NB-2.1). How each came in, what was taken against the rules of its
//! form, and their numbers.
//!
//! The citizens' zone knows none of them, so nothing about them is sent there.

use std::collections::BTreeMap;

use bridge_lanes::Leapt;
use diesel::prelude::*;
use domain::applications::{Channel, ReceiptNumber};
use domain::calendar::{date_in_japan, fiscal_year};
use jiff::Timestamp;
use platform_store::{Db, Tx};

use super::file;
use super::rows::Application;
use crate::schema::{desk_entries, desk_numbers, desk_overrides};

/// So much further go the numbers of a database that was set back: more than a desk enters between
/// two backups, and a thousandth of the range.
const LEAP: i64 = 100_000;
/// No leap goes out from behind this number: a zone that is started again and again while its lane is held
/// leaps each time, and the range ends at 100 million.
const LEAPS_END: i64 = 90_000_000;

/// How an application came in, when staff entered it. Times are microseconds.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = desk_entries)]
pub struct Entered {
    /// Which one.
    pub application_id: String,
    /// Key of the [`Channel`].
    pub channel: String,
    /// When.
    pub entered_at: i64,
    /// By whom; for [`Channel::Staff`] the applicant.
    pub staff_id: String,
    /// Their name.
    pub staff_name: String,
}

impl Entered {
    /// The way it came.
    #[must_use]
    pub fn channel(&self) -> Channel {
        Channel::inside(&self.channel).unwrap_or(Channel::Counter)
    }
}

/// An answer taken although the rules of the form do not.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = desk_overrides)]
pub struct Override {
    /// Of which application.
    pub application_id: String,
    /// Of which round of answers.
    pub round: i32,
    /// Which field.
    pub field: String,
    /// Why.
    pub reason: String,
    /// When.
    pub at: i64,
    /// By whom.
    pub staff_id: String,
    /// Their name.
    pub staff_name: String,
}

/// How an application came in; `None` when it came through the citizens' pages.
///
/// # Errors
/// When the database cannot be read.
pub fn of(db: &mut Db, application: &str) -> QueryResult<Option<Entered>> {
    desk_entries::table.find(application).select(Entered::as_select()).first(db).optional()
}

/// An application that this person made for an internal procedure; those of others look as if they were
/// not there (NB-2.1).
///
/// # Errors
/// When the database cannot be read.
pub fn own(db: &mut Db, staff: &str, application: &str) -> QueryResult<Option<Application>> {
    match of(db, application)? {
        Some(one) if one.staff_id == staff && one.channel() == Channel::Staff => {
            file::row(db, application)
        }
        Some(_) | None => Ok(None),
    }
}

/// What this person applied for as a member of staff, the newest first: `most` from the place `first`
/// on (NB-2.1).
///
/// # Errors
/// When the database cannot be read.
pub fn of_staff(
    db: &mut Db,
    staff: &str,
    (first, most): (i64, i64),
) -> QueryResult<Vec<Application>> {
    let ids: Vec<String> = desk_entries::table
        .filter(desk_entries::staff_id.eq(staff))
        .filter(desk_entries::channel.eq(Channel::Staff.key()))
        .order((desk_entries::entered_at.desc(), desk_entries::application_id.desc()))
        .offset(first)
        .limit(most)
        .select(desk_entries::application_id)
        .load(db)?;
    let mut rows = file::rows(db, &ids)?;
    rows.sort_by_cached_key(|row| ids.iter().position(|id| *id == row.id));
    Ok(rows)
}

/// What was taken against the rules, by round and field.
///
/// # Errors
/// When the database cannot be read.
pub fn overrides(db: &mut Db, application: &str) -> QueryResult<Vec<Override>> {
    desk_overrides::table
        .filter(desk_overrides::application_id.eq(application))
        .order((desk_overrides::round, desk_overrides::field))
        .select(Override::as_select())
        .load(db)
}

/// Whether the citizens' zone knows the application.
pub(crate) fn is_online(db: &mut Db, application: &str) -> QueryResult<bool> {
    let entered: i64 = desk_entries::table.find(application).count().get_result(db)?;
    Ok(entered == 0)
}

/// Notes how it came in.
pub(super) fn note(tx: &mut Tx<'_>, entered: &Entered) -> QueryResult<()> {
    diesel::insert_into(desk_entries::table).values(entered).execute(tx.db).map(drop)
}

/// Keeps the reasons of a round by field.
pub(super) fn keep_reasons(
    tx: &mut Tx<'_>,
    by: &crate::By,
    (application, round): (&str, i32),
    reasons: &BTreeMap<String, String>,
) -> QueryResult<()> {
    for (field, reason) in reasons {
        let row = Override {
            application_id: application.to_owned(),
            round,
            field: field.clone(),
            reason: reason.clone(),
            at: by.at.as_microsecond(),
            staff_id: by.staff.clone(),
            staff_name: by.name.clone(),
        };
        diesel::insert_into(desk_overrides::table).values(row).execute(tx.db)?;
        by.record(tx, "applications.overridden", "application", application, field);
    }
    Ok(())
}

/// The next number of the desk in a fiscal year, without gaps among committed ones. Those of trials are
/// counted apart, under the year with a minus.
pub(super) fn next_number(
    tx: &mut Tx<'_>,
    fiscal_year: i16,
    on_trial: bool,
) -> QueryResult<ReceiptNumber> {
    let year = i32::from(fiscal_year);
    let last = count_on(tx, if on_trial { -year } else { year }, 1)?;
    let n = u64::try_from(last).unwrap_or_default();
    let number = if on_trial {
        ReceiptNumber::on_trial_inside(fiscal_year, n)
    } else {
        ReceiptNumber::at_desk(fiscal_year, n)
    };
    number.ok_or(diesel::result::Error::RollbackTransaction)
}

/// Numbers of the desk go on far behind those that were given: in this fiscal year, and in the one
/// before, of which papers may still be entered. A database that was set back does not know what it
/// gave after its backup, and those numbers stand on papers of applicants (I14). `before` knows leaps that this
/// database may not: set back twice to one backup it goes behind what it gave in between.
pub(crate) fn leap(tx: &mut Tx<'_>, now: Timestamp, before: &Leapt) -> QueryResult<Leapt> {
    let mut leapt = Leapt::new();
    let year = fiscal_year(date_in_japan(now));
    for year in [year - 1, year].map(i32::from) {
        let name = format!("desk:{year}");
        let given = desk_numbers::table.find(year).select(desk_numbers::last);
        let given = given.first::<i64>(tx.db).optional()?.unwrap_or_default();
        let known = before.get(&name).copied().unwrap_or_default().max(given);
        let to = if known < LEAPS_END { known + LEAP } else { known };
        let last = count_on(tx, year, to - given)?;
        leapt.insert(name, last);
    }
    Ok(leapt)
}

/// Adds to the last number that is counted under a year, which is 0 before the first; gives the new one.
fn count_on(tx: &mut Tx<'_>, year: i32, by: i64) -> QueryResult<i64> {
    let row = desk_numbers::table.find(year);
    let known =
        diesel::update(row).set(desk_numbers::last.eq(desk_numbers::last + by)).execute(tx.db)?;
    if known == 0 {
        let first = (desk_numbers::fiscal_year.eq(year), desk_numbers::last.eq(by));
        diesel::insert_into(desk_numbers::table).values(first).execute(tx.db)?;
    }
    row.select(desk_numbers::last).first(tx.db)
}
