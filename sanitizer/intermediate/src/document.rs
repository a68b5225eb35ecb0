//! The document as a builder gets it.

use crate::codec::{Decode, DecodeError, Encode, Reader, Writer};
use crate::{archive, csv, image, office, pdf, text};

/// What the worker read, one variant for each builder.
#[derive(Debug, Clone, PartialEq)]
pub enum Document {
    /// One picture, an animation, or the pages of a TIFF.
    Image(image::Frames),
    /// Plain text.
    Text(text::Text),
    /// Rows and cells.
    Csv(csv::Table),
    /// Pages.
    Pdf(pdf::PdfDocument),
    /// A text document.
    Word(Box<office::Word>),
    /// A workbook.
    Sheet(Box<office::Sheet>),
    /// A presentation.
    Slides(Box<office::Slides>),
    /// Members, each to be read on its own.
    Archive(archive::Archive),
}

impl Encode for Document {
    fn encode(&self, to: &mut Writer<'_>) {
        match self {
            Self::Image(part) => tagged(to, 1, part),
            Self::Text(part) => tagged(to, 2, part),
            Self::Csv(part) => tagged(to, 3, part),
            Self::Pdf(part) => tagged(to, 4, part),
            Self::Word(part) => tagged(to, 5, part.as_ref()),
            Self::Sheet(part) => tagged(to, 6, part.as_ref()),
            Self::Slides(part) => tagged(to, 7, part.as_ref()),
            Self::Archive(part) => tagged(to, 8, part),
        }
    }
}

fn tagged(to: &mut Writer<'_>, tag: u8, part: &impl Encode) {
    to.u8(tag);
    to.value(part);
}

impl Decode for Document {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        match from.u8()? {
            1 => from.value().map(Self::Image),
            2 => from.value().map(Self::Text),
            3 => from.value().map(Self::Csv),
            4 => from.value().map(Self::Pdf),
            5 => from.value().map(Box::new).map(Self::Word),
            6 => from.value().map(Box::new).map(Self::Sheet),
            7 => from.value().map(Box::new).map(Self::Slides),
            8 => from.value().map(Self::Archive),
            _ => Err(DecodeError::Invalid("Document")),
        }
    }
}
