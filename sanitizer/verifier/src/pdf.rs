//! PDF as our writer writes it.
//!
//! ```text
//! head │ streams, one after the other │ the cross-reference stream │ end
//! ```
//! Every byte belongs to one of them, every object is reached from the
//! catalog, and every dictionary has a role that says what may be in it.

mod book;
mod content;
mod file;
mod font;
mod lexer;
mod map;
mod picture;
mod roles;
mod sense;
mod walk;

use crate::inflate::Purse;
use crate::refusal::Verdict;

/// A PDF from its first to its last byte.
pub(crate) fn verify(bytes: &[u8], purse: &mut Purse) -> Verdict {
    let file = file::read(bytes, purse)?;
    walk::all(&file, purse)
}
