//! The form on one page, as a clerk types it from paper. Every button saves.

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use domain::applications::Event;
use domain::forms::check::SHOWN;
use domain::forms::{Answers, Checked, MovedOver, compiled, inputs};
use domain::identity::Action;
use http::StatusCode;
use lgwan_zone_store::applications::entries::{self, Kept, Scan};
use lgwan_zone_store::applications::file;
use lgwan_zone_store::identity::departments;
use platform_web::fields::{Problem, input_id};
use platform_web::multipart::Upload;
use platform_web::{FormData, Html, PageResult, QueryData, Reply, Trouble, Visitor, see_other};

use super::alike::{self, View as Alike};
use super::begin::channels;
use super::draft::{self, Button, Open, Side};
use super::{scans, send};
use crate::applications::clash::keeping;
use crate::applications::desk::Desk;
use crate::batches::documents::forget;
use crate::forms::question::in_view;
use crate::forms::{Asked, Entry, Purpose, Question, words as fault_words};
use crate::frame::{Choice, Fault, Frame, Place};
use crate::guard::Who;
use crate::internal;
use crate::site::{Site, TEXTS};
use crate::words;

#[derive(Template)]
#[template(path = "entry/page.html")]
struct EntryPage {
    frame: Frame,
    id: String,
    title: String,
    /// Receipt number of the application whose correction is entered.
    corrects: Option<(String, String)>,
    faults: Vec<Fault>,
    problems: Vec<Problem>,
    /// The draft moved over to a newer revision just now: answers that fell away.
    moved: Option<Vec<String>>,
    revision: i32,
    channels: Vec<Choice>,
    received_on: String,
    today: String,
    email: String,
    mails: bool,
    /// Whether it is filled in for an internal procedure, by the applicant.
    own: bool,
    /// Where drafts of this side have their pages, and where they are listed.
    base: &'static str,
    home: &'static str,
    /// What another zone decides.
    limits: Vec<&'static str>,
    pages: Vec<Section>,
    scans: Vec<(String, String, String)>,
    alike: Vec<Alike>,
    mark: String,
    seen: i32,
    saved: String,
}

struct Section {
    title: String,
    intro: String,
    questions: Vec<Question>,
}

#[derive(Template)]
#[template(path = "entry/done.html")]
struct DonePage {
    frame: Frame,
    id: String,
    number: String,
    title: String,
    department: String,
    /// Whether this person may open it: answers may have led it to another department.
    own: bool,
}

/// What is wrong with what was sent, and what fell away because a newer revision was published.
#[derive(Default)]
struct Wrong {
    head: Vec<Fault>,
    checked: Checked,
    moved: Option<Vec<String>>,
    /// The first question that was not on the page it was sent from.
    new: Option<String>,
}

/// Shows the draft as it was saved, or what became of it.
pub async fn get(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    query: QueryData,
    Path(id): Path<String>,
) -> PageResult {
    show((&site, &who, &visitor), &query, Side::Desk, &id).await
}

/// Shows an own draft for an internal procedure, or leads to what became of it (NB-2.1).
pub async fn own_get(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    query: QueryData,
    Path(id): Path<String>,
) -> PageResult {
    show((&site, &who, &visitor), &query, Side::Own, &id).await
}

/// Saves, and does what the button says.
pub async fn post(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    Path(id): Path<String>,
    upload: Upload,
) -> PageResult {
    act((&site, &who, &visitor), Side::Desk, id, upload).await
}

/// Saves an own draft for an internal procedure, and does what the button says (NB-2.1).
pub async fn own_post(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    Path(id): Path<String>,
    upload: Upload,
) -> PageResult {
    act((&site, &who, &visitor), Side::Own, id, upload).await
}

const fn place(side: Side) -> Place {
    match side {
        Side::Desk => Place::Inbox,
        Side::Own => Place::Internal,
    }
}

async fn show(
    (site, who, visitor): (&Site, &Who, &Visitor),
    query: &QueryData,
    side: Side,
    id: &str,
) -> PageResult {
    let mut open = draft::found(site, who, side, id).await?;
    let today = words::day(site.clock.now());
    if let Some(over) = open.over.take() {
        return Err(over.kept("entry.typed", &open.saved(today)).into());
    }
    if let Some(application) = open.draft.application_id.clone() {
        return match side {
            Side::Desk => done(site, who, visitor, &open, application).await,
            Side::Own => Ok(see_other(format!("{}/{application}", internal::APPLICATIONS))),
        };
    }
    let frame = Frame::of(site, who, visitor, place(side)).said(query, "entry");
    let moved = open.move_over(today).map(|moved| dropped(&open, &moved));
    let page = view(site, who, frame, &open, Wrong { moved, ..Wrong::default() }).await?;
    Ok(Html(page).into_response())
}

async fn act(
    (site, who, visitor): (&Site, &Who, &Visitor),
    side: Side,
    id: String,
    upload: Upload,
) -> PageResult {
    // Read to its end before anything is refused, so that the browser shows the answer.
    let mut sent = scans::read(upload).await?;
    let button = Button::of(&sent.form);
    let here = format!("{}/{id}", side.base());
    if matches!(button, Button::Discard) {
        return discard(site, who, side, (id, here)).await;
    }
    let kept = |no| keeping(no, "entry.typed", &draft::raw(&sent.form));
    let mut open = draft::found(site, who, side, &id).await.map_err(kept)?;
    if open.draft.application_id.is_some() {
        return Ok(see_other(here));
    }
    let today = words::day(site.clock.now());
    if let Some(over) = open.over.take() {
        let typed = open.typed(&sent.form, &button, today);
        return Err(over.kept("entry.typed", &typed).into());
    }
    // A page is read by the form it was drawn of; what was drawn of an older one moves over afterwards.
    if sent.form.text("_revision").parse::<i32>().ok() == Some(open.procedure.revision) {
        open.move_over(today);
    }
    let mut head = open.take_head(&sent.form, today);
    let (new, bad) = scans::keep(site, &mut open, &mut sent).await?;
    head.extend(bad);
    let checked = open.take_answers(&sent.form, &button, today);
    let moved = open.move_over(today).map(|moved| dropped(&open, &moved));
    let seen: i32 = sent.form.text("_seen").parse().unwrap_or(0);
    let gone = save(site, &mut open, seen).await?;
    let Some(gone) = gone else {
        forget(site, new).await?;
        return overtaken((site, who, visitor), side, &id, (&sent.form, &button)).await;
    };
    forget(site, gone).await?;
    if moved.is_some() {
        if matches!(button, Button::Send) {
            may_send(site, who, &open, &here).await?;
        }
        let wrong = Wrong { head, moved, ..Wrong::default() };
        return Err(again((site, who, visitor), &open, (StatusCode::CONFLICT, wrong)).await?);
    }
    let shown: BTreeSet<&str> = sent.form.all(SHOWN).collect();
    let sends = matches!(button, Button::Send);
    let mut new = None;
    if sends && head.is_empty() && is_good(&open, &checked) {
        new = unseen(&open, &shown, today);
        if new.is_none() {
            let alike = alike::find(site, who, &open).await?;
            if alike.is_empty() || alike::mark(&alike) == sent.form.text("_alike") {
                return send(site, who, &open, &checked).await;
            }
            head.push(Fault::of("alike", "entry.fault.alike"));
        }
    }
    if !sends && head.is_empty() {
        return Ok(see_other(after(&here, &button)));
    }
    let checked = if sends { checked } else { Checked::default() };
    let wrong = Wrong { head, checked, moved: None, new };
    Err(again((site, who, visitor), &open, (StatusCode::UNPROCESSABLE_ENTITY, wrong)).await?)
}

/// Drops an own draft, also one that nobody may work on any more: its application was corrected by a colleague,
/// or its procedure is another department's.
async fn discard(site: &Site, who: &Who, side: Side, (id, here): (String, String)) -> PageResult {
    let draft = draft::own(site, who, side, &id).await?;
    if draft.application_id.is_some() {
        return Ok(see_other(here));
    }
    let by = who.by(site);
    let files = site.store.write(move |tx| entries::discard(tx, &by, &id)).await?;
    forget(site, files).await?;
    Ok(see_other(format!("{}?said=discarded", side.home())))
}

/// The page once more, with what was typed.
async fn again(
    (site, who, visitor): (&Site, &Who, &Visitor),
    open: &Open,
    (status, wrong): (StatusCode, Wrong),
) -> Result<Trouble, Trouble> {
    let frame = Frame::of(site, who, visitor, place(open.side));
    let page = view(site, who, frame, open, wrong).await?;
    let answer: Response = (status, Html(page)).into_response();
    Ok(answer.into())
}

/// It was saved on another page since this one was drawn: what was typed here stands on top of that, not saved
/// before somebody looked.
async fn overtaken(
    (site, who, visitor): (&Site, &Who, &Visitor),
    side: Side,
    id: &str,
    (form, button): (&FormData, &Button),
) -> PageResult {
    let kept = |no| keeping(no, "entry.typed", &draft::raw(form));
    let mut open = draft::found(site, who, side, id).await.map_err(kept)?;
    if open.draft.application_id.is_some() {
        return Ok(see_other(format!("{}/{id}", side.base())));
    }
    let today = words::day(site.clock.now());
    if let Some(over) = open.over.take() {
        let typed = open.typed(form, button, today);
        return Err(over.kept("entry.typed", &typed).into());
    }
    let moved = open.move_over(today).map(|moved| dropped(&open, &moved));
    let mut head = open.take_head(form, today);
    open.take_answers(form, button, today);
    head.insert(0, Fault::of("act", "entry.fault.overtaken"));
    let wrong = Wrong { head, moved, ..Wrong::default() };
    Err(again((site, who, visitor), &open, (StatusCode::CONFLICT, wrong)).await?)
}

/// What was answered and is not asked any more, a line each.
fn dropped(open: &Open, moved: &MovedOver) -> Vec<String> {
    let line = |one: &domain::forms::Dropped| {
        let file = |id: &String| open.known(id).unwrap_or_default().to_owned();
        let lines: Vec<String> =
            if one.is_file { one.lines.iter().map(file).collect() } else { one.lines.clone() };
        let said = lines.join(TEXTS.text("frame.and"));
        TEXTS.fill("entry.moved_line", &[("label", &one.label), ("said", &said)])
    };
    moved.dropped.iter().map(line).collect()
}

/// Where a button that only saves leads.
fn after(here: &str, button: &Button) -> String {
    match button {
        Button::Form(press) => format!("{here}?said=saved#{}", input_id(press.field())),
        Button::Save | Button::Send | Button::Discard | Button::Remove(_) => {
            format!("{here}?said=saved")
        }
    }
}

/// Saves the draft; gives the files nobody names any more, or `None` when it was saved elsewhere.
async fn save(site: &Site, open: &mut Open, seen: i32) -> Result<Option<Vec<String>>, Trouble> {
    let used: BTreeSet<&String> = open.answers.iter().flat_map(|(_, values)| values).collect();
    let (kept, gone): (Vec<Scan>, Vec<Scan>) =
        open.scans.iter().cloned().partition(|scan| used.contains(&scan.id));
    open.scans.clone_from(&kept);
    let stored = open.stored(seen, site.clock.now().as_microsecond())?;
    let saved = site.store.write(move |tx| entries::save(tx, &stored, &kept)).await?;
    open.draft.version = seen + 1;
    Ok(saved.then(|| gone.into_iter().map(|scan| scan.id).collect()))
}

/// Whether every fault has a reason to be taken: somebody who fills in for themselves gives none.
fn is_good(open: &Open, checked: &Checked) -> bool {
    checked.faults.iter().all(|fault| {
        open.side == Side::Desk
            && fault.may_be_overridden()
            && open.reasons.contains_key(inputs::field_of(&fault.input))
    })
}

/// The first question there is now that was not on the page.
fn unseen(open: &Open, shown: &BTreeSet<&str>, today: jiff::civil::Date) -> Option<String> {
    let view = open.form.view(&open.answers, open.judged_on(today));
    let pages = view.pages();
    let mut fields = pages.iter().flat_map(|(n, _)| view.fields(*n));
    let new = fields.find(|field| open.asks(&field.id) && !shown.contains(field.id.as_str()));
    new.map(|field| field.id.clone())
}

/// Whether an own application is taken today, from this person.
async fn may_send(site: &Site, who: &Who, open: &Open, here: &str) -> Result<(), Trouble> {
    if open.side == Side::Own && open.correction.is_none() {
        internal::still_open(site, &open.procedure, &open.form, here)?;
        internal::offered(site, who, &open.procedure.id).await?;
    }
    Ok(())
}

async fn send(site: &Site, who: &Who, open: &Open, checked: &Checked) -> PageResult {
    let here = format!("{}/{}", open.side.base(), open.draft.id);
    may_send(site, who, open, &here).await?;
    let typed = open.saved(words::day(site.clock.now()));
    let kept = |no| keeping(no, "entry.typed", &typed);
    let entry = send::made(site, who, open, checked).await.map_err(kept)?;
    let by = who.by(site);
    let pages = match open.side {
        Side::Desk => "/applications",
        Side::Own => internal::APPLICATIONS,
    };
    match site.store.write(move |tx| entries::keep(tx, &by, &entry)).await? {
        Kept::As(application) => match &open.correction {
            Some(_) => Ok(see_other(format!("{pages}/{application}?said=corrected"))),
            None => Ok(see_other(here)),
        },
        Kept::Overtaken => Err(kept(Reply::conflict("entry.overtaken").link(here).into())),
        Kept::Over => {
            let now = draft::found(site, who, open.side, &open.draft.id).await.map_err(kept)?;
            let application = open.draft.corrects.as_deref().unwrap_or_default();
            let desk = now.correction.as_ref().map(|one| &one.desk);
            let asked = |desk: &&Desk| desk.state.apply(Event::Resubmit, desk.rules()).is_ok();
            let back = format!("{pages}/{application}");
            let no = match (now.over, desk.filter(asked)) {
                (Some(over), _) => over,
                // Only the application moved on: the draft is saved, and can be sent again.
                (None, Some(desk)) => Reply::conflict("applications.overtaken")
                    .with("state", TEXTS.text(desk.state.name_key()))
                    .link(back),
                (None, None) => Reply::conflict("applications.not_now").link(back),
            };
            Err(kept(no.into()))
        }
    }
}

async fn view(
    site: &Site,
    who: &Who,
    frame: Frame,
    open: &Open,
    wrong: Wrong,
) -> Result<EntryPage, Trouble> {
    let today = words::day(site.clock.now());
    let alike = alike::find(site, who, open).await?;
    let faults = &wrong.checked.faults;
    let desk = open.side == Side::Desk;
    let excusable = faults.iter().filter(|fault| desk && fault.may_be_overridden());
    let excusable = excusable.map(|fault| inputs::field_of(&fault.input).to_owned()).collect();
    let errors = fault_words::by_input(faults);
    let files = files(open);
    let reasons: BTreeMap<String, String> = open.reasons.clone();
    let answers = drawn(open, today);
    let asked = Asked {
        answers: &answers,
        view: open.form.view(&answers, open.judged_on(today)).choosing_on(open.day(today)),
        errors: &errors,
        purpose: Purpose::Entry(Entry { excusable: &excusable, reasons: &reasons, files: &files }),
    };
    let pages: Vec<Section> = asked
        .view
        .pages()
        .into_iter()
        .map(|(n, page)| Section {
            title: page.title.ja().to_owned(),
            intro: page.intro.ja().to_owned(),
            questions: asked
                .view
                .drawn(n)
                .iter()
                .filter(|drawn| open.asks(&drawn.field.id))
                .map(|drawn| Question::new(&asked, drawn))
                .collect(),
        })
        .filter(|section: &Section| !section.questions.is_empty())
        .collect();
    let questions = || pages.iter().flat_map(|section| &section.questions);
    debug_assert!(in_view_once(&pages), "a field stands once on the page");
    let problems = questions().flat_map(Question::problems).collect();
    let mut head = wrong.head;
    if let Some(new) = &wrong.new {
        let at = questions().find(|question| question.field.name == *new);
        let at = at.map_or_else(|| input_id(new), |question| question.field.first_id());
        head.push(Fault::of(&at, "entry.fault.more"));
    }
    let draft = &open.draft;
    let scans = open.scans.iter().map(|scan| {
        let href = format!("{}/{}/scans/{}", open.side.base(), draft.id, scan.id);
        (href, scan.name.clone(), words::bytes(scan.size))
    });
    Ok(EntryPage {
        frame,
        id: draft.id.clone(),
        title: open.procedure.title.clone(),
        corrects: open
            .correction
            .as_ref()
            .map(|one| (one.desk.row.id.clone(), one.desk.row.number.clone())),
        problems,
        channels: channels(&draft.channel),
        received_on: open.wrong_day.as_ref().unwrap_or(&draft.received_on).clone(),
        today: today.to_string(),
        email: draft.email.clone(),
        mails: site.settings.mails && open.correction.is_none(),
        own: !desk,
        base: open.side.base(),
        home: open.side.home(),
        limits: limits(open),
        scans: scans.collect(),
        mark: alike::mark(&alike),
        alike,
        faults: head,
        moved: wrong.moved,
        revision: draft.revision,
        pages,
        seen: draft.version,
        saved: words::stored(draft.saved_at),
    })
}

/// The answers the page is drawn from: who begins for themselves finds the defaults of the form, as
/// citizens do; from paper nothing is taken that does not stand there.
fn drawn(open: &Open, today: jiff::civil::Date) -> Answers {
    let mut answers = open.answers.clone();
    if open.side == Side::Own && open.correction.is_none() && open.draft.version == 1 {
        for page in 0..open.form.procedure().pages.len() {
            answers = open.form.with_defaults(page, &answers, open.day(today));
        }
    }
    answers
}

fn in_view_once(pages: &[Section]) -> bool {
    let all: usize = pages.iter().map(|page| page.questions.len()).sum();
    let names: BTreeSet<String> = pages.iter().flat_map(|page| in_view(&page.questions)).collect();
    names.len() == all
}

/// Files in the order of the answers: field, id, name.
fn files(open: &Open) -> Vec<(String, String, String)> {
    let of = |field: &str, id: &String| {
        open.known(id).map(|name| (field.to_owned(), id.clone(), name.to_owned()))
    };
    let all = open.answers.iter();
    all.flat_map(|(field, ids)| ids.iter().filter_map(move |id| of(field, id))).collect()
}

/// What this zone cannot decide: seats and repeated applications are counted where citizens apply.
fn limits(open: &Open) -> Vec<&'static str> {
    let procedure = open.form.procedure();
    let mut limits = Vec::new();
    if open.correction.is_some() || open.side == Side::Own {
        return limits;
    }
    if !compiled::capacities(procedure).is_empty() {
        limits.push(TEXTS.text("entry.limit.seats"));
    }
    if procedure.access.once_per.is_some() {
        limits.push(TEXTS.text("entry.limit.once"));
    }
    limits
}

async fn done(
    site: &Site,
    who: &Who,
    visitor: &Visitor,
    open: &Open,
    application: String,
) -> PageResult {
    let (row, all) = site
        .store
        .read(move |db| Ok((file::row(db, &application)?, departments::all(db)?)))
        .await?;
    let row = row.ok_or_else(|| Trouble::from(Reply::not_found("entry.missing")))?;
    let name = all.into_iter().find(|one| one.id == row.department_id).map(|one| one.name);
    let page = DonePage {
        frame: Frame::of(site, who, visitor, Place::Inbox),
        own: who.may_with(Action::ReadApplication, &row).is_ok(),
        department: name.unwrap_or_default(),
        title: open.procedure.title.clone(),
        number: row.number,
        id: row.id,
    };
    Ok(Html(page).into_response())
}
