//! The two passes over one page.

use std::collections::{BTreeMap, BTreeSet};

use super::reader::Reader;
use super::{Checked, Code, Context, Fault, SHOWN};
use super::{
    address, bank, choice, contact, corporate, date, file, lookup, matrix, name, number, rows,
    slot, text, time,
};
use crate::forms::compiled::CompiledField;
use crate::forms::definition::{Field, FieldKind};
use crate::forms::expr::{Expr, Scope};
use crate::forms::{Answers, Compiled, Seen, inputs};

/// What the first look found wrong.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// By slot.
    pub(super) faults: Vec<(usize, Fault)>,
    /// By slot of a group: for each of its rows, by slot in the row.
    pub(super) rows: BTreeMap<usize, Vec<Vec<(usize, Fault)>>>,
}

/// The fields of a page or of a row that are judged together.
pub(super) type Fields<'f> = Vec<(usize, &'f Field, &'f CompiledField)>;

impl Compiled {
    /// Checks a page whose earlier pages are in `all` and `seen`; both grow by this page. With
    /// `only`, other fields are taken as they stand in `all` and are neither read nor judged.
    pub(in crate::forms) fn check_onto(
        &self,
        page: usize,
        all: &mut Answers,
        seen: &mut Seen,
        raw: &Answers,
        context: &Context<'_>,
        only: Option<&BTreeSet<String>>,
    ) -> Checked {
        let mut checked = Checked::default();
        let Some(slots) = self.pages.get(page).map(|page| page.slots.clone()) else {
            return checked;
        };
        let applies = self.page_applies(page, all, seen, context.today);
        let judged = |field: &Field| only.is_none_or(|only| only.contains(&field.id));
        let mut found = Found::default();

        for slot in slots.clone() {
            let (field, compiled) = (self.field_at(slot), &self.fields[slot]);
            let shown = applies && self.applies(slot, all, seen, context.today);
            if shown && judged(field) {
                let scope = Scope { answers: all, seen, today: context.today, outer: None };
                let answers = read_one((slot, field, compiled), raw, context, &scope, &mut found);
                all.overlay(&answers);
                checked.answers.overlay(&answers);
            }
            seen.enter(field, compiled, shown, (all, context.today, None));
            if let Some(made) = seen.made(slot).filter(|_| judged(field)) {
                all.overlay(made);
                checked.answers.overlay(made);
            }
        }

        let scope = Scope { answers: all, seen, today: context.today, outer: None };
        let shown = slots.filter(|slot| seen.is_shown(*slot));
        let shown: Fields<'_> = shown
            .map(|slot| (slot, self.field_at(slot), &self.fields[slot]))
            .filter(|(_, field, _)| judged(field))
            .collect();
        let around = Around::default();
        checked.revealed = judge_all(&shown, (&scope, raw, context), &mut found, &around);
        let mut faults = found.faults;
        file::total(self.procedure(), page, &scope, context, &mut faults);
        faults.retain(|(slot, _)| judged(self.field_at(*slot)));
        faults.sort_by_key(|(slot, _)| *slot);
        checked.faults = faults.into_iter().map(|(_, fault)| fault).collect();
        checked
    }
}

/// The first look at one field: its answers as they are stored, and what cannot be read.
pub(super) fn read_one(
    (slot, field, compiled): (usize, &Field, &CompiledField),
    raw: &Answers,
    context: &Context<'_>,
    scope: &Scope<'_>,
    found: &mut Found,
) -> Answers {
    if let Some(repeat) = field.repeat() {
        return rows::read((slot, field, repeat, compiled), raw, context, scope, found);
    }
    let mut reader = Reader::new(field, raw);
    read(compiled, &mut reader, context, scope);
    found.faults.extend(reader.faults.into_iter().map(|fault| (slot, fault)));
    reader.answers
}

/// Where fields are judged: the form, or a row of a group with what is faulty around it.
#[derive(Debug, Default)]
pub(super) struct Around<'a> {
    /// Id of the group, in a row.
    pub(super) group: Option<&'a str>,
    /// Ids of the fields of the form with a fault.
    pub(super) faulty: BTreeSet<String>,
}

impl Around<'_> {
    /// Whether an input an expression uses belongs to one of `faulty`, or is faulty around.
    fn waits(&self, input: &str, faulty: &BTreeSet<String>) -> bool {
        let own = match self.group {
            Some(group) => input.strip_prefix(group).and_then(|rest| rest.strip_prefix('.')),
            None => Some(input),
        };
        match own {
            Some(own) => faulty.contains(inputs::field_of(own)),
            None => self.faulty.contains(inputs::field_of(input)),
        }
    }
}

/// The second look: what is missing, limits, rules. Gives the names of what was revealed.
pub(super) fn judge_all(
    shown: &Fields<'_>,
    (scope, raw, context): (&Scope<'_>, &Answers, &Context<'_>),
    found: &mut Found,
    around: &Around<'_>,
) -> Vec<String> {
    let mut revealed = Vec::new();
    for (slot, field, compiled) in shown.iter().copied() {
        // An exit is told at once: there is nothing to fill in.
        if is_revealed(field, raw) && !matches!(field.kind, FieldKind::Exit(_)) {
            revealed.push(field.id.clone());
            continue;
        }
        let known = found.faults.iter().filter(|(s, _)| *s == slot).map(|(_, f)| f.input.clone());
        let mut judge = Judge { field, scope: *scope, faulty: known.collect(), faults: Vec::new() };
        judge_one(compiled, &mut judge, context);
        found.faults.extend(judge.faults.into_iter().map(|fault| (slot, fault)));
        if let Some(repeat) = field.repeat() {
            let around = Around { group: Some(&field.id), faulty: faulty(shown, found, around) };
            let group = (slot, field, repeat, compiled);
            revealed.extend(rows::judge(group, (scope, raw, context), found, &around));
        }
    }
    let faulty = faulty(shown, found, around);
    for (slot, field, compiled) in shown.iter().copied() {
        let waits = |rule: &Expr| rule.inputs().iter().any(|input| around.waits(input, &faulty));
        let is_fee = matches!(field.kind, FieldKind::Fee(_));
        if is_fee && !scope.answers.answered(&field.id) && !compiled.worth().any(waits) {
            found.faults.push((slot, Fault::new(field, &field.id, Code::FeeUnknown, &[])));
            continue;
        }
        if !faulty.contains(&field.id)
            && let Some(fault) = broken_rule(field, compiled, scope, waits)
        {
            found.faults.push((slot, fault));
        }
    }
    revealed
}

/// Ids of the fields with a fault, and of what is calculated from them.
fn faulty(shown: &Fields<'_>, found: &Found, around: &Around<'_>) -> BTreeSet<String> {
    let mut faulty: BTreeSet<String> = BTreeSet::new();
    for (slot, field, compiled) in shown {
        let mut value = compiled.worth().flat_map(Expr::inputs);
        let rows = found.rows.get(slot).into_iter().flatten();
        let wrong = found.faults.iter().any(|(s, _)| s == slot)
            || rows.into_iter().any(|row| !row.is_empty())
            || value.any(|input| around.waits(input, &faulty));
        if wrong {
            faulty.insert(field.id.clone());
        }
    }
    faulty
}

fn read(
    compiled: &CompiledField,
    reader: &mut Reader<'_>,
    context: &Context<'_>,
    scope: &Scope<'_>,
) {
    match &reader.field.kind {
        FieldKind::Text(kind) => text::read_line(reader, kind, compiled.pattern.as_ref()),
        FieldKind::Textarea(kind) => text::read_lines(reader, kind),
        FieldKind::Number(kind) => number::read(reader, kind),
        FieldKind::Date(kind) => date::read(reader, kind),
        FieldKind::Month(_) => date::read_month(reader),
        FieldKind::Time(kind) => time::read(reader, kind),
        FieldKind::Name(kind) => name::read(reader, kind),
        FieldKind::Address(kind) => address::read(reader, kind),
        FieldKind::Phone(_) => contact::read_phone(reader),
        FieldKind::Email(_) => contact::read_email(reader),
        FieldKind::CorporateNumber(_) => corporate::read(reader),
        FieldKind::Bank(_) => bank::read(reader),
        FieldKind::Choice(_) => choice::read_one(reader),
        FieldKind::Multi(kind) => choice::read_some(reader, kind),
        FieldKind::Matrix(kind) => matrix::read(reader, kind),
        FieldKind::Lookup(kind) => lookup::read(reader, kind, compiled, scope),
        FieldKind::File(kind) => file::read(reader, kind, context),
        FieldKind::Consent(_) => choice::read_consent(reader),
        FieldKind::Slot(_) => slot::read(reader, compiled),
        // Nothing is typed here, and rows are read one by one.
        FieldKind::Calc(_)
        | FieldKind::Fee(_)
        | FieldKind::Repeat(_)
        | FieldKind::Exit(_)
        | FieldKind::Content(_) => {}
    }
}

fn judge_one(compiled: &CompiledField, judge: &mut Judge<'_>, context: &Context<'_>) {
    let required = compiled.needed(&judge.scope);
    let (low, high) = (compiled.low.as_ref(), compiled.high.as_ref());
    match &judge.field.kind {
        FieldKind::Name(kind) => name::complete(judge, kind, required),
        FieldKind::Address(_) => address::complete(judge, required),
        FieldKind::Bank(kind) => bank::complete(judge, kind, required),
        FieldKind::Choice(_) | FieldKind::Multi(_) => {
            judge.need(required, Code::RequiredChoice);
            choice::offered(compiled, judge, context);
            choice::written(judge);
        }
        FieldKind::Date(_) => {
            judge.need(required, Code::RequiredDate);
            date::limits(judge, (low, high), context.now.date());
        }
        FieldKind::Month(_) => {
            judge.need(required, Code::RequiredMonth);
            date::month_limits(judge, (low, high), context.now.date());
        }
        FieldKind::Time(_) => {
            judge.need(required, Code::Required);
            time::limits(judge, low, high);
        }
        FieldKind::Slot(_) => {
            judge.need(required, Code::RequiredSlot);
            slot::offered(compiled, judge, context);
        }
        FieldKind::Matrix(kind) => matrix::complete(judge, kind, required),
        FieldKind::Number(_) => {
            judge.need(required, Code::Required);
            number::limits(judge, low, high);
        }
        FieldKind::File(_) => judge.need(required, Code::RequiredFile),
        FieldKind::Consent(_) => judge.need(required, Code::RequiredConsent),
        FieldKind::Text(_)
        | FieldKind::Textarea(_)
        | FieldKind::Phone(_)
        | FieldKind::Email(_)
        | FieldKind::CorporateNumber(_)
        | FieldKind::Lookup(_) => judge.need(required, Code::Required),
        FieldKind::Repeat(repeat) => rows::count(judge, repeat, required),
        FieldKind::Exit(_) => {
            let id = &judge.field.id;
            judge.fault(id, Code::EndsHere, &[]);
        }
        FieldKind::Calc(_) | FieldKind::Fee(_) | FieldKind::Content(_) => {}
    }
}

/// The first rule of a field that does not hold. A rule over an answer that has a fault of its
/// own waits until that is mended.
fn broken_rule(
    field: &Field,
    compiled: &CompiledField,
    scope: &Scope<'_>,
    waits: impl Fn(&Expr) -> bool,
) -> Option<Fault> {
    if !inputs::stored(field).iter().any(|input| scope.answers.answered(input)) {
        return None;
    }
    let mut rules = compiled.rules.iter().zip(&field.checks);
    let (_, written) = rules.find(|(rule, _)| !waits(rule) && !rule.holds(scope))?;
    let message = [("message", written.message.ja().to_owned())];
    Some(Fault::new(field, &field.id, Code::Rule, &message))
}

/// Whether the page that was sent did not have this field yet.
fn is_revealed(field: &Field, raw: &Answers) -> bool {
    match raw.get(SHOWN) {
        Some(rendered) => !rendered.contains(&field.id),
        None => false,
    }
}

/// The second look at one field.
pub(super) struct Judge<'j> {
    pub(super) field: &'j Field,
    pub(super) scope: Scope<'j>,
    /// Inputs of the field that could not be read.
    pub(super) faulty: BTreeSet<String>,
    pub(super) faults: Vec<Fault>,
}

impl Judge<'_> {
    pub(super) fn fault(&mut self, input: &str, code: Code, args: &[(&'static str, String)]) {
        self.faults.push(Fault::new(self.field, input, code, args));
    }

    /// A fault when an answer is needed and there is none, unless the input is faulty already.
    pub(super) fn need(&mut self, required: bool, code: Code) {
        let id = &self.field.id;
        if required && !self.scope.answers.answered(id) && self.faulty.is_empty() {
            self.faults.push(Fault::new(self.field, id, code, &[]));
        }
    }
}
