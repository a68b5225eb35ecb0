//! What an application costs, as its answers say (手数料).

use super::Answers;
use super::definition::{Field, FieldKind, Procedure};

/// The questions that charge something.
pub fn questions(procedure: &Procedure) -> impl Iterator<Item = &Field> {
    let fields = procedure.pages.iter().flat_map(|page| &page.fields);
    fields.filter(|field| matches!(field.kind, FieldKind::Fee(_)))
}

/// What these answers come to over all questions, in whole yen; 0 when nothing is charged.
#[must_use]
pub fn owed(procedure: &Procedure, answers: &Answers) -> u64 {
    let sums = questions(procedure).filter_map(|field| answers.first(&field.id));
    sums.filter_map(|sum| sum.parse::<u64>().ok()).fold(0, u64::saturating_add)
}
