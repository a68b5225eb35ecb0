//! One step, or one label, for several applications of the list (NF-36). Each is taken for itself: what cannot be
//! done now is named, and everything else is done.

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse as _;
use domain::applications::Event;
use domain::identity::Action;
use lgwan_zone_store::applications::inbox::SELECTED;
use lgwan_zone_store::applications::labels::{self as stored, Label, Put};
use lgwan_zone_store::applications::steps::{self, Taken};
use lgwan_zone_store::applications::{file, rows};
use lgwan_zone_store::batches::{LABEL_OFF, LABEL_ON};
use platform_web::{CsrfForm, FormData, Html, PageResult, Trouble, Visitor, see_other};

use super::desk;
use super::steps as one;
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
}

struct Line {
    id: String,
    number: String,
    applicant: String,
    done: bool,
    words: &'static str,
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

/// Applications that were chosen, with the version each was looked at in.
fn chosen(form: &FormData) -> Vec<(String, i32)> {
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
        let words = step(&site, &who, (&id, seen), event).await?;
        lines.push(line(&site, &who, id, words).await?);
    }
    (site.posted)();
    Ok(Html(result(&site, &who, &visitor, TEXTS.text(name), lines, back)).into_response())
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
    for (id, _) in chosen {
        let words = match desk::open(site, who, &id, Action::WorkOnApplication).await {
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
                    Put::Done => DONE,
                    Put::Before => "batches.outcome.before",
                    Put::Foreign => "batches.outcome.foreign",
                }
            }
            Err(Trouble::Refusal(_)) => MISSING,
            Err(other) => return Err(other),
        };
        lines.push(line(site, who, id, words).await?);
    }
    let step = label_words(on, &label.name);
    Ok(Html(result(site, who, &visitor, &step, lines, back)).into_response())
}

/// The page that tells what became of each.
fn result(
    site: &Site,
    who: &Who,
    visitor: &Visitor,
    step: &str,
    lines: Vec<Line>,
    back: String,
) -> Page {
    let done = lines.iter().filter(|line| line.done).count();
    let said = TEXTS
        .fill("applications.several.said", &[("done", &done), ("left", &(lines.len() - done))]);
    Page {
        frame: Frame::of(site, who, visitor, Place::Inbox),
        heading: TEXTS.fill("applications.several.heading", &[("step", &step)]),
        said,
        lines,
        back,
    }
}

/// The list this came from, and nothing else.
fn back(query: &str) -> String {
    if query.starts_with('?') { format!("/inbox{query}") } else { "/inbox".to_owned() }
}

const DONE: &str = "applications.several.done";
const MISSING: &str = "applications.several.missing";

/// What became of one; the key of its words.
async fn step(
    site: &Site,
    who: &Who,
    of: (&str, i32),
    event: Event,
) -> Result<&'static str, Trouble> {
    let step = match one::planned(site, who, of, event).await {
        Ok(step) => step,
        Err(Trouble::Refusal(reply)) if reply.status == http::StatusCode::CONFLICT => {
            return Ok("applications.several.not_now");
        }
        // What is not there and what is another department's look the same.
        Err(Trouble::Refusal(_)) => return Ok(MISSING),
        Err(other) => return Err(other),
    };
    let by = who.by(site);
    match site.store.write(move |tx| steps::take(tx, &by, &step)).await? {
        Taken::Done => Ok(DONE),
        Taken::Overtaken { .. } => Ok("applications.several.overtaken"),
        Taken::Unapproved => Ok("applications.several.unapproved"),
    }
}

async fn line(site: &Site, who: &Who, id: String, key: &'static str) -> Result<Line, Trouble> {
    let wanted = id.clone();
    let row: Option<rows::Application> = if key == MISSING {
        None
    } else {
        site.store.read(move |db| file::row(db, &wanted)).await?
    };
    let row = row.filter(|row| who.may_with(Action::ReadApplication, row).is_ok());
    let (number, applicant) = row.map(|row| (row.number, row.applicant_name)).unwrap_or_default();
    Ok(Line { id, number, applicant, done: key == DONE, words: TEXTS.text(key) })
}
