//! Where in a file something was found. Numbers start at 1, as people count.

use crate::codec::{Decode, DecodeError, Encode, Reader, Writer};

/// A place a clerk could look up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The file as a whole.
    Document,
    /// A page of a PDF or TIFF.
    Page(u32),
    /// A paragraph or table of a Word document, counted through the body.
    Paragraph(u32),
    /// A sheet of a workbook.
    Sheet(u32),
    /// A cell of a workbook or CSV; `sheet` is 1 in a CSV.
    Cell {
        /// Sheet number.
        sheet: u32,
        /// Row number.
        row: u32,
        /// Column number.
        column: u32,
    },
    /// A slide of a presentation.
    Slide(u32),
    /// A frame of an animation.
    Frame(u32),
    /// A line of a text.
    Line(u32),
    /// A member of an archive.
    Member(u32),
}

impl Encode for Place {
    fn encode(&self, to: &mut Writer<'_>) {
        match *self {
            Self::Document => to.u8(0),
            Self::Page(number) => numbered(to, 1, number),
            Self::Paragraph(number) => numbered(to, 2, number),
            Self::Sheet(number) => numbered(to, 3, number),
            Self::Cell { sheet, row, column } => {
                numbered(to, 4, sheet);
                to.u32(row);
                to.u32(column);
            }
            Self::Slide(number) => numbered(to, 5, number),
            Self::Frame(number) => numbered(to, 6, number),
            Self::Line(number) => numbered(to, 7, number),
            Self::Member(number) => numbered(to, 8, number),
        }
    }
}

fn numbered(to: &mut Writer<'_>, tag: u8, number: u32) {
    to.u8(tag);
    to.u32(number);
}

impl Decode for Place {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(match from.u8()? {
            0 => Self::Document,
            1 => Self::Page(from.u32()?),
            2 => Self::Paragraph(from.u32()?),
            3 => Self::Sheet(from.u32()?),
            4 => Self::Cell { sheet: from.u32()?, row: from.u32()?, column: from.u32()? },
            5 => Self::Slide(from.u32()?),
            6 => Self::Frame(from.u32()?),
            7 => Self::Line(from.u32()?),
            8 => Self::Member(from.u32()?),
            _ => return Err(DecodeError::Invalid("Place")),
        })
    }
}

impl Place {
    /// The code used in reports and catalogues.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Document => "document",
            Self::Page(_) => "page",
            Self::Paragraph(_) => "paragraph",
            Self::Sheet(_) => "sheet",
            Self::Cell { .. } => "cell",
            Self::Slide(_) => "slide",
            Self::Frame(_) => "frame",
            Self::Line(_) => "line",
            Self::Member(_) => "member",
        }
    }

    /// The numbers of the place: none, one, or sheet, row and column.
    #[must_use]
    pub fn numbers(self) -> Vec<u32> {
        match self {
            Self::Document => Vec::new(),
            Self::Page(number)
            | Self::Paragraph(number)
            | Self::Sheet(number)
            | Self::Slide(number)
            | Self::Frame(number)
            | Self::Line(number)
            | Self::Member(number) => vec![number],
            Self::Cell { sheet, row, column } => vec![sheet, row, column],
        }
    }
}

/// The code and the numbers, as reports write it: `page 3`, `cell 1 4 2`,
/// empty for the whole file.
impl std::fmt::Display for Place {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if *self == Self::Document {
            return Ok(());
        }
        out.write_str(self.code())?;
        self.numbers().iter().try_for_each(|number| write!(out, " {number}"))
    }
}
