//! The applicant opened an issued document (開封).

use bridge_contract::messages::DocumentOpened;
use bridge_lanes::Refusal;
use lgwan_zone_store::By;
use lgwan_zone_store::applications::arrive;
use platform_store::Tx;

pub(super) fn apply(tx: &mut Tx<'_>, by: &By, sent: &DocumentOpened) -> Result<(), Refusal> {
    let document = sent.document_id.as_str();
    arrive::document_opened(tx, by, document, sent.at.as_microsecond())?;
    Ok(())
}
