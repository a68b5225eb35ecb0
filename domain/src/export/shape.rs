//! What kind of file: CSV, fixed-length records, XML or a spreadsheet.

use serde::{Deserialize, Serialize};

use super::profile::{DateFormat, is_default};

/// What kind of file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// Values with something between them, one record a line.
    #[default]
    Csv,
    /// Records of one length, counted in bytes.
    Fixed(Fixed),
    /// One element a record.
    Xml(Xml),
    /// A spreadsheet of one sheet whose cells are all text (XLSX).
    Spreadsheet(Spreadsheet),
}

impl Shape {
    /// Last part of the name of the data file.
    #[must_use]
    pub const fn extension(&self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Fixed(_) => "dat",
            Self::Xml(_) => "xml",
            Self::Spreadsheet(_) => "xlsx",
        }
    }
}

/// Records of one length.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fixed {
    /// Bytes of every record without its line end.
    pub record: u32,
    /// Whether each record ends with the profile's line end.
    #[serde(default = "yes")]
    pub line_ends: bool,
    /// A record before the data; none when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub header: Vec<Part>,
    /// A record behind the data, with counts and totals; none when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub trailer: Vec<Part>,
    /// The last record; none when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub end: Vec<Part>,
}

const fn yes() -> bool {
    true
}

/// A part of a header, trailer or end record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// What stands there.
    pub source: PartSource,
    /// Bytes.
    pub width: u32,
    /// On which side.
    #[serde(default, skip_serializing_if = "is_default")]
    pub side: Side,
    /// What fills the rest.
    #[serde(default, skip_serializing_if = "is_default")]
    pub pad: Pad,
}

/// What a header, trailer or end record can hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartSource {
    /// Always the same text; an empty one is a filler.
    Fixed(String),
    /// Day the generation belongs to.
    BusinessDate(DateFormat),
    /// Number of the generation.
    Generation,
    /// Version of the layout.
    LayoutVersion,
    /// Data records; not before they are written.
    Records,
    /// Sum of a column of numbers, written like the column; not before it is known.
    Total(String),
}

/// On which side of its column a value stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// At its beginning.
    #[default]
    Left,
    /// At its end.
    Right,
}

/// What fills the rest of a column.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pad {
    /// Spaces.
    #[default]
    Space,
    /// Zeros; a minus sign stays in front of them.
    Zero,
    /// Full-width spaces, two bytes each in CP932.
    WideSpace,
}

impl Pad {
    /// Its character.
    #[must_use]
    pub const fn letter(self) -> char {
        match self {
            Self::Space => ' ',
            Self::Zero => '0',
            Self::WideSpace => '\u{3000}',
        }
    }
}

/// One element a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Xml {
    /// Name of the outermost element.
    pub root: String,
    /// Name of the element of one record.
    pub record: String,
    /// Its namespace; none when empty.
    #[serde(default, skip_serializing_if = "is_default")]
    pub namespace: String,
    /// Whether an element without a value is left out.
    #[serde(default, skip_serializing_if = "is_default")]
    pub omit_empty: bool,
    /// Whether every element stands on a line of its own.
    #[serde(default, skip_serializing_if = "is_default")]
    pub indent: bool,
}

/// A spreadsheet of one sheet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spreadsheet {
    /// Name of the sheet.
    #[serde(default = "sheet")]
    pub sheet: String,
}

fn sheet() -> String {
    "data".to_owned()
}

/// Most rows of a sheet, the heading counted.
pub const MOST_ROWS: u32 = 1_048_576;
/// Most characters of a cell of a sheet.
pub const MOST_CELL: usize = 32_767;
