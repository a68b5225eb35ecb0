//! 業務システム連携: jobs, generations, and whether they were picked up
//! (IK-2.1.2d1, IK-3.5.7b).

pub mod define;
pub mod gaiji;
pub mod generation;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use domain::applications::State as At;
use domain::export::{FileName, Layout};
use domain::forms::definition::Day;
use domain::identity::{Action, Object};
use lgwan_zone_store::exports::repeat::{self, Request};
use lgwan_zone_store::exports::{self, Definition, Generation, Held, Job, Schedule, Started};
use lgwan_zone_store::procedures::{self, Procedure};
use platform_web::{
    CsrfForm, Html, OrFault as _, PageResult, QueryData, Reply, Trouble, Visitor, see_other,
};

use crate::frame::{Frame, Place, maybe};
use crate::guard::Who;
use crate::site::{Site, TEXTS};
use crate::words;

/// Generations, and applications left out, that a page shows.
const SHOWN: i64 = 100;

#[derive(Template)]
#[template(path = "exports/list.html")]
struct ListPage {
    frame: Frame,
    jobs: Vec<JobLine>,
    can_edit: bool,
}

struct JobLine {
    id: String,
    procedures: String,
    generation: i32,
    state: String,
    tone: &'static str,
    waiting: String,
}

/// Lists the jobs.
pub async fn list(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    query: QueryData,
) -> PageResult {
    who.may(Action::ReadOperations, &Object::Operations)?;
    let (jobs, titles) = site
        .store
        .read(|db| {
            let mut found = Vec::new();
            for job in exports::jobs(db)? {
                let newest = exports::generations(db, &job.id, 1)?.into_iter().next();
                let waiting = exports::waiting_count(db, &job.id)?;
                found.push((job, newest, waiting));
            }
            Ok((found, procedures::list(db, None)?))
        })
        .await?;
    let now = site.clock.now().as_microsecond();
    let jobs = jobs
        .into_iter()
        .map(|(job, newest, waiting)| {
            let hours =
                Definition::from_json(&job.definition).ok().and_then(|one| one.overdue_hours);
            let (state, tone) =
                newest.as_ref().map_or((String::new(), "end"), |one| state_of(one, hours, now));
            JobLine {
                procedures: named(&job, &titles),
                generation: job.generation,
                state,
                tone,
                waiting: words::count(waiting),
                id: job.id,
            }
        })
        .collect();
    let can_edit = who.can(Action::RunOperations, &Object::Operations);
    let frame = Frame::of(&site, &who, &visitor, Place::Exports).said(&query, "exports");
    Ok(Html(ListPage { frame, jobs, can_edit }).into_response())
}

#[derive(Template)]
#[template(path = "exports/show.html")]
struct ShowPage {
    frame: Frame,
    id: String,
    procedures: String,
    states: String,
    waiting: String,
    file_name: String,
    columns: String,
    /// When it puts out a generation by itself.
    schedule: String,
    generations: Vec<Line>,
    held: Vec<Held>,
    /// How many more lie with departments of others; empty for none.
    elsewhere: String,
    requests: Vec<Request>,
    can_run: bool,
}

struct Line {
    generation: i32,
    number: String,
    replaces: Option<String>,
    errors: bool,
    state: String,
    tone: &'static str,
    records: String,
    attachments: String,
    at: String,
    receipt_at: Option<String>,
    receipt: String,
}

/// Shows one job with its generations.
pub async fn show(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    query: QueryData,
    Path(id): Path<String>,
) -> PageResult {
    who.may(Action::ReadOperations, &Object::Operations)?;
    let (job, definition) = load(&site, &id).await?;
    let (name, own) = (job.id.clone(), own(&who));
    let (mut generations, (held, elsewhere), waiting, titles, mut requests) = site
        .store
        .read(move |db| {
            let generations = exports::generations(db, &name, SHOWN)?;
            let held = exports::held(db, &name, own.as_deref(), SHOWN)?;
            let elsewhere = match &own {
                Some(own) => exports::held_elsewhere(db, &name, own)?,
                None => 0,
            };
            let waiting = exports::waiting_count(db, &name)?;
            let requests = repeat::open(db, &name)?;
            let titles = procedures::list(db, None)?;
            Ok((generations, (held, elsewhere), waiting, titles, requests))
        })
        .await?;
    if !reads_words(&who, &definition, &titles) {
        generations.iter_mut().for_each(|one| one.receipt = None);
        requests.iter_mut().for_each(|one| one.reason.clear());
    }
    let states = definition.states.iter().filter_map(|state| At::parse(state).ok());
    let states: Vec<&str> = states.map(|state| TEXTS.text(state.name_key())).collect();
    let columns: Vec<&str> =
        definition.layout.columns.iter().map(|column| column.header.as_str()).collect();
    let separator = TEXTS.text("frame.and");
    let (hours, now) = (definition.overdue_hours, site.clock.now().as_microsecond());
    let page = ShowPage {
        frame: Frame::of(&site, &who, &visitor, Place::Exports).said(&query, "exports"),
        procedures: named(&job, &titles),
        states: states.join(separator),
        waiting: words::count(waiting),
        file_name: files_named(&definition.layout),
        columns: columns.join(separator),
        schedule: scheduled(definition.schedule.as_ref()),
        generations: generations.iter().map(|one| line(one, hours, now)).collect(),
        held,
        elsewhere: elsewhere_view(elsewhere),
        requests,
        can_run: who.can(Action::RunOperations, &Object::Operations),
        id: job.id,
    };
    Ok(Html(page).into_response())
}

/// How its files are called: by the name of the layout unless it has a pattern of its own.
fn files_named(of: &Layout) -> String {
    if of.file_name == FileName::default() {
        return of.name.clone();
    }
    of.file_name.text().replace("{layout}", &of.name)
}

/// Days and times in words.
fn scheduled(schedule: Option<&Schedule>) -> String {
    let Some(schedule) = schedule else {
        return TEXTS.text("exports.page.show.interval").to_owned();
    };
    let days: Vec<&str> =
        Day::ALL.into_iter().filter(|day| schedule.days.contains(day)).map(day_name).collect();
    let days = match days.as_slice() {
        [] => TEXTS.text("exports.page.show.every_day").to_owned(),
        days => days.join(TEXTS.text("exports.page.show.day_and")),
    };
    let times = schedule.at.join(TEXTS.text("frame.and"));
    TEXTS.fill("exports.page.show.at", &[("days", &days), ("times", &times)])
}

fn day_name(day: Day) -> &'static str {
    TEXTS.text(match day {
        Day::Mon => "exports.day.mon",
        Day::Tue => "exports.day.tue",
        Day::Wed => "exports.day.wed",
        Day::Thu => "exports.day.thu",
        Day::Fri => "exports.day.fri",
        Day::Sat => "exports.day.sat",
        Day::Sun => "exports.day.sun",
    })
}

/// Starts a generation now.
pub async fn run(
    State(site): State<Site>,
    who: Who,
    Path(id): Path<String>,
    CsrfForm(_): CsrfForm,
) -> PageResult {
    who.may(Action::RunOperations, &Object::Operations)?;
    let (job, definition) = load(&site, &id).await?;
    let (by, most) = (who.by(&site), definition.most());
    let started = site.store.write(move |tx| exports::start(tx, &by, &job.id, most)).await?;
    let said = match started {
        Started::Generation(_) => {
            (site.export_started)();
            "started"
        }
        Started::Nothing => "nothing",
        Started::Busy => "busy",
        Started::NoJob => return Err(missing()),
    };
    Ok(see_other(format!("/exports/{id}?said={said}")))
}

/// Whose applications are named with what was wrong with them: of the own departments. Who runs the
/// operation must put a table or a code right, and sees all (`None`).
fn own(who: &Who) -> Option<Vec<String>> {
    (!who.can(Action::RunOperations, &Object::Operations)).then(|| who.desks())
}

/// Whether somebody may read what the business system, or a colleague, said in words of their own:
/// those may name a person.
fn reads_words(who: &Who, definition: &Definition, all: &[Procedure]) -> bool {
    own(who).is_none_or(|desks| {
        let own = all.iter().filter(|one| desks.contains(&one.department_id));
        let ids: Vec<&str> = own.map(|one| one.id.as_str()).collect();
        definition.procedures.iter().any(|id| ids.contains(&id.as_str()))
    })
}

fn elsewhere_view(count: i64) -> String {
    match count {
        0 => String::new(),
        count => TEXTS.fill("exports.elsewhere", &[("count", &words::count(count))]),
    }
}

async fn load(site: &Site, id: &str) -> Result<(Job, Definition), Trouble> {
    let wanted = id.to_owned();
    let job = site.store.read(move |db| exports::job(db, &wanted)).await?;
    let job = job.ok_or_else(missing)?;
    let definition = Definition::from_json(&job.definition).or_fault()?;
    Ok((job, definition))
}

fn missing() -> Trouble {
    Reply::not_found("exports.missing").into()
}

fn named(job: &Job, titles: &[Procedure]) -> String {
    let Ok(definition) = Definition::from_json(&job.definition) else {
        return TEXTS.text("frame.unknown").to_owned();
    };
    let title = |id: &str| titles.iter().find(|one| one.id == id).map(|one| one.title.as_str());
    let names: Vec<&str> =
        definition.procedures.iter().map(|id| title(id.as_str()).unwrap_or(id.as_str())).collect();
    names.join(TEXTS.text("frame.and"))
}

fn line(one: &Generation, hours: Option<u32>, now: i64) -> Line {
    let (state, tone) = state_of(one, hours, now);
    Line {
        generation: one.generation,
        number: format!("{:06}", one.generation),
        replaces: one.replaces.map(|number| format!("{number:06}")),
        errors: one.rows_taken.is_some_and(|taken| taken != one.records),
        state,
        tone,
        records: words::count(one.records),
        attachments: words::count(one.attachments),
        at: words::stored(one.finished_at.unwrap_or(one.started_at)),
        receipt_at: maybe(one.receipt_at),
        receipt: one.receipt.clone().unwrap_or_default(),
    }
}

/// The state of a generation in words, and its tone.
fn state_of(one: &Generation, hours: Option<u32>, now: i64) -> (String, &'static str) {
    let late = exports::overdue(one, hours, now);
    let by = one.refused_by.as_deref();
    let (key, tone) = match one.state.as_str() {
        "writing" => ("exports.state.writing", "work"),
        "waiting" if late => ("exports.state.overdue", "bad"),
        "waiting" => ("exports.state.waiting", "wait"),
        "taken" => ("exports.state.taken", "work"),
        _ if by == Some(exports::BY_SERVER_B) => ("exports.state.undelivered", "bad"),
        _ if by == Some(exports::AFTER_TAKEN) => ("exports.state.failed_after_taken", "bad"),
        _ => ("exports.state.refused", "bad"),
    };
    (TEXTS.text(key).to_owned(), tone)
}
