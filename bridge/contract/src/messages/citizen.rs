//! Staff → citizen (lanes `pub.ctl` and `pub.doc`), sealed for I.

use domain::applications::{Origin, State};
use domain::ids::{ApplicationId, AttachmentId, DepartmentId, DocumentId, ProcedureId};
use jiff::Timestamp;
use jiff::civil::Date;

use super::staff::{count_at_the_end, counted_at_the_end};
use super::{
    Answers, CheckpointTold, HoldReason, InvitationsGiven, InvitationsRevoked, Receipt, messages,
};
use crate::place::Lane;
use crate::wire::{Malformed, Reader, Wire, Writer, private_record, record};

messages! {
    /// What the LGWAN zone tells the internet zone.
    pub enum ToCitizen {
        /// What the LGWAN zone has of the raw lane.
        ArrivalReceipt(Receipt) = 1 "arrival_receipt",
        /// A new revision of a procedure.
        ProcedurePublished(ProcedurePublished) = 2 "procedure_published",
        /// A procedure is no longer offered.
        ProcedureClosed(ProcedureClosed) = 3 "procedure_closed",
        /// The state of an application changed.
        StatusChanged(StatusChanged) = 4 "status_changed",
        /// Staff ask for a correction.
        CorrectionAsked(CorrectionAsked) = 5 "correction_asked",
        /// A file was held back.
        AttachmentHeld(AttachmentHeld) = 6 "attachment_held",
        /// A document was issued.
        DocumentIssued(DocumentIssued) = 7 "document_issued",
        /// The list of departments.
        DepartmentsPublished(DepartmentsPublished) = 8 "departments_published",
        /// The answers of an earlier application, for a new one of the same person.
        CopyGiven(CopyGiven) = 9 "copy_given",
        /// Staff write to the citizen about an application.
        StaffWrote(StaffWrote) = 10 "staff_wrote",
        /// How long the LGWAN zone's operation log is.
        CheckpointTold(CheckpointTold) = 21 "checkpoint_told",
        /// Somebody may use a procedure that its address alone does not open.
        InvitationsGiven(InvitationsGiven) = 40 "invitations_given",
        /// Invitations are worth nothing any more.
        InvitationsRevoked(InvitationsRevoked) = 41 "invitations_revoked",
        /// Applications whose time is over are deleted.
        ApplicationsGone(ApplicationsGone) = 44 "applications_gone",
        /// A withdrawal was not taken.
        WithdrawalRefused(WithdrawalRefused) = 47 "withdrawal_refused",
        /// Another department is in charge of an application.
        DepartmentChanged(DepartmentChanged) = 48 "department_changed",
        /// A trial is over: everything of it goes.
        TrialEnded(TrialEnded) = 51 "trial_ended",
        /// An application goes on under another revision of its form.
        RevisionChanged(RevisionChanged) = 54 "revision_changed",
    }
}

impl ToCitizen {
    /// The lane it travels on: large publications never delay small ones. The end of a trial stays behind
    /// its publication.
    #[must_use]
    pub const fn lane(&self) -> Lane {
        match self {
            Self::ProcedurePublished(_) | Self::DocumentIssued(_) | Self::TrialEnded(_) => {
                Lane::PubDoc
            }
            Self::ArrivalReceipt(_)
            | Self::ProcedureClosed(_)
            | Self::StatusChanged(_)
            | Self::CorrectionAsked(_)
            | Self::AttachmentHeld(_)
            | Self::DepartmentsPublished(_)
            | Self::CopyGiven(_)
            | Self::StaffWrote(_)
            | Self::CheckpointTold(_)
            | Self::InvitationsGiven(_)
            | Self::InvitationsRevoked(_)
            | Self::ApplicationsGone(_)
            | Self::WithdrawalRefused(_)
            | Self::DepartmentChanged(_)
            | Self::RevisionChanged(_) => Lane::PubCtl,
        }
    }
}

/// One byte; a new state gets a new number here and none is ever reused.
impl Wire for State {
    fn write(&self, out: &mut Writer) {
        out.raw(&[match self {
            Self::Arrived => 1,
            Self::Accepted => 2,
            Self::Reviewing => 3,
            Self::Notified => 4,
            Self::Done => 5,
            Self::Correction(Origin::Arrived) => 6,
            Self::Correction(Origin::Accepted) => 7,
            Self::Correction(Origin::Reviewing) => 8,
            Self::Rejected => 9,
            Self::Withdrawn => 10,
            Self::RefusedEntry => 11,
            Self::Expired(Origin::Arrived) => 12,
            Self::Expired(Origin::Accepted) => 13,
            Self::Expired(Origin::Reviewing) => 14,
            Self::Closed => 15,
        }]);
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(match from.array()? {
            [1] => Self::Arrived,
            [2] => Self::Accepted,
            [3] => Self::Reviewing,
            [4] => Self::Notified,
            [5] => Self::Done,
            [6] => Self::Correction(Origin::Arrived),
            [7] => Self::Correction(Origin::Accepted),
            [8] => Self::Correction(Origin::Reviewing),
            [9] => Self::Rejected,
            [10] => Self::Withdrawn,
            [11] => Self::RefusedEntry,
            [12] => Self::Expired(Origin::Arrived),
            [13] => Self::Expired(Origin::Accepted),
            [14] => Self::Expired(Origin::Reviewing),
            [15] => Self::Closed,
            _ => return Err(Malformed::UnknownTag),
        })
    }
}

record! {
    /// An immutable revision of a procedure.
    pub struct ProcedurePublished {
        /// The procedure.
        pub procedure_id: ProcedureId,
        /// Rises by one with every publication.
        pub revision: u32,
        /// The canonical JSON document of `domain::forms`.
        pub document: Vec<u8>,
        /// Files citizens can download, named in the document.
        pub files: Vec<PublishedFile>,
    }
}

record! {
    /// A file that belongs to a publication.
    pub struct PublishedFile {
        /// Its name in the document.
        pub id: String,
        /// Its file name for the citizen.
        pub name: String,
        /// Its media type.
        pub media: String,
        /// The whole file.
        pub bytes: Vec<u8>,
    }
}

record! {
    /// Applications whose time is over: by a rule of two people they are deleted in the LGWAN zone,
    /// and what the internet zone still has of them goes too (IK-3.5.1a).
    pub struct ApplicationsGone {
        /// The applications.
        pub application_ids: Vec<ApplicationId>,
        /// When they were deleted.
        pub at: Timestamp,
    }
}

/// A procedure is no longer offered. It travels on `pub.ctl`, so it may come before a publication that was
/// said earlier, or behind one that was said later: its revision says which it ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProcedureClosed {
    /// The procedure.
    pub procedure_id: ProcedureId,
    /// When it closed.
    pub at: Timestamp,
    /// The newest revision it had; 0 from an older staff zone, which means whatever is shown.
    pub revision: u32,
}

/// The revision stands at the end, and only when it is said: without it the message is as it was in the
/// first version.
impl Wire for ProcedureClosed {
    fn write(&self, out: &mut Writer) {
        self.procedure_id.write(out);
        self.at.write(out);
        count_at_the_end(self.revision, out);
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            procedure_id: ProcedureId::read(from)?,
            at: Timestamp::read(from)?,
            revision: counted_at_the_end(from)?,
        })
    }
}

record! {
    /// A trial of a design is over (試験公開).
    pub struct TrialEnded {
        /// The trial.
        pub procedure_id: ProcedureId,
        /// When it ended.
        pub at: Timestamp,
    }
}

private_record! {
    /// The citizen-visible state of an application.
    pub struct StatusChanged {
        /// The application.
        pub application_id: ApplicationId,
        /// The state after the step.
        pub state: State,
        /// When it changed.
        pub at: Timestamp,
        /// What staff tell the citizen with it.
        pub note_public: Option<String>,
        /// When the next step is expected.
        pub expected: Option<Date>,
    }
}

private_record! {
    /// A withdrawal was not taken: staff were faster, or they do not agree to what the applicant asked
    /// for (取下げの申出). Says where the application is instead.
    pub struct WithdrawalRefused {
        /// The application.
        pub application_id: ApplicationId,
        /// The request it answers; `None` when the applicant withdrew without asking.
        pub request_id: Option<String>,
        /// The state as it is.
        pub state: State,
        /// When that was found.
        pub at: Timestamp,
        /// What staff tell the citizen: why they do not agree, or the words of the state as it is.
        pub note_public: Option<String>,
        /// When the next step is expected.
        pub expected: Option<Date>,
    }
}

private_record! {
    /// Another department is in charge of an application: it was sent to the wrong one. Why stays inside.
    pub struct DepartmentChanged {
        /// The application.
        pub application_id: ApplicationId,
        /// The department in charge from now on.
        pub department_id: DepartmentId,
        /// When it was handed over.
        pub at: Timestamp,
    }
}

record! {
    /// An application goes on under another revision of its form. It travels on `pub.ctl`, so it may come
    /// before the revision itself, which travels on `pub.doc`: then it holds from when that comes.
    pub struct RevisionChanged {
        /// The application.
        pub application_id: ApplicationId,
        /// The revision from now on; never an older one.
        pub revision: u32,
        /// When it was moved.
        pub at: Timestamp,
    }
}

private_record! {
    /// Staff flagged inputs and ask for new answers.
    pub struct CorrectionAsked {
        /// The application.
        pub application_id: ApplicationId,
        /// From 1, rising.
        pub round: u32,
        /// What is wrong, in staff's words.
        pub reason: String,
        /// The last day for it.
        pub due: Option<Date>,
        /// The flagged input names; only these can be changed.
        pub fields: Vec<String>,
        /// Present answers of the flagged inputs. The internet zone has none of its own.
        pub prefill: Answers,
        /// Further answers that conditions and checks of the flagged inputs need.
        pub context: Answers,
    }
}

private_record! {
    /// The answers of an earlier application.
    pub struct CopyGiven {
        /// The draft that asked.
        pub draft_id: String,
        /// The earlier application.
        pub application_id: ApplicationId,
        /// Its answers by input name; `None` when it is not that person's, or gone.
        pub answers: Option<Answers>,
    }
}

/// Staff write to the citizen about an application. Which member of staff stays inside.
#[derive(Clone, PartialEq, Eq)]
pub struct StaffWrote {
    /// The application.
    pub application_id: ApplicationId,
    /// Identifier of what was written.
    pub message_id: String,
    /// The words.
    pub words: String,
    /// When.
    pub at: Timestamp,
    /// How many files come with it, each a [`DocumentIssued`] on `pub.doc`.
    pub files: u32,
}

impl std::fmt::Debug for StaffWrote {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("StaffWrote").finish_non_exhaustive()
    }
}

/// The number of files stands at the end, and only when there are any: words alone are as they were
/// in the first version.
impl Wire for StaffWrote {
    fn write(&self, out: &mut Writer) {
        self.application_id.write(out);
        self.message_id.write(out);
        self.words.write(out);
        self.at.write(out);
        count_at_the_end(self.files, out);
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            application_id: ApplicationId::read(from)?,
            message_id: String::read(from)?,
            words: String::read(from)?,
            at: Timestamp::read(from)?,
            files: counted_at_the_end(from)?,
        })
    }
}

private_record! {
    /// A file could not be taken over; the citizen can send another.
    pub struct AttachmentHeld {
        /// The application.
        pub application_id: ApplicationId,
        /// The file.
        pub attachment_id: AttachmentId,
        /// Its file name, as sent.
        pub name: String,
        /// Why.
        pub reason: HoldReason,
    }
}

/// A document for the citizen.
#[derive(Clone, PartialEq, Eq)]
pub struct DocumentIssued {
    /// The application it was issued for.
    pub application_id: ApplicationId,
    /// The document.
    pub document_id: DocumentId,
    /// Its file name.
    pub name: String,
    /// Its media type.
    pub media: String,
    /// The whole file.
    pub bytes: Vec<u8>,
    /// When it was issued.
    pub at: Timestamp,
    /// What staff wrote that it comes with; `None` for a document that was issued.
    pub message_id: Option<String>,
}

impl std::fmt::Debug for DocumentIssued {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("DocumentIssued").finish_non_exhaustive()
    }
}

/// The message stands at the end, and only when there is one: an issued document is as it was in the
/// first version.
impl Wire for DocumentIssued {
    fn write(&self, out: &mut Writer) {
        self.application_id.write(out);
        self.document_id.write(out);
        self.name.write(out);
        self.media.write(out);
        self.bytes.write(out);
        self.at.write(out);
        if let Some(message) = &self.message_id {
            message.write(out);
        }
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            application_id: ApplicationId::read(from)?,
            document_id: DocumentId::read(from)?,
            name: String::read(from)?,
            media: String::read(from)?,
            bytes: Vec::read(from)?,
            at: Timestamp::read(from)?,
            message_id: if from.left() > 0 { Some(String::read(from)?) } else { None },
        })
    }
}

record! {
    /// All departments, replacing the list before.
    pub struct DepartmentsPublished {
        /// When the list was made; an older one never replaces a newer.
        pub at: Timestamp,
        /// The departments in the order to show.
        pub departments: Vec<Department>,
    }
}

record! {
    /// A department as citizens see it.
    pub struct Department {
        /// The department.
        pub id: DepartmentId,
        /// Its name.
        pub name: String,
        /// Its telephone number, may be empty.
        pub phone: String,
        /// Where to find it, may be empty.
        pub place: String,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{decode, encode};

    #[test]
    fn every_state_has_its_own_number() {
        for state in State::ALL {
            assert_eq!(decode(&encode(&state)), Ok(state));
        }
    }
}
