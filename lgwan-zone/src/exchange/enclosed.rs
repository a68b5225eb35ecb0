//! The files of what an applicant wrote, which stands in the thread already (NF-33).

use bridge_contract::messages::FilesWritten;
use bridge_lanes::{FromCitizen, Refusal};
use lgwan_zone_store::By;
use lgwan_zone_store::applications::messages;
use platform_store::Tx;

use super::{Intake, attachments, poison};

pub(super) fn apply(
    intake: &Intake,
    tx: &mut Tx<'_>,
    by: &By,
    from: &FromCitizen,
    sent: &FilesWritten,
) -> Result<(), Refusal> {
    let (id, message) = (sent.application_id.as_str(), sent.message_id.as_str());
    if !messages::is_about(tx.db, message, id)? {
        return Err(poison("files of a message we do not have"));
    }
    let mut files = attachments::rows(id, 0, &sent.attachments, &from.verdicts);
    for file in &mut files {
        file.message_id = Some(message.to_owned());
    }
    let declared = &sent.attachments;
    let told = attachments::told(&intake.office, &sent.application_id, declared, &from.verdicts);
    messages::files_arrived(tx, by, id, &files, &told)?;
    Ok(())
}
