//! What can be wrong with an answer.

use std::collections::BTreeMap;

use crate::codes::codes;
use crate::forms::definition::Field;

/// One thing wrong with one input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Name of the input to go to. For a date it is the field id, whatever parts it is typed in.
    pub input: String,
    /// Id of the field.
    pub field: String,
    /// What is wrong.
    pub code: Code,
    /// Arguments of the words. `label` is always there.
    pub args: BTreeMap<&'static str, String>,
}

impl Fault {
    /// Whether staff may take the answer as it stands, with a reason (IK-2.1.2a3). Never a
    /// マイナンバー, and never a file that is not there.
    #[must_use]
    pub const fn may_be_overridden(&self) -> bool {
        !matches!(self.code, Code::MyNumber | Code::FileNameMyNumber | Code::FileGone)
    }

    pub(super) fn new(
        field: &Field,
        input: &str,
        code: Code,
        args: &[(&'static str, String)],
    ) -> Self {
        let mut args: BTreeMap<_, _> = args.iter().cloned().collect();
        args.insert("label", field.label.ja().to_owned());
        Self { input: input.to_owned(), field: field.id.clone(), code, args }
    }

    /// Catalogue key: `forms.too_long`.
    #[must_use]
    pub fn key(&self) -> &'static str {
        self.code.key()
    }
}

codes! {
    /// What is wrong, one catalogue entry each.
    pub enum Code in "forms" {
    /// Nothing was entered.
    Required = "required",
    /// Nothing was chosen.
    RequiredChoice = "required_choice",
    /// No file was attached.
    RequiredFile = "required_file",
    /// Not agreed.
    RequiredConsent = "required_consent",
    /// The date is missing.
    RequiredDate = "required_date",
    /// 姓 is missing.
    RequiredFamily = "required_family",
    /// 名 is missing.
    RequiredGiven = "required_given",
    /// セイ is missing.
    RequiredFamilyKana = "required_family_kana",
    /// メイ is missing.
    RequiredGivenKana = "required_given_kana",
    /// 郵便番号 is missing.
    RequiredPostal = "required_postal",
    /// 都道府県 is missing.
    RequiredPrefecture = "required_prefecture",
    /// 市区町村 is missing.
    RequiredCity = "required_city",
    /// 町名・番地 is missing.
    RequiredTown = "required_town",
    /// Fewer than `min` characters; `count` were entered.
    TooShort = "too_short",
    /// More than `max` characters; `count` were entered.
    TooLong = "too_long",
    /// More values than one for an input that takes one.
    Repeated = "repeated",
    /// A control character, an invisible one or a text direction mark.
    Forbidden = "forbidden",
    /// 外字 (private use): the character at `place`, counted from 1.
    Gaiji = "gaiji",
    /// Looks like a マイナンバー.
    MyNumber = "my_number",
    /// Half-width kana with an impossible 濁点.
    BrokenKana = "broken_kana",
    /// 全角 only; `chars` are not.
    NotFull = "not_full",
    /// 半角 only; `chars` are not.
    NotHalf = "not_half",
    /// Letters and digits only; `chars` are not.
    NotAlnum = "not_alnum",
    /// Digits only; `chars` are not.
    NotDigits = "not_digits",
    /// ひらがな only; `chars` are not.
    NotHira = "not_hira",
    /// カタカナ only; `chars` are not.
    NotKata = "not_kata",
    /// Characters outside Shift_JIS: `chars`.
    NotJis = "not_jis",
    /// Not of the shape; `sample` shows it.
    Pattern = "pattern",
    /// Not a number.
    NotNumber = "not_number",
    /// More than `decimals` digits behind the point.
    TooManyDecimals = "too_many_decimals",
    /// Less than `min`.
    TooSmall = "too_small",
    /// More than `max`.
    TooLarge = "too_large",
    /// Not a date.
    NotDate = "not_date",
    /// A part of the date is missing.
    PartialDate = "partial_date",
    /// The day does not exist in the calendar: `typed`.
    NoSuchDay = "no_such_day",
    /// The era ended or had not begun: `typed` is `right`.
    WrongEra = "wrong_era",
    /// Before `min`.
    TooEarly = "too_early",
    /// After `max`.
    TooLate = "too_late",
    /// Not a postal code of seven digits.
    NotPostal = "not_postal",
    /// Not one of the 47 prefectures.
    NotPrefecture = "not_prefecture",
    /// Outside `within`.
    Outside = "outside",
    /// Not a phone number of Japan.
    NotPhone = "not_phone",
    /// Not an e-mail address.
    NotEmail = "not_email",
    /// Not 13 digits.
    NotCorporateNumber = "not_corporate_number",
    /// 13 digits whose check digit says that one is wrong.
    CorporateCheckDigit = "corporate_check_digit",
    /// 金融機関名 is missing.
    RequiredBankName = "required_bank_name",
    /// 金融機関コード is missing.
    RequiredBankCode = "required_bank_code",
    /// 支店名 is missing.
    RequiredBranchName = "required_branch_name",
    /// 支店コード is missing.
    RequiredBranchCode = "required_branch_code",
    /// 預金の種類 is missing.
    RequiredAccount = "required_account",
    /// 口座番号 is missing.
    RequiredAccountNumber = "required_account_number",
    /// 口座名義 is missing.
    RequiredHolder = "required_holder",
    /// 記号 is missing.
    RequiredYuchoSymbol = "required_yucho_symbol",
    /// 番号 is missing.
    RequiredYuchoNumber = "required_yucho_number",
    /// Not a code of four digits.
    NotBankCode = "not_bank_code",
    /// Not a code of three digits.
    NotBranchCode = "not_branch_code",
    /// Not up to seven digits.
    NotAccountNumber = "not_account_number",
    /// Not a 記号 of ゆうちょ銀行.
    NotYuchoSymbol = "not_yucho_symbol",
    /// Not a 番号 that goes with the 記号.
    NotYuchoNumber = "not_yucho_number",
    /// An account at another bank beside 記号 and 番号.
    TwoBanks = "two_banks",
    /// Characters that bank records do not have: `chars`.
    NotBankKana = "not_bank_kana",
    /// The account is in another name.
    OtherHolder = "other_holder",
    /// The month is missing.
    RequiredMonth = "required_month",
    /// Not a month.
    NotMonth = "not_month",
    /// A part of the month is missing.
    PartialMonth = "partial_month",
    /// Before the month `min`.
    MonthTooEarly = "month_too_early",
    /// After the month `max`.
    MonthTooLate = "month_too_late",
    /// Not a time of day.
    NotTime = "not_time",
    /// Not a multiple of `step` minutes.
    TimeStep = "time_step",
    /// Before `min`.
    TimeTooEarly = "time_too_early",
    /// After `max`.
    TimeTooLate = "time_too_late",
    /// Nothing is chosen for the row `row`.
    RequiredRow = "required_row",
    /// Not on the list (NF-61).
    NotListed = "not_listed",
    /// Not on a list that is never shown (NF-61).
    NotKnown = "not_known",
    /// Several entries of the list have this name (NF-61).
    ListSeveral = "list_several",
    /// Not one of the options, or not offered now.
    NotOffered = "not_offered",
    /// The option is full (NF-49): `option`.
    Full = "full",
    /// Fewer than `min` picks.
    TooFewPicks = "too_few_picks",
    /// More than `max` picks.
    TooManyPicks = "too_many_picks",
    /// Fewer than `min` files.
    TooFewFiles = "too_few_files",
    /// More than `max` files (NF-56).
    TooManyFiles = "too_many_files",
    /// The file `name` is larger than `max` MB (NF-56).
    FileTooLarge = "file_too_large",
    /// The file `name` is of a kind that is not taken; `kinds` lists catalogue keys.
    FileKind = "file_kind",
    /// The file `name` is empty.
    FileEmpty = "file_empty",
    /// A file is protected and its password was not given.
    FileLocked = "file_locked",
    /// The name of a file looks like it holds a マイナンバー.
    FileNameMyNumber = "file_name_my_number",
    /// All files together are larger than `max` MB (NF-56).
    FilesTooLarge = "files_too_large",
    /// A file of the answer is not there any more.
    FileGone = "file_gone",
    /// Fewer than `min` rows.
    TooFewRows = "too_few_rows",
    /// More than `max` rows.
    TooManyRows = "too_many_rows",
    /// The same as in the row `other`.
    NotUnique = "not_unique",
    /// Two options have the rank `rank`.
    RankTwice = "rank_twice",
    /// The option `option` is chosen and what is meant is not written.
    RequiredOther = "required_other",
    /// What is meant is written, and the option `option` is not chosen.
    OtherNotChosen = "other_not_chosen",
    /// A part of the date is missing before one that is given.
    GapInDate = "gap_in_date",
    /// A day without its time, or the other way round.
    PartialDateTime = "partial_date_time",
    /// No day and time is chosen.
    RequiredSlot = "required_slot",
    /// A day is chosen, `day`, and no time of it.
    SlotTime = "slot_time",
    /// A day and time that is not offered.
    SlotUnknown = "slot_unknown",
    /// Too late to choose: `option`.
    SlotPast = "slot_past",
    /// The day and time is full (NF-49): `option`.
    SlotFull = "slot_full",
    /// A fee that cannot be worked out from the answers.
    FeeUnknown = "fee_unknown",
    /// With these answers nothing can be applied for; the exit says why.
    EndsHere = "ends_here",
    /// A rule of the form; `message` is its text.
    Rule = "rule",
}
}
