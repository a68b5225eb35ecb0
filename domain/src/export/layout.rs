//! What the business system wants: columns and the shape of the file, as data.

use serde::{Deserialize, Serialize};

use super::names::FileName;
use super::profile::{DateFormat, Profile, is_default};
use super::shape::{Pad, Shape, Side};

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
    /// How values are written.
    #[serde(default)]
    pub profile: Profile,
    /// What kind of file it is.
    #[serde(default, skip_serializing_if = "is_default")]
    pub shape: Shape,
    /// Put the rebuilt attachments in a folder per receipt number.
    #[serde(default)]
    pub attachments: bool,
    /// Put a list of the attachments beside the data file, one line each.
    #[serde(default, skip_serializing_if = "is_default")]
    pub attachment_list: bool,
    /// Put a list of the codes and their labels beside the data file.
    #[serde(default, skip_serializing_if = "is_default")]
    pub code_table: bool,
    /// How the files are named.
    #[serde(default, skip_serializing_if = "is_default")]
    pub file_name: FileName,
    /// Most records of one data file: what is more goes into further files of the generation,
    /// `…_001.csv`, `…_002.csv`. One file when left out.
    #[serde(default, skip_serializing_if = "is_default")]
    pub rows_per_file: Option<u32>,
    /// What lies beside each data file to check it by.
    #[serde(default, skip_serializing_if = "is_default")]
    pub checksum: Checksum,
    /// Hold to the rules of machine-readable data: 西暦 beside 和暦, what is written beside その他 in
    /// a column of its own, no unit behind a number, a heading, and the codes with their labels.
    #[serde(default, skip_serializing_if = "is_default")]
    pub machine_readable: bool,
}

/// What lies beside a data file to check it by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Checksum {
    /// Nothing; the control file has the sum of every file.
    #[default]
    None,
    /// `<data file>.sha256`, one line as `sha256sum` writes it.
    Sha256,
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
    /// Whether a procedure without this field may use the layout; the column is empty then.
    #[serde(default, skip_serializing_if = "is_default")]
    pub optional: bool,
    /// A condition over the answers; the column is empty where it does not hold.
    #[serde(default, skip_serializing_if = "is_default")]
    pub when: Option<String>,
    /// Whether an application without a value is held back.
    #[serde(default, skip_serializing_if = "is_default")]
    pub required: bool,
    /// What stands for no value.
    #[serde(default, skip_serializing_if = "is_default")]
    pub empty: String,
    /// How dates of this column are written; otherwise as the profile says.
    #[serde(default, skip_serializing_if = "is_default")]
    pub dates: Option<DateFormat>,
    /// Makes it a column of numbers: plain digits, written without commas.
    #[serde(default, skip_serializing_if = "is_default")]
    pub number: Option<NumberFormat>,
    /// Width of letters and kana.
    #[serde(default, skip_serializing_if = "is_default")]
    pub letters: Letters,
    /// Bytes: of the column in a fixed-length record, at most in every other file.
    #[serde(default, skip_serializing_if = "is_default")]
    pub width: Option<u32>,
    /// What becomes of a value that is longer.
    #[serde(default, skip_serializing_if = "is_default")]
    pub overflow: Overflow,
    /// On which side a value stands in a fixed-length record.
    #[serde(default, skip_serializing_if = "is_default")]
    pub side: Side,
    /// What fills the rest of a fixed-length column.
    #[serde(default, skip_serializing_if = "is_default")]
    pub pad: Pad,
    /// XML elements from the record's inwards, joined by `/`; the id when left out.
    #[serde(default, skip_serializing_if = "is_default")]
    pub path: String,
}

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnSource {
    /// An input by name, as stored (codes, ISO dates).
    Input(String),
    /// The label of what was chosen in a field.
    Label(String),
    /// An expression over the answers.
    Expr(String),
    /// Several of these, one behind the other with nothing between.
    Join(Vec<ColumnSource>),
    /// The first of these that has a value.
    First(Vec<ColumnSource>),
    /// What staff noted in a field of their own (職員用の項目), by input name, as stored.
    Staff(String),
    /// The label of what staff chose in a field of their own.
    StaffLabel(String),
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
    /// 手続名.
    ProcedureTitle,
    /// Revision of the procedure.
    Revision,
    /// Number of attachments delivered.
    AttachmentCount,
    /// Paths of the attachments in the generation, several values.
    AttachmentPaths,
    /// `1` when a character of the record was replaced or a value cut, otherwise `0`.
    ChangedFlag,
}

/// How numbers are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NumberFormat {
    /// Digits behind the point, 0 to 6. More than that in a value is an error.
    #[serde(default)]
    pub decimals: u8,
    /// Whether the decimal point is left out: 12.50 is written 1250.
    #[serde(default, skip_serializing_if = "is_default")]
    pub implied_point: bool,
    /// Whether the sum of the column stands in the `.end` file.
    #[serde(default, skip_serializing_if = "is_default")]
    pub total: bool,
}

/// Width of letters and kana.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Letters {
    /// As they were typed.
    #[default]
    Keep,
    /// Half width: hiragana becomes katakana, then ｶﾞ; letters and digits ASCII.
    Half,
    /// Full width: ｶﾞ becomes ガ, A becomes Ａ.
    Full,
    /// Hiragana becomes katakana.
    Katakana,
}

/// What becomes of a value that is longer than its column.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Overflow {
    /// The application is held back.
    #[default]
    Error,
    /// It is cut between two characters, reported, and the record flagged.
    Truncate,
}

impl Column {
    /// The elements of its value in XML, outermost first.
    pub fn elements(&self) -> impl Iterator<Item = &str> {
        let path = if self.path.is_empty() { &self.id } else { &self.path };
        path.split('/')
    }
}
