//! The list beside a data file of everything that is not written as it was typed.

use super::characters::Change;
use super::csv::CsvWriter;
use super::profile::Profile;

/// Writes the list: UTF-8, one line per character.
///
/// ```text
/// "record","number","column","place","code_points","written","how"
/// "3","2026-000123-4","family","1","U+20BB7","U+3013","geta"
/// ```
#[derive(Debug)]
pub struct Report {
    csv: CsvWriter,
    lines: u64,
    flagged: u64,
}

impl Default for Report {
    fn default() -> Self {
        let mut csv = CsvWriter::new(Profile::default());
        csv.row(&["record", "number", "column", "place", "code_points", "written", "how"]);
        Self { csv, lines: 0, flagged: 0 }
    }
}

impl Report {
    /// Lists the changes of one record: its place from 1, its receipt number, column ids.
    pub fn add<'c>(
        &mut self,
        record: u64,
        number: &str,
        changes: impl Iterator<Item = (&'c str, &'c Change)>,
    ) {
        let mut flagged = false;
        for (column, change) in changes {
            self.lines += 1;
            flagged |= change.how.flags();
            self.csv.row(&[
                record.to_string().as_str(),
                number,
                column,
                &(change.place + 1).to_string(),
                &code_points(&change.character),
                &code_points(&change.written),
                change.how.key(),
            ]);
        }
        self.flagged += u64::from(flagged);
    }

    /// Changes listed.
    #[must_use]
    pub const fn lines(&self) -> u64 {
        self.lines
    }

    /// Records in which another character, or less, is written than was typed.
    #[must_use]
    pub const fn flagged(&self) -> u64 {
        self.flagged
    }

    /// Bytes written since the last time, the heading first.
    pub fn take(&mut self) -> Vec<u8> {
        self.csv.take()
    }
}

/// `U+845B U+E0100`.
fn code_points(text: &str) -> String {
    let points: Vec<String> = text.chars().map(|c| format!("U+{:04X}", c as u32)).collect();
    points.join(" ")
}
