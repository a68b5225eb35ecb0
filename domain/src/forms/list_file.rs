//! A list as staff have it: a CSV from a spreadsheet, in UTF-8 or as Windows writes it (NF-61).

use crate::codes::codes;
use crate::forms::definition::{List, MAX_LIST_ROWS};
use crate::spreadsheet::{self, NotSheet, Sheet, TableFault};

/// Most faults that are told at once.
const MOST_FAULTS: usize = 20;

codes! {
    /// What is wrong with a file of a list, one catalogue entry each.
    pub enum ListFaultCode in "procedures.list_fault" {
        /// Neither UTF-8 nor CP932.
        NotText = "not_text",
        /// The heading has no column of this name: `detail`.
        NoColumn = "no_column",
        /// The line has too many or too few values.
        Width = "width",
        /// The line has no name.
        NoName = "no_name",
        /// There is no entry at all.
        Nothing = "nothing",
        /// More than [`MAX_LIST_ROWS`] entries.
        TooMany = "too_many",
    }
}

/// One thing wrong with a file of a list.
pub type ListFault = TableFault<ListFaultCode>;

impl List {
    /// This list with the entries of a CSV. Its heading names the columns, in any order; columns the
    /// list does not have are left out, empty lines as well.
    /// # Errors
    /// Every [`ListFault`], at most 20: nothing is taken by halves.
    pub fn with_file(&self, file: &[u8]) -> Result<Self, Vec<ListFault>> {
        let one = |code, detail: &str| vec![ListFault::new(code, 0, detail)];
        let sheet = Sheet::read(file).map_err(|why| match why {
            NotSheet::NotText => one(ListFaultCode::NotText, ""),
            NotSheet::Nothing => one(ListFaultCode::Nothing, ""),
        })?;
        let places = self.places(&sheet)?;
        let (mut rows, mut faults) = (Vec::new(), Vec::new());
        for line in &sheet.lines {
            let at = |place: &usize| line.values.get(*place).cloned().unwrap_or_default();
            let row: Vec<String> = places.iter().map(at).collect();
            if !sheet.fits(line) {
                let width = line.values.len().to_string();
                faults.push(ListFault::new(ListFaultCode::Width, line.number, &width));
            } else if row[0].is_empty() {
                faults.push(ListFault::new(ListFaultCode::NoName, line.number, ""));
            }
            rows.push(row);
            if faults.len() == MOST_FAULTS {
                break;
            }
        }
        if faults.is_empty() && rows.is_empty() {
            faults = one(ListFaultCode::Nothing, "");
        } else if rows.len() > MAX_LIST_ROWS {
            faults = one(ListFaultCode::TooMany, &MAX_LIST_ROWS.to_string());
        }
        if faults.is_empty() { Ok(Self { rows, ..self.clone() }) } else { Err(faults) }
    }

    /// Where the columns of the list stand in a table.
    fn places(&self, sheet: &Sheet) -> Result<Vec<usize>, Vec<ListFault>> {
        let mut missing = Vec::new();
        let places = self.columns.iter().map(|column| {
            let place = sheet.column(&column.title);
            if place.is_none() {
                missing.push(ListFault::new(ListFaultCode::NoColumn, 1, &column.title));
            }
            place.unwrap_or(0)
        });
        let places = places.collect();
        if missing.is_empty() { Ok(places) } else { Err(missing) }
    }

    /// The list as a CSV that spreadsheets open.
    #[must_use]
    pub fn file(&self) -> Vec<u8> {
        let titles: Vec<String> = self.columns.iter().map(|it| it.title.clone()).collect();
        spreadsheet::written(&titles, &self.rows)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::cp932;

    fn list() -> List {
        serde_json::from_value(json!({"id": "places", "title": "場所", "columns": [
            {"id": "name", "title": "施設名"}, {"id": "kana", "title": "よみ"},
        ]}))
        .unwrap()
    }

    /// NF-61: a file of a spreadsheet is taken in either encoding, with its columns in any order.
    #[test]
    fn a_file_of_a_spreadsheet_is_a_list() {
        let text = "よみ,備考,施設名\r\nひがし,,\"東公民館, 別館\"\r\n,,\r\nにし,x,西公民館\r\n";
        let (windows, lost) = cp932::encode(text);
        assert!(lost.is_empty());
        let marked = [b"\xEF\xBB\xBF", text.as_bytes()].concat();
        for file in [text.as_bytes(), &marked, &windows] {
            let read = list().with_file(file).unwrap();
            assert_eq!(read.rows, [["東公民館, 別館", "ひがし"], ["西公民館", "にし"]]);
            assert_eq!(list().with_file(&read.file()).unwrap(), read);
        }
    }

    /// NF-61: what is wrong with a file is told line by line, and nothing of it is taken.
    #[test]
    fn a_wrong_file_is_told_line_by_line() {
        let told = |file: &[u8]| -> Vec<(&'static str, u64)> {
            let faults = list().with_file(file).unwrap_err();
            faults.iter().map(|fault| (fault.code.key(), fault.line)).collect()
        };
        assert_eq!(told(b""), [("procedures.list_fault.nothing", 0)]);
        assert_eq!(told(b"\xFF\xFE\x00"), [("procedures.list_fault.not_text", 0)]);
        assert_eq!(
            told("名前\n東公民館\n".as_bytes()),
            [("procedures.list_fault.no_column", 1), ("procedures.list_fault.no_column", 1)]
        );
        assert_eq!(
            told("施設名,よみ\n東公民館\n,にし\n中央館,ちゅうおう\n".as_bytes()),
            [("procedures.list_fault.width", 2), ("procedures.list_fault.no_name", 3)]
        );
        let many = format!("施設名,よみ\n{}", "館,かん\n".repeat(MAX_LIST_ROWS + 1));
        assert_eq!(told(many.as_bytes()), [("procedures.list_fault.too_many", 0)]);
    }
}
