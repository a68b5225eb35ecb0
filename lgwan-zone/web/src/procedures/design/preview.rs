//! The form as the citizen sees it, at the width of a telephone or of a desk, with answers that are
//! kept nowhere; why a question is hidden; test cases taken from what is seen.

use std::collections::HashMap;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use domain::forms::check::SHOWN;
use domain::forms::definition::FieldKind;
use domain::forms::design::trace::{Judged, Trace, trace};
use domain::forms::design::{self, Edit, Whose, subject};
use domain::forms::publish::{made_up_files, recorded};
use domain::forms::{Answers, Compiled, Context};
use jiff::civil::Date;
use platform_web::{CsrfForm, FormData, Html, PageResult, QueryData, Visitor, see_other};

use super::notes;
use super::panel::{Panel, frame};
use super::work::{Said, Saved, Work};
use crate::forms::{Asked, Press, Purpose, Question, words as fault_words};
use crate::frame::Frame;
use crate::guard::Who;
use crate::site::{Site, TEXTS};
use crate::words;

#[derive(Template)]
#[template(path = "procedures/design/preview.html")]
struct PreviewPage {
    frame: Frame,
    panel: Panel,
    /// The form cannot be drawn: what is wrong stands in the panel.
    broken: bool,
    phone: bool,
    page: String,
    steps: Vec<Step>,
    heading: String,
    intro: String,
    questions: Vec<Question>,
    /// Answers of other pages: names and values.
    others: Vec<(String, String)>,
    summary: Vec<(String, Vec<String>)>,
    faults: Vec<String>,
    department: Option<String>,
    hidden: Vec<Hidden>,
    tests: Vec<String>,
    today: String,
}

struct Step {
    id: String,
    title: String,
    here: bool,
}

/// A question that is not shown, and why.
struct Hidden {
    id: String,
    label: String,
    why: Vec<String>,
}

/// The page behind the last one: all answers and what the checks say of them.
const END: &str = "_end";

/// Shows a page, the first when none is asked for, without answers.
pub async fn get(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    query: QueryData,
    Path(id): Path<String>,
) -> PageResult {
    let work = Work::load(&site, &who, &id).await?;
    let wanted = design::page(work.procedure(), query.0.text("page"));
    let wanted = wanted.map(|(_, page)| page.id.clone()).unwrap_or_default();
    let seen = Seen { page: wanted, ..Seen::default() };
    let page = page((&site, &who, &visitor), &work, &seen, Said::Nothing);
    Ok(Html(page).into_response())
}

/// Goes on with the answers of the page, or keeps them as a test case.
pub async fn post(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    Path(id): Path<String>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let work = Work::load(&site, &who, &id).await?;
    let today = words::day(site.clock.now());
    let mut said = Said::Nothing;
    let mut seen = Seen { phone: form.text("_width") == "phone", ..Seen::default() };
    if let Ok(compiled) = Compiled::new(work.procedure().clone()) {
        seen.answer(&compiled, &form, today);
        match form.text("_do") {
            "remember" => {
                let name = form.text("_name").trim();
                if name.is_empty() {
                    said = Said::Refused(vec![TEXTS.text("design.fault.test_name").to_owned()]);
                } else {
                    let case = recorded(&compiled, name, today, &seen.answers);
                    said = keep(&site, &who, &work, &form, Edit::AddTest(Box::new(case))).await?;
                    if matches!(said, Said::Nothing) {
                        return Ok(see_other(work.at("/preview")));
                    }
                }
            }
            pressed => {
                if let Some(name) = pressed.strip_prefix("forget:") {
                    let edit = Edit::RemoveTest { name: name.to_owned() };
                    said = keep(&site, &who, &work, &form, edit).await?;
                    if matches!(said, Said::Nothing) {
                        return Ok(see_other(work.at("/preview")));
                    }
                }
            }
        }
    }
    let status = said.status();
    let page = page((&site, &who, &visitor), &work, &seen, said);
    Ok((status, Html(page)).into_response())
}

async fn keep(
    site: &Site,
    who: &Who,
    work: &Work,
    form: &FormData,
    edit: Edit,
) -> Result<Said, platform_web::Trouble> {
    Ok(match work.save(site, who, form, vec![edit]).await? {
        Saved::Done(_) => Said::Nothing,
        Saved::Refused(refused) => Said::refused(&refused),
        Saved::Behind(behind) => Said::Behind(behind),
    })
}

/// What the person at the preview has typed so far.
#[derive(Default)]
struct Seen {
    answers: Answers,
    errors: HashMap<String, String>,
    /// Id of the page; the first one when empty.
    page: String,
    phone: bool,
}

impl Seen {
    /// Reads what was sent, and goes where the pressed button leads.
    fn answer(&mut self, compiled: &Compiled, form: &FormData, today: Date) {
        let mut raw = Answers::new();
        for (name, values) in form.by_name() {
            raw.put(name, values);
        }
        raw.remove("version");
        form.text("_page").clone_into(&mut self.page);
        let pressed = form.text("_do");
        if let Some(width) = pressed.strip_prefix("width:") {
            self.phone = width == "phone";
        }
        if let Some((at, _)) = compiled.page(&self.page) {
            if let Some(press) = Press::of(pressed) {
                press.change(compiled, &mut raw);
            }
            let mut sent = raw.clone();
            sent.put(SHOWN, form.all(SHOWN).map(str::to_owned).collect());
            let files = made_up_files(compiled, &raw);
            let context = Context { files: &files, ..Context::on(today) };
            let checked = compiled.check_page(at, &raw, &sent, &context);
            self.answers = compiled.store_page(at, &raw, &checked.answers);
            if pressed == "next" {
                self.errors = fault_words::by_input(&checked.faults);
                if checked.is_clean() {
                    self.page = beside(compiled, &self.answers, today, at, true);
                }
            } else if pressed == "back" {
                self.page = beside(compiled, &self.answers, today, at, false);
            }
        } else {
            self.answers = raw;
        }
        if let Some(page) = pressed.strip_prefix("page:") {
            page.clone_into(&mut self.page);
        }
    }
}

/// The page that comes next, or before.
fn beside(compiled: &Compiled, answers: &Answers, today: Date, at: usize, on: bool) -> String {
    let pages = compiled.visible_pages(answers, today);
    let found = match on {
        true => pages.iter().find(|(n, _)| *n > at),
        false => pages.iter().rev().find(|(n, _)| *n < at).or(pages.first()),
    };
    found.map_or_else(|| END.to_owned(), |(_, page)| page.id.clone())
}

fn page(
    (site, who, visitor): (&Site, &Who, &Visitor),
    work: &Work,
    seen: &Seen,
    said: Said,
) -> PreviewPage {
    let today = words::day(site.clock.now());
    let procedure = work.procedure();
    let mut drawn = PreviewPage {
        frame: frame(site, who, visitor),
        panel: Panel::of(work, "preview", said),
        broken: true,
        phone: seen.phone,
        page: seen.page.clone(),
        steps: Vec::new(),
        heading: String::new(),
        intro: String::new(),
        questions: Vec::new(),
        others: Vec::new(),
        summary: Vec::new(),
        faults: Vec::new(),
        department: None,
        hidden: Vec::new(),
        tests: procedure.tests.iter().map(|case| case.name.clone()).collect(),
        today: today.to_string(),
    };
    let Ok(compiled) = Compiled::new(procedure.clone()) else { return drawn };
    drawn.broken = false;
    let answers = &seen.answers;
    let view = compiled.view(answers, today);
    let pages = view.pages();
    if drawn.page.is_empty() {
        drawn.page = pages.first().map_or_else(|| END.to_owned(), |(_, page)| page.id.clone());
    }
    let steps = pages.iter().map(|(_, page)| Step {
        id: page.id.clone(),
        title: page.title.ja().to_owned(),
        here: page.id == drawn.page,
    });
    drawn.steps = steps.collect();
    let end = Step {
        id: END.to_owned(),
        title: TEXTS.text("design.preview.end").to_owned(),
        here: drawn.page == END,
    };
    drawn.steps.push(end);
    let at = compiled.page(&drawn.page).map(|(at, _)| at);
    if let Some(at) = at {
        let page = &procedure.pages[at];
        drawn.heading = page.title.ja().to_owned();
        drawn.intro = platform_web::markdown::html(page.intro.ja());
        let files = work.at("/files");
        let purpose = Purpose::Preview { files: &files };
        let filled = &compiled.with_defaults(at, answers, today);
        let view = compiled.view(filled, today);
        let asked = Asked { answers: filled, view, errors: &seen.errors, purpose };
        let questions = asked.view.drawn(at);
        drawn.questions = questions.iter().map(|one| Question::new(&asked, one)).collect();
    } else {
        drawn.heading = TEXTS.text("design.preview.end").to_owned();
        end_of(&compiled, answers, today, &mut drawn);
    }
    let others = answers.iter().filter(|(input, _)| compiled.page_of(input) != at || at.is_none());
    drawn.others = others
        .flat_map(|(input, values)| values.iter().map(|v| (input.to_owned(), v.clone())))
        .collect();
    drawn.hidden = hidden(&compiled, answers, today);
    drawn
}

/// All answers, and what the checks say of them.
fn end_of(compiled: &Compiled, answers: &Answers, today: Date, drawn: &mut PreviewPage) {
    let files = made_up_files(compiled, answers);
    let context = Context { files: &files, ..Context::on(today) };
    let checked = compiled.check_all(answers, &context);
    drawn.faults = checked.faults.iter().map(fault_words::text).collect();
    let pages = compiled.summary(answers, today);
    let rows = pages.into_iter().flat_map(|page| page.rows);
    let lines = |file: bool, lines: Vec<String>| match (file, lines.is_empty()) {
        (true, false) => vec![TEXTS.text("design.preview.attached").to_owned()],
        (true, true) | (false, _) => lines,
    };
    drawn.summary = rows
        .map(|row| (row.label, lines(matches!(row.field.kind, FieldKind::File(_)), row.lines)))
        .collect();
    let procedure = compiled.procedure();
    drawn.department = (!procedure.routing.is_empty()).then(|| {
        let all = &procedure.routing;
        let to = compiled.department(&checked.answers, today);
        let number =
            all.iter().position(|route| route.department == *to && *to != procedure.department);
        match number {
            Some(number) => TEXTS.fill("design.preview.routed", &[("number", &(number + 1))]),
            None => TEXTS.text("design.preview.own_department").to_owned(),
        }
    });
}

/// Questions that are not shown: the first of them, each with why.
fn hidden(compiled: &Compiled, answers: &Answers, today: Date) -> Vec<Hidden> {
    let fields = compiled.procedure().pages.iter().flat_map(|page| &page.fields);
    let conditional = compiled.procedure().pages.iter().flat_map(|page| {
        page.fields.iter().filter(|field| field.when.is_some() || page.when.is_some())
    });
    let ends = fields.clone().any(|field| matches!(field.kind, FieldKind::Exit(_)));
    let looked_at: Vec<_> = if ends { fields.collect() } else { conditional.collect() };
    let traced = looked_at.into_iter().filter_map(|field| {
        let trace = trace(compiled, answers, today, &field.id).filter(|trace| !trace.shown)?;
        Some(Hidden {
            id: field.id.clone(),
            label: field.label.ja().to_owned(),
            why: why(compiled, &trace),
        })
    });
    traced.take(MOST_HIDDEN).collect()
}

/// Hidden questions that are explained at once.
const MOST_HIDDEN: usize = 30;

fn why(compiled: &Compiled, trace: &Trace) -> Vec<String> {
    if let Some(exit) = &trace.ended {
        let label = compiled.field(exit).map_or("", |field| field.label.ja());
        return vec![TEXTS.fill("design.preview.ended", &[("label", &label)])];
    }
    let mut lines = Vec::new();
    for (judged, key) in
        [(&trace.page, "design.preview.why_page"), (&trace.own, "design.preview.why_own")]
    {
        if let Some(judged) = judged.as_ref().filter(|judged| !judged.holds) {
            lines.extend(told(compiled, judged, key));
        }
    }
    lines
}

/// A condition that does not hold: each of its rows with whether it does.
fn told(compiled: &Compiled, judged: &Judged, key: &str) -> Vec<String> {
    let procedure = compiled.procedure();
    let whole = notes::condition(procedure, &judged.text);
    let mut lines = vec![TEXTS.fill(key, &[("condition", &whole)])];
    if judged.rows.len() > 1 {
        let subjects = subject::above(procedure, &Whose::Procedure);
        lines.extend(judged.rows.iter().map(|(row, holds)| {
            let key = if *holds { "design.preview.row_holds" } else { "design.preview.row_fails" };
            TEXTS.fill(key, &[("row", &notes::row(&subjects, row))])
        }));
    }
    lines
}
