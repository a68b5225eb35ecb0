//! The buttons among the questions.

use domain::forms::rows::{self, Edit};
use domain::forms::{Answers, Compiled};

/// A button that changes what was typed and leads to the same page again.
pub(crate) enum Press {
    /// The rows of a group.
    Row(String, Edit),
    /// An entry of a list, by its place.
    Pick(String, usize),
}

impl Press {
    /// What the value of a button says; `None` for buttons of the page around the questions.
    pub(crate) fn of(value: &str) -> Option<Self> {
        let mut words = value.split(':');
        let parts = (words.next(), words.next(), words.next(), words.next());
        let number = |text: Option<&str>| text.and_then(|text| text.parse().ok()).unwrap_or(0);
        match parts {
            (Some("row"), Some("add"), Some(group), _) => {
                Some(Self::Row(group.to_owned(), Edit::Add))
            }
            (Some("row"), Some("remove"), Some(group), n) => {
                Some(Self::Row(group.to_owned(), Edit::Remove(number(n))))
            }
            (Some("pick"), Some(field), n, _) => Some(Self::Pick(field.to_owned(), number(n))),
            _ => None,
        }
    }

    /// The question it belongs to.
    pub(crate) fn field(&self) -> &str {
        match self {
            Self::Row(field, _) | Self::Pick(field, _) => field,
        }
    }

    /// Changes what was sent, before it is read.
    pub(crate) fn change(&self, form: &Compiled, raw: &mut Answers) {
        match self {
            Self::Row(group, edit) if form.field(group).is_some_and(|f| f.repeat().is_some()) => {
                rows::edit(raw, group, *edit);
            }
            Self::Row(..) => {}
            Self::Pick(field, row) => {
                form.take_entry(field, *row, raw);
            }
        }
    }
}
