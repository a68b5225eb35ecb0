//! Why a question is hidden with some answers, row by row.

use jiff::civil::Date;

use super::condition::{Condition, Row};
use super::place;
use crate::forms::definition::FieldKind;
use crate::forms::expr::Value;
use crate::forms::{Answers, Compiled};

/// Why a question is not shown, or is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    /// Whether it is shown.
    pub shown: bool,
    /// An exit above it is shown: its id. Nothing behind it is asked.
    pub ended: Option<String>,
    /// The condition of its page.
    pub page: Option<Judged>,
    /// Its own condition.
    pub own: Option<Judged>,
}

/// A condition and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// Its text.
    pub text: String,
    /// Whether it holds.
    pub holds: bool,
    /// Whether all rows must hold; `true` for a condition without rows.
    pub all: bool,
    /// Its rows, with whether each holds; none for one that rows cannot say.
    pub rows: Vec<(Row, bool)>,
}

/// Why a question of a page is shown or not; `None` for one the form does not have.
#[must_use]
pub fn trace(form: &Compiled, answers: &Answers, today: Date, id: &str) -> Option<Trace> {
    let procedure = form.procedure();
    let found = place::find(procedure, id).filter(|found| found.row.is_none())?;
    let page = procedure.pages.get(found.page)?;
    let field = page.fields.get(found.field)?;
    let judged = |text: &String| judged(form, answers, today, text);
    let shown = |page, id: &str| {
        form.visible_fields(page, answers, today).iter().any(|field| field.id == id)
    };
    let above = procedure.pages.iter().take(found.page + 1).enumerate().flat_map(|(p, page)| {
        let end = if p == found.page { found.field } else { page.fields.len() };
        page.fields.iter().take(end).map(move |field| (p, field))
    });
    let mut exits = above.filter(|(_, field)| matches!(field.kind, FieldKind::Exit(_)));
    Some(Trace {
        shown: shown(found.page, id),
        ended: exits.find(|(p, exit)| shown(*p, &exit.id)).map(|(_, exit)| exit.id.clone()),
        page: page.when.as_ref().map(judged),
        own: field.when.as_ref().map(judged),
    })
}

fn judged(form: &Compiled, answers: &Answers, today: Date, text: &str) -> Judged {
    let holds = |text: &str| {
        let expr = form.expression(text);
        expr.is_ok_and(|expr| {
            form.evaluate(&expr, answers, today, |value| *value == Value::Bool(true))
        })
    };
    let condition = Condition::read(text);
    let all = condition.as_ref().is_none_or(|condition| condition.all);
    let rows = condition.map_or_else(Vec::new, |condition| condition.rows);
    let rows = rows.into_iter().map(|row| {
        let held = holds(&row.text());
        (row, held)
    });
    Judged { text: text.to_owned(), holds: holds(text), all, rows: rows.collect() }
}
