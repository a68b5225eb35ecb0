//! Ids of pages, questions and options: a letter and a number that counts up.

use crate::forms::definition::{Field, FieldKind, Procedure};
use crate::forms::inputs;

/// The number behind every number that these documents use in an id.
pub(super) fn after<'p>(documents: impl Iterator<Item = &'p Procedure>) -> u32 {
    documents.flat_map(numbers).max().map_or(1, |most| most.saturating_add(1))
}

fn numbers(procedure: &Procedure) -> Vec<u32> {
    let mut all = Vec::new();
    all.extend(procedure.files.iter().filter_map(|file| number(&file.id)));
    procedure.staff_fields.iter().for_each(|field| of_field(field, &mut all));
    for page in &procedure.pages {
        all.extend(number(&page.id));
        for field in &page.fields {
            of_field(field, &mut all);
        }
    }
    all
}

fn of_field(field: &Field, all: &mut Vec<u32>) {
    all.extend(number(&field.id));
    all.extend(inputs::options(field).iter().filter_map(|option| number(&option.code)));
    if let FieldKind::Matrix(matrix) = &field.kind {
        all.extend(matrix.rows.iter().filter_map(|row| number(&row.id)));
        all.extend(matrix.options.iter().filter_map(|option| number(&option.code)));
    }
    if let FieldKind::Fee(fee) = &field.kind {
        all.extend(fee.lines.iter().filter_map(|line| number(&line.id)));
    }
    for inner in field.repeat().into_iter().flat_map(|repeat| &repeat.fields) {
        of_field(inner, all);
    }
}

/// The number of an id that was made here: `q12`, `p3`, `c40`.
fn number(id: &str) -> Option<u32> {
    id.strip_prefix(['q', 'p', 'c', 'f'])?.parse().ok()
}

/// Hands out ids.
#[derive(Debug)]
pub(super) struct Ids<'n>(pub(super) &'n mut u32);

impl Ids<'_> {
    pub(super) fn page(&mut self) -> String {
        self.make('p')
    }

    pub(super) fn question(&mut self) -> String {
        self.make('q')
    }

    pub(super) fn file(&mut self) -> String {
        self.make('f')
    }

    pub(super) fn code(&mut self) -> String {
        self.make('c')
    }

    fn make(&mut self, letter: char) -> String {
        let made = format!("{letter}{}", self.0);
        *self.0 = self.0.saturating_add(1);
        made
    }

    /// Gives codes to options and rows that have none yet.
    pub(super) fn complete(&mut self, field: &mut Field) {
        match &mut field.kind {
            FieldKind::Choice(choice) => self.codes(choice.options.iter_mut().map(|o| &mut o.code)),
            FieldKind::Multi(multi) => self.codes(multi.options.iter_mut().map(|o| &mut o.code)),
            FieldKind::Matrix(matrix) => {
                self.codes(matrix.options.iter_mut().map(|option| &mut option.code));
                self.codes(matrix.rows.iter_mut().map(|row| &mut row.id));
            }
            FieldKind::Fee(fee) => self.codes(fee.lines.iter_mut().map(|line| &mut line.id)),
            FieldKind::Text(_)
            | FieldKind::Textarea(_)
            | FieldKind::Number(_)
            | FieldKind::Date(_)
            | FieldKind::Month(_)
            | FieldKind::Time(_)
            | FieldKind::Name(_)
            | FieldKind::Address(_)
            | FieldKind::Phone(_)
            | FieldKind::Email(_)
            | FieldKind::CorporateNumber(_)
            | FieldKind::Bank(_)
            | FieldKind::Lookup(_)
            | FieldKind::File(_)
            | FieldKind::Consent(_)
            | FieldKind::Slot(_)
            | FieldKind::Calc(_)
            | FieldKind::Repeat(_)
            | FieldKind::Exit(_)
            | FieldKind::Content(_) => {}
        }
    }

    fn codes<'c>(&mut self, codes: impl Iterator<Item = &'c mut String>) {
        for code in codes.filter(|code| code.is_empty()) {
            *code = self.code();
        }
    }
}
