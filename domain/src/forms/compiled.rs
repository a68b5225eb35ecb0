//! A procedure whose expressions are parsed and whose input names are indexed, once.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use jiff::civil::Date;

use crate::forms::check::{Pattern, WHOLE, pool};
use crate::forms::compiler::{Compiler, Known, Place};
use crate::forms::cosigners::Signers;
use crate::forms::definition::{Capacity, Field, FieldKind, Lang, Outcome, Page, Procedure};
use crate::forms::expr::{Expr, ExprError, Scope, Type, Value};
use crate::forms::listed::Listed;
use crate::forms::publish::{Problem, ProblemCode};
use crate::forms::{Answers, Opening, Openings, inputs};
use crate::ids::DepartmentId;

/// A procedure ready to be shown and checked. Build it once and keep it behind an `Arc`.
///
/// Every field has a *slot*: its number from the first field of the first page to the last.
#[derive(Debug)]
pub struct Compiled {
    procedure: Procedure,
    /// The language its texts and answers are shown in.
    pub(super) lang: Lang,
    pub(super) pages: Vec<CompiledPage>,
    pub(super) fields: Vec<CompiledField>,
    index: HashMap<String, usize>,
    /// Conditions of the outcomes, in their order.
    outcomes: Vec<Option<Expr>>,
    /// Conditions of the routes, in their order.
    routes: Vec<Option<Expr>>,
    /// Types of the calculated values.
    types: HashMap<String, Type>,
    /// How many seats an application takes, by pool.
    pub(super) units: HashMap<String, Expr>,
    /// When co-signers of each kind are needed and how many, in the order of the document.
    pub(super) signers: Vec<Signers>,
}

#[derive(Debug)]
pub(super) struct CompiledPage {
    pub(super) when: Option<Expr>,
    pub(super) slots: Range<usize>,
}

/// What was parsed of one field.
#[derive(Debug)]
pub(super) struct CompiledField {
    /// Page and place on it.
    pub(super) at: (usize, usize),
    pub(super) when: Option<Expr>,
    pub(super) required: Needed,
    pub(super) rules: Vec<Expr>,
    /// First day or smallest number.
    pub(super) low: Option<Expr>,
    /// Last day or largest number.
    pub(super) high: Option<Expr>,
    /// Conditions of the options, in their order; empty for other kinds.
    pub(super) options: Vec<Option<Expr>>,
    pub(super) pattern: Option<Pattern>,
    /// The list an answer is looked up in.
    pub(super) listed: Option<Arc<Listed>>,
    /// Which of its entries are meant.
    pub(super) narrow: Option<Expr>,
    /// A calculated value.
    pub(super) value: Option<Expr>,
    /// Days and times that can be chosen.
    pub(super) openings: Option<Openings>,
    /// Lines of a fee, in their order.
    pub(super) charges: Vec<Charge>,
    /// Fields of a row, for a repeating group.
    pub(super) row: Vec<CompiledField>,
}

/// What was parsed of a line of a fee.
#[derive(Debug)]
pub(super) struct Charge {
    /// Id of the line.
    pub(super) id: String,
    /// When it is charged; `None` is always.
    pub(super) when: Option<Expr>,
    /// How much.
    pub(super) amount: Expr,
}

impl CompiledField {
    /// Expressions that say what it is worth when it is worked out.
    pub(super) fn worth(&self) -> impl Iterator<Item = &Expr> {
        let charges = self.charges.iter().flat_map(|one| one.when.iter().chain([&one.amount]));
        self.value.iter().chain(charges)
    }

    /// Whether its condition holds.
    pub(super) fn applies(&self, scope: &Scope<'_>) -> bool {
        self.when.as_ref().is_none_or(|when| when.holds(scope))
    }

    /// Whether an answer is needed.
    pub(super) fn needed(&self, scope: &Scope<'_>) -> bool {
        match &self.required {
            Needed::Always => true,
            Needed::Never => false,
            Needed::When(expr) => expr.holds(scope),
        }
    }

    /// Whether the n-th option is offered.
    pub(super) fn offers(&self, option: usize, scope: &Scope<'_>) -> bool {
        match self.options.get(option) {
            Some(when) => when.as_ref().is_none_or(|expr| expr.holds(scope)),
            None => false,
        }
    }
}

#[derive(Debug)]
pub(super) enum Needed {
    Always,
    Never,
    When(Expr),
}

impl Compiled {
    /// Parses every expression.
    /// # Errors
    /// The problems that make the document unusable: broken expressions, unknown or repeated ids,
    /// conditions that look forward.
    pub fn new(procedure: Procedure) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let index = index(&procedure, &mut problems);
        let flat: Vec<&Field> = procedure.pages.iter().flat_map(|page| &page.fields).collect();
        let mut compiler = Compiler::new(&flat, &index, &procedure.lists, problems);
        compiler.office = procedure.office_days();
        let mut values = compiler.values(&procedure.pages);
        let (mut pages, mut fields) = (Vec::new(), Vec::new());
        for (p, page) in procedure.pages.iter().enumerate() {
            let slots = fields.len()..fields.len() + page.fields.len();
            pages.push(compiler.page(page, p, slots.clone()));
            for (f, field) in page.fields.iter().enumerate() {
                let place = Place { slot: slots.start + f, end: slots.end, row: None };
                fields.push(compiler.field(field, (p, f), place, &mut values));
            }
        }
        let outcomes = compiler.outcomes(&procedure.outcomes, fields.len());
        let routes = compiler.routes(&procedure.routing, fields.len());
        let types = compiler.types;
        let problems = compiler.problems;
        if !problems.is_empty() {
            return Err(problems);
        }
        let units = HashMap::new();
        let lang = Lang::Ja;
        let signers = Vec::new();
        let form =
            Self { procedure, lang, pages, fields, index, outcomes, routes, types, units, signers };
        form.with_units()?.with_signers()
    }

    /// The same form told in another language, see [`Procedure::told`]. Answers are shown in it
    /// too: days without eras, kinds of accounts by its words.
    #[must_use]
    pub fn told(&self, lang: Lang, left: &dyn Fn(&str) -> String) -> Option<Self> {
        Self::new(self.procedure.told(lang, left)).ok().map(|told| Self { lang, ..told })
    }

    /// Parses how many seats an application takes: every answer may count.
    fn with_units(mut self) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        // The openings of a question share what is written once.
        let mut shared: HashMap<String, Option<Expr>> = HashMap::new();
        for (pool, at, capacity) in capacities(&self.procedure) {
            let Some(text) = &capacity.units else { continue };
            let at = format!("{at}.units");
            let known = shared.get(&at).cloned();
            let expr = known.unwrap_or_else(|| self.typed(text, Type::Number, &at, &mut problems));
            self.units.extend(expr.clone().map(|expr| (pool, expr)));
            shared.insert(at, expr);
        }
        if problems.is_empty() { Ok(self) } else { Err(problems) }
    }

    /// An expression of a type that may hang on every answer.
    pub(super) fn typed(
        &self,
        text: &str,
        kind: Type,
        at: &str,
        problems: &mut Vec<Problem>,
    ) -> Option<Expr> {
        let parsed = self.expression(text).and_then(|expr| expr.of_type(kind));
        let failed = |error: ExprError| {
            problems.push(Problem::expression(at, text, error));
        };
        parsed.map_err(failed).ok()
    }

    /// Seats of a pool that these answers take: rounded up, at least one, at most [`MOST_UNITS`].
    pub(super) fn units(&self, pool: &str, answers: &Answers, today: Date) -> u32 {
        let Some(expr) = self.units.get(pool) else { return 1 };
        let asked = self.rounded_up(expr, answers, today);
        let asked = asked.unwrap_or(1).clamp(1, i64::from(MOST_UNITS));
        u32::try_from(asked).unwrap_or(MOST_UNITS)
    }

    /// The value of a number, rounded up, or the most it may be; `None` while it has none.
    pub(super) fn rounded_up(&self, expr: &Expr, answers: &Answers, today: Date) -> Option<i64> {
        self.evaluate(expr, answers, today, |value| value.numbers()?.1.rounded_up())
    }

    /// The document.
    #[must_use]
    pub fn procedure(&self) -> &Procedure {
        &self.procedure
    }

    /// A field by its id.
    #[must_use]
    pub fn field(&self, id: &str) -> Option<&Field> {
        self.index.get(id).map(|slot| self.field_at(*slot))
    }

    /// The field that stores an input, in a row too: `home` of `home.city`, the `birth` of a row of
    /// `family.2.birth`. `None` when none does.
    #[must_use]
    pub fn field_storing(&self, input: &str) -> Option<&Field> {
        let field = self.field(inputs::field_of(input))?;
        let Some(repeat) = field.repeat() else {
            return inputs::stored(field).iter().any(|stored| stored == input).then_some(field);
        };
        if input == field.id {
            return Some(field);
        }
        let (key, inner) = input.split_once('.')?.1.split_once('.')?;
        let known = key.parse().is_ok_and(|n: u32| (1..=repeat.max).contains(&n));
        let field = repeat.fields.iter().find(|field| field.id == inputs::field_of(inner))?;
        (known && inputs::stored(field).iter().any(|stored| stored == inner)).then_some(field)
    }

    /// A question by the name of its input, in a row too: `q`, `family.2.q`.
    pub(super) fn asked(&self, name: &str) -> Option<(&Field, &CompiledField)> {
        let slot = self.slot(inputs::field_of(name))?;
        let (field, compiled) = (self.field_at(slot), &self.fields[slot]);
        let Some(inner) = inputs::without_key(name) else {
            return (name == field.id).then_some((field, compiled));
        };
        let (_, inner) = inner.split_once('.')?;
        let mut row = field.repeat()?.fields.iter().zip(&compiled.row);
        row.find(|(field, _)| field.id == inner)
    }

    /// Days and times a question offers; `None` for another kind.
    #[must_use]
    pub fn openings(&self, id: &str) -> Option<&Openings> {
        self.fields.get(self.slot(id)?)?.openings.as_ref()
    }

    /// The days and times that answers ask for, as they store them.
    #[must_use]
    pub fn slots(&self, answers: &Answers) -> Vec<String> {
        let fields = self.fields.iter().enumerate().filter(|(_, one)| one.openings.is_some());
        let chosen = fields.filter_map(|(slot, _)| answers.first(&self.field_at(slot).id));
        chosen.filter(|code| Opening::parse(code).is_some()).map(str::to_owned).collect()
    }

    /// The question and the day and time whose seats a pool has.
    #[must_use]
    pub fn opening_of(&self, pool: &str) -> Option<(&Field, Opening)> {
        let (id, code) = pool.split_once('.')?;
        let field = self.field(id).filter(|field| matches!(field.kind, FieldKind::Slot(_)))?;
        Some((field, Opening::parse(code)?))
    }

    /// The same in words.
    #[must_use]
    pub fn opening_told(&self, pool: &str) -> Option<(String, String)> {
        let (field, opening) = self.opening_of(pool)?;
        let told = self.openings(&field.id)?.told(opening, self.lang);
        Some((field.label.ja().to_owned(), told))
    }

    /// The first moment, in Japan, at which these answers are too late for a day and time they
    /// choose; `None` when they choose none.
    #[must_use]
    pub fn closes(&self, answers: &Answers) -> Option<jiff::civil::DateTime> {
        let fields = self.fields.iter().enumerate();
        let closes = fields.filter_map(|(slot, compiled)| {
            let chosen = answers.first(&self.field_at(slot).id)?;
            compiled.openings.as_ref()?.closes(Opening::parse(chosen)?)
        });
        closes.min()
    }

    /// The page with this id, and its index.
    #[must_use]
    pub fn page(&self, id: &str) -> Option<(usize, &Page)> {
        self.procedure.pages.iter().enumerate().find(|(_, page)| page.id == id)
    }

    /// Index of the page a field or input is on.
    #[must_use]
    pub fn page_of(&self, input: &str) -> Option<usize> {
        self.index.get(inputs::field_of(input)).map(|slot| self.fields[*slot].at.0)
    }

    pub(super) fn slot(&self, id: &str) -> Option<usize> {
        self.index.get(id).copied()
    }

    pub(super) fn field_at(&self, slot: usize) -> &Field {
        let (page, field) = self.fields[slot].at;
        &self.procedure.pages[page].fields[field]
    }

    /// Parses an expression that may use every field, for instance of an export column.
    /// # Errors
    /// [`ExprError`] with the place and reason.
    pub fn expression(&self, text: &str) -> Result<Expr, ExprError> {
        let flat: Vec<&Field> = self.procedure.pages.iter().flat_map(|page| &page.fields).collect();
        let names = Known {
            fields: &flat,
            index: &self.index,
            types: &self.types,
            below: usize::MAX,
            row: None,
        };
        Expr::parse(text, &names)
    }

    /// The same for a condition.
    /// # Errors
    /// As [`expression`](Self::expression), also when it is none that holds or does not.
    pub fn condition(&self, text: &str) -> Result<Expr, ExprError> {
        self.expression(text)?.of_type(Type::Bool)
    }
}

impl Compiled {
    /// What a guide leads to with these answers (NF-55).
    #[must_use]
    pub fn outcomes(&self, answers: &Answers, today: Date) -> Vec<&Outcome> {
        let seen = self.seen(answers, today);
        let scope = Scope { answers, seen: &seen, today, outer: None };
        let all = self.procedure.outcomes.iter().zip(&self.outcomes);
        all.filter(|(_, when)| when.as_ref().is_none_or(|when| when.holds(&scope)))
            .map(|(outcome, _)| outcome)
            .collect()
    }

    /// The department that receives these answers (NF-48).
    #[must_use]
    pub fn department(&self, answers: &Answers, today: Date) -> &DepartmentId {
        let seen = self.seen(answers, today);
        let scope = Scope { answers, seen: &seen, today, outer: None };
        let mut all = self.procedure.routing.iter().zip(&self.routes);
        let found = all.find(|(_, when)| when.as_ref().is_some_and(|when| when.holds(&scope)));
        found.map_or(&self.procedure.department, |(route, _)| &route.department)
    }

    /// The value of an expression of [`Self::expression`] over whole answers, as `read` makes it.
    pub fn evaluate<T>(
        &self,
        expr: &Expr,
        answers: &Answers,
        today: Date,
        read: impl FnOnce(&Value<'_>) -> T,
    ) -> T {
        let seen = self.seen(answers, today);
        read(&expr.value(&Scope { answers, seen: &seen, today, outer: None }))
    }
}

fn index(procedure: &Procedure, problems: &mut Vec<Problem>) -> HashMap<String, usize> {
    let mut index = HashMap::new();
    let mut slot = 0;
    let mut rows: Vec<(String, String)> = Vec::new();
    for (p, page) in procedure.pages.iter().enumerate() {
        for (f, field) in page.fields.iter().enumerate() {
            let at = format!("pages[{p}].fields[{f}].id");
            if !is_id(&field.id) {
                problems.push(Problem::error(&at, ProblemCode::BadId, &field.id));
            }
            if index.insert(field.id.clone(), slot).is_some() {
                problems.push(Problem::error(&at, ProblemCode::RepeatedId, &field.id));
            }
            for (n, inner) in field.repeat().into_iter().flat_map(|r| r.fields.iter().enumerate()) {
                let at = format!("pages[{p}].fields[{f}].kind.fields[{n}].id");
                if !is_id(&inner.id) {
                    problems.push(Problem::error(&at, ProblemCode::BadId, &inner.id));
                }
                rows.push((at, inner.id.clone()));
            }
            slot += 1;
        }
        let at = format!("pages[{p}].id");
        if !is_id(&page.id) {
            problems.push(Problem::error(&at, ProblemCode::BadId, &page.id));
        }
        if procedure.pages[..p].iter().any(|other| other.id == page.id) {
            problems.push(Problem::error(&at, ProblemCode::RepeatedId, &page.id));
        }
    }
    for (n, (at, id)) in rows.iter().enumerate() {
        if index.contains_key(id) || rows[..n].iter().any(|(_, other)| other == id) {
            problems.push(Problem::error(at, ProblemCode::RepeatedId, id));
        }
    }
    index
}

/// Most seats one application takes of a pool.
const MOST_UNITS: u32 = 10_000;

/// Every pool of seats of a document: its name, where it is written, its limits.
#[must_use]
pub fn capacities(procedure: &Procedure) -> Vec<(String, String, Capacity)> {
    let mut found = Vec::new();
    if let Some(capacity) = &procedure.capacity {
        found.push((WHOLE.to_owned(), "capacity".to_owned(), capacity.clone()));
    }
    let office = procedure.office_days();
    for (p, page) in procedure.pages.iter().enumerate() {
        for (f, field) in page.fields.iter().enumerate() {
            if let FieldKind::Slot(kind) = &field.kind {
                let at = format!("pages[{p}].fields[{f}].kind.capacity");
                let one = |(opening, _): (Opening, _)| {
                    (pool(&field.id, &opening.code()), at.clone(), kind.capacity.clone())
                };
                found.extend(Openings::of(field, &office).iter().map(one));
            }
            for (n, option) in inputs::options(field).iter().enumerate() {
                let Some(capacity) = &option.capacity else { continue };
                let at = format!("pages[{p}].fields[{f}].kind.options[{n}].capacity");
                found.push((pool(&field.id, &option.code), at, capacity.clone()));
            }
        }
    }
    found
}

/// Whether a text may be an id of a page or field: `a-z 0-9 _`, first a letter, at most 40.
#[must_use]
pub fn is_id(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    let reserved = matches!(text, "and" | "or" | "not" | "in" | "true" | "false");
    text.len() <= 40
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.bytes().all(plain)
        && !reserved
}
