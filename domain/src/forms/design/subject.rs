//! What a condition may ask about: the answers that are known where it stands.

use super::place;
use super::uses::Whose;
use crate::forms::definition::{ChoiceOption, Field, FieldKind, Procedure};
use crate::forms::inputs;

/// An answer a condition may ask about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// Name of its input.
    pub input: String,
    /// What it is called: the question, for a matrix with its row behind it.
    pub label: (String, Option<String>),
    /// What can be asked about it.
    pub of: Of,
}

/// What an answer is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Of {
    /// One of these: `(code, label)`.
    One(Vec<(String, String)>),
    /// Some of these.
    Some(Vec<(String, String)>),
    /// A text.
    Text,
    /// A number.
    Number,
    /// A time of day.
    Time,
    /// A day or month.
    Day,
    /// Yes or no.
    Agreement,
    /// Several boxes: answered or not.
    Boxes,
    /// Files or rows: so many.
    Several,
}

impl Subject {
    /// Whether both can be compared: numbers with numbers, days with days.
    #[must_use]
    pub fn compares_with(&self, other: &Self) -> bool {
        let alike = matches!(
            (&self.of, &other.of),
            (Of::Text, Of::Text)
                | (Of::Number, Of::Number)
                | (Of::Time, Of::Time)
                | (Of::Day, Of::Day)
        );
        alike && self.input != other.input
    }

    /// The label of a code, the code itself when there is none.
    #[must_use]
    pub fn told(&self, code: &str) -> String {
        let (Of::One(options) | Of::Some(options)) = &self.of else { return code.to_owned() };
        let known = options.iter().find(|(known, _)| known == code);
        known.map_or_else(|| code.to_owned(), |(_, label)| label.clone())
    }
}

/// What a condition of this page or question may ask about, top to bottom; everything for a
/// condition of the procedure.
#[must_use]
pub fn above(procedure: &Procedure, whose: &Whose) -> Vec<Subject> {
    reached(procedure, whose, false)
}

/// What a rule of this question may ask about: the same, the question itself, and what stands below
/// it on its page or in its row.
#[must_use]
pub fn of_rule(procedure: &Procedure, field: &str) -> Vec<Subject> {
    reached(procedure, &Whose::Field(field.to_owned()), true)
}

fn reached(procedure: &Procedure, whose: &Whose, down: bool) -> Vec<Subject> {
    let end = match whose {
        Whose::Procedure => (usize::MAX, 0, None),
        Whose::Page(id) => match place::page(procedure, id) {
            Some((page, _)) => (page, 0, None),
            None => return Vec::new(),
        },
        Whose::Field(id) => match place::find(procedure, id) {
            Some(found) => (found.page, found.field, found.row),
            None => return Vec::new(),
        },
    };
    let mut all = Vec::new();
    // Staff's questions speak of each other only, and nobody else's of them.
    let of_staff = place::is_staff(procedure, end.0);
    for (p, page) in procedure.pages.iter().enumerate() {
        if place::is_staff(procedure, p) != of_staff {
            continue;
        }
        for (f, field) in page.fields.iter().enumerate() {
            let is_on_page = down && end.2.is_none() && p == end.0;
            if (p, f) < (end.0, end.1) || is_on_page {
                of_field(field, &mut all);
            } else if let ((page, at, Some(row)), Some(repeat)) = (end, field.repeat())
                && (page, at) == (p, f)
            {
                let reached = if down { repeat.fields.len() } else { row };
                repeat.fields.iter().take(reached).for_each(|inner| of_field(inner, &mut all));
            }
        }
    }
    all
}

/// What can be asked about the questions of a row.
#[must_use]
pub fn in_rows(group: &Field) -> Vec<Subject> {
    let mut all = Vec::new();
    let inner = group.repeat().map_or(&[][..], |repeat| &repeat.fields);
    inner.iter().for_each(|field| of_field(field, &mut all));
    all
}

fn of_field(field: &Field, all: &mut Vec<Subject>) {
    let of = match &field.kind {
        FieldKind::Choice(_) => Of::One(named(inputs::options(field))),
        FieldKind::Multi(_) => Of::Some(named(inputs::options(field))),
        FieldKind::Text(_)
        | FieldKind::Textarea(_)
        | FieldKind::Phone(_)
        | FieldKind::Email(_)
        | FieldKind::CorporateNumber(_)
        | FieldKind::Lookup(_) => Of::Text,
        FieldKind::Number(_) | FieldKind::Calc(_) | FieldKind::Fee(_) => Of::Number,
        FieldKind::Time(_) => Of::Time,
        FieldKind::Date(_) | FieldKind::Month(_) | FieldKind::Slot(_) => Of::Day,
        FieldKind::Consent(_) => Of::Agreement,
        FieldKind::Name(_) | FieldKind::Address(_) | FieldKind::Bank(_) => Of::Boxes,
        FieldKind::File(_) | FieldKind::Repeat(_) => Of::Several,
        FieldKind::Matrix(matrix) => {
            for row in &matrix.rows {
                all.push(Subject {
                    input: format!("{}.{}", field.id, row.id),
                    label: (field.label.ja().to_owned(), Some(row.label.ja().to_owned())),
                    of: Of::One(named(&matrix.options)),
                });
            }
            return;
        }
        FieldKind::Exit(_) | FieldKind::Content(_) => return,
    };
    all.push(Subject { input: field.id.clone(), label: (field.label.ja().to_owned(), None), of });
}

fn named(options: &[ChoiceOption]) -> Vec<(String, String)> {
    options.iter().map(|one| (one.code.clone(), one.label.ja().to_owned())).collect()
}
