//! One application with everything that belongs to it.

use diesel::prelude::*;
use domain::applications::{Event as Happening, State};
use platform_store::Db;

use super::rows::{
    Answers, Application, Attachment, Correction, Cosigner, Delegate, Document, Event, Note,
};
use crate::schema::{
    application_answers, application_attachments, application_cosigners, application_delegates,
    application_events, application_notes, application_terminals, applications, corrections,
    issued_documents, staff,
};
use crate::{api, invitations};

/// Everything one page shows of an application.
#[derive(Clone, Debug)]
pub struct File {
    /// The application itself.
    pub application: Application,
    /// Who filled in for the applicant, if somebody did.
    pub delegate: Option<Delegate>,
    /// The counter terminal it was sent at, if it was.
    pub terminal: Option<String>,
    /// The lot of the invitation it was sent by and the address that was invited, if it was.
    pub invitation: Option<(String, String)>,
    /// Who agreed to it before it was sent.
    pub cosigners: Vec<Cosigner>,
    /// Rounds of answers, newest first.
    pub rounds: Vec<Answers>,
    /// Files of the form, in the order they came.
    pub attachments: Vec<Attachment>,
    /// History, oldest first.
    pub events: Vec<Event>,
    /// Notes with the writer's name, newest first.
    pub notes: Vec<(Note, String)>,
    /// Requests for correction, newest first.
    pub corrections: Vec<Correction>,
    /// Issued documents, oldest first.
    pub documents: Vec<Document>,
}

/// The row of one application.
///
/// # Errors
/// When the database cannot be read.
pub fn row(db: &mut Db, id: &str) -> QueryResult<Option<Application>> {
    applications::table.find(id).select(Application::as_select()).first(db).optional()
}

/// What the citizen was told in words when the application came into the state it is in; empty where that
/// state comes without.
///
/// # Errors
/// When the database cannot be read.
pub fn words_told(db: &mut Db, id: &str, state: State) -> QueryResult<String> {
    const TELLING: [Happening; 6] = [
        Happening::RefuseEntry,
        Happening::Notify,
        Happening::Reject,
        Happening::Close,
        Happening::AskCorrection,
        Happening::Expire,
    ];
    if !(state.is_end() || state == State::Notified || state.waits_for_applicant()) {
        return Ok(String::new());
    }
    let words: Option<String> = application_events::table
        .filter(application_events::application_id.eq(id))
        .filter(application_events::act.eq_any(TELLING.map(Happening::key)))
        .order(application_events::seq.desc())
        .select(application_events::words)
        .first(db)
        .optional()?;
    Ok(words.unwrap_or_default())
}

/// One application whole.
///
/// # Errors
/// When the database cannot be read.
pub fn whole(db: &mut Db, id: &str) -> QueryResult<Option<File>> {
    let Some(application) = row(db, id)? else {
        return Ok(None);
    };
    Ok(Some(File {
        application,
        delegate: application_delegates::table
            .find(id)
            .select(Delegate::as_select())
            .first(db)
            .optional()?,
        terminal: application_terminals::table
            .find(id)
            .select(application_terminals::terminal)
            .first(db)
            .optional()?,
        invitation: invitations::of_application(db, id)?,
        cosigners: application_cosigners::table
            .filter(application_cosigners::application_id.eq(id))
            .order(application_cosigners::seq)
            .select(Cosigner::as_select())
            .load(db)?,
        rounds: application_answers::table
            .filter(application_answers::application_id.eq(id))
            .order(application_answers::round.desc())
            .select(Answers::as_select())
            .load(db)?,
        attachments: attachments_of(db, id)?,
        events: application_events::table
            .filter(application_events::application_id.eq(id))
            .order(application_events::seq)
            .select(Event::as_select())
            .load(db)?,
        notes: notes_of(db, id)?,
        corrections: corrections::table
            .filter(corrections::application_id.eq(id))
            .order(corrections::round.desc())
            .select(Correction::as_select())
            .load(db)?,
        documents: issued_documents::table
            .filter(issued_documents::application_id.eq(id))
            .filter(issued_documents::message_id.is_null())
            .order((issued_documents::issued_at, issued_documents::id))
            .select(Document::as_select())
            .load(db)?,
    }))
}

/// Notes of staff and of business systems, newest first.
fn notes_of(db: &mut Db, id: &str) -> QueryResult<Vec<(Note, String)>> {
    let mut notes: Vec<(Note, String)> = application_notes::table
        .inner_join(staff::table.on(staff::id.eq(application_notes::staff_id)))
        .filter(application_notes::application_id.eq(id))
        .select((Note::as_select(), staff::display_name))
        .load(db)?;
    notes.extend(api::notes(db, id)?);
    notes.sort_by(|(a, _), (b, _)| (b.at, &b.id).cmp(&(a.at, &a.id)));
    Ok(notes)
}

/// Files of the form of one application, in the order they came; those of messages stand with them.
///
/// # Errors
/// When the database cannot be read.
pub fn attachments_of(db: &mut Db, id: &str) -> QueryResult<Vec<Attachment>> {
    application_attachments::table
        .filter(application_attachments::application_id.eq(id))
        .filter(application_attachments::message_id.is_null())
        .order((
            application_attachments::round,
            application_attachments::field,
            application_attachments::id,
        ))
        .select(Attachment::as_select())
        .load(db)
}

/// One file of one application: both ids must fit together (W1).
///
/// # Errors
/// When the database cannot be read.
pub fn attachment(db: &mut Db, application: &str, id: &str) -> QueryResult<Option<Attachment>> {
    application_attachments::table
        .find(id)
        .filter(application_attachments::application_id.eq(application))
        .select(Attachment::as_select())
        .first(db)
        .optional()
}

/// One issued document of one application: both ids must fit together (W1).
///
/// # Errors
/// When the database cannot be read.
pub fn document(db: &mut Db, application: &str, id: &str) -> QueryResult<Option<Document>> {
    issued_documents::table
        .find(id)
        .filter(issued_documents::application_id.eq(application))
        .select(Document::as_select())
        .first(db)
        .optional()
}

/// Whether the applicant opened a document of this application.
///
/// # Errors
/// When the database cannot be read.
pub(crate) fn opened(db: &mut Db, id: &str) -> QueryResult<bool> {
    let opened = issued_documents::table
        .filter(issued_documents::application_id.eq(id))
        .filter(issued_documents::opened_at.is_not_null());
    diesel::select(diesel::dsl::exists(opened)).get_result(db)
}

/// What was done with an application after this version of it, the oldest first.
///
/// # Errors
/// When the database cannot be read.
pub fn since(db: &mut Db, id: &str, version: i32) -> QueryResult<Vec<Event>> {
    application_events::table
        .filter(application_events::application_id.eq(id))
        .filter(application_events::version.gt(version))
        .order(application_events::seq)
        .select(Event::as_select())
        .load(db)
}

/// The answers of one round.
///
/// # Errors
/// When the database cannot be read.
pub fn answers(db: &mut Db, id: &str, round: i32) -> QueryResult<Option<Answers>> {
    application_answers::table.find((id, round)).select(Answers::as_select()).first(db).optional()
}

/// The newest answers of many applications.
///
/// # Errors
/// When the database cannot be read.
pub fn newest_answers(db: &mut Db, ids: &[String]) -> QueryResult<Vec<Answers>> {
    application_answers::table
        .inner_join(
            applications::table.on(applications::id.eq(application_answers::application_id)),
        )
        .filter(application_answers::application_id.eq_any(ids))
        .filter(application_answers::round.eq(applications::round))
        .select(Answers::as_select())
        .load(db)
}

/// Those of the revisions of a procedure up to `newest` under which somebody applied.
///
/// # Errors
/// When the database cannot be read.
pub fn revisions(db: &mut Db, procedure: &str, newest: i32) -> QueryResult<Vec<i32>> {
    let mut used = Vec::new();
    // One look into an index each: all applications of a procedure are many.
    for revision in 1..=newest {
        let under = applications::table
            .filter(applications::procedure_id.eq(procedure))
            .filter(applications::revision.eq(revision));
        if diesel::select(diesel::dsl::exists(under)).get_result(db)? {
            used.push(revision);
        }
    }
    Ok(used)
}

/// The rows of many applications, in no order.
///
/// # Errors
/// When the database cannot be read.
pub fn rows(db: &mut Db, ids: &[String]) -> QueryResult<Vec<Application>> {
    applications::table
        .filter(applications::id.eq_any(ids))
        .select(Application::as_select())
        .load(db)
}

/// One request for correction.
///
/// # Errors
/// When the database cannot be read.
pub fn correction(db: &mut Db, id: &str, round: i32) -> QueryResult<Option<Correction>> {
    corrections::table.find((id, round)).select(Correction::as_select()).first(db).optional()
}

/// The newest request for correction, whether it was answered or not.
///
/// # Errors
/// When the database cannot be read.
pub fn last_asked(db: &mut Db, id: &str) -> QueryResult<Option<Correction>> {
    corrections::table
        .filter(corrections::application_id.eq(id))
        .order(corrections::round.desc())
        .select(Correction::as_select())
        .first(db)
        .optional()
}

/// The number of the next request for correction. One that nobody answered keeps its own: it ended with
/// 期限切れ, and the application was taken up again (再開).
///
/// # Errors
/// When the database cannot be read.
pub fn next_round(db: &mut Db, row: &Application) -> QueryResult<i32> {
    let asked = last_asked(db, &row.id)?.map_or(0, |asked| asked.round);
    Ok(asked.max(row.round) + 1)
}
