//! What can be wrong with a document.

use crate::codes::codes;
use crate::forms::check::BadPattern;
use crate::forms::expr::{ExprError, Reason};

/// Something wrong with a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Place in the document: `pages[0].fields[2].when`.
    pub at: String,
    /// What is wrong.
    pub code: ProblemCode,
    /// More for the words: the unknown name, the reason an expression does not read.
    pub detail: String,
    /// Whether it may be published all the same.
    pub severity: Severity,
    /// What `detail` says, to be told in other words.
    pub why: Option<Why>,
}

/// Why something that was written does not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// An expression: the character from which it does not read, from 1, and the reason.
    Expression(usize, Reason),
    /// The pattern of a text.
    Pattern(BadPattern),
}

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Stops publishing.
    Error,
    /// To be looked at.
    Warning,
}

impl Problem {
    pub(crate) fn error(at: &str, code: ProblemCode, detail: &str) -> Self {
        Self::new(at, code, detail, Severity::Error)
    }

    pub(crate) fn warning(at: &str, code: ProblemCode, detail: &str) -> Self {
        Self::new(at, code, detail, Severity::Warning)
    }

    /// An expression that does not read.
    pub(crate) fn expression(at: &str, text: &str, error: ExprError) -> Self {
        let before = text.get(..error.at).unwrap_or(text);
        let found = Self::error(at, ProblemCode::BadExpression, &error.to_string());
        let why = Why::Expression(before.chars().count() + 1, error.reason);
        Self { why: Some(why), ..found }
    }

    /// A pattern that does not read.
    pub(crate) fn pattern(at: &str, reason: BadPattern) -> Self {
        let word = reason.key().rsplit('.').next().unwrap_or_default();
        let found = Self::error(at, ProblemCode::BadPattern, word);
        Self { why: Some(Why::Pattern(reason)), ..found }
    }

    fn new(at: &str, code: ProblemCode, detail: &str, severity: Severity) -> Self {
        Self { at: at.to_owned(), code, detail: detail.to_owned(), severity, why: None }
    }
}

impl ProblemCode {
    /// Whether a law guards what is asked: whoever publishes says that they looked.
    #[must_use]
    pub const fn is_guarded(self) -> bool {
        matches!(self, Self::AsksInsuranceNumber | Self::AsksPensionNumber | Self::AsksSensitive)
    }
}

codes! {
    /// What is wrong with a document, one catalogue entry each.
    pub enum ProblemCode in "procedures.problem" {
        /// Not `a-z 0-9 _` beginning with a letter, or a word of the expression language.
        BadId = "bad_id",
        /// The id stands twice.
        RepeatedId = "repeated_id",
        /// An expression does not read; `detail` says where and why.
        BadExpression = "bad_expression",
        /// An expression names no field.
        UnknownName = "unknown_name",
        /// A condition depends on a later answer or on itself.
        LooksForward = "looks_forward",
        /// A choice has no such option.
        UnknownOption = "unknown_option",
        /// A pattern does not read.
        BadPattern = "bad_pattern",
        /// The sample does not fit its own pattern, or is missing.
        BadSample = "bad_sample",
        /// A text for people is missing.
        Empty = "empty",
        /// Texts that a language has not in which the title is told; `detail` counts and names them.
        Untranslated = "untranslated",
        /// A picture without alternative text.
        NoAlt = "no_alt",
        /// A name of a file that does not exist.
        UnknownFile = "unknown_file",
        /// A name of a list that does not exist.
        UnknownList = "unknown_list",
        /// A column the list does not have.
        UnknownColumn = "unknown_column",
        /// An entry of a list without a name, or with too many or too few values.
        BrokenEntry = "broken_entry",
        /// A list without entries: nobody could answer.
        EmptyList = "empty_list",
        /// A department the city does not have.
        UnknownDepartment = "unknown_department",
        /// Departments whose staff may apply, of a procedure that is not for staff.
        StaffOfPublic = "staff_of_public",
        /// Approvals without a review desk, too many of them, or one with nobody in it.
        BadApprovals = "bad_approvals",
        /// Fewer people than stages of approval, where every stage is another person.
        FewApprovers = "few_approvers",
        /// Nothing is refused without a notice, and there is no text for one.
        NoRefusalText = "no_refusal_text",
        /// A mail that must go out is switched off, or its paragraph is too long; `detail` names it.
        BadNotice = "bad_notice",
        /// A point of the review without a name or with the id of another one, or too many of them.
        BadPoint = "bad_point",
        /// A page without fields.
        EmptyPage = "empty_page",
        /// A page of more inputs than one form may bring; `detail` counts them.
        TooManyInputs = "too_many_inputs",
        /// More inputs in all pages than staff, who have them in one form, can send; `detail` counts them.
        TooManyForStaff = "too_many_for_staff",
        /// A page or field that can never be shown.
        Unreachable = "unreachable",
        /// An exit without a condition: nobody could apply.
        ExitAlways = "exit_always",
        /// A kind of question, or a limit of seats, that a row cannot have.
        NotInRows = "not_in_rows",
        /// A kind of question that staff cannot answer for themselves.
        NotAtDesk = "not_at_desk",
        /// A kind of question that a guide, which keeps nothing, cannot have.
        NotInGuides = "not_in_guides",
        /// The heading of a row without `{n}`.
        NoRowNumber = "no_row_number",
        /// Fewer than two options.
        FewOptions = "few_options",
        /// Lower limit above the upper one.
        Limits = "limits",
        /// A question for a マイナンバー.
        AsksMyNumber = "asks_my_number",
        /// A question for a number of the health insurance.
        AsksInsuranceNumber = "asks_insurance_number",
        /// A question for a 基礎年金番号.
        AsksPensionNumber = "asks_pension_number",
        /// A question for a card one pays with.
        AsksCard = "asks_card",
        /// A question for a password.
        AsksPassword = "asks_password",
        /// A question for what the law guards: 要配慮個人情報.
        AsksSensitive = "asks_sensitive",
        /// Seats of zero, or more picks than seats make sense of.
        BadCapacity = "bad_capacity",
        /// A waiting list where nobody can be told of a free seat.
        WaitlistNeedsAddress = "waitlist_needs_address",
        /// A limit beyond what the system takes.
        TooMuch = "too_much",
        /// The identifier is one of a trial.
        TrialId = "trial_id",
        /// The slug is not usable as an address.
        BadSlug = "bad_slug",
        /// Opens after it closes.
        BadPeriod = "bad_period",
        /// The procedure has no form although it takes applications, or a form although it does not.
        FormAndMode = "form_and_mode",
        /// The key of "once per applicant" cannot be known.
        BadOncePer = "bad_once_per",
        /// Delegates are forbidden where nobody knows who applies.
        DelegatesUnknown = "delegates_unknown",
        /// Co-signers where applicants have no account, or in a procedure that takes nothing online.
        CosignersNeedAccount = "cosigners_need_account",
        /// An attached file does not decode, or is of a kind that is not offered.
        BadFile = "bad_file",
        /// A column of the export cannot be filled.
        BadColumn = "bad_column",
        /// What stands for line breaks or between values would break a line or a value.
        ExportMark = "export_mark",
        /// A text of the layout cannot be written in its encoding, or is longer than its place.
        ExportText = "export_text",
        /// A table of replacements without a policy that uses it, or the other way round.
        ExportTable = "export_table",
        /// A width of nothing or beyond the longest record.
        ExportWidth = "export_width",
        /// A column of a fixed-length record without its width.
        ExportNoWidth = "export_no_width",
        /// The widths do not add up to the record.
        ExportRecordLength = "export_record_length",
        /// Fixed-length records in an encoding of two-byte units.
        ExportFixedEncoding = "export_fixed_encoding",
        /// Full-width spaces cannot fill the column evenly.
        ExportWideSpace = "export_wide_space",
        /// More than six digits behind the point.
        ExportNumber = "export_number",
        /// A number would be cut.
        ExportCutNumber = "export_cut_number",
        /// A count or sum before the records.
        ExportTooEarly = "export_too_early",
        /// The sum of a column that is not summed up.
        ExportNoTotal = "export_no_total",
        /// Not the name of an XML element.
        ExportElement = "export_element",
        /// An XML element stands in two places, or is a value and a group.
        ExportElementTwice = "export_element_twice",
        /// XML in an encoding that needs its mark.
        ExportXmlEncoding = "export_xml_encoding",
        /// A name a sheet cannot have.
        ExportSheet = "export_sheet",
        /// A spreadsheet has no encoding of its own.
        ExportSheetEncoding = "export_sheet_encoding",
        /// More records than a file of this kind holds.
        ExportTooMany = "export_too_many",
        /// A pattern of file names that names no file, or two generations alike.
        ExportFileName = "export_file_name",
        /// A file without records, or with more than anybody reads.
        ExportRows = "export_rows",
        /// Data for machines without a heading.
        ExportNoHeader = "export_no_header",
        /// 和暦 without 西暦 beside it in data for machines.
        ExportEra = "export_era",
        /// A unit or words behind a number in data for machines.
        ExportUnit = "export_unit",
        /// What is written beside その他 has no column of its own in data for machines.
        ExportOther = "export_other",
        /// Codes without the list of them in data for machines.
        ExportCodes = "export_codes",
        /// A calendar whose weekly rule has no days, no first or no last day.
        SlotRule = "slot_rule",
        /// Something that is no time of day.
        SlotTime = "slot_time",
        /// A calendar without a day and time.
        SlotNothing = "slot_nothing",
        /// Picks in an order with seats, or with an option beside which something is written.
        RankedPlain = "ranked_plain",
        /// What tells the same from another, by a date that may be known in part.
        PartialKey = "partial_key",
        /// Something hangs on a date that may be known in part, and is decided only where it is sure.
        UnsureDate = "unsure_date",
        /// A date that may be known in part, with its time.
        PartialWithTime = "partial_with_time",
        /// What stands there before anybody answered is no answer to the question.
        BadDefault = "bad_default",
        /// A day of the town that is none.
        TownDays = "town_days",
        /// A fee without a line.
        FeeWithoutLines = "fee_without_lines",
        /// An amount below nothing or beyond what is charged.
        FeeAmount = "fee_amount",
        /// An amount that may come to parts of a yen.
        FeeNotWhole = "fee_not_whole",
        /// A fee, and nothing that says how it is paid.
        FeeWithoutPay = "fee_without_pay",
        /// A time to pay, and nothing that is charged.
        PayWithoutFee = "pay_without_fee",
        /// A stored test case fails.
        TestFails = "test_fails",
        /// There is no test case.
        NoTest = "no_test",
    }
}
