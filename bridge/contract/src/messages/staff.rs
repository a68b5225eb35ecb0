//! Citizen → staff (lanes `raw` and `in`).

use std::collections::BTreeMap;

use domain::ids::{AccountId, ApplicationId, AttachmentId, DocumentId, ProcedureId};
use jiff::Timestamp;
use jiff::civil::Date;

use super::{Answers, Part, Receipt, messages};
use crate::digest::Digest;
use crate::pipe::Password;
use crate::wire::{Malformed, Reader, Wire, Writer, codes, private_record, record};

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
            Self::PublicationReceipt(_) | Self::UsageCounted(_) => None,
        }
    }

    /// The files declared with the message.
    #[must_use]
    pub fn attachments(&self) -> &[Declared] {
        match self {
            Self::Submission(sent) => &sent.attachments,
            Self::Correction(sent) => &sent.attachments,
            Self::Withdrawal(_)
            | Self::DocumentOpened(_)
            | Self::CopyAsked(_)
            | Self::UsageCounted(_)
            | Self::PublicationReceipt(_) => &[],
        }
    }
}

private_record! {
    /// A new application. Number and time of arrival are in the item's stamp:
    /// they are known only once it is accepted, after the item was sealed.
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
    }
}

private_record! {
    /// A correction of one round. Holds only what was flagged.
    pub struct Correction {
        /// The application.
        pub application_id: ApplicationId,
        /// The round staff opened, from 1.
        pub round: u32,
        /// New answers of the flagged inputs.
        pub answers: Answers,
        /// New files, whose bytes travel as parts of the same item.
        pub attachments: Vec<Declared>,
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
        let mut passwords = Vec::new();
        if from.left() > 0 {
            passwords = Vec::read(from)?;
            if passwords.is_empty() {
                return Err(Malformed::NotCanonical);
            }
        }
        Ok(Self { message, parts, passwords })
    }
}
