//! Placeholder of the Office reader.

use sanitizer_intermediate::{Document, Findings, HoldReason, Limits};

/// Reads an Office document.
///
/// # Errors
/// [`HoldReason`] when it must not cross.
pub fn read(_bytes: &[u8], _limits: &Limits) -> Result<(Document, Findings), HoldReason> {
    Err(HoldReason::Unsupported)
}
