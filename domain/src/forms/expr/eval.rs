//! A tree into a value.

use std::borrow::Cow;

use jiff::Span;
use jiff::civil::Date;

use super::ast::{Comparison, Constant, Input, Node};
use super::fold;
use super::names::At;
use super::value::{Decimal, Type, Value};
use crate::calendar::{PartialDate, age, fiscal_year, month, read_time};
use crate::forms::{Answers, Seen};
use crate::text::graphemes;

/// What an expression sees.
#[derive(Debug, Clone, Copy)]
pub struct Scope<'a> {
    /// Normalised answers.
    pub answers: &'a Answers,
    /// What is known of the fields up to here.
    pub seen: &'a Seen,
    /// Today in Japan.
    pub today: Date,
    /// In a row: what the form around it sees.
    pub outer: Option<&'a Self>,
}

impl<'a> Scope<'a> {
    pub(super) fn level(&self, at: At) -> Option<&Self> {
        if at.up { self.outer } else { Some(self) }
    }

    fn values(&self, at: At, name: &str) -> Option<&'a [String]> {
        let Self { answers, seen, .. } = *self.level(at)?;
        if !seen.is_shown(at.slot) {
            return None;
        }
        match seen.made(at.slot) {
            Some(made) => made.get(name),
            None => answers.get(name),
        }
    }

    fn input(&self, input: &Input) -> Value<'a> {
        let Some(values) = self.values(input.at, &input.name) else { return Value::Absent };
        let first = values.first().map_or("", String::as_str);
        match input.kind {
            Type::Bool => Value::Bool(first == "yes"),
            Type::Text => Value::Text(Cow::Borrowed(first)),
            Type::Number => match read_time(first).filter(|_| first.contains(':')) {
                Some(minutes) => Value::Number(Decimal::from(u32::from(minutes))),
                None => first.parse().map_or(Value::Absent, Value::Number),
            },
            Type::Date if input.partial => {
                let known = PartialDate::parse(first).map(PartialDate::days);
                known.map_or(Value::Absent, Value::of_days)
            }
            Type::Date => {
                // A day and a time count by their day.
                let day = first.split_once('T').map_or(first, |(day, _)| day);
                day.parse().ok().or_else(|| month(first)).map_or(Value::Absent, Value::Date)
            }
            Type::List => Value::List(values),
        }
    }
}

pub(super) fn value<'a>(node: &'a Node, scope: &Scope<'a>) -> Value<'a> {
    match node {
        Node::Constant(constant) => constant_value(constant),
        Node::Input(input) => scope.input(input),
        Node::Today => Value::Date(scope.today),
        Node::Not(inner) => Value::Bool(!holds(inner, scope)),
        Node::And(all) => Value::Bool(all.iter().all(|part| holds(part, scope))),
        Node::Or(all) => Value::Bool(all.iter().any(|part| holds(part, scope))),
        Node::Compare(comparison, left, right) => {
            Value::Bool(compare(*comparison, &value(left, scope), &value(right, scope)))
        }
        Node::In(left, list) => {
            let left = value(left, scope);
            let equal = |c| compare(Comparison::Equal, &left, &constant_value(c));
            Value::Bool(list.iter().any(equal))
        }
        Node::Plus(left, right) => plus(&value(left, scope), &value(right, scope)),
        Node::Minus(left, right) => minus(&value(left, scope), &value(right, scope)),
        Node::Times(left, right) => match (value(left, scope), value(right, scope)) {
            (Value::Number(a), Value::Number(b)) => number(a.times(b)),
            _ => Value::Absent,
        },
        Node::Either(least, left, right) => {
            either(*least, &value(left, scope), &value(right, scope))
        }
        Node::Floor(of, unit) => match value(of, scope).numbers() {
            Some((low, high)) => between(low.floor(*unit), high.floor(*unit)),
            None => Value::Absent,
        },
        Node::Over { fold, at, value, only } => {
            fold::rows((*fold, *at), value.as_deref(), only.as_deref(), scope)
        }
        Node::Answered(at, inputs) => Value::Bool(inputs.iter().any(|input| {
            scope.values(*at, input).is_some_and(|values| values.iter().any(|v| !v.is_empty()))
        })),
        Node::Selected(input, code) => {
            let values = scope.values(input.at, &input.name);
            Value::Bool(values.is_some_and(|values| values.iter().any(|v| v == code)))
        }
        Node::Count(input) => {
            let count = scope.values(input.at, &input.name).map_or(0, <[String]>::len);
            number(i64::try_from(count).ok().and_then(Decimal::whole))
        }
        Node::Length(inner) => match value(inner, scope) {
            Value::Text(text) => {
                number(i64::try_from(graphemes(&text)).ok().and_then(Decimal::whole))
            }
            _ => Value::Absent,
        },
        Node::Age(birth, on) => match value(birth, scope).days().zip(value(on, scope).days()) {
            Some((birth, on)) => {
                let (least, most) = (age(birth.1, on.0), age(birth.0, on.1));
                Value::of_numbers((Decimal::from(least), Decimal::from(most)))
            }
            None => Value::Absent,
        },
        Node::FiscalYear(inner) => match value(inner, scope).days() {
            Some((first, last)) => {
                let year = |day| Decimal::whole(i64::from(fiscal_year(day)));
                between(year(first), year(last))
            }
            None => Value::Absent,
        },
    }
}

pub(super) fn holds(node: &Node, scope: &Scope<'_>) -> bool {
    matches!(value(node, scope), Value::Bool(true))
}

fn constant_value(constant: &Constant) -> Value<'_> {
    match constant {
        Constant::Bool(b) => Value::Bool(*b),
        Constant::Text(text) => Value::Text(Cow::Borrowed(text)),
        Constant::Number(n) => Value::Number(*n),
        Constant::Date(day) => Value::Date(*day),
    }
}

fn compare(comparison: Comparison, left: &Value<'_>, right: &Value<'_>) -> bool {
    let order = match (left, right) {
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::Text(a), Value::Text(b)) => a.cmp(b),
        // Something absent: every comparison is false. Other pairs cannot pass the type check.
        _ => {
            let numbers = left.numbers().zip(right.numbers());
            let days = left.days().zip(right.days());
            return numbers.is_some_and(|(a, b)| is_certain(comparison, a, b))
                || days.is_some_and(|(a, b)| is_certain(comparison, a, b));
        }
    };
    match comparison {
        Comparison::Equal => order.is_eq(),
        Comparison::NotEqual => order.is_ne(),
        Comparison::Less => order.is_lt(),
        Comparison::LessOrEqual => order.is_le(),
        Comparison::Greater => order.is_gt(),
        Comparison::GreaterOrEqual => order.is_ge(),
    }
}

/// Whether a comparison holds for everything that the two may be.
fn is_certain<T: Ord>(comparison: Comparison, (low, high): (T, T), (from, until): (T, T)) -> bool {
    match comparison {
        Comparison::Equal => low == until && high == from,
        Comparison::NotEqual => high < from || low > until,
        Comparison::Less => high < from,
        Comparison::LessOrEqual => high <= from,
        Comparison::Greater => low > until,
        Comparison::GreaterOrEqual => low >= until,
    }
}

fn plus<'a>(left: &Value<'a>, right: &Value<'a>) -> Value<'a> {
    if let (Some(days), Value::Number(n)) = (left.days(), right) {
        return moved(days, *n, 1);
    }
    match left.numbers().zip(right.numbers()) {
        Some(((low, high), (from, until))) => between(low.plus(from), high.plus(until)),
        None => Value::Absent,
    }
}

fn minus<'a>(left: &Value<'a>, right: &Value<'a>) -> Value<'a> {
    if let (Some(days), Value::Number(n)) = (left.days(), right) {
        return moved(days, *n, -1);
    }
    if let Some(((first, last), (from, until))) = left.days().zip(right.days()) {
        let apart = |from: Date, to: Date| Decimal::whole(from.duration_until(to).as_hours() / 24);
        return between(apart(until, first), apart(from, last));
    }
    match left.numbers().zip(right.numbers()) {
        Some(((low, high), (from, until))) => between(low.minus(until), high.minus(from)),
        None => Value::Absent,
    }
}

fn either<'a>(least: bool, left: &Value<'_>, right: &Value<'_>) -> Value<'a> {
    if let Some((left, right)) = left.numbers().zip(right.numbers()) {
        return Value::of_numbers(nearer(least, left, right));
    }
    match left.days().zip(right.days()) {
        Some((left, right)) => Value::of_days(nearer(least, left, right)),
        None => Value::Absent,
    }
}

/// What the smaller (`true`) or larger of two may be.
pub(super) fn nearer<T: Ord>(least: bool, (low, high): (T, T), (from, until): (T, T)) -> (T, T) {
    if least { (low.min(from), high.min(until)) } else { (low.max(from), high.max(until)) }
}

fn moved<'a>((first, last): (Date, Date), days: Decimal, sign: i64) -> Value<'a> {
    let span = days.as_whole().and_then(|days| Span::new().try_days(sign * days).ok());
    let to = |day: Date| day.checked_add(span?).ok();
    to(first).zip(to(last)).map_or(Value::Absent, Value::of_days)
}

/// A number between two; nothing where one of them is beyond the range.
fn between<'a>(low: Option<Decimal>, high: Option<Decimal>) -> Value<'a> {
    low.zip(high).map_or(Value::Absent, Value::of_numbers)
}

pub(super) fn number<'a>(n: Option<Decimal>) -> Value<'a> {
    n.map_or(Value::Absent, Value::Number)
}
