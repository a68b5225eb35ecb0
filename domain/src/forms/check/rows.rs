//! Rows of a repeating group: read, counted and judged one by one, as little forms in the form.

use std::collections::BTreeMap;

use super::page::{Around, Fields, Found, Judge, judge_all, read_one};
use super::{Code, Context, Fault, SHOWN};
use crate::forms::compiled::CompiledField;
use crate::forms::definition::{Field, Repeat};
use crate::forms::display::in_row;
use crate::forms::expr::Scope;
use crate::forms::seen::{Row, Seen};
use crate::forms::{Answers, inputs};

type Group<'g> = (usize, &'g Field, &'g Repeat, &'g CompiledField);

/// Reads the rows that were sent and numbers them anew, from 1 in the order of the page.
pub(super) fn read(
    (slot, field, repeat, compiled): Group<'_>,
    raw: &Answers,
    context: &Context<'_>,
    scope: &Scope<'_>,
    found: &mut Found,
) -> Answers {
    let keys = inputs::row_keys(raw.get(&field.id).unwrap_or(&[]));
    let mut all = Answers::new();
    all.put(&field.id, (1..=keys.len()).map(|n| n.to_string()).collect());
    let mut faults = Vec::with_capacity(keys.len());
    for (n, key) in keys.iter().enumerate() {
        let mut own = Found::default();
        let row = read_row(repeat, compiled, &raw.row(&field.id, key), context, scope, &mut own);
        all.put_row(&field.id, &(n + 1).to_string(), &row);
        faults.push(own.faults);
    }
    found.rows.insert(slot, faults);
    all
}

fn read_row(
    repeat: &Repeat,
    compiled: &CompiledField,
    raw: &Answers,
    context: &Context<'_>,
    outer: &Scope<'_>,
    found: &mut Found,
) -> Answers {
    let (mut answers, mut seen) = (Answers::new(), Seen::default());
    for (n, (field, compiled)) in repeat.fields.iter().zip(&compiled.row).enumerate() {
        let scope =
            Scope { answers: &answers, seen: &seen, today: outer.today, outer: Some(outer) };
        let shown = compiled.applies(&scope);
        if shown {
            let read = read_one((n, field, compiled), raw, context, &scope, found);
            answers.overlay(&read);
        }
        seen.enter(field, compiled, shown, (&answers, outer.today, Some(outer)));
        if let Some(made) = seen.made(n) {
            answers.overlay(made);
        }
    }
    answers
}

/// Too few or too many rows.
pub(super) fn count(judge: &mut Judge<'_>, repeat: &Repeat, required: bool) {
    let id = &judge.field.id;
    let rows = judge.scope.answers.get(id).map_or(0, <[String]>::len);
    let least = if required || rows > 0 { repeat.min.max(u32::from(required)) } else { 0 };
    if rows < least as usize {
        judge.fault(id, Code::TooFewRows, &[("min", least.to_string())]);
    } else if rows > repeat.max as usize {
        judge.fault(id, Code::TooManyRows, &[("max", repeat.max.to_string())]);
    }
}

/// Judges each row; the faults go to the group, under the names of the form. Gives the names of
/// what was revealed.
pub(super) fn judge(
    (slot, field, repeat, compiled): Group<'_>,
    (scope, raw, context): (&Scope<'_>, &Answers, &Context<'_>),
    found: &mut Found,
    around: &Around<'_>,
) -> Vec<String> {
    let mut known = found.rows.remove(&slot).unwrap_or_default().into_iter();
    let mut revealed = Vec::new();
    let twice = twice(repeat, scope.seen.rows(slot));
    for (n, row) in scope.seen.rows(slot).iter().enumerate() {
        let shown = repeat.fields.iter().zip(&compiled.row).enumerate();
        let shown: Fields<'_> = shown
            .filter(|(n, _)| row.seen.is_shown(*n))
            .map(|(n, (field, compiled))| (n, field, compiled))
            .collect();
        let mut own = Found { faults: known.next().unwrap_or_default(), ..Found::default() };
        if let Some((inner, other)) = twice.get(&n) {
            let other = [("other", repeat.title(other + 1))];
            let fault = Fault::new(
                &repeat.fields[*inner],
                &repeat.fields[*inner].id,
                Code::NotUnique,
                &other,
            );
            own.faults.push((*inner, fault));
        }
        let raw = of_row(raw, &field.id, &row.key);
        let names = judge_all(&shown, (&row.scope(scope), &raw, context), &mut own, around);
        revealed.extend(names.into_iter().map(|name| format!("{}.{}.{name}", field.id, row.key)));
        own.faults.sort_by_key(|(slot, _)| *slot);
        let title = repeat.title(n + 1);
        found.faults.extend(own.faults.into_iter().map(|(_, mut fault)| {
            fault.input = format!("{}.{}.{}", field.id, row.key, fault.input);
            fault.field.clone_from(&field.id);
            let label = fault.args.remove("label").unwrap_or_default();
            fault.args.insert("label", in_row(&title, &label));
            (slot, fault)
        }));
    }
    revealed
}

/// What was sent of a row, with the names of the questions it had on the page.
fn of_row(raw: &Answers, group: &str, key: &str) -> Answers {
    let mut row = raw.row(group, key);
    if let Some(names) = raw.get(SHOWN) {
        let prefix = format!("{group}.{key}.");
        let own = names.iter().filter_map(|name| name.strip_prefix(&prefix));
        row.put(SHOWN, own.map(str::to_owned).collect());
    }
    row
}

/// Rows that repeat the answer of an earlier one: the place of the field and of that row.
fn twice(repeat: &Repeat, rows: &[Row]) -> BTreeMap<usize, (usize, usize)> {
    let mut found = BTreeMap::new();
    let id = repeat.unique_by.as_deref().unwrap_or("");
    let Some(inner) = repeat.fields.iter().position(|field| field.id == id) else { return found };
    let stored = inputs::stored(&repeat.fields[inner]);
    let mut known: BTreeMap<Vec<&[String]>, usize> = BTreeMap::new();
    for (n, row) in rows.iter().enumerate() {
        let value: Vec<&[String]> =
            stored.iter().map(|input| row.answers.get(input).unwrap_or(&[])).collect();
        if value.iter().all(|part| part.is_empty()) {
            continue;
        }
        match known.get(&value) {
            Some(other) => {
                found.insert(n, (inner, *other));
            }
            None => {
                known.insert(value, n);
            }
        }
    }
    found
}
