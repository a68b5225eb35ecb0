//! What is calculated: terms a clerk reads, or the text of an expression.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use domain::forms::definition::{Calc, Field, FieldKind, Procedure};
use domain::forms::design::subject::{self, Of, Subject};
use domain::forms::design::sum::{Sum, Term};
use domain::forms::design::{self, Edit, Whose};
use domain::text::narrow;
use platform_web::{CsrfForm, FormData, Html, PageResult, Reply, Visitor, see_other};

use super::panel::{Panel, frame};
use super::work::{Said, Work};
use super::{condition, notes};
use crate::frame::{Choice, Frame};
use crate::guard::Who;
use crate::site::{Site, TEXTS};

#[derive(Template)]
#[template(path = "procedures/design/calculation.html")]
struct CalculationPage {
    frame: Frame,
    panel: Panel,
    id: String,
    label: String,
    terms: Vec<Line>,
    subjects: Vec<Choice>,
    text: String,
    as_text: bool,
}

struct Line {
    number: usize,
    minus: bool,
    subjects: Vec<Choice>,
    times: String,
}

/// Shows the calculation.
pub async fn get(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    Path((id, field)): Path<(String, String)>,
) -> PageResult {
    let work = Work::load(&site, &who, &id).await?;
    let (field, calc) = found(&work, &field)?;
    let asked = Asked::of_text(&calc.value);
    let page = page((&site, &who, &visitor), &work, field, asked, Said::Nothing);
    Ok(Html(page).into_response())
}

/// Adds or removes a term, or keeps the calculation.
pub async fn post(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    Path((id, field)): Path<(String, String)>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let work = Work::load(&site, &who, &id).await?;
    let (field, calc) = found(&work, &field)?;
    let mut asked = Asked::of_form(&form, &subjects(&work.whole, &field.id));
    let said = match form.text("do") {
        "add" => {
            asked.terms.push(Term { minus: false, input: None, counted: false, times: None });
            Said::Nothing
        }
        "text" => {
            asked.as_text = true;
            Said::Nothing
        }
        _ => {
            let value = asked.text.clone();
            let kind = FieldKind::Calc(Calc { value, ..calc.clone() });
            let edit = Edit::SetField { field: Box::new(Field { kind, ..field.clone() }) };
            match condition::keep(&site, &who, &work, &form, Some(edit)).await? {
                None => return Ok(see_other(work.at(&format!("/questions/{}", field.id)))),
                Some(said) => said,
            }
        }
    };
    let status = said.status();
    let page = page((&site, &who, &visitor), &work, field, asked, said);
    Ok((status, Html(page)).into_response())
}

fn found<'w>(work: &'w Work, id: &str) -> Result<(&'w Field, &'w Calc), Reply> {
    let field = design::field(&work.whole, id);
    let calc = field.and_then(|field| {
        let FieldKind::Calc(calc) = &field.kind else { return None };
        Some((field, calc))
    });
    calc.ok_or_else(|| Reply::not_found("design.question_gone").link(work.at("")))
}

/// Numbers that stand above, and what can be counted.
fn subjects(procedure: &Procedure, id: &str) -> Vec<Subject> {
    let mut all = subject::above(procedure, &Whose::Field(id.to_owned()));
    all.retain(|one| matches!(one.of, Of::Number | Of::Several | Of::Some(_)));
    all
}

/// A calculation in words.
pub(super) fn told(procedure: &Procedure, text: &str) -> String {
    if text.is_empty() {
        return TEXTS.text("design.sum.none").to_owned();
    }
    let Some(sum) = Sum::read(text) else {
        return TEXTS.fill("design.condition.text", &[("text", &text)]);
    };
    let known = subject::above(procedure, &Whose::Procedure);
    let mut out = String::new();
    for (n, term) in sum.terms.iter().enumerate() {
        if n > 0 {
            out.push_str(TEXTS.text(if term.minus {
                "design.sum.minus"
            } else {
                "design.sum.plus"
            }));
        }
        let label = term.input.as_ref().map(|input| {
            let subject = known.iter().find(|subject| subject.input == *input);
            let label = subject.map_or_else(|| input.clone(), notes::called);
            let key = if term.counted { "design.sum.count" } else { "design.sum.value" };
            TEXTS.fill(key, &[("label", &label)])
        });
        let times = term.times.map(|times| times.to_string());
        let parts: Vec<String> = label.into_iter().chain(times).collect();
        out.push_str(&parts.join(TEXTS.text("design.sum.times")));
    }
    out
}

struct Asked {
    terms: Vec<Term>,
    text: String,
    as_text: bool,
}

impl Asked {
    fn of_text(text: &str) -> Self {
        let read = Sum::read(text);
        let as_text = read.is_none() && !text.is_empty();
        let terms = read.map_or_else(Vec::new, |sum| sum.terms);
        Self { terms, text: text.to_owned(), as_text }
    }

    fn of_form(form: &FormData, subjects: &[Subject]) -> Self {
        let inputs = form.all("term_input");
        let terms = inputs.zip(form.all("term_sign")).zip(form.all("term_times"));
        let terms = terms.filter_map(|((input, sign), times)| {
            let subject = subjects.iter().find(|subject| subject.input == input);
            let times = narrow(times.trim()).replace(',', "").parse().ok();
            let term = Term {
                minus: sign == "minus",
                input: subject.map(|subject| subject.input.clone()),
                counted: subject.is_some_and(|one| !matches!(one.of, Of::Number)),
                times,
            };
            (term.input.is_some() || term.times.is_some()).then_some(term)
        });
        let mut terms: Vec<Term> = terms.collect();
        if let Some(first) = terms.first_mut() {
            first.minus = false;
        }
        let as_text = form.has("text");
        let text = match as_text {
            true => form.text("text").trim().to_owned(),
            false => Sum { terms: terms.clone() }.text(),
        };
        Self { terms, text, as_text }
    }
}

fn page(
    (site, who, visitor): (&Site, &Who, &Visitor),
    work: &Work,
    field: &Field,
    asked: Asked,
    said: Said,
) -> CalculationPage {
    let known = subjects(&work.whole, &field.id);
    let choices = |chosen: Option<&str>| -> Vec<Choice> {
        let choice = |one: &Subject| {
            let key =
                if matches!(one.of, Of::Number) { "design.sum.value" } else { "design.sum.count" };
            let label = TEXTS.fill(key, &[("label", &notes::called(one))]);
            Choice::new(&one.input, &label, chosen == Some(one.input.as_str()))
        };
        known.iter().map(choice).collect()
    };
    let terms = asked.terms.iter().enumerate().map(|(number, term)| Line {
        number,
        minus: term.minus,
        subjects: choices(term.input.as_deref()),
        times: term.times.map(|times| times.to_string()).unwrap_or_default(),
    });
    CalculationPage {
        frame: frame(site, who, visitor),
        panel: Panel::of(work, "outline", said),
        id: field.id.clone(),
        label: field.label.ja().to_owned(),
        terms: terms.collect(),
        subjects: choices(None),
        text: asked.text,
        as_text: asked.as_text,
    }
}
