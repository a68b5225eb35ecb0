//! Placeholder of the Office models.

use crate::codec::{Decode, DecodeError, Encode, Reader, Writer};

/// A text document.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Word {}

/// A workbook.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sheet {}

/// A presentation.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Slides {}

impl Encode for Word {
    fn encode(&self, _to: &mut Writer<'_>) {}
}

impl Decode for Word {
    fn decode(_from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {})
    }
}

impl Encode for Sheet {
    fn encode(&self, _to: &mut Writer<'_>) {}
}

impl Decode for Sheet {
    fn decode(_from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {})
    }
}

impl Encode for Slides {
    fn encode(&self, _to: &mut Writer<'_>) {}
}

impl Decode for Slides {
    fn decode(_from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {})
    }
}
