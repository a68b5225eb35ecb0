//! Edits and conditions in words.

use domain::forms::definition::Procedure;
use domain::forms::design::condition::{Condition, Row};
use domain::forms::design::subject::{self, Of, Subject};
use domain::forms::design::{Refused, Use, What, Whose};
use lgwan_zone_store::designs::Change;

use crate::site::TEXTS;
use crate::words;

/// Why an edit cannot be done: what is wrong, then what stands in the way.
pub(super) fn refused(refused: &Refused) -> Vec<String> {
    let (key, by) = match refused {
        Refused::NoPage => ("design.refused.no_page", &[][..]),
        Refused::NoField => ("design.refused.no_field", &[][..]),
        Refused::NoFile => ("design.refused.no_file", &[][..]),
        Refused::AtEdge => ("design.refused.at_edge", &[][..]),
        Refused::NotAtDesk(_) => ("design.refused.not_at_desk", &[][..]),
        Refused::NotInRows(_) => ("design.refused.not_in_rows", &[][..]),
        Refused::OtherKind => ("design.refused.other_kind", &[][..]),
        Refused::Needed(by) => ("design.refused.needed", &by[..]),
        Refused::LooksForward(by) => ("design.refused.looks_forward", &by[..]),
        Refused::TooMany => ("design.refused.too_many", &[][..]),
    };
    let first = TEXTS.text(key).to_owned();
    std::iter::once(first).chain(by.iter().map(used)).collect()
}

/// Where a question is spoken of.
fn used(by: &Use) -> String {
    let part = TEXTS.text(by.part.key());
    match by.whose {
        Whose::Procedure => part.to_owned(),
        Whose::Page(_) => TEXTS.fill("design.used.page", &[("label", &by.label), ("part", &part)]),
        Whose::Field(_) => {
            TEXTS.fill("design.used.field", &[("label", &by.label), ("part", &part)])
        }
    }
}

/// What somebody did, and when.
pub(super) fn change(change: &Change) -> String {
    let known = What::ALL.iter().find(|what| what.word() == change.what);
    let what = known.map_or(change.what.as_str(), |what| TEXTS.text(what.key()));
    let at = words::stored(change.at);
    let args: [(&str, &dyn std::fmt::Display); 4] =
        [("what", &what), ("label", &change.label), ("name", &change.name), ("at", &at)];
    let key = if change.label.is_empty() { "design.change_plain" } else { "design.change" };
    TEXTS.fill(key, &args)
}

/// An expression as a clerk reads it; the text itself where rows cannot say it.
pub(super) fn condition(procedure: &Procedure, text: &str) -> String {
    let Some(condition) = Condition::read(text) else {
        return TEXTS.fill("design.condition.text", &[("text", &text)]);
    };
    let subjects = subject::above(procedure, &Whose::Procedure);
    let inner =
        procedure.pages.iter().flat_map(|page| &page.fields).filter(|f| f.repeat().is_some());
    let inner = inner.flat_map(subject::in_rows);
    let subjects: Vec<Subject> = subjects.into_iter().chain(inner).collect();
    let rows: Vec<String> = condition.rows.iter().map(|one| row(&subjects, one)).collect();
    let key = if condition.all { "design.condition.and" } else { "design.condition.or" };
    rows.join(TEXTS.text(key))
}

/// One row of a condition in words.
pub(super) fn row(subjects: &[Subject], row: &Row) -> String {
    let known = subjects.iter().find(|subject| subject.input == row.input);
    let label = known.map_or_else(|| row.input.clone(), called);
    let other = subjects.iter().filter(|_| row.op.is_of_two());
    let value = match other.into_iter().find(|subject| subject.input == row.value) {
        Some(other) => called(other),
        None => known.map_or_else(|| row.value.clone(), |subject| subject.told(&row.value)),
    };
    let said = TEXTS.fill(row.op.key(), &[("value", &value)]);
    TEXTS.fill("design.condition.row", &[("label", &label), ("said", &said)])
}

/// What a question is called in a list.
pub(super) fn called(subject: &Subject) -> String {
    let (label, row) = &subject.label;
    match row {
        None => label.clone(),
        Some(row) => TEXTS.fill("design.condition.of_row", &[("label", label), ("row", row)]),
    }
}

/// What a row's value is typed as.
pub(super) const fn hint(of: &Of) -> &'static str {
    match of {
        Of::One(_) | Of::Some(_) => "design.condition.value_choice",
        Of::Text => "design.condition.value_text",
        Of::Number | Of::Several => "design.condition.value_number",
        Of::Time => "design.condition.value_time",
        Of::Day => "design.condition.value_day",
        Of::Agreement | Of::Boxes => "design.condition.value_none",
    }
}
