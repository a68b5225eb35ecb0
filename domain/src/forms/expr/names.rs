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
        /// Number of its field in the procedure.
        slot: usize,
        /// Codes it can have, for a choice.
        codes: Option<Vec<String>>,
    },
    /// A field of several inputs; only `answered()` takes it.
    Group {
        /// Number of the field in the procedure.
        slot: usize,
        /// Its inputs.
        inputs: Vec<String>,
    },
}

/// Names an expression may use.
pub trait Names {
    /// What a name stands for; `None` when it is unknown.
    fn named(&self, name: &str) -> Option<Named>;
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
    /// The types do not fit.
    #[error("expected {expected}, found {found}")]
    Types {
        /// Needed.
        expected: Type,
        /// Given.
        found: Type,
    },
}
