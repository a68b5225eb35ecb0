//! Placeholder of the Office builders.

use sanitizer_intermediate::office::{Sheet, Slides, Word};

use super::{BuildError, Built};
use crate::Policy;

/// Writes a Word document.
///
/// # Errors
/// [`BuildError`] when it cannot be written.
pub fn build_word(_part: &Word, _policy: &Policy) -> Result<Built, BuildError> {
    Err(BuildError::Unsupported)
}

/// Writes an Excel workbook.
///
/// # Errors
/// [`BuildError`] when it cannot be written.
pub fn build_sheet(_part: &Sheet, _policy: &Policy) -> Result<Built, BuildError> {
    Err(BuildError::Unsupported)
}

/// Writes a PowerPoint presentation.
///
/// # Errors
/// [`BuildError`] when it cannot be written.
pub fn build_slides(_part: &Slides, _policy: &Policy) -> Result<Built, BuildError> {
    Err(BuildError::Unsupported)
}
