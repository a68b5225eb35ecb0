//! Citizen → staff (lanes `raw` and `in`).

use std::collections::BTreeMap;

use domain::ids::{AccountId, ApplicationId, AttachmentId, DocumentId, ProcedureId};
use domain::speed::Speed;
use jiff::Timestamp;
use jiff::civil::Date;

use super::{Answers, EventsTold, InvitationUsed, Part, Receipt, UptimeTold, messages};
use crate::digest::Digest;
use crate::pipe::Password;
use crate::wire::{Malformed, Reader, Wire, Writer, codes, encode, private_record, record};

messages! {
    /// What the internet zone tells staff.
    pub enum ToStaff {
        /// What the internet zone has of a publication lane.
        PublicationReceipt(Receipt) = 1 "publication_receipt",
        /// A new application.
        Submission(Box<Submission>) = 2 "submission",
        /// A citizen's correction of what staff flagged.
        Correction(Correction) = 3 "correction",
        /// A citizen takes an application back.
        Withdrawal(Withdrawal) = 4 "withdrawal",
        /// A citizen opened an issued document.
        DocumentOpened(DocumentOpened) = 5 "document_opened",
        /// A citizen wants to use the answers of an own application again.
        CopyAsked(CopyAsked) = 6 "copy_asked",
        /// How the pages of a day were used.
        UsageCounted(UsageCounted) = 20 "usage_counted",
        /// Words for which a search found nothing.
        WordsMissed(WordsMissed) = 21 "words_missed",
        /// A citizen writes to the department about an application.
        CitizenWrote(CitizenWrote) = 22 "citizen_wrote",
        /// An application is being sent at a counter terminal.
        SentAtTerminal(SentAtTerminal) = 43 "sent_at_terminal",
        /// An application is being sent by an invitation.
        InvitationUsed(InvitationUsed) = 42 "invitation_used",
        /// The files of what a citizen wrote.
        FilesWritten(FilesWritten) = 45 "files_written",
        /// A citizen asks the office to let an application be withdrawn.
        WithdrawalAsked(WithdrawalAsked) = 49 "withdrawal_asked",
        /// Events of the internet zone's operation log.
        EventsTold(EventsTold) = 31 "events_told",
        /// When the internet zone was at work.
        UptimeTold(UptimeTold) = 32 "uptime_told",
        /// How forms of a day were filled in.
        FillingCounted(FillingCounted) = 55 "filling_counted",
    }
}

impl ToStaff {
    /// The application spoken of, if any.
    #[must_use]
    pub const fn application(&self) -> Option<&ApplicationId> {
        match self {
            Self::Submission(sent) => Some(&sent.application_id),
            Self::Correction(sent) => Some(&sent.application_id),
            Self::Withdrawal(sent) => Some(&sent.application_id),
            Self::DocumentOpened(opened) => Some(&opened.application_id),
            Self::CopyAsked(asked) => Some(&asked.application_id),
            Self::CitizenWrote(written) => Some(&written.application_id),
            Self::SentAtTerminal(sent) => Some(&sent.application_id),
            Self::FilesWritten(sent) => Some(&sent.application_id),
            Self::WithdrawalAsked(asked) => Some(&asked.application_id),
            Self::InvitationUsed(used) => used.application_id.as_ref(),
            Self::PublicationReceipt(_)
            | Self::UsageCounted(_)
            | Self::WordsMissed(_)
            | Self::EventsTold(_)
            | Self::UptimeTold(_)
            | Self::FillingCounted(_) => None,
        }
    }

    /// The files declared with the message.
    #[must_use]
    pub fn attachments(&self) -> &[Declared] {
        match self {
            Self::Submission(sent) => &sent.attachments,
            Self::Correction(sent) => &sent.attachments,
            Self::FilesWritten(sent) => &sent.attachments,
            Self::Withdrawal(_)
            | Self::WithdrawalAsked(_)
            | Self::DocumentOpened(_)
            | Self::CopyAsked(_)
            | Self::UsageCounted(_)
            | Self::WordsMissed(_)
            | Self::CitizenWrote(_)
            | Self::SentAtTerminal(_)
            | Self::InvitationUsed(_)
            | Self::EventsTold(_)
            | Self::UptimeTold(_)
            | Self::FillingCounted(_)
            | Self::PublicationReceipt(_) => &[],
        }
    }
}

private_record! {
    /// Somebody who agreed to an application before it was sent (連署).
    pub struct Cosigned {
        /// Which of the procedure's co-signers: the key in the document.
        pub kind: String,
        /// The account that agreed.
        pub id: AccountId,
        /// The account's name.
        pub display_name: String,
        /// The account's verified address.
        pub email: String,
        /// What the applicant called them.
        pub named: String,
        /// When.
        pub at: Timestamp,
        /// What they agreed to: see [`Agreed`].
        pub content: Digest,
    }
}

private_record! {
    /// What a co-signer agrees to. Both zones work out the same digest of it.
    pub struct Agreed {
        /// SHA-256 of the definition's canonical document.
        pub definition_sha256: Digest,
        /// The answers, without what is worked out from them.
        pub answers: Answers,
        /// The files, by identifier.
        pub files: BTreeMap<String, AgreedFile>,
    }
}

private_record! {
    /// A file as a co-signer agrees to it.
    pub struct AgreedFile {
        /// The input it was given in.
        pub field: String,
        /// Its name.
        pub name: String,
        /// Its SHA-256.
        pub sha256: Digest,
    }
}

impl Agreed {
    /// The digest that is kept with an agreement.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let mut bytes = b"madoguchi agreed 1".to_vec();
        bytes.extend(encode(self));
        Digest::of(&bytes)
    }
}

/// A new application. Number and time of arrival are in the item's stamp:
/// they are known only once it is accepted, after the item was sealed.
#[derive(Clone, PartialEq, Eq)]
pub struct Submission {
    /// The application.
    pub application_id: ApplicationId,
    /// What was applied for.
    pub procedure_id: ProcedureId,
    /// The published revision that was filled in.
    pub revision: u32,
    /// SHA-256 of that revision's canonical document.
    pub definition_sha256: Digest,
    /// Who applied.
    pub applicant: Applicant,
    /// Normalised answers by input name; hidden fields are absent.
    pub answers: Answers,
    /// Where answers came from, by input name; typed ones may be absent.
    pub provenance: BTreeMap<String, Provenance>,
    /// Files, whose bytes travel as parts of the same item.
    pub attachments: Vec<Declared>,
    /// Who agreed to it before it was sent.
    pub cosigners: Vec<Cosigned>,
}

impl Submission {
    /// What co-signers agreed to when these are the answers without what is worked out.
    #[must_use]
    pub fn agreed(&self, answers: Answers) -> Agreed {
        let file = |one: &Declared| {
            let (field, name, sha256) = (one.field.clone(), one.name.clone(), one.sha256);
            (one.id.to_string(), AgreedFile { field, name, sha256 })
        };
        let files = self.attachments.iter().map(file).collect();
        Agreed { definition_sha256: self.definition_sha256, answers, files }
    }
}

impl std::fmt::Debug for Submission {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Submission").finish_non_exhaustive()
    }
}

/// Co-signers stand at the end, and only when there are any: an application without them is as it
/// was in the first version.
impl Wire for Submission {
    fn write(&self, out: &mut Writer) {
        self.application_id.write(out);
        self.procedure_id.write(out);
        self.revision.write(out);
        self.definition_sha256.write(out);
        self.applicant.write(out);
        self.answers.write(out);
        self.provenance.write(out);
        self.attachments.write(out);
        if !self.cosigners.is_empty() {
            self.cosigners.write(out);
        }
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            application_id: ApplicationId::read(from)?,
            procedure_id: ProcedureId::read(from)?,
            revision: u32::read(from)?,
            definition_sha256: Digest::read(from)?,
            applicant: Applicant::read(from)?,
            answers: Answers::read(from)?,
            provenance: BTreeMap::read(from)?,
            attachments: Vec::read(from)?,
            cosigners: some_at_the_end(from)?,
        })
    }
}

/// A list that stands at the end of a message only when it is not empty.
fn some_at_the_end<T: Wire>(from: &mut Reader<'_>) -> Result<Vec<T>, Malformed> {
    if from.left() == 0 {
        return Ok(Vec::new());
    }
    let found = Vec::read(from)?;
    if found.is_empty() { Err(Malformed::NotCanonical) } else { Ok(found) }
}

/// A correction of one round. Holds only what was flagged.
#[derive(Clone, PartialEq, Eq)]
pub struct Correction {
    /// The application.
    pub application_id: ApplicationId,
    /// The round staff opened, from 1.
    pub round: u32,
    /// New answers of the flagged inputs.
    pub answers: Answers,
    /// New files, whose bytes travel as parts of the same item.
    pub attachments: Vec<Declared>,
    /// Who sent it for the applicant, if somebody did (NF-16).
    pub by: Option<Delegate>,
}

impl std::fmt::Debug for Correction {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Correction").finish_non_exhaustive()
    }
}

/// The delegate stands at the end, and only when there is one: a correction by the applicant
/// is as it was in the first version.
impl Wire for Correction {
    fn write(&self, out: &mut Writer) {
        self.application_id.write(out);
        self.round.write(out);
        self.answers.write(out);
        self.attachments.write(out);
        if let Some(by) = &self.by {
            by.write(out);
        }
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            application_id: ApplicationId::read(from)?,
            round: u32::read(from)?,
            answers: Answers::read(from)?,
            attachments: Vec::read(from)?,
            by: if from.left() > 0 { Some(Delegate::read(from)?) } else { None },
        })
    }
}

private_record! {
    /// A citizen takes an application back.
    pub struct Withdrawal {
        /// The application.
        pub application_id: ApplicationId,
        /// The citizen's words, may be empty.
        pub reason: String,
    }
}

private_record! {
    /// A citizen asks the office to let an application be withdrawn (取下げの申出), or does so no more. Its
    /// state stays as it is until the office has answered.
    pub struct WithdrawalAsked {
        /// The application.
        pub application_id: ApplicationId,
        /// Identifier of the request.
        pub request_id: String,
        /// The citizen's words; `None` when the request is taken back.
        pub reason: Option<String>,
    }
}

record! {
    /// A citizen opened an issued document for the first time.
    pub struct DocumentOpened {
        /// The application it was issued for.
        pub application_id: ApplicationId,
        /// The document.
        pub document_id: DocumentId,
        /// When.
        pub at: Timestamp,
    }
}

record! {
    /// A citizen wants the answers of an own application for a new one (NF-58).
    /// The internet zone has none of its own.
    pub struct CopyAsked {
        /// The earlier application.
        pub application_id: ApplicationId,
        /// The account that sent it and asks.
        pub account_id: AccountId,
        /// The draft that waits for the answers.
        pub draft_id: String,
    }
}

private_record! {
    /// Who filled in and sent for somebody else.
    pub struct Delegate {
        /// The account.
        pub id: AccountId,
        /// The account's name.
        pub display_name: String,
        /// The account's verified address.
        pub email: String,
    }
}

record! {
    /// How the pages of a day were used, all of the day so far (NF-25, IK-2.1.3). A later message
    /// of the same day says more, so losing or repeating one changes nothing.
    pub struct UsageCounted {
        /// The day in Japan.
        pub day: Date,
        /// What was counted.
        pub counts: Vec<UsageCount>,
    }
}

record! {
    /// How often one thing happened on a day.
    pub struct UsageCount {
        /// The procedure; `None` for the pages that belong to none.
        pub procedure_id: Option<ProcedureId>,
        /// What happened.
        pub what: Usage,
        /// How often.
        pub count: u64,
    }
}

record! {
    /// How forms of a day were filled in, page by page (NF-25). Each count is all of the day so far, and a
    /// message holds those that rose, so losing or repeating one changes nothing.
    pub struct FillingCounted {
        /// The day in Japan.
        pub day: Date,
        /// What was counted.
        pub counts: Vec<FillingCount>,
    }
}

record! {
    /// How often one thing happened with a form, or a page of it.
    pub struct FillingCount {
        /// The procedure.
        pub procedure_id: ProcedureId,
        /// Id of the page; `_check` for the one behind the last, empty for the whole form.
        pub page: String,
        /// What happened.
        pub what: Filling,
        /// How often.
        pub count: u64,
    }
}

codes! {
    /// What happens while a form is filled in. Nobody is told apart: these are counts.
    pub enum Filling {
        /// A page was reached for the first time.
        Reached = 1 "reached",
        /// A page was passed for the first time.
        Passed = 2 "passed",
        /// A page came back because something was wrong with it.
        Faulty = 3 "faulty",
        /// An application was begun on a telephone or tablet.
        StartPhone = 16 "start_phone",
        /// An application was begun on a computer.
        StartDesk = 17 "start_desk",
        /// An application was begun on something that did not say what it is.
        StartUnknown = 18 "start_unknown",
        /// An application was sent from a telephone or tablet.
        SentPhone = 32 "sent_phone",
        /// An application was sent from a computer.
        SentDesk = 33 "sent_desk",
        /// An application was sent from something that did not say what it is.
        SentUnknown = 34 "sent_unknown",
    }
}

record! {
    /// Words for which searches of a day found nothing, all of the day so far. Only words that
    /// several places asked for are told; nobody is told apart.
    pub struct WordsMissed {
        /// The day in Japan.
        pub day: Date,
        /// The words, as they are folded for searching.
        pub words: Vec<MissedWord>,
    }
}

record! {
    /// How often a word was missed on a day.
    pub struct MissedWord {
        /// The word.
        pub word: String,
        /// How often.
        pub count: u64,
    }
}

/// A citizen writes about an own application. When is in the item's stamp.
#[derive(Clone, PartialEq, Eq)]
pub struct CitizenWrote {
    /// The application.
    pub application_id: ApplicationId,
    /// Identifier of what was written.
    pub message_id: String,
    /// Who wrote for the applicant, if somebody did (NF-16).
    pub by: Option<Delegate>,
    /// The words.
    pub words: String,
    /// How many files follow in a [`FilesWritten`].
    pub files: u32,
}

impl std::fmt::Debug for CitizenWrote {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("CitizenWrote").finish_non_exhaustive()
    }
}

/// The number of files stands at the end, and only when some follow: words alone are as they were
/// in the first version.
impl Wire for CitizenWrote {
    fn write(&self, out: &mut Writer) {
        self.application_id.write(out);
        self.message_id.write(out);
        self.by.write(out);
        self.words.write(out);
        count_at_the_end(self.files, out);
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            application_id: ApplicationId::read(from)?,
            message_id: String::read(from)?,
            by: Option::read(from)?,
            words: String::read(from)?,
            files: counted_at_the_end(from)?,
        })
    }
}

/// Writes a number that stands at the end of a message only when it is not 0.
pub(super) fn count_at_the_end(count: u32, out: &mut Writer) {
    if count > 0 {
        count.write(out);
    }
}

/// Reads it.
pub(super) fn counted_at_the_end(from: &mut Reader<'_>) -> Result<u32, Malformed> {
    if from.left() == 0 {
        return Ok(0);
    }
    match u32::read(from)? {
        0 => Err(Malformed::NotCanonical),
        count => Ok(count),
    }
}

private_record! {
    /// The files of what a citizen wrote. They go as an item of their own behind the words, so that
    /// staff read those while the files are still being rebuilt.
    pub struct FilesWritten {
        /// The application.
        pub application_id: ApplicationId,
        /// Identifier of what was written.
        pub message_id: String,
        /// The files, whose bytes travel as parts of the same item.
        pub attachments: Vec<Declared>,
    }
}

record! {
    /// An application is being sent at a counter terminal in the town hall (IK-2.1.2a2). It goes out
    /// in the transaction of the application itself, or of its place on a waiting list.
    pub struct SentAtTerminal {
        /// The application.
        pub application_id: ApplicationId,
        /// What is applied for.
        pub procedure_id: ProcedureId,
        /// What the town calls the terminal.
        pub terminal: String,
    }
}

codes! {
    /// What citizens do with pages. Nobody is told apart: these are counts.
    pub enum Usage {
        /// The start page was opened.
        Visit = 1 "visit",
        /// The page of a procedure was opened.
        View = 2 "view",
        /// An application was begun.
        Start = 3 "start",
        /// A form was downloaded.
        Download = 4 "download",
        /// A page began to be answered within 100 ms.
        Ms100 = 16 "within_100",
        /// A page began to be answered within 300 ms.
        Ms300 = 17 "within_300",
        /// A page began to be answered within 500 ms.
        Ms500 = 18 "within_500",
        /// A page began to be answered within 1000 ms.
        Ms1000 = 19 "within_1000",
        /// A page began to be answered within 2000 ms.
        Ms2000 = 20 "within_2000",
        /// A page began to be answered within 3000 ms.
        Ms3000 = 21 "within_3000",
        /// A page began to be answered within 5000 ms.
        Ms5000 = 22 "within_5000",
        /// A page began to be answered within 10000 ms.
        Ms10000 = 23 "within_10000",
        /// A page took longer than ten seconds.
        Slower = 24 "slower",
    }
}

impl From<Speed> for Usage {
    fn from(speed: Speed) -> Self {
        match speed {
            Speed::Ms100 => Self::Ms100,
            Speed::Ms300 => Self::Ms300,
            Speed::Ms500 => Self::Ms500,
            Speed::Ms1000 => Self::Ms1000,
            Speed::Ms2000 => Self::Ms2000,
            Speed::Ms3000 => Self::Ms3000,
            Speed::Ms5000 => Self::Ms5000,
            Speed::Ms10000 => Self::Ms10000,
            Speed::Slower => Self::Slower,
        }
    }
}

/// Who applied.
#[derive(Clone, PartialEq, Eq)]
pub enum Applicant {
    /// Someone logged in.
    Account {
        /// The account.
        id: AccountId,
        /// The account's name.
        display_name: String,
        /// The account's verified address.
        email: String,
    },
    /// Someone for whom a delegate filled in and sent (NF-16): the application is theirs.
    Represented {
        /// The account applied for.
        id: AccountId,
        /// Its name.
        display_name: String,
        /// Its verified address.
        email: String,
        /// Who filled in and sent.
        by: Delegate,
    },
    /// Someone without an account.
    Guest {
        /// The address given for notices.
        email: Option<String>,
    },
    /// Nobody knows, by design of the procedure.
    Anonymous,
}

impl std::fmt::Debug for Applicant {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(match self {
            Self::Account { .. } => "Account",
            Self::Represented { .. } => "Represented",
            Self::Guest { .. } => "Guest",
            Self::Anonymous => "Anonymous",
        })
    }
}

impl Wire for Applicant {
    fn write(&self, out: &mut Writer) {
        match self {
            Self::Account { id, display_name, email } => {
                out.raw(&[1]);
                id.write(out);
                display_name.write(out);
                email.write(out);
            }
            Self::Guest { email } => {
                out.raw(&[2]);
                email.write(out);
            }
            Self::Anonymous => out.raw(&[3]),
            Self::Represented { id, display_name, email, by } => {
                out.raw(&[4]);
                id.write(out);
                display_name.write(out);
                email.write(out);
                by.write(out);
            }
        }
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        match from.array()? {
            [1] => Ok(Self::Account {
                id: AccountId::read(from)?,
                display_name: String::read(from)?,
                email: String::read(from)?,
            }),
            [2] => Ok(Self::Guest { email: Option::read(from)? }),
            [3] => Ok(Self::Anonymous),
            [4] => Ok(Self::Represented {
                id: AccountId::read(from)?,
                display_name: String::read(from)?,
                email: String::read(from)?,
                by: Delegate::read(from)?,
            }),
            _ => Err(Malformed::UnknownTag),
        }
    }
}

codes! {
    /// Where an answer came from.
    pub enum Source {
        /// Typed by the applicant.
        Typed = 1 "typed",
        /// From the account's registered information.
        Account = 2 "account",
        /// From a look-up, for example by postal code.
        Lookup = 3 "lookup",
        /// From an earlier application.
        Past = 4 "past",
        /// From a My Number Card.
        Card = 5 "card",
        /// From a corporate identity (gBizID).
        Corporate = 6 "corporate",
        /// From an invitation.
        Invitation = 7 "invitation",
        /// From a signed link.
        Link = 8 "link",
        /// Entered by staff for the applicant.
        Staff = 9 "staff",
    }
}

record! {
    /// How much a reviewer may trust an answer.
    #[derive(Copy)]
    pub struct Provenance {
        /// Where it came from.
        pub source: Source,
        /// When the source was verified.
        pub verified_at: Option<Timestamp>,
        /// Whether the applicant changed it afterwards.
        pub changed: bool,
    }
}

private_record! {
    /// A file as declared by the applicant's side.
    pub struct Declared {
        /// The file.
        pub id: AttachmentId,
        /// The input it was given in.
        pub field: String,
        /// Its file name, as sent.
        pub name: String,
        /// Its media type, as sent.
        pub media: String,
        /// Its size in bytes.
        pub size: u64,
        /// Its SHA-256.
        pub sha256: Digest,
    }
}

record! {
    /// The stamp of an item that arrived: a legal fact, known only in the
    /// transaction that accepted it. Travels in the clear, under the bundle's
    /// signature.
    pub struct Arrival {
        /// The receipt number of a new application.
        pub number: Option<String>,
        /// The time of arrival (到達).
        pub at: Timestamp,
    }
}

/// The content of an item on `raw`, sealed for S.
#[derive(Clone, PartialEq, Eq)]
pub struct RawItem {
    /// Canonical bytes of a [`ToStaff`]. L receives these very bytes.
    pub message: Vec<u8>,
    /// One for each declared attachment, in the same order.
    pub parts: Vec<Part>,
    /// Passwords of protected files. S uses them and keeps none; L never sees one.
    pub passwords: Vec<PartPassword>,
}

private_record! {
    /// What opens one file.
    pub struct PartPassword {
        /// Which attachment.
        pub attachment_id: AttachmentId,
        /// As the citizen typed it.
        pub password: Password,
    }
}

impl std::fmt::Debug for RawItem {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("RawItem").finish_non_exhaustive()
    }
}

/// Passwords stand at the end, and only when there are any: an item without
/// them is as it was in the first version.
impl Wire for RawItem {
    fn write(&self, out: &mut Writer) {
        self.message.write(out);
        self.parts.write(out);
        if !self.passwords.is_empty() {
            self.passwords.write(out);
        }
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        let (message, parts) = (Vec::read(from)?, Vec::read(from)?);
        Ok(Self { message, parts, passwords: some_at_the_end(from)? })
    }
}
