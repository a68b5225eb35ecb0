//! Rich Text Format.
//!
//! ```text
//! bytes ─▶ tokens   groups, control words, bytes of text
//!       ─▶ state    looks and destinations, one level for each group
//!       ─▶ plain    paragraphs, tables, pictures ─▶ the shapes of Word
//! ```
//! Objects, fields' instructions, templates and whatever destination is not
//! known are passed over; of objects and fields the result that is shown stays.

mod fonts;
mod lists;
mod reader;
mod state;
mod tokens;

use sanitizer_intermediate::{ChangedKind, Document, Findings, HoldReason, Limits, Place};

use super::plain::Pictures;
use reader::Reader;

/// Reads an RTF file.
///
/// # Errors
/// [`HoldReason`] when it must not cross.
pub fn read(bytes: &[u8], limits: &Limits) -> Result<(Document, Findings), HoldReason> {
    let mut reader = Reader::new(Pictures::new(limits.answer_bytes), limits);
    reader.read(bytes)?;
    let mut findings = reader.findings();
    findings.change(ChangedKind::TypeChanged, 1, Place::Document);
    let (text, pictures) = reader.finish();
    Ok((Document::Word(Box::new(text.finish(pictures)?)), findings))
}
