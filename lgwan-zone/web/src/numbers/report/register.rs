//! The register: faults, announced stops and changes (NB-9, IK-3.5.1b). Everybody reads it, the
//! administrator writes it.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use domain::identity::{Action, Object};
use http::StatusCode;
use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};
use lgwan_zone_store::identity::staff;
use lgwan_zone_store::incidents::{self, Affected, Facts, Incident, Kind};
use platform_store::time;
use platform_web::{CsrfForm, FormData, Html, PageResult, Reply, Trouble, Visitor, see_other};

use super::sheet::{Entry, affected, kind};
use crate::frame::{Choice, Fault, Frame, Place};
use crate::guard::Who;
use crate::site::Site;
use crate::words;

/// Entries shown; older ones are on the reports of their months.
const SHOWN: i64 = 500;
/// Longest text, in characters.
const LONGEST: usize = 2_000;

#[derive(Template)]
#[template(path = "numbers/incidents.html")]
struct ListPage {
    frame: Frame,
    rows: Vec<Entry>,
    can_write: bool,
}

/// Lists the entries, newest first.
pub async fn list(State(site): State<Site>, who: Who, visitor: Visitor) -> PageResult {
    who.may(Action::ReadOperations, &Object::Operations)?;
    let all = site.store.read(|db| incidents::newest(db, SHOWN)).await?;
    let page = ListPage {
        frame: Frame::of(&site, &who, &visitor, Place::Numbers),
        rows: all.into_iter().map(Entry::of).collect(),
        can_write: who.can(Action::RunOperations, &Object::Operations),
    };
    Ok(Html(page).into_response())
}

#[derive(Template)]
#[template(path = "numbers/incident.html")]
struct EntryPage {
    frame: Frame,
    faults: Vec<Fault>,
    action: String,
    /// Id of a new entry, made with its form: a second press writes nothing more.
    id: String,
    /// The version that was seen.
    seen: i32,
    kinds: Vec<Choice>,
    sides: Vec<Choice>,
    typed: FormData,
    /// When it was last written, and by whom.
    last: Option<(String, String)>,
    shown: Option<Entry>,
    can_write: bool,
}

impl EntryPage {
    /// What stands in an input.
    fn value(&self, name: &str) -> &str {
        self.typed.text(name)
    }
}

/// Shows the form of a new entry.
pub async fn new(State(site): State<Site>, who: Who, visitor: Visitor) -> PageResult {
    who.may(Action::RunOperations, &Object::Operations)?;
    let frame = Frame::of(&site, &who, &visitor, Place::Numbers);
    Ok(Html(form(frame, FormData::default(), Vec::new(), &Form::New(site.new_id())))
        .into_response())
}

/// Writes a new entry.
pub async fn post(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    CsrfForm(typed): CsrfForm,
) -> PageResult {
    who.may(Action::RunOperations, &Object::Operations)?;
    let id = typed.text("id").to_owned();
    let plain = id.len() == 26 && id.bytes().all(|b| b.is_ascii_alphanumeric());
    let id = if plain { id } else { site.new_id() };
    let facts = match parse(&typed, time::to_micros(site.clock.now())) {
        Ok(facts) => facts,
        Err(faults) => return Err(again(&site, (&who, &visitor), typed, faults, &Form::New(id))),
    };
    let by = who.by(&site);
    site.store.write(move |tx| incidents::record(tx, &by, &id, &facts)).await?;
    Ok(see_other("/numbers/incidents"))
}

/// Shows one entry, to the administrator as a form.
pub async fn show(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    Path(id): Path<String>,
) -> PageResult {
    who.may(Action::ReadOperations, &Object::Operations)?;
    let found = site.store.read(move |db| {
        let Some(one) = incidents::find(db, &id)? else { return Ok(None) };
        let by = staff::find(db, &one.changed_by)?.map_or_else(String::new, |by| by.display_name);
        Ok(Some((one, by)))
    });
    let (one, by) = found.await?.ok_or_else(missing)?;
    let frame = Frame::of(&site, &who, &visitor, Place::Numbers);
    let typed = typed(&one);
    let last = (words::stored(one.changed_at), by);
    let place = Form::Old(one.id.clone(), one.version);
    let page = EntryPage {
        last: Some(last),
        can_write: who.can(Action::RunOperations, &Object::Operations),
        shown: Some(Entry::of(one)),
        ..form(frame, typed, Vec::new(), &place)
    };
    Ok(Html(page).into_response())
}

/// Corrects an entry; who saw an older version is told so.
pub async fn correct(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    Path(id): Path<String>,
    CsrfForm(typed): CsrfForm,
) -> PageResult {
    who.may(Action::RunOperations, &Object::Operations)?;
    let seen = typed.text("seen").parse().unwrap_or(0);
    let place = Form::Old(id.clone(), seen);
    let facts = match parse(&typed, time::to_micros(site.clock.now())) {
        Ok(facts) => facts,
        Err(faults) => return Err(again(&site, (&who, &visitor), typed, faults, &place)),
    };
    let by = who.by(&site);
    let kept = site.store.write(move |tx| {
        if incidents::correct(tx, &by, (&id, seen), &facts)? {
            return Ok((true, None));
        }
        let Some(now) = incidents::find(tx.db, &id)? else { return Ok((false, None)) };
        // A second press of the same button finds what it wrote.
        if now.facts == facts {
            return Ok((true, None));
        }
        let by = staff::find(tx.db, &now.changed_by)?;
        Ok((false, Some((now, by.map_or_else(String::new, |by| by.display_name)))))
    });
    match kept.await? {
        (true, _) => Ok(see_other("/numbers/incidents")),
        (false, Some(now)) => Err(overtaken(&site, (&who, &visitor), typed, now)),
        (false, None) => Err(missing()),
    }
}

/// The form with what was typed, and what a colleague wrote meanwhile: the next press is about that.
fn overtaken(
    site: &Site,
    (who, visitor): (&Who, &Visitor),
    typed: FormData,
    (now, by): (Incident, String),
) -> Trouble {
    let frame = Frame::of(site, who, visitor, Place::Numbers);
    let faults = vec![Fault::of("now", "numbers.report.overtaken")];
    let place = Form::Old(now.id.clone(), now.version);
    let page = EntryPage {
        last: Some((words::stored(now.changed_at), by)),
        shown: Some(Entry::of(now)),
        ..form(frame, typed, faults, &place)
    };
    (StatusCode::CONFLICT, Html(page)).into_response().into()
}

/// Which entry a form is about.
enum Form {
    New(String),
    Old(String, i32),
}

fn form(frame: Frame, typed: FormData, faults: Vec<Fault>, of: &Form) -> EntryPage {
    let (action, id, seen) = match of {
        Form::New(id) => ("/numbers/incidents/new".to_owned(), id.clone(), 0),
        Form::Old(id, seen) => (format!("/numbers/incidents/{id}"), String::new(), *seen),
    };
    let kinds =
        Kind::ALL.map(|one| Choice::new(one.key(), kind(one), typed.text("kind") == one.key()));
    let sides = Affected::ALL
        .map(|one| Choice::new(one.key(), affected(one), typed.text("affected") == one.key()));
    EntryPage {
        frame,
        faults,
        action,
        id,
        seen,
        kinds: kinds.into(),
        sides: sides.into(),
        typed,
        last: None,
        shown: None,
        can_write: true,
    }
}

fn again(
    site: &Site,
    (who, visitor): (&Who, &Visitor),
    typed: FormData,
    faults: Vec<Fault>,
    of: &Form,
) -> Trouble {
    let frame = Frame::of(site, who, visitor, Place::Numbers);
    (StatusCode::UNPROCESSABLE_ENTITY, Html(form(frame, typed, faults, of))).into_response().into()
}

/// An entry as its form would send it.
fn typed(one: &Incident) -> FormData {
    let facts = &one.facts;
    let at = |micros: i64| {
        words::in_japan(time::from_micros(micros)).strftime("%Y-%m-%dT%H:%M").to_string()
    };
    let ended = facts.ended_at.map(at).unwrap_or_default();
    let query: Vec<String> = [
        ("kind", facts.kind.key()),
        ("affected", facts.affected.key()),
        ("title", &facts.title),
        ("began", &at(facts.began_at)),
        ("ended", &ended),
        ("stopped", if facts.stopped { "yes" } else { "" }),
        ("happened", &facts.happened),
        ("cause", &facts.cause),
        ("measure", &facts.measure),
    ]
    .iter()
    .map(|(name, value)| format!("{name}={}", words::in_query(value)))
    .collect();
    FormData::parse(query.join("&").as_bytes()).unwrap_or_default()
}

fn parse(typed: &FormData, now: i64) -> Result<Facts, Vec<Fault>> {
    let mut faults = Vec::new();
    let mut wrong = |field: &str, key: &str| faults.push(Fault::of(field, key));
    let kind = Kind::parse(typed.text("kind"));
    if kind.is_none() {
        wrong("kind", "numbers.report.fault.kind");
    }
    let affected = Affected::parse(typed.text("affected"));
    if affected.is_none() {
        wrong("affected", "numbers.report.fault.affected");
    }
    let title = typed.text("title").trim().to_owned();
    if title.is_empty() || title.chars().count() > 100 {
        wrong("title", "numbers.report.fault.title");
    }
    let began = moment(typed.text("began"));
    if began.is_none() {
        wrong("began", "numbers.report.fault.began");
    }
    let open = typed.text("ended").trim().is_empty();
    let ended = moment(typed.text("ended"));
    // Only a stop can be announced: what is a fault or a change has happened.
    let future = kind != Some(Kind::Stop) && [began, ended].iter().flatten().any(|at| *at > now);
    if !open && ended.is_none() {
        wrong("ended", "numbers.report.fault.ended");
    } else if began.zip(ended).is_some_and(|(began, ended)| ended < began) {
        wrong("ended", "numbers.report.fault.order");
    } else if open && kind == Some(Kind::Stop) {
        wrong("ended", "numbers.report.fault.announced");
    } else if future {
        wrong("began", "numbers.report.fault.future");
    }
    let text = |name: &str| typed.text(name).trim().replace("\r\n", "\n");
    for name in ["happened", "cause", "measure"] {
        if text(name).chars().count() > LONGEST {
            wrong(name, "numbers.report.fault.long");
        }
    }
    if text("happened").is_empty() {
        wrong("happened", "numbers.report.fault.happened");
    }
    match (kind, affected, began) {
        (Some(kind), Some(affected), Some(began_at)) if faults.is_empty() => Ok(Facts {
            kind,
            affected,
            began_at,
            ended_at: ended,
            stopped: typed.text("stopped") == "yes",
            title,
            happened: text("happened"),
            cause: text("cause"),
            measure: text("measure"),
        }),
        (_, _, _) => Err(faults),
    }
}

/// `2026-11-21T10:41`, or with a space, on a clock in Japan; microseconds.
fn moment(typed: &str) -> Option<i64> {
    let at: DateTime = typed.trim().replace(' ', "T").parse().ok()?;
    let zoned = at.to_zoned(TimeZone::fixed(Offset::constant(9))).ok()?;
    Some(time::to_micros(zoned.timestamp()))
}

fn missing() -> Trouble {
    Reply::not_found("numbers.no_entry").into()
}
