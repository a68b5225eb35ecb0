//! A table as staff have it: a CSV from a spreadsheet, in UTF-8 or as Windows writes it.

use crate::cp932;
use crate::export::neutral;

/// A table with its heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// Titles of the columns, without blanks around them.
    pub heading: Vec<String>,
    /// The lines that are not empty.
    pub lines: Vec<Line>,
}

/// One line below the heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Line of the file, from 1.
    pub number: u64,
    /// Values without blanks around them; as many as the file has, whatever the heading says.
    pub values: Vec<String>,
}

/// Why bytes are no table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotSheet {
    /// Neither UTF-8 nor CP932.
    NotText,
    /// There is not even a heading.
    Nothing,
}

/// One thing wrong with a table; what can be wrong says each kind of table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableFault<C> {
    /// What is wrong.
    pub code: C,
    /// Line of the file, from 1; 0 for the whole file.
    pub line: u64,
    /// More for the words, at most 100 characters.
    pub detail: String,
}

impl<C> TableFault<C> {
    pub(crate) fn new(code: C, line: u64, detail: &str) -> Self {
        Self { code, line, detail: detail.chars().take(100).collect() }
    }
}

impl Sheet {
    /// Reads a CSV. Its first line is the heading; empty lines are left out. The apostrophe that
    /// [`written`] puts before what a spreadsheet would calculate is taken off again.
    ///
    /// # Errors
    /// [`NotSheet`].
    pub fn read(file: &[u8]) -> Result<Self, NotSheet> {
        let text = text(file).ok_or(NotSheet::NotText)?;
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .from_reader(text.as_bytes());
        let mut heading = None;
        let mut lines = Vec::new();
        for record in reader.records() {
            // Reading text out of memory cannot fail, so a record that does is no text of this kind.
            let record = record.map_err(|_| NotSheet::NotText)?;
            let values: Vec<String> = record.iter().map(|it| typed(it.trim())).collect();
            if heading.is_none() {
                heading = Some(values);
            } else if values.iter().any(|value| !value.is_empty()) {
                let number = record.position().map_or(0, csv::Position::line);
                lines.push(Line { number, values });
            }
        }
        heading.map(|heading| Self { heading, lines }).ok_or(NotSheet::Nothing)
    }

    /// Where the column of this title stands.
    #[must_use]
    pub fn column(&self, title: &str) -> Option<usize> {
        self.heading.iter().position(|one| one == title)
    }

    /// Whether a line has a value for each column and no more.
    #[must_use]
    pub fn fits(&self, line: &Line) -> bool {
        line.values.len() == self.heading.len()
    }
}

/// A table as a CSV that spreadsheets open: UTF-8 with its mark, CRLF. Every row has as many
/// values as there are titles. No cell is one that a spreadsheet would calculate (W18).
#[must_use]
pub fn written(titles: &[String], rows: &[Vec<String>]) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::from("\u{FEFF}"));
    for row in std::iter::once(titles).chain(rows.iter().map(Vec::as_slice)) {
        // Writing to memory fails for rows of other widths only.
        let _ = writer.write_record(row.iter().map(|value| neutral(value)));
    }
    writer.into_inner().unwrap_or_default()
}

/// What was written, without the apostrophe of [`written`].
fn typed(value: &str) -> String {
    let bare = value.strip_prefix('\'').filter(|bare| neutral(bare) != *bare);
    bare.unwrap_or(value).to_owned()
}

fn text(file: &[u8]) -> Option<String> {
    let file = file.strip_prefix("\u{FEFF}".as_bytes()).unwrap_or(file);
    let text = match std::str::from_utf8(file) {
        Ok(text) => text.to_owned(),
        Err(_) => cp932::decode(file)?,
    };
    (!text.contains('\0')).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NF-24, NB-7.1: what a spreadsheet would calculate is text in every table that is written, and comes
    /// back as it was when the table is handed in again; numbers and apostrophes of people stay.
    #[test]
    fn a_formula_is_text_and_comes_back_as_it_was() {
        let values = ["=HYPERLINK(1)", "+81-3", "@x", "-1.5", "'sこと", "－", "花子"];
        let row: Vec<String> = values.map(str::to_owned).to_vec();
        let bytes = written(&row, std::slice::from_ref(&row));
        let text = String::from_utf8(bytes.clone()).expect("text");
        let line = "'=HYPERLINK(1),'+81-3,'@x,-1.5,'sこと,'－,花子\r\n";
        assert_eq!(text, format!("\u{FEFF}{line}{line}"));
        let sheet = Sheet::read(&bytes).expect("a table");
        assert_eq!((&sheet.heading, &sheet.lines[0].values), (&row, &row));
    }
}
