//! The kinds of questions a clerk chooses from, and a blank one of each.

use crate::codes::codes;
use crate::forms::definition::{
    Address, Bank, Calc, Capacity, Choice, ChoiceStyle, Consent, Content, CorporateNumber,
    DateKind, Email, Exit, Fee, FieldKind, FileKind, Lookup, Matrix, MonthKind, Multi, NameKind,
    Number, Phone, Repeat, Seats, SlotKind, Text, Textarea, TimeKind, TimesOn, Words,
};

codes! {
    /// A kind of question.
    pub enum Kind in "procedures.kind" {
        /// One line.
        Text = "text",
        /// Several lines.
        Textarea = "textarea",
        /// One of several.
        Choice = "choice",
        /// Some of several.
        Multi = "multi",
        /// Attached files.
        File = "file",
        /// A person's name.
        Name = "name",
        /// An address.
        Address = "address",
        /// A telephone number.
        Phone = "phone",
        /// A mail address.
        Email = "email",
        /// A day.
        Date = "date",
        /// A number.
        Number = "number",
        /// A declaration.
        Consent = "consent",
        /// Text and picture without a question.
        Content = "content",
        /// A month.
        Month = "month",
        /// A time of day.
        Time = "time",
        /// An account.
        Bank = "bank",
        /// A 法人番号.
        CorporateNumber = "corporate_number",
        /// A choice for each of several rows.
        Matrix = "matrix",
        /// The same questions several times.
        Repeat = "repeat",
        /// A calculated value.
        Calc = "calc",
        /// 手数料.
        Fee = "fee",
        /// 日時の枠.
        Slot = "slot",
        /// An entry of a list.
        Lookup = "lookup",
        /// The form ends here.
        Exit = "exit",
    }
}

impl Kind {
    /// The last part of its key: what a form sends.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.key().rsplit('.').next().unwrap_or_default()
    }

    /// The kind of this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.word() == word)
    }

    /// The kind of a question.
    #[must_use]
    pub const fn of(kind: &FieldKind) -> Self {
        match kind {
            FieldKind::Text(_) => Self::Text,
            FieldKind::Textarea(_) => Self::Textarea,
            FieldKind::Number(_) => Self::Number,
            FieldKind::Date(_) => Self::Date,
            FieldKind::Month(_) => Self::Month,
            FieldKind::Time(_) => Self::Time,
            FieldKind::Name(_) => Self::Name,
            FieldKind::Address(_) => Self::Address,
            FieldKind::Phone(_) => Self::Phone,
            FieldKind::Email(_) => Self::Email,
            FieldKind::CorporateNumber(_) => Self::CorporateNumber,
            FieldKind::Bank(_) => Self::Bank,
            FieldKind::Choice(_) => Self::Choice,
            FieldKind::Multi(_) => Self::Multi,
            FieldKind::Matrix(_) => Self::Matrix,
            FieldKind::Lookup(_) => Self::Lookup,
            FieldKind::File(_) => Self::File,
            FieldKind::Consent(_) => Self::Consent,
            FieldKind::Calc(_) => Self::Calc,
            FieldKind::Fee(_) => Self::Fee,
            FieldKind::Slot(_) => Self::Slot,
            FieldKind::Repeat(_) => Self::Repeat,
            FieldKind::Exit(_) => Self::Exit,
            FieldKind::Content(_) => Self::Content,
        }
    }

    /// Whether it can stand in a row of a repeating group.
    #[must_use]
    pub const fn fits_a_row(self) -> bool {
        !matches!(self, Self::Repeat | Self::File | Self::Exit | Self::Fee | Self::Slot)
    }

    /// Whether staff may be asked it for themselves: what fits a row, but lists are of citizens' forms.
    #[must_use]
    pub const fn fits_the_desk(self) -> bool {
        self.fits_a_row() && !matches!(self, Self::Lookup)
    }

    /// Whether people answer it: texts and calculated values are only read.
    #[must_use]
    pub const fn is_answered(self) -> bool {
        !matches!(self, Self::Content | Self::Exit | Self::Calc | Self::Fee)
    }

    /// What the citizens' account can fill in, so that it is typed once only (NF-57).
    #[must_use]
    pub const fn reuse(self) -> Option<&'static str> {
        match self {
            Self::Name => Some("person.name"),
            Self::Address => Some("person.address"),
            Self::Phone => Some("person.phone"),
            Self::Email => Some("person.email"),
            Self::Text
            | Self::Textarea
            | Self::Choice
            | Self::Multi
            | Self::File
            | Self::Date
            | Self::Number
            | Self::Consent
            | Self::Content
            | Self::Month
            | Self::Time
            | Self::Bank
            | Self::CorporateNumber
            | Self::Matrix
            | Self::Repeat
            | Self::Calc
            | Self::Fee
            | Self::Slot
            | Self::Lookup
            | Self::Exit => None,
        }
    }

    /// A blank one: limits as they usually are, texts still missing.
    #[must_use]
    pub fn blank(self) -> FieldKind {
        let nothing = Words::default;
        match self {
            Self::Text => FieldKind::Text(Text::default()),
            Self::Textarea => FieldKind::Textarea(Textarea::default()),
            Self::Number => FieldKind::Number(Number::default()),
            Self::Date => FieldKind::Date(DateKind::default()),
            Self::Month => FieldKind::Month(MonthKind::default()),
            Self::Time => FieldKind::Time(TimeKind::default()),
            Self::Name => FieldKind::Name(NameKind::default()),
            Self::Address => FieldKind::Address(Address::default()),
            Self::Phone => FieldKind::Phone(Phone::default()),
            Self::Email => FieldKind::Email(Email::default()),
            Self::CorporateNumber => FieldKind::CorporateNumber(CorporateNumber::default()),
            Self::Bank => FieldKind::Bank(Bank::default()),
            Self::Choice => FieldKind::Choice(Choice {
                style: ChoiceStyle::Radio,
                options: Vec::new(),
                other: None,
            }),
            Self::Multi => FieldKind::Multi(Multi {
                min: 0,
                max: None,
                options: Vec::new(),
                other: None,
                ranked: false,
            }),
            Self::Matrix => FieldKind::Matrix(Matrix { rows: Vec::new(), options: Vec::new() }),
            Self::Lookup => FieldKind::Lookup(Lookup {
                list: String::new(),
                find_by: Vec::new(),
                keep: Vec::new(),
                narrow: None,
                free: false,
                secret: false,
            }),
            Self::File => FieldKind::File(FileKind::default()),
            Self::Consent => FieldKind::Consent(Consent {
                text: nothing(),
                agree: nothing(),
                version: String::new(),
            }),
            Self::Calc => FieldKind::Calc(Calc { value: String::new(), unit: nothing() }),
            Self::Slot => FieldKind::Slot(SlotKind {
                dates: Vec::new(),
                weekdays: Vec::new(),
                from: None,
                until: None,
                except: Vec::new(),
                closed_too: false,
                times: Vec::new(),
                times_on: TimesOn::default(),
                minutes: 30,
                cutoff_days: 1,
                cutoff_at: Some("17:00".to_owned()),
                capacity: Capacity {
                    max: 1,
                    show: Seats::Full,
                    units: None,
                    hold_minutes: 15,
                    waitlist: 0,
                },
            }),
            Self::Fee => FieldKind::Fee(Fee { lines: Vec::new() }),
            Self::Repeat => FieldKind::Repeat(Repeat {
                row: nothing(),
                min: 0,
                max: 5,
                unique_by: None,
                fields: Vec::new(),
            }),
            Self::Exit => FieldKind::Exit(Exit { body: nothing() }),
            Self::Content => FieldKind::Content(Content { body: nothing(), picture: None }),
        }
    }
}
