//! 差戻し: flagged fields, reason, due date (NF-34).

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use domain::applications::Event;
use domain::forms::definition::{Field, FieldKind};
use domain::forms::{Answers, Compiled};
use domain::identity::Action;
use domain::ids::ApplicationId;
use http::StatusCode;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};
use lgwan_zone_store::applications::file;
use lgwan_zone_store::applications::plan::Way;
use lgwan_zone_store::applications::rows::{Application, Attachment, Correction};
use lgwan_zone_store::applications::steps::Step;
use lgwan_zone_store::post::{Asked, Office};
use platform_store::time;
use platform_web::{CsrfForm, FormData, Html, OrFault as _, PageResult, Trouble, Visitor};

use super::clash::{self, Clash, Stopped, keeping};
use super::desk::{self, Desk};
use super::summary::{self, Drawn, Page};
use crate::frame::{Fault, Frame, Place};
use crate::guard::Who;
use crate::site::Site;
use crate::words;

/// Longest reason in characters.
pub(crate) const LONGEST_REASON: usize = 1_000;

#[derive(Template)]
#[template(path = "applications/correction.html")]
struct CorrectionPage {
    frame: Frame,
    faults: Vec<Fault>,
    id: String,
    number: String,
    version: i32,
    pages: Vec<Page>,
    reason: String,
    due: String,
    clash: Clash,
}

/// Shows the form.
pub async fn get(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    Path(id): Path<String>,
) -> PageResult {
    let desk = desk::open(&site, &who, &id, Action::WorkOnApplication).await?;
    desk.way(&who, Event::AskCorrection, "")?;
    let days = i64::from(desk.form.procedure().workflow.correction_days);
    let today = words::day(site.clock.now());
    let due = today.checked_add(days.days()).unwrap_or(today);
    // Who brings the last paper finds somebody there.
    let due = site.office.days().open_from(due);
    let shown = Shown::load(&site, &desk).await?;
    let filled: FormData =
        [("due", due.to_string()), ("seen", desk.row.version.to_string())].into_iter().collect();
    let frame = Frame::of(&site, &who, &visitor, Place::Inbox);
    Ok(Html(page(frame, &desk, &shown, &filled, Vec::new())).into_response())
}

/// Asks for the correction.
pub async fn post(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    Path(id): Path<String>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let desk = open(&site, &who, &id, &form).await?;
    let shown = Shown::load(&site, &desk).await?;
    let today = words::day(site.clock.now());
    let wish = match parse(&form, &desk, today) {
        Ok(wish) => wish,
        Err(faults) => {
            let frame = Frame::of(&site, &who, &visitor, Place::Inbox);
            let page = page(frame, &desk, &shown, &form, faults);
            return Err(Trouble::from(
                (StatusCode::UNPROCESSABLE_ENTITY, Html(page)).into_response(),
            ));
        }
    };
    let stopped = match desk.way(&who, Event::AskCorrection, &wish.reason) {
        Ok(way) => {
            let by = (who.id.as_str(), desk::seen(&form));
            let step = planned(&site, &desk, way, by, &wish, &shown.answers).await?;
            match desk::attempt(&site, &who, step, Event::AskCorrection.key()).await? {
                Ok(done) => return Ok(done),
                Err(stopped) => stopped,
            }
        }
        Err(_) => Stopped::NotNow,
    };
    let desk = open(&site, &who, &id, &form).await?;
    let shown = Shown::load(&site, &desk).await?;
    let why = (Some(Event::AskCorrection), &stopped);
    let clash = clash::of(&site, &desk, why, desk::seen(&form)).await?;
    let frame = Frame::of(&site, &who, &visitor, Place::Inbox);
    let page = page(frame, &desk, &shown, &form, Vec::new());
    let page = CorrectionPage { version: desk.row.version, clash, ..page };
    Err(Trouble::from((StatusCode::CONFLICT, Html(page)).into_response()))
}

/// As [`desk::open`]; what was typed is given back with a refusal.
async fn open(site: &Site, who: &Who, id: &str, form: &FormData) -> Result<Desk, Trouble> {
    let desk = desk::open(site, who, id, Action::WorkOnApplication).await;
    desk.map_err(|no| keeping(no, "applications.kept.reason", form.text("reason")))
}

/// The step that asks for a correction, with what the applicant is told.
pub(crate) async fn planned(
    site: &Site,
    desk: &Desk,
    way: Way,
    (by, seen): (&str, i32),
    wish: &Wish,
    answers: &Answers,
) -> Result<Step, Trouble> {
    let row = desk.row.clone();
    let round = site.store.read(move |db| file::next_round(db, &row)).await?;
    let of = (&desk.row, &*desk.form, answers);
    step((&site.office, site.clock.now()), of, way, (by, seen, round), wish)
}

/// The same from what is stored, for one of many (まとめて差し戻す); the round is
/// [`next_round`](file::next_round).
///
/// # Errors
/// A fault when the row holds no id.
pub fn step(
    (office, now): (&Office, Timestamp),
    (row, form, answers): (&Application, &Compiled, &Answers),
    way: Way,
    (by, seen, round): (&str, i32, i32),
    wish: &Wish,
) -> Result<Step, Trouble> {
    let asked = Asked {
        round: u32::try_from(round).unwrap_or(1),
        reason: &wish.reason,
        due: wish.due,
        fields: &wish.fields,
    };
    let id = ApplicationId::parse(&row.id).or_fault()?;
    let messages = vec![
        office.status(&id, way.end, now, &wish.reason, None),
        office.correction(&id, form, answers, &asked),
    ];
    let correction = Correction {
        application_id: row.id.clone(),
        round,
        asked_at: now.as_microsecond(),
        asked_by: by.to_owned(),
        reason: wish.reason.clone(),
        due: wish.due.to_string(),
        fields: serde_json::to_string(&wish.fields).or_fault()?,
        answered_at: None,
    };
    Ok(Step {
        application: row.id.clone(),
        seen,
        hops: way.hops,
        correction: Some(correction),
        documents: Vec::new(),
        messages,
        days: office.days().clone(),
        needs: Vec::new(),
        fee: 0,
    })
}

/// Questions an applicant can answer anew; what is worked out or only read is none.
pub fn questions(form: &Compiled) -> impl Iterator<Item = &Field> {
    let fields = form.procedure().pages.iter().flat_map(|page| &page.fields);
    fields.filter(|field| {
        !matches!(
            field.kind,
            FieldKind::Calc(_) | FieldKind::Fee(_) | FieldKind::Exit(_) | FieldKind::Content(_)
        )
    })
}

struct Shown {
    answers: Answers,
    files: Vec<Attachment>,
}

impl Shown {
    async fn load(site: &Site, desk: &Desk) -> Result<Self, Trouble> {
        let id = desk.row.id.clone();
        let files = site.store.read(move |db| file::attachments_of(db, &id)).await?;
        Ok(Self { answers: desk.answers(site).await?, files })
    }
}

/// What the applicant is asked to correct.
pub struct Wish {
    /// Which questions.
    pub fields: BTreeSet<String>,
    /// What the applicant reads.
    pub reason: String,
    /// The last day.
    pub due: Date,
}

fn parse(form: &FormData, desk: &Desk, today: Date) -> Result<Wish, Vec<Fault>> {
    let mut faults = Vec::new();
    let known: BTreeSet<&str> = desk
        .form
        .procedure()
        .pages
        .iter()
        .flat_map(|page| &page.fields)
        .map(|field| field.id.as_str())
        .collect();
    let fields: BTreeSet<String> =
        form.all("fields").filter(|id| known.contains(id)).map(str::to_owned).collect();
    if fields.is_empty() {
        faults.push(Fault::of("fields", "applications.fault.fields_missing"));
    }
    let reason = reason(form, &mut faults);
    let due = form.text("due").parse::<Date>().ok().filter(|due| *due > today);
    match due {
        Some(due) if faults.is_empty() => Ok(Wish { fields, reason, due }),
        Some(_) => Err(faults),
        None => {
            faults.push(Fault::of("due", "applications.fault.due_bad"));
            Err(faults)
        }
    }
}

/// The reason the applicant reads; adds a fault when it is missing or too long.
pub(crate) fn reason(form: &FormData, faults: &mut Vec<Fault>) -> String {
    let reason = form.text("reason").replace("\r\n", "\n").trim().to_owned();
    if reason.is_empty() {
        faults.push(Fault::of("reason", "applications.fault.reason_missing"));
    } else if reason.chars().count() > LONGEST_REASON {
        faults.push(Fault::of("reason", "applications.fault.reason_long"));
    }
    reason
}

fn page(
    frame: Frame,
    desk: &Desk,
    shown: &Shown,
    form: &FormData,
    faults: Vec<Fault>,
) -> CorrectionPage {
    let mut pages = summary::questions(&Drawn {
        form: &desk.form,
        answers: &shown.answers,
        before: None,
        provenance: &BTreeMap::new(),
        files: &shown.files,
        today: words::day(time::from_micros(desk.row.arrived_at)),
    });
    for row in pages.iter_mut().flat_map(|page| &mut page.rows) {
        row.chosen = form.all("fields").any(|id| id == row.field);
    }
    CorrectionPage {
        frame,
        faults,
        id: desk.row.id.clone(),
        number: desk.row.number.clone(),
        version: desk::seen(form),
        pages,
        reason: form.text("reason").to_owned(),
        due: form.text("due").to_owned(),
        clash: Clash::default(),
    }
}
