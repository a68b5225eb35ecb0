//! Text and separated values.

use sanitizer_intermediate::{Document, Findings, HoldReason, Kind, Limits};

/// Reads a text.
///
/// # Errors
/// [`HoldReason`] when it must not cross.
pub fn read(
    _bytes: &[u8],
    _kind: Kind,
    _limits: &Limits,
) -> Result<(Document, Findings), HoldReason> {
    Err(HoldReason::Unsupported)
}

/// Whether the bytes could be text in any encoding we read.
#[must_use]
pub fn looks_like_text(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok()
}
