//! What changed between two documents, as facts that a page can tell in words (NF-37).
//!
//! Things are known by their ids, so a question that was renamed has a new name, and one that went
//! to another page has moved. Nothing is left out: what this module does not know by name is a
//! property with its path.

mod leaves;
mod order;
#[cfg(test)]
mod tests;
mod walk;

use crate::forms::definition::Procedure;
use crate::forms::tables::PROCEDURE;

/// One fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What it is about, from outside inwards.
    pub place: Place,
    /// What happened to it.
    pub what: What,
}

/// A thing in a document, from outside inwards: its table and what people call it. Empty for the
/// document itself. The names are those of the newer document where it has the thing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place(pub Vec<(&'static str, String)>);

/// What happened to a thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It stands elsewhere: now behind this one, first when `None`.
    Moved {
        /// Name of what stands before it now.
        behind: Option<String>,
    },
    /// A property has another value.
    Became {
        /// Path in the thing: `kind.max`, `label.en`.
        property: String,
        /// Value before; `None` when there was none.
        from: Option<String>,
        /// Value now; `None` when there is none.
        to: Option<String>,
    },
    /// Entries of a list came and went; one with another value counts on both sides.
    Entries {
        /// Entries that were not there.
        added: usize,
        /// Entries that are gone.
        removed: usize,
    },
}

/// Everything that changed. Ids and the number of the revision are no change.
///
/// # Errors
/// Never for documents that were read; the error is serde's.
pub fn changes(from: &Procedure, to: &Procedure) -> Result<Vec<Change>, serde_json::Error> {
    let (from, to) = (serde_json::to_value(from)?, serde_json::to_value(to)?);
    let mut walk = walk::Walk::between(&from, &to);
    walk.differ(&PROCEDURE, &Place::default(), &from, &to);
    Ok(walk.found)
}
