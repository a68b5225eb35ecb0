//! Builders: from the intermediate to a file, one module per kind.
//!
//! A builder sees no byte of the input. It trusts the shapes of the
//! intermediate and nothing in them: numbers are checked where they are used.

pub mod csv;
pub mod image;
pub mod office;
pub mod pdf;
pub mod text;
pub mod zip;

use sanitizer_intermediate::{Document, Findings};

use crate::Policy;

/// A finished file.
#[derive(Debug, Clone, PartialEq)]
pub struct Built {
    /// The file.
    pub bytes: Vec<u8>,
    /// Its media type.
    pub media: &'static str,
    /// The extension its name should have, without the dot.
    pub extension: &'static str,
    /// What this builder left out or changed, besides what the worker noted.
    pub findings: Findings,
}

/// A document that cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The result would exceed a limit; the file is held as too large.
    #[error("the result is too large")]
    TooLarge,
    /// The intermediate contradicts itself; the file is held as a worker fault.
    #[error("the intermediate is not usable: {0}")]
    Invalid(&'static str),
    /// Our own encoder failed; a fault, not a property of the file.
    #[error("an encoder failed: {0}")]
    Fault(String),
    /// No builder for this kind yet; the file is held as unsupported.
    #[error("no builder for this kind")]
    Unsupported,
}

/// Writes the document as a file of its kind.
///
/// # Errors
/// [`BuildError`] when it cannot be written.
pub fn build(document: &Document, policy: &Policy) -> Result<Built, BuildError> {
    match document {
        Document::Image(part) => image::build(part, policy),
        Document::Text(part) => Ok(text::build(part)),
        Document::Csv(part) => Ok(csv::build(part, policy)),
        Document::Pdf(part) => pdf::build(part, policy),
        Document::Word(part) => office::build_word(part, policy),
        Document::Sheet(part) => office::build_sheet(part, policy),
        Document::Slides(part) => office::build_slides(part, policy),
        // Its members are documents of their own.
        Document::Archive(_) => Err(BuildError::Unsupported),
    }
}
