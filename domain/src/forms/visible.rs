//! What is shown: pages and fields whose conditions hold.

use jiff::civil::Date;

use crate::forms::compiled::Needed;
use crate::forms::definition::{ChoiceOption, Field, Page};
use crate::forms::expr::Scope;
use crate::forms::{Answers, Compiled, inputs};

/// What is shown with these answers, worked out once. Make one per page that is rendered.
#[derive(Debug)]
pub struct View<'v, 'a> {
    form: &'v Compiled,
    answers: &'a Answers,
    shown: Vec<bool>,
    today: Date,
}

impl<'v> View<'v, '_> {
    fn scope(&self) -> Scope<'_> {
        Scope { answers: self.answers, shown: &self.shown, today: self.today }
    }

    /// Pages that apply, with their index, in order. A page without anything to show does not.
    #[must_use]
    pub fn pages(&self) -> Vec<(usize, &'v Page)> {
        let pages = self.form.procedure().pages.iter().enumerate();
        let slots = |n: usize| self.form.pages[n].slots.clone();
        pages.filter(|(n, _)| self.shown[slots(*n)].contains(&true)).collect()
    }

    /// Fields of a page that apply, in order; none for a page that does not exist or apply.
    #[must_use]
    pub fn fields(&self, page: usize) -> Vec<&'v Field> {
        let slots = self.form.pages.get(page).map_or(0..0, |page| page.slots.clone());
        slots.filter(|slot| self.shown[*slot]).map(|slot| self.form.field_at(slot)).collect()
    }

    /// Whether an answer is needed now: decides between 必須 and 任意.
    #[must_use]
    pub fn is_required(&self, field: &Field) -> bool {
        self.form.slot(&field.id).is_some_and(|slot| self.form.needed(slot, &self.scope()))
    }

    /// Options of a choice or multi field that are offered now; empty for other kinds.
    #[must_use]
    pub fn offered<'f>(&self, field: &'f Field) -> Vec<&'f ChoiceOption> {
        let Some(slot) = self.form.slot(&field.id) else { return Vec::new() };
        let options = inputs::options(field).iter().enumerate();
        let scope = self.scope();
        options.filter(|(n, _)| self.form.is_offered(slot, *n, &scope)).map(|(_, o)| o).collect()
    }
}

impl Compiled {
    /// What is shown with these answers.
    #[must_use]
    pub fn view<'a>(&self, answers: &'a Answers, today: Date) -> View<'_, 'a> {
        View { form: self, answers, shown: self.shown(answers, today), today }
    }

    /// [`View::pages`] of these answers.
    #[must_use]
    pub fn visible_pages(&self, answers: &Answers, today: Date) -> Vec<(usize, &Page)> {
        self.view(answers, today).pages()
    }

    /// [`View::fields`] of these answers.
    #[must_use]
    pub fn visible_fields(&self, page: usize, answers: &Answers, today: Date) -> Vec<&Field> {
        self.view(answers, today).fields(page)
    }

    /// [`View::is_required`] with these answers.
    #[must_use]
    pub fn is_required(&self, field: &Field, answers: &Answers, today: Date) -> bool {
        self.view(answers, today).is_required(field)
    }

    /// [`View::offered`] with these answers.
    #[must_use]
    pub fn offered<'f>(
        &self,
        field: &'f Field,
        answers: &Answers,
        today: Date,
    ) -> Vec<&'f ChoiceOption> {
        self.view(answers, today).offered(field)
    }

    pub(super) fn needed(&self, slot: usize, scope: &Scope<'_>) -> bool {
        match &self.fields[slot].required {
            Needed::Always => true,
            Needed::Never => false,
            Needed::When(expr) => expr.holds(scope),
        }
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
