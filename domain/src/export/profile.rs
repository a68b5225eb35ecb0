//! How a data file is written: encoding, line ends, dates, characters, as data.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::encoding::Encoding;
use crate::calendar::{PartialDate, Wareki, western};

/// Shape of the data file. The default is the machine default: UTF-8 without BOM, CRLF, all quoted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Profile {
    /// Character encoding.
    pub encoding: Encoding,
    /// Line end.
    pub newline: Newline,
    /// What is quoted (CSV).
    pub quoting: Quoting,
    /// First row (CSV, spreadsheet).
    pub header: Header,
    /// How ISO dates are written; a column may say otherwise.
    pub dates: DateFormat,
    /// Put an apostrophe before what a spreadsheet would calculate (CSV for people only).
    pub neutralise_formulas: bool,
    /// What becomes of characters that cannot be written.
    pub gaiji: Gaiji,
    /// What stands for a line break inside a value (CSV, fixed length).
    pub line_break: String,
    /// What stands between values (CSV).
    #[serde(skip_serializing_if = "is_default")]
    pub delimiter: Delimiter,
    /// What stands between the values of a column that has several.
    #[serde(skip_serializing_if = "is_joiner")]
    pub joiner: String,
    /// Name of the table of replacements that staff upload; its newest version counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gaiji_table: Option<String>,
    /// What becomes of variation selectors (IVS) that cannot be written.
    #[serde(skip_serializing_if = "is_default")]
    pub selectors: Selectors,
    /// Which characters the receiver knows, where the encoding holds more.
    #[serde(skip_serializing_if = "is_default")]
    pub repertoire: Repertoire,
}

/// For a line break unless the profile says otherwise; CP932 does not know it.
const BREAK: &str = "\u{23CE}";
/// Between several values of one column unless the profile says otherwise.
const JOINER: &str = ";";

fn is_joiner(joiner: &str) -> bool {
    joiner == JOINER
}

pub(super) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl Default for Profile {
    fn default() -> Self {
        Self {
            encoding: Encoding::Utf8,
            newline: Newline::Crlf,
            quoting: Quoting::All,
            header: Header::Physical,
            dates: DateFormat::Iso,
            neutralise_formulas: false,
            gaiji: Gaiji::Geta,
            line_break: BREAK.to_owned(),
            delimiter: Delimiter::Comma,
            joiner: JOINER.to_owned(),
            gaiji_table: None,
            selectors: Selectors::Keep,
            repertoire: Repertoire::All,
        }
    }
}

impl Profile {
    /// What stands for a line break: a space in CP932 where the profile chose nothing.
    #[must_use]
    pub fn break_mark(&self) -> &str {
        let unknown = self.encoding == Encoding::Cp932 && self.line_break == BREAK;
        if unknown { " " } else { &self.line_break }
    }
}

/// Line end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Newline {
    /// CR LF.
    #[default]
    Crlf,
    /// LF.
    Lf,
}

impl Newline {
    /// Its characters.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Crlf => "\r\n",
            Self::Lf => "\n",
        }
    }
}

/// What stands between values.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delimiter {
    /// `,`
    #[default]
    Comma,
    /// U+0009.
    Tab,
    /// `;`
    Semicolon,
    /// `|`
    Pipe,
}

impl Delimiter {
    /// Its character.
    #[must_use]
    pub const fn letter(self) -> char {
        match self {
            Self::Comma => ',',
            Self::Tab => '\t',
            Self::Semicolon => ';',
            Self::Pipe => '|',
        }
    }
}

/// What is quoted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quoting {
    /// Every value.
    #[default]
    All,
    /// Only where needed.
    Minimal,
}

/// First row.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Header {
    /// Data at once.
    None,
    /// Japanese headings.
    Japanese,
    /// Physical names.
    #[default]
    Physical,
}

/// How ISO dates are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateFormat {
    /// 2026-11-20.
    #[default]
    Iso,
    /// 20261120.
    Compact,
    /// 2026/11/20.
    Slash,
    /// 令和8年11月20日.
    Wareki,
    /// Era letter: R08.11.20.
    EraLetter,
    /// Era digit and yymmdd: 5081120.
    EraDigit,
}

impl DateFormat {
    /// Whether it counts the years of an era.
    #[must_use]
    pub const fn is_of_an_era(self) -> bool {
        match self {
            Self::Wareki | Self::EraLetter | Self::EraDigit => true,
            Self::Iso | Self::Compact | Self::Slash => false,
        }
    }

    /// Writes a day. Days before 明治 are written by their western date, or not at all as era digit.
    #[must_use]
    pub fn write(self, day: Date) -> String {
        let wareki = Wareki::of(day);
        let (y, m, d) = (day.year(), day.month(), day.day());
        match self {
            Self::Iso => day.to_string(),
            Self::Compact => format!("{y:04}{m:02}{d:02}"),
            Self::Slash => format!("{y:04}/{m:02}/{d:02}"),
            Self::Wareki => wareki.map_or_else(|| western(day), |w| w.to_string()),
            Self::EraLetter => wareki.map_or_else(
                || day.to_string(),
                |w| format!("{}{:02}.{m:02}.{d:02}", w.era.letter(), w.year),
            ),
            Self::EraDigit => wareki.map_or_else(String::new, Wareki::era_digit),
        }
    }

    /// Writes a date as far as it is known. Where nothing parts the numbers, `00` stands for what is not
    /// known, so that the length stays. A month or year is of the era of its last day.
    #[must_use]
    pub fn write_known(self, date: PartialDate) -> String {
        let (first, month) = match date {
            PartialDate::Day(day) => return self.write(day),
            PartialDate::Month(first) => (first, Some(first.month())),
            PartialDate::Year(first) => (first, None),
        };
        let wareki = Wareki::of(date.days().1);
        let y = first.year();
        let parted = |year: String, mark: char| match month {
            Some(m) => format!("{year}{mark}{m:02}"),
            None => year,
        };
        match self {
            Self::Iso => date.to_string(),
            Self::Compact => format!("{y:04}{:02}00", month.unwrap_or(0)),
            Self::Slash => parted(format!("{y:04}"), '/'),
            Self::Wareki => {
                let year = wareki.map_or_else(|| format!("{y}年"), Wareki::named_year);
                month.map_or_else(|| year.clone(), |m| format!("{year}{m}月"))
            }
            Self::EraLetter => wareki.map_or_else(
                || date.to_string(),
                |w| parted(format!("{}{:02}", w.era.letter(), w.year), '.'),
            ),
            Self::EraDigit => wareki.map_or_else(String::new, |w| {
                format!("{}{:02}{:02}00", w.era.digit(), w.year, month.unwrap_or(0))
            }),
        }
    }
}

/// What becomes of characters that cannot be written. Whatever is changed stands in the
/// generation's report and flags its record.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gaiji {
    /// Write 〓.
    #[default]
    Geta,
    /// Hold the application back.
    #[serde(alias = "error")]
    Hold,
    /// Write what the table says; hold back what it does not know.
    Map,
    /// Write what the table says and 〓 for what it does not know.
    MapOrGeta,
}

impl Gaiji {
    /// Whether it looks into the table.
    #[must_use]
    pub const fn maps(self) -> bool {
        match self {
            Self::Map | Self::MapOrGeta => true,
            Self::Geta | Self::Hold => false,
        }
    }

    /// Whether what is not in the table is held back.
    #[must_use]
    pub const fn holds(self) -> bool {
        match self {
            Self::Hold | Self::Map => true,
            Self::Geta | Self::MapOrGeta => false,
        }
    }
}

/// What becomes of variation selectors that cannot be written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Selectors {
    /// The character with its selector is one that cannot be written.
    #[default]
    Keep,
    /// The selector is left out and reported, the character stays.
    Drop,
}

/// Which characters the receiver knows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Repertoire {
    /// All that the encoding holds.
    #[default]
    All,
    /// The basic plane (U+0000–FFFF) without variation selectors: programs that count UTF-16 units.
    Bmp,
}
