//! A document as a workbook that a clerk fills in, and back (NF-37).
//!
//! One sheet a table of the document ([`crate::forms::tables`]), one question a line; the document's
//! own properties stand one a line on the first sheet. What was written is read back as the same
//! document. Nothing is half read: either every cell is right, or each wrong one is named.

mod cell;
mod grid;
mod kinds;
mod plan;
mod read;
#[cfg(test)]
mod tests;
mod write;

use crate::codes::codes;

pub use read::read;
pub use write::write;

/// Most characters a cell of a spreadsheet holds.
pub const LONGEST_CELL: usize = 32_767;

/// Most faults that are told at once.
pub const MOST_FAULTS: usize = 100;

/// One sheet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sheet {
    /// Its name.
    pub name: String,
    /// Its lines; the first is the heading.
    pub rows: Vec<Vec<String>>,
    /// Cells that offer what can be chosen; empty in a workbook that was read.
    pub offers: Vec<Offer>,
}

/// Cells in which one of several words is chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// Column, from 0.
    pub column: usize,
    /// Line, from 0; every line below the heading when `None`.
    pub row: Option<usize>,
    /// The words.
    pub words: Vec<String>,
}

/// The words of a workbook: the catalogue and the town's departments.
pub trait Words {
    /// Name of the sheet of a table, as in `definition.table`.
    fn sheet(&self, name: &str) -> String;
    /// Heading of a property by its path; `label.en` is the English text.
    fn heading(&self, path: &str) -> String;
    /// Word of a value of a property, when it has one.
    fn value(&self, path: &str, code: &str) -> Option<String>;
    /// Name of a department, when no other has the same.
    fn department(&self, id: &str) -> Option<String>;
    /// Id of the department of this name.
    fn department_id(&self, name: &str) -> Option<String>;
}

/// A wrong cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What is wrong.
    pub code: FaultCode,
    /// Name of the sheet.
    pub sheet: String,
    /// Line of the sheet, from 1; 0 for the whole sheet.
    pub row: usize,
    /// Column, from 0.
    pub column: Option<usize>,
    /// Heading of the column or name of the property.
    pub heading: String,
    /// What stands there, at most 100 characters.
    pub detail: String,
}

codes! {
    /// What can be wrong with a workbook.
    pub enum FaultCode in "procedures.workbook_fault" {
        /// The sheet is not there.
        NoSheet = "no_sheet",
        /// A sheet of another name.
        UnknownSheet = "unknown_sheet",
        /// Two sheets of one name.
        RepeatedSheet = "repeated_sheet",
        /// The heading is not there.
        NoHeading = "no_heading",
        /// A heading that means nothing.
        UnknownHeading = "unknown_heading",
        /// A heading, or a property, that stands twice.
        RepeatedHeading = "repeated_heading",
        /// An empty cell that must be filled.
        Missing = "missing",
        /// No whole number, or one beyond what is taken.
        NotNumber = "not_number",
        /// None of the words that can be chosen.
        NotChoice = "not_choice",
        /// No day.
        NotDay = "not_day",
        /// No moment.
        NotMoment = "not_moment",
        /// No department of the town.
        NotDepartment = "not_department",
        /// It belongs to something that is not there.
        UnknownOwner = "unknown_owner",
        /// It belongs to something that has no such parts.
        WrongOwner = "wrong_owner",
        /// An id that stands twice.
        Repeated = "repeated",
        /// A cell this kind of question does not have.
        NotForKind = "not_for_kind",
        /// No JSON of a layout.
        NotLayout = "not_layout",
        /// The line does not read as a whole.
        Unreadable = "unreadable",
    }
}

/// JSON pointer of a path: `kind.max` is `/kind/max`.
fn pointer(path: &str) -> String {
    if path.is_empty() { String::new() } else { format!("/{}", path.replace('.', "/")) }
}
