//! The kinds of questions and their limits.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Capacity, Field, Words};

/// What is asked. In JSON: `{"type": "text", "max": 40}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[expect(clippy::large_enum_variant, reason = "a form has some hundred questions at most")]
pub enum FieldKind {
    /// One line.
    Text(Text),
    /// Several lines.
    Textarea(Textarea),
    /// A number.
    Number(Number),
    /// A day, in 西暦 or 和暦.
    Date(DateKind),
    /// A month, in 西暦 or 和暦.
    Month(MonthKind),
    /// A time of day.
    Time(TimeKind),
    /// 氏名 with フリガナ.
    Name(NameKind),
    /// 住所 with 郵便番号.
    Address(Address),
    /// 電話番号.
    Phone(Phone),
    /// メールアドレス.
    Email(Email),
    /// 法人番号.
    CorporateNumber(CorporateNumber),
    /// 振込先の口座.
    Bank(Bank),
    /// One of several.
    Choice(Choice),
    /// Some of several.
    Multi(Multi),
    /// The same choice for each of several rows.
    Matrix(Matrix),
    /// An entry of a list (NF-61).
    Lookup(Lookup),
    /// Attached files.
    File(FileKind),
    /// A declaration or terms to agree to.
    Consent(Consent),
    /// Worked out from other answers.
    Calc(Calc),
    /// 手数料.
    Fee(Fee),
    /// 日時の枠.
    Slot(SlotKind),
    /// The same questions for each of several rows.
    Repeat(Repeat),
    /// No question: the form ends here without an application.
    Exit(Exit),
    /// No question: text and picture.
    Content(Content),
}

/// Characters a text may have. Input is folded to the class where that loses nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Charset {
    /// Anything that is allowed at all.
    #[default]
    Any,
    /// 全角 only; half-width input is widened.
    Full,
    /// 半角 only; full-width input is narrowed.
    Half,
    /// 半角 letters and digits.
    Alnum,
    /// 半角 digits.
    Digits,
    /// ひらがな.
    Hira,
    /// カタカナ; hiragana and half-width kana are converted.
    Kata,
    /// Characters that CP932 (Shift_JIS) can hold.
    Jis,
}

/// One line of text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Text {
    /// Characters it may have.
    pub charset: Charset,
    /// Fewest characters as people count them.
    pub min: u32,
    /// Most characters as people count them.
    pub max: u32,
    /// Shape of the whole text, see [`crate::forms::check::pattern`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    /// An example that fits the pattern, shown in the fault.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub sample: String,
    /// Refuse what looks like a マイナンバー. Off only for numbers of 12 digits of another kind.
    pub refuse_my_number: bool,
}

impl Default for Text {
    fn default() -> Self {
        Self {
            charset: Charset::Any,
            min: 0,
            max: 100,
            pattern: None,
            sample: String::new(),
            refuse_my_number: true,
        }
    }
}

/// Several lines of text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Textarea {
    /// Fewest characters as people count them.
    pub min: u32,
    /// Most characters as people count them; a line break counts one.
    pub max: u32,
    /// Lines shown.
    pub rows: u32,
}

impl Default for Textarea {
    fn default() -> Self {
        Self { min: 0, max: 1_000, rows: 5 }
    }
}

/// A number. Stored without commas, in half-width digits.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Number {
    /// Smallest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min: Option<Bound>,
    /// Largest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<Bound>,
    /// Most digits behind the point, 0 to 6.
    pub decimals: u8,
    /// Written behind the box: 人, 円.
    #[serde(skip_serializing_if = "Words::is_empty")]
    pub unit: Words,
    /// Show it with commas between the thousands, for money.
    #[serde(skip_serializing_if = "is_false")]
    pub commas: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn is_false(value: &bool) -> bool {
    !*value
}

/// A limit: a whole number or an expression.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Bound {
    /// A whole number.
    Whole(i64),
    /// An expression.
    Expr(String),
}

/// A day. Typed as one text (`id`) or in parts (`id.era`, `id.year`, `id.month`, `id.day`), stored
/// as ISO text under `id`; with its time of day (`id.time`) as `2026-04-01T09:30`. In expressions it
/// is its day. Known in part only, it is stored as `2026-04` or `2026`, and in expressions it is all
/// its days at once: a comparison holds when it holds for each of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DateKind {
    /// First day, an expression: `date('1900-01-01')`, `today()`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min: Option<String>,
    /// Last day, an expression.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<String>,
    /// Offer the era beside the year (`id.era`).
    pub era: bool,
    /// Ask for the time of day too (日時).
    #[serde(skip_serializing_if = "is_false")]
    pub time: bool,
    /// The day, or the month and the day, may be left open. Not together with the time.
    #[serde(skip_serializing_if = "is_false")]
    pub partial: bool,
}

impl Default for DateKind {
    fn default() -> Self {
        Self { min: None, max: None, era: true, time: false, partial: false }
    }
}

/// A month. Typed as one text (`id`) or in parts (`id.era`, `id.year`, `id.month`), stored as
/// `2026-04` under `id`. In expressions it is its first day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MonthKind {
    /// First month, an expression with any day of it: `date('2020-04-01')`, `today()`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min: Option<String>,
    /// Last month, an expression with any day of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<String>,
    /// Offer the era beside the year (`id.era`).
    pub era: bool,
}

impl Default for MonthKind {
    fn default() -> Self {
        Self { min: None, max: None, era: true }
    }
}

/// A time of day, stored as `09:30`. In expressions it is a number of minutes, which
/// `time('09:30')` writes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TimeKind {
    /// Earliest, an expression: `time('08:30')`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min: Option<String>,
    /// Latest, an expression.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<String>,
    /// Only times that are multiples of so many minutes, counted from midnight; 0 takes any.
    #[serde(skip_serializing_if = "is_zero")]
    pub step: u32,
}

/// A name: `id.family`, `id.given`, `id.family_kana`, `id.given_kana`, and `id.single` = `yes` for a
/// person with one name only, who fills `id.family`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NameKind {
    /// Whether フリガナ is asked.
    pub furigana: Furigana,
    /// Offer the box for a person with one name only.
    pub single: bool,
}

/// Whether フリガナ is asked. A name in Latin letters never needs one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Furigana {
    /// Needed.
    #[default]
    Required,
    /// Asked, may stay empty.
    Optional,
    /// Not asked.
    None,
}

/// An address: `id.postal`, `id.prefecture`, `id.city`, `id.town`, `id.building`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Address {
    /// Only this municipality: prefecture and city joined, for instance 愛知県弥富市.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub within: Option<String>,
}

/// A phone number in Japan, stored in digits (`0312345678`) and shown with hyphens as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Phone {}

/// An e-mail address.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Email {}

/// A 法人番号 of 13 digits, checked by its first one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CorporateNumber {}

/// An account money is paid to: `id.bank_name`, `id.bank` (code of 4 digits), `id.branch_name`,
/// `id.branch` (3), `id.account` (`ordinary`, `checking`, `savings`), `id.number` (7, with zeros in
/// front), `id.holder` (half-width kana as in bank records); or `id.yucho_symbol` and
/// `id.yucho_number`, from which the others are worked out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Bank {
    /// Id of a name: the account must be in this name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub holder_of: Option<String>,
}

/// One of several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// How it looks.
    #[serde(default)]
    pub style: ChoiceStyle,
    /// What can be chosen.
    pub options: Vec<ChoiceOption>,
    /// Code of the option (その他) beside which something is written: `id.other`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other: Option<String>,
}

/// How a single choice looks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChoiceStyle {
    /// All in view.
    #[default]
    Radio,
    /// A list to open, for many options.
    Select,
}

/// Some of several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Multi {
    /// Fewest picks, when any is made or one is required.
    #[serde(default)]
    pub min: u32,
    /// Most picks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<u32>,
    /// What can be chosen.
    pub options: Vec<ChoiceOption>,
    /// Code of the option (その他) beside which something is written: `id.other`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other: Option<String>,
    /// Put the picks into an order (順位): each option has a rank (`id.CODE` = `1`), and `id` holds the
    /// codes in that order.
    #[serde(default, skip_serializing_if = "is_false")]
    pub ranked: bool,
}

/// The same choice for each of several rows: `id.ROW` has the code that was chosen for the row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Matrix {
    /// What is asked about.
    pub rows: Vec<MatrixRow>,
    /// What can be chosen for each. Conditions and seats are for single choices only.
    pub options: Vec<ChoiceOption>,
}

/// A row of a [`Matrix`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MatrixRow {
    /// Behind `id.`: an id, unique in the field.
    pub id: String,
    /// Shown.
    pub label: Words,
}

/// An entry of a list that staff bring in (NF-61): its first column is stored under `id`, others
/// under `id.COLUMN`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lookup {
    /// Id of an entry of [`super::Procedure::lists`].
    pub list: String,
    /// Other columns by which an entry is found too: a reading, a number.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub find_by: Vec<String>,
    /// Other columns that are stored with the answer, and that conditions may use.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keep: Vec<String>,
    /// Only entries with this value in this column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub narrow: Option<Narrow>,
    /// What is not on the list may stay as it was typed.
    #[serde(default, skip_serializing_if = "is_false")]
    pub free: bool,
    /// Entries are never shown: only who knows one may answer. For lists of persons and numbers.
    #[serde(default, skip_serializing_if = "is_false")]
    pub secret: bool,
}

/// Which entries of a list are meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Narrow {
    /// A column of the list.
    pub column: String,
    /// A text: an answer further up.
    pub value: String,
}

/// One thing to choose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChoiceOption {
    /// Stored: `a-z 0-9 _ -`, unique in the field.
    pub code: String,
    /// Shown.
    pub label: Words,
    /// Small text beside the label.
    #[serde(default, skip_serializing_if = "Words::is_empty")]
    pub hint: Words,
    /// Offered only when this expression is true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// Seats of this option (NF-49).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<Capacity>,
}

/// Attached files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FileKind {
    /// Fewest files when one is required or any is given.
    pub min: u32,
    /// Most files (NF-56).
    pub max: u32,
    /// Largest single file in MB of 1,000,000 bytes (NF-56).
    pub max_mb: u32,
    /// What it may be; empty means all kinds the sanitizer can rebuild.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub types: Vec<FileType>,
}

impl Default for FileKind {
    fn default() -> Self {
        Self { min: 1, max: 1, max_mb: 10, types: Vec::new() }
    }
}

/// Kinds of files that can be rebuilt (NF-32).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileType {
    /// PDF.
    Pdf,
    /// Word (docx, doc), RTF, OpenDocument text.
    Word,
    /// Excel (xlsx, xls), OpenDocument sheet.
    Excel,
    /// PowerPoint (pptx, ppt), OpenDocument presentation.
    Powerpoint,
    /// JPEG, PNG, GIF, BMP, TIFF, WebP, HEIC, AVIF, SVG.
    Image,
    /// Plain text.
    Text,
    /// CSV.
    Csv,
    /// ZIP of any of the others.
    Archive,
}

impl FileType {
    /// Every kind, in the order people read them.
    pub const ALL: [Self; 8] = [
        Self::Pdf,
        Self::Word,
        Self::Excel,
        Self::Powerpoint,
        Self::Image,
        Self::Text,
        Self::Csv,
        Self::Archive,
    ];

    /// The kind that goes with a media type; `None` for one that cannot be rebuilt.
    #[must_use]
    pub fn of_media(media: &str) -> Option<Self> {
        let of = |prefix: &str| media.strip_prefix(prefix);
        let modern = of("application/vnd.openxmlformats-officedocument.");
        let open = of("application/vnd.oasis.opendocument.");
        match (media, modern.or(open)) {
            ("application/pdf", _) => Some(Self::Pdf),
            ("text/plain", _) => Some(Self::Text),
            ("text/csv", _) => Some(Self::Csv),
            ("application/zip", _) => Some(Self::Archive),
            ("application/msword" | "application/rtf", _)
            | (_, Some("wordprocessingml.document" | "text")) => Some(Self::Word),
            ("application/vnd.ms-excel", _) | (_, Some("spreadsheetml.sheet" | "spreadsheet")) => {
                Some(Self::Excel)
            }
            ("application/vnd.ms-powerpoint", _)
            | (_, Some("presentationml.presentation" | "presentation")) => Some(Self::Powerpoint),
            (other, _) => other.starts_with("image/").then_some(Self::Image),
        }
    }
}

/// A declaration or terms to agree to; the answer is `yes`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Consent {
    /// What is agreed to, in the small markdown of [`Content`].
    pub text: Words,
    /// Words beside the box: 同意します.
    pub agree: Words,
    /// Version of the terms, stored with the answer's document (NF-62).
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub version: String,
}

/// A value worked out from answers further up; nothing typed can change it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calc {
    /// An expression with a number, a day or a text.
    pub value: String,
    /// Written behind a number: 円.
    #[serde(default, skip_serializing_if = "Words::is_empty")]
    pub unit: Words,
}

/// 手数料: lines worked out from answers further up; nothing typed can change it. The sum in whole
/// yen is stored under `id`, each line that is charged under `id.LINE`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fee {
    /// What is charged (内訳).
    pub lines: Vec<FeeLine>,
}

/// One line of a [`Fee`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeeLine {
    /// Behind `id.`: an id, unique in the field.
    pub id: String,
    /// What it is charged for.
    pub label: Words,
    /// Whole yen, or an expression that comes to whole yen; 0 to [`MOST_YEN`].
    pub amount: Bound,
    /// Charged only when this expression is true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
}

/// A day and a time of a calendar (日時の枠), stored as `2026-12-01T09:30`; in expressions it is its day.
///
/// The days are single `dates`, and a weekly rule from one day until another. Days on which the town
/// is closed are no days, unless `closed_too` says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SlotKind {
    /// Single days.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dates: Vec<Date>,
    /// Days of the weekly rule.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub weekdays: Vec<Day>,
    /// First day of the weekly rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Date>,
    /// Last day of the weekly rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
    /// Days that are left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub except: Vec<Date>,
    /// Also on days on which the town is closed.
    #[serde(default, skip_serializing_if = "is_false")]
    pub closed_too: bool,
    /// When each begins: `09:30`.
    pub times: Vec<String>,
    /// The same for days of the week that have times of their own.
    #[serde(default, skip_serializing_if = "TimesOn::is_empty")]
    pub times_on: TimesOn,
    /// Minutes each takes; 0 says nothing about it.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub minutes: u32,
    /// Open days before the day until which it may be chosen; 0: on the day itself.
    #[serde(default, skip_serializing_if = "is_none")]
    pub cutoff_days: u16,
    /// Until which time of that day: `17:00`; without it until its end, and on the day itself until
    /// it begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cutoff_at: Option<String>,
    /// Seats of each.
    pub capacity: Capacity,
}

/// Times of single days of the week; without any for a day [`SlotKind::times`] count.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TimesOn {
    /// On Mondays.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mon: Vec<String>,
    /// On Tuesdays.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tue: Vec<String>,
    /// On Wednesdays.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub wed: Vec<String>,
    /// On Thursdays.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub thu: Vec<String>,
    /// On Fridays.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fri: Vec<String>,
    /// On Saturdays.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sat: Vec<String>,
    /// On Sundays.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sun: Vec<String>,
}

impl TimesOn {
    /// The times of a day of the week.
    #[must_use]
    pub const fn of(&self, day: Day) -> &Vec<String> {
        match day {
            Day::Mon => &self.mon,
            Day::Tue => &self.tue,
            Day::Wed => &self.wed,
            Day::Thu => &self.thu,
            Day::Fri => &self.fri,
            Day::Sat => &self.sat,
            Day::Sun => &self.sun,
        }
    }

    /// The same to change.
    pub const fn of_mut(&mut self, day: Day) -> &mut Vec<String> {
        match day {
            Day::Mon => &mut self.mon,
            Day::Tue => &mut self.tue,
            Day::Wed => &mut self.wed,
            Day::Thu => &mut self.thu,
            Day::Fri => &mut self.fri,
            Day::Sat => &mut self.sat,
            Day::Sun => &mut self.sun,
        }
    }

    /// Every time, from Monday on.
    pub fn all(&self) -> impl Iterator<Item = &String> {
        Day::ALL.into_iter().flat_map(|day| self.of(day))
    }

    fn is_empty(&self) -> bool {
        self.all().next().is_none()
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn is_none(n: &u16) -> bool {
    *n == 0
}

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Day {
    /// Monday.
    Mon,
    /// Tuesday.
    Tue,
    /// Wednesday.
    Wed,
    /// Thursday.
    Thu,
    /// Friday.
    Fri,
    /// Saturday.
    Sat,
    /// Sunday.
    Sun,
}

impl Day {
    /// The week, from Monday.
    pub const ALL: [Self; 7] =
        [Self::Mon, Self::Tue, Self::Wed, Self::Thu, Self::Fri, Self::Sat, Self::Sun];

    /// The day of the week of a day.
    #[must_use]
    pub fn of(day: Date) -> Self {
        let nth = day.weekday().to_monday_zero_offset();
        Self::ALL[usize::try_from(nth).unwrap_or_default() % 7]
    }

    /// As the document writes it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Mon => "mon",
            Self::Tue => "tue",
            Self::Wed => "wed",
            Self::Thu => "thu",
            Self::Fri => "fri",
            Self::Sat => "sat",
            Self::Sun => "sun",
        }
    }
}

/// Most yen of one line, and of the sum.
pub const MOST_YEN: i64 = 99_999_999;
/// Most lines of a fee.
pub const MOST_FEE_LINES: usize = 50;

/// The same questions for each of several rows: family members, items.
///
/// The keys of the rows stand under `id` in order, the answers of a row under `id.KEY.FIELD`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Repeat {
    /// Heading of a row; `{n}` is its number: `{n}人目の家族`.
    pub row: Words,
    /// Fewest rows, when there is any or one is required.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub min: u32,
    /// Most rows, up to [`crate::forms::inputs::MAX_ROWS`].
    pub max: u32,
    /// A field of the row whose answer no two rows share.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unique_by: Option<String>,
    /// Questions of a row; their ids are unique in the procedure. Conditions see the row and the
    /// form around it.
    pub fields: Vec<Field>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn is_zero(n: &u32) -> bool {
    *n == 0
}

impl Repeat {
    /// Heading of the n-th row, counted from 1.
    #[must_use]
    pub fn title(&self, n: usize) -> String {
        self.row.ja().replace("{n}", &n.to_string())
    }
}

/// The form ends here when this is shown: the label says that nothing can be applied for, the text
/// why and what to do instead. Nothing behind it is asked, and nothing is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exit {
    /// The text, in the small markdown of [`Content`].
    pub body: Words,
}

/// Text and picture without a question (NF-51).
///
/// The small markdown: blank line = paragraph, `- ` list, `## ` heading, `**bold**`, bare or
/// `[named](https://…)` links.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Content {
    /// The text.
    #[serde(default, skip_serializing_if = "Words::is_empty")]
    pub body: Words,
    /// A picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<Picture>,
}

/// A picture in the form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Picture {
    /// Id of an entry of [`super::Procedure::files`].
    pub file: String,
    /// What it shows, for those who cannot see it.
    pub alt: Words,
}
