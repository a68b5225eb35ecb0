//! Input names of a field, and what they stand for in expressions.

use crate::forms::definition::{ChoiceOption, Field, FieldKind};
use crate::forms::expr::{At, Named, Type};

/// Parts of a name, behind `id.`.
pub const NAME_PARTS: [&str; 5] = ["family", "given", "family_kana", "given_kana", "single"];
/// Parts of an address, behind `id.`.
pub const ADDRESS_PARTS: [&str; 5] = ["postal", "prefecture", "city", "town", "building"];
/// Parts of an account, behind `id.`.
pub const BANK_PARTS: [&str; 9] = [
    "bank_name",
    "bank",
    "branch_name",
    "branch",
    "account",
    "number",
    "holder",
    "yucho_symbol",
    "yucho_number",
];
/// Parts a date may be typed in, behind `id.`.
pub const DATE_PARTS: [&str; 4] = ["era", "year", "month", "day"];

/// Behind `id.`: the day whose times a page shows for a 日時の枠.
pub const SLOT_DAY: &str = "day";

/// Behind `id.`: the time of a date that asks for one.
pub const TIME: &str = "time";

/// Behind `id.`: what is written beside an option.
pub const OTHER: &str = "other";

/// The option of a question beside which something is written.
#[must_use]
pub fn other(field: &Field) -> Option<&str> {
    match &field.kind {
        FieldKind::Choice(choice) => choice.other.as_deref(),
        FieldKind::Multi(multi) => multi.other.as_deref(),
        _ => None,
    }
}

/// The field an input belongs to: `home` of `home.city`.
#[must_use]
pub fn field_of(input: &str) -> &str {
    input.split_once('.').map_or(input, |(field, _)| field)
}

/// Most rows of a repeating group.
pub const MAX_ROWS: u32 = 50;

/// The name of an input without the key of its row: `family.birth` of `family.2.birth`.
#[must_use]
pub fn without_key(input: &str) -> Option<String> {
    let (group, rest) = input.split_once('.')?;
    let (key, rest) = rest.split_once('.')?;
    is_key(key).then(|| format!("{group}.{rest}"))
}

/// The keys of rows among what was sent, each once, at most [`MAX_ROWS`].
#[must_use]
pub fn row_keys(values: &[String]) -> Vec<String> {
    let mut keys: Vec<String> = Vec::new();
    for key in values.iter().filter(|key| is_key(key)) {
        if !keys.contains(key) && keys.len() < MAX_ROWS as usize {
            keys.push(key.clone());
        }
    }
    keys
}

fn is_key(text: &str) -> bool {
    (1..=4).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}

/// Inputs under which a field's answer is stored; none for content.
#[must_use]
pub fn stored(field: &Field) -> Vec<String> {
    let parts = |parts: &[&str]| parts.iter().map(|part| format!("{}.{part}", field.id)).collect();
    match &field.kind {
        FieldKind::Name(_) => parts(&NAME_PARTS),
        FieldKind::Address(_) => parts(&ADDRESS_PARTS),
        FieldKind::Bank(_) => parts(&BANK_PARTS),
        FieldKind::Matrix(matrix) => {
            matrix.rows.iter().map(|row| format!("{}.{}", field.id, row.id)).collect()
        }
        FieldKind::Lookup(lookup) => std::iter::once(field.id.clone())
            .chain(lookup.keep.iter().map(|column| format!("{}.{column}", field.id)))
            .collect(),
        FieldKind::Fee(fee) => std::iter::once(field.id.clone())
            .chain(fee.lines.iter().map(|line| format!("{}.{}", field.id, line.id)))
            .collect(),
        FieldKind::Choice(_) | FieldKind::Multi(_) if other(field).is_some() => {
            vec![field.id.clone(), format!("{}.{OTHER}", field.id)]
        }
        FieldKind::Content(_) | FieldKind::Exit(_) => Vec::new(),
        FieldKind::Text(_)
        | FieldKind::Textarea(_)
        | FieldKind::Number(_)
        | FieldKind::Date(_)
        | FieldKind::Month(_)
        | FieldKind::Time(_)
        | FieldKind::Phone(_)
        | FieldKind::Email(_)
        | FieldKind::CorporateNumber(_)
        | FieldKind::Choice(_)
        | FieldKind::Multi(_)
        | FieldKind::File(_)
        | FieldKind::Consent(_)
        | FieldKind::Calc(_)
        | FieldKind::Slot(_)
        | FieldKind::Repeat(_) => vec![field.id.clone()],
    }
}

/// Options of a choice or multi field; none for other kinds. Those of a matrix belong to its rows.
#[must_use]
pub fn options(field: &Field) -> &[ChoiceOption] {
    match &field.kind {
        FieldKind::Choice(choice) => &choice.options,
        FieldKind::Multi(multi) => &multi.options,
        FieldKind::Text(_)
        | FieldKind::Textarea(_)
        | FieldKind::Number(_)
        | FieldKind::Date(_)
        | FieldKind::Month(_)
        | FieldKind::Time(_)
        | FieldKind::Matrix(_)
        | FieldKind::Lookup(_)
        | FieldKind::Name(_)
        | FieldKind::Address(_)
        | FieldKind::Phone(_)
        | FieldKind::Email(_)
        | FieldKind::CorporateNumber(_)
        | FieldKind::Bank(_)
        | FieldKind::File(_)
        | FieldKind::Consent(_)
        | FieldKind::Calc(_)
        | FieldKind::Fee(_)
        | FieldKind::Slot(_)
        | FieldKind::Repeat(_)
        | FieldKind::Exit(_)
        | FieldKind::Content(_) => &[],
    }
}

/// What a name means in an expression, given the field it begins with and, for a calculated value,
/// its type.
pub(super) fn named(field: &Field, name: &str, at: At, calculated: Option<Type>) -> Option<Named> {
    let part = name.split_once('.').map(|(_, part)| part);
    let input = |kind, codes| Some(Named::Input { kind, partial: false, at, codes });
    match (&field.kind, part) {
        (FieldKind::Name(_), None) => group(field, &NAME_PARTS[..4], at),
        (FieldKind::Address(_), None) => group(field, &ADDRESS_PARTS, at),
        (FieldKind::Bank(_), None) => group(field, &BANK_PARTS, at),
        (FieldKind::Matrix(matrix), None) => {
            let rows: Vec<&str> = matrix.rows.iter().map(|row| row.id.as_str()).collect();
            group(field, &rows, at)
        }
        (FieldKind::Matrix(matrix), Some(part)) if matrix.rows.iter().any(|row| row.id == part) => {
            let codes = matrix.options.iter().map(|option| option.code.clone());
            input(Type::Text, Some(codes.collect()))
        }
        (FieldKind::Lookup(lookup), Some(part)) if lookup.keep.iter().any(|kept| kept == part) => {
            input(Type::Text, None)
        }
        (FieldKind::Name(_), Some("single")) => input(Type::Bool, None),
        (FieldKind::Name(_), Some(part)) if NAME_PARTS.contains(&part) => input(Type::Text, None),
        (FieldKind::Address(_), Some(part)) if ADDRESS_PARTS.contains(&part) => {
            input(Type::Text, None)
        }
        (FieldKind::Bank(_), Some(part)) if BANK_PARTS.contains(&part) => input(Type::Text, None),
        (
            FieldKind::Text(_)
            | FieldKind::Textarea(_)
            | FieldKind::Phone(_)
            | FieldKind::Email(_)
            | FieldKind::CorporateNumber(_)
            | FieldKind::Lookup(_),
            None,
        ) => input(Type::Text, None),
        (FieldKind::Number(_) | FieldKind::Time(_) | FieldKind::Fee(_), None) => {
            input(Type::Number, None)
        }
        (FieldKind::Fee(fee), Some(part)) if fee.lines.iter().any(|line| line.id == part) => {
            input(Type::Number, None)
        }
        (FieldKind::Date(date), None) => {
            Some(Named::Input { kind: Type::Date, partial: date.partial, at, codes: None })
        }
        (FieldKind::Month(_) | FieldKind::Slot(_), None) => input(Type::Date, None),
        (FieldKind::Consent(_), None) => input(Type::Bool, None),
        (FieldKind::File(_), None) => input(Type::List, None),
        (FieldKind::Choice(_) | FieldKind::Multi(_), Some(OTHER)) => {
            other(field).and_then(|_| input(Type::Text, None))
        }
        (FieldKind::Choice(_), None) => input(Type::Text, Some(codes(field))),
        (FieldKind::Multi(_), None) => input(Type::List, Some(codes(field))),
        (FieldKind::Calc(_), None) => input(calculated?, None),
        (FieldKind::Repeat(_), None) => Some(Named::Rows { at }),
        (FieldKind::Content(_) | FieldKind::Exit(_), None) | (_, Some(_)) => None,
    }
}

fn group(field: &Field, parts: &[&str], at: At) -> Option<Named> {
    let inputs = parts.iter().map(|part| format!("{}.{part}", field.id)).collect();
    Some(Named::Group { at, inputs })
}

fn codes(field: &Field) -> Vec<String> {
    options(field).iter().map(|option| option.code.clone()).collect()
}
