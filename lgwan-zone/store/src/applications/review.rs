//! 審査の確認項目: what staff found at each point, version by version; the newest counts (NF-33).

use std::collections::BTreeMap;

use diesel::prelude::*;
use domain::applications::Mark;
use platform_store::{Db, Tx, each_backend};

use super::rows::Application;
use super::steps::{self, Hop};
use crate::record::By;
use crate::schema::{applications, review_marks};

/// Longest note in characters.
pub const LONGEST_NOTE: usize = 500;

/// What was found at a point.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = review_marks)]
pub struct Found {
    /// Of which application.
    pub application_id: String,
    /// Key of the point in the procedure.
    pub point: String,
    /// From 1.
    pub version: i32,
    /// The round of answers that was looked at.
    pub round: i32,
    /// Key of [`Mark`].
    pub mark: String,
    /// What was written beside it; may be empty.
    pub note: String,
    /// When, microseconds.
    pub at: i64,
    /// Who, staff id.
    pub staff_id: String,
    /// Their name.
    pub staff_name: String,
}

/// A point as somebody marks it now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marked {
    /// Key of the point in the procedure.
    pub point: String,
    /// What the point says, for the history.
    pub title: String,
    /// The newest version that was seen, 0 for none.
    pub seen: i32,
    /// What was found.
    pub mark: Mark,
    /// What is written beside it.
    pub note: String,
}

/// What came of marking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    /// Everything is kept.
    Done,
    /// Somebody else marked these points in between; nothing is kept.
    Overtaken(Vec<String>),
}

/// Every version of every point, by point, the newest first.
///
/// # Errors
/// When the database cannot be read.
pub fn all(db: &mut Db, application: &str) -> QueryResult<BTreeMap<String, Vec<Found>>> {
    let rows: Vec<Found> = review_marks::table
        .filter(review_marks::application_id.eq(application))
        .order((review_marks::point, review_marks::version.desc()))
        .select(Found::as_select())
        .load(db)?;
    let mut all: BTreeMap<String, Vec<Found>> = BTreeMap::new();
    for row in rows {
        all.entry(row.point.clone()).or_default().push(row);
    }
    Ok(all)
}

/// Points that are marked.
///
/// # Errors
/// When the database cannot be read.
pub fn marked(db: &mut Db, application: &str) -> QueryResult<Vec<String>> {
    review_marks::table
        .filter(review_marks::application_id.eq(application))
        .select(review_marks::point)
        .distinct()
        .load(db)
}

/// Marks points on the answers of a round, all of them or none.
///
/// # Errors
/// When the database cannot be written.
pub fn mark(
    tx: &mut Tx<'_>,
    by: &By,
    (row, round): (&Application, i32),
    new: &[Marked],
) -> QueryResult<Kept> {
    let before = all(tx.db, &row.id)?;
    let newest = |point: &str| {
        before.get(point).and_then(|all| all.first()).map_or(0, |found| found.version)
    };
    let overtaken = |one: &&Marked| newest(&one.point) != one.seen;
    let titles: Vec<String> = new.iter().filter(overtaken).map(|one| one.title.clone()).collect();
    if !titles.is_empty() {
        return Ok(Kept::Overtaken(titles));
    }
    for one in new {
        let found = Found {
            application_id: row.id.clone(),
            point: one.point.clone(),
            version: one.seen + 1,
            round,
            mark: one.mark.key().to_owned(),
            note: one.note.clone(),
            at: by.at.as_microsecond(),
            staff_id: by.staff.clone(),
            staff_name: by.name.clone(),
        };
        let kept = each_backend!(tx.db, conn => diesel::insert_into(review_marks::table)
            .values(&found).on_conflict_do_nothing().execute(conn))?;
        if kept == 0 {
            return Err(diesel::result::Error::RollbackTransaction);
        }
    }
    if new.is_empty() {
        return Ok(Kept::Done);
    }
    let state: String =
        applications::table.find(&row.id).select(applications::state).first(tx.db)?;
    let titles: Vec<&str> = new.iter().map(|one| one.title.as_str()).collect();
    let hop = Hop {
        act: "reviewed".to_owned(),
        actor: by.staff.clone(),
        actor_name: by.name.clone(),
        from: None,
        to: state,
        words: titles.join("\n"),
    };
    steps::remember(tx, &row.id, by.at.as_microsecond(), &hop)?;
    let marks: Vec<String> =
        new.iter().map(|one| format!("{}={}", one.point, one.mark.key())).collect();
    by.record(tx, "applications.reviewed", "application", &row.id, &marks.join(" "));
    Ok(Kept::Done)
}

/// Whether every point a step needs is marked.
pub(super) fn allow(db: &mut Db, application: &str, needs: &[String]) -> QueryResult<bool> {
    if needs.is_empty() {
        return Ok(true);
    }
    let marked = marked(db, application)?;
    Ok(needs.iter().all(|point| marked.contains(point)))
}
