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
        /// Whether it is a date of which the day, or the month and the day, may be unknown.
        partial: bool,
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
    /// A name where only values may stand.
    #[error("a name in a list of values")]
    NameInList,
    /// A unit to round to that is no positive number.
    #[error("a unit that is no positive number")]
    BadUnit,
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

impl Reason {
    /// Catalogue key; `{what}`, `{expected}` and `{found}` stand for [`Self::what`] and [`Self::types`].
    #[must_use]
    pub const fn key(&self) -> &'static str {
        match self {
            Self::TooLong => "procedures.expression.too_long",
            Self::TooDeep => "procedures.expression.too_deep",
            Self::OpenQuote => "procedures.expression.open_quote",
            Self::BadNumber => "procedures.expression.bad_number",
            Self::BadDate(_) => "procedures.expression.bad_date",
            Self::BadTime(_) => "procedures.expression.bad_time",
            Self::Unexpected(_) => "procedures.expression.unexpected",
            Self::NameInList => "procedures.expression.name_in_list",
            Self::BadUnit => "procedures.expression.bad_unit",
            Self::Incomplete => "procedures.expression.incomplete",
            Self::UnknownName(_) => "procedures.expression.unknown_name",
            Self::UnknownFunction(_) => "procedures.expression.unknown_function",
            Self::UnknownOption(_) => "procedures.expression.unknown_option",
            Self::NestedRows => "procedures.expression.nested_rows",
            Self::NotRows(_) => "procedures.expression.not_rows",
            Self::Types { .. } => "procedures.expression.types",
        }
    }

    /// The type that is needed and the one that is given, when they do not fit.
    #[must_use]
    pub const fn types(&self) -> Option<(Type, Type)> {
        if let Self::Types { expected, found } = self { Some((*expected, *found)) } else { None }
    }

    /// The piece of the text it is about; empty when it is about the whole.
    #[must_use]
    pub fn what(&self) -> &str {
        match self {
            Self::BadDate(what)
            | Self::BadTime(what)
            | Self::Unexpected(what)
            | Self::UnknownName(what)
            | Self::UnknownFunction(what)
            | Self::UnknownOption(what)
            | Self::NotRows(what) => what,
            Self::TooLong
            | Self::TooDeep
            | Self::OpenQuote
            | Self::BadNumber
            | Self::NameInList
            | Self::BadUnit
            | Self::Incomplete
            | Self::NestedRows
            | Self::Types { .. } => "",
        }
    }
}
