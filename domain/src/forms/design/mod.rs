//! The designer (NB-2.5, NF-10): a procedure document made by edits, each of which either leaves a
//! document that reads back or says why it cannot be done.
//!
//! ```text
//!  Draft ── apply(Edit) ──► Draft + Done        ids are made here and never used again
//!     │           └───────► Refused             with the names of what stands in the way
//!     ├─ condition  ◄─► text of an expression   rows "when … is …", all or any of them
//!     ├─ sum        ◄─► text of a calculation   "copies × 300 + pages × 10"
//!     └─ trace      why a question is hidden with these answers
//! ```

pub mod bank;
pub mod condition;
mod edit;
mod ids;
mod kind;
mod pieces;
mod place;
pub mod subject;
pub mod sum;
pub mod trace;
pub mod translated;
pub mod uses;

pub use edit::{Direction, Done, Edit, Move, Refused, Setting, Target, What};
pub use kind::Kind;
pub use place::{Found, STAFF_PAGE, field, find, page, whole};
pub use uses::{Part, Use, Whose};

use crate::forms::definition::Procedure;

/// A document that is being made.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// The document as it stands.
    pub procedure: Procedure,
    /// The number of the next id: only ever counts up, whatever is undone.
    pub next: u32,
    /// Translations of an older Japanese text.
    pub stale: translated::Stale,
}

impl Draft {
    /// A draft that goes on from a document. `known` are earlier revisions, oldest first: their ids
    /// are not used again, although the document no longer has them, and they tell which
    /// translations are of an older text.
    #[must_use]
    pub fn of(procedure: Procedure, known: &[Procedure]) -> Self {
        let next = ids::after(std::iter::once(&procedure).chain(known));
        let revisions: Vec<&Procedure> = known.iter().chain(std::iter::once(&procedure)).collect();
        let stale = translated::since(&revisions);
        Self { procedure, next, stale }
    }
}

#[cfg(test)]
mod tests;
