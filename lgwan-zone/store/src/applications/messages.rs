//! What applicants and staff write to each other about an application (NF-33).

use diesel::prelude::*;
use platform_store::{Db, Tx, each_backend};

use crate::post::{self, Sealed};
use crate::record::By;
use crate::schema::{applications, messages, messages_waiting, procedures};

/// Who wrote, for a message of the applicant.
pub const APPLICANT: &str = "applicant";
/// Who wrote, for one of somebody who acts for the applicant.
pub const DELEGATE: &str = "delegate";

/// One message.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = messages)]
pub struct Message {
    /// Identifier.
    pub id: String,
    /// The application.
    pub application_id: String,
    /// When, microseconds.
    pub at: i64,
    /// [`APPLICANT`], [`DELEGATE`], or the member of staff.
    pub writer: String,
    /// Name of the delegate or of the member of staff.
    pub writer_name: String,
    /// The words.
    pub words: String,
}

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// It is kept.
    Yes,
    /// It was there before; nothing changed.
    Before,
}

fn insert(tx: &mut Tx<'_>, new: &Message) -> QueryResult<Written> {
    let kept = each_backend!(tx.db, conn => diesel::insert_into(messages::table)
        .values(new).on_conflict_do_nothing().execute(conn))?;
    Ok(if kept == 1 { Written::Yes } else { Written::Before })
}

/// Keeps what an applicant wrote; the application waits for an answer from then on. The audit
/// record has the length, not the words.
///
/// # Errors
/// When the database cannot be written.
pub fn arrived(tx: &mut Tx<'_>, by: &By, new: &Message) -> QueryResult<Written> {
    if insert(tx, new)? == Written::Before {
        return Ok(Written::Before);
    }
    let row = (
        messages_waiting::application_id.eq(&new.application_id),
        messages_waiting::since.eq(new.at),
    );
    each_backend!(tx.db, conn => diesel::insert_into(messages_waiting::table)
        .values(row).on_conflict_do_nothing().execute(conn))?;
    noted(tx, by, "applications.message_arrived", new);
    Ok(Written::Yes)
}

/// Keeps what staff write and sends it; nothing waits for an answer any more.
///
/// # Errors
/// When the database cannot be written.
pub fn write(tx: &mut Tx<'_>, by: &By, new: &Message, sealed: &Sealed) -> QueryResult<Written> {
    if insert(tx, new)? == Written::Before {
        return Ok(Written::Before);
    }
    diesel::delete(messages_waiting::table.find(&new.application_id)).execute(tx.db)?;
    post::put(tx, sealed, by.at)?;
    noted(tx, by, "applications.message_written", new);
    Ok(Written::Yes)
}

fn noted(tx: &mut Tx<'_>, by: &By, act: &str, new: &Message) {
    let detail = format!("{} characters", new.words.chars().count());
    by.record(tx, act, "application", &new.application_id, &detail);
}

/// Notes that what was written needs no answer. `false` when nothing waited.
///
/// # Errors
/// When the database cannot be written.
pub fn settle(tx: &mut Tx<'_>, by: &By, application: &str) -> QueryResult<bool> {
    let gone = diesel::delete(messages_waiting::table.find(application)).execute(tx.db)?;
    if gone == 1 {
        by.record(tx, "applications.message_settled", "application", application, "");
    }
    Ok(gone == 1)
}

/// The messages of an application, oldest first, and whether it waits for an answer.
///
/// # Errors
/// When the database cannot be read.
pub fn of(db: &mut Db, application: &str) -> QueryResult<(Vec<Message>, bool)> {
    let all = messages::table
        .filter(messages::application_id.eq(application))
        .order((messages::at, messages::id))
        .select(Message::as_select())
        .load(db)?;
    let waits: i64 = messages_waiting::table.find(application).count().get_result(db)?;
    Ok((all, waits > 0))
}

/// An application about which somebody waits for an answer.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Waiting {
    /// The application.
    pub id: String,
    /// Its number.
    pub number: String,
    /// Title of the procedure.
    pub procedure: String,
    /// Since when, microseconds.
    pub since: i64,
}

/// Those of some departments, longest first.
///
/// # Errors
/// When the database cannot be read.
pub fn waiting(db: &mut Db, departments: &[String], limit: i64) -> QueryResult<Vec<Waiting>> {
    messages_waiting::table
        .inner_join(applications::table.on(applications::id.eq(messages_waiting::application_id)))
        .inner_join(procedures::table.on(procedures::id.eq(applications::procedure_id)))
        .filter(applications::department_id.eq_any(departments))
        .order((messages_waiting::since, applications::id))
        .limit(limit)
        .select((
            applications::id,
            applications::number,
            procedures::title,
            messages_waiting::since,
        ))
        .load(db)
}
