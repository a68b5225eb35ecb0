//! From the document to parsed expressions, with every problem on the way.

use std::collections::HashMap;
use std::ops::Range;

use crate::forms::check::Pattern;
use crate::forms::compiled::{CompiledField, CompiledPage, Needed};
use crate::forms::definition::{Bound, ChoiceOption, Field, FieldKind, Page, Procedure, Required};
use crate::forms::expr::{Expr, ExprError, Named, Names, Reason, Type};
use crate::forms::inputs;
use crate::forms::publish::{Problem, ProblemCode};

/// Names of the fields below a slot.
pub(super) struct Known<'a> {
    pub(super) procedure: &'a Procedure,
    pub(super) index: &'a HashMap<String, usize>,
    pub(super) below: usize,
}

impl Names for Known<'_> {
    fn named(&self, name: &str) -> Option<Named> {
        let slot = *self.index.get(inputs::field_of(name))?;
        let field = self.procedure.pages.iter().flat_map(|page| &page.fields).nth(slot)?;
        if slot < self.below { inputs::named(field, name, slot) } else { None }
    }
}

pub(super) struct Compiler<'a> {
    pub(super) procedure: &'a Procedure,
    pub(super) index: &'a HashMap<String, usize>,
    pub(super) problems: Vec<Problem>,
}

impl Compiler<'_> {
    pub(super) fn page(&mut self, page: &Page, p: usize, slots: Range<usize>) -> CompiledPage {
        let at = format!("pages[{p}].when");
        let when = self.optional(page.when.as_deref(), Type::Bool, slots.start, &at);
        CompiledPage { when, slots }
    }

    /// A field's own condition looks back only; its limits and rules may use the whole page.
    pub(super) fn field(
        &mut self,
        field: &Field,
        at: (usize, usize),
        slot: usize,
        end: usize,
    ) -> CompiledField {
        let place = |part: &str| format!("pages[{}].fields[{}].{part}", at.0, at.1);
        let required = match &field.required {
            Required::Fixed(true) => Needed::Always,
            Required::Fixed(false) => Needed::Never,
            Required::When(text) => self
                .expression(text, Type::Bool, end, &place("required"))
                .map_or(Needed::Never, Needed::When),
        };
        let rules = field.checks.iter().enumerate();
        let (low, high) = self.limits(field, end, &place("kind"));
        CompiledField {
            at,
            when: self.optional(field.when.as_deref(), Type::Bool, slot, &place("when")),
            required,
            rules: rules
                .filter_map(|(n, rule)| {
                    self.expression(
                        &rule.rule,
                        Type::Bool,
                        end,
                        &place(&format!("checks[{n}].rule")),
                    )
                })
                .collect(),
            low,
            high,
            options: self.options(inputs::options(field), slot, &place("kind.options")),
            pattern: self.pattern(field, &place("kind.pattern")),
        }
    }

    fn limits(&mut self, field: &Field, end: usize, at: &str) -> (Option<Expr>, Option<Expr>) {
        let (kind, low, high) = match &field.kind {
            FieldKind::Number(number) => {
                let text = |bound: &Option<Bound>| bound.as_ref().map(bound_text);
                (Type::Number, text(&number.min), text(&number.max))
            }
            FieldKind::Date(date) => (Type::Date, date.min.clone(), date.max.clone()),
            FieldKind::Text(_)
            | FieldKind::Textarea(_)
            | FieldKind::Name(_)
            | FieldKind::Address(_)
            | FieldKind::Phone(_)
            | FieldKind::Email(_)
            | FieldKind::Choice(_)
            | FieldKind::Multi(_)
            | FieldKind::File(_)
            | FieldKind::Consent(_)
            | FieldKind::Content(_) => return (None, None),
        };
        (
            self.optional(low.as_deref(), kind, end, &format!("{at}.min")),
            self.optional(high.as_deref(), kind, end, &format!("{at}.max")),
        )
    }

    fn options(&mut self, options: &[ChoiceOption], slot: usize, at: &str) -> Vec<Option<Expr>> {
        let mut parsed = Vec::with_capacity(options.len());
        for (n, option) in options.iter().enumerate() {
            let at = format!("{at}[{n}].when");
            parsed.push(self.optional(option.when.as_deref(), Type::Bool, slot, &at));
        }
        parsed
    }

    fn pattern(&mut self, field: &Field, at: &str) -> Option<Pattern> {
        let FieldKind::Text(text) = &field.kind else { return None };
        match Pattern::parse(text.pattern.as_deref()?) {
            Ok(pattern) => Some(pattern),
            Err(reason) => {
                self.problems.push(Problem::error(at, ProblemCode::BadPattern, reason));
                None
            }
        }
    }

    fn optional(&mut self, text: Option<&str>, kind: Type, below: usize, at: &str) -> Option<Expr> {
        self.expression(text?, kind, below, at)
    }

    fn expression(&mut self, text: &str, kind: Type, below: usize, at: &str) -> Option<Expr> {
        let names = Known { procedure: self.procedure, index: self.index, below };
        match Expr::parse_as(text, kind, &names) {
            Ok(expr) => Some(expr),
            Err(error) => {
                self.problems.push(self.problem(at, &error));
                None
            }
        }
    }

    fn problem(&self, at: &str, error: &ExprError) -> Problem {
        match &error.reason {
            Reason::UnknownName(name) if self.index.contains_key(inputs::field_of(name)) => {
                Problem::error(at, ProblemCode::LooksForward, name)
            }
            Reason::UnknownName(name) => Problem::error(at, ProblemCode::UnknownName, name),
            Reason::UnknownOption(code) => Problem::error(at, ProblemCode::UnknownOption, code),
            Reason::TooLong
            | Reason::TooDeep
            | Reason::OpenQuote
            | Reason::BadNumber
            | Reason::BadDate(_)
            | Reason::Unexpected(_)
            | Reason::Incomplete
            | Reason::UnknownFunction(_)
            | Reason::Types { .. } => {
                Problem::error(at, ProblemCode::BadExpression, &error.to_string())
            }
        }
    }
}

fn bound_text(bound: &Bound) -> String {
    match bound {
        Bound::Whole(n) => n.to_string(),
        Bound::Expr(text) => text.clone(),
    }
}
