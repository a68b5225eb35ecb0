//! Text and separated values.
//!
//! ```text
//! bytes ─▶ encoding ─▶ characters ─▶ clean ─▶ lines | csv
//! ```

mod clean;
mod csv;
mod encoding;

use sanitizer_intermediate::text::{LineEnd, Text};
use sanitizer_intermediate::{ChangedKind, Document, Findings, HoldReason, Kind, Limits, Place};

pub use encoding::looks_like_text;

/// Reads a text.
///
/// # Errors
/// [`HoldReason`] when it must not cross.
pub fn read(bytes: &[u8], kind: Kind, limits: &Limits) -> Result<(Document, Findings), HoldReason> {
    let mut findings = Findings::default();
    let decoded = encoding::decode(bytes).ok_or(HoldReason::Broken)?;
    if decoded.text.len() > limits.text_bytes as usize {
        return Err(HoldReason::TooLarge);
    }
    if decoded.converted {
        findings.change(ChangedKind::EncodingConverted, 1, Place::Document);
    }
    findings.change(ChangedKind::Undecodable, decoded.replaced, Place::Document);
    let line_end = if decoded.text.contains("\r\n") { LineEnd::CrLf } else { LineEnd::Lf };
    let content = clean::cleaned(&decoded.text, &mut findings);
    let document = match kind {
        Kind::Csv => Document::Csv(csv::parse(&content, limits)?),
        _ => Document::Text(Text::new(content, line_end).map_err(|_| HoldReason::Broken)?),
    };
    Ok((document, findings))
}
