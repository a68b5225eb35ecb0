//! Numbers: full-width digits, commas and the unit are taken, the stored form is plain.

use super::Code;
use super::page::Judge;
use super::reader::Reader;
use crate::forms::definition::Number;
use crate::forms::expr::{Decimal, Expr};
use crate::text::{is_hyphen, narrow};

/// Reads a number.
pub(super) fn read(reader: &mut Reader<'_>, kind: &Number) {
    let id = &reader.field.id;
    let Some(typed) = reader.line(id) else { return };
    let Some(number) = parsed(&typed, kind.unit.ja()) else {
        reader.keep(id, typed);
        return reader.fault(id, Code::NotNumber, &[]);
    };
    reader.keep(id, number.to_string());
    if number.decimals() > kind.decimals {
        reader.fault(id, Code::TooManyDecimals, &[("decimals", kind.decimals.to_string())]);
    }
}

fn parsed(typed: &str, unit: &str) -> Option<Decimal> {
    let narrow = narrow(typed);
    let bare = match unit {
        "" => narrow.trim(),
        unit => narrow.trim_end_matches(crate::text::narrow(unit).as_str()).trim(),
    };
    let signed: String = bare
        .chars()
        .enumerate()
        .map(|(n, c)| if n == 0 && is_hyphen(c) { '-' } else { c })
        .collect();
    without_commas(&signed)?.parse().ok()
}

/// Commas between groups of three digits only: `1,234,567`.
fn without_commas(text: &str) -> Option<String> {
    if !text.contains(',') {
        return Some(text.to_owned());
    }
    let whole = text.split('.').next()?;
    let mut groups = whole.trim_start_matches(['-', '+']).split(',');
    let first = groups.next()?;
    let grouped = (1..=3).contains(&first.len()) && groups.all(|group| group.len() == 3);
    let plain_fraction = !text[whole.len()..].contains(',');
    (grouped && plain_fraction).then(|| text.replace(',', ""))
}

/// The limits, when there is a number. One that is known in part refuses only what is surely beyond it.
pub(super) fn limits(judge: &mut Judge<'_>, low: Option<&Expr>, high: Option<&Expr>) {
    let id = &judge.field.id;
    let number = judge.scope.answers.first(id).and_then(|text| text.parse::<Decimal>().ok());
    let Some(number) = number.filter(|_| judge.faulty.is_empty()) else { return };
    let scope = judge.scope;
    let [min, max] = [low, high].map(|limit| limit?.value(&scope).numbers());
    let (min, max) = (min.map(|(min, _)| min), max.map(|(_, max)| max));
    if let Some(min) = min.filter(|min| number < *min) {
        judge.fault(id, Code::TooSmall, &[("min", min.to_string())]);
    } else if let Some(max) = max.filter(|max| number > *max) {
        judge.fault(id, Code::TooLarge, &[("max", max.to_string())]);
    }
}
