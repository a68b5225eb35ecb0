//! Pages and fields that can never be shown.
//!
//! A condition is tried with every answer that could matter: all codes of the choices it hangs on,
//! and around the numbers, days and texts it compares with; one that asks for today also on the days
//! that are still to come. When none of them shows the field and all of them were choices, it is
//! unreachable for certain; else it is a warning.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Span;
use jiff::civil::{Date, date};

use super::{Problem, ProblemCode};
use crate::forms::definition::{Field, FieldKind};
use crate::forms::expr::{Decimal, Expr, Literal, Scope};
use crate::forms::{Answers, Compiled, Seen, inputs};

/// Most combinations that are tried for one field.
const MOST: usize = 4_096;
/// A day to try conditions on; days compared with are tried around themselves and around today.
const TODAY: Date = date(2026, 4, 1);

pub(super) fn check(form: &Compiled, found: &mut Vec<Problem>) {
    for slot in 0..form.fields.len() {
        if form.shown_by(slot).next().is_none() {
            continue;
        }
        match Trial::of(form, slot).shows() {
            Outcome::Shown | Outcome::TooMany => {}
            Outcome::Never { certain } => {
                let (page, field) = form.fields[slot].at;
                let at = format!("pages[{page}].fields[{field}].when");
                let id = &form.field_at(slot).id;
                found.push(if certain {
                    Problem::error(&at, ProblemCode::Unreachable, id)
                } else {
                    Problem::warning(&at, ProblemCode::Unreachable, id)
                });
            }
        }
    }
}

enum Outcome {
    Shown,
    TooMany,
    Never { certain: bool },
}

struct Trial<'t> {
    form: &'t Compiled,
    slot: usize,
    /// Slots whose being shown matters, in order.
    slots: BTreeSet<usize>,
    /// Answers to try, by input.
    tried: BTreeMap<String, Vec<Vec<String>>>,
    /// Days to try them on.
    on: Vec<Date>,
    certain: bool,
    /// Whether it hangs on rows of a group, which are not tried.
    unknown: bool,
}

impl<'t> Trial<'t> {
    fn of(form: &'t Compiled, slot: usize) -> Self {
        let mut trial = Self {
            form,
            slot,
            slots: BTreeSet::new(),
            tried: BTreeMap::new(),
            on: vec![TODAY],
            certain: true,
            unknown: false,
        };
        trial.involve(slot);
        trial.involve_exits();
        let exprs: Vec<&Expr> = trial.slots.iter().flat_map(|s| decided_by(form, *s)).collect();
        let literals: Vec<&Literal> = exprs.iter().flat_map(|expr| expr.literals()).collect();
        if literals.iter().any(|literal| matches!(literal, Literal::Today)) {
            trial.certain = false;
            trial.on.extend(days(&literals).into_iter().filter(|day| *day > TODAY));
        }
        let inputs: BTreeSet<&String> = exprs.iter().flat_map(|expr| expr.inputs()).collect();
        for input in inputs {
            let Some(field) = form.field(inputs::field_of(input)) else { continue };
            if matches!(field.kind, FieldKind::Calc(_) | FieldKind::Fee(_)) {
                continue;
            }
            let (values, certain) = candidates((field, input), &literals);
            trial.certain &= certain;
            trial.tried.insert(input.clone(), values);
        }
        trial
    }

    fn involve(&mut self, slot: usize) {
        if !self.slots.insert(slot) {
            return;
        }
        for input in decided_by(self.form, slot).flat_map(Expr::inputs) {
            let Some(other) = self.form.slot(inputs::field_of(input)) else { continue };
            // What rows may hold is beyond trying.
            self.unknown |= self.form.field_at(other).repeat().is_some();
            self.involve(other);
        }
    }

    /// Exits before the field that hang on nothing but what is tried anyway.
    fn involve_exits(&mut self) {
        let known: BTreeSet<String> = self
            .slots
            .iter()
            .flat_map(|s| decided_by(self.form, *s))
            .flat_map(Expr::inputs)
            .cloned()
            .collect();
        for slot in 0..self.slot {
            let exit = matches!(self.form.field_at(slot).kind, FieldKind::Exit(_));
            let mut inputs = self.form.shown_by(slot).flat_map(Expr::inputs);
            if exit && inputs.all(|input| known.contains(input)) {
                self.slots.insert(slot);
            }
        }
    }

    fn shows(&self) -> Outcome {
        if self.unknown {
            return Outcome::TooMany;
        }
        let days = self.on.len();
        let sizes = self.tried.values().map(Vec::len).chain([days]);
        let Some(count) = sizes.into_iter().try_fold(1usize, |n, size| n.checked_mul(size)) else {
            return Outcome::TooMany;
        };
        if count > MOST {
            return Outcome::TooMany;
        }
        if (0..count).any(|n| self.shows_with(&self.combination(n / days), self.on[n % days])) {
            Outcome::Shown
        } else {
            Outcome::Never { certain: self.certain }
        }
    }

    fn combination(&self, mut n: usize) -> Answers {
        let mut answers = Answers::new();
        for (input, values) in &self.tried {
            answers.put(input.as_str(), values[n % values.len()].clone());
            n /= values.len();
        }
        answers
    }

    fn shows_with(&self, answers: &Answers, today: Date) -> bool {
        let mut seen = Seen::default();
        for slot in 0..=self.slot {
            if !self.slots.contains(&slot) {
                seen.hide();
                continue;
            }
            let scope = Scope { answers, seen: &seen, today, outer: None };
            let shown =
                !seen.has_ended() && self.form.shown_by(slot).all(|expr| expr.holds(&scope));
            let (field, compiled) = (self.form.field_at(slot), &self.form.fields[slot]);
            seen.enter(field, compiled, shown, (answers, today, None));
        }
        seen.is_shown(self.slot)
    }
}

/// Expressions that decide whether a field is shown, and what it is worth when it is calculated.
fn decided_by(form: &Compiled, slot: usize) -> impl Iterator<Item = &Expr> {
    form.shown_by(slot).chain(form.fields[slot].worth())
}

/// Answers of one input worth trying, and whether there are no others.
fn candidates((field, input): (&Field, &str), literals: &[&Literal]) -> (Vec<Vec<String>>, bool) {
    let one = |text: String| vec![text];
    let mut values = vec![Vec::new()];
    if inputs::other(field).is_some() && input != field.id {
        values.extend(texts(literals).map(one));
        return (values, false);
    }
    match &field.kind {
        FieldKind::Choice(choice) => {
            values.extend(choice.options.iter().map(|o| one(o.code.clone())));
            (values, true)
        }
        FieldKind::Multi(multi) => {
            values.extend(multi.options.iter().map(|o| one(o.code.clone())));
            values.push(multi.options.iter().map(|o| o.code.clone()).collect());
            (values, multi.options.len() < 2)
        }
        FieldKind::Consent(_) => {
            values.push(one("yes".to_owned()));
            (values, true)
        }
        FieldKind::Number(_) | FieldKind::Time(_) => {
            values.extend(numbers(literals).into_iter().map(one));
            (values, false)
        }
        FieldKind::Date(_) | FieldKind::Month(_) | FieldKind::Slot(_) => {
            values.extend(days(literals).into_iter().map(|day| one(day.to_string())));
            (values, false)
        }
        FieldKind::Text(_)
        | FieldKind::Textarea(_)
        | FieldKind::Name(_)
        | FieldKind::Address(_)
        | FieldKind::Phone(_)
        | FieldKind::Email(_)
        | FieldKind::CorporateNumber(_)
        | FieldKind::Bank(_)
        | FieldKind::Matrix(_)
        | FieldKind::Lookup(_)
        | FieldKind::File(_)
        | FieldKind::Calc(_)
        | FieldKind::Fee(_)
        | FieldKind::Repeat(_)
        | FieldKind::Exit(_)
        | FieldKind::Content(_) => {
            values.extend(texts(literals).map(one));
            (values, false)
        }
    }
}

fn texts(literals: &[&Literal]) -> impl Iterator<Item = String> {
    let compared = literals.iter().filter_map(|literal| match literal {
        Literal::Text(text) => Some(text.clone()),
        Literal::Number(_) | Literal::Date(_) | Literal::Today => None,
    });
    ["yes".to_owned(), "長い文".repeat(400)].into_iter().chain(compared)
}

fn numbers(literals: &[&Literal]) -> BTreeSet<String> {
    let mut all: BTreeSet<String> = ["0", "1", "1000000"].map(str::to_owned).into();
    for literal in literals {
        if let Literal::Number(n) = literal {
            let around = [n.minus(Decimal::from(1)), Some(*n), n.plus(Decimal::from(1))];
            all.extend(around.into_iter().flatten().map(|n| n.to_string()));
        }
    }
    all
}

/// Days around those compared with and around today, and years back for comparisons of age.
fn days(literals: &[&Literal]) -> BTreeSet<Date> {
    let mut all: BTreeSet<Date> = BTreeSet::new();
    let mut around = |day: Date| {
        all.extend([day.yesterday(), Ok(day), day.tomorrow()].into_iter().flatten());
    };
    around(TODAY);
    for literal in literals {
        match literal {
            Literal::Date(day) => around(*day),
            Literal::Number(n) => {
                let Some(n) = n.as_whole().filter(|n| (1..=150).contains(n)) else { continue };
                let years = TODAY.saturating_sub(Span::new().years(n));
                around(years);
                let later = TODAY.saturating_add(Span::new().days(n));
                around(later);
            }
            Literal::Text(_) | Literal::Today => {}
        }
    }
    all
}
