//! A guide (NF-55): questions page by page, then the procedures that are needed, with what to bring.
//! Nothing is kept: the answers travel in the form, and they name nobody. The list at the end has an
//! address of its own, which names what is needed and no answer.

use std::collections::{BTreeSet, HashMap};

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use domain::forms::check::SHOWN;
use domain::forms::definition::{Mode, Outcome};
use domain::forms::{Answers, Checked, Context, Fault};
use http::StatusCode;
use platform_web::fields::Problem;
use platform_web::{CsrfForm, Html, PageResult, QueryData, Reply, Visitor};

use super::search::{self, Hit};
use super::show::known;
use crate::applications::start::open_to_all;
use crate::applications::together::can as can_together;
use crate::caller::Caller;
use crate::forms::{Asked, Question, sent, words};
use crate::frame::Frame;
use crate::reader::said;
use crate::shelf::{Entry, Shown};
use crate::site::Site;
use crate::texts::TEXTS;
use crate::urls;

/// Input that says which page was answered.
const PAGE: &str = "_page";

#[derive(askama::Template)]
#[template(path = "procedures/guide.html")]
struct PageView<'a> {
    frame: Frame<'a>,
    procedure: &'a str,
    heading: &'a str,
    intro: String,
    note: &'static str,
    questions: Vec<Question>,
    problems: Vec<Problem>,
    /// Answers of the other pages.
    carried: Vec<(String, String)>,
    page: &'a str,
    shown: &'static str,
    is_first: bool,
    action: String,
    back: String,
}

#[derive(askama::Template)]
#[template(path = "procedures/guide_result.html")]
struct ResultView<'a> {
    frame: Frame<'a>,
    procedure: &'a str,
    list: List,
    /// The address of the list; empty when nothing is needed.
    own: String,
    /// What was answered, where it was; `None` when the list was opened by its address.
    answers: Option<Vec<(String, Vec<String>)>>,
    carried: Vec<(String, String)>,
    action: String,
}

/// What a guide leads to.
struct List {
    needed: Vec<Needed>,
    /// Addresses of those that can be begun with one press, when there are several.
    together: Vec<String>,
    bring: Vec<String>,
}

/// A procedure that is needed, or something to do that is not in the system.
struct Needed {
    hit: Option<Hit>,
    note: String,
    /// Where it begins; empty when it cannot be begun here now.
    start: String,
}

fn guide(shown: &Shown, slug: &str) -> Result<std::sync::Arc<Entry>, Reply> {
    let entry = known(shown, slug)?.told();
    if entry.procedure().mode == Mode::Guide {
        return Ok(entry);
    }
    Err(Reply::not_found("procedures.unknown").link(urls::procedure(slug)))
}

/// Shows the first page.
pub(crate) async fn get(
    caller: Caller,
    visitor: Visitor,
    State(site): State<Site>,
    Path(slug): Path<String>,
) -> PageResult {
    let entry = guide(&site.shelf.shown(), &slug)?;
    let who = (&site, &caller, &visitor);
    Ok(step(who, &entry, &Answers::new(), None, &[], ""))
}

/// Takes the answers so far and shows what comes next.
pub(crate) async fn post(
    caller: Caller,
    visitor: Visitor,
    State(site): State<Site>,
    Path(slug): Path<String>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let shown = site.shelf.shown();
    let entry = guide(&shown, &slug)?;
    let who = (&site, &caller, &visitor);
    let (raw, now) = (sent(&form), entry.form.page(form.text(PAGE)).map(|(index, _)| index));
    let (answers, checked) = read(&entry, &site, &raw, now);
    match form.text("_do") {
        "again" => Ok(step(who, &entry, &Answers::new(), None, &[], "")),
        "back" => {
            let before = pages(&entry, &answers, &site).into_iter();
            let before = before.rev().find(|at| now.is_none_or(|now| *at < now));
            Ok(step(who, &entry, &answers, before, &[], ""))
        }
        _ if !checked.faults.is_empty() => {
            let answer = step(who, &entry, &answers, now, &checked.faults, "");
            Ok((StatusCode::UNPROCESSABLE_ENTITY, answer).into_response())
        }
        _ if !checked.revealed.is_empty() => {
            Ok(step(who, &entry, &answers, now, &[], TEXTS.text("applications.page.revealed")))
        }
        _ => {
            let mut after = pages(&entry, &answers, &site).into_iter();
            match after.find(|at| now.is_none_or(|now| *at > now)) {
                Some(next) => Ok(step(who, &entry, &answers, Some(next), &[], "")),
                None => Ok(result(who, &shown, &entry, &answers)),
            }
        }
    }
}

/// The answers page by page up to the one that was sent, and what is wrong on it. Pages behind it
/// keep what was answered before.
fn read(entry: &Entry, site: &Site, raw: &Answers, now: Option<usize>) -> (Answers, Checked) {
    let (form, none) = (&entry.form, BTreeSet::new());
    let context =
        Context { full: &none, files: &[], now: site.wall_clock(), ..Context::on(site.today()) };
    let mut carried = raw.clone();
    carried.remove(SHOWN);
    let (mut answers, mut last) = (Answers::new(), Checked::default());
    for page in 0..form.procedure().pages.len() {
        let own = if Some(page) == now { raw } else { &carried };
        let checked = form.check_page(page, &answers, own, &context);
        answers = form.store_page(page, &answers, &checked.answers);
        if Some(page) == now {
            last = checked;
        }
    }
    (answers, last)
}

fn pages(entry: &Entry, answers: &Answers, site: &Site) -> Vec<usize> {
    let visible = entry.form.visible_pages(answers, site.today());
    visible.into_iter().map(|(index, _)| index).collect()
}

/// Answers as hidden inputs, but for those of one page.
fn carried(entry: &Entry, answers: &Answers, but: Option<usize>) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for (input, values) in answers.iter() {
        let page = entry.form.page_of(input);
        if page.is_some() && page != but {
            all.extend(values.iter().map(|value| (input.to_owned(), value.clone())));
        }
    }
    all
}

fn step(
    (site, caller, visitor): (&Site, &Caller, &Visitor),
    entry: &Entry,
    answers: &Answers,
    at: Option<usize>,
    faults: &[Fault],
    note: &'static str,
) -> Response {
    let (form, visible) = (&entry.form, pages(entry, answers, site));
    let first = visible.first().copied().unwrap_or(0);
    let index = at.unwrap_or(first);
    let errors: HashMap<String, String> = words::by_input(faults);
    let asked = Asked {
        entry,
        answers,
        view: form.view(answers, site.today()),
        errors: &errors,
        pools: &[],
        own: &[],
        now: site.wall_clock(),
        files: &[],
        found: None,
        listed: None,
    };
    let drawn = asked.view.drawn(index);
    let questions: Vec<Question> = drawn.iter().map(|drawn| Question::new(&asked, drawn)).collect();
    let problems: Vec<Problem> = questions.iter().flat_map(Question::problems).collect();
    let procedure = form.procedure();
    let page = &procedure.pages[index];
    let title = format!("{}｜{}", page.title.ja(), procedure.title.ja());
    let view = PageView {
        frame: Frame::form(site, caller, visitor, title).with_errors(!problems.is_empty()),
        procedure: procedure.title.ja(),
        heading: page.title.ja(),
        intro: crate::markdown::html(page.intro.ja()),
        note,
        questions,
        problems,
        carried: carried(entry, answers, Some(index)),
        page: &page.id,
        shown: SHOWN,
        is_first: index == first,
        action: urls::guide(&procedure.slug),
        back: urls::procedure(&procedure.slug),
    };
    Html(view).into_response()
}

fn result(
    (site, caller, visitor): (&Site, &Caller, &Visitor),
    shown: &Shown,
    entry: &Entry,
    answers: &Answers,
) -> Response {
    let (form, today) = (&entry.form, site.today());
    let outcomes = form.outcomes(answers, today);
    let summary = form.summary(answers, today).into_iter().flat_map(|page| page.rows);
    let view = ResultView {
        answers: Some(summary.map(|row| (row.label, row.lines)).collect()),
        carried: carried(entry, answers, None),
        ..listed((site, caller, visitor), shown, entry, &outcomes)
    };
    Html(view).into_response()
}

/// The list of a result by its address: for later, for the family, for the printer.
pub(crate) async fn list(
    caller: Caller,
    visitor: Visitor,
    State(site): State<Site>,
    Path(slug): Path<String>,
    QueryData(asked): QueryData,
) -> PageResult {
    let shown = site.shelf.shown();
    let entry = guide(&shown, &slug)?;
    let all = &entry.procedure().outcomes;
    let place = |n: &str| n.parse::<usize>().ok().filter(|n| *n < all.len());
    // Each once, in the order of the guide, whatever somebody wrote into the address.
    let named: Option<BTreeSet<usize>> = asked.text("o").split('.').map(place).collect();
    // Another revision counts its outcomes otherwise.
    let named = named.filter(|_| asked.text("r") == entry.revision.to_string());
    let Some(named) = named else {
        return Err(Reply::gone("procedures.guide_changed").link(urls::guide(&slug)).into());
    };
    let outcomes: Vec<&Outcome> = named.into_iter().filter_map(|n| all.get(n)).collect();
    Ok(Html(listed((&site, &caller, &visitor), &shown, &entry, &outcomes)).into_response())
}

/// The page of what is needed, without what was answered.
fn listed<'a>(
    (site, caller, visitor): (&'a Site, &Caller, &Visitor),
    shown: &Shown,
    entry: &'a Entry,
    outcomes: &[&Outcome],
) -> ResultView<'a> {
    let procedure = entry.procedure();
    let place = |outcome: &&Outcome| {
        procedure.outcomes.iter().position(|known| std::ptr::eq(known, *outcome))
    };
    let places: Vec<usize> = outcomes.iter().filter_map(place).collect();
    let path = urls::guide_list(&procedure.slug, entry.revision, &places);
    let title = TEXTS.fill("procedures.guide.result", &[("title", &procedure.title.ja())]);
    ResultView {
        frame: Frame::form(site, caller, visitor, title),
        procedure: procedure.title.ja(),
        list: needed(site, shown, entry, outcomes),
        own: if places.is_empty() {
            String::new()
        } else {
            format!("{}{path}", site.city.base_url)
        },
        answers: None,
        carried: Vec::new(),
        action: urls::guide(&procedure.slug),
    }
}

fn needed(site: &Site, shown: &Shown, entry: &Entry, outcomes: &[&Outcome]) -> List {
    let (mut needed, mut bring, mut together) = (Vec::new(), Vec::new(), Vec::new());
    for outcome in outcomes {
        let found = shown.by_slug(&outcome.procedure);
        if found.is_none() && !outcome.procedure.is_empty() {
            tracing::warn!(guide = %entry.procedure().slug, procedure = %outcome.procedure,
                "a guide leads to a procedure that is not published");
        }
        let mut start = String::new();
        if let Some(found) = found {
            let slug = &found.procedure().slug;
            if open_to_all(site, slug).is_ok() {
                start = urls::start(slug);
            }
            if can_together(site, found) {
                together.push(slug.clone());
            }
            for item in &found.procedure().items_to_bring {
                let item = said(item);
                if !bring.contains(&item) {
                    bring.push(item);
                }
            }
        }
        let note = outcome.note.ja().to_owned();
        if found.is_some() || !note.is_empty() {
            let hit = found.map(|found| search::hit(found, site.clock.now()));
            needed.push(Needed { hit, note, start });
        }
    }
    let together = if together.len() > 1 { together } else { Vec::new() };
    List { needed, together, bring }
}
