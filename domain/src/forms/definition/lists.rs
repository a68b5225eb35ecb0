//! Lists that travel with the document (NF-61): schools, licensed companies, numbers of recipients.
//! A new list is a new revision, so every application says which list it was checked against.

use serde::{Deserialize, Serialize};

/// Most entries of a list.
pub const MAX_LIST_ROWS: usize = 20_000;

/// A list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct List {
    /// Unique in the procedure: `a-z 0-9 _`.
    pub id: String,
    /// What staff call it.
    pub title: String,
    /// Its columns; the first is the one people know an entry by.
    pub columns: Vec<ListColumn>,
    /// Its entries, a value for each column.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<Vec<String>>,
}

/// A column of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListColumn {
    /// Unique in the list: `a-z 0-9 _`.
    pub id: String,
    /// Its heading, also in the file it comes from.
    pub title: String,
}

impl List {
    /// The place of a column.
    #[must_use]
    pub fn column(&self, id: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.id == id)
    }
}
