//! From the document to parsed expressions, with every problem on the way.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use crate::calendar::OfficeDays;
use crate::forms::check::Pattern;
use crate::forms::compiled::{Charge, CompiledField, CompiledPage, Needed};
use crate::forms::definition::{
    Bound, ChoiceOption, Field, FieldKind, List, Outcome, Page, Required, Route,
};
use crate::forms::expr::{At, Expr, ExprError, Named, Names, Reason, Type};
use crate::forms::listed::Listed;
use crate::forms::publish::{Problem, ProblemCode};
use crate::forms::{Openings, inputs};

/// Names an expression may use: fields below a slot, and in a row those below a place in it.
pub(super) struct Known<'a> {
    pub(super) fields: &'a [&'a Field],
    pub(super) index: &'a HashMap<String, usize>,
    /// Types of the calculated values.
    pub(super) types: &'a HashMap<String, Type>,
    pub(super) below: usize,
    /// Slot of the group whose row this is, and the place in the row. Rows of other groups are
    /// whole.
    pub(super) row: Option<(usize, usize)>,
}

impl Names for Known<'_> {
    fn named(&self, name: &str, group: Option<&str>) -> Option<Named> {
        let id = inputs::field_of(name);
        let calculated = self.types.get(id).copied();
        if let Some(group) = group {
            let slot = *self.index.get(group)?;
            let row = &self.fields.get(slot)?.repeat()?.fields;
            if let Some(n) = row.iter().position(|field| field.id == id) {
                let whole = self.row.is_none_or(|(own, below)| own != slot || n < below);
                let at = At { slot: n, up: false };
                return whole.then(|| inputs::named(&row[n], name, at, calculated))?;
            }
        }
        let slot = *self.index.get(id).filter(|slot| **slot < self.below)?;
        let at = At { slot, up: group.is_some() };
        inputs::named(self.fields.get(slot)?, name, at, calculated)
    }
}

/// Where a field stands: what its expressions may use hangs on it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    /// Its slot; in a row that of the group.
    pub(super) slot: usize,
    /// The first slot of the next page.
    pub(super) end: usize,
    /// In a row: the place in it.
    pub(super) row: Option<usize>,
}

/// What an expression may use.
#[derive(Debug, Clone, Copy)]
enum Reach {
    /// What stands before the field.
    Back(Place),
    /// The whole page, and in a row the whole row.
    Page(Place),
}

pub(super) struct Compiler<'a> {
    fields: &'a [&'a Field],
    index: &'a HashMap<String, usize>,
    lists: HashMap<&'a str, Arc<Listed>>,
    /// The days of the town.
    pub(super) office: OfficeDays,
    pub(super) types: HashMap<String, Type>,
    pub(super) problems: Vec<Problem>,
}

impl<'a> Compiler<'a> {
    pub(super) fn new(
        fields: &'a [&'a Field],
        index: &'a HashMap<String, usize>,
        lists: &'a [List],
        problems: Vec<Problem>,
    ) -> Self {
        let lists =
            lists.iter().map(|list| (list.id.as_str(), Arc::new(Listed::new(list)))).collect();
        let office = OfficeDays::default();
        Self { fields, index, lists, office, types: HashMap::new(), problems }
    }

    /// The calculated values, by field. They come first: each looks back only, and everything else
    /// may use them.
    pub(super) fn values(&mut self, pages: &[Page]) -> HashMap<String, Expr> {
        let mut values = HashMap::new();
        let mut slot = 0;
        for (p, page) in pages.iter().enumerate() {
            for (f, field) in page.fields.iter().enumerate() {
                let place = Place { slot, end: slot, row: None };
                let at = format!("pages[{p}].fields[{f}].kind");
                self.value(field, place, &at, &mut values);
                let rows = field.repeat().into_iter().flat_map(|r| r.fields.iter().enumerate());
                for (n, inner) in rows {
                    let place = Place { row: Some(n), ..place };
                    self.value(inner, place, &format!("{at}.fields[{n}].kind"), &mut values);
                }
                slot += 1;
            }
        }
        values
    }

    fn value(&mut self, field: &Field, place: Place, at: &str, values: &mut HashMap<String, Expr>) {
        let FieldKind::Calc(calc) = &field.kind else { return };
        let at = format!("{at}.value");
        let Some(expr) = self.parsed(&calc.value, None, Reach::Back(place), &at) else { return };
        match expr.kind() {
            Type::Number | Type::Date | Type::Text => {
                self.types.insert(field.id.clone(), expr.kind());
                values.insert(field.id.clone(), expr);
            }
            found @ (Type::Bool | Type::List) => {
                let reason = Reason::Types { expected: Type::Number, found };
                let error = ExprError { at: 0, reason };
                self.problems.push(Problem::expression(&at, &calc.value, error));
            }
        }
    }

    pub(super) fn page(&mut self, page: &Page, p: usize, slots: Range<usize>) -> CompiledPage {
        let at = format!("pages[{p}].when");
        let place = Place { slot: slots.start, end: slots.end, row: None };
        let when = self.optional(page.when.as_deref(), Type::Bool, Reach::Back(place), &at);
        CompiledPage { when, slots }
    }

    /// A field's own condition looks back only; its limits and rules may use the whole page.
    pub(super) fn field(
        &mut self,
        field: &Field,
        at: (usize, usize),
        place: Place,
        values: &mut HashMap<String, Expr>,
    ) -> CompiledField {
        let written = |part: &str| {
            let row = place.row.map_or_else(String::new, |n| format!(".kind.fields[{n}]"));
            format!("pages[{}].fields[{}]{row}.{part}", at.0, at.1)
        };
        let (back, page) = (Reach::Back(place), Reach::Page(place));
        let required = match &field.required {
            Required::Fixed(true) => Needed::Always,
            Required::Fixed(false) => Needed::Never,
            Required::When(text) => self
                .parsed(text, Some(Type::Bool), page, &written("required"))
                .map_or(Needed::Never, Needed::When),
        };
        let rules = field.checks.iter().enumerate();
        let (low, high) = self.limits(field, page, &written("kind"));
        let inner = field.repeat().into_iter().flat_map(|r| r.fields.iter().enumerate());
        CompiledField {
            at,
            when: self.optional(field.when.as_deref(), Type::Bool, back, &written("when")),
            required,
            rules: rules
                .filter_map(|(n, rule)| {
                    let at = written(&format!("checks[{n}].rule"));
                    self.parsed(&rule.rule, Some(Type::Bool), page, &at)
                })
                .collect(),
            low,
            high,
            options: self.options(inputs::options(field), back, &written("kind.options")),
            pattern: self.pattern(field, &written("kind.pattern")),
            listed: self.listed(field),
            narrow: self.narrow(field, back, &written("kind.narrow.value")),
            value: values.remove(&field.id),
            openings: matches!(field.kind, FieldKind::Slot(_))
                .then(|| Openings::of(field, &self.office)),
            charges: self.charges(field, back, &written("kind.lines")),
            row: inner
                .map(|(n, inner)| self.field(inner, at, Place { row: Some(n), ..place }, values))
                .collect(),
        }
    }

    fn limits(&mut self, field: &Field, reach: Reach, at: &str) -> (Option<Expr>, Option<Expr>) {
        let (kind, low, high) = match &field.kind {
            FieldKind::Number(number) => {
                let text = |bound: &Option<Bound>| bound.as_ref().map(bound_text);
                (Type::Number, text(&number.min), text(&number.max))
            }
            FieldKind::Date(date) => (Type::Date, date.min.clone(), date.max.clone()),
            FieldKind::Month(month) => (Type::Date, month.min.clone(), month.max.clone()),
            FieldKind::Time(time) => (Type::Number, time.min.clone(), time.max.clone()),
            FieldKind::Text(_)
            | FieldKind::Textarea(_)
            | FieldKind::Name(_)
            | FieldKind::Address(_)
            | FieldKind::Phone(_)
            | FieldKind::Email(_)
            | FieldKind::CorporateNumber(_)
            | FieldKind::Bank(_)
            | FieldKind::Choice(_)
            | FieldKind::Multi(_)
            | FieldKind::Matrix(_)
            | FieldKind::Lookup(_)
            | FieldKind::File(_)
            | FieldKind::Consent(_)
            | FieldKind::Calc(_)
            | FieldKind::Fee(_)
            | FieldKind::Slot(_)
            | FieldKind::Repeat(_)
            | FieldKind::Exit(_)
            | FieldKind::Content(_) => return (None, None),
        };
        (
            self.optional(low.as_deref(), kind, reach, &format!("{at}.min")),
            self.optional(high.as_deref(), kind, reach, &format!("{at}.max")),
        )
    }

    fn options(&mut self, options: &[ChoiceOption], reach: Reach, at: &str) -> Vec<Option<Expr>> {
        let mut parsed = Vec::with_capacity(options.len());
        for (n, option) in options.iter().enumerate() {
            let at = format!("{at}[{n}].when");
            parsed.push(self.optional(option.when.as_deref(), Type::Bool, reach, &at));
        }
        parsed
    }

    fn charges(&mut self, field: &Field, reach: Reach, at: &str) -> Vec<Charge> {
        let FieldKind::Fee(fee) = &field.kind else { return Vec::new() };
        let mut charges = Vec::with_capacity(fee.lines.len());
        for (n, line) in fee.lines.iter().enumerate() {
            let when = format!("{at}[{n}].when");
            let when = self.optional(line.when.as_deref(), Type::Bool, reach, &when);
            let (text, at) = (bound_text(&line.amount), format!("{at}[{n}].amount"));
            let amount = self.parsed(&text, Some(Type::Number), reach, &at);
            let id = line.id.clone();
            charges.extend(amount.map(|amount| Charge { id, when, amount }));
        }
        charges
    }

    /// What a guide leads to may hang on every answer.
    pub(super) fn outcomes(&mut self, outcomes: &[Outcome], end: usize) -> Vec<Option<Expr>> {
        let mut parsed = Vec::with_capacity(outcomes.len());
        for (n, outcome) in outcomes.iter().enumerate() {
            let reach = Reach::Page(Place { slot: end, end, row: None });
            let at = format!("outcomes[{n}].when");
            parsed.push(self.optional(outcome.when.as_deref(), Type::Bool, reach, &at));
        }
        parsed
    }

    /// Where it goes may hang on every answer.
    pub(super) fn routes(&mut self, routes: &[Route], end: usize) -> Vec<Option<Expr>> {
        let mut parsed = Vec::with_capacity(routes.len());
        for (n, route) in routes.iter().enumerate() {
            let reach = Reach::Page(Place { slot: end, end, row: None });
            let at = format!("routing[{n}].when");
            parsed.push(self.optional(Some(&route.when), Type::Bool, reach, &at));
        }
        parsed
    }

    fn listed(&self, field: &Field) -> Option<Arc<Listed>> {
        let FieldKind::Lookup(lookup) = &field.kind else { return None };
        self.lists.get(lookup.list.as_str()).cloned()
    }

    fn narrow(&mut self, field: &Field, reach: Reach, at: &str) -> Option<Expr> {
        let FieldKind::Lookup(lookup) = &field.kind else { return None };
        let narrow = lookup.narrow.as_ref()?;
        self.optional(Some(&narrow.value), Type::Text, reach, at)
    }

    fn pattern(&mut self, field: &Field, at: &str) -> Option<Pattern> {
        let FieldKind::Text(text) = &field.kind else { return None };
        match Pattern::parse(text.pattern.as_deref()?) {
            Ok(pattern) => Some(pattern),
            Err(reason) => {
                self.problems.push(Problem::pattern(at, reason));
                None
            }
        }
    }

    fn optional(&mut self, text: Option<&str>, kind: Type, reach: Reach, at: &str) -> Option<Expr> {
        self.parsed(text?, Some(kind), reach, at)
    }

    fn parsed(&mut self, text: &str, kind: Option<Type>, reach: Reach, at: &str) -> Option<Expr> {
        let (below, row) = match reach {
            Reach::Back(place) => (place.slot, place.row.map(|n| (place.slot, n))),
            Reach::Page(place) => (place.end, place.row.map(|_| (place.slot, usize::MAX))),
        };
        let names =
            Known { fields: self.fields, index: self.index, types: &self.types, below, row };
        let parsed = match row.and_then(|(slot, _)| self.fields.get(slot)) {
            Some(group) => Expr::parse_in(text, &group.id, &names),
            None => Expr::parse(text, &names),
        };
        let typed = parsed.and_then(|expr| match kind {
            Some(kind) => expr.of_type(kind),
            None => Ok(expr),
        });
        let in_row = row.is_some();
        typed.map_err(|error| self.problems.push(self.problem(at, text, error, in_row))).ok()
    }

    /// Whether a name stands for a field at all, though perhaps not for one that may be used here.
    fn is_known(&self, id: &str, in_row: bool) -> bool {
        let inner = self.fields.iter().filter_map(|field| field.repeat()).flat_map(|r| &r.fields);
        self.index.contains_key(id) || (in_row && inner.into_iter().any(|field| field.id == id))
    }

    fn problem(&self, at: &str, text: &str, error: ExprError, in_row: bool) -> Problem {
        match &error.reason {
            Reason::UnknownName(name) if self.is_known(inputs::field_of(name), in_row) => {
                Problem::error(at, ProblemCode::LooksForward, name)
            }
            Reason::UnknownName(name) => Problem::error(at, ProblemCode::UnknownName, name),
            Reason::UnknownOption(code) => Problem::error(at, ProblemCode::UnknownOption, code),
            Reason::TooLong
            | Reason::TooDeep
            | Reason::OpenQuote
            | Reason::BadNumber
            | Reason::BadDate(_)
            | Reason::BadTime(_)
            | Reason::Unexpected(_)
            | Reason::NameInList
            | Reason::BadUnit
            | Reason::Incomplete
            | Reason::UnknownFunction(_)
            | Reason::NestedRows
            | Reason::NotRows(_)
            | Reason::Types { .. } => Problem::expression(at, text, error),
        }
    }
}

fn bound_text(bound: &Bound) -> String {
    match bound {
        Bound::Whole(n) => n.to_string(),
        Bound::Expr(text) => text.clone(),
    }
}
