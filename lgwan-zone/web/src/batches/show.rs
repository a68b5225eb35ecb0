//! One batch: what would happen, how far it is, what became of each row.

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use domain::applications::Event;
use domain::identity::Action;
use http::HeaderValue;
use http::StatusCode;
use http::header::REFRESH;
use jiff::ToSpan as _;
use jiff::civil::Date;
use lgwan_zone_store::applications::charge as in_charge;
use lgwan_zone_store::applications::rebase::{Onto, REBASE};
use lgwan_zone_store::batches::undo::{self, UNDO};
use lgwan_zone_store::batches::{
    self, Asked, Batch, CHARGE, CHARGE_BACK, Outcome, Row, Said, Stage,
};
use lgwan_zone_store::letters::{self, Letter};
use lgwan_zone_store::templates::Words;
use platform_web::download::inline;
use platform_web::{
    CsrfForm, FormData, Html, OrFault as _, PageResult, QueryData, Reply, Trouble, Visitor,
    see_other,
};

use super::documents::forget;
use super::undo as look_back;
use crate::applications::files::private;
use crate::applications::{correction, desk, several};
use crate::frame::{Choice, Fault, Frame, Place};
use crate::guard::Who;
use crate::inquiries;
use crate::paper::Unprintable;
use crate::press::{self, Press};
use crate::procedures::templates::words_of;
use crate::site::{Site, TEXTS};
use crate::words;

/// Rows a page.
const ROWS: usize = 200;
/// Seconds until the page of a running batch is fetched anew.
const REFRESH_SECONDS: &str = "5";

#[derive(Template)]
#[template(path = "batches/show.html")]
struct BatchPage {
    frame: Frame,
    id: String,
    heading: String,
    lead: String,
    stage: Stage,
    note: String,
    more: bool,
    /// Whether rows have files.
    files: bool,
    /// Whether the document of a row can be looked at.
    samples: bool,
    /// How many can be done: what the button says.
    ready: i64,
    counts: Vec<CountView>,
    rows: Vec<RowView>,
    /// Whether only what came to nothing is shown.
    left: bool,
    has_left: bool,
    next: Option<i32>,
    /// Whether the page fetches itself anew.
    turns: bool,
    /// Whether there is something to begin with.
    can_start: bool,
    /// Whether it moves applications to a newer revision.
    rebases: bool,
    /// Whether it refuses: a notice with the 教示 goes along.
    refuses: bool,
    /// Whether what was done can be taken back.
    can_undo: bool,
    /// The batch that takes this one back, or that this one takes back.
    undone: Option<String>,
    undoes: Option<String>,
    faults: Vec<Fault>,
    /// What is said to everybody, when the step takes a reason and has not begun.
    asks: Option<Asks>,
}

/// What is said to every applicant of a batch.
struct Asks {
    reason: String,
    /// What they are asked to correct; none for a decision.
    correction: Option<Correction>,
    /// Those a newer revision misses answers of; none for a step.
    missing: Option<Missing>,
}

/// Applications a newer revision misses answers of.
struct Missing {
    count: String,
    /// Whether their applicants are asked, and until when.
    ask: bool,
    due: String,
}

/// What every applicant is asked to correct.
struct Correction {
    due: String,
    /// The questions, when all are of one procedure.
    fields: Vec<Choice>,
    /// Whether only those that are chosen may be corrected.
    some: bool,
}

struct CountView {
    words: &'static str,
    count: String,
    mark: &'static str,
}

struct RowView {
    place: i32,
    application: Option<String>,
    number: String,
    file_name: String,
    size: String,
    words: &'static str,
    mark: &'static str,
    /// What else there is to say; may be empty.
    note: String,
}

/// Shows it.
pub async fn get(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    query: QueryData,
    Path(id): Path<String>,
) -> PageResult {
    let batch = own(&site, &who, &id).await?;
    let asks = asks(&site, &batch, &FormData::default()).await?;
    drawn(&site, &who, &visitor, &query, batch, (asks, Vec::new())).await
}

/// What is said to everybody, as it was typed or as it begins; `None` when nothing is.
async fn asks(site: &Site, batch: &Batch, typed: &FormData) -> Result<Option<Asks>, Trouble> {
    let looked = batch.state == Stage::Looked.code();
    if batch.event == REBASE && looked {
        return missing(site, batch, typed).await;
    }
    let Some((event, _)) = several::reasoned(&batch.event).filter(|_| looked) else {
        return Ok(None);
    };
    let reason = typed.text("reason").to_owned();
    if event != Event::AskCorrection {
        return Ok(Some(Asks { reason, correction: None, missing: None }));
    }
    let (id, shelf) = (batch.id.clone(), site.shelf.clone());
    let forms = site.store.read(move |db| {
        let mut forms = Vec::new();
        for (procedure, revision) in batches::forms(db, &id)? {
            forms.extend(shelf.get(db, &procedure, revision.unwrap_or_default())?);
        }
        Ok(forms)
    });
    let forms = forms.await?;
    let days = forms.iter().map(|form| form.procedure().workflow.correction_days).max();
    let today = words::day(site.clock.now());
    let due = today.checked_add(i64::from(days.unwrap_or_default()).days()).unwrap_or(today);
    let due = site.office.days().open_from(due);
    let due = if typed.text("due").is_empty() { due.to_string() } else { typed.text("due").into() };
    let fields = match forms.as_slice() {
        [form] => correction::questions(form)
            .map(|field| {
                let chosen = typed.all("fields").any(|id| id == field.id);
                Choice::new(&field.id, field.label.ja(), chosen)
            })
            .collect(),
        _ => Vec::new(),
    };
    let some = typed.text("scope") == "some";
    let correction = Some(Correction { due, fields, some });
    Ok(Some(Asks { reason, correction, missing: None }))
}

/// Whether those a newer revision misses answers of are asked, as it was typed; `None` when there are
/// none.
async fn missing(site: &Site, batch: &Batch, typed: &FormData) -> Result<Option<Asks>, Trouble> {
    let onto = batch.onto.as_deref().map(serde_json::from_str::<Onto>).transpose().or_fault()?;
    let onto = onto.ok_or_else(|| platform_web::Fault::because("a move to no revision"))?;
    let (id, shelf) = (batch.id.clone(), site.shelf.clone());
    let read = site.store.read(move |db| {
        let form = shelf.get(db, &onto.procedure, onto.revision)?;
        Ok((batches::counts(db, &id)?, form))
    });
    let (counts, form) = read.await?;
    let wanted = Some(Outcome::NeedsAnswers.code());
    let Some((_, count)) = counts.iter().find(|(outcome, _)| outcome.as_deref() == wanted) else {
        return Ok(None);
    };
    let days = form.map(|form| form.procedure().workflow.correction_days).unwrap_or_default();
    let today = words::day(site.clock.now());
    let due =
        site.office.days().open_from(today.checked_add(i64::from(days).days()).unwrap_or(today));
    let due = if typed.text("due").is_empty() { due.to_string() } else { typed.text("due").into() };
    let missing = Missing { count: words::count(*count), ask: typed.text("missing") == "ask", due };
    let reason = typed.text("reason").to_owned();
    Ok(Some(Asks { reason, correction: None, missing: Some(missing) }))
}

/// What is said to everybody, from the form.
fn said(asks: &Asks, form: &FormData, today: Date) -> Result<Said, Vec<Fault>> {
    if asks.missing.as_ref().is_some_and(|missing| !missing.ask) {
        return Ok(Said::default());
    }
    let mut faults = Vec::new();
    let reason = correction::reason(form, &mut faults);
    let mut asked = None;
    if asks.missing.is_some() {
        let due = form.text("due").parse::<Date>().ok().filter(|due| *due > today);
        if let Some(due) = due {
            let new = Asked { due: due.to_string(), fields: BTreeSet::new() };
            asked = serde_json::to_string(&new).ok();
        } else {
            faults.push(Fault::of("due", "applications.fault.due_bad"));
        }
    }
    if let Some(correction) = &asks.correction {
        let chosen = correction.fields.iter().filter(|one| one.chosen && correction.some);
        let fields = chosen.map(|one| one.value.clone()).collect();
        let due = form.text("due").parse::<Date>().ok().filter(|due| *due > today);
        let new = Asked { due: due.map(|due| due.to_string()).unwrap_or_default(), fields };
        if correction.some && new.fields.is_empty() {
            faults.insert(0, Fault::of("fields", "applications.fault.fields_missing"));
        }
        if due.is_none() {
            faults.push(Fault::of("due", "applications.fault.due_bad"));
        }
        asked = serde_json::to_string(&new).ok();
    }
    if faults.is_empty() { Ok(Said { words: Some(reason), asked }) } else { Err(faults) }
}

async fn drawn(
    site: &Site,
    who: &Who,
    visitor: &Visitor,
    query: &QueryData,
    batch: Batch,
    (asks, faults): (Option<Asks>, Vec<Fault>),
) -> PageResult {
    let id = batch.id.clone();
    let stage = Stage::parse(&batch.state).unwrap_or(Stage::Dropped);
    let left = query.0.text("left") == "1";
    let after = query.0.text("after").parse().unwrap_or(0);
    let (counts, mut rows, undone) = site
        .store
        .read(move |db| {
            let undone = undo::of(db, &id)?;
            let most = i64::try_from(ROWS + 1).unwrap_or(i64::MAX);
            Ok((batches::counts(db, &id)?, batches::rows(db, &id, left, after, most)?, undone))
        })
        .await?;
    let next = (rows.len() > ROWS).then(|| rows[ROWS - 1].place);
    rows.truncate(ROWS);
    let of = |wanted: Option<Outcome>| -> i64 {
        let code = wanted.map(Outcome::code);
        counts.iter().filter(|(outcome, _)| outcome.as_deref() == code).map(|one| one.1).sum()
    };
    let (ready, done) = (of(None), of(Some(Outcome::Done)));
    let all: i64 = counts.iter().map(|one| one.1).sum();
    let facts: [(&str, &dyn std::fmt::Display); 4] = [
        ("all", &words::count(all)),
        ("ready", &words::count(ready)),
        ("done", &words::count(done)),
        ("left", &words::count(all - ready - done)),
    ];
    let turns = stage == Stage::Running && query.0.text("still") != "1";
    let page = BatchPage {
        frame: Frame::of(site, who, visitor, Place::Inbox).said(query, "batches"),
        heading: TEXTS.fill("batches.heading", &[("step", &step_name(&batch))]),
        lead: TEXTS.fill(&format!("batches.lead.{}", stage.code()), &facts),
        stage,
        note: batch.words.clone(),
        more: batch.more,
        files: batch.event == Event::Notify.key() && batch.notice.is_none(),
        samples: batch.notice.is_some(),
        ready,
        counts: counts.iter().map(|(outcome, count)| count_view(outcome, *count, stage)).collect(),
        rows: rows.into_iter().map(|row| row_view(row, stage)).collect(),
        left,
        has_left: all > ready + done,
        can_start: ready > 0 || asks.as_ref().is_some_and(|asks| asks.missing.is_some()),
        rebases: batch.event == REBASE,
        refuses: Event::parse(&batch.event).is_some_and(Event::is_refusal),
        next,
        turns,
        can_undo: stage == Stage::Done && done > 0 && undo::event(&batch).is_some(),
        undone,
        undoes: batch.undoes,
        id: batch.id,
        asks,
        faults,
    };
    let mut answer = Html(page).into_response();
    if turns {
        answer.headers_mut().insert(REFRESH, HeaderValue::from_static(REFRESH_SECONDS));
    }
    Ok(answer)
}

/// Begins, or gives it up.
pub async fn post(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    Path(id): Path<String>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let batch = own(&site, &who, &id).await?;
    let (by, at) = (who.by(&site), format!("/inbox/batches/{}", batch.id));
    if form.text("do") == "undo" {
        return Ok(see_other(look_back::look(&site, &who, batch).await?));
    }
    let done = if form.text("do") == "start" {
        let mut with = Said::default();
        if let Some(asks) = asks(&site, &batch, &form).await? {
            with = match said(&asks, &form, words::day(site.clock.now())) {
                Ok(with) => with,
                Err(faults) => {
                    let (none, with_faults) = (QueryData::default(), (Some(asks), faults));
                    let page = drawn(&site, &who, &visitor, &none, batch, with_faults).await?;
                    return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
                }
            };
        }
        let (letter, clock) = (letter(&site, &who, &batch).await?, site.clock.clone());
        let started = site.store.write(move |tx| {
            let started = batches::start(tx, &by, &batch.id, &with)?;
            if started {
                letters::queue_all(tx, &clock, "in_charge", letter.as_slice())?;
            }
            Ok(started)
        });
        let started = started.await?;
        (site.batch_started)();
        (site.posted)();
        started
    } else {
        match site.store.write(move |tx| batches::drop_it(tx, &by, &batch.id)).await? {
            Some(files) => {
                forget(&site, files).await?;
                true
            }
            None => false,
        }
    };
    // Pressed twice: the page says how it stands.
    Ok(see_other(if done { at } else { format!("{at}?said=before") }))
}

/// The document a row would get, without the code that checks it.
pub async fn sample(
    State(site): State<Site>,
    who: Who,
    Path((id, place)): Path<(String, String)>,
) -> PageResult {
    let batch = own(&site, &who, &id).await?;
    let missing = || Trouble::from(Reply::not_found("batches.missing"));
    let place: i32 = place.parse().map_err(|_| missing())?;
    let rows = site.store.read(move |db| batches::rows(db, &id, false, place.saturating_sub(1), 1));
    let row = rows.await?.into_iter().find(|row| row.place == place).ok_or_else(missing)?;
    let notice = batch.notice.as_deref().ok_or_else(missing)?;
    let words: Words = serde_json::from_str(notice).or_fault()?;
    let application = row.application_id.unwrap_or_default();
    let desk = desk::open(&site, &who, &application, Action::IssueDocument).await?;
    let answers = desk.answers(&site).await?;
    let back = format!("/inbox/batches/{}", batch.id);
    let of = (&*desk.form, &answers, &desk.row);
    let now = site.clock.now();
    let written = press::written(&words, of, &site.settings.sender, now);
    let (draft, _) = written.map_err(|bad| {
        let why = words_of(&bad);
        Trouble::from(Reply::conflict("batches.unfit").with("why", why).link(back.clone()))
    })?;
    let (press, name) = (Press::of(&site), draft.file_name());
    let check = press.check(&desk.row.number, None);
    let print = move || press.print(&draft, crate::words::day(now), Some(check));
    match tokio::task::spawn_blocking(print).await.or_fault()? {
        Ok(printed) => Ok(private(inline(&name, "application/pdf", printed.into_bytes()))),
        Err(Unprintable::Missing(chars)) => {
            Err(Reply::conflict("batches.unprintable").with("chars", chars).link(back).into())
        }
        Err(Unprintable::Broken) => {
            Err(platform_web::Fault::because("a document could not be printed").into())
        }
    }
}

/// The one mail to who is put in charge of many: how many, nothing of an applicant.
async fn letter(site: &Site, who: &Who, batch: &Batch) -> Result<Option<Letter>, Trouble> {
    let person = batch.person.clone().filter(|id| site.settings.told_in_charge && *id != who.id);
    let Some(person) = person else { return Ok(None) };
    let (id, desks) = (batch.id.clone(), who.desks());
    let read =
        site.store.read(move |db| Ok((batches::counts(db, &id)?, in_charge::members(db, &desks)?)));
    let (counts, members) = read.await?;
    let ready: i64 = counts.iter().filter(|(outcome, _)| outcome.is_none()).map(|one| one.1).sum();
    let found = members.into_iter().find(|one| one.id == person && !one.email.is_empty());
    let Some(member) = found.filter(|_| ready > 0) else { return Ok(None) };
    let facts: [(&str, &dyn std::fmt::Display); 1] = [("count", &words::count(ready))];
    let path = format!("/inbox?charge={person}");
    Ok(inquiries::letters(site, &[member.email], "in_charge_several", &facts, &path)
        .into_iter()
        .next())
}

/// A batch of this person; one of somebody else's looks as if it were not there.
async fn own(site: &Site, who: &Who, id: &str) -> Result<Batch, Trouble> {
    let (staff, id) = (who.id.clone(), id.to_owned());
    let found = site.store.read(move |db| batches::find(db, &staff, &id)).await?;
    found.ok_or_else(|| Reply::not_found("batches.missing").into())
}

/// What a step is called.
pub(super) fn step_name(batch: &Batch) -> String {
    if let Some(on) = several::labels(&batch.event) {
        return several::label_words(on, &batch.title);
    }
    if batch.notice.is_some() {
        return TEXTS.fill("batches.notice", &[("name", &batch.title)]);
    }
    if let Some((_, name)) = several::reasoned(&batch.event) {
        return TEXTS.text(name).to_owned();
    }
    let onto = batch.onto.as_deref().and_then(|onto| serde_json::from_str::<Onto>(onto).ok());
    if let Some(onto) = onto {
        let facts: [(&str, &dyn std::fmt::Display); 2] =
            [("title", &batch.title), ("number", &onto.revision)];
        return TEXTS.fill("batches.rebase.step", &facts);
    }
    if batch.event == CHARGE && !batch.title.is_empty() {
        return TEXTS.fill("batches.charge", &[("name", &batch.title)]);
    }
    let key = match batch.event.as_str() {
        UNDO => "batches.undo",
        CHARGE => "batches.charge_nobody",
        CHARGE_BACK => "batches.charge_back",
        "accept" => "applications.do.accept",
        "start_review" => "applications.do.start_review",
        "finish" => "applications.do.finish",
        _ => "batches.issue",
    };
    TEXTS.text(key).to_owned()
}

/// What a stage is called.
pub(super) fn stage_name(stage: &str) -> &'static str {
    TEXTS.text(match Stage::parse(stage) {
        Some(Stage::Looked) => "batches.stage.looked",
        Some(Stage::Running) => "batches.stage.running",
        Some(Stage::Done) => "batches.stage.done",
        Some(Stage::Dropped) | None => "batches.stage.dropped",
    })
}

/// Words and mark of a row's outcome, or of what would happen to it.
fn told(outcome: Option<&str>, stage: Stage) -> (&'static str, &'static str) {
    match (outcome.map(Outcome::parse), stage) {
        (None, Stage::Looked | Stage::Dropped) => (TEXTS.text("batches.would"), "tag tag-new"),
        (None, Stage::Running | Stage::Done) => (TEXTS.text("batches.waits"), "tag"),
        (Some(Some(outcome)), _) => {
            let mark =
                if outcome == Outcome::Done { "tag tag-work" } else { "tag tag-bad tag-long" };
            (outcome_name(outcome), mark)
        }
        (Some(None), _) => (TEXTS.text("frame.unknown"), "tag tag-bad tag-long"),
    }
}

pub(crate) fn outcome_name(outcome: Outcome) -> &'static str {
    TEXTS.text(match outcome {
        Outcome::Done => "batches.outcome.done",
        Outcome::Overtaken => "batches.outcome.overtaken",
        Outcome::NotNow => "batches.outcome.not_now",
        Outcome::Unapproved => "batches.outcome.unapproved",
        Outcome::Unmarked => "batches.outcome.unmarked",
        Outcome::Unpaid => "batches.outcome.unpaid",
        Outcome::Missing => "batches.outcome.missing",
        Outcome::NotAllowed => "batches.outcome.not_allowed",
        Outcome::Own => "batches.outcome.own",
        Outcome::NoNumber => "batches.outcome.no_number",
        Outcome::WrongNumber => "batches.outcome.wrong_number",
        Outcome::SeveralNumbers => "batches.outcome.several_numbers",
        Outcome::Twice => "batches.outcome.twice",
        Outcome::NotPdf => "batches.outcome.not_pdf",
        Outcome::TooLarge => "batches.outcome.too_large",
        Outcome::Before => "batches.outcome.before",
        Outcome::Foreign => "batches.outcome.foreign",
        Outcome::NotMember => "batches.outcome.not_member",
        Outcome::Told => "batches.outcome.told",
        Outcome::Decided => "batches.outcome.decided",
        Outcome::Opened => "batches.outcome.opened",
        Outcome::Exported => "batches.outcome.exported",
        Outcome::NotKept => "batches.outcome.not_kept",
        Outcome::Deciding => "batches.outcome.deciding",
        Outcome::Asking => "batches.outcome.asking",
        Outcome::NeedsAnswers => "batches.outcome.needs_answers",
        Outcome::Charged => "batches.outcome.charged",
        Outcome::NoStage => "batches.outcome.no_stage",
        Outcome::OtherProcedure => "batches.outcome.other_procedure",
        Outcome::OtherForm => "batches.outcome.other_form",
        Outcome::Unfit => "batches.outcome.unfit",
        Outcome::Unprintable => "batches.outcome.unprintable",
        Outcome::Unsigned => "batches.outcome.unsigned",
        Outcome::NoNotice => "batches.outcome.no_notice",
        Outcome::Fault => "batches.outcome.fault",
    })
}

fn count_view(outcome: &Option<String>, count: i64, stage: Stage) -> CountView {
    let (words, mark) = told(outcome.as_deref(), stage);
    CountView { words, count: words::count(count), mark }
}

fn row_view(row: Row, stage: Stage) -> RowView {
    let (words, mark) = told(row.outcome.as_deref(), stage);
    RowView {
        place: row.place,
        application: row.application_id,
        number: row.number,
        size: words::bytes(row.size),
        file_name: row.file_name,
        words,
        mark,
        note: row.note,
    }
}
