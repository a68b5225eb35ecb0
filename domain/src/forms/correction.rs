//! Corrections: only the flagged fields are open, conditions see the other answers (NF-34).
//!
//! Flagged are field ids. What appears, vanishes or becomes required with a flagged answer is open
//! too, else the applicant could be asked for something that cannot be given.
//!
//! `sent_on` is the day in Japan the application was sent on. What hangs on `today()` is judged by
//! it in every correction: a birthday in between closes no form and hides no answer (0127).

use std::collections::BTreeSet;

use jiff::civil::Date;

use crate::forms::check::pool;
use crate::forms::compiled::{CompiledField, Needed};
use crate::forms::definition::{Field, FieldKind, Page};
use crate::forms::expr::Expr;
use crate::forms::{Answers, Checked, Compiled, Context, Seen, inputs};

impl Compiled {
    /// Flagged fields and those whose being shown, required or offered hangs on them.
    #[must_use]
    pub fn correctable(&self, flagged: &BTreeSet<String>) -> BTreeSet<String> {
        let mut open: BTreeSet<String> =
            flagged.iter().filter(|id| self.slot(id).is_some()).cloned().collect();
        loop {
            let before = open.len();
            for slot in 0..self.fields.len() {
                let hangs = self.conditions(slot).any(|expr| refers_to(expr, &open));
                if hangs {
                    open.insert(self.field_at(slot).id.clone());
                }
            }
            if open.len() == before {
                return open;
            }
        }
    }

    /// Answers a correction needs to see beside the open ones: what their conditions, limits, rules
    /// and seats refer to, and nothing else.
    #[must_use]
    pub fn correction_context(&self, flagged: &BTreeSet<String>, answers: &Answers) -> Answers {
        let open = self.correctable(flagged);
        let mut needed: BTreeSet<&str> = BTreeSet::new();
        // Of the open fields every expression counts, of the others what decides on being shown.
        let slots = || open.iter().filter_map(|id| self.slot(id));
        let mut look: Vec<&Expr> =
            slots().flat_map(|slot| self.conditions(slot).chain(self.judgements(slot))).collect();
        look.extend(slots().flat_map(|slot| self.reached_by(slot)));
        // Seats that may be chosen now, and seats held that another answer weighs.
        let is_open =
            |pool: &str| pool.split_once('.').is_some_and(|(field, _)| open.contains(field));
        let weights = self.units.iter();
        let weights = weights.filter(|(pool, expr)| is_open(pool) || refers_to(expr, &open));
        look.extend(weights.map(|(_, expr)| expr));
        while let Some(expr) = look.pop() {
            for input in expr.inputs() {
                if needed.insert(input)
                    && let Some(slot) = self.slot(inputs::field_of(input))
                {
                    look.extend(self.reached_by(slot).chain(self.fields[slot].worth()));
                    if let Some(inner) = self.inner(slot, input) {
                        look.extend(inner.when.iter().chain(inner.worth()));
                    }
                }
            }
        }
        let wanted = |input: &str| {
            let row = || inputs::without_key(input).is_some_and(|name| needed.contains(&*name));
            needed.contains(input) || row()
        };
        let mut context = answers.clone();
        context.retain(|input| wanted(input) && !open.contains(inputs::field_of(input)));
        context
    }

    /// Open fields that are shown, page by page. `answers` are the context with the present
    /// answers of the open fields over it.
    #[must_use]
    pub fn correction_pages(
        &self,
        flagged: &BTreeSet<String>,
        answers: &Answers,
        sent_on: Date,
    ) -> Vec<(&Page, Vec<&Field>)> {
        let open = self.correctable(flagged);
        let seen = self.seen(answers, sent_on);
        let pages = self.procedure().pages.iter().zip(&self.pages);
        pages
            .map(|(page, compiled)| {
                let slots = compiled.slots.clone().filter(|slot| seen.is_shown(*slot));
                let fields = slots.map(|slot| self.field_at(slot)).filter(|f| open.contains(&f.id));
                (page, fields.collect::<Vec<_>>())
            })
            .filter(|(_, fields)| !fields.is_empty())
            .collect()
    }

    /// Checks the corrected fields only. `others` are the answers of [`Self::correction_context`],
    /// `today` of the context is the day of sending.
    /// The result holds nothing but inputs of open fields.
    #[must_use]
    pub fn check_correction(
        &self,
        flagged: &BTreeSet<String>,
        others: &Answers,
        raw: &Answers,
        context: &Context<'_>,
    ) -> Checked {
        let open = self.correctable(flagged);
        let mut all = others.clone();
        all.retain(|input| !open.contains(inputs::field_of(input)));
        let mut seen = Seen::default();
        let mut result = Checked::default();
        for page in 0..self.pages.len() {
            let checked = self.check_onto(page, &mut all, &mut seen, raw, context, Some(&open));
            result.answers.overlay(&checked.answers);
            result.faults.extend(checked.faults);
            result.revealed.extend(checked.revealed);
        }
        result
    }

    /// The whole answers after a correction: open inputs replaced, what is now hidden dropped.
    #[must_use]
    pub fn corrected(
        &self,
        original: &Answers,
        flagged: &BTreeSet<String>,
        newer: &Answers,
        sent_on: Date,
    ) -> Answers {
        let open = self.correctable(flagged);
        let mut all = original.clone();
        all.retain(|input| !open.contains(inputs::field_of(input)));
        for (input, values) in newer.iter().filter(|(i, _)| open.contains(inputs::field_of(i))) {
            all.put(input, values.to_vec());
        }
        let seen = self.seen(&all, sent_on);
        let slot = |input: &str| self.slot(inputs::field_of(input));
        all.retain(|input| slot(input).is_some_and(|slot| seen.is_shown(slot)));
        for slot in 0..self.fields.len() {
            if let Some(made) = seen.made(slot) {
                inputs::stored(self.field_at(slot)).iter().for_each(|input| {
                    all.remove(input);
                });
                all.overlay(made);
            }
        }
        all
    }

    /// Pools of the days and times that were chosen before and still are: a correction keeps them, though they
    /// may be past by then.
    #[must_use]
    pub fn kept_slots(&self, before: &Answers, after: &Answers) -> BTreeSet<String> {
        let kept = after.iter().filter(|(input, values)| before.get(input) == Some(values));
        let slots = kept.filter(|(input, _)| self.openings(input).is_some());
        slots.flat_map(|(id, codes)| codes.iter().map(move |code| pool(id, code))).collect()
    }

    /// Seats of a pool that the answers after a correction take (NF-49); `None` when no open field
    /// decides how many: they stay what they were.
    #[must_use]
    pub fn reweighed(
        &self,
        flagged: &BTreeSet<String>,
        answers: &Answers,
        pool: &str,
        sent_on: Date,
    ) -> Option<u32> {
        let hangs = refers_to(self.units.get(pool)?, &self.correctable(flagged));
        hangs.then(|| self.units(pool, answers, sent_on))
    }

    /// The open question that decides how many seats of a pool are taken; behind a calculated value
    /// the one it is worked out of.
    #[must_use]
    pub fn weighed_by(&self, flagged: &BTreeSet<String>, pool: &str) -> Option<&Field> {
        let open = self.correctable(flagged);
        let mut look = vec![self.units.get(pool)?];
        let mut looked = BTreeSet::new();
        while let Some(expr) = look.pop() {
            for id in expr.inputs().iter().map(|input| inputs::field_of(input)) {
                let Some(slot) = self.slot(id).filter(|_| open.contains(id)) else { continue };
                if !looked.insert(slot) {
                    continue;
                }
                if self.fields[slot].worth().next().is_none() {
                    return Some(self.field_at(slot));
                }
                look.extend(self.fields[slot].worth());
            }
        }
        None
    }

    /// The field of a row that an expression names as `group.field`.
    fn inner(&self, slot: usize, input: &str) -> Option<&CompiledField> {
        let (_, name) = input.split_once('.')?;
        let fields = &self.field_at(slot).repeat()?.fields;
        let place = fields.iter().position(|field| field.id == inputs::field_of(name))?;
        self.fields[slot].row.get(place)
    }

    /// Expressions that decide whether a field is shown.
    pub(super) fn shown_by(&self, slot: usize) -> impl Iterator<Item = &Expr> {
        let field = &self.fields[slot];
        self.pages[field.at.0].when.iter().chain(&field.when)
    }

    /// The same, and those of the exits before it: behind one that is shown nothing is.
    fn reached_by(&self, slot: usize) -> impl Iterator<Item = &Expr> {
        let is_exit = |slot: &usize| matches!(self.field_at(*slot).kind, FieldKind::Exit(_));
        let exits = (0..slot).filter(is_exit);
        exits.chain([slot]).flat_map(|slot| self.shown_by(slot))
    }

    /// A field's being shown or required, what it offers, or what is calculated; in its rows too.
    fn conditions(&self, slot: usize) -> impl Iterator<Item = &Expr> {
        let field = &self.fields[slot];
        let rows = field.row.iter().flat_map(|inner| inner.when.iter().chain(inner.states()));
        self.shown_by(slot).chain(field.states()).chain(rows)
    }

    /// Expressions that judge the answer.
    fn judgements(&self, slot: usize) -> impl Iterator<Item = &Expr> {
        let field = &self.fields[slot];
        field.judgements().chain(field.row.iter().flat_map(CompiledField::judgements))
    }
}

impl CompiledField {
    fn states(&self) -> impl Iterator<Item = &Expr> {
        let required = match &self.required {
            Needed::When(expr) => Some(expr),
            Needed::Always | Needed::Never => None,
        };
        required.into_iter().chain(self.options.iter().flatten()).chain(self.worth())
    }

    fn judgements(&self) -> impl Iterator<Item = &Expr> {
        self.rules.iter().chain(&self.low).chain(&self.high)
    }
}

fn refers_to(expr: &Expr, fields: &BTreeSet<String>) -> bool {
    expr.inputs().iter().any(|input| fields.contains(inputs::field_of(input)))
}
