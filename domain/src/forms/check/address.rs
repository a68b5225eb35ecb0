//! Addresses.

use super::Code;
use super::page::Judge;
use super::reader::Reader;
use crate::forms::definition::Address;
use crate::forms::inputs::ADDRESS_PARTS;
use crate::postal;
use crate::text::{graphemes, is_hyphen, widen_kana};

/// Most characters of a part; certificates carry addresses of 200.
const MAX: usize = 200;

/// Reads the parts of an address.
pub(super) fn read(reader: &mut Reader<'_>, kind: &Address) {
    code(reader);
    for part in &ADDRESS_PARTS[1..] {
        place(reader, part);
    }
    let prefecture = value(reader, "prefecture");
    if !prefecture.is_empty() && !postal::is_prefecture(&prefecture) {
        reader.fault(&reader.part("prefecture"), Code::NotPrefecture, &[]);
    }
    if let Some(within) = &kind.within {
        let city = value(reader, "city");
        if !city.is_empty() && reader.faults.is_empty() && !is_within(&prefecture, &city, within) {
            reader.fault(&reader.part("city"), Code::Outside, &[("within", within.clone())]);
        }
    }
}

/// Whether a 市区町村 is the municipality `within` (with its prefecture in front), a ward (区) of
/// it, or the same written with or without its 郡.
fn is_within(prefecture: &str, city: &str, within: &str) -> bool {
    let Some(municipality) = within.strip_prefix(prefecture) else { return false };
    let is_ward = |rest: &str| municipality.ends_with('市') && rest.ends_with('区');
    city.strip_prefix(municipality).is_some_and(|rest| rest.is_empty() || is_ward(rest))
        || without_county(city) == without_county(municipality)
}

/// 余市郡余市町 → 余市町; 郡山市 stays.
fn without_county(city: &str) -> &str {
    match city.split_once('郡') {
        Some((county, rest)) if !county.is_empty() && rest.ends_with(['町', '村']) => rest,
        Some(_) | None => city,
    }
}

fn value(reader: &Reader<'_>, part: &str) -> String {
    reader.answers.first(&reader.part(part)).unwrap_or("").to_owned()
}

fn code(reader: &mut Reader<'_>) {
    let input = reader.part("postal");
    let Some(typed) = reader.line(&input) else { return };
    match postal::read_code(&typed) {
        Some(code) => reader.keep(&input, code),
        None => {
            reader.keep(&input, typed);
            reader.fault(&input, Code::NotPostal, &[]);
        }
    }
}

fn place(reader: &mut Reader<'_>, part: &str) {
    let input = reader.part(part);
    let Some(typed) = reader.line(&input) else { return };
    let Ok(wide) = widen_kana(&typed) else {
        reader.keep(&input, typed);
        return reader.fault(&input, Code::BrokenKana, &[]);
    };
    let text = plain_hyphens(&wide);
    let count = graphemes(&text);
    reader.keep(&input, text);
    if count > MAX {
        let args = [("max", MAX.to_string()), ("count", count.to_string())];
        reader.fault(&input, Code::TooLong, &args);
    }
}

/// Any dash between two digits as a hyphen: 1ー2−3 → 1-2-3. A 長音 in a name stays.
fn plain_hyphens(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let digit = |at: Option<usize>| {
        at.and_then(|at| chars.get(at))
            .is_some_and(|c| crate::text::narrow_char(*c).is_ascii_digit())
    };
    chars
        .iter()
        .enumerate()
        .map(
            |(n, c)| {
                if is_hyphen(*c) && digit(n.checked_sub(1)) && digit(Some(n + 1)) {
                    '-'
                } else {
                    *c
                }
            },
        )
        .collect()
}

/// What is missing. An address that is begun must be complete, also where it is not required.
pub(super) fn complete(judge: &mut Judge<'_>, required: bool) {
    let id = &judge.field.id;
    let answered = |part: &str| judge.scope.answers.answered(&format!("{id}.{part}"));
    if !required && !ADDRESS_PARTS.into_iter().any(answered) {
        return;
    }
    let needed = [
        ("postal", Code::RequiredPostal),
        ("prefecture", Code::RequiredPrefecture),
        ("city", Code::RequiredCity),
        ("town", Code::RequiredTown),
    ];
    let missing: Vec<_> = needed
        .into_iter()
        .filter(|(part, _)| !answered(part))
        .map(|(part, code)| (format!("{id}.{part}"), code))
        .collect();
    for (input, code) in missing {
        if !judge.faulty.contains(&input) {
            judge.fault(&input, code, &[]);
        }
    }
}
