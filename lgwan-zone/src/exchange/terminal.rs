//! At which counter terminal an application is sent (IK-2.1.2a2).

use bridge_contract::messages::SentAtTerminal;
use bridge_lanes::{FromCitizen, Refusal};
use domain::procedures::is_trial;
use lgwan_zone_store::By;
use lgwan_zone_store::applications::arrive;
use lgwan_zone_store::procedures;
use platform_store::Tx;

pub(super) fn apply(
    tx: &mut Tx<'_>,
    by: &By,
    from: &FromCitizen,
    sent: &SentAtTerminal,
) -> Result<(), Refusal> {
    if is_trial(sent.procedure_id.as_str())
        && procedures::used(tx.db, sent.procedure_id.as_str())?.is_none()
    {
        // The trial ended; what is sent to it is kept no more.
        return Ok(());
    }
    let at = from.arrival.as_ref().map_or(by.at, |stamp| stamp.at);
    let what = (sent.application_id.as_str(), sent.procedure_id.as_str());
    arrive::sent_at_terminal(tx, what, &sent.terminal, at)?;
    Ok(())
}
