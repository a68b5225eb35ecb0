//! At which counter terminal an application is sent (IK-2.1.2a2).

use bridge_contract::messages::SentAtTerminal;
use bridge_lanes::{FromCitizen, Refusal};
use lgwan_zone_store::By;
use lgwan_zone_store::applications::arrive;
use platform_store::Tx;

pub(super) fn apply(
    tx: &mut Tx<'_>,
    by: &By,
    from: &FromCitizen,
    sent: &SentAtTerminal,
) -> Result<(), Refusal> {
    let at = from.arrival.as_ref().map_or(by.at, |stamp| stamp.at);
    let what = (sent.application_id.as_str(), sent.procedure_id.as_str());
    arrive::sent_at_terminal(tx, what, &sent.terminal, at)?;
    Ok(())
}
