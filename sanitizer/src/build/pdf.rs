//! Placeholder of the PDF builder.

use sanitizer_intermediate::pdf::PdfDocument;

use super::{BuildError, Built};
use crate::Policy;

/// Writes the pages as a PDF.
///
/// # Errors
/// [`BuildError`] when they cannot be written.
pub fn build(_part: &PdfDocument, _policy: &Policy) -> Result<Built, BuildError> {
    Err(BuildError::Unsupported)
}
