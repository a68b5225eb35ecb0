//! The expression language of conditions, limits and rules: typed, total, without side effects.
//!
//! ```text
//! kind == 'copy' and copies > 2          comparison: == != < <= > >=
//! not (age(birth) < 18 or consent)       and or not, parentheses
//! delivery in ['post', 'express']        membership
//! date('2026-04-01') <= start            days; today() + 7 is a day, day - day a number
//! answered(phone), selected(topics, 'tax'), count(files), len(reason), age(birth, today()),
//! fiscal_year(start), today(), least(a, b), greatest(a, b), floor(total * 0.5, 1000)
//! count(items), count(items, price > 100), any(items, sort == 'x'), all(items, answered(price)),
//! sum(items, price * pieces), sum(items, price, sort == 'x'), min(items, price), max(items, bought)
//! ```
//!
//! Inside a function over rows, and in everything written at a question of a row, a name is looked
//! for in the row first and in the form around it then. Rows whose value is absent do not count in
//! `sum`, `min` and `max`; over a hidden group `any` and `all` are false and the others absent.
//!
//! Names are input names (`kind`, `home.city`). Types are checked when the text is parsed; the
//! result of an evaluation is always a value:
//!
//! - a hidden field is *absent*, and every comparison with something absent is false, `!=` too;
//! - an empty text is `''`; an empty or unreadable number or day is absent;
//! - an absent condition counts as false; arithmetic with something absent, or beyond the range of
//!   numbers and days, is absent;
//! - a date known in part is every day it may be, and what is worked out of it lies between two values: a
//!   comparison is true when it is for all of them (decision 0094); a product of it is absent.
//!
//! Source: NF-63; forms-and-workflow §4.1.

mod ast;
mod cursor;
mod eval;
mod fold;
mod functions;
mod lexer;
mod names;
mod parser;
mod script;
mod unsure;
mod value;
mod whole;

pub use eval::Scope;
pub(crate) use lexer::{Token, tokens};
pub use names::{At, ExprError, Named, Names, Reason};
pub(in crate::forms) use script::{Left, OnPage};
pub use value::{Decimal, Type, Value};

use ast::Node;

/// A constant written in an expression.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Literal {
    /// A text.
    Text(String),
    /// A number.
    Number(Decimal),
    /// A day.
    Date(jiff::civil::Date),
    /// The day on which somebody looks: `today()`.
    Today,
}

/// Longest text of an expression, in bytes.
pub const MAX_LENGTH: usize = 2_000;
/// Deepest nesting.
pub const MAX_DEPTH: usize = 32;

/// A parsed, typed expression.
#[derive(Debug, Clone)]
pub struct Expr {
    node: Node,
    kind: Type,
    inputs: Vec<String>,
    literals: Vec<Literal>,
}

impl Expr {
    /// Parses a text and checks its types.
    /// # Errors
    /// [`ExprError`] with the place and reason.
    pub fn parse(text: &str, names: &impl Names) -> Result<Self, ExprError> {
        parser::parse(text, names, None)
    }

    /// Parses a text that must have this type.
    /// # Errors
    /// [`ExprError`], also when the type is another.
    pub fn parse_as(text: &str, kind: Type, names: &impl Names) -> Result<Self, ExprError> {
        Self::parse(text, names)?.of_type(kind)
    }

    /// Parses a text that stands in a row of a group; it is evaluated in the scope of the row.
    /// # Errors
    /// [`ExprError`] with the place and reason.
    pub fn parse_in(text: &str, group: &str, names: &impl Names) -> Result<Self, ExprError> {
        parser::parse(text, names, Some(group.to_owned()))
    }

    pub(crate) fn of_type(self, kind: Type) -> Result<Self, ExprError> {
        let expr = self;
        if expr.kind == kind {
            Ok(expr)
        } else {
            Err(ExprError { at: 0, reason: Reason::Types { expected: kind, found: expr.kind } })
        }
    }

    /// Type of its value.
    #[must_use]
    pub const fn kind(&self) -> Type {
        self.kind
    }

    /// Input names it refers to, each once, in order of appearance; for a question of a row its
    /// group and its name: `family.birth`.
    #[must_use]
    pub fn inputs(&self) -> &[String] {
        &self.inputs
    }

    /// Numbers, days and texts it compares with, and whether it asks for today; what a check of reachability tries.
    #[must_use]
    pub(crate) fn literals(&self) -> &[Literal] {
        &self.literals
    }

    /// Its value.
    #[must_use]
    pub fn value<'a>(&'a self, scope: &Scope<'a>) -> Value<'a> {
        eval::value(&self.node, scope)
    }

    /// Whether its number has nothing behind the point, whatever is answered; `input` says it of
    /// the names it uses. Days count as whole.
    #[must_use]
    pub(crate) fn is_whole(&self, input: &dyn Fn(&str) -> bool) -> bool {
        whole::is_whole(&self.node, input)
    }

    /// Names of the dates that may be known in part and leave it undecided then: those outside of every `not`.
    #[must_use]
    pub(crate) fn unsure(&self) -> Vec<&str> {
        let mut found = Vec::new();
        unsure::names(&self.node, &mut found);
        found
    }

    /// Whether it holds; something absent does not.
    #[must_use]
    pub fn holds(&self, scope: &Scope<'_>) -> bool {
        matches!(self.value(scope), Value::Bool(true))
    }
}

#[cfg(test)]
mod tests;
