//! Functions over the rows of a repeating group, and those of two numbers.

use jiff::civil::Date;

use super::MAX_DEPTH;
use super::ast::{Constant, Fold, Node};
use super::eval::{Scope, holds, nearer, number, value};
use super::names::{At, ExprError, Named, Names, Reason};
use super::parser::{Parser, Typed};
use super::value::{Decimal, Type, Value};

impl<N: Names> Parser<'_, N> {
    /// `any(GROUP, CONDITION)`, `sum(GROUP, VALUE)`, `sum(GROUP, VALUE, CONDITION)`.
    pub(super) fn over(&mut self, function: &str) -> Result<Typed, ExprError> {
        let fold = match function {
            "any" => Fold::Any,
            "all" => Fold::All,
            "sum" => Fold::Sum,
            "min" => Fold::Min,
            _ => Fold::Max,
        };
        let name = self.name()?;
        self.rows(&name, fold)
    }

    /// From the comma behind the name of the group to the last argument.
    pub(super) fn rows(&mut self, name: &str, fold: Fold) -> Result<Typed, ExprError> {
        if self.folding {
            return Err(self.before(Reason::NestedRows));
        }
        let at = match self.look_up(name) {
            Some(Named::Rows { at }) => at,
            Some(_) => return Err(self.before(Reason::NotRows(name.to_owned()))),
            None => return Err(self.before(Reason::UnknownName(name.to_owned()))),
        };
        self.note(name, at);
        self.must(",")?;
        let around = self.group.replace(name.to_owned());
        self.folding = true;
        let made = self.in_row(fold, at);
        self.folding = false;
        self.group = around;
        made
    }

    fn in_row(&mut self, fold: Fold, at: At) -> Result<Typed, ExprError> {
        let (value, kind) = match fold {
            Fold::Count | Fold::Any | Fold::All => (None, Type::Number),
            Fold::Sum => (Some(self.argument(Type::Number)?), Type::Number),
            Fold::Min | Fold::Max => {
                let (node, kind) = self.operand()?;
                (Some(node), kind)
            }
        };
        let only = match value {
            Some(_) if !self.take(",") => None,
            Some(_) | None => {
                let (node, kind) = self.or()?;
                self.want(&(node.clone(), kind), Type::Bool)?;
                Some(Box::new(node))
            }
        };
        let kind = if matches!(fold, Fold::Any | Fold::All) { Type::Bool } else { kind };
        Ok((Node::Over { fold, at, value: value.map(Box::new), only }, kind))
    }

    /// A number or a day.
    fn operand(&mut self) -> Result<Typed, ExprError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.fault(Reason::TooDeep));
        }
        let typed = self.sum()?;
        self.depth -= 1;
        if typed.1 != Type::Date {
            self.want(&typed, Type::Number)?;
        }
        Ok(typed)
    }

    /// `least(a, b)`, `greatest(a, b)`.
    pub(super) fn either(&mut self, least: bool) -> Result<Typed, ExprError> {
        let (left, kind) = self.operand()?;
        self.must(",")?;
        let right = self.argument(kind)?;
        Ok((Node::Either(least, Box::new(left), Box::new(right)), kind))
    }

    /// `floor(x, 1000)`.
    pub(super) fn floor(&mut self) -> Result<Typed, ExprError> {
        let of = self.argument(Type::Number)?;
        self.must(",")?;
        let unit = self.argument(Type::Number)?;
        if let Node::Constant(Constant::Number(unit)) = unit
            && unit > Decimal::from(0)
        {
            return Ok((Node::Floor(Box::new(of), unit), Type::Number));
        }
        Err(self.before(Reason::BadUnit))
    }
}

/// The value of a function over rows.
pub(super) fn rows<'a>(
    (fold, at): (Fold, At),
    of: Option<&Node>,
    only: Option<&Node>,
    scope: &Scope<'_>,
) -> Value<'a> {
    let Some(level) = scope.level(at) else { return nothing(fold) };
    if !level.seen.is_shown(at.slot) {
        return nothing(fold);
    }
    let mut made = Made::default();
    for row in level.seen.rows(at.slot) {
        let scope = row.scope(level);
        let counts = only.is_none_or(|only| holds(only, &scope));
        made.rows += 1;
        made.counted += i64::from(counts);
        if let Some(of) = of.filter(|_| counts) {
            made.take(&value(of, &scope));
        }
    }
    made.told(fold)
}

fn nothing<'a>(fold: Fold) -> Value<'a> {
    match fold {
        Fold::Count => Value::Number(Decimal::from(0)),
        Fold::Any | Fold::All => Value::Bool(false),
        Fold::Sum | Fold::Min | Fold::Max => Value::Absent,
    }
}

/// What the rows so far come to: each as the smallest and the largest it may be. `sum` is `None` beyond
/// the range of numbers.
struct Made {
    rows: i64,
    counted: i64,
    sum: Option<(Decimal, Decimal)>,
    numbers: Option<Ends<Decimal>>,
    days: Option<Ends<Date>>,
}

/// The least and the most.
type Ends<T> = [(T, T); 2];

impl Default for Made {
    fn default() -> Self {
        let sum = Some((Decimal::from(0), Decimal::from(0)));
        Self { rows: 0, counted: 0, sum, numbers: None, days: None }
    }
}

fn further<T: Ord + Copy>(known: Option<Ends<T>>, one: (T, T)) -> Ends<T> {
    let [least, most] = known.unwrap_or([one, one]);
    [nearer(true, least, one), nearer(false, most, one)]
}

impl Made {
    fn take(&mut self, value: &Value<'_>) {
        if let Some((low, high)) = value.numbers() {
            self.sum = self.sum.and_then(|sum| sum.0.plus(low).zip(sum.1.plus(high)));
            self.numbers = Some(further(self.numbers, (low, high)));
        }
        if let Some(days) = value.days() {
            self.days = Some(further(self.days, days));
        }
    }

    fn told<'a>(self, fold: Fold) -> Value<'a> {
        let pick = |low: bool| match (self.numbers, self.days) {
            (Some([least, most]), _) => Value::of_numbers(if low { least } else { most }),
            (None, Some([first, last])) => Value::of_days(if low { first } else { last }),
            (None, None) => Value::Absent,
        };
        match fold {
            Fold::Count => number(Decimal::whole(self.counted)),
            Fold::Any => Value::Bool(self.counted > 0),
            Fold::All => Value::Bool(self.counted == self.rows),
            Fold::Sum => self.sum.map_or(Value::Absent, Value::of_numbers),
            Fold::Min => pick(true),
            Fold::Max => pick(false),
        }
    }
}
