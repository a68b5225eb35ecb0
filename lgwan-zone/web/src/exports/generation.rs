//! One generation: what it holds, what became of it, and putting it out again.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use domain::identity::{Action, Object};
use lgwan_zone_store::exports::repeat::{self, Part, Repeated, Wish};
use lgwan_zone_store::exports::{self, RecordError};
use lgwan_zone_store::procedures;
use platform_web::{CsrfForm, Html, PageResult, QueryData, Reply, Visitor, see_other};

use super::{SHOWN, elsewhere_view, load, missing, own, reads_words, state_of};
use crate::frame::{Frame, Place, maybe};
use crate::guard::Who;
use crate::site::Site;
use crate::words;

/// Longest reason kept, in characters.
const LONGEST: usize = 500;

#[derive(Template)]
#[template(path = "exports/generation.html")]
struct GenerationPage {
    frame: Frame,
    job: String,
    number: i32,
    state: String,
    tone: &'static str,
    facts: Vec<(&'static str, String)>,
    receipt: String,
    errors: Vec<RecordError>,
    /// Until when all this is known, microseconds.
    known_at: i64,
    /// How many more lie with departments of others; empty for none.
    elsewhere: String,
    four_eyes: bool,
    can_repeat: bool,
}

/// Shows a generation.
pub async fn show(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    query: QueryData,
    Path((id, number)): Path<(String, i32)>,
) -> PageResult {
    who.may(Action::ReadOperations, &Object::Operations)?;
    let (job, definition) = load(&site, &id).await?;
    let own = own(&who);
    let now = site.clock.now().as_microsecond();
    let read = site.store.read(move |db| {
        let one = exports::generation_of(db, &job.id, number)?;
        let of = (job.id.as_str(), number);
        let errors = exports::record_errors(db, of, own.as_deref(), SHOWN)?;
        let elsewhere = match &own {
            Some(own) => exports::errors_elsewhere(db, of, own)?,
            None => 0,
        };
        Ok((one, errors, elsewhere, procedures::list(db, None)?))
    });
    let (one, errors, elsewhere, all) = read.await?;
    let mut one = one.ok_or_else(missing)?;
    if !reads_words(&who, &definition, &all) {
        (one.receipt, one.reason) = (None, None);
    }
    let (state, tone) = state_of(&one, definition.overdue_hours, now);
    let count = |n: i64| words::count(n);
    let facts = vec![
        ("exports.page.generation.expected", Some(count(one.records))),
        ("exports.page.generation.actual", one.rows_taken.map(count)),
        ("exports.page.generation.attachments", Some(count(one.attachments))),
        ("exports.page.generation.bytes", one.bytes.map(count)),
        ("exports.page.generation.changed", Some(count(one.changed))),
        ("exports.page.generation.replaces", one.replaces.map(|n| format!("{n:06}"))),
        ("exports.page.generation.reason", one.reason.clone()),
        ("exports.page.generation.finished", maybe(one.finished_at)),
        ("exports.page.generation.stored", maybe(one.stored_at)),
        ("exports.page.generation.receipt_at", maybe(one.receipt_at)),
        ("exports.page.generation.sha256", one.sha256.clone()),
    ];
    let page = GenerationPage {
        frame: Frame::of(&site, &who, &visitor, Place::Exports).said(&query, "exports"),
        job: id,
        number,
        state,
        tone,
        facts: facts.into_iter().filter_map(|(key, value)| Some((key, value?))).collect(),
        receipt: one.receipt.clone().unwrap_or_default(),
        errors,
        known_at: now,
        elsewhere: elsewhere_view(elsewhere),
        four_eyes: definition.four_eyes,
        can_repeat: one.state != "writing" && who.can(Action::RunOperations, &Object::Operations),
    };
    Ok(Html(page).into_response())
}

/// Puts a generation out again, or asks a second person.
pub async fn repeat(
    State(site): State<Site>,
    who: Who,
    Path((id, number)): Path<(String, i32)>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    who.may(Action::RunOperations, &Object::Operations)?;
    let (_, definition) = load(&site, &id).await?;
    let reason: String = form.text("reason").trim().chars().take(LONGEST).collect();
    let part = Part::parse(form.text("part"));
    let Some(part) = part.filter(|_| !reason.is_empty()) else {
        let page = format!("/exports/{id}/generations/{number}");
        return Err(Reply::conflict("exports.no_reason").link(page).into());
    };
    let known_at = form.text("seen").parse().unwrap_or(0);
    let wish = Wish { job: id.clone(), generation: number, part, reason, known_at };
    let (by, request) = (who.by(&site), site.new_id());
    let came = site.store.write(move |tx| {
        if definition.four_eyes {
            repeat::ask(tx, &by, &request, &wish)
        } else {
            repeat::start(tx, &by, &wish, None)
        }
    });
    answer(&site, &id, came.await?)
}

/// A second person agrees to a wish, or not.
pub async fn decide(
    State(site): State<Site>,
    who: Who,
    Path((id, request)): Path<(String, String)>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    who.may(Action::RunOperations, &Object::Operations)?;
    let (by, agrees) = (who.by(&site), form.text("decision") == "agree");
    let came = site.store.write(move |tx| repeat::decide(tx, &by, &request, agrees)).await?;
    answer(&site, &id, came)
}

fn answer(site: &Site, job: &str, came: Repeated) -> PageResult {
    let said = match came {
        Repeated::Generation(_) => {
            (site.export_started)();
            "repeated"
        }
        Repeated::Asked => "asked",
        Repeated::Declined => "declined",
        Repeated::Nothing => "nothing_failed",
        Repeated::Busy => "busy",
        Repeated::SamePerson => {
            let page = format!("/exports/{job}");
            return Err(Reply::conflict("exports.same_person").link(page).into());
        }
        Repeated::Changed => {
            let page = format!("/exports/{job}");
            return Err(Reply::conflict("exports.changed").link(page).into());
        }
        Repeated::Missing => return Err(missing()),
    };
    Ok(see_other(format!("/exports/{job}?said={said}")))
}

/// Lets everything a job left out leave with the next generation.
pub async fn held_again(
    State(site): State<Site>,
    who: Who,
    Path(id): Path<String>,
    CsrfForm(_): CsrfForm,
) -> PageResult {
    who.may(Action::RunOperations, &Object::Operations)?;
    let (job, definition) = load(&site, &id).await?;
    let (by, most) = (who.by(&site), definition.most());
    let started = site.store.write(move |tx| {
        exports::try_again(tx, &by, &job.id)?;
        exports::start(tx, &by, &job.id, most)
    });
    if matches!(started.await?, exports::Started::Generation(_)) {
        (site.export_started)();
    }
    Ok(see_other(format!("/exports/{id}?said=held_again")))
}
