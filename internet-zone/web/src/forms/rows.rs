//! The rows of a repeating group: questions, and buttons that work without script.

use domain::forms::check::SHOWN;
use domain::forms::definition::Repeat;
use domain::forms::visible::Drawn;

use super::{Asked, Question};

/// The rows of a group.
#[derive(Debug)]
pub(crate) struct Rows {
    /// The rows.
    pub(crate) rows: Vec<Row>,
    /// Value of the button that adds one; `None` when there are as many as may be.
    pub(crate) add: Option<String>,
    /// Name of the input that lists the questions the page showed.
    pub(crate) shown: &'static str,
}

/// One row.
#[derive(Debug)]
pub(crate) struct Row {
    /// Its key in the names of inputs.
    pub(crate) key: String,
    /// Its heading.
    pub(crate) title: String,
    /// Target of a link to it.
    pub(crate) anchor: String,
    /// Its questions.
    pub(crate) questions: Vec<Question>,
    /// Value of the button that moves it up; `None` for the first.
    pub(crate) up: Option<String>,
    /// Value of the button that moves it down; `None` for the last.
    pub(crate) down: Option<String>,
    /// Value of the button that removes it.
    pub(crate) remove: String,
}

impl Rows {
    pub(super) fn new(asked: &Asked<'_>, drawn: &Drawn<'_>, repeat: &Repeat) -> Self {
        let group = &drawn.name;
        let count = drawn.rows.len();
        let rows = drawn.rows.iter().enumerate().map(|(n, row)| Row {
            key: row.key.clone(),
            title: row.title.clone(),
            anchor: anchor(group, n),
            questions: row.fields.iter().map(|field| Question::new(asked, field)).collect(),
            up: (n > 0).then(|| format!("row:up:{group}:{n}")),
            down: (n + 1 < count).then(|| format!("row:down:{group}:{n}")),
            remove: format!("row:remove:{group}:{n}"),
        });
        let more = count < usize::try_from(repeat.max).unwrap_or(usize::MAX);
        Self {
            rows: rows.collect(),
            add: more.then(|| format!("row:add:{group}:{count}")),
            shown: SHOWN,
        }
    }
}

/// Target of a link to the row at a place, counted from 0.
pub(crate) fn anchor(group: &str, place: usize) -> String {
    format!("row-{group}-{}", place + 1)
}
