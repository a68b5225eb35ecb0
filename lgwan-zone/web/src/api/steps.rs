//! What a business system may do: steps of the one state machine, and notes. What is left to staff:
//! 不受理 and approvals (決裁).

use std::collections::BTreeSet;

use axum::extract::{Path, State};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::applications::{Event, State as At};
use domain::identity::Action;
use http::StatusCode;
use jiff::civil::Date;
use lgwan_zone_store::api::calls::{self, Call, Known};
use lgwan_zone_store::api::note as kept;
use lgwan_zone_store::applications::plan::{self, Actor, Way};
use lgwan_zone_store::applications::steps::{self, Step, Taken};
use platform_web::download::clean_name;
use platform_web::{OrFault as _, PageResult, Reply, Trouble};
use serde::{Deserialize, Serialize};

use super::applications::open;
use super::guard::Caller;
use super::write::{Object, Write, before, done};
use crate::applications::correction::{self, LONGEST_REASON, Wish};
use crate::applications::desk::Desk;
use crate::applications::filter::Pile;
use crate::applications::refuse;
use crate::applications::result::{self as results, Issued, LARGEST_PDF, LONGEST_LINE, is_pdf};
use crate::site::{Site, TEXTS};
use crate::words;

/// Longest note in characters.
const LONGEST_NOTE: usize = 2_000;

/// What is left of a write that was done.
#[derive(Serialize)]
struct Done<'a> {
    id: &'a str,
    number: &'a str,
    state: &'static str,
    version: i32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AskCorrection {
    reason: String,
    correct_by: String,
    fields: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reject {
    reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Notify {
    #[serde(default)]
    note: String,
    #[serde(default)]
    document: Option<Object<NewDocument>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewDocument {
    title: String,
    #[serde(default)]
    number: String,
    file_name: String,
    content: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewNote {
    words: String,
}

/// 受付する.
pub(super) async fn accept(
    State(site): State<Site>,
    caller: Caller,
    Path(id): Path<String>,
    sent: Write,
) -> PageResult {
    plain(&site, &caller, &id, sent, Event::Accept).await
}

/// 審査を始める.
pub(super) async fn review(
    State(site): State<Site>,
    caller: Caller,
    Path(id): Path<String>,
    sent: Write,
) -> PageResult {
    plain(&site, &caller, &id, sent, Event::StartReview).await
}

/// 完了にする.
pub(super) async fn finish(
    State(site): State<Site>,
    caller: Caller,
    Path(id): Path<String>,
    sent: Write,
) -> PageResult {
    plain(&site, &caller, &id, sent, Event::Finish).await
}

async fn plain(site: &Site, caller: &Caller, id: &str, sent: Write, event: Event) -> PageResult {
    sent.without_body()?;
    let begun = match begin(site, caller, id, &sent, Action::WorkOnApplication).await? {
        Begun::Before(answer) => return Ok(answer),
        Begun::New(desk) => desk,
    };
    let desk = &begun;
    let way = way(caller, desk, event, "", &sent)?;
    let now = site.clock.now();
    let expected = desk.expected(site, way.end, now);
    let message = site.office.status(&desk.id()?, way.end, now, "", expected);
    let end = way.end;
    let fee = desk.waits_for_fee(site, &way).await?;
    let step = Step {
        application: desk.row.id.clone(),
        seen: sent.seen()?,
        hops: way.hops,
        correction: None,
        documents: Vec::new(),
        messages: vec![message],
        days: site.office.days().clone(),
        needs: desk.needs(event),
        fee,
    };
    take(site, caller, desk, sent, step, end).await
}

/// 差し戻す: named fields, a reason, a day.
pub(super) async fn correction(
    State(site): State<Site>,
    caller: Caller,
    Path(id): Path<String>,
    sent: Write,
) -> PageResult {
    let asked: AskCorrection = sent.body()?;
    let desk = match begin(&site, &caller, &id, &sent, Action::WorkOnApplication).await? {
        Begun::Before(answer) => return Ok(answer),
        Begun::New(desk) => desk,
    };
    let reason = said(&asked.reason, 1, LONGEST_REASON, "reason")?;
    let today = words::day(site.clock.now());
    let due = asked.correct_by.parse::<Date>().ok().filter(|due| *due > today);
    let due = due.ok_or_else(|| bad_value("correct_by"))?;
    let pages = &desk.form.procedure().pages;
    let known: BTreeSet<&str> =
        pages.iter().flat_map(|page| &page.fields).map(|field| field.id.as_str()).collect();
    let fields: BTreeSet<String> = asked.fields.into_iter().collect();
    if fields.is_empty() || fields.iter().any(|id| !known.contains(id.as_str())) {
        return Err(bad_value("fields"));
    }
    let way = way(&caller, &desk, Event::AskCorrection, &reason, &sent)?;
    let end = way.end;
    let answers = desk.answers(&site).await?;
    let wish = Wish { fields, reason, due };
    let by = caller.by(&site).staff;
    let step = correction::planned(&site, &desk, way, (&by, sent.seen()?), &wish, &answers).await?;
    take(&site, &caller, &desk, sent, step, end).await
}

/// 却下する, with the reason the applicant reads, and the notice with the 教示 where there is a text for one
/// (`docs/decisions/0115`).
pub(super) async fn reject(
    State(site): State<Site>,
    caller: Caller,
    Path(id): Path<String>,
    sent: Write,
) -> PageResult {
    let asked: Reject = sent.body()?;
    let desk = match begin(&site, &caller, &id, &sent, Action::WorkOnApplication).await? {
        Begun::Before(answer) => return Ok(answer),
        Begun::New(desk) => desk,
    };
    let reason = said(&asked.reason, 1, LONGEST_REASON, "reason")?;
    let way = way(&caller, &desk, Event::Reject, &reason, &sent)?;
    let end = way.end;
    let notice = refuse::by_itself(&site, &desk, &reason).await?.map_err(|fault| {
        Trouble::from(Reply::conflict("api.notice_unmade").with("why", fault.words))
    })?;
    if notice.is_none() && desk.form.procedure().workflow.wants_notice(Event::Reject) {
        return Err(Reply::conflict("api.no_notice").into());
    }
    let by = caller.by(&site).staff;
    let seen = sent.seen()?;
    let step = results::planned(&site, &desk, way, (&by, seen), &reason, notice).await?;
    let step = Step { needs: desk.needs(Event::Reject), ..step };
    take(&site, &caller, &desk, sent, step, end).await
}

/// 結果を通知する, with a document or without.
pub(super) async fn result(
    State(site): State<Site>,
    caller: Caller,
    Path(id): Path<String>,
    sent: Write,
) -> PageResult {
    let asked: Notify = sent.body()?;
    let desk = match begin(&site, &caller, &id, &sent, Action::IssueDocument).await? {
        Begun::Before(answer) => return Ok(answer),
        Begun::New(desk) => desk,
    };
    let note = said(&asked.note, 0, LONGEST_REASON, "note")?;
    let document =
        asked.document.as_ref().map(|Object(document)| read(&site, document)).transpose()?;
    let way = way(&caller, &desk, Event::Notify, &note, &sent)?;
    let end = way.end;
    let by = caller.by(&site).staff;
    let seen = sent.seen()?;
    let step = results::planned(&site, &desk, way, (&by, seen), &note, document).await?;
    take(&site, &caller, &desk, sent, step, end).await
}

/// A document as it was sent: a PDF in base64.
fn read<'a>(site: &Site, sent: &'a NewDocument) -> Result<Issued<'a>, Trouble> {
    let title = said(&sent.title, 1, LONGEST_LINE, "document.title")?;
    said(&sent.number, 0, LONGEST_LINE, "document.number")?;
    let name = said(&sent.file_name, 1, LONGEST_LINE, "document.file_name")?;
    let bytes = STANDARD.decode(&sent.content).map_err(|_| bad_value("document.content"))?;
    if bytes.len() as u64 > LARGEST_PDF || !is_pdf(&bytes) {
        return Err(bad_value("document.content"));
    }
    Ok(Issued {
        id: site.new_id(),
        title,
        number: sent.number.trim(),
        name: clean_name(&name),
        bytes,
        signed_by: None,
    })
}

/// Writes an internal note, which changes no version.
pub(super) async fn note(
    State(site): State<Site>,
    caller: Caller,
    Path(id): Path<String>,
    sent: Write,
) -> PageResult {
    let asked: NewNote = sent.body()?;
    let desk = match begin(&site, &caller, &id, &sent, Action::WorkOnApplication).await? {
        Begun::Before(answer) => return Ok(answer),
        Begun::New(desk) => desk,
    };
    let note = said(&asked.words, 1, LONGEST_NOTE, "words")?;
    let call = call(&site, &caller, &sent, &desk, (desk.state, desk.row.version))?;
    let (by, id, about) = (caller.by(&site), site.new_id(), desk.row.id.clone());
    let known = site.store.write(move |tx| {
        let known = calls::look(tx.db, (&call.key_id, &call.idempotency_key), &call.request)?;
        if known != Known::New {
            return Ok(known);
        }
        kept(tx, &by, &call.key_id, (&id, &note), &about)?;
        calls::keep(tx, &call)?;
        Ok(Known::Done(call))
    });
    match known.await? {
        Known::Done(call) => Ok(done(&call)),
        known @ (Known::New | Known::Other) => {
            before(known)?.ok_or_else(|| platform_web::Fault::because("a note was lost").into())
        }
    }
}

/// What a write begins with.
#[expect(clippy::large_enum_variant, reason = "one a call")]
enum Begun {
    /// It was done before; the same answer again.
    Before(axum::response::Response),
    /// The application it is about.
    New(Desk),
}

async fn begin(
    site: &Site,
    caller: &Caller,
    id: &str,
    sent: &Write,
    action: Action,
) -> Result<Begun, Trouble> {
    let desk = open(site, caller, id, action).await?;
    let (key, idempotency, request) =
        (caller.id().to_owned(), sent.key.clone(), sent.request.clone());
    let known = site.store.read(move |db| calls::look(db, (&key, &idempotency), &request)).await?;
    let Some(answer) = before(known)? else { return Ok(Begun::New(desk)) };
    caller.noted(site, "api.repeated", ("application", &desk.row.id), "").await?;
    Ok(Begun::Before(answer))
}

/// The way of an event from the version that was seen.
fn way(
    caller: &Caller,
    desk: &Desk,
    event: Event,
    words: &str,
    sent: &Write,
) -> Result<Way, Trouble> {
    if sent.seen()? != desk.row.version {
        return Err(moved());
    }
    let id = format!("key:{}", caller.id());
    let actor = Actor { id: &id, name: caller.name() };
    plan::way(desk.state, event, desk.rules(), actor, words).map_err(|_| {
        Reply::conflict("api.not_now").with("state", TEXTS.text(desk.state.name_key())).into()
    })
}

fn state_key(state: At) -> &'static str {
    Pile::of(state).key()
}

fn moved() -> Trouble {
    Reply::new(StatusCode::PRECONDITION_FAILED, "api.moved").into()
}

fn bad_value(name: &'static str) -> Trouble {
    Reply::unprocessable("api.bad_value").with("name", name).into()
}

/// A text of so many characters as it was sent, without the blanks around it.
fn said(text: &str, least: usize, most: usize, name: &'static str) -> Result<String, Trouble> {
    let sent = text.chars().count();
    let text = text.replace("\r\n", "\n").trim().to_owned();
    let readable = |c: char| c == '\n' || !c.is_control();
    let fits = sent <= most && text.chars().count() >= least && text.chars().all(readable);
    if fits { Ok(text) } else { Err(bad_value(name)) }
}

fn call(
    site: &Site,
    caller: &Caller,
    sent: &Write,
    desk: &Desk,
    (state, version): (At, i32),
) -> Result<Call, Trouble> {
    let (id, number) = (&*desk.row.id, &*desk.row.number);
    let answer = Done { id, number, state: state_key(state), version };
    Ok(Call {
        key_id: caller.id().to_owned(),
        idempotency_key: sent.key.clone(),
        at: site.clock.now().as_microsecond(),
        request: sent.request.clone(),
        version,
        answer: serde_json::to_string(&answer).or_fault()?,
    })
}

/// What came of a write.
enum Came {
    Known(Known),
    Taken(Taken, Call),
}

/// Takes a planned step and keeps the answer, in one transaction.
async fn take(
    site: &Site,
    caller: &Caller,
    desk: &Desk,
    sent: Write,
    step: Step,
    end: At,
) -> PageResult {
    let call = call(site, caller, &sent, desk, (end, step.seen.saturating_add(1)))?;
    let by = caller.by(site);
    let came = site.store.write(move |tx| {
        let known = calls::look(tx.db, (&call.key_id, &call.idempotency_key), &call.request)?;
        if known != Known::New {
            return Ok(Came::Known(known));
        }
        let taken = steps::take(tx, &by, &step)?;
        if taken == Taken::Done {
            calls::keep(tx, &call)?;
        }
        Ok(Came::Taken(taken, call))
    });
    match came.await? {
        Came::Taken(Taken::Done, call) => {
            (site.posted)();
            Ok(done(&call))
        }
        Came::Taken(Taken::Unapproved, _) => Err(Reply::conflict("api.unapproved").into()),
        Came::Taken(Taken::Unmarked, _) => Err(Reply::conflict("api.unmarked").into()),
        Came::Taken(Taken::Own, _) => Err(Reply::forbidden("api.own").into()),
        Came::Taken(Taken::Unpaid, _) => Err(Reply::conflict("api.unpaid").into()),
        Came::Taken(Taken::Overtaken { .. }, _) => Err(moved()),
        Came::Known(known) => {
            before(known)?.ok_or_else(|| platform_web::Fault::because("a write was lost").into())
        }
    }
}
