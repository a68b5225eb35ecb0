//! When a procedure is open, who may apply, its stages, seats, files and keeping times.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{CitizenMail, Cosigner, FileKind, Procedure, Words};
use crate::applications::{Approval, Event, Point, Stage, Unmarked, WithdrawUntil};
use crate::ids::DepartmentId;

/// Largest sum of the attachments of one application, in MB of 1,000,000 bytes: they cross with the answers in
/// one item, and no item is larger than `bridge_contract::bundle::CONTENT_LIMIT`.
pub const MOST_TOTAL_MB: u32 = 50;

pub(super) fn default_total_mb() -> u32 {
    30
}

impl Procedure {
    /// What the attachments of one application may have together, in MB. An older document may say more than
    /// can cross.
    #[must_use]
    pub fn files_mb(&self) -> u32 {
        self.total_mb.min(MOST_TOTAL_MB)
    }
}

impl FileKind {
    /// What is said of the largest single file, in MB: never more than all of them may have together.
    #[must_use]
    pub fn told_mb(&self) -> u32 {
        self.max_mb.min(MOST_TOTAL_MB)
    }
}

/// When applications are taken (NF-50).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Open {
    /// First moment; open since ever when missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// First moment after the end; never closes when missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Seconds after the end in which a form already begun may still be sent.
    #[serde(skip_serializing_if = "is_zero")]
    pub grace_seconds: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn is_zero(n: &u32) -> bool {
    *n == 0
}

/// Who may apply, and how often.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Access {
    /// What the applicant must show first (NF-17).
    pub login: Login,
    /// Only one application by the same applicant (NF-64).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub once_per: Option<OncePer>,
    /// Whether somebody may apply for another person (NF-16).
    #[serde(skip_serializing_if = "Delegates::is_default")]
    pub delegates: Delegates,
    /// Who must agree before it is sent, beside the applicant (連署).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cosigners: Vec<Cosigner>,
}

/// Whether an account may apply for another one that gave it a mandate (委任).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delegates {
    /// Yes.
    #[default]
    Allowed,
    /// The person must apply themselves.
    Forbidden,
}

impl Delegates {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// What the applicant must show first. `Email` is also met by an account.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Login {
    /// Nothing, and nothing is kept: the application is anonymous even for who is logged in.
    None,
    /// An e-mail address, or an account.
    Email,
    /// An account.
    #[default]
    Account,
}

/// One application by the same applicant within a window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OncePer {
    /// `account`, `email`, or `field:ID` for the answer of a field.
    pub key: String,
    /// How long it counts.
    #[serde(default)]
    pub window: Window,
}

/// How long an earlier application counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Window {
    /// For ever.
    #[default]
    Ever,
    /// Within the same 年度.
    FiscalYear,
    /// This many days.
    Days(u16),
}

/// Seats that run out (NF-49).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Capacity {
    /// Seats, at least 1.
    pub max: u32,
    /// What citizens see of it.
    #[serde(default)]
    pub show: Seats,
    /// Seats one application takes: an expression such as `people` or `count(children)`. Rounded
    /// up, at least 1; without it each application takes one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub units: Option<String>,
    /// Minutes for which the seats are kept for somebody who chose them and has not sent yet; 0
    /// keeps nothing before sending.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub hold_minutes: u32,
    /// Applications that may wait for a seat when it is full; 0 takes none.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub waitlist: u32,
}

/// What citizens see of the seats.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Seats {
    /// Nothing until it is full.
    None,
    /// The number left.
    Left,
    /// Only that few are left.
    Few,
    /// Only that it is full.
    #[default]
    Full,
}

/// Stages after arrival, and when the applicant may still withdraw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Workflow {
    /// Desks at which a person acts; the others are passed by the system.
    pub stages: Vec<Stage>,
    /// How long the applicant may withdraw.
    pub withdraw_until: WithdrawUntil,
    /// Open days (開庁日) until the result is expected; 0 promises nothing.
    pub expected_days: u16,
    /// Days the applicant has for a correction when staff name no date.
    pub correction_days: u16,
    /// Who approves a decision before it is told, in this order; nobody when empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub approvals: Vec<Approval>,
    /// What staff look at before a decision (審査の確認項目).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub points: Vec<Point>,
    /// What happens when one of them that is not optional is not marked.
    #[serde(skip_serializing_if = "Unmarked::is_usual")]
    pub unmarked: Unmarked,
    /// Who refuses an application at its entry (不受理).
    #[serde(skip_serializing_if = "EntryRefusal::is_usual")]
    pub refuse_entry: EntryRefusal,
    /// Whether one person may approve several stages of one decision.
    #[serde(skip_serializing_if = "SamePerson::is_usual")]
    pub same_person: SamePerson,
    /// Whether a refusal (却下, 不受理) needs a notice with its 教示.
    #[serde(skip_serializing_if = "RefusalNotice::is_usual")]
    pub refusal_notice: RefusalNotice,
}

/// Whether a refusal (却下, 不受理) needs a notice with its reasons and the 教示 (行政不服審査法82条).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusalNotice {
    /// It goes along where there is one.
    #[default]
    Optional,
    /// Nothing is refused without one.
    Required,
}

impl RefusalNotice {
    /// The usual: it does not stand in the document.
    #[must_use]
    pub fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}

/// Whether one person may approve several stages of one decision. Who put it before the stages approves none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SamePerson {
    /// Every stage is another person.
    #[default]
    Forbidden,
    /// An office is too small for that.
    Allowed,
}

impl SamePerson {
    /// The usual: it does not stand in the document.
    #[must_use]
    pub fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}

/// Who refuses an application at its entry (不受理): it is a decision against the applicant, too.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryRefusal {
    /// Whoever works with it.
    #[default]
    Clerk,
    /// The stages that approve its other decisions.
    Approved,
}

impl EntryRefusal {
    /// The usual: it does not stand in the document.
    #[must_use]
    pub fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}

impl Workflow {
    /// Whether a step is a decision that the stages approve before it is told.
    #[must_use]
    pub fn decides(&self, event: Event) -> bool {
        match event {
            Event::Notify | Event::Reject => true,
            Event::RefuseEntry => self.refuse_entry == EntryRefusal::Approved,
            Event::Accept
            | Event::StartReview
            | Event::Finish
            | Event::Close
            | Event::AskCorrection
            | Event::Expire
            | Event::Resubmit
            | Event::Withdraw
            | Event::GrantWithdrawal
            | Event::Reopen => false,
        }
    }

    /// Whether a step is a refusal that is not taken without a notice.
    #[must_use]
    pub fn wants_notice(&self, event: Event) -> bool {
        event.is_refusal() && self.refusal_notice == RefusalNotice::Required
    }

    /// Points that must be marked before a step: before a decision, where the procedure refuses one
    /// without them.
    #[must_use]
    pub fn needs(&self, event: Event) -> Vec<String> {
        let decides = matches!(event, Event::Notify | Event::Reject);
        if !decides || self.unmarked == Unmarked::Warn {
            return Vec::new();
        }
        let needed = self.points.iter().filter(|point| !point.optional);
        needed.map(|point| point.id.clone()).collect()
    }
}

impl Default for Workflow {
    fn default() -> Self {
        Self {
            stages: vec![Stage::Accept, Stage::Review, Stage::Notify],
            withdraw_until: WithdrawUntil::Accepted,
            expected_days: 0,
            correction_days: 14,
            approvals: Vec::new(),
            points: Vec::new(),
            unmarked: Unmarked::Warn,
            refuse_entry: EntryRefusal::Clerk,
            same_person: SamePerson::Forbidden,
            refusal_notice: RefusalNotice::Optional,
        }
    }
}

/// Who is told (NF-59).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Notify {
    /// Addresses of the department that get a mail for each arrival.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub staff_mail: Vec<String>,
    /// Open days before a deadline from which it stands in the daily reminder to these addresses;
    /// the town's own number when the procedure names none (IK-2.1.1b).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remind_days: Option<u16>,
    /// Whether who approves a decision next is told by mail (決裁待ち).
    #[serde(skip_serializing_if = "ApprovalMail::is_usual")]
    pub approval_mail: ApprovalMail,
    /// Which mails the applicants get, and what the procedure adds to them (NF-29).
    #[serde(skip_serializing_if = "CitizenMail::is_usual")]
    pub citizen: CitizenMail,
}

/// Whether who approves a decision next is told by mail.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApprovalMail {
    /// One mail for each decision and stage.
    #[default]
    Each,
    /// None; the inbox shows what waits.
    Off,
}

impl ApprovalMail {
    /// The usual: it does not stand in the document.
    #[must_use]
    pub fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}

/// How long data are kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Retain {
    /// Days a draft lives after its last change.
    pub draft_days: u16,
    /// Months a finished application is kept.
    pub done_months: u16,
    /// What happens then.
    pub then: Expires,
}

impl Default for Retain {
    fn default() -> Self {
        Self { draft_days: 30, done_months: 36, then: Expires::Delete }
    }
}

/// What happens at the end of the keeping time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expires {
    /// Everything is deleted.
    #[default]
    Delete,
    /// Answers are deleted, counts stay.
    Anonymise,
}

/// A file that travels with the document: a form to download or a picture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormFile {
    /// Key in the procedure: `a-z 0-9 _`.
    pub id: String,
    /// What it is.
    pub title: Words,
    /// Name under which it is saved.
    pub name: String,
    /// Media type.
    pub media: String,
    /// Offered on the procedure's page; pictures of the form are not.
    #[serde(default = "yes")]
    pub listed: bool,
    /// The bytes in standard base64, as pieces of any length.
    pub base64: Vec<String>,
}

fn yes() -> bool {
    true
}

/// Where applications with some answers go instead of the procedure's department (NF-48, NF-54).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Route {
    /// An expression over the answers; the first route that holds counts.
    pub when: String,
    /// The department that receives them.
    pub department: DepartmentId,
}
