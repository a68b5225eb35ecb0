//! The test cases stored with the form.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::{Problem, ProblemCode};
use crate::forms::definition::{Field, FieldKind, FileType, Mode, TestCase};
use crate::forms::{Answers, AttachedFile, Compiled, Context};

pub(super) fn check(form: &Compiled, found: &mut Vec<Problem>) {
    let procedure = form.procedure();
    if procedure.tests.is_empty() && procedure.mode != Mode::Download {
        found.push(Problem::warning("tests", ProblemCode::NoTest, ""));
    }
    for (n, case) in procedure.tests.iter().enumerate() {
        if let Some(difference) = run(form, case) {
            let detail = format!("{}: {difference}", case.name);
            found.push(Problem::error(&format!("tests[{n}]"), ProblemCode::TestFails, &detail));
        }
    }
}

/// A case that says of these answers what the checks say of them now: what was seen to be right is
/// kept, so that a later change cannot break it unnoticed (NF-22).
#[must_use]
pub fn recorded(form: &Compiled, name: &str, today: Date, answers: &Answers) -> TestCase {
    let files = made_up_files(form, answers);
    let checked = form.check_all(answers, &Context { files: &files, ..Context::on(today) });
    let faults = checked.faults.iter().map(|fault| format!("{}: {}", fault.input, fault.key()));
    let shown = shown(form, &checked.answers, today);
    let all = form.procedure().pages.iter().flat_map(|page| &page.fields);
    let hidden = all.filter(|field| !shown.contains(field.id.as_str()));
    TestCase {
        name: name.to_owned(),
        today,
        answers: answers.clone(),
        faults: faults.collect(),
        department: (!form.procedure().routing.is_empty())
            .then(|| form.department(&checked.answers, today).clone()),
        outcomes: None,
        hidden: hidden.map(|field| field.id.clone()).collect(),
    }
}

/// Ids of the fields that are shown.
fn shown<'f>(form: &'f Compiled, answers: &Answers, today: Date) -> BTreeSet<&'f str> {
    let pages = 0..form.procedure().pages.len();
    let fields = pages.flat_map(|page| form.visible_fields(page, answers, today));
    fields.map(|field| field.id.as_str()).collect()
}

/// What differs from the expectation; `None` when the case passes.
fn run(form: &Compiled, case: &TestCase) -> Option<String> {
    let files = made_up_files(form, &case.answers);
    let context = Context { files: &files, ..Context::on(case.today) };
    let checked = form.check_all(&case.answers, &context);
    let got: BTreeSet<String> =
        checked.faults.iter().map(|fault| format!("{}: {}", fault.input, fault.key())).collect();
    let expected: BTreeSet<String> = case.faults.iter().cloned().collect();
    if got != expected {
        let list =
            |set: &BTreeSet<String>, other| set.difference(other).cloned().collect::<Vec<_>>();
        return Some(format!("+{:?} -{:?}", list(&got, &expected), list(&expected, &got)));
    }
    let shown = shown(form, &checked.answers, case.today);
    if let Some(wanted) = &case.department {
        let department = form.department(&checked.answers, case.today);
        if department != wanted {
            return Some(format!("department {department}"));
        }
    }
    if let Some(wanted) = &case.outcomes {
        let outcomes = form.outcomes(&checked.answers, case.today);
        let got: Vec<&str> = outcomes.iter().map(|outcome| outcome.procedure.as_str()).collect();
        if got != *wanted {
            return Some(format!("outcomes {got:?}"));
        }
    }
    let seen =
        case.hidden.iter().find(|id| shown.contains(id.as_str()) || form.field(id).is_none());
    seen.map(|id| format!("{id} is shown"))
}

/// A small file of a kind the field takes for every attachment id of the case.
#[must_use]
pub fn made_up_files(form: &Compiled, answers: &Answers) -> Vec<AttachedFile> {
    let fields = form.procedure().pages.iter().flat_map(|page| &page.fields);
    fields
        .filter_map(|field| kind_of(field).map(|kind| (field, kind)))
        .flat_map(|(field, kind)| {
            answers.get(&field.id).unwrap_or(&[]).iter().map(move |id| AttachedFile {
                id: id.clone(),
                name: "sample".to_owned(),
                bytes: 1_000,
                kind: Some(kind),
                locked: false,
            })
        })
        .collect()
}

fn kind_of(field: &Field) -> Option<FileType> {
    let FieldKind::File(file) = &field.kind else { return None };
    Some(file.types.first().copied().unwrap_or(FileType::Pdf))
}
