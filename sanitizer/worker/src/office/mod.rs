//! Word, Excel and PowerPoint documents, read into the restricted model.
//!
//! ```text
//! bytes ─▶ container   ZIP with one meaning (crate::container)
//!       ─▶ package     types, references, parts
//!       ─▶ binary      parts of records spelled in XML
//!       ─▶ xml         elements without document types and entities
//!       ─▶ word | sheet | slides   what the tables of the model have a place for
//! ```

mod binary;
mod cell_words;
mod chart;
mod compat;
mod diagram;
mod legacy;
mod links;
mod locked;
mod media;
mod odf;
mod package;
mod plain;
mod rtf;
mod shape;
mod sheet;
mod slides;
mod theme;
mod tokens;
mod vml;
mod word;
mod xml;

use sanitizer_intermediate::{ChangedKind, Document, Findings, HoldReason, Limits, Place};

pub(crate) use legacy::opened as opened_legacy;
pub use legacy::read as read_legacy;
pub(crate) use locked::unlock;
pub(crate) use odf::opened as opened_odf;
pub use odf::read as read_odf;
use package::{Family, Package};
pub use rtf::read as read_rtf;
pub(crate) use xml::decode as decode_markup;

/// Reads an Office document.
///
/// # Errors
/// [`HoldReason`] when it must not cross.
pub fn read(bytes: &[u8], limits: &Limits) -> Result<(Document, Findings), HoldReason> {
    let mut package = Package::open(bytes, limits)?;
    let main = package.main()?;
    let document = match main.family {
        Family::Word => Document::Word(Box::new(word::read(&mut package, &main.part)?)),
        Family::Sheet => Document::Sheet(Box::new(sheet::read(&mut package, &main.part)?)),
        Family::Slides => Document::Slides(Box::new(slides::read(&mut package, &main.part)?)),
    };
    package.note_left_out();
    if !main.plain {
        package.findings.change(ChangedKind::TypeChanged, 1, Place::Document);
    }
    Ok((document, package.findings))
}

#[cfg(test)]
mod tests;
