//! Placeholder.
use sanitizer_intermediate::office::Slides;

use crate::Policy;
use crate::build::{BuildError, Built};

/// Writes it.
///
/// # Errors
/// [`BuildError`] when it cannot be written.
pub fn build(_part: &Slides, _policy: &Policy) -> Result<Built, BuildError> {
    Err(BuildError::Unsupported)
}
