//! 保存延長: an application that stays whatever the rules say, until somebody lifts it.

use diesel::prelude::*;
use platform_store::{Db, Tx, each_backend};

use crate::record::By;
use crate::schema::retention_holds as holds;

/// A hold.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = crate::schema::retention_holds)]
pub struct Hold {
    /// What stays.
    pub application_id: String,
    /// Why: a lawsuit, an appeal, an audit.
    pub reason: String,
    /// Since when, microseconds.
    pub at: i64,
    /// Who put it, staff id.
    pub staff_id: String,
    /// Their name.
    pub staff_name: String,
}

/// The hold on an application.
///
/// # Errors
/// When the database cannot be read.
pub fn of(db: &mut Db, application: &str) -> QueryResult<Option<Hold>> {
    holds::table.find(application).select(Hold::as_select()).first(db).optional()
}

/// Puts a hold on an application; `false` when there is one.
///
/// # Errors
/// When the database cannot be written.
pub fn put(tx: &mut Tx<'_>, by: &By, application: &str, reason: &str) -> QueryResult<bool> {
    let hold = Hold {
        application_id: application.to_owned(),
        reason: reason.to_owned(),
        at: by.at.as_microsecond(),
        staff_id: by.staff.clone(),
        staff_name: by.name.clone(),
    };
    let put = each_backend!(tx.db, conn => diesel::insert_into(holds::table)
        .values(&hold).on_conflict_do_nothing().execute(conn))?;
    if put == 1 {
        by.record(tx, "retention.hold_put", "application", application, reason);
    }
    Ok(put == 1)
}

/// Lifts the hold on an application; `false` when there is none.
///
/// # Errors
/// When the database cannot be written.
pub fn lift(tx: &mut Tx<'_>, by: &By, application: &str, reason: &str) -> QueryResult<bool> {
    let lifted = diesel::delete(holds::table.find(application)).execute(tx.db)?;
    if lifted == 1 {
        by.record(tx, "retention.hold_lifted", "application", application, reason);
    }
    Ok(lifted == 1)
}
