//! CSV as a profile wants it: what stands between values, line ends, quotes, formulas.

use super::profile::{Profile, Quoting};
use crate::cp932;
use crate::forms::expr::Decimal;

/// Writes sheets for people. A character Shift_JIS does not know becomes 〓: whoever writes one
/// lists those. Generations are written by [`super::DataWriter`], where nothing is replaced.
#[derive(Debug)]
pub struct CsvWriter {
    profile: Profile,
    bytes: Vec<u8>,
}

impl CsvWriter {
    /// A writer that begins a file.
    #[must_use]
    pub fn new(profile: Profile) -> Self {
        let bytes = profile.encoding.mark().to_vec();
        Self { profile, bytes }
    }

    /// Writes one row.
    pub fn row<S: AsRef<str>>(&mut self, values: &[S]) {
        let line = line(&self.profile, values.iter().map(AsRef::as_ref));
        // Characters towns draw themselves are nobody's outside.
        let drawn = |c: char| matches!(c, '\u{E000}'..='\u{F8FF}');
        match self.profile.encoding.exact(&line).filter(|_| !line.contains(drawn)) {
            Some(bytes) => self.bytes.extend(bytes),
            None => self.bytes.extend(cp932::encode(&line).0),
        }
    }

    /// Bytes written since the last time.
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.bytes)
    }
}

/// One line with its end.
pub(super) fn line<'v>(profile: &Profile, values: impl Iterator<Item = &'v str>) -> String {
    let mut line = String::new();
    for (n, value) in values.enumerate() {
        if n > 0 {
            line.push(profile.delimiter.letter());
        }
        let plain = plain(profile, value);
        if needs_quotes(profile, &plain) {
            line.push('"');
            line.push_str(&plain.replace('"', "\"\""));
            line.push('"');
        } else {
            line.push_str(&plain);
        }
    }
    line.push_str(profile.newline.text());
    line
}

/// The value without its quotes.
pub(super) fn plain(profile: &Profile, value: &str) -> String {
    let one_line = one_line(profile, value);
    if profile.neutralise_formulas { neutral(&one_line) } else { one_line }
}

/// The value on one line.
pub(super) fn one_line(profile: &Profile, value: &str) -> String {
    value.replace("\r\n", "\n").replace(['\n', '\r'], profile.break_mark())
}

fn needs_quotes(profile: &Profile, plain: &str) -> bool {
    match profile.quoting {
        Quoting::All => true,
        Quoting::Minimal => {
            plain.contains([profile.delimiter.letter(), '"', '\n', '\r'])
                || plain.starts_with(' ')
                || plain.ends_with(' ')
        }
    }
}

/// W18: an apostrophe before what a spreadsheet would calculate; a plain number stays a number.
#[must_use]
pub fn neutral(value: &str) -> String {
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
    use super::super::encoding::Encoding;
    use super::super::profile::{Delimiter, Newline};
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
        let tabs = Profile { delimiter: Delimiter::Tab, ..machine };
        assert_eq!(file(&tabs, &[&["a", "b,c", "d\te"]]), b"a\tb,c\t\"d\te\"\n");
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
}
