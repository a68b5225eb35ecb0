//! The two passes over one page.

use std::collections::BTreeSet;

use super::reader::Reader;
use super::{Checked, Code, Context, Fault, SHOWN};
use super::{address, choice, contact, date, file, name, number, text};
use crate::forms::definition::{Field, FieldKind};
use crate::forms::expr::{Expr, Scope};
use crate::forms::{Answers, Compiled, inputs};

impl Compiled {
    /// Checks a page whose earlier pages are in `all` and `shown`; both grow by this page. With
    /// `only`, other fields are taken as they stand in `all` and are neither read nor judged.
    pub(in crate::forms) fn check_onto(
        &self,
        page: usize,
        all: &mut Answers,
        shown: &mut Vec<bool>,
        raw: &Answers,
        context: &Context<'_>,
        only: Option<&BTreeSet<String>>,
    ) -> Checked {
        let mut checked = Checked::default();
        let Some(slots) = self.pages.get(page).map(|page| page.slots.clone()) else {
            return checked;
        };
        let scope = Scope { answers: all, shown, today: context.today };
        let applies = self.page_applies(page, &scope);
        let judged = |field: &Field| only.is_none_or(|only| only.contains(&field.id));
        let mut faults: Vec<(usize, Fault)> = Vec::new();

        for slot in slots.clone() {
            let scope = Scope { answers: all, shown, today: context.today };
            let is_shown = applies && self.field_applies(slot, &scope);
            shown.push(is_shown);
            let field = self.field_at(slot);
            if !is_shown || !judged(field) {
                continue;
            }
            let mut reader = Reader::new(field, raw);
            self.read(slot, &mut reader, context);
            faults.extend(reader.faults.into_iter().map(|fault| (slot, fault)));
            all.overlay(&reader.answers);
            checked.answers.overlay(&reader.answers);
        }

        let scope = Scope { answers: all, shown, today: context.today };
        let visible: Vec<usize> =
            slots.filter(|slot| shown[*slot] && judged(self.field_at(*slot))).collect();
        for slot in visible.iter().copied() {
            let field = self.field_at(slot);
            if is_revealed(field, raw) {
                checked.revealed.push(field.id.clone());
                continue;
            }
            let known = faults.iter().filter(|(s, _)| *s == slot).map(|(_, f)| f.input.clone());
            let mut judge = Judge { field, scope, faulty: known.collect(), faults: Vec::new() };
            self.judge(slot, &mut judge, context);
            faults.extend(judge.faults.into_iter().map(|fault| (slot, fault)));
        }
        let faulty: BTreeSet<usize> = faults.iter().map(|(slot, _)| *slot).collect();
        for slot in visible {
            let broken = self.broken_rule(slot, &scope, &faulty);
            faults.extend(broken.map(|fault| (slot, fault)));
        }
        file::total(self.procedure(), page, &scope, context, &mut faults);
        faults.retain(|(slot, _)| judged(self.field_at(*slot)));
        faults.sort_by_key(|(slot, _)| *slot);
        checked.faults = faults.into_iter().map(|(_, fault)| fault).collect();
        checked
    }

    fn read(&self, slot: usize, reader: &mut Reader<'_>, context: &Context<'_>) {
        match &reader.field.kind {
            FieldKind::Text(kind) => {
                text::read_line(reader, kind, self.fields[slot].pattern.as_ref())
            }
            FieldKind::Textarea(kind) => text::read_lines(reader, kind),
            FieldKind::Number(kind) => number::read(reader, kind),
            FieldKind::Date(_) => date::read(reader),
            FieldKind::Name(kind) => name::read(reader, kind),
            FieldKind::Address(kind) => address::read(reader, kind),
            FieldKind::Phone(_) => contact::read_phone(reader),
            FieldKind::Email(_) => contact::read_email(reader),
            FieldKind::Choice(_) => choice::read_one(reader),
            FieldKind::Multi(kind) => choice::read_some(reader, kind),
            FieldKind::File(kind) => file::read(reader, kind, context),
            FieldKind::Consent(_) => choice::read_consent(reader),
            FieldKind::Content(_) => {}
        }
    }

    fn judge(&self, slot: usize, judge: &mut Judge<'_>, context: &Context<'_>) {
        let required = self.needed(slot, &judge.scope);
        match &judge.field.kind {
            FieldKind::Name(kind) => name::complete(judge, kind, required),
            FieldKind::Address(_) => address::complete(judge, required),
            FieldKind::Choice(_) | FieldKind::Multi(_) => {
                judge.need(required, Code::RequiredChoice);
                choice::offered(self, slot, judge, context);
            }
            FieldKind::Date(_) => {
                judge.need(required, Code::RequiredDate);
                date::limits(
                    judge,
                    self.fields[slot].low.as_ref(),
                    self.fields[slot].high.as_ref(),
                );
            }
            FieldKind::Number(_) => {
                judge.need(required, Code::Required);
                number::limits(
                    judge,
                    self.fields[slot].low.as_ref(),
                    self.fields[slot].high.as_ref(),
                );
            }
            FieldKind::File(_) => judge.need(required, Code::RequiredFile),
            FieldKind::Consent(_) => judge.need(required, Code::RequiredConsent),
            FieldKind::Text(_)
            | FieldKind::Textarea(_)
            | FieldKind::Phone(_)
            | FieldKind::Email(_) => {
                judge.need(required, Code::Required);
            }
            FieldKind::Content(_) => {}
        }
    }

    /// The first rule of a field that does not hold. A rule over an answer that has a fault of its
    /// own waits until that is mended.
    fn broken_rule(
        &self,
        slot: usize,
        scope: &Scope<'_>,
        faulty: &BTreeSet<usize>,
    ) -> Option<Fault> {
        let field = self.field_at(slot);
        let answered = inputs::stored(field).iter().any(|input| scope.answers.answered(input));
        if faulty.contains(&slot) || !answered {
            return None;
        }
        let waits = |rule: &Expr| {
            let slots = rule.inputs().iter().filter_map(|i| self.slot(inputs::field_of(i)));
            slots.into_iter().any(|slot| faulty.contains(&slot))
        };
        let rules = self.fields[slot].rules.iter().zip(&field.checks);
        let (_, written) =
            rules.into_iter().find(|(rule, _)| !waits(rule) && !rule.holds(scope))?;
        let message = [("message", written.message.ja().to_owned())];
        Some(Fault::new(field, &field.id, Code::Rule, &message))
    }
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
