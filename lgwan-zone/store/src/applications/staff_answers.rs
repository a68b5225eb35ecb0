//! What staff noted in the questions of their own (IK-2.1.2a3): every version stays.

use diesel::prelude::*;
use platform_store::{Db, Tx, each_backend};

use super::steps::{self, Hop};
use crate::record::By;
use crate::schema::{applications, staff_answers};

/// One version. Times are microseconds.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = staff_answers)]
pub struct Version {
    /// Of which application.
    pub application_id: String,
    /// From 1.
    pub version: i32,
    /// JSON: input name to values, complete.
    pub answers: String,
    /// When.
    pub at: i64,
    /// By whom.
    pub staff_id: String,
    /// Their name.
    pub staff_name: String,
}

/// What came of a new version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Put {
    /// It is the newest now.
    Done,
    /// Somebody else was faster.
    Overtaken,
}

/// Every version of an application, the newest first.
///
/// # Errors
/// When the database cannot be read.
pub fn all(db: &mut Db, application: &str) -> QueryResult<Vec<Version>> {
    staff_answers::table
        .filter(staff_answers::application_id.eq(application))
        .order(staff_answers::version.desc())
        .select(Version::as_select())
        .load(db)
}

/// The newest version of each of some applications that has one.
///
/// # Errors
/// When the database cannot be read.
pub fn newest(db: &mut Db, applications: &[String]) -> QueryResult<Vec<Version>> {
    let mut all: Vec<Version> = staff_answers::table
        .filter(staff_answers::application_id.eq_any(applications))
        .order((staff_answers::application_id, staff_answers::version.desc()))
        .select(Version::as_select())
        .load(db)?;
    all.dedup_by(|one, before| one.application_id == before.application_id);
    Ok(all)
}

/// Adds a version behind the one that was seen; `changed` are the labels of what is different.
///
/// # Errors
/// When the database cannot be written.
pub fn put(tx: &mut Tx<'_>, by: &By, new: &Version, changed: &str) -> QueryResult<Put> {
    let newest = staff_answers::table
        .filter(staff_answers::application_id.eq(&new.application_id))
        .select(diesel::dsl::max(staff_answers::version))
        .first::<Option<i32>>(tx.db)?;
    if newest.unwrap_or(0) + 1 != new.version {
        return Ok(Put::Overtaken);
    }
    let put = each_backend!(tx.db, conn => diesel::insert_into(staff_answers::table)
        .values(new).on_conflict_do_nothing().execute(conn))?;
    if put == 0 {
        return Ok(Put::Overtaken);
    }
    let state = applications::table
        .find(&new.application_id)
        .select(applications::state)
        .first::<String>(tx.db)?;
    let hop = Hop {
        act: "staff_noted".to_owned(),
        actor: by.staff.clone(),
        actor_name: by.name.clone(),
        from: None,
        to: state,
        words: changed.to_owned(),
    };
    steps::remember(tx, &new.application_id, new.at, &hop)?;
    let detail = format!("version {}", new.version);
    by.record(tx, "applications.staff_noted", "application", &new.application_id, &detail);
    Ok(Put::Done)
}
