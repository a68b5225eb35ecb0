//! Takes in what crossed the bridge: each message in the transaction that moves
//! the lane's watermark, so exactly once (I1, I3, NF-31).
//!
//! One file a kind of message; the verdicts were checked against their
//! signatures and files before a message gets here (I9, I10).

mod attachments;
mod copied;
mod correction;
mod doubts;
mod enclosed;
mod message;
mod missed;
mod opened;
mod submission;
mod terminal;
mod used;
mod withdrawal;
mod withdrawal_asked;

use bridge_contract::messages::ToStaff;
use bridge_lanes::{FromCitizen, Incoming, Ingest, Refusal, Unprepared};
use domain::forms::definition::Procedure;
use lgwan_zone_store::post::Office;
use lgwan_zone_store::shelf::Shelf;
use lgwan_zone_store::{By, audit, fillings, invitations, notices, trials, uptime};
use platform_service::clock::Clock;
use platform_store::Tx;
use platform_store::files::Files;

/// The intake of the staff zone.
#[derive(Debug)]
pub struct Intake {
    office: Office,
    shelf: Shelf,
    files: Files,
    clock: Clock,
    telling: bool,
}

impl Intake {
    /// An intake that keeps files in `files` and answers through `office`.
    #[must_use]
    pub const fn new(office: Office, shelf: Shelf, files: Files, clock: Clock) -> Self {
        Self { office, shelf, files, clock, telling: false }
    }

    /// The same intake, telling staff of arrivals by mail (NF-59).
    #[must_use]
    pub fn telling(self) -> Self {
        Self { telling: true, ..self }
    }

    /// Queues the mails to the people a procedure names.
    fn tell(
        &self,
        tx: &mut Tx<'_>,
        arrival: (&str, i32),
        procedure: &Procedure,
    ) -> Result<(), Refusal> {
        if self.telling {
            notices::queue(tx, &self.clock, arrival, &procedure.notify.staff_mail)?;
        }
        Ok(())
    }
}

impl Ingest for Intake {
    type Message = FromCitizen;

    fn prepare(&self, incoming: &Incoming<FromCitizen>) -> Result<(), Unprepared> {
        attachments::keep(&self.files, &attachments::second_look(&incoming.message))
    }

    fn apply(&self, tx: &mut Tx<'_>, incoming: &Incoming<FromCitizen>) -> Result<(), Refusal> {
        let by = By::system(self.clock.now());
        let seen = attachments::second_look(&incoming.message);
        let from: &FromCitizen = &seen;
        let of = from.message.application();
        if let Some(id) = of
            && trials::went(tx.db, id.as_str())?
        {
            return Ok(());
        }
        match &from.message {
            ToStaff::Submission(sent) => submission::apply(self, tx, &by, from, sent),
            ToStaff::Correction(sent) => correction::apply(self, tx, &by, from, sent),
            ToStaff::Withdrawal(sent) => withdrawal::apply(self, tx, &by, sent),
            ToStaff::WithdrawalAsked(sent) => withdrawal_asked::apply(self, tx, &by, sent),
            ToStaff::DocumentOpened(sent) => opened::apply(tx, &by, sent),
            ToStaff::CopyAsked(asked) => copied::apply(self, tx, &by, asked),
            ToStaff::UsageCounted(told) => used::apply(tx, told),
            ToStaff::CitizenWrote(sent) => message::apply(self, tx, &by, from, sent),
            ToStaff::FilesWritten(sent) => enclosed::apply(self, tx, &by, from, sent),
            ToStaff::SentAtTerminal(sent) => terminal::apply(tx, &by, from, sent),
            ToStaff::InvitationUsed(told) => Ok(invitations::used(tx, told)?),
            ToStaff::WordsMissed(told) => missed::apply(tx, told),
            ToStaff::EventsTold(told) => Ok(audit::mirror(tx, &by, told)?),
            ToStaff::UptimeTold(told) => Ok(uptime::told(tx, told)?),
            ToStaff::FillingCounted(told) => Ok(fillings::told(tx, told)?),
            ToStaff::PublicationReceipt(_) => Ok(()),
        }
    }
}

/// A message that can never be taken in.
fn poison(why: impl Into<String>) -> Refusal {
    Refusal::Poison(why.into())
}
