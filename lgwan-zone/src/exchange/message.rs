//! An applicant writes to the department (NF-33).

use bridge_contract::messages::CitizenWrote;
use bridge_lanes::{FromCitizen, Refusal};
use lgwan_zone_store::By;
use lgwan_zone_store::applications::file;
use lgwan_zone_store::applications::messages::{self, Message, Written};
use lgwan_zone_store::notices::MESSAGE;
use platform_store::Tx;

use super::correction::called;
use super::{Intake, poison};

pub(super) fn apply(
    intake: &Intake,
    tx: &mut Tx<'_>,
    by: &By,
    from: &FromCitizen,
    sent: &CitizenWrote,
) -> Result<(), Refusal> {
    let id = sent.application_id.as_str();
    let row = file::row(tx.db, id)?.ok_or_else(|| poison("a message about nothing we have"))?;
    let form = intake
        .shelf
        .get(tx.db, &row.procedure_id, row.revision)?
        .ok_or_else(|| poison("no such revision"))?;
    let writer = if sent.by.is_some() { messages::DELEGATE } else { messages::APPLICANT };
    let new = Message {
        id: sent.message_id.clone(),
        application_id: id.to_owned(),
        at: from.arrival.as_ref().map_or(by.at, |stamp| stamp.at).as_microsecond(),
        writer: writer.to_owned(),
        writer_name: sent.by.as_ref().map_or("", called).to_owned(),
        words: sent.words.clone(),
        files: i32::try_from(sent.files).unwrap_or(i32::MAX),
    };
    match messages::arrived(tx, by, &new)? {
        Written::Yes => intake.tell(tx, (id, MESSAGE), form.procedure()),
        Written::Before | Written::Overtaken => Ok(()),
    }
}
