//! What is known of a form so far, slot by slot: shown or not, calculated values, rows of groups.
//!
//! One pass fills it from the first field to the last; an expression that looks back finds
//! everything it may use. A row of a repeating group is a little form with a [`Seen`] of its own.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::forms::compiled::CompiledField;
use crate::forms::definition::{Field, FieldKind, MOST_YEN, Repeat};
use crate::forms::expr::{Decimal, Scope, Value};
use crate::forms::{Answers, inputs};

/// What is known of the fields of a form, or of one row, from the first on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    shown: Vec<bool>,
    made: BTreeMap<usize, Answers>,
    rows: BTreeMap<usize, Vec<Row>>,
    ended: bool,
}

/// One row of a repeating group: its answers under the names the fields have in the row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    /// Key of the row in the names of its inputs: `2` of `family.2.birth`.
    pub key: String,
    /// Its answers.
    pub answers: Answers,
    /// What is known of its fields.
    pub seen: Seen,
}

impl Seen {
    /// Whether a field is shown; one that is not reached yet is not.
    #[must_use]
    pub fn is_shown(&self, slot: usize) -> bool {
        self.shown.get(slot) == Some(&true)
    }

    /// What is worked out for a field, by input: a calculated value, or a fee and its lines; `None`
    /// for a field that is typed, or hidden.
    #[must_use]
    pub fn made(&self, slot: usize) -> Option<&Answers> {
        self.made.get(&slot)
    }

    /// Rows of a repeating group that is shown.
    #[must_use]
    pub fn rows(&self, slot: usize) -> &[Row] {
        self.rows.get(&slot).map_or(&[], Vec::as_slice)
    }

    /// Whether an exit was reached: nothing behind it is shown.
    pub(super) const fn has_ended(&self) -> bool {
        self.ended
    }

    pub(super) fn hide(&mut self) {
        self.shown.push(false);
    }

    /// Enters the next field. Its own answers must be in `scope` already when it is a group.
    pub(super) fn enter(
        &mut self,
        field: &Field,
        compiled: &CompiledField,
        shown: bool,
        (answers, today, outer): (&Answers, Date, Option<&Scope<'_>>),
    ) {
        let slot = self.shown.len();
        if shown {
            let scope = Scope { answers, seen: self, today, outer };
            let made = made(field, compiled, &scope);
            let rows = field.repeat().map(|repeat| {
                let keys = inputs::row_keys(answers.get(&field.id).unwrap_or(&[]));
                let row = |key: String| {
                    let own = answers.row(&field.id, &key);
                    Row::new(repeat, &compiled.row, &key, own, &scope)
                };
                keys.into_iter().map(row).collect()
            });
            self.made.extend(made.map(|made| (slot, made)));
            self.rows.extend(rows.map(|rows| (slot, rows)));
            self.ended |= matches!(field.kind, FieldKind::Exit(_));
        }
        self.shown.push(shown);
    }
}

impl Row {
    /// A row with these answers, in the form that `outer` sees.
    pub(super) fn new(
        repeat: &Repeat,
        compiled: &[CompiledField],
        key: &str,
        answers: Answers,
        outer: &Scope<'_>,
    ) -> Self {
        let mut seen = Seen::default();
        for (field, compiled) in repeat.fields.iter().zip(compiled) {
            let scope =
                Scope { answers: &answers, seen: &seen, today: outer.today, outer: Some(outer) };
            let shown = compiled.applies(&scope);
            seen.enter(field, compiled, shown, (&answers, outer.today, Some(outer)));
        }
        Self { key: key.to_owned(), answers, seen }
    }

    /// What an expression in this row sees.
    pub(super) fn scope<'s>(&'s self, outer: &'s Scope<'s>) -> Scope<'s> {
        Scope { answers: &self.answers, seen: &self.seen, today: outer.today, outer: Some(outer) }
    }
}

/// What is worked out for a field; `None` for one that is typed.
fn made(field: &Field, compiled: &CompiledField, scope: &Scope<'_>) -> Option<Answers> {
    let mut made = Answers::new();
    if let Some(expr) = &compiled.value {
        made.put(&field.id, written(&expr.value(scope)));
        return Some(made);
    }
    let FieldKind::Fee(_) = &field.kind else { return None };
    let mut sum = Some(0);
    for charge in &compiled.charges {
        if charge.when.as_ref().is_some_and(|when| !when.holds(scope)) {
            continue;
        }
        let amount = yen(&charge.amount.value(scope));
        let written = amount.map(|yen| yen.to_string()).unwrap_or_default();
        made.put_one(format!("{}.{}", field.id, charge.id), written);
        sum = sum.zip(amount).map(|(sum, amount)| sum + amount).filter(|sum| *sum <= MOST_YEN);
    }
    // With a line that has no amount yet, there is no sum: nothing is charged too little.
    made.put_one(&field.id, sum.map(|yen| yen.to_string()).unwrap_or_default());
    Some(made)
}

/// An amount somebody can be asked for; `None` for no number, a part of a yen, or too much.
fn yen(value: &Value<'_>) -> Option<i64> {
    let Value::Number(number) = value else { return None };
    Decimal::as_whole(*number).filter(|yen| (0..=MOST_YEN).contains(yen))
}

/// A value as an answer stores it; nothing for something absent or known in part only.
pub(super) fn written(value: &Value<'_>) -> Vec<String> {
    let text = match value {
        Value::Absent | Value::Numbers(..) | Value::Days(..) => String::new(),
        Value::Bool(yes) => if *yes { "yes" } else { "" }.to_owned(),
        Value::Text(text) => text.clone().into_owned(),
        Value::Number(n) => n.to_string(),
        Value::Date(day) => day.to_string(),
        Value::List(values) => return values.to_vec(),
    };
    if text.is_empty() { Vec::new() } else { vec![text] }
}

#[cfg(test)]
impl<const N: usize> From<[bool; N]> for Seen {
    fn from(shown: [bool; N]) -> Self {
        Self { shown: shown.to_vec(), ..Self::default() }
    }
}
