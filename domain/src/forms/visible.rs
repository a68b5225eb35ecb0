//! What is shown: pages and fields whose conditions hold.

use jiff::civil::Date;

use crate::forms::compiled::Needed;
use crate::forms::definition::{ChoiceOption, Field, Page};
use crate::forms::expr::Scope;
use crate::forms::{Answers, Compiled, inputs};

impl Compiled {
    /// Pages that apply, with their index, in order. A page without anything to show does not.
    #[must_use]
    pub fn visible_pages(&self, answers: &Answers, today: Date) -> Vec<(usize, &Page)> {
        let shown = self.shown(answers, today);
        let pages = self.procedure().pages.iter().enumerate();
        pages.filter(|(n, _)| shown[self.pages[*n].slots.clone()].contains(&true)).collect()
    }

    /// Fields of a page that apply, in order; none for a page that does not exist or apply.
    #[must_use]
    pub fn visible_fields(&self, page: usize, answers: &Answers, today: Date) -> Vec<&Field> {
        let shown = self.shown(answers, today);
        let slots = self.pages.get(page).map_or(0..0, |page| page.slots.clone());
        slots.filter(|slot| shown[*slot]).map(|slot| self.field_at(slot)).collect()
    }

    /// Whether an answer is needed now: decides between 必須 and 任意.
    #[must_use]
    pub fn is_required(&self, field: &Field, answers: &Answers, today: Date) -> bool {
        let shown = self.shown(answers, today);
        let scope = Scope { answers, shown: &shown, today };
        self.slot(&field.id).is_some_and(|slot| self.needed(slot, &scope))
    }

    pub(super) fn needed(&self, slot: usize, scope: &Scope<'_>) -> bool {
        match &self.fields[slot].required {
            Needed::Always => true,
            Needed::Never => false,
            Needed::When(expr) => expr.holds(scope),
        }
    }

    /// Options of a choice or multi field that are offered now; empty for other kinds.
    #[must_use]
    pub fn offered<'a>(
        &self,
        field: &'a Field,
        answers: &Answers,
        today: Date,
    ) -> Vec<&'a ChoiceOption> {
        let shown = self.shown(answers, today);
        let scope = Scope { answers, shown: &shown, today };
        let Some(slot) = self.slot(&field.id) else { return Vec::new() };
        let options = inputs::options(field).iter().enumerate();
        options.filter(|(n, _)| self.is_offered(slot, *n, &scope)).map(|(_, o)| o).collect()
    }

    pub(super) fn is_offered(&self, slot: usize, option: usize, scope: &Scope<'_>) -> bool {
        match self.fields[slot].options.get(option) {
            Some(when) => when.as_ref().is_none_or(|expr| expr.holds(scope)),
            None => false,
        }
    }

    /// Whether each slot is shown. One pass: a condition looks back only.
    pub(super) fn shown(&self, answers: &Answers, today: Date) -> Vec<bool> {
        let mut shown = Vec::with_capacity(self.fields.len());
        for page in 0..self.pages.len() {
            self.show_page(page, answers, today, &mut shown);
        }
        shown
    }

    /// The same up to the end of the page before `page`.
    pub(super) fn shown_before(&self, page: usize, answers: &Answers, today: Date) -> Vec<bool> {
        let mut shown = Vec::with_capacity(self.fields.len());
        for page in 0..page {
            self.show_page(page, answers, today, &mut shown);
        }
        shown
    }

    fn show_page(&self, page: usize, answers: &Answers, today: Date, shown: &mut Vec<bool>) {
        let applies = self.page_applies(page, &Scope { answers, shown, today });
        for slot in self.pages[page].slots.clone() {
            let scope = Scope { answers, shown, today };
            let is_shown = applies && self.field_applies(slot, &scope);
            shown.push(is_shown);
        }
    }

    pub(super) fn page_applies(&self, page: usize, scope: &Scope<'_>) -> bool {
        self.pages[page].when.as_ref().is_none_or(|when| when.holds(scope))
    }

    pub(super) fn field_applies(&self, slot: usize, scope: &Scope<'_>) -> bool {
        self.fields[slot].when.as_ref().is_none_or(|when| when.holds(scope))
    }
}
