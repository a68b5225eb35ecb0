//! The procedure document: what staff publish and both zones read.
//!
//! It is JSON, canonicalised and hashed by its callers, and never changes once published. Unknown
//! keys are refused, so a document of a newer release stops an older one loudly.

mod canonical;
mod cosigner;
mod form_file;
mod guide;
mod kinds;
mod lists;
mod notice;
mod page;
mod pay;
mod rules;
mod texts;
mod told;
mod town;
mod words;

pub use canonical::{DocumentError, MAX_DOCUMENT_BYTES};
pub use cosigner::{Cosigner, MOST_COSIGNERS};
pub use guide::Outcome;
pub use kinds::{
    Address, Bank, Bound, Calc, Charset, Choice, ChoiceOption, ChoiceStyle, Consent, Content,
    CorporateNumber, DateKind, Day, Email, Exit, Fee, FeeLine, FieldKind, FileKind, FileType,
    Furigana, Lookup, MOST_FEE_LINES, MOST_YEN, Matrix, MatrixRow, MonthKind, Multi, NameKind,
    Narrow, Number, Phone, Picture, Repeat, SlotKind, Text, Textarea, TimeKind, TimesOn,
};
pub use lists::{List, ListColumn, MAX_LIST_ROWS};
pub use notice::{CitizenEvent, CitizenMail, LONGEST_NOTE};
pub use page::{Field, Page, Required, Rule, TestCase};
pub use pay::{Pay, PayWay, PayWhen};
pub use rules::{
    Access, ApprovalMail, Capacity, Delegates, EntryRefusal, Expires, FormFile, Login,
    MOST_TOTAL_MB, Notify, OncePer, Open, RefusalNotice, Retain, Route, SamePerson, Seats, Window,
    Workflow,
};
pub use texts::Visit;
pub use town::TownDays;
pub use words::{Lang, Words};

use serde::{Deserialize, Serialize};

use crate::export::Layout;
use crate::ids::{DepartmentId, ProcedureId};

/// One revision of a procedure (手続).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Procedure {
    /// The same through all revisions.
    pub id: ProcedureId,
    /// Counts up from 1 with every publication.
    pub revision: u32,
    /// Last part of the procedure's address (NF-44): `a-z 0-9 -`, unique in the city.
    pub slug: String,
    /// Name of the procedure.
    pub title: Words,
    /// Reading of the title in kana, for the search and the 五十音 list.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title_kana: String,
    /// One or two sentences for lists.
    pub summary: Words,
    /// The procedure's page, in the small markdown of [`Content`].
    #[serde(default, skip_serializing_if = "Words::is_empty")]
    pub description: Words,
    /// More words that should find it (NF-9), in Japanese and in the languages of its readers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keywords: Vec<Words>,
    /// Department that owns it (NF-39).
    pub department: DepartmentId,
    /// Category codes of the city (NF-53).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<String>,
    /// Codes of the events of a life at which it is needed (NF-53).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub life_events: Vec<String>,
    /// Ages of the people it is for; `None` for any (NF-28).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ages: Option<Ages>,
    /// Of which sex the people are it is for; `None` for any (NF-28).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sex: Option<Sex>,
    /// Who applies (NF-28).
    #[serde(default = "page::citizens", skip_serializing_if = "Vec::is_empty")]
    pub audience: Vec<Audience>,
    /// Who finds it (NF-45).
    #[serde(default)]
    pub listing: Listing,
    /// Departments whose staff may apply, of an internal procedure; empty for the staff of all (NB-2.1).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub staff_of: Vec<DepartmentId>,
    /// Whether it takes applications at all (NF-11).
    #[serde(default)]
    pub mode: Mode,
    /// When it takes them (NF-50).
    #[serde(default)]
    pub open: Open,
    /// Who may apply, and how often (NF-17, NF-64).
    #[serde(default)]
    pub access: Access,
    /// What to have ready (NF-52).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items_to_bring: Vec<Words>,
    /// Forms to download (NF-11, NF-31).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<FormFile>,
    /// Lists that answers are looked up in (NF-61).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lists: Vec<List>,
    /// The form; empty for a procedure without applications.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pages: Vec<Page>,
    /// Questions staff answer for themselves, never shown to citizens (IK-2.1.2a3).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub staff_fields: Vec<Field>,
    /// What a guide leads to (NF-55).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outcomes: Vec<Outcome>,
    /// Seats of the whole procedure (NF-49).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<Capacity>,
    /// Largest sum of all attachments of one application, in MB of 1,000,000 bytes (NF-56).
    #[serde(default = "rules::default_total_mb")]
    pub total_mb: u32,
    /// Where applications with some answers go (NF-48); all others to `department`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub routing: Vec<Route>,
    /// Stages after arrival (NF-34).
    #[serde(default)]
    pub workflow: Workflow,
    /// Who is told (NF-59).
    #[serde(default)]
    pub notify: Notify,
    /// How long data are kept.
    #[serde(default)]
    pub retain: Retain,
    /// How a fee is paid; the amount is a question of the form.
    #[serde(default, skip_serializing_if = "Pay::is_empty")]
    pub pay: Pay,
    /// Days of the town that its law does not know, as they were when this was published: what
    /// [`SlotKind`] counts by. Written by the staff zone.
    #[serde(default, skip_serializing_if = "TownDays::is_empty")]
    pub town_days: TownDays,
    /// Words on the completion page: what happens next.
    #[serde(default, skip_serializing_if = "Words::is_empty")]
    pub after: Words,
    /// Layout for the business system; `None` exports nothing (IK-2.1.2d1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub export: Option<Layout>,
    /// Cases that must pass before publishing (NF-22).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tests: Vec<TestCase>,
}

/// Who applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// 個人.
    Citizen,
    /// 事業者.
    Corporation,
    /// 職員.
    Staff,
}

/// A sex, as 住民票 and the forms of the town write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sex {
    /// 女性.
    Female,
    /// 男性.
    Male,
}

impl Sex {
    /// Both, in the order they are offered.
    pub const ALL: [Self; 2] = [Self::Female, Self::Male];

    /// As documents and addresses write it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Female => "female",
            Self::Male => "male",
        }
    }
}

/// Ages in whole years, both ends included.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Ages {
    /// Youngest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<u8>,
    /// Oldest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<u8>,
}

impl Ages {
    /// Whether somebody of this age is among them.
    #[must_use]
    pub fn hold(&self, age: u8) -> bool {
        self.from.is_none_or(|from| from <= age) && self.until.is_none_or(|until| age <= until)
    }
}

/// Who finds a procedure.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Listing {
    /// Everybody, by search and lists.
    #[default]
    Public,
    /// Who knows the address.
    Unlisted,
    /// Staff, on the staff side only.
    Internal,
    /// Who holds an invitation.
    Invite,
}

/// Whether applications are taken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// By the form.
    #[default]
    Online,
    /// Not online: explanation and forms to download (NF-11).
    Download,
    /// No application: the answers say which procedures are needed (NF-55). Nothing is kept.
    Guide,
}
