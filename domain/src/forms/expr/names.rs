//! Names an expression may use, and why a text is none.

use thiserror::Error;

use super::value::Type;

/// What a name stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Named {
    /// An input with a value.
    Input {
        /// Type of its value.
        kind: Type,
        /// Its field.
        at: At,
        /// Codes it can have, for a choice.
        codes: Option<Vec<String>>,
    },
    /// A field of several inputs; only `answered()` takes it.
    Group {
        /// The field.
        at: At,
        /// Its inputs.
        inputs: Vec<String>,
    },
    /// A repeating group: its rows.
    Rows {
        /// The field.
        at: At,
    },
}

/// Where a field is, seen from an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct At {
    /// Number of the field in its form or row.
    pub slot: usize,
    /// Whether it is in the form around the row.
    pub up: bool,
}

/// Names an expression may use.
pub trait Names {
    /// What a name stands for inside a row of `group` or, without one, in the form itself; `None`
    /// when it is unknown.
    fn named(&self, name: &str, group: Option<&str>) -> Option<Named>;
}

/// Why a text is no expression.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("at {at}: {reason}")]
pub struct ExprError {
    /// Byte from which it does not read.
    pub at: usize,
    /// Why.
    pub reason: Reason,
}

/// Why a text is no expression.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Reason {
    /// Longer than allowed.
    #[error("the expression is too long")]
    TooLong,
    /// Nested deeper than allowed.
    #[error("the expression is nested too deeply")]
    TooDeep,
    /// A quote without end.
    #[error("the quote has no end")]
    OpenQuote,
    /// Not a number of this size.
    #[error("not a number")]
    BadNumber,
    /// Not a day.
    #[error("not a day: {0}")]
    BadDate(String),
    /// Not a time of day.
    #[error("not a time: {0}")]
    BadTime(String),
    /// Something else was expected here.
    #[error("unexpected {0:?}")]
    Unexpected(String),
    /// The text ends too early.
    #[error("the expression is not complete")]
    Incomplete,
    /// No input has this name.
    #[error("unknown name {0:?}")]
    UnknownName(String),
    /// No function has this name, or not with these arguments.
    #[error("unknown function {0:?}")]
    UnknownFunction(String),
    /// The choice has no such code.
    #[error("the choice has no option {0:?}")]
    UnknownOption(String),
    /// A function over rows inside another one.
    #[error("a function over rows inside another")]
    NestedRows,
    /// The name is no repeating group.
    #[error("{0:?} has no rows")]
    NotRows(String),
    /// The types do not fit.
    #[error("expected {expected}, found {found}")]
    Types {
        /// Needed.
        expected: Type,
        /// Given.
        found: Type,
    },
}
