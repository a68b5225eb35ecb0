//! How answers are shown on the check-answers page and to staff.

use jiff::civil::Date;

use crate::forms::definition::{Field, Page};
use crate::forms::{Answers, Compiled};

/// One page of the summary.
#[derive(Debug)]
pub struct SummaryPage<'a> {
    /// Index in the document.
    pub index: usize,
    /// The page.
    pub page: &'a Page,
    /// Its questions and answers.
    pub rows: Vec<SummaryRow<'a>>,
}

/// One question and its answer.
#[derive(Debug)]
pub struct SummaryRow<'a> {
    /// The question.
    pub field: &'a Field,
    /// The answer, a line each; attachment ids for a file field; none when left empty.
    pub lines: Vec<String>,
}

impl Compiled {
    /// The answer of one field, a line each.
    #[must_use]
    pub fn display(&self, field: &Field, answers: &Answers) -> Vec<String> {
        answers.get(&field.id).map_or_else(Vec::new, <[String]>::to_vec)
    }

    /// Everything shown and answered, page by page, without content fields.
    #[must_use]
    pub fn summary(&self, answers: &Answers, today: Date) -> Vec<SummaryPage<'_>> {
        self.visible_pages(answers, today)
            .into_iter()
            .map(|(index, page)| SummaryPage {
                index,
                page,
                rows: self
                    .visible_fields(index, answers, today)
                    .into_iter()
                    .map(|field| SummaryRow { field, lines: self.display(field, answers) })
                    .collect(),
            })
            .collect()
    }
}
