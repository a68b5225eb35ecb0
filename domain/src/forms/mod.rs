//! Forms: the published document of a procedure and the checks of what is filled in.
//!
//! ```text
//!  JSON ──► definition::Procedure ──► Compiled (expressions parsed once, kept behind an Arc)
//!                                        │ visible_pages / visible_fields / summary   show
//!  raw input ──► check_page ─────────────┤ Checked { answers, faults, revealed }
//!  all answers ──► check_all ────────────┘
//! ```
//!
//! What is hidden is absent from the answers; absent is not empty. The server is the authority.

pub mod answers;
mod carry;
pub mod check;
mod common;
pub mod compare;
pub mod compiled;
mod compiler;
pub mod correction;
mod cosigners;
mod defaults;
pub mod definition;
pub mod design;
pub mod display;
pub mod expr;
pub mod fees;
pub mod inputs;
pub mod list_file;
pub mod listed;
mod moved;
pub mod notice;
pub mod openings;
mod people;
pub mod publish;
mod rebase;
pub mod rows;
mod script;
pub mod seen;
mod staff_fields;
pub mod tables;
pub mod visible;
pub mod workbook;

pub use answers::Answers;
pub use carry::Carried;
pub use check::{AttachedFile, Checked, Code, Context, Fault};
pub use compiled::Compiled;
pub use cosigners::CosignPlace;
pub use defaults::takes_default;
pub use moved::{Dropped, MovedOver};
pub use openings::{Opening, Openings};
pub use rebase::Rebased;
pub use script::Script;
pub use seen::Seen;
pub use visible::View;

#[cfg(test)]
mod tests;
