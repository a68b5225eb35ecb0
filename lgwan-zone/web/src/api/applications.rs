//! What changed since a moment, and one application whole.

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use domain::applications::{Event, Rules, State as At};
use domain::forms::{Answers, Compiled};
use domain::identity::Action;
use domain::procedures::is_trial;
use http::header::ETAG;
use jiff::{SignedDuration, Timestamp};
use lgwan_zone_store::api::changes::{self, Wish};
use lgwan_zone_store::applications::file::{self, File};
use lgwan_zone_store::applications::inbox::{Line, Place};
use lgwan_zone_store::applications::messages;
use lgwan_zone_store::applications::rows::{self, Application};
use lgwan_zone_store::applications::staff_answers::{self, Version};
use platform_store::time;
use platform_web::{Fault, OrFault as _, PageResult, QueryData, Reply, Trouble};
use serde::Serialize;
use serde_json::{Map, Value};

use super::guard::Caller;
use super::{answers, etag, json, query};
use crate::applications::desk::{self, Desk};
use crate::applications::filter::Pile;
use crate::entry::SCANNED;
use crate::site::Site;
use crate::words;

/// Applications a page, at most and usually.
const MOST: usize = 100;
const USUAL: usize = 50;
/// A change may be written so long after the moment it carries: who asks for what changed begins
/// so much earlier, and meets some applications again.
const OVERLAP: SignedDuration = SignedDuration::from_secs(60);

#[derive(Serialize)]
struct Changes {
    items: Vec<Summary>,
    next_cursor: Option<String>,
    resume_from: String,
}

/// What lists say of an application: nothing about a person.
#[derive(Serialize)]
pub(super) struct Summary {
    id: String,
    number: String,
    procedure: String,
    revision: i32,
    department: String,
    state: &'static str,
    version: i32,
    arrived_at: String,
    changed_at: String,
    attachments: i32,
    held: i32,
    correct_by: Option<String>,
    decide_by: Option<String>,
}

impl Summary {
    fn of(line: Line) -> Result<Self, Trouble> {
        Ok(Self {
            state: state(&line.state)?.1,
            arrived_at: moment(line.arrived_at),
            changed_at: moment(line.updated_at),
            decide_by: line.deadline_at.map(last_day),
            id: line.id,
            number: line.number,
            procedure: line.procedure_id,
            revision: line.revision,
            department: line.department_id,
            version: line.version,
            attachments: line.attachments,
            held: line.held,
            correct_by: line.due,
        })
    }
}

/// The day that ends with this moment.
fn last_day(end: i64) -> String {
    words::day(time::from_micros(end.saturating_sub(1))).to_string()
}

pub(super) fn moment(micros: i64) -> String {
    time::from_micros(micros).to_string()
}

/// A stored state, and the word business systems have for it: a correction is one state wherever
/// it was asked from.
pub(super) fn state(stored: &str) -> Result<(At, &'static str), Trouble> {
    let at = At::parse(stored).map_err(|_| Fault::because("an application in an unknown state"))?;
    Ok((at, Pile::of(at).key()))
}

/// Lists what changed, the longest unchanged first.
pub(super) async fn list(State(site): State<Site>, caller: Caller, asked: QueryData) -> PageResult {
    let names = ["procedure", "state", "changed_since", "cursor", "limit"];
    let typed = query::known(&asked, &names)?;
    let mut procedures = caller.procedures();
    if let Some(wanted) = query::id(typed, "procedure")? {
        if !procedures.is_empty() && !procedures.contains(&wanted) {
            let denied = domain::identity::Denied::Hidden;
            return Err(caller.refused(&site, ("procedure", &wanted), denied).await);
        }
        procedures = vec![wanted];
    }
    let departments: Vec<String> = caller.departments();
    let wish = Wish {
        departments,
        procedures,
        states: query::state(typed, "state")?.map_or_else(Vec::new, Pile::states),
        since: query::moment(typed, "changed_since")?,
        after: typed.one("cursor").map(place).transpose()?,
        rows: query::number(typed, "limit", (1, MOST), USUAL)?,
    };
    let begun = site.clock.now();
    let (lines, more) = site.store.read(move |db| changes::page(db, &wish)).await?;
    let next_cursor =
        lines.last().filter(|_| more).map(|last| format!("{}-{}", last.updated_at, last.id));
    let ids = lines.iter().map(|line| line.id.clone()).collect();
    caller.noted_list(&site, "api.list_read", ids).await?;
    let items = lines.into_iter().map(Summary::of).collect::<Result<_, _>>()?;
    let resume = begun.checked_sub(OVERLAP).unwrap_or(Timestamp::UNIX_EPOCH);
    json(&Changes { items, next_cursor, resume_from: resume.to_string() })
}

fn place(cursor: &str) -> Result<Place, Trouble> {
    let parts = cursor.split_once('-').filter(|(_, id)| query::is_id(id));
    let (at, id) = parts.ok_or_else(|| query::bad("cursor"))?;
    let at = at.parse().map_err(|_| query::bad("cursor"))?;
    Ok(Place { at, id: id.to_owned() })
}

#[derive(Serialize)]
struct Whole {
    #[serde(flatten)]
    summary: Summary,
    applicant: Applicant,
    round: i32,
    answers: Map<String, Value>,
    /// What staff noted last in the fields of their own.
    staff_fields: Map<String, Value>,
    doubts: Vec<String>,
    files: Vec<Attachment>,
    corrections: Vec<Correction>,
    documents: Vec<Document>,
    messages: Vec<Message>,
    /// Whether the applicant waits for an answer.
    asks: bool,
    steps: Vec<&'static str>,
}

#[derive(Serialize)]
struct Applicant {
    kind: String,
    name: String,
    email: Option<String>,
}

#[derive(Serialize)]
struct Attachment {
    id: String,
    field: String,
    round: i32,
    outcome: &'static str,
    name: String,
    media_type: Option<String>,
    size: Option<i64>,
    sha256: Option<String>,
    reason: Option<String>,
}

#[derive(Serialize)]
struct Correction {
    round: i32,
    asked_at: String,
    reason: String,
    correct_by: String,
    fields: Vec<String>,
    answered_at: Option<String>,
}

#[derive(Serialize)]
struct Document {
    id: String,
    title: String,
    number: String,
    file_name: String,
    media_type: String,
    size: i64,
    sha256: String,
    issued_at: String,
    opened_at: Option<String>,
}

/// What was written about the application.
#[derive(Serialize)]
struct Message {
    id: String,
    at: String,
    /// `applicant`, `delegate` or `staff`.
    by: &'static str,
    words: String,
    /// Files of the applicant, received like those of the form.
    files: Vec<Attachment>,
    /// Files that staff sent.
    documents: Vec<Document>,
}

/// Finds the application for an action. What is not there and what is out of reach look the same;
/// the second is recorded.
pub(super) async fn open(
    site: &Site,
    caller: &Caller,
    id: &str,
    action: Action,
) -> Result<Desk, Trouble> {
    if !query::is_id(id) {
        return Err(Reply::not_found("api.missing").into());
    }
    let (wanted, shelf) = (id.to_owned(), site.shelf.clone());
    let found = site
        .store
        .read(move |db| {
            // Nothing of a trial leaves.
            let row = file::row(db, &wanted)?.filter(|row| !is_trial(&row.procedure_id));
            let Some(row) = row else { return Ok(None) };
            let form = shelf.get(db, &row.procedure_id, row.revision)?;
            Ok(form.map(|form| (row, form)))
        })
        .await?;
    let Some((row, form)) = found else {
        return Err(Reply::not_found("api.missing").into());
    };
    if let Err(denied) = caller.may(action, &row.procedure_id, &row.department_id) {
        return Err(caller.refused(site, ("application", &row.id), denied).await);
    }
    let (state, _) = state(&row.state)?;
    Ok(Desk { row, form, state })
}

/// Shows one application with its answers.
pub(super) async fn show(
    State(site): State<Site>,
    caller: Caller,
    Path(id): Path<String>,
    asked: QueryData,
) -> PageResult {
    query::known(&asked, &[])?;
    let desk = open(&site, &caller, &id, Action::ReadApplication).await?;
    let found = site.store.read(move |db| {
        let talk = (messages::of(db, &id)?, messages::files_of(db, &id)?);
        let noted = staff_answers::newest(db, std::slice::from_ref(&id))?.pop();
        Ok(file::whole(db, &id)?.map(|whole| (whole, talk, noted)))
    });
    let (whole, talk, noted) =
        found.await?.ok_or_else(|| Fault::because("the application is gone"))?;
    let row = &whole.application;
    caller.noted(&site, "api.application_read", ("application", &row.id), &row.number).await?;
    let tag = etag(row.version);
    let staff_fields = noted.map(|noted| of_staff(&desk.form, &noted)).transpose()?;
    let told = Whole {
        staff_fields: staff_fields.unwrap_or_default(),
        ..view(&desk.form, &whole, &talk)?
    };
    let answer: Response = json(&told)?;
    Ok(([(ETAG, tag)], answer).into_response())
}

/// The messages of an application and whether it waits for an answer; their files.
type Talk = ((Vec<messages::Message>, bool), (Vec<rows::Attachment>, Vec<rows::Document>));

fn view(form: &Compiled, whole: &File, talk: &Talk) -> Result<Whole, Trouble> {
    let ((written, asks), (sent, answered)) = talk;
    let row = &whole.application;
    let newest = whole.rounds.first().ok_or_else(|| Fault::because("no answers stored"))?;
    let (at, _) = state(&row.state)?;
    Ok(Whole {
        summary: Summary::of(line(row))?,
        applicant: Applicant {
            kind: row.applicant_kind.clone(),
            name: row.applicant_name.clone(),
            email: row.applicant_email.clone(),
        },
        round: row.round,
        answers: answers::typed(form, &desk::parse_answers(newest)?),
        staff_fields: Map::new(),
        doubts: serde_json::from_str(&newest.doubts).or_fault()?,
        files: whole.attachments.iter().map(attachment).collect(),
        corrections: whole.corrections.iter().map(correction).collect::<Result<_, _>>()?,
        documents: whole.documents.iter().map(document).collect(),
        messages: written.iter().map(|one| message(one, sent, answered)).collect(),
        asks: *asks,
        steps: open_steps(at, Rules::from(&form.procedure().workflow)),
    })
}

/// What staff noted, as the questions of their own say.
fn of_staff(form: &Compiled, noted: &Version) -> Result<Map<String, Value>, Trouble> {
    let unread = |_| Fault::because("questions of staff that were never checked");
    let Some(form) = form.for_staff().map_err(unread)? else { return Ok(Map::new()) };
    let noted: Answers = serde_json::from_str(&noted.answers).or_fault()?;
    Ok(answers::typed(&form, &noted))
}

fn line(row: &Application) -> Line {
    Line {
        id: row.id.clone(),
        number: row.number.clone(),
        procedure_id: row.procedure_id.clone(),
        revision: row.revision,
        department_id: row.department_id.clone(),
        state: row.state.clone(),
        version: row.version,
        applicant_name: String::new(),
        arrived_at: row.arrived_at,
        updated_at: row.updated_at,
        attachments: row.attachments,
        held: row.held,
        due: row.due.clone(),
        deadline_at: row.deadline_at,
        days_left: row.days_left,
    }
}

/// The steps that apply now, by the last part of their address.
fn open_steps(at: At, rules: Rules) -> Vec<&'static str> {
    let name = |event| match event {
        Event::Accept => Some("accept"),
        Event::StartReview => Some("review"),
        Event::Notify => Some("result"),
        Event::Finish => Some("finish"),
        Event::AskCorrection => Some("correction"),
        Event::Reject => Some("reject"),
        Event::RefuseEntry
        | Event::Close
        | Event::Expire
        | Event::Resubmit
        | Event::Withdraw
        | Event::GrantWithdrawal
        | Event::Reopen => None,
    };
    at.open_events(rules).into_iter().filter_map(name).collect()
}

/// Whether the bytes of a file may leave: only what the sanitizer rebuilt.
pub(super) fn is_rebuilt(file: &rows::Attachment) -> bool {
    file.file_id.is_some() && file.policy != SCANNED
}

fn attachment(file: &rows::Attachment) -> Attachment {
    let rebuilt = is_rebuilt(file);
    let outcome = match (rebuilt, file.file_id.is_some()) {
        (true, _) => "rebuilt",
        (false, true) => "scanned",
        (false, false) => "held",
    };
    let name = file.out_name.clone().filter(|_| rebuilt);
    Attachment {
        id: file.id.clone(),
        field: file.field.clone(),
        round: file.round,
        outcome,
        name: name.unwrap_or_else(|| file.name.clone()),
        media_type: file.out_media.clone().filter(|_| rebuilt),
        size: file.out_size.filter(|_| rebuilt),
        sha256: file.out_sha256.clone().filter(|_| rebuilt),
        reason: file.hold_reason.clone(),
    }
}

fn message(
    one: &messages::Message,
    sent: &[rows::Attachment],
    answered: &[rows::Document],
) -> Message {
    let of_it = |id: &Option<String>| id.as_deref() == Some(one.id.as_str());
    Message {
        at: moment(one.at),
        by: match one.writer.as_str() {
            messages::APPLICANT => "applicant",
            messages::DELEGATE => "delegate",
            _ => "staff",
        },
        words: one.words.clone(),
        files: sent.iter().filter(|file| of_it(&file.message_id)).map(attachment).collect(),
        documents: answered.iter().filter(|one| of_it(&one.message_id)).map(document).collect(),
        id: one.id.clone(),
    }
}

fn correction(asked: &rows::Correction) -> Result<Correction, Trouble> {
    Ok(Correction {
        round: asked.round,
        asked_at: moment(asked.asked_at),
        reason: asked.reason.clone(),
        correct_by: asked.due.clone(),
        fields: serde_json::from_str(&asked.fields).or_fault()?,
        answered_at: asked.answered_at.map(moment),
    })
}

fn document(one: &rows::Document) -> Document {
    Document {
        id: one.id.clone(),
        title: one.title.clone(),
        number: one.number.clone(),
        file_name: one.file_name.clone(),
        media_type: one.media.clone(),
        size: one.size,
        sha256: one.sha256.clone(),
        issued_at: moment(one.issued_at),
        opened_at: one.opened_at.map(moment),
    }
}
