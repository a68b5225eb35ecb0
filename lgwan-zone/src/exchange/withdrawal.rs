//! 取下げ by the applicant (NF-34).

use bridge_contract::messages::Withdrawal;
use bridge_lanes::Refusal;
use domain::applications::{Event, Rules, State};
use lgwan_zone_store::By;
use lgwan_zone_store::applications::steps::{self, Step, Taken};
use lgwan_zone_store::applications::{countdown, file, plan};
use lgwan_zone_store::post;
use platform_store::Tx;

use super::{Intake, poison};

pub(super) fn apply(
    intake: &Intake,
    tx: &mut Tx<'_>,
    by: &By,
    sent: &Withdrawal,
) -> Result<(), Refusal> {
    let id = sent.application_id.as_str();
    let row = file::row(tx.db, id)?.ok_or_else(|| poison("a withdrawal of nothing we have"))?;
    let state = State::parse(&row.state).map_err(|_| poison("an unknown state"))?;
    let form = intake
        .shelf
        .get(tx.db, &row.procedure_id, row.revision)?
        .ok_or_else(|| poison("no such revision"))?;
    let rules = Rules::from(&form.procedure().workflow);
    let way = plan::way(state, Event::Withdraw, rules, plan::APPLICANT, &sent.reason);
    let end = way.as_ref().map_or(state, |way| way.end);
    let expected = countdown::told(&row, end, by.at, intake.office.days());
    let Ok(way) = way else {
        // Staff were faster: the citizen learns that, and the state as it is.
        let message = if state == State::Withdrawn {
            intake.office.status(&sent.application_id, state, by.at, "", expected)
        } else {
            let words = file::words_told(tx.db, id, state)?;
            let about = (&sent.application_id, None);
            intake.office.not_withdrawn(about, state, by.at, &words, expected)
        };
        let detail = format!("{} {state}", row.number);
        by.record(tx, "applications.withdrawal_late", "application", id, &detail);
        return Ok(post::put(tx, &message, by.at)?);
    };
    let message = intake.office.status(&sent.application_id, end, by.at, "", expected);
    let step = Step {
        application: id.to_owned(),
        seen: row.version,
        hops: way.hops,
        correction: None,
        documents: Vec::new(),
        messages: vec![message],
        days: intake.office.days().clone(),
        needs: Vec::new(),
        fee: 0,
    };
    match steps::take(tx, by, &step)? {
        Taken::Done => Ok(()),
        Taken::Overtaken { .. }
        | Taken::Unapproved
        | Taken::Unmarked
        | Taken::Own
        | Taken::Unpaid => Err(poison("overtaken inside one transaction")),
    }
}
