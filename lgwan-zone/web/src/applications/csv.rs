//! A CSV sheet for people: quoted, CRLF, no cell that a spreadsheet would run.

use bytes::Bytes;
use domain::cp932;

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
    bytes: Vec<u8>,
    begun: bool,
}

impl Sheet {
    /// An empty sheet.
    #[must_use]
    pub const fn new(encoding: Encoding) -> Self {
        Self { encoding, bytes: Vec::new(), begun: false }
    }

    /// Adds a row. The first one is the heading.
    pub fn row(&mut self, cells: &[String]) {
        match self.encoding {
            Encoding::Utf8Bom => {
                if !self.begun {
                    self.bytes.extend_from_slice("\u{FEFF}".as_bytes());
                }
                self.line(cells, |text| text.as_bytes().to_vec());
            }
            Encoding::Cp932 => self.cp932_row(cells),
        }
        self.begun = true;
    }

    fn cp932_row(&mut self, cells: &[String]) {
        let mut replaced = Vec::new();
        for (place, cell) in cells.iter().enumerate() {
            let (_, gaiji) = cp932::encode(cell);
            replaced.extend(gaiji.iter().map(|one| format!("{}: {}", place + 1, one.written())));
        }
        let last = if self.begun {
            replaced.join(" / ")
        } else {
            crate::site::TEXTS.text("applications.csv.replaced").to_owned()
        };
        let cells: Vec<String> = cells.iter().cloned().chain(std::iter::once(last)).collect();
        self.line(&cells, |text| cp932::encode(text).0);
    }

    fn line(&mut self, cells: &[String], encode: impl Fn(&str) -> Vec<u8>) {
        for (place, cell) in cells.iter().enumerate() {
            if place > 0 {
                self.bytes.push(b',');
            }
            let quoted = format!("\"{}\"", harmless(cell).replace('"', "\"\""));
            self.bytes.extend(encode(&quoted));
        }
        self.bytes.extend_from_slice(b"\r\n");
    }

    /// What is ready to be sent.
    pub fn take(&mut self) -> Bytes {
        Bytes::from(std::mem::take(&mut self.bytes))
    }

    /// The rest.
    pub fn finish(&mut self) -> Bytes {
        self.take()
    }
}

/// A cell that no spreadsheet takes for a formula, in one line (W18).
fn harmless(cell: &str) -> String {
    let one_line = cell.replace("\r\n", " ").replace(['\r', '\n'], " ");
    let starts = one_line.trim_start().chars().next();
    let runs =
        starts.is_some_and(|first| "=+-@＝＋－＠".contains(first)) || one_line.starts_with('\t');
    if runs { format!("'{one_line}") } else { one_line }
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
        for evil in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝1", " =1", "＋1", "＠a"] {
            assert!(harmless(evil).starts_with('\''), "{evil:?}");
        }
        assert_eq!(harmless("山田 - 花子"), "山田 - 花子");
        assert_eq!(harmless("一\r\n二"), "一 二");
    }

    /// NF-24: UTF-8 with BOM, CRLF, everything quoted.
    #[test]
    fn a_sheet_for_people_opens_in_a_spreadsheet() {
        let mut sheet = Sheet::new(Encoding::Utf8Bom);
        sheet.row(&cells(&["番号", "氏名"]));
        sheet.row(&cells(&["1", "山\"田"]));
        assert_eq!(sheet.finish(), "\u{FEFF}\"番号\",\"氏名\"\r\n\"1\",\"山\"\"田\"\r\n");
    }

    /// NF-24: what Shift_JIS cannot hold is replaced and named, never silent.
    #[test]
    fn a_character_outside_shift_jis_is_reported() {
        let mut sheet = Sheet::new(Encoding::Cp932);
        sheet.row(&cells(&["氏名"]));
        sheet.row(&cells(&["𠮷田"]));
        let bytes = sheet.finish();
        let (text, _, bad) = encoding_rs::SHIFT_JIS.decode(&bytes);
        assert!(!bad);
        assert!(text.ends_with("\"〓田\",\"1: U+20BB7\"\r\n"), "{text}");
    }
}
