//! Conditions as rows a clerk reads: "when … is …", all of them or any.
//!
//! A condition is kept as the text of an expression. What the rows cannot say stays text: reading
//! gives `None`, and nothing is lost.

use jiff::civil::Date;

use super::subject::Of;
use crate::calendar::read_time;
use crate::codes::codes;
use crate::forms::expr::{Decimal, Token, tokens};

/// A condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// Whether all rows must hold, or any of them.
    pub all: bool,
    /// Its rows, at least one.
    pub rows: Vec<Row>,
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The input it asks about.
    pub input: String,
    /// What it asks.
    pub op: Op,
    /// What it compares with: a code, a text, a number, a day as `2026-04-01`, a time as `09:30`,
    /// the input of another answer; empty when there is nothing to compare with.
    pub value: String,
}

codes! {
    /// What a row asks.
    pub enum Op in "design.op" {
        /// It is this one.
        Is = "is",
        /// It is another one.
        IsNot = "is_not",
        /// This one is among them.
        Has = "has",
        /// This one is not among them.
        HasNot = "has_not",
        /// It is so much.
        Equal = "equal",
        /// It is not so much.
        Unequal = "unequal",
        /// It is so much or more.
        AtLeast = "at_least",
        /// It is so much or less.
        AtMost = "at_most",
        /// It is more.
        More = "more",
        /// It is less.
        Less = "less",
        /// It is this day.
        On = "on",
        /// It is this day or later.
        From = "from",
        /// It is this day or earlier.
        Until = "until",
        /// At this time or later.
        TimeFrom = "time_from",
        /// At this time or earlier.
        TimeUntil = "time_until",
        /// Somebody born then is so old.
        AgeAtLeast = "age_at_least",
        /// Somebody born then is younger.
        AgeUnder = "age_under",
        /// There are so many or more.
        CountAtLeast = "count_at_least",
        /// There are so many or fewer.
        CountAtMost = "count_at_most",
        /// It was answered.
        Answered = "answered",
        /// It was not answered.
        Open = "open",
        /// It is what another answer is.
        Same = "same",
        /// It is not what another answer is.
        Different = "different",
        /// As much as another answer or more; the same day or time, or later.
        NotBelow = "not_below",
        /// As much as another answer or less; the same day or time, or earlier.
        NotAbove = "not_above",
        /// It was agreed to.
        Agreed = "agreed",
        /// It was not agreed to.
        Refused = "refused",
    }
}

impl Op {
    /// The last part of its key: what a form sends.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.key().rsplit('.').next().unwrap_or_default()
    }

    /// The one of this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|op| op.word() == word)
    }

    /// What can be asked about an answer.
    #[must_use]
    pub const fn of(of: &Of) -> &'static [Self] {
        match of {
            Of::One(_) => &[Self::Is, Self::IsNot, Self::Answered, Self::Open],
            Of::Some(_) => &[Self::Has, Self::HasNot, Self::CountAtLeast, Self::CountAtMost],
            Of::Text => {
                &[Self::Answered, Self::Open, Self::Is, Self::IsNot, Self::Same, Self::Different]
            }
            Of::Number => &[
                Self::AtLeast,
                Self::AtMost,
                Self::More,
                Self::Less,
                Self::Equal,
                Self::Unequal,
                Self::Answered,
                Self::Open,
                Self::NotBelow,
                Self::NotAbove,
                Self::Same,
                Self::Different,
            ],
            Of::Time => &[
                Self::TimeFrom,
                Self::TimeUntil,
                Self::Answered,
                Self::Open,
                Self::NotBelow,
                Self::NotAbove,
            ],
            Of::Day => &[
                Self::From,
                Self::Until,
                Self::On,
                Self::AgeAtLeast,
                Self::AgeUnder,
                Self::Answered,
                Self::Open,
                Self::NotBelow,
                Self::NotAbove,
                Self::Same,
                Self::Different,
            ],
            Of::Agreement => &[Self::Agreed, Self::Refused],
            Of::Boxes => &[Self::Answered, Self::Open],
            Of::Several => &[Self::CountAtLeast, Self::CountAtMost],
        }
    }

    /// Whether it compares with another answer.
    #[must_use]
    pub const fn is_of_two(self) -> bool {
        matches!(self, Self::Same | Self::Different | Self::NotBelow | Self::NotAbove)
    }

    /// Whether it compares with something.
    #[must_use]
    pub const fn has_value(self) -> bool {
        !matches!(self, Self::Answered | Self::Open | Self::Agreed | Self::Refused)
    }

    /// Whether this can be compared with.
    #[must_use]
    pub fn takes(self, value: &str) -> bool {
        match self {
            Self::Is | Self::IsNot | Self::Has | Self::HasNot => !value.is_empty(),
            Self::Equal
            | Self::Unequal
            | Self::AtLeast
            | Self::AtMost
            | Self::More
            | Self::Less
            | Self::AgeAtLeast
            | Self::AgeUnder
            | Self::CountAtLeast
            | Self::CountAtMost => value.parse::<Decimal>().is_ok(),
            Self::On | Self::From | Self::Until => value.parse::<Date>().is_ok(),
            Self::TimeFrom | Self::TimeUntil => read_time(value).is_some(),
            Self::Same | Self::Different | Self::NotBelow | Self::NotAbove => {
                matches!(
                    spoken(value).as_slice(),
                    [Token::Name(name)] if name == value && !is_own_word(name)
                )
            }
            Self::Answered | Self::Open | Self::Agreed | Self::Refused => value.is_empty(),
        }
    }
}

impl Row {
    /// The row as an expression.
    #[must_use]
    pub fn text(&self) -> String {
        let Self { input, op, value } = self;
        let quoted = || format!("'{}'", value.replace('\\', "\\\\").replace('\'', "\\'"));
        match op {
            Op::Is => format!("{input} == {}", quoted()),
            Op::IsNot => format!("{input} != {}", quoted()),
            Op::Has => format!("selected({input}, {})", quoted()),
            Op::HasNot => format!("not selected({input}, {})", quoted()),
            Op::Equal => format!("{input} == {value}"),
            Op::Unequal => format!("{input} != {value}"),
            Op::AtLeast => format!("{input} >= {value}"),
            Op::AtMost => format!("{input} <= {value}"),
            Op::More => format!("{input} > {value}"),
            Op::Less => format!("{input} < {value}"),
            Op::On => format!("{input} == date({})", quoted()),
            Op::From => format!("{input} >= date({})", quoted()),
            Op::Until => format!("{input} <= date({})", quoted()),
            Op::TimeFrom => format!("{input} >= time({})", quoted()),
            Op::TimeUntil => format!("{input} <= time({})", quoted()),
            Op::AgeAtLeast => format!("age({input}) >= {value}"),
            Op::AgeUnder => format!("age({input}) < {value}"),
            Op::CountAtLeast => format!("count({input}) >= {value}"),
            Op::CountAtMost => format!("count({input}) <= {value}"),
            Op::Same => format!("{input} == {value}"),
            Op::Different => format!("{input} != {value}"),
            Op::NotBelow => format!("{input} >= {value}"),
            Op::NotAbove => format!("{input} <= {value}"),
            Op::Answered => format!("answered({input})"),
            Op::Open => format!("not answered({input})"),
            Op::Agreed => input.clone(),
            Op::Refused => format!("not {input}"),
        }
    }

    /// The row these tokens are, if they are one.
    fn read(piece: &[Token]) -> Option<Self> {
        let mut names = names(piece);
        let input = names.next()?;
        let other = names.next();
        let value = value(piece);
        Op::ALL.iter().find_map(|op| {
            let value = match (op.is_of_two(), op.has_value()) {
                (true, _) => other.clone().unwrap_or_default(),
                (false, true) => value.clone(),
                (false, false) => String::new(),
            };
            let row = Self { input: input.clone(), op: *op, value };
            (row.op.takes(&row.value) && spoken(&row.text()) == piece).then_some(row)
        })
    }
}

/// The inputs a piece names.
fn names(piece: &[Token]) -> impl Iterator<Item = String> {
    piece.iter().enumerate().filter_map(|(n, token)| match token {
        Token::Name(name) if !is_own_word(name) => {
            let is_call = matches!(piece.get(n + 1), Some(Token::Symbol("(")));
            (!is_call).then(|| name.clone())
        }
        Token::Name(_) | Token::Text(_) | Token::Number(_) | Token::Symbol(_) => None,
    })
}

/// Whether a name is a word of the language itself.
fn is_own_word(name: &str) -> bool {
    matches!(name, "and" | "or" | "not" | "in" | "true" | "false")
}

/// The text or number it compares with.
fn value(piece: &[Token]) -> String {
    let found = piece.iter().enumerate().find_map(|(n, token)| match token {
        Token::Text(text) => Some(text.clone()),
        Token::Number(number) => {
            let sign = n.checked_sub(1).and_then(|before| piece.get(before));
            let sign = if sign == Some(&Token::Symbol("-")) { "-" } else { "" };
            Some(format!("{sign}{number}"))
        }
        Token::Name(_) | Token::Symbol(_) => None,
    });
    found.unwrap_or_default()
}

pub(super) fn spoken(text: &str) -> Vec<Token> {
    tokens(text).unwrap_or_default().into_iter().map(|(_, token)| token).collect()
}

impl Condition {
    /// The condition as an expression.
    #[must_use]
    pub fn text(&self) -> String {
        let rows: Vec<String> = self.rows.iter().map(Row::text).collect();
        rows.join(if self.all { " and " } else { " or " })
    }

    /// The rows an expression says; `None` for one that says more than rows can.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let all = tokens(text).ok()?;
        let all: Vec<Token> = all.into_iter().map(|(_, token)| token).collect();
        let joined = |word: &str| all.iter().any(|token| is_word(token, word));
        if joined("and") && joined("or") {
            return None;
        }
        let pieces: Vec<&[Token]> =
            all.split(|token| is_word(token, "and") || is_word(token, "or")).collect();
        // One of several is any of them: `q1 in ['a', 'b']`.
        if !joined("and")
            && let Some(rows) = pieces.iter().map(|piece| among(piece)).collect::<Option<Vec<_>>>()
        {
            let rows: Vec<Row> = rows.into_iter().flatten().collect();
            return Some(Self { all: rows.len() == 1, rows });
        }
        let rows: Vec<Row> = pieces.into_iter().map(Row::read).collect::<Option<_>>()?;
        Some(Self { all: !joined("or"), rows })
    }
}

/// The rows of a piece that may name several codes.
fn among(piece: &[Token]) -> Option<Vec<Row>> {
    let [Token::Name(input), word, Token::Symbol("["), listed @ .., Token::Symbol("]")] = piece
    else {
        return Row::read(piece).map(|row| vec![row]);
    };
    if !is_word(word, "in") {
        return None;
    }
    let row = |n: usize, token: &Token| match (n.is_multiple_of(2), token) {
        (true, Token::Text(code)) if !code.is_empty() => {
            Some(Some(Row { input: input.clone(), op: Op::Is, value: code.clone() }))
        }
        (false, Token::Symbol(",")) => Some(None),
        (_, Token::Name(_) | Token::Text(_) | Token::Number(_) | Token::Symbol(_)) => None,
    };
    let rows = listed.iter().enumerate().map(|(n, token)| row(n, token));
    let rows: Vec<Option<Row>> = rows.collect::<Option<_>>()?;
    (!rows.is_empty()).then(|| rows.into_iter().flatten().collect())
}

fn is_word(token: &Token, word: &str) -> bool {
    matches!(token, Token::Name(name) if name == word)
}
