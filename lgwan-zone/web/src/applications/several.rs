//! One step, or one label, for several applications of the list (NF-36). Each is taken for itself: what cannot be
//! done now is named, and everything else is done.

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse as _;
use domain::applications::Event;
use domain::identity::Action;
use http::StatusCode;
use lgwan_zone_store::applications::inbox::SELECTED;
use lgwan_zone_store::applications::labels::{self as stored, Label, Put};
use lgwan_zone_store::applications::steps;
use lgwan_zone_store::applications::{file, rows};
use lgwan_zone_store::batches::{self, Batch, LABEL_OFF, LABEL_ON, Outcome, Row, Stage};
use platform_web::{CsrfForm, FormData, Html, PageResult, Reply, Trouble, Visitor, see_other};

use super::desk;
use super::steps as one;
use crate::batches::show::outcome_name;
use crate::frame::{Frame, Place};
use crate::guard::Who;
use crate::site::{Site, TEXTS};

#[derive(Template)]
#[template(path = "applications/several.html")]
struct Page {
    frame: Frame,
    heading: String,
    said: String,
    lines: Vec<Line>,
    back: String,
    /// The batch as which it was kept.
    kept: Option<String>,
}

struct Line {
    id: String,
    /// Version it was looked at in.
    seen: i32,
    came: Came,
    number: String,
    applicant: String,
    done: bool,
    words: &'static str,
}

/// What became of one, and the state it was in before.
struct Came {
    outcome: Outcome,
    before: Option<String>,
}

impl From<Outcome> for Came {
    fn from(outcome: Outcome) -> Self {
        Self { outcome, before: None }
    }
}

/// The steps that ask nothing more, with what they are called.
const STEPS: [(Event, &str); 3] = [
    (Event::Accept, "applications.do.accept"),
    (Event::StartReview, "applications.do.start_review"),
    (Event::Finish, "applications.do.finish"),
];

/// The step of this key, when it asks nothing more.
pub(crate) fn plain(key: &str) -> Option<Event> {
    STEPS.into_iter().map(|(event, _)| event).find(|event| event.key() == key)
}

/// The steps that give every applicant the same reason, with what they are called.
const REASONED: [(Event, &str); 3] = [
    (Event::AskCorrection, "applications.do.ask_correction"),
    (Event::Reject, "applications.do.reject"),
    (Event::RefuseEntry, "applications.do.refuse_entry"),
];

/// The step of this key with what it is called, when it takes a reason.
pub(crate) fn reasoned(key: &str) -> Option<(Event, &'static str)> {
    REASONED.into_iter().find(|(event, _)| event.key() == key)
}

/// Applications that were chosen, with the version each was looked at in.
pub(crate) fn chosen(form: &FormData) -> Vec<(String, i32)> {
    let mut known = BTreeSet::new();
    let read = |text: &str| {
        let (id, seen) = text.split_once(':')?;
        Some((id.to_owned(), seen.parse().ok()?))
    };
    let all = form.all("one").filter_map(read);
    all.filter(|(id, _)| known.insert(id.clone())).take(SELECTED).collect()
}

/// Takes the step for each and tells what became of it.
pub async fn post(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let back = back(form.text("back"));
    let chosen = chosen(&form);
    if let Some(on) = labels(form.text("do")) {
        return label(&site, &who, visitor, (&form, chosen, back), on).await;
    }
    let pressed = STEPS.into_iter().find(|(event, _)| event.key() == form.text("do"));
    let Some((event, name)) = pressed.filter(|_| !chosen.is_empty()) else {
        let joint = if back.contains('?') { '&' } else { '?' };
        return Ok(see_other(format!("{back}{joint}said=none_chosen")));
    };
    let mut lines = Vec::with_capacity(chosen.len());
    for (id, seen) in chosen {
        let came = step(&site, &who, (&id, seen), event).await?;
        lines.push(line(&site, &who, (id, seen), came).await?);
    }
    (site.posted)();
    let act = (event.key(), None);
    let page = result(&site, &who, &visitor, (TEXTS.text(name), act), (lines, back)).await?;
    Ok(Html(page).into_response())
}

/// Whether this key puts a label on, or takes one off; `None` for a step.
pub(crate) fn labels(key: &str) -> Option<bool> {
    match key {
        LABEL_ON => Some(true),
        LABEL_OFF => Some(false),
        _ => None,
    }
}

/// What putting a label on, or taking it off, is called.
pub(crate) fn label_words(on: bool, name: &str) -> String {
    let key = if on { "applications.label.putting" } else { "applications.label.taking" };
    TEXTS.fill(key, &[("name", &name)])
}

/// The label of a form, when it is one of the person's departments.
pub(crate) async fn chosen_label(
    site: &Site,
    who: &Who,
    id: &str,
) -> Result<Option<Label>, Trouble> {
    let (id, desks) = (id.to_owned(), who.desks());
    let found = site.store.read(move |db| stored::find(db, &id)).await?;
    Ok(found.filter(|label| desks.contains(&label.department_id)))
}

/// Puts a label on each, or takes it off, and tells what became of it.
async fn label(
    site: &Site,
    who: &Who,
    visitor: Visitor,
    (form, chosen, back): (&FormData, Vec<(String, i32)>, String),
    on: bool,
) -> PageResult {
    let label = chosen_label(site, who, form.text("tag")).await?;
    let Some(label) = label.filter(|_| !chosen.is_empty()) else {
        let joint = if back.contains('?') { '&' } else { '?' };
        return Ok(see_other(format!("{back}{joint}said=none_chosen")));
    };
    let mut lines = Vec::with_capacity(chosen.len());
    for (id, seen) in chosen {
        let outcome = match desk::open(site, who, &id, Action::WorkOnApplication).await {
            Ok(desk) => {
                let (by, label) = (who.by(site), label.clone());
                let put = site.store.write(move |tx| {
                    if on {
                        stored::put(tx, &by, &desk.row, &label)
                    } else {
                        stored::take(tx, &by, &desk.row, &label)
                    }
                });
                match put.await? {
                    Put::Done => Outcome::Done,
                    Put::Before => Outcome::Before,
                    Put::Foreign => Outcome::Foreign,
                }
            }
            Err(Trouble::Refusal(reply)) => left_out(&reply),
            Err(other) => return Err(other),
        };
        lines.push(line(site, who, (id, seen), outcome.into()).await?);
    }
    let step = label_words(on, &label.name);
    let act = (if on { LABEL_ON } else { LABEL_OFF }, Some(label));
    let page = result(site, who, &visitor, (&step, act), (lines, back)).await?;
    Ok(Html(page).into_response())
}

/// The page that tells what became of each. It is kept as a batch that is over, so that it can be
/// seen again and taken back.
async fn result(
    site: &Site,
    who: &Who,
    visitor: &Visitor,
    (step, (event, label)): (&str, (&str, Option<Label>)),
    (lines, back): (Vec<Line>, String),
) -> Result<Page, Trouble> {
    let by = who.by(site);
    let at = by.at.as_microsecond();
    let (title, label_id) = label.map_or_else(Default::default, |one| (one.name, Some(one.id)));
    let batch = Batch {
        title,
        state: Stage::Done.code().to_owned(),
        started_at: Some(at),
        ended_at: Some(at),
        label_id,
        ..Batch::looked_at(site.new_id(), event, (&who.id, &who.name), at)
    };
    let known = lines.iter().filter(|line| !line.number.is_empty());
    let rows: Vec<Row> = known.zip(1..).map(|(line, place)| row(&batch.id, line, place)).collect();
    let kept = (!rows.is_empty()).then(|| batch.id.clone());
    if kept.is_some() {
        site.store.write(move |tx| batches::keep_done(tx, &by, &batch, &rows)).await?;
    }
    let done = lines.iter().filter(|line| line.done).count();
    let said = TEXTS
        .fill("applications.several.said", &[("done", &done), ("left", &(lines.len() - done))]);
    Ok(Page {
        frame: Frame::of(site, who, visitor, Place::Inbox),
        heading: TEXTS.fill("applications.several.heading", &[("step", &step)]),
        said,
        lines,
        back,
        kept,
    })
}

fn row(batch: &str, line: &Line, place: i32) -> Row {
    Row {
        batch_id: batch.to_owned(),
        place,
        application_id: Some(line.id.clone()),
        number: line.number.clone(),
        seen: line.seen,
        file_name: String::new(),
        file_id: None,
        size: 0,
        sha256: String::new(),
        outcome: Some(line.came.outcome.code().to_owned()),
        before_state: line.came.before.clone(),
        note: String::new(),
        person: None,
    }
}

/// The list this came from, and nothing else.
fn back(query: &str) -> String {
    if query.starts_with('?') { format!("/inbox{query}") } else { "/inbox".to_owned() }
}

/// What became of one.
async fn step(site: &Site, who: &Who, of: (&str, i32), event: Event) -> Result<Came, Trouble> {
    let step = match one::planned(site, who, of, event).await {
        Ok(step) => step,
        Err(Trouble::Refusal(reply)) => return Ok(left_out(&reply).into()),
        Err(other) => return Err(other),
    };
    let by = who.by(site);
    let before = step.hops.first().and_then(|hop| hop.from.clone());
    let taken = site.store.write(move |tx| steps::take(tx, &by, &step)).await?;
    Ok(Came { outcome: Outcome::from(&taken), before })
}

/// Why one is left out. What is not there and what is another department's look the same.
fn left_out(reply: &Reply) -> Outcome {
    match (reply.key, reply.status) {
        ("applications.own", _) => Outcome::Own,
        (_, StatusCode::CONFLICT) => Outcome::NotNow,
        _ => Outcome::Missing,
    }
}

async fn line(
    site: &Site,
    who: &Who,
    (id, seen): (String, i32),
    came: Came,
) -> Result<Line, Trouble> {
    let wanted = id.clone();
    let row: Option<rows::Application> = if came.outcome == Outcome::Missing {
        None
    } else {
        site.store.read(move |db| file::row(db, &wanted)).await?
    };
    let row = row.filter(|row| who.may_with(Action::ReadApplication, row).is_ok());
    let (number, applicant) = row.map(|row| (row.number, row.applicant_name)).unwrap_or_default();
    let words = match came.outcome {
        Outcome::Overtaken => TEXTS.text("applications.several.overtaken"),
        Outcome::Missing => TEXTS.text("applications.several.missing"),
        other => outcome_name(other),
    };
    Ok(Line { id, seen, number, applicant, done: came.outcome == Outcome::Done, words, came })
}
