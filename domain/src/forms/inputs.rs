//! Input names of a field, and what they stand for in expressions.

use crate::forms::definition::{ChoiceOption, Field, FieldKind};
use crate::forms::expr::{Named, Type};

/// Parts of a name, behind `id.`.
pub const NAME_PARTS: [&str; 5] = ["family", "given", "family_kana", "given_kana", "single"];
/// Parts of an address, behind `id.`.
pub const ADDRESS_PARTS: [&str; 5] = ["postal", "prefecture", "city", "town", "building"];
/// Parts a date may be typed in, behind `id.`.
pub const DATE_PARTS: [&str; 4] = ["era", "year", "month", "day"];

/// The field an input belongs to: `home` of `home.city`.
#[must_use]
pub fn field_of(input: &str) -> &str {
    input.split_once('.').map_or(input, |(field, _)| field)
}

/// Inputs under which a field's answer is stored; none for content.
#[must_use]
pub fn stored(field: &Field) -> Vec<String> {
    let parts = |parts: &[&str]| parts.iter().map(|part| format!("{}.{part}", field.id)).collect();
    match &field.kind {
        FieldKind::Name(_) => parts(&NAME_PARTS),
        FieldKind::Address(_) => parts(&ADDRESS_PARTS),
        FieldKind::Content(_) => Vec::new(),
        FieldKind::Text(_)
        | FieldKind::Textarea(_)
        | FieldKind::Number(_)
        | FieldKind::Date(_)
        | FieldKind::Phone(_)
        | FieldKind::Email(_)
        | FieldKind::Choice(_)
        | FieldKind::Multi(_)
        | FieldKind::File(_)
        | FieldKind::Consent(_) => vec![field.id.clone()],
    }
}

/// Options of a choice or multi field; none for other kinds.
#[must_use]
pub fn options(field: &Field) -> &[ChoiceOption] {
    match &field.kind {
        FieldKind::Choice(choice) => &choice.options,
        FieldKind::Multi(multi) => &multi.options,
        FieldKind::Text(_)
        | FieldKind::Textarea(_)
        | FieldKind::Number(_)
        | FieldKind::Date(_)
        | FieldKind::Name(_)
        | FieldKind::Address(_)
        | FieldKind::Phone(_)
        | FieldKind::Email(_)
        | FieldKind::File(_)
        | FieldKind::Consent(_)
        | FieldKind::Content(_) => &[],
    }
}

/// What a name means in an expression, given the field it begins with.
pub(super) fn named(field: &Field, name: &str, slot: usize) -> Option<Named> {
    let part = name.split_once('.').map(|(_, part)| part);
    let input = |kind, codes| Some(Named::Input { kind, slot, codes });
    match (&field.kind, part) {
        (FieldKind::Name(_), None) => group(field, &NAME_PARTS[..4], slot),
        (FieldKind::Address(_), None) => group(field, &ADDRESS_PARTS, slot),
        (FieldKind::Name(_), Some("single")) => input(Type::Bool, None),
        (FieldKind::Name(_), Some(part)) if NAME_PARTS.contains(&part) => input(Type::Text, None),
        (FieldKind::Address(_), Some(part)) if ADDRESS_PARTS.contains(&part) => {
            input(Type::Text, None)
        }
        (
            FieldKind::Text(_) | FieldKind::Textarea(_) | FieldKind::Phone(_) | FieldKind::Email(_),
            None,
        ) => input(Type::Text, None),
        (FieldKind::Number(_), None) => input(Type::Number, None),
        (FieldKind::Date(_), None) => input(Type::Date, None),
        (FieldKind::Consent(_), None) => input(Type::Bool, None),
        (FieldKind::File(_), None) => input(Type::List, None),
        (FieldKind::Choice(_), None) => input(Type::Text, Some(codes(field))),
        (FieldKind::Multi(_), None) => input(Type::List, Some(codes(field))),
        (FieldKind::Content(_), None) | (_, Some(_)) => None,
    }
}

fn group(field: &Field, parts: &[&str], slot: usize) -> Option<Named> {
    let inputs = parts.iter().map(|part| format!("{}.{part}", field.id)).collect();
    Some(Named::Group { slot, inputs })
}

fn codes(field: &Field) -> Vec<String> {
    options(field).iter().map(|option| option.code.clone()).collect()
}
