//! A workbook.

use super::bag::Props;
use super::formula::Formula;
use super::record::record;
use super::rows::Rows;
use super::shapes::{
    Chart, Rich, RowShape, SheetDrawing, SheetHead, SheetTail, StyleSheet, Table, Theme,
    WorkbookSettings,
};
use super::view::References;
use super::{MAX_CHARTS, MAX_PICTURES};
use crate::codec::{Decode, DecodeError, Encode, Reader, Writer};
use crate::image::Picture;
use crate::words::words;

/// Columns of a sheet.
pub const MAX_COLUMNS: u32 = 16_384;
/// Rows of a sheet.
pub const MAX_ROWS: u32 = 1_048_576;
/// Most bytes of a cell's text.
const MAX_CELL_TEXT: usize = 256 << 10;
const MAX_TABS: usize = 10_000;
const MAX_NAMES: usize = 100_000;
const MAX_STRINGS: usize = 4_000_000;
const MAX_TABLES: usize = 10_000;
const MAX_NOTES: usize = 200_000;
/// Bytes of a name of a sheet or range.
const MAX_NAME: usize = 1_024;

/// A workbook, as Excel shows it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sheet {
    /// Colours and fonts by role.
    pub theme: Option<Props<Theme>>,
    /// Formats.
    pub styles: Option<Props<StyleSheet>>,
    /// Date system, windows, protection, calculation.
    pub settings: Props<WorkbookSettings>,
    /// Names of ranges and formulas.
    pub names: Vec<DefinedName>,
    /// Sheets, in the order of their tabs.
    pub tabs: Vec<Tab>,
    /// Texts that cells name.
    pub strings: Vec<CellText>,
    /// Charts.
    pub charts: Vec<Props<Chart>>,
    /// Pictures.
    pub pictures: Vec<Picture>,
}

/// A name for a range or formula.
#[derive(Debug, Clone, PartialEq)]
pub struct DefinedName {
    /// The name; built-in ones begin with `_xlnm.`.
    pub name: String,
    /// What it stands for.
    pub formula: Formula,
    /// The sheet that alone knows it, by position.
    pub sheet: Option<u32>,
    /// Not in the list people see.
    pub hidden: bool,
}

/// A sheet.
#[derive(Debug, Clone, PartialEq)]
pub struct Tab {
    /// What its tab says.
    pub name: String,
    /// Whether the tab is there to click.
    pub visibility: Visibility,
    /// Cells, or a single chart.
    pub kind: TabKind,
    /// Views, columns and what else stands before the cells.
    pub head: Props<SheetHead>,
    /// Rows, ascending.
    pub rows: Rows,
    /// Merges, validations, print settings and what else stands after the cells.
    pub tail: Props<SheetTail>,
    /// Pictures, shapes, charts.
    pub drawing: Option<Props<SheetDrawing>>,
    /// Tables.
    pub tables: Vec<Props<Table>>,
    /// Notes on cells.
    pub notes: Vec<CellNote>,
}

words! {
    /// Whether people see a sheet.
    #[derive(Default)]
    pub enum Visibility {
        /// Yes.
        #[default]
        Visible = "visible",
        /// No, but they can show it.
        Hidden = "hidden",
        /// No, and only a program can show it.
        VeryHidden = "veryHidden",
    }
}

words! {
    /// What a sheet shows.
    pub enum TabKind {
        /// Cells.
        Cells = "cells",
        /// One chart.
        Chart = "chart",
    }
}

/// A row that differs from an empty one.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Number, height, format.
    pub shape: Props<RowShape>,
    /// Cells, ascending.
    pub cells: Vec<Cell>,
}

/// A cell.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    /// Column, 1 is A.
    pub column: u32,
    /// Number of its format.
    pub style: u32,
    /// What it shows, or last showed.
    pub value: CellValue,
    /// What computes it.
    pub formula: Option<Box<CellFormula>>,
}

/// What a cell shows.
#[derive(Debug, Clone, PartialEq)]
pub enum CellValue {
    /// Nothing.
    Empty,
    /// A number, a date or a time.
    Number(f64),
    /// Yes or no.
    Bool(bool),
    /// An error.
    Error(CellError),
    /// Text by its number in the workbook.
    Shared(u32),
    /// Text a formula made.
    Text(String),
    /// A date and time in ISO 8601.
    Date(String),
}

words! {
    /// What a cell shows instead of a value.
    pub enum CellError {
        /// Ranges that do not meet.
        Null = "#NULL!",
        /// A division by zero.
        Div0 = "#DIV/0!",
        /// A wrong kind of operand.
        Value = "#VALUE!",
        /// A cell that is gone.
        Ref = "#REF!",
        /// An unknown name.
        Name = "#NAME?",
        /// A number out of range.
        Num = "#NUM!",
        /// No value.
        Na = "#N/A",
        /// Still waiting.
        GettingData = "#GETTING_DATA",
        /// No room for a result of several cells.
        Spill = "#SPILL!",
        /// A calculation that cannot be done.
        Calc = "#CALC!",
        /// A value of an unknown kind.
        Unknown = "#UNKNOWN!",
        /// A field that is not there.
        Field = "#FIELD!",
        /// Not allowed.
        Blocked = "#BLOCKED!",
        /// No connection.
        Connect = "#CONNECT!",
        /// Busy.
        Busy = "#BUSY!",
    }
}

/// What computes a cell.
#[derive(Debug, Clone, PartialEq)]
pub enum CellFormula {
    /// A formula of its own.
    Own(Formula),
    /// The first cell of a range that shares a formula.
    SharedFirst {
        /// Number of the shared formula on this sheet.
        group: u32,
        /// Cells that may share it.
        range: String,
        /// The formula as it reads in the first cell.
        formula: Formula,
    },
    /// Another cell of such a range.
    SharedNext(u32),
    /// A formula with one result for each cell of a range.
    Array {
        /// Those cells.
        range: String,
        /// The formula.
        formula: Formula,
    },
}

/// Text of a cell.
#[derive(Debug, Clone, PartialEq)]
pub enum CellText {
    /// In the cell's format.
    Plain(String),
    /// In several formats, or with readings.
    Rich(Box<Props<Rich>>),
}

/// A note on a cell.
#[derive(Debug, Clone, PartialEq)]
pub struct CellNote {
    /// Row, from 1.
    pub row: u32,
    /// Column, from 1.
    pub column: u32,
    /// What it says.
    pub text: CellText,
}

record! { Sheet {
    option theme, option styles, one settings, list(MAX_NAMES) names, list(MAX_TABS) tabs,
    list(MAX_STRINGS) strings, list(MAX_CHARTS) charts, list(MAX_PICTURES) pictures,
} if is_sound }
record! { DefinedName { text(MAX_NAME) name, one formula, option sheet, flag hidden } }
record! { Tab {
    text(MAX_NAME) name, one visibility, one kind, one head, one rows, one tail,
    option drawing, list(MAX_TABLES) tables, list(MAX_NOTES) notes,
} }
record! { Row { one shape, list(MAX_COLUMNS as usize) cells } }
record! { CellNote { one row, one column, one text } if is_sound }

impl CellNote {
    fn is_sound(&self) -> bool {
        (1..=MAX_ROWS).contains(&self.row) && (1..=MAX_COLUMNS).contains(&self.column)
    }
}

impl Sheet {
    /// Whether every reference leads to a picture, chart, text or sheet of this workbook.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        let texts = self.tabs.iter().filter_map(|it| it.rows.last_text());
        let cells_fit = texts.max().is_none_or(|at| (at as usize) < self.strings.len());
        let names_fit =
            self.names.iter().all(|it| it.sheet.is_none_or(|at| (at as usize) < self.tabs.len()));
        let drawings = self.tabs.iter().filter_map(|it| it.drawing.as_ref());
        let needed = References::of(drawings)
            .and(References::of(&self.theme))
            .and(References::of(&self.charts));
        cells_fit && names_fit && needed.lead_to(self.pictures.len(), self.charts.len(), 0)
    }
}

impl Encode for Cell {
    fn encode(&self, to: &mut Writer<'_>) {
        to.u16(u16::try_from(self.column).unwrap_or(0));
        to.u32(self.style);
        to.value(&self.value);
        to.option(self.formula.as_deref());
    }
}

impl Decode for Cell {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let column = u32::from(from.u16()?);
        if !(1..=MAX_COLUMNS).contains(&column) {
            return Err(DecodeError::Invalid("column"));
        }
        let (style, value) = (from.u32()?, from.value()?);
        Ok(Self { column, style, value, formula: from.option()?.map(Box::new) })
    }
}

impl Encode for CellValue {
    fn encode(&self, to: &mut Writer<'_>) {
        match self {
            Self::Empty => to.u8(0),
            Self::Number(number) => {
                to.u8(1);
                to.f64(*number);
            }
            Self::Bool(yes) => {
                to.u8(2);
                to.bool(*yes);
            }
            Self::Error(error) => {
                to.u8(3);
                to.value(error);
            }
            Self::Shared(at) => {
                to.u8(4);
                to.u32(*at);
            }
            Self::Text(text) => {
                to.u8(5);
                to.str(text);
            }
            Self::Date(text) => {
                to.u8(6);
                to.str(text);
            }
        }
    }
}

impl Decode for CellValue {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(match from.u8()? {
            0 => Self::Empty,
            1 => Self::Number(from.f64()?),
            2 => Self::Bool(from.bool()?),
            3 => Self::Error(from.value()?),
            4 => Self::Shared(from.u32()?),
            5 => Self::Text(plain(from, MAX_CELL_TEXT)?),
            6 => Self::date(&from.str(64)?).ok_or(DecodeError::Invalid("date"))?,
            _ => return Err(DecodeError::Invalid("CellValue")),
        })
    }
}

impl CellValue {
    /// A date and time, when every character may stand in one.
    #[must_use]
    pub fn date(text: &str) -> Option<Self> {
        let fits = (1..=40).contains(&text.len())
            && text.bytes().all(|it| it.is_ascii_digit() || b"-:.TZ+".contains(&it));
        fits.then(|| Self::Date(text.to_owned()))
    }
}

impl Encode for CellFormula {
    fn encode(&self, to: &mut Writer<'_>) {
        match self {
            Self::Own(formula) => {
                to.u8(0);
                to.value(formula);
            }
            Self::SharedFirst { group, range, formula } => {
                to.u8(1);
                to.u32(*group);
                to.str(range);
                to.value(formula);
            }
            Self::SharedNext(group) => {
                to.u8(2);
                to.u32(*group);
            }
            Self::Array { range, formula } => {
                to.u8(3);
                to.str(range);
                to.value(formula);
            }
        }
    }
}

impl Decode for CellFormula {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(match from.u8()? {
            0 => Self::Own(from.value()?),
            1 => Self::SharedFirst {
                group: from.u32()?,
                range: range(from)?,
                formula: from.value()?,
            },
            2 => Self::SharedNext(from.u32()?),
            3 => Self::Array { range: range(from)?, formula: from.value()? },
            _ => return Err(DecodeError::Invalid("CellFormula")),
        })
    }
}

/// Whether a text is one range of cells, `A1` or `A1:B2`.
#[must_use]
pub fn is_range(text: &str) -> bool {
    (1..=32).contains(&text.len())
        && text.bytes().all(|it| it.is_ascii_alphanumeric() || b"$:".contains(&it))
}

fn range(from: &mut Reader<'_>) -> Result<String, DecodeError> {
    let text = from.str(32)?;
    if is_range(&text) { Ok(text) } else { Err(DecodeError::Invalid("range")) }
}

fn plain(from: &mut Reader<'_>, max: usize) -> Result<String, DecodeError> {
    let text = from.str(max)?;
    if super::grammar::is_plain(&text) { Ok(text) } else { Err(DecodeError::Invalid("text")) }
}

impl Encode for CellText {
    fn encode(&self, to: &mut Writer<'_>) {
        match self {
            Self::Plain(text) => {
                to.u8(0);
                to.str(text);
            }
            Self::Rich(rich) => {
                to.u8(1);
                to.value(&**rich);
            }
        }
    }
}

impl Decode for CellText {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        match from.u8()? {
            0 => plain(from, MAX_CELL_TEXT).map(Self::Plain),
            1 => from.value().map(|it| Self::Rich(Box::new(it))),
            _ => Err(DecodeError::Invalid("CellText")),
        }
    }
}
