//! 取下げの申出: the applicant asks the office to let an application be withdrawn (NF-34).

use bridge_contract::messages::WithdrawalAsked;
use bridge_lanes::Refusal;
use domain::applications::State;
use lgwan_zone_store::By;
use lgwan_zone_store::applications::file;
use lgwan_zone_store::applications::withdrawal_requests::{self, Request};
use lgwan_zone_store::notices::WITHDRAWAL;
use platform_store::Tx;

use super::{Intake, poison};

pub(super) fn apply(
    intake: &Intake,
    tx: &mut Tx<'_>,
    by: &By,
    sent: &WithdrawalAsked,
) -> Result<(), Refusal> {
    let id = sent.application_id.as_str();
    let row = file::row(tx.db, id)?.ok_or_else(|| poison("a request about nothing we have"))?;
    let state = State::parse(&row.state).map_err(|_| poison("an unknown state"))?;
    let Some(reason) = &sent.reason else {
        return Ok(withdrawal_requests::taken_back(tx, by, &row, &sent.request_id)?);
    };
    if !state.may_change_hands() {
        // It was decided meanwhile: the applicant hears of that, and the request is over with it there.
        let detail = format!("{} {state}", row.number);
        by.record(tx, "applications.withdrawal_late", "application", id, &detail);
        return Ok(());
    }
    let form = intake
        .shelf
        .get(tx.db, &row.procedure_id, row.revision)?
        .ok_or_else(|| poison("no such revision"))?;
    let new = Request::new(&sent.request_id, id, reason, by.at);
    if withdrawal_requests::asked(tx, by, &row, &new)? {
        intake.tell(tx, (id, WITHDRAWAL), form.procedure())?;
    }
    Ok(())
}
