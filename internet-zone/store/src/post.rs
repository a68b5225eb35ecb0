//! Messages to the staff zone. They are sealed here, in the citizen's request,
//! before anything of them touches a disk; this zone cannot open them again (K1).

use std::sync::Arc;

use bridge_contract::digest::Digest;
use bridge_contract::keys::{KeyEntry, KeySet, LiveKeys, Purpose, SealKey};
use bridge_contract::messages::{
    Agreed, AgreedFile, Applicant, Arrival, CitizenWrote, CopyAsked, Correction, Cosigned,
    Declared, Delegate, DocumentOpened, EventsTold, FilesWritten, FillingCounted, InvitationUsed,
    Part, PartPassword, RawItem, SentAtTerminal, Submission, ToStaff, UptimeTold, UsageCounted,
    Withdrawal, WithdrawalAsked, WordsMissed,
};
use bridge_contract::seal::{Aad, Series};
use bridge_contract::wire::encode;
use bridge_contract::{Environment, Lane, Tenant};
use bridge_lanes::{NewItem, outbox};
use diesel::QueryResult;
use domain::forms::Answers;
use domain::ids::{AccountId, ApplicationId, AttachmentId, BadId, DocumentId, ProcedureId};
use jiff::Timestamp;
use platform_store::{Tx, time};

pub use bridge_contract::messages::{Provenance, Source};
pub use bridge_contract::pipe::Password;

/// What a message is sealed with.
#[derive(Clone, Debug)]
pub struct Post {
    keys: Arc<LiveKeys>,
    /// The key at the start; a key set without one is never taken over.
    first: SealKey,
    series: Arc<Series>,
}

/// A sealed message, ready for the outbox.
#[derive(Clone, Debug)]
pub struct Letter(pub(crate) NewItem);

/// Who applied.
#[derive(Clone)]
pub enum Sender {
    /// Someone signed in: account, name, address.
    Account {
        /// The account.
        id: String,
        /// The name in the account, may be empty.
        name: String,
        /// The address in the account.
        email: String,
    },
    /// Someone signed in for whom a delegate filled in.
    Represented {
        /// Account, name and address of the person.
        principal: Person,
        /// The same of who filled in.
        by: Person,
    },
    /// Someone without an account, with the address they proved, if any.
    Guest(Option<String>),
    /// The procedure asks for nobody.
    Nobody,
}

/// An account as the staff zone learns of it.
#[derive(Clone)]
pub struct Person {
    /// The account.
    pub id: String,
    /// The name in the account, may be empty.
    pub name: String,
    /// The address in the account.
    pub email: String,
}

/// A file that goes with a message.
pub struct File {
    /// Identifier.
    pub id: String,
    /// Input it answers.
    pub input: String,
    /// Its name as sent.
    pub name: String,
    /// Its kind found in the bytes.
    pub media: String,
    /// The bytes as sent.
    pub bytes: Vec<u8>,
    /// What opens it; only the sanitizer learns it.
    pub password: Option<Password>,
}

/// A new application, as the staff zone will read it.
pub struct NewSubmission<'a> {
    /// The application.
    pub id: &'a str,
    /// The procedure.
    pub procedure_id: &'a str,
    /// The revision the answers were checked with.
    pub revision: i64,
    /// SHA-256 of that revision's document.
    pub definition: &'a [u8],
    /// Who applied.
    pub sender: Sender,
    /// The checked answers.
    pub answers: &'a Answers,
    /// Where answers came from, by input; typed ones may be missing.
    pub provenance: Vec<(String, Provenance)>,
    /// Files.
    pub files: Vec<File>,
    /// Who agreed to it.
    pub cosigners: Vec<Signature>,
}

/// Somebody who agreed to an application before it was sent.
pub struct Signature {
    /// Which of the procedure's co-signers.
    pub kind: String,
    /// The account that agreed.
    pub person: Person,
    /// What the applicant called them.
    pub named: String,
    /// When, microseconds.
    pub at: i64,
    /// Digest of what they agreed to.
    pub content: Vec<u8>,
}

/// A file as somebody agrees to it: identifier, input, name, SHA-256.
pub type SignedFile = (String, String, String, Vec<u8>);

/// The digest of a definition, of answers without what is worked out, and of files.
#[must_use]
pub fn content_digest(definition: &[u8], answers: &Answers, files: Vec<SignedFile>) -> Vec<u8> {
    let file = |(id, field, name, sha256): SignedFile| {
        (id, AgreedFile { field, name, sha256: digest(&sha256) })
    };
    let agreed = Agreed {
        definition_sha256: digest(definition),
        answers: map(answers),
        files: files.into_iter().map(file).collect(),
    };
    agreed.digest().0.to_vec()
}

fn digest(bytes: &[u8]) -> Digest {
    Digest(bytes.try_into().unwrap_or_default())
}

impl Post {
    /// Seals for the holder of the key of the raw lane.
    #[must_use]
    pub fn new(tenant: Tenant, environment: Environment, to: SealKey) -> Self {
        let purpose = Purpose::Seal(Lane::Raw);
        let (valid_from, valid_until) = (0, u64::MAX);
        let keys = vec![KeyEntry { purpose, public: to.0, valid_from, valid_until }];
        let set = KeySet { tenant, environment, version: 0, keys };
        Self { keys: Arc::new(LiveKeys::fixed(set)), first: to, series: Arc::default() }
    }

    /// Seals to the key in use at the time; `None` when there is none.
    #[must_use]
    pub fn with(keys: Arc<LiveKeys>) -> Option<Self> {
        let first = keys.set().seal_key(Lane::Raw)?;
        Some(Self { keys, first, series: Arc::default() })
    }

    /// Seals a new application. Its item has the application's identifier.
    ///
    /// # Errors
    /// [`BadId`] when an identifier is not one.
    pub fn submission(&self, new: NewSubmission<'_>) -> Result<Letter, BadId> {
        let (attachments, parts) = split(new.files)?;
        let message = Submission {
            application_id: ApplicationId::parse(new.id)?,
            procedure_id: ProcedureId::parse(new.procedure_id)?,
            revision: u32::try_from(new.revision).unwrap_or(0),
            definition_sha256: digest(new.definition),
            applicant: applicant(new.sender)?,
            answers: map(new.answers),
            provenance: new.provenance.into_iter().collect(),
            attachments,
            cosigners: new.cosigners.into_iter().map(cosigned).collect::<Result<_, _>>()?,
        };
        Ok(self.letter(new.id.to_owned(), ToStaff::Submission(Box::new(message)), parts))
    }

    /// Seals a correction, `by` somebody for the applicant or by the applicant.
    ///
    /// # Errors
    /// [`BadId`] when an identifier is not one.
    pub fn correction(
        &self,
        uuid: String,
        (application_id, round): (&str, i64),
        (answers, by): (&Answers, Option<Person>),
        files: Vec<File>,
    ) -> Result<Letter, BadId> {
        let (attachments, parts) = split(files)?;
        let message = Correction {
            application_id: ApplicationId::parse(application_id)?,
            round: u32::try_from(round).unwrap_or(0),
            answers: map(answers),
            attachments,
            by: by.map(delegate).transpose()?,
        };
        Ok(self.letter(uuid, message.into(), parts))
    }

    /// Seals a withdrawal with the citizen's words, which may be empty.
    ///
    /// # Errors
    /// [`BadId`] when the identifier is not one.
    pub fn withdrawal(
        &self,
        uuid: String,
        application_id: &str,
        reason: String,
    ) -> Result<Letter, BadId> {
        let application_id = ApplicationId::parse(application_id)?;
        Ok(self.letter(uuid, Withdrawal { application_id, reason }.into(), Parts::default()))
    }

    /// Seals that the office is asked to let an application be withdrawn, with the citizen's words; without
    /// words, that it is asked no more.
    ///
    /// # Errors
    /// [`BadId`] when the identifier is not one.
    pub fn withdrawal_asked(
        &self,
        uuid: String,
        (application_id, request_id): (&str, &str),
        reason: Option<String>,
    ) -> Result<Letter, BadId> {
        let message = WithdrawalAsked {
            application_id: ApplicationId::parse(application_id)?,
            request_id: request_id.to_owned(),
            reason,
        };
        Ok(self.letter(uuid, message.into(), Parts::default()))
    }

    /// Seals that a document was opened.
    ///
    /// # Errors
    /// [`BadId`] when an identifier is not one.
    pub fn opened(
        &self,
        uuid: String,
        application_id: &str,
        document_id: &str,
        at: Timestamp,
    ) -> Result<Letter, BadId> {
        let message = DocumentOpened {
            application_id: ApplicationId::parse(application_id)?,
            document_id: DocumentId::parse(document_id)?,
            at,
        };
        Ok(self.letter(uuid, message.into(), Parts::default()))
    }

    /// Seals what a citizen writes about an application, `by` somebody for the applicant or by the
    /// applicant. So many files follow.
    ///
    /// # Errors
    /// [`BadId`] when an identifier is not one.
    pub fn message(
        &self,
        uuid: String,
        (application_id, message_id): (&str, &str),
        by: Option<Person>,
        (words, files): (String, usize),
    ) -> Result<Letter, BadId> {
        let message = CitizenWrote {
            application_id: ApplicationId::parse(application_id)?,
            message_id: message_id.to_owned(),
            by: by.map(delegate).transpose()?,
            words,
            files: u32::try_from(files).unwrap_or(u32::MAX),
        };
        Ok(self.letter(uuid, message.into(), Parts::default()))
    }

    /// Seals the files of such a message. They answer no question of the form.
    ///
    /// # Errors
    /// [`BadId`] when an identifier is not one.
    pub fn enclosed(
        &self,
        uuid: String,
        (application_id, message_id): (&str, &str),
        files: Vec<File>,
    ) -> Result<Letter, BadId> {
        let files = files.into_iter().map(|file| File { input: String::new(), ..file }).collect();
        let (attachments, parts) = split(files)?;
        let message = FilesWritten {
            application_id: ApplicationId::parse(application_id)?,
            message_id: message_id.to_owned(),
            attachments,
        };
        Ok(self.letter(uuid, message.into(), parts))
    }

    /// Tells at which counter terminal an application is sent.
    ///
    /// # Errors
    /// [`BadId`] when an identifier is not one.
    pub fn sent_at_terminal(
        &self,
        uuid: String,
        (application_id, procedure_id): (&str, &str),
        terminal: &str,
    ) -> Result<Letter, BadId> {
        let message = SentAtTerminal {
            application_id: ApplicationId::parse(application_id)?,
            procedure_id: ProcedureId::parse(procedure_id)?,
            terminal: terminal.to_owned(),
        };
        Ok(self.letter(uuid, message.into(), Parts::default()))
    }

    /// Tells by which invitation an application is sent.
    ///
    /// # Errors
    /// [`BadId`] when an identifier is not one.
    pub fn invited(
        &self,
        uuid: String,
        invitation: &str,
        application: Option<&str>,
    ) -> Result<Letter, BadId> {
        let message = InvitationUsed {
            invitation_id: invitation.to_owned(),
            application_id: application.map(ApplicationId::parse).transpose()?,
        };
        Ok(self.letter(uuid, message.into(), Parts::default()))
    }

    /// Tells how the pages of a day were used.
    #[must_use]
    pub fn usage(&self, uuid: String, counted: &UsageCounted) -> Letter {
        self.letter(uuid, counted.clone().into(), Parts::default())
    }

    /// Tells how forms of a day were filled in.
    #[must_use]
    pub fn filling(&self, uuid: String, counted: &FillingCounted) -> Letter {
        self.letter(uuid, counted.clone().into(), Parts::default())
    }

    /// Tells words of a day for which searches found nothing.
    #[must_use]
    pub fn missed(&self, uuid: String, missed: &WordsMissed) -> Letter {
        self.letter(uuid, missed.clone().into(), Parts::default())
    }

    /// Tells events of the operation log.
    #[must_use]
    pub fn events(&self, uuid: String, told: &EventsTold) -> Letter {
        self.letter(uuid, told.clone().into(), Parts::default())
    }

    /// Tells when this zone was at work.
    #[must_use]
    pub fn hours(&self, uuid: String, told: &UptimeTold) -> Letter {
        self.letter(uuid, told.clone().into(), Parts::default())
    }

    /// Asks for the answers of an earlier application of the account, for a draft.
    ///
    /// # Errors
    /// [`BadId`] when an identifier is not one.
    pub fn copy(
        &self,
        uuid: String,
        application_id: &str,
        account_id: &str,
        draft_id: &str,
    ) -> Result<Letter, BadId> {
        let message = CopyAsked {
            application_id: ApplicationId::parse(application_id)?,
            account_id: AccountId::parse(account_id)?,
            draft_id: draft_id.to_owned(),
        };
        Ok(self.letter(uuid, message.into(), Parts::default()))
    }

    fn letter(&self, uuid: String, message: ToStaff, (parts, passwords): Parts) -> Letter {
        let kind = message.kind();
        let content = RawItem { message: encode(&message), parts, passwords };
        let set = self.keys.set();
        let aad = Aad {
            tenant: set.tenant,
            environment: set.environment,
            lane: Lane::Raw,
            uuid: &uuid,
            kind,
        };
        let to = set.seal_key(Lane::Raw).unwrap_or(self.first);
        let sealed = self.series.seal(&content, &to, &aad);
        Letter(NewItem { uuid, kind, stamp: Vec::new(), sealed })
    }
}

fn applicant(sender: Sender) -> Result<Applicant, BadId> {
    Ok(match sender {
        Sender::Account { id, name, email } => {
            Applicant::Account { id: AccountId::parse(&id)?, display_name: name, email }
        }
        Sender::Represented { principal, by } => Applicant::Represented {
            id: AccountId::parse(&principal.id)?,
            display_name: principal.name,
            email: principal.email,
            by: delegate(by)?,
        },
        Sender::Guest(email) => Applicant::Guest { email },
        Sender::Nobody => Applicant::Anonymous,
    })
}

fn cosigned(one: Signature) -> Result<Cosigned, BadId> {
    Ok(Cosigned {
        kind: one.kind,
        id: AccountId::parse(&one.person.id)?,
        display_name: one.person.name,
        email: one.person.email,
        named: one.named,
        at: time::from_micros(one.at),
        content: digest(&one.content),
    })
}

fn delegate(by: Person) -> Result<Delegate, BadId> {
    Ok(Delegate { id: AccountId::parse(&by.id)?, display_name: by.name, email: by.email })
}

/// The files of a message, and what opens the protected ones.
type Parts = (Vec<Part>, Vec<PartPassword>);

fn split(files: Vec<File>) -> Result<(Vec<Declared>, Parts), BadId> {
    let (mut declared, mut parts, mut passwords) = (Vec::new(), Vec::new(), Vec::new());
    for file in files {
        let id = AttachmentId::parse(&file.id)?;
        declared.push(Declared {
            id: id.clone(),
            field: file.input,
            name: file.name,
            media: file.media,
            size: file.bytes.len() as u64,
            sha256: Digest::of(&file.bytes),
        });
        if let Some(password) = file.password {
            passwords.push(PartPassword { attachment_id: id.clone(), password });
        }
        parts.push(Part { attachment_id: id, bytes: file.bytes });
    }
    Ok((declared, (parts, passwords)))
}

fn map(answers: &Answers) -> bridge_contract::messages::Answers {
    answers.iter().map(|(input, values)| (input.to_owned(), values.to_vec())).collect()
}

/// Puts a letter into the outbox that was sealed when its application began to
/// wait: `(kind, sealed)` under the application's identifier.
pub(crate) fn send_kept(
    tx: &mut Tx<'_>,
    id: &str,
    (kind, sealed): (i64, Vec<u8>),
    number: &str,
    at: i64,
) -> QueryResult<()> {
    let kind = u16::try_from(kind).unwrap_or_default();
    let item = NewItem { uuid: id.to_owned(), kind, stamp: Vec::new(), sealed };
    send(tx, Letter(item), Some(number), at)
}

/// Puts a letter into the outbox in the transaction of the change it tells of;
/// its stamp says when it arrived, and under which number for a new application.
pub(crate) fn send(
    tx: &mut Tx<'_>,
    letter: Letter,
    number: Option<&str>,
    at: i64,
) -> QueryResult<()> {
    let at = time::from_micros(at);
    let stamp = encode(&Arrival { number: number.map(str::to_owned), at });
    outbox::put(tx, Lane::Raw, &NewItem { stamp, ..letter.0 }, at)
}
