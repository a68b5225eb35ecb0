//! Messages to the citizens' zone: sealed here, put into the outbox in the
//! transaction of the change they tell of.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bridge_contract::keys::{LiveKeys, SealKey};
pub use bridge_contract::messages::Invitation as Invited;
use bridge_contract::messages::{
    ApplicationsGone, AttachmentHeld, CheckpointTold, CopyAsked, CopyGiven, CorrectionAsked,
    Department as PublishedDepartment, DepartmentChanged, DepartmentsPublished, DocumentIssued,
    HoldReason, InvitationsGiven, InvitationsRevoked, ProcedureClosed, ProcedurePublished,
    RevisionChanged, StaffWrote, StatusChanged, ToCitizen, TrialEnded, WithdrawalRefused,
};
use bridge_contract::place::Lane;
use bridge_contract::seal::{Aad, seal};
use bridge_lanes::{NewItem, outbox};
use diesel::prelude::*;
use domain::applications::State;
use domain::calendar::OfficeDays;
use domain::forms::{Answers, Compiled};
use domain::ids::{ApplicationId, AttachmentId, DepartmentId, DocumentId, ProcedureId};
use jiff::Timestamp;
use jiff::civil::Date;
use platform_service::clock::Clock;
use platform_service::ids;
use platform_store::Tx;

use crate::identity::departments::Department;

/// A message sealed to the citizens' zone.
#[derive(Clone, Debug)]
pub struct Sealed {
    lane: Lane,
    item: NewItem,
}

/// Seals messages to the citizens' zone. Clones share the key set.
#[derive(Clone, Debug)]
pub struct Office {
    keys: Arc<LiveKeys>,
    /// The keys at the start; a key set without is never taken over.
    control: SealKey,
    documents: SealKey,
    clock: Clock,
    days: OfficeDays,
}

/// The key set has no key for a lane to the citizens' zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the key set has no key in use for the lane {0}")]
pub struct NoKey(Lane);

/// A request for correction, as the citizen gets it.
#[derive(Clone, Debug)]
pub struct Asked<'a> {
    /// From 1, rising.
    pub round: u32,
    /// Reason in staff's words.
    pub reason: &'a str,
    /// Last day.
    pub due: Date,
    /// Ids of the flagged fields.
    pub fields: &'a BTreeSet<String>,
}

impl Office {
    /// Takes the keys of the lanes to the citizens' zone from the key set.
    ///
    /// # Errors
    /// [`NoKey`] when one is missing.
    pub fn open(keys: Arc<LiveKeys>, clock: Clock) -> Result<Self, NoKey> {
        let set = keys.set();
        let key = |lane| set.seal_key(lane).ok_or(NoKey(lane));
        let (control, documents) = (key(Lane::PubCtl)?, key(Lane::PubDoc)?);
        Ok(Self { keys, control, documents, clock, days: OfficeDays::default() })
    }

    /// The same of a town that closes or opens days of its own.
    #[must_use]
    pub fn with_days(self, days: OfficeDays) -> Self {
        Self { days, ..self }
    }

    /// When it is open: by this one calendar deadlines are counted, here and in what citizens are told.
    #[must_use]
    pub const fn days(&self) -> &OfficeDays {
        &self.days
    }

    /// A new state, with what staff say to it and the day by which the result is expected.
    #[must_use]
    pub fn status(
        &self,
        application: &ApplicationId,
        state: State,
        at: Timestamp,
        note: &str,
        expected: Option<Date>,
    ) -> Sealed {
        self.close(&ToCitizen::from(StatusChanged {
            application_id: application.clone(),
            state,
            at,
            note_public: (!note.is_empty()).then(|| note.to_owned()),
            expected,
        }))
    }

    /// That a withdrawal was not taken, and where the application is instead. `request` is what the
    /// applicant asked for, `None` when they withdrew without asking.
    #[must_use]
    pub fn not_withdrawn(
        &self,
        (application, request): (&ApplicationId, Option<&str>),
        state: State,
        at: Timestamp,
        note: &str,
        expected: Option<Date>,
    ) -> Sealed {
        self.close(&ToCitizen::from(WithdrawalRefused {
            application_id: application.clone(),
            request_id: request.map(str::to_owned),
            state,
            at,
            note_public: (!note.is_empty()).then(|| note.to_owned()),
            expected,
        }))
    }

    /// A request for correction. The citizens' zone kept no answers, so the
    /// present ones of the flagged fields go back with it.
    #[must_use]
    pub fn correction(
        &self,
        application: &ApplicationId,
        form: &Compiled,
        answers: &Answers,
        asked: &Asked<'_>,
    ) -> Sealed {
        let open = form.correctable(asked.fields);
        let mut prefill = answers.clone();
        prefill.retain(|input| open.contains(field_of(input)));
        let context = form.correction_context(asked.fields, answers);
        self.close(&ToCitizen::from(CorrectionAsked {
            application_id: application.clone(),
            round: asked.round,
            reason: asked.reason.to_owned(),
            due: Some(asked.due),
            fields: asked.fields.iter().cloned().collect(),
            prefill: on_the_wire(&prefill),
            context: on_the_wire(&context),
        }))
    }

    /// The answers of an earlier application, for the draft that asked; none when it
    /// may not have them.
    #[must_use]
    pub fn copy(&self, asked: &CopyAsked, answers: Option<&Answers>) -> Sealed {
        self.close(&ToCitizen::from(CopyGiven {
            draft_id: asked.draft_id.clone(),
            application_id: asked.application_id.clone(),
            answers: answers.map(on_the_wire),
        }))
    }

    /// What staff write to the applicant, and how many files go with it; which member of staff stays
    /// inside.
    #[must_use]
    pub fn message(
        &self,
        application: &ApplicationId,
        message_id: &str,
        (words, files): (&str, usize),
        at: Timestamp,
    ) -> Sealed {
        self.close(&ToCitizen::from(StaffWrote {
            application_id: application.clone(),
            message_id: message_id.to_owned(),
            words: words.to_owned(),
            at,
            files: u32::try_from(files).unwrap_or(u32::MAX),
        }))
    }

    /// Another department is in charge of an application from now on.
    #[must_use]
    pub fn department(
        &self,
        application: &ApplicationId,
        department: &DepartmentId,
        at: Timestamp,
    ) -> Sealed {
        self.close(&ToCitizen::from(DepartmentChanged {
            application_id: application.clone(),
            department_id: department.clone(),
            at,
        }))
    }

    /// An application goes on under another revision of its form.
    #[must_use]
    pub fn revision(&self, application: &ApplicationId, revision: u32, at: Timestamp) -> Sealed {
        let application_id = application.clone();
        self.close(&ToCitizen::from(RevisionChanged { application_id, revision, at }))
    }

    /// A file that could not be taken over.
    #[must_use]
    pub fn held(
        &self,
        application: &ApplicationId,
        attachment: &AttachmentId,
        name: &str,
        reason: HoldReason,
    ) -> Sealed {
        self.close(&ToCitizen::from(AttachmentHeld {
            application_id: application.clone(),
            attachment_id: attachment.clone(),
            name: name.to_owned(),
            reason,
        }))
    }

    /// An issued document.
    #[must_use]
    pub fn document(
        &self,
        application: &ApplicationId,
        document: &DocumentId,
        file: (&str, &str, Vec<u8>),
        at: Timestamp,
    ) -> Sealed {
        self.file((application, None), document, file, at)
    }

    /// A file that goes with a message.
    #[must_use]
    pub fn enclosed(
        &self,
        (application, message): (&ApplicationId, &str),
        document: &DocumentId,
        file: (&str, &str, Vec<u8>),
        at: Timestamp,
    ) -> Sealed {
        self.file((application, Some(message)), document, file, at)
    }

    fn file(
        &self,
        (application, message): (&ApplicationId, Option<&str>),
        document: &DocumentId,
        (name, media, bytes): (&str, &str, Vec<u8>),
        at: Timestamp,
    ) -> Sealed {
        self.close(&ToCitizen::from(DocumentIssued {
            application_id: application.clone(),
            document_id: document.clone(),
            name: name.to_owned(),
            media: media.to_owned(),
            bytes,
            at,
            message_id: message.map(str::to_owned),
        }))
    }

    /// A published revision.
    #[must_use]
    pub fn published(&self, procedure: &ProcedureId, revision: u32, document: &[u8]) -> Sealed {
        self.close(&ToCitizen::from(ProcedurePublished {
            procedure_id: procedure.clone(),
            revision,
            document: document.to_vec(),
            files: Vec::new(),
        }))
    }

    /// A closed procedure, whose newest revision this was.
    #[must_use]
    pub fn closed(&self, procedure: &ProcedureId, revision: u32, at: Timestamp) -> Sealed {
        let procedure_id = procedure.clone();
        self.close(&ToCitizen::from(ProcedureClosed { procedure_id, at, revision }))
    }

    /// A trial that is over.
    #[must_use]
    pub fn trial_over(&self, trial: &ProcedureId, at: Timestamp) -> Sealed {
        self.close(&ToCitizen::from(TrialEnded { procedure_id: trial.clone(), at }))
    }

    /// Invitations to a procedure: `uses` applications each, until a moment.
    #[must_use]
    pub fn invited(
        &self,
        procedure: &ProcedureId,
        (uses, until): (u32, Timestamp),
        each: Vec<Invited>,
    ) -> Sealed {
        self.close(&ToCitizen::from(InvitationsGiven {
            procedure_id: procedure.clone(),
            uses,
            until,
            invitations: each,
        }))
    }

    /// Invitations that are worth nothing any more.
    #[must_use]
    pub fn uninvited(&self, ids: &[String]) -> Sealed {
        self.close(&ToCitizen::from(InvitationsRevoked { ids: ids.to_vec() }))
    }

    /// Applications that were deleted here.
    #[must_use]
    pub fn gone(&self, applications: &[ApplicationId], at: Timestamp) -> Sealed {
        let application_ids = applications.to_vec();
        self.close(&ToCitizen::from(ApplicationsGone { application_ids, at }))
    }

    /// All departments.
    #[must_use]
    pub fn departments(&self, departments: &[Department], at: Timestamp) -> Sealed {
        let departments = departments
            .iter()
            .filter_map(|one| {
                Some(PublishedDepartment {
                    id: DepartmentId::parse(&one.id).ok()?,
                    name: one.name.clone(),
                    phone: one.phone.clone(),
                    place: one.place.clone(),
                })
            })
            .collect();
        self.close(&ToCitizen::from(DepartmentsPublished { at, departments }))
    }

    /// How long this zone's operation log is.
    #[must_use]
    pub fn checkpoint(&self, told: &CheckpointTold) -> Sealed {
        self.close(&ToCitizen::from(told.clone()))
    }

    fn close(&self, message: &ToCitizen) -> Sealed {
        let lane = message.lane();
        let uuid = ids::new(&self.clock);
        let first = if lane == Lane::PubDoc { self.documents } else { self.control };
        let set = self.keys.set();
        let key = set.seal_key(lane).unwrap_or(first);
        let bound = Aad {
            tenant: set.tenant,
            environment: set.environment,
            lane,
            uuid: &uuid,
            kind: message.kind(),
        };
        let bytes = seal(message, &key, &bound);
        let item = NewItem { kind: message.kind(), stamp: Vec::new(), sealed: bytes, uuid };
        Sealed { lane, item }
    }
}

/// The field an input belongs to: what stands before the first dot.
fn field_of(input: &str) -> &str {
    input.split_once('.').map_or(input, |(field, _)| field)
}

fn on_the_wire(answers: &Answers) -> BTreeMap<String, Vec<String>> {
    answers.iter().map(|(input, values)| (input.to_owned(), values.to_vec())).collect()
}

/// Puts a message into the outbox.
///
/// # Errors
/// When the database cannot be written.
pub fn put(tx: &mut Tx<'_>, message: &Sealed, at: Timestamp) -> QueryResult<()> {
    outbox::put(tx, message.lane, &message.item, at)
}
