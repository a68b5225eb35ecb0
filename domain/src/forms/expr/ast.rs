//! The typed tree.

use jiff::civil::Date;

use super::names::At;
use super::value::{Decimal, Type};

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Constant {
    Bool(bool),
    Text(String),
    Number(Decimal),
    Date(Date),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Input {
    pub(super) name: String,
    pub(super) kind: Type,
    /// A date of which the day, or the month and the day, may be unknown.
    pub(super) partial: bool,
    pub(super) at: At,
}

/// What is made of the rows of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fold {
    Count,
    Any,
    All,
    Sum,
    Min,
    Max,
}

#[derive(Debug, Clone)]
pub(super) enum Node {
    Constant(Constant),
    Input(Input),
    Today,
    Not(Box<Node>),
    And(Vec<Node>),
    Or(Vec<Node>),
    Compare(Comparison, Box<Node>, Box<Node>),
    In(Box<Node>, Vec<Constant>),
    Plus(Box<Node>, Box<Node>),
    Minus(Box<Node>, Box<Node>),
    Times(Box<Node>, Box<Node>),
    /// The smaller (`true`) or larger of two.
    Either(bool, Box<Node>, Box<Node>),
    /// Down to a whole multiple of a positive constant.
    Floor(Box<Node>, Decimal),
    Answered(At, Vec<String>),
    Selected(Input, String),
    Count(Input),
    Length(Box<Node>),
    Age(Box<Node>, Box<Node>),
    FiscalYear(Box<Node>),
    /// Over the rows of a group: the value of each, and which rows count.
    Over {
        fold: Fold,
        at: At,
        value: Option<Box<Node>>,
        only: Option<Box<Node>>,
    },
}
