//! A second look at the answers with the rules of the form: what was sent may
//! come from a zone that was broken into, or from rules that were changed by
//! mistake. Nothing is refused for it; staff see which fields to look at again.

use std::collections::BTreeSet;

use domain::calendar::{date_in_japan, time_in_japan};
use domain::forms::definition::{Field, FieldKind};
use domain::forms::{Answers, AttachedFile, Compiled, Context, inputs};
use jiff::Timestamp;
use lgwan_zone_store::applications::rows::Attachment;

/// Fields whose answers do not hold, and those that should not have one.
pub(super) fn of(
    form: &Compiled,
    answers: &Answers,
    files: &[Attachment],
    at: Timestamp,
) -> BTreeSet<String> {
    look(form, answers, files, (at, at), &BTreeSet::new())
}

/// The same of the answers after a correction. What was open is looked at as of when it was corrected; what was
/// not may have been good when the application was sent, or have become so by an earlier correction.
pub(super) fn of_correction(
    form: &Compiled,
    (before, after): (&Answers, &Answers),
    files: &[Attachment],
    (sent, corrected): (Timestamp, Timestamp),
    open: &BTreeSet<String>,
) -> BTreeSet<String> {
    let own = form.kept_slots(before, after);
    let then = look(form, after, files, (sent, sent), &own);
    let mut doubts = look(form, after, files, (sent, corrected), &own);
    doubts.retain(|field| open.contains(field) || then.contains(field));
    doubts
}

fn look(
    form: &Compiled,
    answers: &Answers,
    files: &[Attachment],
    (sent, now): (Timestamp, Timestamp),
    own: &BTreeSet<String>,
) -> BTreeSet<String> {
    let files: Vec<AttachedFile> = files.iter().map(Attachment::checked).collect();
    let context =
        Context { files: &files, now: time_in_japan(now), own, ..Context::on(date_in_japan(sent)) };
    let checked = form.check_all(answers, &context);
    let faulty = checked.faults.iter().map(|fault| fault.field.clone());
    let unasked = answers
        .iter()
        .map(|(input, _)| input)
        .filter(|input| checked.answers.get(input).is_none())
        .map(|input| inputs::field_of(input).to_owned());
    // What was calculated over there must be what the answers come to here.
    let other = answers.iter().filter(|(input, values)| {
        let calculated = form.field_storing(input).is_some_and(is_calculated);
        calculated && checked.answers.get(input) != Some(values)
    });
    let other = other.map(|(input, _)| inputs::field_of(input).to_owned());
    faulty.chain(unasked).chain(other).collect()
}

fn is_calculated(field: &Field) -> bool {
    matches!(field.kind, FieldKind::Calc(_) | FieldKind::Fee(_))
}
