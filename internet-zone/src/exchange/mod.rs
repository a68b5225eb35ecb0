//! What crosses between this zone and the staff zone, through the spool.
//!
//! ```text
//!  accept, correct, withdraw, open ─► outbox ─► Sender raw ─► spool ─► (bridge)
//!  (bridge) ─► spool ─► Receiver pub.ctl, pub.doc ─► FromStaff::apply, one transaction
//! ```

mod applications;
mod invitations;
mod lanes;
mod news;
mod procedures;

pub(crate) use lanes::{Lanes, start};

use std::sync::Arc;

use bridge_contract::messages::ToCitizen;
use bridge_lanes::{Incoming, Ingest, Refusal, Unprepared, Wake};
use domain::ids::ApplicationId;
use internet_zone_store::applications::trials;
use internet_zone_store::vault::Vault;
use internet_zone_store::{By, log};
use internet_zone_web::shelf::Shelf;
use internet_zone_web::site::City;
use platform_service::clock::Clock;
use platform_store::files::Files;
use platform_store::{Tx, time};

/// Takes in what the staff zone tells.
pub(crate) struct FromStaff {
    /// Seals names, reasons and documents.
    pub(crate) vault: Arc<Vault>,
    /// Issued documents.
    pub(crate) files: Files,
    /// Titles of procedures for mails.
    pub(crate) shelf: Arc<Shelf>,
    /// Addresses in mails.
    pub(crate) city: City,
    /// The time.
    pub(crate) clock: Clock,
    /// Told when mails wait.
    pub(crate) mails: Wake,
    /// Told when procedures may have changed.
    pub(crate) procedures: Wake,
}

impl FromStaff {
    fn by(&self) -> By {
        By::system("ingest", time::to_micros(self.clock.now()))
    }
}

/// A message that can never be taken in.
fn poison(why: impl Into<String>) -> Refusal {
    Refusal::Poison(why.into())
}

impl Ingest for FromStaff {
    type Message = ToCitizen;

    fn prepare(&self, incoming: &Incoming<ToCitizen>) -> Result<(), Unprepared> {
        match &incoming.message {
            ToCitizen::DocumentIssued(document) => self.keep_document(document),
            ToCitizen::ArrivalReceipt(_)
            | ToCitizen::ProcedurePublished(_)
            | ToCitizen::ProcedureClosed(_)
            | ToCitizen::StatusChanged(_)
            | ToCitizen::CorrectionAsked(_)
            | ToCitizen::AttachmentHeld(_)
            | ToCitizen::DepartmentsPublished(_)
            | ToCitizen::CopyGiven(_)
            | ToCitizen::StaffWrote(_)
            | ToCitizen::CheckpointTold(_)
            | ToCitizen::InvitationsGiven(_)
            | ToCitizen::InvitationsRevoked(_)
            | ToCitizen::ApplicationsGone(_)
            | ToCitizen::WithdrawalRefused(_)
            | ToCitizen::DepartmentChanged(_)
            | ToCitizen::RevisionChanged(_)
            | ToCitizen::TrialEnded(_) => Ok(()),
        }
    }

    fn apply(&self, tx: &mut Tx<'_>, incoming: &Incoming<ToCitizen>) -> Result<(), Refusal> {
        if let Some(id) = application(&incoming.message)
            && trials::went(tx.db, id.as_str())?
        {
            return Ok(());
        }
        match &incoming.message {
            // The lane takes receipts itself.
            ToCitizen::ArrivalReceipt(_) => Ok(()),
            ToCitizen::ProcedurePublished(new) => self.published(tx, new),
            ToCitizen::ProcedureClosed(closed) => self.closed(tx, closed),
            ToCitizen::DepartmentsPublished(list) => self.departments(tx, list),
            ToCitizen::StatusChanged(new) => self.status(tx, new),
            ToCitizen::CorrectionAsked(asked) => self.correction(tx, asked),
            ToCitizen::AttachmentHeld(held) => self.held(tx, held),
            ToCitizen::DocumentIssued(document) => self.document(tx, document),
            ToCitizen::CopyGiven(given) => self.copy(tx, given),
            ToCitizen::StaffWrote(written) => self.message(tx, written),
            ToCitizen::InvitationsGiven(given) => self.invitations(tx, given),
            ToCitizen::InvitationsRevoked(ended) => self.no_invitations(tx, ended),
            ToCitizen::ApplicationsGone(gone) => self.gone(tx, gone),
            ToCitizen::WithdrawalRefused(new) => self.not_withdrawn(tx, new),
            ToCitizen::DepartmentChanged(new) => self.department(tx, new),
            ToCitizen::RevisionChanged(new) => self.revision(tx, new),
            ToCitizen::TrialEnded(ended) => self.trial_ended(tx, ended),
            ToCitizen::CheckpointTold(told) => Ok(log::anchored(tx, told, self.clock.now())?),
        }
    }
}

/// The application a message is about, if it is about one.
const fn application(message: &ToCitizen) -> Option<&ApplicationId> {
    match message {
        ToCitizen::StatusChanged(new) => Some(&new.application_id),
        ToCitizen::CorrectionAsked(asked) => Some(&asked.application_id),
        ToCitizen::AttachmentHeld(held) => Some(&held.application_id),
        ToCitizen::DocumentIssued(document) => Some(&document.application_id),
        ToCitizen::CopyGiven(given) => Some(&given.application_id),
        ToCitizen::StaffWrote(written) => Some(&written.application_id),
        ToCitizen::WithdrawalRefused(new) => Some(&new.application_id),
        ToCitizen::DepartmentChanged(new) => Some(&new.application_id),
        ToCitizen::RevisionChanged(new) => Some(&new.application_id),
        ToCitizen::ArrivalReceipt(_)
        | ToCitizen::ProcedurePublished(_)
        | ToCitizen::ProcedureClosed(_)
        | ToCitizen::DepartmentsPublished(_)
        | ToCitizen::CheckpointTold(_)
        | ToCitizen::InvitationsGiven(_)
        | ToCitizen::InvitationsRevoked(_)
        | ToCitizen::ApplicationsGone(_)
        | ToCitizen::TrialEnded(_) => None,
    }
}
