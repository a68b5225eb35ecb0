//! Placeholder of the PDF model.

use crate::codec::{Decode, DecodeError, Encode, Reader, Writer};

/// The pages of a PDF.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PdfDocument {}

impl Encode for PdfDocument {
    fn encode(&self, _to: &mut Writer<'_>) {}
}

impl Decode for PdfDocument {
    fn decode(_from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {})
    }
}
