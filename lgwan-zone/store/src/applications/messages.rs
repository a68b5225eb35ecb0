//! What applicants and staff write to each other about an application (NF-33).

use std::collections::BTreeMap;

use diesel::prelude::*;
use domain::procedures::TRIALS;
use platform_store::{Db, Tx, each_backend};

use super::over::ends;
use super::rows::{Attachment, Document};
use crate::post::{self, Sealed};
use crate::record::By;
use crate::schema::{
    application_attachments, applications, issued_documents, messages, procedures,
};

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
    /// How many files belong to it; those of an applicant come behind it.
    pub files: i32,
}

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// It is kept.
    Yes,
    /// It was there before; nothing changed.
    Before,
    /// Others wrote in between; nothing is kept.
    Overtaken,
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
    let silent = applications::table.find(&new.application_id);
    diesel::update(silent.filter(applications::asked_since.is_null()))
        .set(applications::asked_since.eq(new.at))
        .execute(tx.db)?;
    touched(tx, by, &new.application_id)?;
    noted(tx, by, "applications.message_arrived", new);
    Ok(Written::Yes)
}

/// Whether there is such a message about this application.
///
/// # Errors
/// When the database cannot be read.
pub fn is_about(db: &mut Db, message: &str, application: &str) -> QueryResult<bool> {
    let found = messages::table.find(message).filter(messages::application_id.eq(application));
    Ok(found.count().get_result::<i64>(db)? == 1)
}

/// Keeps the files of what an applicant wrote, rebuilt or held, and tells the applicant of the held.
///
/// # Errors
/// When the database cannot be written.
pub fn files_arrived(
    tx: &mut Tx<'_>,
    by: &By,
    application: &str,
    files: &[Attachment],
    told: &[Sealed],
) -> QueryResult<Written> {
    let ids: Vec<&String> = files.iter().map(|file| &file.id).collect();
    let known = application_attachments::table.filter(application_attachments::id.eq_any(ids));
    if known.count().get_result::<i64>(tx.db)? > 0 {
        return Ok(Written::Before);
    }
    for file in files {
        diesel::insert_into(application_attachments::table).values(file).execute(tx.db)?;
    }
    for message in told {
        post::put(tx, message, by.at)?;
    }
    touched(tx, by, application)?;
    let held = files.iter().filter(|file| file.outcome == "held").count();
    let detail = format!("files={} held={held}", files.len());
    by.record(tx, "applications.message_files", "application", application, &detail);
    Ok(Written::Yes)
}

/// Keeps what staff write, with the documents that go with it, and sends all; nothing waits for an
/// answer any more. `heard` is how many messages the writer had seen: when there are more, nothing is
/// kept.
///
/// # Errors
/// When the database cannot be written.
pub fn write(
    tx: &mut Tx<'_>,
    by: &By,
    (new, documents): (&Message, &[Document]),
    sealed: &[Sealed],
    heard: Option<i64>,
) -> QueryResult<Written> {
    if let Some(heard) = heard {
        let known = messages::table.find(&new.id).count().get_result::<i64>(tx.db)? == 1;
        let about = messages::table.filter(messages::application_id.eq(&new.application_id));
        if !known && about.count().get_result::<i64>(tx.db)? != heard {
            return Ok(Written::Overtaken);
        }
    }
    if insert(tx, new)? == Written::Before {
        return Ok(Written::Before);
    }
    answered(tx, &new.application_id)?;
    for document in documents {
        diesel::insert_into(issued_documents::table).values(document).execute(tx.db)?;
        by.record(tx, "documents.sent", "document", &document.id, &document.sha256);
    }
    for message in sealed {
        post::put(tx, message, by.at)?;
    }
    touched(tx, by, &new.application_id)?;
    noted(tx, by, "applications.message_written", new);
    Ok(Written::Yes)
}

/// Keeps and sends what the office tells the applicant along with something it did: whoever waits for an
/// answer goes on waiting.
pub(super) fn tell(tx: &mut Tx<'_>, by: &By, new: &Message, sealed: &Sealed) -> QueryResult<()> {
    if insert(tx, new)? == Written::Yes {
        post::put(tx, sealed, by.at)?;
        touched(tx, by, &new.application_id)?;
        noted(tx, by, "applications.message_written", new);
    }
    Ok(())
}

/// Business systems that ask what changed hear of it. The version stays: no step was taken. What is
/// over stays as it ended: how long it is kept counts from then.
fn touched(tx: &mut Tx<'_>, by: &By, application: &str) -> QueryResult<()> {
    let live = applications::table.find(application).filter(applications::state.ne_all(ends()));
    diesel::update(live).set(applications::updated_at.eq(by.at.as_microsecond())).execute(tx.db)?;
    Ok(())
}

fn noted(tx: &mut Tx<'_>, by: &By, act: &str, new: &Message) {
    let characters = new.words.chars().count();
    let detail = match new.files {
        0 => format!("characters={characters}"),
        files => format!("characters={characters} files={files}"),
    };
    by.record(tx, act, "application", &new.application_id, &detail);
}

/// The files of all messages about an application: of the applicant, then of staff.
///
/// # Errors
/// When the database cannot be read.
pub fn files_of(db: &mut Db, application: &str) -> QueryResult<(Vec<Attachment>, Vec<Document>)> {
    let sent = application_attachments::table
        .filter(application_attachments::application_id.eq(application))
        .filter(application_attachments::message_id.is_not_null())
        .order(application_attachments::id)
        .select(Attachment::as_select())
        .load(db)?;
    let written = issued_documents::table
        .filter(issued_documents::application_id.eq(application))
        .filter(issued_documents::message_id.is_not_null())
        .order((issued_documents::issued_at, issued_documents::id))
        .select(Document::as_select())
        .load(db)?;
    Ok((sent, written))
}

/// Notes that what was written needs no answer. `false` when nothing waited.
///
/// # Errors
/// When the database cannot be written.
pub fn settle(tx: &mut Tx<'_>, by: &By, application: &str) -> QueryResult<bool> {
    let waited = answered(tx, application)?;
    if waited {
        by.record(tx, "applications.message_settled", "application", application, "");
    }
    Ok(waited)
}

/// Nothing waits for an answer any more; `false` when nothing did.
fn answered(tx: &mut Tx<'_>, application: &str) -> QueryResult<bool> {
    let waits = applications::table.find(application);
    let changed = diesel::update(waits.filter(applications::asked_since.is_not_null()))
        .set(applications::asked_since.eq(None::<i64>))
        .execute(tx.db)?;
    Ok(changed == 1)
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
    let since: Option<Option<i64>> = applications::table
        .find(application)
        .select(applications::asked_since)
        .first(db)
        .optional()?;
    Ok((all, since.flatten().is_some()))
}

/// What was written about some applications by their applicants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// Messages.
    pub messages: i64,
    /// Files that came with them, rebuilt or held.
    pub files: i64,
    /// Messages that wait for an answer.
    pub new_messages: i64,
    /// Files that came with those.
    pub new_files: i64,
}

/// The same for each of these applications that has any.
///
/// # Errors
/// When the database cannot be read.
pub fn counted(db: &mut Db, ids: &[String]) -> QueryResult<BTreeMap<String, Counted>> {
    let written: Vec<(String, String, i64)> = messages::table
        .filter(messages::application_id.eq_any(ids))
        .filter(messages::writer.eq_any([APPLICANT, DELEGATE]))
        .select((messages::id, messages::application_id, messages::at))
        .load(db)?;
    if written.is_empty() {
        return Ok(BTreeMap::new());
    }
    let since: Vec<(String, i64)> = applications::table
        .filter(applications::id.eq_any(ids))
        .filter(applications::asked_since.is_not_null())
        .select((applications::id, applications::asked_since.assume_not_null()))
        .load(db)?;
    let since: BTreeMap<String, i64> = since.into_iter().collect();
    let files: Vec<Option<String>> = application_attachments::table
        .filter(application_attachments::application_id.eq_any(ids))
        .filter(application_attachments::message_id.is_not_null())
        .select(application_attachments::message_id)
        .load(db)?;
    let mut all: BTreeMap<String, Counted> = BTreeMap::new();
    for (id, application, at) in written {
        let with = files.iter().flatten().filter(|of| **of == id).count();
        let with = i64::try_from(with).unwrap_or(i64::MAX);
        let waits = since.get(&application).is_some_and(|since| at >= *since);
        let one = all.entry(application).or_default();
        one.messages += 1;
        one.files += with;
        if waits {
            one.new_messages += 1;
            one.new_files += with;
        }
    }
    Ok(all)
}

/// How many applications of some departments wait for an answer, trials aside. One range of an index a
/// department, as long as what waits and no longer.
///
/// # Errors
/// When the database cannot be read.
pub fn count_waiting(db: &mut Db, departments: &[String]) -> QueryResult<i64> {
    let mut count = 0;
    for department in departments {
        count += applications::table
            .filter(applications::department_id.eq(department))
            .filter(applications::asked_since.is_not_null())
            .filter(applications::procedure_id.not_like(TRIALS))
            .count()
            .get_result::<i64>(db)?;
    }
    Ok(count)
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

/// Those of some departments, longest first, trials aside: in the list that is narrowed to one, its
/// applications say themselves that somebody waits.
///
/// # Errors
/// When the database cannot be read.
pub fn waiting(db: &mut Db, departments: &[String], limit: i64) -> QueryResult<Vec<Waiting>> {
    let mut first: Vec<(i64, String)> = Vec::new();
    for department in departments {
        first.extend(
            applications::table
                .filter(applications::department_id.eq(department))
                .filter(applications::asked_since.is_not_null())
                .filter(applications::procedure_id.not_like(TRIALS))
                .order((applications::asked_since.asc(), applications::id.asc()))
                .limit(limit)
                .select((applications::asked_since.assume_not_null(), applications::id))
                .load::<(i64, String)>(db)?,
        );
    }
    first.sort_unstable();
    first.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let ids: Vec<&String> = first.iter().map(|(_, id)| id).collect();
    let mut lines: Vec<Waiting> = applications::table
        .inner_join(procedures::table.on(procedures::id.eq(applications::procedure_id)))
        .filter(applications::id.eq_any(ids))
        .select((
            applications::id,
            applications::number,
            procedures::title,
            applications::asked_since.assume_not_null(),
        ))
        .load(db)?;
    lines.sort_unstable_by(|one, other| (one.since, &one.id).cmp(&(other.since, &other.id)));
    Ok(lines)
}
