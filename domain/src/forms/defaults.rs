//! What stands in a question before anybody answered it.
//!
//! It is drawn into the page and counts once it was sent: a question that was not shown has no answer.

use jiff::civil::Date;

use crate::forms::check::Context;
use crate::forms::compiled::CompiledField;
use crate::forms::definition::{Field, FieldKind};
use crate::forms::expr::Scope;
use crate::forms::{Answers, Compiled, Seen, inputs};

/// Whether a question may have one: whose answer is one value.
#[must_use]
pub const fn takes_default(kind: &FieldKind) -> bool {
    matches!(
        kind,
        FieldKind::Text(_)
            | FieldKind::Textarea(_)
            | FieldKind::Number(_)
            | FieldKind::Date(_)
            | FieldKind::Month(_)
            | FieldKind::Time(_)
            | FieldKind::Choice(_)
            | FieldKind::Multi(_)
    )
}

impl Compiled {
    /// The answers from which a page is drawn: what nobody has answered yet on it, in its rows too, has
    /// its default. They are not saved before they are sent.
    #[must_use]
    pub fn with_defaults(&self, page: usize, answers: &Answers, today: Date) -> Answers {
        let mut all = answers.clone();
        let Some(slots) = self.pages.get(page).map(|page| page.slots.clone()) else { return all };
        let mut seen = self.seen_before(page, answers, today);
        let applies = self.page_applies(page, answers, &seen, today);
        for slot in slots {
            let (field, compiled) = (self.field_at(slot), &self.fields[slot]);
            let shown = applies && self.applies(slot, &all, &seen, today);
            if shown {
                put(field, compiled, &mut all);
                rows(field, compiled, &mut all, &seen, today);
            }
            seen.enter(field, compiled, shown, (&all, today, None));
        }
        all
    }

    /// Places of defaults that are no answer to their question, with the default.
    pub(super) fn broken_defaults(&self) -> Vec<(String, String)> {
        let mut broken = Vec::new();
        for (p, page) in self.procedure().pages.iter().enumerate() {
            for (f, field) in page.fields.iter().enumerate() {
                let at = format!("pages[{p}].fields[{f}]");
                let slot = self.pages[p].slots.start + f;
                let compiled = &self.fields[slot];
                let rows = field.repeat().map_or(&[][..], |repeat| &repeat.fields);
                let rows = rows.iter().zip(&compiled.row).enumerate();
                let rows = rows.map(|(n, one)| (format!("{at}.kind.fields[{n}]"), one));
                for (at, (field, compiled)) in rows.chain([(at.clone(), (field, compiled))]) {
                    let Some(default) = &field.default else { continue };
                    if !takes_default(&field.kind) || read(field, compiled, default).is_none() {
                        broken.push((at, default.clone()));
                    }
                }
            }
        }
        broken
    }
}

/// A default as an answer holds it; `None` when it is none.
fn read(field: &Field, compiled: &CompiledField, default: &str) -> Option<Answers> {
    let raw = Answers::from([(field.id.as_str(), default)]);
    let today = Date::constant(2026, 4, 1);
    let (none, seen) = (Answers::new(), Seen::default());
    let scope = Scope { answers: &none, seen: &seen, today, outer: None };
    crate::forms::check::read((field, compiled), &raw, &Context::on(today), &scope)
}

fn put(field: &Field, compiled: &CompiledField, answers: &mut Answers) {
    // What was typed in parts and did not read is something, too.
    let touched = answers.iter().any(|(input, _)| inputs::field_of(input) == field.id);
    let default = field.default.as_ref().filter(|_| !touched);
    if let Some(default) = default.and_then(|default| read(field, compiled, default)) {
        answers.overlay(&default);
    }
}

/// The same in the rows of a group; those that are drawn blank get their defaults with their keys.
fn rows(group: &Field, compiled: &CompiledField, all: &mut Answers, seen: &Seen, today: Date) {
    let Some(repeat) = group.repeat() else { return };
    if repeat.fields.iter().all(|field| field.default.is_none()) {
        return;
    }
    if !all.shown(&group.id) {
        let scope = Scope { answers: all, seen, today, outer: None };
        let least = if compiled.needed(&scope) { repeat.min.max(1) } else { repeat.min };
        all.put(&group.id, (1..=least).map(|n| n.to_string()).collect());
    }
    for key in inputs::row_keys(all.get(&group.id).unwrap_or(&[])) {
        let mut row = all.row(&group.id, &key);
        for (field, compiled) in repeat.fields.iter().zip(&compiled.row) {
            put(field, compiled, &mut row);
        }
        all.put_row(&group.id, &key, &row);
    }
}
