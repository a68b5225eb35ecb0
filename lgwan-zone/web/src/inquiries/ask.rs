//! Who asks: what another department is asked and shown, and what follows.

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use domain::applications::{Inquiry, Turn};
use domain::forms::Answers;
use domain::forms::definition::FieldKind;
use domain::identity::Action;
use domain::ids::ApplicationId;
use http::StatusCode;
use jiff::civil::Date;
use lgwan_zone_store::applications::inquiries::{self, Outcome, Request};
use lgwan_zone_store::applications::{file, rows::Attachment};
use lgwan_zone_store::identity::departments::{self, Department};
use lgwan_zone_store::letters;
use platform_store::time;
use platform_web::{
    CsrfForm, FormData, Html, OrFault as _, PageResult, Reply, Trouble, Visitor, see_other,
};

use super::{LONGEST, done, overtaken, take, typed};
use crate::applications::clash::{self, Clash, Stopped, keeping};
use crate::applications::desk::{self, Desk};
use crate::applications::summary::{self, Drawn, Page};
use crate::frame::{Choice, Fault, Frame, Place};
use crate::guard::Who;
use crate::site::{Site, TEXTS};
use crate::words;

/// Open days another department is given when nothing else is typed.
const DAYS: u16 = 5;

#[derive(Template)]
#[template(path = "inquiries/ask.html")]
struct AskPage {
    frame: Frame,
    faults: Vec<Fault>,
    id: String,
    number: String,
    key: String,
    departments: Vec<Choice>,
    question: String,
    due: String,
    pages: Vec<Page>,
    /// Files: id, name, whether it is chosen.
    files: Vec<(String, String, bool)>,
    named: bool,
    has_name: bool,
    seen: i32,
    clash: Clash,
}

struct Shown {
    answers: Answers,
    files: Vec<Attachment>,
    departments: Vec<Department>,
}

impl Shown {
    async fn load(site: &Site, desk: &Desk) -> Result<Self, Trouble> {
        let id = desk.row.id.clone();
        let (files, all) = site
            .store
            .read(move |db| Ok((file::attachments_of(db, &id)?, departments::all(db)?)))
            .await?;
        let others = all.into_iter().filter(|one| one.id != desk.row.department_id);
        // What could not be rebuilt is nobody's to see.
        let files = files.into_iter().filter(|one| one.file_id.is_some());
        Ok(Self {
            answers: desk.answers(site).await?,
            files: files.collect(),
            departments: others.collect(),
        })
    }
}

/// The questions whose answers may be shown: files are chosen one by one.
pub(super) fn pages(desk: &Desk, answers: &Answers) -> Vec<Page> {
    let fields = desk.form.procedure().pages.iter().flat_map(|page| &page.fields);
    let files: BTreeSet<&str> = fields
        .filter(|field| matches!(field.kind, FieldKind::File(_)))
        .map(|field| field.id.as_str())
        .collect();
    let mut pages = summary::questions(&Drawn {
        form: &desk.form,
        answers,
        before: None,
        provenance: &BTreeMap::new(),
        files: &[],
        today: words::day(time::from_micros(desk.row.arrived_at)),
    });
    for page in &mut pages {
        page.rows.retain(|row| !files.contains(row.field.as_str()));
    }
    pages.retain(|page| !page.rows.is_empty());
    pages
}

/// Shows the form.
pub async fn get(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    Path(id): Path<String>,
) -> PageResult {
    let desk = desk::open(&site, &who, &id, Action::WorkOnApplication).await?;
    let shown = Shown::load(&site, &desk).await?;
    let due = site.office.days().add(words::day(site.clock.now()), DAYS).to_string();
    let seen = desk.row.version.to_string();
    let filled: FormData =
        [("due", due), ("key", site.new_id()), ("seen", seen)].into_iter().collect();
    let frame = Frame::of(&site, &who, &visitor, Place::Inbox);
    Ok(Html(page(frame, &desk, &shown, &filled, Vec::new())).into_response())
}

/// Asks.
pub async fn post(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    Path(id): Path<String>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let kept = |refused| keeping(refused, "inquiries.ask.question", form.text("question"));
    let desk = desk::open(&site, &who, &id, Action::WorkOnApplication).await.map_err(kept)?;
    let shown = Shown::load(&site, &desk).await?;
    let (new, department) = match parse(&site, &who, &desk, &shown, &form)? {
        Ok(new) => new,
        Err(faults) => {
            let frame = Frame::of(&site, &who, &visitor, Place::Inbox);
            let page = page(frame, &desk, &shown, &form, faults);
            return Err(Trouble::from(
                (StatusCode::UNPROCESSABLE_ENTITY, Html(page)).into_response(),
            ));
        }
    };
    let to = site.settings.told.get(&department.code).cloned().unwrap_or_default();
    let letters = {
        let facts: [(&str, &dyn std::fmt::Display); 3] =
            [("procedure", &desk.title()), ("number", &desk.row.number), ("due", &new.due)];
        super::letters(&site, &to, "inquiry.asked", &facts, &format!("/inquiries/{}", new.id))
    };
    let back = format!("/applications/{}", desk.row.id);
    let (by, clock) = (who.by(&site), site.clock.clone());
    let done = site
        .store
        .write(move |tx| {
            let done = inquiries::ask(tx, &by, &desk.row, &new)?;
            if done == Outcome::Done {
                letters::queue_all(tx, &clock, "inquiry", &letters)?;
            }
            Ok(done)
        })
        .await?;
    match done {
        Outcome::Done => Ok(see_other(format!("{back}?said=inquiry_asked#inquiries"))),
        Outcome::Overtaken => {
            let desk = desk::open(&site, &who, &id, Action::WorkOnApplication).await;
            let desk = desk.map_err(kept)?;
            let why = (None, &Stopped::NotNow);
            let clash = clash::of(&site, &desk, why, desk::seen(&form)).await?;
            let frame = Frame::of(&site, &who, &visitor, Place::Inbox);
            let page = page(frame, &desk, &shown, &form, Vec::new());
            let page = AskPage { clash: Clash { shut: true, ..clash }, ..page };
            Err(Trouble::from((StatusCode::CONFLICT, Html(page)).into_response()))
        }
        Outcome::Full => Err(kept(Reply::conflict("inquiries.full").link(back).into())),
        Outcome::Own => Err(kept(Stopped::Own.reply(&id).into())),
    }
}

type Parsed = Result<(Request, Department), Vec<Fault>>;

fn parse(
    site: &Site,
    who: &Who,
    desk: &Desk,
    shown: &Shown,
    form: &FormData,
) -> Result<Parsed, Trouble> {
    let mut faults = Vec::new();
    let wanted = form.text("department");
    let department = shown.departments.iter().find(|one| one.id == wanted);
    if department.is_none() {
        faults.push(Fault::of("department", "inquiries.fault.department"));
    }
    let question = typed(form.text("question"));
    if question.is_empty() || question.chars().count() > LONGEST {
        faults.push(Fault::of("question", "inquiries.fault.words"));
    }
    let today = words::day(site.clock.now());
    let due = form.text("due").parse::<Date>().ok().filter(|due| *due >= today);
    if due.is_none() {
        faults.push(Fault::of("due", "inquiries.fault.due"));
    }
    let (Some(department), Some(due), true) = (department, due, faults.is_empty()) else {
        return Ok(Err(faults));
    };
    let pages = pages(desk, &shown.answers);
    let known: BTreeSet<&str> =
        pages.iter().flat_map(|page| &page.rows).map(|row| row.field.as_str()).collect();
    let fields: Vec<&str> = form.all("fields").filter(|id| known.contains(id)).collect();
    let files: Vec<&str> =
        form.all("files").filter(|id| shown.files.iter().any(|file| file.id == *id)).collect();
    let key = form.text("key");
    let id = if ApplicationId::parse(key).is_ok() { key.to_owned() } else { site.new_id() };
    let new = Request {
        id,
        application_id: desk.row.id.clone(),
        department_id: department.id.clone(),
        state: Inquiry::Asked.key().to_owned(),
        turns: 0,
        question,
        due: due.to_string(),
        fields: serde_json::to_string(&fields).or_fault()?,
        files: serde_json::to_string(&files).or_fault()?,
        named: form.text("named") == "yes",
        opinion: None,
        asked_at: site.clock.now().as_microsecond(),
        asked_by: who.id.clone(),
        asked_by_name: who.name.clone(),
    };
    Ok(Ok((new, department.clone())))
}

fn page(frame: Frame, desk: &Desk, shown: &Shown, form: &FormData, faults: Vec<Fault>) -> AskPage {
    let mut pages = pages(desk, &shown.answers);
    for row in pages.iter_mut().flat_map(|page| &mut page.rows) {
        row.chosen = form.all("fields").any(|id| id == row.field);
    }
    let wanted = form.text("department");
    let first = Choice::new("", TEXTS.text("inquiries.choose"), wanted.is_empty());
    let each =
        shown.departments.iter().map(|one| Choice::new(&one.id, &one.name, one.id == wanted));
    AskPage {
        frame,
        faults,
        id: desk.row.id.clone(),
        number: desk.row.number.clone(),
        key: form.text("key").to_owned(),
        departments: std::iter::once(first).chain(each).collect(),
        question: form.text("question").to_owned(),
        due: form.text("due").to_owned(),
        pages,
        files: shown
            .files
            .iter()
            .map(|file| {
                let chosen = form.all("files").any(|id| id == file.id);
                (file.id.clone(), file.name.clone(), chosen)
            })
            .collect(),
        named: form.text("named") == "yes",
        has_name: !desk.row.applicant_name.is_empty(),
        seen: desk::seen(form),
        clash: Clash::default(),
    }
}

/// Replies to what was asked back, reminds, or takes the request back.
pub async fn turn(
    State(site): State<Site>,
    who: Who,
    Path((id, inquiry)): Path<(String, String)>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let kept = |refused| keeping(refused, "inquiries.reply", form.text("words"));
    let desk = desk::open(&site, &who, &id, Action::WorkOnApplication).await.map_err(kept)?;
    let back = format!("/applications/{}", desk.row.id);
    let (found, all) = site
        .store
        .read(move |db| Ok((inquiries::find(db, &inquiry)?, departments::all(db)?)))
        .await?;
    let found = found.filter(|(request, _)| request.application_id == desk.row.id);
    let Some((request, lines)) = found else {
        return Err(kept(Reply::not_found("inquiries.missing").link(back).into()));
    };
    let words = typed(form.text("words"));
    let turn = match form.text("do") {
        "reply" => Turn::Reply,
        "remind" => Turn::Remind,
        "take_back" => Turn::TakeBack,
        _ => return Err(kept(Reply::unprocessable("inquiries.words_refused").link(back).into())),
    };
    let silent = turn == Turn::Reply && words.is_empty();
    if silent || words.chars().count() > LONGEST {
        return Err(kept(Reply::unprocessable("inquiries.words_refused").link(back).into()));
    }
    if form.text("turns").parse() != Ok(request.turns) {
        return Err(kept(overtaken(&request, &lines, back)));
    }
    let today = words::day(site.clock.now());
    let reminded = |line: &inquiries::Line| {
        line.turn == Turn::Remind.key() && words::day(time::from_micros(line.at)) == today
    };
    if turn == Turn::Remind && lines.iter().any(reminded) {
        return Err(Reply::conflict("inquiries.reminded").link(back).into());
    }
    let code = all.iter().find(|one| one.id == request.department_id).map(|one| &one.code);
    let to = code.and_then(|code| site.settings.told.get(code)).cloned().unwrap_or_default();
    let letters = {
        let facts: [(&str, &dyn std::fmt::Display); 3] =
            [("procedure", &desk.title()), ("number", &desk.row.number), ("due", &request.due)];
        let what = match turn {
            Turn::Remind => "inquiry.reminded",
            Turn::Reply => "inquiry.replied",
            Turn::TakeBack | Turn::Answer | Turn::AskBack | Turn::End => "inquiry.taken_back",
        };
        super::letters(&site, &to, what, &facts, &format!("/inquiries/{}", request.id))
    };
    let asked = request.id.clone();
    match take(&site, &who, request, (turn, None, words), letters).await? {
        Outcome::Done => Ok(see_other(format!("{back}?said={}#inquiries", done(turn)))),
        Outcome::Own => Err(kept(Stopped::Own.reply(&id).into())),
        Outcome::Overtaken | Outcome::Full => {
            let found = site.store.read(move |db| inquiries::find(db, &asked)).await?;
            let Some((request, lines)) = found else {
                return Err(kept(Reply::not_found("inquiries.missing").link(back).into()));
            };
            Err(kept(overtaken(&request, &lines, back)))
        }
    }
}

/// Names of the departments that still have to say something about an application.
pub(crate) async fn open_ones(site: &Site, application: &str) -> Result<Vec<String>, Trouble> {
    let id = application.to_owned();
    let (all, names) =
        site.store.read(move |db| Ok((inquiries::of(db, &id)?, departments::all(db)?))).await?;
    let open = all.into_iter().filter(|(request, _)| request.at().is_open());
    let name = |id: &str| names.iter().find(|one| one.id == id).map(|one| one.name.clone());
    Ok(open.filter_map(|(request, _)| name(&request.department_id)).collect())
}
