//! Binary workbooks (xlsb): the package of a workbook of today, with records
//! in place of XML in the parts that are long.
//!
//! ```text
//!  workbook.bin ─▶ sheets, names, links ─┐
//!  styles.bin   ─▶ fonts ────────────────┤
//!  sheet.bin    ─▶ records ──────────────┴▶ the XML of an xlsx ─▶ its reader
//! ```
//! Each part is spelled in the XML an xlsx would have and then read as one,
//! with the same tables and the same filter of formulas. What is not spelled
//! stays behind and is counted.

mod book;
mod fields;
mod formulas;
mod notes;
mod records;
mod sheet;
mod strings;
mod styles;
mod tables;
mod text;

use sanitizer_intermediate::{HoldReason, Limits};

use super::tokens::Scope;
use records::{Record, Records};

/// What sheets need to know of the workbook.
pub(super) struct Binary {
    scope: Scope,
    /// What a font says, as a run of text has it.
    fonts: Vec<String>,
}

/// A part in XML.
pub(super) struct Spelled {
    pub xml: String,
    /// Rules, readings and the like that are not spelled.
    pub left_out: u32,
}

impl Spelled {
    fn whole(xml: String) -> Self {
        Self { xml, left_out: 0 }
    }
}

/// The namespaces of a part.
const SPACES: &str = "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" \
     xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"";

impl Binary {
    /// Reads what sheets need from the workbook and its formats.
    ///
    /// # Errors
    /// [`HoldReason::Broken`] when one of them is damaged.
    pub(super) fn read(workbook: &[u8], styles: &[u8]) -> Result<Self, HoldReason> {
        Ok(Self { scope: book::scope(workbook)?, fonts: styles::fonts(styles)? })
    }

    /// Spells a part of this media type; `None` when it is no part of records
    /// that is known.
    ///
    /// # Errors
    /// [`HoldReason`] when it is damaged or grows too large.
    pub(super) fn spell(
        &self,
        media: &str,
        bytes: &[u8],
        limits: &Limits,
    ) -> Result<Option<Spelled>, HoldReason> {
        let Some(kind) = media.strip_prefix("application/vnd.ms-excel.") else {
            return Ok(None);
        };
        let spelled = match kind {
            "sheet.binary.macroenabled.main" => Spelled::whole(book::spell(bytes, &self.scope)?),
            "worksheet" | "macrosheet" | "intlmacrosheet" => {
                sheet::spell(bytes, "worksheet", self, limits)?
            }
            "chartsheet" => sheet::spell(bytes, "chartsheet", self, limits)?,
            "sharedstrings" => strings::spell(bytes, self, limits)?,
            "styles" => Spelled::whole(styles::spell(bytes)?),
            "comments" => notes::spell(bytes, self)?,
            "tables" | "table" => Spelled::whole(tables::spell(bytes)?),
            "externallink" => Spelled::whole(book::spell_link(bytes)?),
            _ => return Ok(None),
        };
        if spelled.xml.len() as u64 > limits.decoded_bytes {
            return Err(HoldReason::TooLarge);
        }
        Ok(Some(spelled))
    }
}

/// The records of a part, without what a later program added.
fn records(bytes: &[u8]) -> Records<'_> {
    Records::new(bytes)
}

/// Calls `each` for every record of a part.
fn each<'b>(
    bytes: &'b [u8],
    mut each: impl FnMut(&Record<'b>) -> Result<(), HoldReason>,
) -> Result<(), HoldReason> {
    for record in records(bytes) {
        each(&record?)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
