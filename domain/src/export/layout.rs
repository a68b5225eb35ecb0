//! What the business system wants: columns and the shape of the file, as data.

use serde::{Deserialize, Serialize};

/// Layout of the exports of one procedure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Layout {
    /// Short ASCII name, first part of file names: `a-z 0-9 _`.
    pub name: String,
    /// Counts up when columns change; stands in the `.end` file.
    pub version: u32,
    /// Columns, left to right.
    pub columns: Vec<Column>,
    /// Shape of the file.
    #[serde(default)]
    pub profile: Profile,
    /// Put the rebuilt attachments in a folder per receipt number.
    #[serde(default)]
    pub attachments: bool,
}

/// One column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// Physical name in ASCII: `a-z 0-9 _`.
    pub id: String,
    /// Japanese heading.
    pub header: String,
    /// Where the value comes from.
    pub source: ColumnSource,
}

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnSource {
    /// An input by name, as stored (codes, ISO dates); several values joined by `;`.
    Input(String),
    /// The label of what was chosen in a field; several joined by `;`.
    Label(String),
    /// An expression over the answers.
    Expr(String),
    /// Something the system knows.
    System(SystemValue),
    /// Always the same text.
    Fixed(String),
}

/// Something the system knows about an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SystemValue {
    /// 受付番号.
    ReceiptNumber,
    /// 到達日時 in JST, RFC 3339.
    ArrivedAt,
    /// 到達日, in the date format of the profile.
    ArrivedOn,
    /// State key.
    State,
    /// Procedure id.
    ProcedureId,
    /// Revision of the procedure.
    Revision,
    /// Number of attachments delivered.
    AttachmentCount,
}

/// Shape of the data file. The default is the machine default: UTF-8 without BOM, CRLF, all quoted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Profile {
    /// Character encoding.
    pub encoding: Encoding,
    /// Line end.
    pub newline: Newline,
    /// What is quoted.
    pub quoting: Quoting,
    /// First row.
    pub header: Header,
    /// How ISO dates are written.
    pub dates: DateFormat,
    /// Put an apostrophe before what a spreadsheet would calculate (people only).
    pub neutralise_formulas: bool,
    /// What becomes of characters CP932 cannot hold.
    pub gaiji: Gaiji,
    /// What stands for a line break inside a value.
    pub line_break: String,
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
            line_break: "\u{23CE}".to_owned(),
        }
    }
}

/// Character encoding.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// UTF-8 without BOM.
    #[default]
    Utf8,
    /// UTF-8 with BOM, for people.
    Utf8Bom,
    /// Shift_JIS as Windows knows it.
    Cp932,
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
    /// 令和8年11月20日.
    Wareki,
    /// Era digit and yymmdd: 5081120.
    EraDigit,
}

/// What becomes of characters CP932 cannot hold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gaiji {
    /// Write 〓 and list the place in `gaiji.csv`.
    #[default]
    Geta,
    /// Hold the application back.
    Hold,
}

impl Encoding {
    /// How the encoding is named in the `.end` file.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Utf8 => "utf8",
            Self::Utf8Bom => "utf8_bom",
            Self::Cp932 => "cp932",
        }
    }

    /// Reads [`Self::key`]; `None` for any other text.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        [Self::Utf8, Self::Utf8Bom, Self::Cp932].into_iter().find(|encoding| encoding.key() == key)
    }
}
