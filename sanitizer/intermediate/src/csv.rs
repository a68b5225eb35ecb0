//! Separated values: rows of cells, not yet written in any dialect.

use crate::codec::{Decode, DecodeError, Encode, Reader, Writer};
use crate::text::is_clean;
use crate::words::words;

/// Most rows of one table.
pub const MAX_ROWS: usize = 2_000_000;
/// Most cells of one row.
pub const MAX_COLUMNS: usize = 20_000;
/// Most bytes of UTF-8 in one cell.
pub const MAX_CELL_BYTES: usize = 16 << 20;

words! {
    /// What separates the cells of a row.
    pub enum Separator {
        /// `,`
        Comma = "comma",
        /// Tab.
        Tab = "tab",
        /// `;`
        Semicolon = "semicolon",
        /// `|`
        Pipe = "pipe",
    }
}

impl Separator {
    /// The character.
    #[must_use]
    pub const fn character(self) -> char {
        match self {
            Self::Comma => ',',
            Self::Tab => '\t',
            Self::Semicolon => ';',
            Self::Pipe => '|',
        }
    }
}

/// A cell. Clean by [`is_clean`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell(pub String);

/// A row; rows may differ in length.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row(pub Vec<Cell>);

/// A file of separated values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// What separated the cells and will again.
    pub separator: Separator,
    /// All rows, the heading too.
    pub rows: Vec<Row>,
}

impl Encode for Table {
    fn encode(&self, to: &mut Writer<'_>) {
        to.value(&self.separator);
        to.list(&self.rows);
    }
}

impl Decode for Table {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self { separator: from.value()?, rows: from.list(MAX_ROWS)? })
    }
}

impl Encode for Row {
    fn encode(&self, to: &mut Writer<'_>) {
        to.list(&self.0);
    }
}

impl Decode for Row {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        from.list(MAX_COLUMNS).map(Self)
    }
}

impl Encode for Cell {
    fn encode(&self, to: &mut Writer<'_>) {
        to.str(&self.0);
    }
}

impl Decode for Cell {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let text = from.str(MAX_CELL_BYTES)?;
        if is_clean(&text) { Ok(Self(text)) } else { Err(DecodeError::Invalid("Cell")) }
    }
}
