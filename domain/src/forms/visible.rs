//! What is shown: pages and fields whose conditions hold.

use jiff::civil::Date;

use crate::forms::definition::{ChoiceOption, Field, Page};
use crate::forms::{Answers, Compiled};

impl Compiled {
    /// Pages that apply, with their index, in order.
    #[must_use]
    pub fn visible_pages(&self, answers: &Answers, today: Date) -> Vec<(usize, &Page)> {
        let _ = (answers, today);
        self.procedure().pages.iter().enumerate().collect()
    }

    /// Fields of a page that apply, in order; none for a page that does not exist or apply.
    #[must_use]
    pub fn visible_fields(&self, page: usize, answers: &Answers, today: Date) -> Vec<&Field> {
        let _ = (answers, today);
        self.procedure().pages.get(page).map_or_else(Vec::new, |p| p.fields.iter().collect())
    }

    /// Whether an answer is needed now: decides between 必須 and 任意.
    #[must_use]
    pub fn is_required(&self, field: &Field, answers: &Answers, today: Date) -> bool {
        let _ = (answers, today);
        field.required == crate::forms::definition::Required::Fixed(true)
    }

    /// Options of a choice or multi field that are offered now; empty for other kinds.
    #[must_use]
    pub fn offered<'a>(
        &'a self,
        field: &'a Field,
        answers: &Answers,
        today: Date,
    ) -> Vec<&'a ChoiceOption> {
        let _ = (field, answers, today);
        Vec::new()
    }
}
