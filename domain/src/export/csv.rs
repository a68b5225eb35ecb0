//! CSV as a profile wants it: encoding, line ends, quotes, formulas, 外字.

use super::layout::{Encoding, Gaiji, Newline, Profile, Quoting};
use crate::cp932;
use crate::forms::expr::Decimal;

/// Writes rows into bytes. Take the bytes out as often as you like; nothing else is held.
#[derive(Debug)]
pub struct CsvWriter {
    profile: Profile,
    rows: usize,
    bytes: Vec<u8>,
    gaiji: Vec<GaijiCell>,
}

/// A character that CP932 could not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GaijiCell {
    /// Row of the file from 1, the heading counted.
    pub row: usize,
    /// Column from 1.
    pub column: usize,
    /// Place in the value and code points.
    pub gaiji: cp932::Gaiji,
}

impl CsvWriter {
    /// A writer that begins a file.
    #[must_use]
    pub fn new(profile: Profile) -> Self {
        let bytes = match profile.encoding {
            Encoding::Utf8Bom => vec![0xEF, 0xBB, 0xBF],
            Encoding::Utf8 | Encoding::Cp932 => Vec::new(),
        };
        Self { profile, rows: 0, bytes, gaiji: Vec::new() }
    }

    /// Writes one row.
    pub fn row<S: AsRef<str>>(&mut self, values: &[S]) {
        self.rows += 1;
        for (n, value) in values.iter().enumerate() {
            if n > 0 {
                self.bytes.push(b',');
            }
            self.put(value.as_ref(), n + 1);
        }
        self.bytes.extend_from_slice(match self.profile.newline {
            Newline::Crlf => b"\r\n",
            Newline::Lf => b"\n",
        });
    }

    /// The value without its quotes.
    fn plain(&self, value: &str) -> String {
        let one_line = value.replace("\r\n", "\n").replace(['\n', '\r'], &self.profile.line_break);
        if self.profile.neutralise_formulas { neutral(&one_line) } else { one_line }
    }

    fn needs_quotes(&self, plain: &str) -> bool {
        match self.profile.quoting {
            Quoting::All => true,
            Quoting::Minimal => {
                plain.contains([',', '"', '\n', '\r'])
                    || plain.starts_with(' ')
                    || plain.ends_with(' ')
            }
        }
    }

    fn put(&mut self, value: &str, column: usize) {
        let plain = self.plain(value);
        let quote: &[u8] = if self.needs_quotes(&plain) { b"\"" } else { b"" };
        self.bytes.extend_from_slice(quote);
        let doubled = if quote.is_empty() { plain.clone() } else { plain.replace('"', "\"\"") };
        match self.profile.encoding {
            Encoding::Utf8 | Encoding::Utf8Bom => self.bytes.extend_from_slice(doubled.as_bytes()),
            Encoding::Cp932 => {
                let (bytes, gaiji) = cp932::encode(&doubled);
                self.bytes.extend(bytes);
                if !gaiji.is_empty() {
                    self.list_gaiji(&plain, column);
                }
            }
        }
        self.bytes.extend_from_slice(quote);
    }

    /// Places count in the value itself, not in its quoted form.
    fn list_gaiji(&mut self, plain: &str, column: usize) {
        let row = self.rows;
        let (_, gaiji) = cp932::encode(plain);
        self.gaiji.extend(gaiji.into_iter().map(|gaiji| GaijiCell { row, column, gaiji }));
    }

    /// Whether a row holds a character the encoding cannot, under a profile that holds it back.
    #[must_use]
    pub fn must_hold<S: AsRef<str>>(&self, values: &[S]) -> bool {
        let strict = self.profile.encoding == Encoding::Cp932 && self.profile.gaiji == Gaiji::Hold;
        strict && values.iter().any(|value| !value.as_ref().chars().all(cp932::holds))
    }

    /// Bytes written since the last time.
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.bytes)
    }

    /// Rows written, the heading counted.
    #[must_use]
    pub const fn rows(&self) -> usize {
        self.rows
    }

    /// What could not be held, for `gaiji.csv`.
    #[must_use]
    pub fn gaiji(&self) -> &[GaijiCell] {
        &self.gaiji
    }
}

/// The side file that lists what became 〓: UTF-8, one line per character; `None` when there is none.
#[must_use]
pub fn gaiji_file(gaiji: &[GaijiCell]) -> Option<Vec<u8>> {
    if gaiji.is_empty() {
        return None;
    }
    let mut csv = CsvWriter::new(Profile::default());
    csv.row(&["row", "column", "place", "code_points"]);
    for cell in gaiji {
        csv.row(&[
            cell.row.to_string(),
            cell.column.to_string(),
            (cell.gaiji.place + 1).to_string(),
            cell.gaiji.written(),
        ]);
    }
    Some(csv.take())
}

/// W18: an apostrophe before what a spreadsheet would calculate; a plain number stays a number.
fn neutral(value: &str) -> String {
    let first = value.trim_start_matches([' ', '　']).chars().next();
    let calculates = matches!(
        first,
        Some('=' | '+' | '-' | '@' | '\t' | '\r' | '＝' | '＋' | '－' | '＠' | '−')
    );
    if calculates && value.parse::<Decimal>().is_err() {
        format!("'{value}")
    } else {
        value.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(profile: &Profile, rows: &[&[&str]]) -> Vec<u8> {
        let mut csv = CsvWriter::new(profile.clone());
        for row in rows {
            csv.row(row);
        }
        csv.take()
    }

    /// NF-24: for people: BOM, CRLF, every value quoted.
    #[test]
    fn a_file_is_written_as_its_profile_says() {
        let people = Profile { encoding: Encoding::Utf8Bom, ..Profile::default() };
        let bytes = file(&people, &[&["氏名", "備考"], &["山田", "一\n\"二\""]]);
        let text = "\u{FEFF}\"氏名\",\"備考\"\r\n\"山田\",\"一⏎\"\"二\"\"\"\r\n";
        assert_eq!(bytes, text.as_bytes());
        let machine =
            Profile { quoting: Quoting::Minimal, newline: Newline::Lf, ..Profile::default() };
        assert_eq!(file(&machine, &[&["a", "b,c", " d", ""]]), b"a,\"b,c\",\" d\",\n");
    }

    /// W18: nothing a citizen types is calculated.
    #[test]
    fn formulas_are_neutralised_for_people() {
        for bad in ["=1+1", "+81", "-a", "@x", "＝1", "＋x", "－x", "＠x", "\t=1", " =1", "−1"]
        {
            let safe = neutral(bad);
            assert!(safe.starts_with('\'') || bad == "+81", "{bad}");
        }
        for good in ["-5", "1=1", "山田", "", "-0.5"] {
            assert_eq!(neutral(good), good);
        }
    }

    /// IK-2.1.2d1: what CP932 cannot hold is 〓 and listed with its place.
    #[test]
    fn gaiji_are_listed_with_their_place() {
        let profile = Profile { encoding: Encoding::Cp932, ..Profile::default() };
        let mut csv = CsvWriter::new(profile.clone());
        csv.row(&["氏名", "住所"]);
        csv.row(&["𠮷田", "葛\u{E0100}城"]);
        assert_eq!(
            cp932::decode(&csv.take()).unwrap(),
            "\"氏名\",\"住所\"\r\n\"〓田\",\"〓城\"\r\n"
        );
        let side = String::from_utf8(gaiji_file(csv.gaiji()).unwrap()).unwrap();
        assert!(side.contains("\"2\",\"1\",\"1\",\"U+20BB7\""), "{side}");
        assert_eq!(gaiji_file(&[]), None);
        let strict = CsvWriter::new(Profile { gaiji: Gaiji::Hold, ..profile });
        assert!(strict.must_hold(&["𠮷田"]) && !strict.must_hold(&["吉田"]));
    }
}
