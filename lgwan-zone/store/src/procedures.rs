//! Procedures: definitions brought in, revisions published (NF-10, NF-37).
//!
//! A published revision never changes; publishing again makes the next one.

use std::collections::BTreeSet;

use diesel::dsl::exists;
use diesel::prelude::*;
use domain::forms::{Answers, Compiled};
use domain::procedures::{TRIALS, is_trial};
use jiff::civil::Date;
use platform_store::{Db, Tx};

use crate::identity::{departments, reforms};
use crate::post::{self, Sealed};
use crate::record::By;
use crate::schema::{procedure_imports, procedure_revisions, procedures};
use crate::{designs, exports, proposals, trials};

/// A procedure as lists show it.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = crate::schema::procedures)]
pub struct Procedure {
    /// Identifier, the same in both zones.
    pub id: String,
    /// Last part of the citizens' address.
    pub slug: String,
    /// Title.
    pub title: String,
    /// Department that owns it.
    pub department_id: String,
    /// `published` or `closed`.
    pub state: String,
    /// Newest revision.
    pub revision: i32,
    /// Microseconds.
    pub created_at: i64,
    /// Microseconds.
    pub updated_at: i64,
}

/// One published revision.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = crate::schema::procedure_revisions)]
pub struct Revision {
    /// Whose.
    pub procedure_id: String,
    /// Number, from 1.
    pub revision: i32,
    /// Canonical JSON.
    pub document: String,
    /// Lower-case hex SHA-256 of `document`.
    pub sha256: String,
    /// Microseconds.
    pub published_at: i64,
    /// Staff id.
    pub published_by: String,
}

/// A definition that was brought in and is not published yet.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = crate::schema::procedure_imports)]
pub struct Import {
    /// Identifier.
    pub id: String,
    /// Name of the file it came from.
    pub file_name: String,
    /// The JSON text as it came.
    pub document: String,
    /// Microseconds.
    pub imported_at: i64,
    /// Staff id.
    pub imported_by: String,
}

/// A revision to publish, with the message to the citizens' zone.
#[derive(Clone, Debug)]
pub struct NewRevision {
    /// Identifier of the procedure.
    pub procedure_id: String,
    /// Address part.
    pub slug: String,
    /// Title.
    pub title: String,
    /// Owner.
    pub department_id: String,
    /// Must be the number after the newest one.
    pub revision: i32,
    /// Canonical JSON.
    pub document: String,
    /// Lower-case hex SHA-256 of `document`.
    pub sha256: String,
    /// Whether only staff find it, in this zone (NF-45).
    pub internal: bool,
    /// The publication, sealed.
    pub message: Sealed,
    /// The export job that goes with it: name and definition.
    pub job: Option<(String, String)>,
    /// Codes of what it asks for that a law guards; who publishes it says that they looked.
    pub guarded: Vec<&'static str>,
    /// The definition it was brought in as, if it was.
    pub import: Option<String>,
}

/// What came of a wish to publish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Published {
    /// It is on its way to the citizens.
    Done,
    /// The same person published these very words as this revision before; nothing changed.
    Before,
    /// Another procedure has this address.
    SlugTaken,
    /// Somebody published another revision in between.
    Overtaken,
    /// The procedure belongs to another department.
    OtherDepartment,
    /// Nobody else proposes these words, or no longer.
    NotProposed,
    /// It is not byte for byte what was tried before it was handed over.
    NotAsTried,
    /// There is no such department, or a reform abolished it (NB-6.5).
    NoDepartment,
}

/// Who looked at a revision before it goes out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Looked {
    /// One person is enough: by the setting, or because these words were released before.
    Once,
    /// Somebody else proposed it, as this definition that was brought in.
    Twice(String),
    /// One person against the setting, for a reason that stands in the log.
    Alone(String),
}

/// What came of a wish to close.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// Citizens can no longer apply.
    Done,
    /// It was closed before.
    Already,
    /// Somebody published another revision in between.
    Overtaken,
}

/// Procedures of these departments (all when `None`), by title; trials are none.
///
/// # Errors
/// When the database cannot be read.
pub fn list(db: &mut Db, departments: Option<&[String]>) -> QueryResult<Vec<Procedure>> {
    let all = procedures::table
        .filter(procedures::id.not_like(TRIALS))
        .order((procedures::title, procedures::id))
        .select(Procedure::as_select());
    match departments {
        None => all.load(db),
        Some(ids) => all.filter(procedures::department_id.eq_any(ids)).load(db),
    }
}

/// One procedure. A trial is none.
///
/// # Errors
/// When the database cannot be read.
pub fn find(db: &mut Db, id: &str) -> QueryResult<Option<Procedure>> {
    if is_trial(id) {
        return Ok(None);
    }
    used(db, id)
}

/// What an application is for: a procedure, or a trial of one.
///
/// # Errors
/// When the database cannot be read.
pub fn used(db: &mut Db, id: &str) -> QueryResult<Option<Procedure>> {
    procedures::table.find(id).select(Procedure::as_select()).first(db).optional()
}

/// Titles by id of what is applied for, trials too.
///
/// # Errors
/// When the database cannot be read.
pub fn titles<'a>(
    db: &mut Db,
    ids: impl Iterator<Item = &'a str>,
) -> QueryResult<Vec<(String, String)>> {
    let ids: BTreeSet<&str> = ids.collect();
    procedures::table
        .filter(procedures::id.eq_any(ids))
        .select((procedures::id, procedures::title))
        .load(db)
}

/// One revision.
///
/// # Errors
/// When the database cannot be read.
pub fn revision(db: &mut Db, id: &str, revision: i32) -> QueryResult<Option<Revision>> {
    procedure_revisions::table
        .find((id, revision))
        .select(Revision::as_select())
        .first(db)
        .optional()
}

/// Every revision of a procedure, newest first: `(number, sha256, at, staff id)`.
///
/// # Errors
/// When the database cannot be read.
pub fn revisions(db: &mut Db, id: &str) -> QueryResult<Vec<(i32, String, i64, String)>> {
    procedure_revisions::table
        .filter(procedure_revisions::procedure_id.eq(id))
        .order(procedure_revisions::revision.desc())
        .select((
            procedure_revisions::revision,
            procedure_revisions::sha256,
            procedure_revisions::published_at,
            procedure_revisions::published_by,
        ))
        .load(db)
}

/// Keeps a definition that was brought in, for the preview.
///
/// # Errors
/// When the database cannot be written.
pub fn import(tx: &mut Tx<'_>, by: &By, new: &Import) -> QueryResult<()> {
    diesel::insert_into(procedure_imports::table)
        .values((
            procedure_imports::id.eq(&new.id),
            procedure_imports::file_name.eq(&new.file_name),
            procedure_imports::document.eq(&new.document),
            procedure_imports::imported_at.eq(new.imported_at),
            procedure_imports::imported_by.eq(&new.imported_by),
        ))
        .execute(tx.db)?;
    by.record(tx, "procedures.imported", "import", &new.id, &new.file_name);
    Ok(())
}

/// A definition that was brought in.
///
/// # Errors
/// When the database cannot be read.
pub fn imported(db: &mut Db, id: &str) -> QueryResult<Option<Import>> {
    procedure_imports::table.find(id).select(Import::as_select()).first(db).optional()
}

/// Internal procedures of every department that are open, by title (NF-45).
///
/// # Errors
/// When the database cannot be read.
pub fn internal(db: &mut Db) -> QueryResult<Vec<Procedure>> {
    procedures::table
        .filter(procedures::internal.eq(true))
        .filter(procedures::state.eq("published"))
        .order((procedures::title, procedures::id))
        .select(Procedure::as_select())
        .load(db)
}

/// One internal procedure that is open, or the trial of one, which its identifier alone finds.
///
/// # Errors
/// When the database cannot be read.
pub fn inside(db: &mut Db, id: &str) -> QueryResult<Option<Procedure>> {
    let open = procedures::state.eq("published").or(procedures::id.like(TRIALS));
    procedures::table
        .find(id)
        .filter(procedures::internal.eq(true))
        .filter(open)
        .select(Procedure::as_select())
        .first(db)
        .optional()
}

/// Publishes the next revision of a procedure: row, message and audit record
/// stand or fall together. Whatever else was proposed for the procedure is void then.
///
/// # Errors
/// When the database cannot be written.
pub fn publish(
    tx: &mut Tx<'_>,
    by: &By,
    new: &NewRevision,
    looked: &Looked,
) -> QueryResult<Published> {
    let taken = procedures::table
        .filter(procedures::slug.eq(&new.slug))
        .filter(procedures::id.ne(&new.procedure_id))
        .count()
        .get_result::<i64>(tx.db)?;
    if taken > 0 {
        return Ok(Published::SlugTaken);
    }
    let known = find(tx.db, &new.procedure_id)?;
    if let Some(known) = &known
        && known.department_id != new.department_id
    {
        return Ok(Published::OtherDepartment);
    }
    if !departments::all(tx.db)?.iter().any(|one| one.id == new.department_id) {
        return Ok(Published::NoDepartment);
    }
    if let Some(known) = &known
        && is_again(tx.db, by, (known, new))?
    {
        return Ok(Published::Before);
    }
    if known.as_ref().map_or(0, |known| known.revision) + 1 != new.revision {
        return Ok(Published::Overtaken);
    }
    let tried = match &new.import {
        Some(import) => trials::promised(tx.db, import)?,
        None => None,
    };
    if tried.is_some_and(|sha256| sha256 != new.sha256) {
        return Ok(Published::NotAsTried);
    }
    let import = match looked {
        Looked::Twice(import) if !proposals::take(tx, by, import, &new.sha256)? => {
            return Ok(Published::NotProposed);
        }
        Looked::Twice(import) => import.as_str(),
        Looked::Once | Looked::Alone(_) => "",
    };
    proposals::void(tx, by, &new.procedure_id, import)?;
    put_procedure(tx, by, new, known.is_some())?;
    diesel::insert_into(procedure_revisions::table)
        .values((
            procedure_revisions::procedure_id.eq(&new.procedure_id),
            procedure_revisions::revision.eq(new.revision),
            procedure_revisions::document.eq(&new.document),
            procedure_revisions::sha256.eq(&new.sha256),
            procedure_revisions::published_at.eq(by.at.as_microsecond()),
            procedure_revisions::published_by.eq(&by.staff),
        ))
        .execute(tx.db)?;
    post::put(tx, &new.message, by.at)?;
    if let Some((name, definition)) = &new.job {
        exports::put_job(tx, by, name, definition)?;
    }
    designs::settle(tx, by, &new.procedure_id, (&new.sha256, new.revision))?;
    let mut detail = format!("revision {} {}", new.revision, new.sha256);
    if !new.guarded.is_empty() {
        detail = format!("{detail} guarded {}", new.guarded.join(","));
    }
    by.record(tx, "procedures.published", "procedure", &new.procedure_id, &detail);
    match looked {
        Looked::Once => {}
        Looked::Twice(import) => {
            let proposer = proposals::find(tx.db, import)?.map(|one| one.proposed_by);
            let detail = format!("proposed by staff:{}", proposer.unwrap_or_default());
            by.record(tx, "procedures.released", "procedure", &new.procedure_id, &detail);
        }
        Looked::Alone(reason) => {
            by.record(tx, "procedures.released_alone", "procedure", &new.procedure_id, reason);
        }
    }
    Ok(Published::Done)
}

/// Whether the button was pressed once more: this revision is the newest, and this person published it.
fn is_again(db: &mut Db, by: &By, (known, new): (&Procedure, &NewRevision)) -> QueryResult<bool> {
    if known.revision != new.revision || known.state != "published" {
        return Ok(false);
    }
    let before: Option<(String, String)> = procedure_revisions::table
        .find((&new.procedure_id, new.revision))
        .select((procedure_revisions::sha256, procedure_revisions::published_by))
        .first(db)
        .optional()?;
    Ok(before.is_some_and(|(sha256, person)| sha256 == new.sha256 && person == by.staff))
}

fn put_procedure(tx: &mut Tx<'_>, by: &By, new: &NewRevision, known: bool) -> QueryResult<()> {
    let now = by.at.as_microsecond();
    let facts = (
        procedures::slug.eq(&new.slug),
        procedures::title.eq(&new.title),
        procedures::state.eq("published"),
        procedures::revision.eq(new.revision),
        procedures::internal.eq(new.internal),
        procedures::updated_at.eq(now),
    );
    if known {
        diesel::update(procedures::table.find(&new.procedure_id)).set(facts).execute(tx.db)?;
    } else {
        let born = (
            procedures::id.eq(&new.procedure_id),
            procedures::department_id.eq(&new.department_id),
            procedures::created_at.eq(now),
        );
        diesel::insert_into(procedures::table).values((facts, born)).execute(tx.db)?;
    }
    Ok(())
}

/// Closes a procedure whose newest revision is the one that the message names: citizens can no longer apply.
///
/// # Errors
/// When the database cannot be written.
pub fn close(
    tx: &mut Tx<'_>,
    by: &By,
    (id, revision): (&str, i32),
    message: &Sealed,
) -> QueryResult<Closed> {
    let open = || procedures::table.find(id).filter(procedures::state.eq("published"));
    let closed = diesel::update(open().filter(procedures::revision.eq(revision)))
        .set((procedures::state.eq("closed"), procedures::updated_at.eq(by.at.as_microsecond())))
        .execute(tx.db)?;
    if closed == 0 {
        let open = diesel::select(exists(open())).get_result::<bool>(tx.db)?;
        return Ok(if open { Closed::Overtaken } else { Closed::Already });
    }
    post::put(tx, message, by.at)?;
    by.record(tx, "procedures.closed", "procedure", id, "");
    Ok(Closed::Done)
}

/// The department whose desk an application comes to (NF-48): by the answers, and by the procedure
/// when the answers lead to a department that is no more.
///
/// # Errors
/// When the database cannot be read.
pub fn desk_of(
    db: &mut Db,
    (row, form): (&Procedure, &Compiled),
    answers: &Answers,
    today: Date,
) -> QueryResult<String> {
    if form.procedure().routing.is_empty() {
        return Ok(row.department_id.clone());
    }
    let wanted = form.department(answers, today).as_str();
    // What was sent before a reform names the departments of then.
    let wanted = reforms::today(db, wanted, &row.id)?;
    let known = departments::all(db)?.into_iter().any(|one| one.id == wanted);
    Ok(if known { wanted } else { row.department_id.clone() })
}
