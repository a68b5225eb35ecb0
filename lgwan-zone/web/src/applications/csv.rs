//! A CSV sheet for people: quoted, CRLF, no cell that a spreadsheet would run.

use bytes::Bytes;
use domain::cp932;
use domain::export::{self, CsvWriter, Profile};

use crate::site::TEXTS;

/// Character encoding of a sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8 with BOM: every spreadsheet reads it.
    Utf8Bom,
    /// Shift_JIS as Windows knows it, for old programs. What it cannot hold
    /// becomes 〓 and is listed in one more column at the end of the row.
    Cp932,
}

impl Encoding {
    /// Media type.
    #[must_use]
    pub const fn media(self) -> &'static str {
        match self {
            Self::Utf8Bom => "text/csv; charset=utf-8",
            Self::Cp932 => "text/csv; charset=Shift_JIS",
        }
    }
}

/// Rows on their way out.
pub struct Sheet {
    encoding: Encoding,
    writer: CsvWriter,
    begun: bool,
}

impl Sheet {
    /// An empty sheet.
    #[must_use]
    pub fn new(encoding: Encoding) -> Self {
        let profile = Profile {
            encoding: match encoding {
                Encoding::Utf8Bom => export::Encoding::Utf8Bom,
                Encoding::Cp932 => export::Encoding::Cp932,
            },
            neutralise_formulas: true,
            line_break: " ".to_owned(),
            ..Profile::default()
        };
        Self { encoding, writer: CsvWriter::new(profile), begun: false }
    }

    /// Adds a row. The first one is the heading.
    pub fn row(&mut self, cells: &[String]) {
        match self.encoding {
            Encoding::Utf8Bom => self.writer.row(cells),
            Encoding::Cp932 => {
                let last = if self.begun {
                    replaced(cells)
                } else {
                    TEXTS.text("applications.csv.replaced").to_owned()
                };
                let cells: Vec<&str> =
                    cells.iter().map(String::as_str).chain(std::iter::once(&*last)).collect();
                self.writer.row(&cells);
            }
        }
        self.begun = true;
    }

    /// What is ready to be sent.
    pub fn take(&mut self) -> Bytes {
        Bytes::from(self.writer.take())
    }
}

/// What becomes 〓, as column number and code points.
fn replaced(cells: &[String]) -> String {
    let places = cells.iter().zip(1..).flat_map(|(cell, column)| {
        let (_, gaiji) = cp932::encode(cell);
        gaiji.into_iter().map(move |one| format!("{column}: {}", one.written()))
    });
    places.collect::<Vec<_>>().join(" / ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    /// NF-24: a cell from a citizen never runs in a clerk's spreadsheet.
    #[test]
    fn no_cell_is_a_formula() {
        for evil in ["=1+1", "+cmd", "-cmd", "@SUM(A1)", "\t=1", "＝1", " =1", "＋x", "＠a"] {
            let mut sheet = Sheet::new(Encoding::Utf8Bom);
            sheet.row(&cells(&[evil]));
            let text = String::from_utf8(sheet.take().to_vec()).expect("UTF-8");
            assert!(text.starts_with("\u{FEFF}\"'"), "{evil:?}: {text}");
        }
    }

    /// NF-24: UTF-8 with BOM, CRLF, everything quoted.
    #[test]
    fn a_sheet_for_people_opens_in_a_spreadsheet() {
        let mut sheet = Sheet::new(Encoding::Utf8Bom);
        sheet.row(&cells(&["番号", "氏名"]));
        sheet.row(&cells(&["1", "山\"田"]));
        assert_eq!(sheet.take(), "\u{FEFF}\"番号\",\"氏名\"\r\n\"1\",\"山\"\"田\"\r\n");
    }

    /// NF-24: what Shift_JIS cannot hold is replaced and named, never silent.
    #[test]
    fn a_character_outside_shift_jis_is_reported() {
        let mut sheet = Sheet::new(Encoding::Cp932);
        sheet.row(&cells(&["氏名"]));
        sheet.row(&cells(&["𠮷田"]));
        let bytes = sheet.take();
        let (text, _, bad) = encoding_rs::SHIFT_JIS.decode(&bytes);
        assert!(!bad);
        assert!(text.ends_with("\"〓田\",\"1: U+20BB7\"\r\n"), "{text}");
    }
}
