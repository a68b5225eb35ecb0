//! One generation, and where attachments lie in it.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use thiserror::Error;

use crate::applications::ReceiptNumber;

/// One delivery: `juminhyo_20261120_000012`. Generations count up and are never written again.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Generation {
    layout: String,
    business_date: Date,
    number: u32,
}

/// A text that names no generation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a generation is named like juminhyo_20261120_000012")]
pub struct BadGeneration;

impl Generation {
    /// A generation of a layout; the number is counted per layout.
    /// # Errors
    /// [`BadGeneration`] when the layout name is not `a-z 0-9 _` or the number 0 or above 999,999.
    pub fn new(layout: &str, business_date: Date, number: u32) -> Result<Self, BadGeneration> {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
        let named = (1..=40).contains(&layout.len()) && layout.bytes().all(plain);
        if !named || !(1..=999_999).contains(&number) || !(1..=9999).contains(&business_date.year())
        {
            return Err(BadGeneration);
        }
        Ok(Self { layout: layout.to_owned(), business_date, number })
    }

    /// Name of the layout.
    #[must_use]
    pub fn layout(&self) -> &str {
        &self.layout
    }

    /// Day the delivery belongs to.
    #[must_use]
    pub const fn business_date(&self) -> Date {
        self.business_date
    }

    /// Number within the layout.
    #[must_use]
    pub const fn number(&self) -> u32 {
        self.number
    }
}

impl fmt::Display for Generation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let day = self.business_date;
        write!(
            f,
            "{}_{:04}{:02}{:02}_{:06}",
            self.layout,
            day.year(),
            day.month(),
            day.day(),
            self.number
        )
    }
}

impl FromStr for Generation {
    type Err = BadGeneration;

    fn from_str(text: &str) -> Result<Self, BadGeneration> {
        let (rest, number) = text.rsplit_once('_').ok_or(BadGeneration)?;
        let (layout, day) = rest.rsplit_once('_').ok_or(BadGeneration)?;
        let digits =
            |text: &str, count| text.len() == count && text.bytes().all(|b| b.is_ascii_digit());
        if !digits(number, 6) || !digits(day, 8) {
            return Err(BadGeneration);
        }
        let part = |range: std::ops::Range<usize>| day[range].parse().map_err(|_| BadGeneration);
        let year: i16 = day[..4].parse().map_err(|_| BadGeneration)?;
        let day = Date::new(year, part(4..6)?, part(6..8)?).map_err(|_| BadGeneration)?;
        Self::new(layout, day, number.parse().map_err(|_| BadGeneration)?)
    }
}

/// Where an attachment lies in a generation: `2026-000123-4/01_証明書.pdf`. `nth` counts from 1.
///
/// The name comes from outside: separators, control characters and what Windows refuses become `_`,
/// dots and spaces at the ends go, and at most 80 UTF-16 units and 200 bytes are kept, so that a
/// share takes it below a long folder (W7). The number in front keeps two names that differ in case
/// alone apart, and a name from being one of Windows' devices.
#[must_use]
pub fn attachment_path(number: ReceiptNumber, nth: usize, name: &str) -> String {
    let refused = |c: char| {
        matches!(c, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|')
            || crate::text::unwanted(c.encode_utf8(&mut [0; 4]), false).is_some()
    };
    let safe: String = name.chars().map(|c| if refused(c) { '_' } else { c }).collect();
    let (stem, ending) = match safe.rsplit_once('.') {
        Some((stem, ending)) if (1..=5).contains(&ending.len()) => (stem, format!(".{ending}")),
        _ => (safe.as_str(), String::new()),
    };
    let mut short = String::new();
    for c in stem.trim_matches(['.', ' ', '　']).chars() {
        let units = short.encode_utf16().count() + c.len_utf16();
        if units > 80 || short.len() + c.len_utf8() > 200 {
            break;
        }
        short.push(c);
    }
    let path = format!("{number}/{nth:02}_{short}{ending}");
    path.trim_end_matches(['.', ' ', '　']).to_owned()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    /// IK-3.5.7b: names sort by day and number and read back.
    #[test]
    fn a_generation_reads_back_from_its_name() {
        let generation = Generation::new("jido_teate", date(2026, 11, 20), 12).unwrap();
        assert_eq!(generation.to_string(), "jido_teate_20261120_000012");
        assert_eq!("jido_teate_20261120_000012".parse(), Ok(generation));
        for bad in [
            "",
            "x",
            "x_20261120",
            "x_20261332_000001",
            "x_20261120_1",
            "X_20261120_000001",
            "../x_20261120_000001",
            "x_20261120_000000",
        ] {
            assert_eq!(bad.parse::<Generation>(), Err(BadGeneration), "{bad}");
        }
    }

    /// W7: a name from outside never leads out of its folder.
    #[test]
    fn an_attachment_lies_in_the_folder_of_its_application() {
        let number = ReceiptNumber::new(2026, 123).unwrap();
        let path =
            |name: &str| attachment_path(number, 1, name).split_once('/').unwrap().1.to_owned();
        assert_eq!(path("証明書.pdf"), "01_証明書.pdf");
        assert_eq!(path("../../etc/passwd"), "01__.._etc_passwd");
        assert_eq!(path("a\\b:c\u{202E}fdp.exe"), "01_a_b_c_fdp.exe");
        assert_eq!(path(&"長".repeat(300)), format!("01_{}", "長".repeat(66)));
        assert_eq!(path(&"a".repeat(300)), format!("01_{}", "a".repeat(80)));
        assert_eq!(
            path(&format!("{}.pdf", "𠮷".repeat(90))),
            format!("01_{}.pdf", "𠮷".repeat(40))
        );
        assert_eq!(path("..."), "01_");
        assert_eq!(path("NUL"), "01_NUL");
        assert_eq!(path("a. "), "01_a");
    }
}
