//! Lines of a fee as a clerk writes them: so many yen, once or for each of something, without a
//! formula. What that cannot say stays a formula.

use domain::forms::definition::{Bound, FeeLine, Procedure, Words};
use domain::forms::design::Whose;
use domain::forms::design::subject::{self, Of, Subject};
use domain::forms::design::sum::{Sum, Term};
use domain::text::narrow;
use platform_web::FormData;

use super::notes;
use crate::frame::Choice;
use crate::site::TEXTS;

/// A line as the page draws it.
pub(super) struct Line {
    pub(super) number: usize,
    pub(super) id: String,
    pub(super) label: String,
    /// Yen, when no formula is needed.
    pub(super) yen: String,
    /// For each of what.
    pub(super) of: Vec<Choice>,
    /// A formula that yen for each of something cannot say.
    pub(super) formula: Option<String>,
    /// When it is charged, in words; `None` is always.
    pub(super) when: Option<String>,
    pub(super) last: bool,
}

/// Numbers above, and what can be counted.
fn subjects(procedure: &Procedure, field: &str) -> Vec<Subject> {
    let mut all = subject::above(procedure, &Whose::Field(field.to_owned()));
    all.retain(|one| matches!(one.of, Of::Number | Of::Several | Of::Some(_)));
    all
}

fn choices(known: &[Subject], chosen: Option<&str>) -> Vec<Choice> {
    let one = |one: &Subject| {
        let key =
            if matches!(one.of, Of::Number) { "design.sum.value" } else { "design.sum.count" };
        let label = TEXTS.fill(key, &[("label", &notes::called(one))]);
        Choice::new(&one.input, &label, chosen == Some(one.input.as_str()))
    };
    known.iter().map(one).collect()
}

/// The lines of a fee, and what a new one may be for each of.
pub(super) fn lines(
    lines: &[FeeLine],
    procedure: &Procedure,
    field: &str,
) -> (Vec<Line>, Vec<Choice>) {
    let known = subjects(procedure, field);
    let drawn = lines.iter().enumerate().map(|(number, line)| {
        let (yen, of, formula) = match &line.amount {
            Bound::Whole(yen) => (yen.to_string(), None, None),
            Bound::Expr(text) => match per_piece(text) {
                Some((yen, of)) => (yen, Some(of), None),
                // What was typed and is no amount stays in its box.
                None if !text.contains(|c: char| c.is_ascii_alphabetic()) => {
                    (text.clone(), None, None)
                }
                None => (String::new(), None, Some(text.clone())),
            },
        };
        Line {
            number,
            id: line.id.clone(),
            label: line.label.ja().to_owned(),
            yen,
            of: choices(&known, of.as_deref()),
            formula,
            when: line.when.as_deref().map(|when| notes::condition(procedure, when)),
            last: number + 1 == lines.len(),
        }
    });
    (drawn.collect(), choices(&known, None))
}

/// `copies * 300` as yen and what they are for each of.
fn per_piece(text: &str) -> Option<(String, String)> {
    let mut terms = Sum::read(text)?.terms.into_iter();
    let (Some(term), None) = (terms.next(), terms.next()) else { return None };
    let yen = term.times.map_or_else(|| "1".to_owned(), |times| times.to_string());
    Some((yen, term.input?)).filter(|(yen, _)| yen.bytes().all(|b| b.is_ascii_digit()))
}

/// The lines as they were typed: an emptied one is away, a new one has no id yet, and the pressed
/// button moves one.
pub(super) fn read(
    form: &FormData,
    name: &str,
    (old, procedure, field): (&[FeeLine], &Procedure, &str),
) -> (Vec<FeeLine>, Result<(), &'static str>) {
    let known = subjects(procedure, field);
    let all = |part: &str| -> Vec<String> {
        let name = format!("{name}_{part}");
        form.all(&name).map(|text| text.trim().to_owned()).collect()
    };
    let (ids, labels, yen, of) = (all("id"), all("label"), all("yen"), all("of"));
    let formulas = all("formula");
    let at = |all: &[String], n: usize| all.get(n).cloned().unwrap_or_default();
    let (mut lines, mut fine) = (Vec::new(), Ok(()));
    for (n, label) in labels.iter().enumerate() {
        let id = at(&ids, n);
        let kept = old.iter().find(|line| line.id == id && !id.is_empty());
        let amount = match at(&formulas, n).as_str() {
            "" => amount(&known, &at(&yen, n), &at(&of, n)),
            formula => Ok(Bound::Expr(formula.to_owned())),
        };
        // A line without words goes; what was typed beside it goes with it.
        let amount = if label.is_empty() { Ok(Bound::Whole(0)) } else { amount };
        let amount = amount.unwrap_or_else(|key| {
            fine = Err(key);
            Bound::Expr(at(&yen, n))
        });
        lines.push(FeeLine {
            label: kept.map(|line| line.label.clone()).unwrap_or_default().in_japanese(label),
            when: kept.and_then(|line| line.when.clone()),
            amount,
            id,
        });
    }
    let pressed: Vec<&str> = form.text("do").split(':').collect();
    if let [direction @ ("up" | "down"), of, place] = pressed[..]
        && of == name
        && let Ok(place) = place.parse::<usize>()
    {
        let other = if direction == "up" { place.wrapping_sub(1) } else { place + 1 };
        if place < lines.len() && other < lines.len() {
            lines.swap(place, other);
        }
    }
    lines.retain(|line| line.label != Words::default() && !line.label.ja().is_empty());
    (lines, fine)
}

/// So many yen, once or for each of something.
fn amount(known: &[Subject], yen: &str, of: &str) -> Result<Bound, &'static str> {
    let typed = narrow(yen).replace(',', "");
    let whole = typed.parse::<i64>().ok().filter(|yen| *yen >= 0);
    let whole = whole.ok_or("design.fault.yen")?;
    let Some(subject) = known.iter().find(|one| one.input == of) else {
        return Ok(Bound::Whole(whole));
    };
    let term = Term {
        minus: false,
        input: Some(subject.input.clone()),
        counted: !matches!(subject.of, Of::Number),
        times: typed.parse().ok(),
    };
    Ok(Bound::Expr(Sum { terms: vec![term] }.text()))
}
