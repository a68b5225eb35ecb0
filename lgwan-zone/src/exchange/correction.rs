//! The answer to a request for correction: a new round of answers, and back to
//! the desk that asked (NF-34).

use std::collections::BTreeSet;

use bridge_contract::messages::{Correction, Delegate};
use bridge_lanes::{FromCitizen, Refusal};
use domain::applications::{Event, Rules, State};
use domain::calendar::date_in_japan;
use domain::forms::Answers;
use lgwan_zone_store::By;
use lgwan_zone_store::applications::arrive::{self, Arrived, Corrected};
use lgwan_zone_store::applications::countdown;
use lgwan_zone_store::applications::rows;
use lgwan_zone_store::applications::steps::Step;
use lgwan_zone_store::applications::{file, plan};
use platform_store::{Tx, time};

use super::submission::{from_wire, json};
use super::{Intake, attachments, doubts, poison};

pub(super) fn apply(
    intake: &Intake,
    tx: &mut Tx<'_>,
    by: &By,
    from: &FromCitizen,
    sent: &Correction,
) -> Result<(), Refusal> {
    let id = sent.application_id.as_str();
    let row = file::row(tx.db, id)?.ok_or_else(|| poison("a correction of nothing we have"))?;
    let round = i32::try_from(sent.round).map_err(|_| poison("a round out of range"))?;
    let asked = file::correction(tx.db, id, round)?
        .ok_or_else(|| poison("a correction nobody asked for"))?;
    let state = State::parse(&row.state).map_err(|_| poison("an unknown state"))?;
    let form = intake
        .shelf
        .get(tx.db, &row.procedure_id, row.revision)?
        .ok_or_else(|| poison("no such revision"))?;
    let rules = Rules::from(&form.procedure().workflow);
    let name = sent.by.as_ref().map_or("", called);
    let actor = plan::Actor { name, ..plan::APPLICANT };
    let unanswered = asked.answered_at.is_none() && row.round < round;
    let way = match plan::way(state, Event::Resubmit, rules, actor, "") {
        Ok(way) => way,
        // It was made 期限切れ and taken up again while this was on its way: what was sent is kept.
        Err(_) if unanswered && state.may_change_hands() => {
            plan::stays(state, Event::Resubmit, actor)
        }
        Err(_) => {
            // It came twice, or the application ended meanwhile: tell the citizens'
            // zone how it stands.
            let expected = countdown::told(&row, state, by.at, intake.office.days());
            let message = intake.office.status(&sent.application_id, state, by.at, "", expected);
            lgwan_zone_store::post::put(tx, &message, by.at)?;
            return Ok(());
        }
    };
    let before = file::answers(tx.db, id, row.round)?.ok_or_else(|| poison("no answers stored"))?;
    let before: Answers =
        serde_json::from_str(&before.answers).map_err(|error| poison(error.to_string()))?;
    let flagged: BTreeSet<String> =
        serde_json::from_str(&asked.fields).map_err(|error| poison(error.to_string()))?;
    let received = from.arrival.as_ref().map_or(by.at, |stamp| stamp.at);
    let newer = from_wire(&sent.answers);
    let first = time::from_micros(row.arrived_at);
    let whole = form.corrected(&before, &flagged, &newer, date_in_japan(first));
    let expected = countdown::told(&row, way.end, received, intake.office.days());
    let told = intake.office.status(&sent.application_id, way.end, by.at, "", expected);
    let mut messages = vec![told];
    let declared = &sent.attachments;
    let held = attachments::told(&intake.office, &sent.application_id, declared, &from.verdicts);
    messages.extend(held);
    let files = attachments::rows(id, round, &sent.attachments, &from.verdicts);
    let mut known = file::attachments_of(tx.db, id)?;
    known.extend(files.iter().cloned());
    let (times, open) = ((first, received), form.correctable(&flagged));
    let doubts = doubts::of_correction(&form, (&before, &whole), &known, times, &open);
    let corrected = Corrected {
        step: Step {
            application: id.to_owned(),
            seen: row.version,
            hops: way.hops,
            correction: None,
            documents: Vec::new(),
            messages,
            days: intake.office.days().clone(),
            needs: Vec::new(),
            fee: 0,
        },
        answers: rows::Answers {
            application_id: id.to_owned(),
            round,
            answers: json(&whole)?,
            provenance: "{}".to_owned(),
            changed: json(&before.changed(&whole))?,
            received_at: received.as_microsecond(),
            doubts: json(&doubts)?,
        },
        slots: form.slots(&whole),
        attachments: files,
    };
    match arrive::correct(tx, by, &corrected)? {
        Arrived::Kept => intake.tell(tx, (id, round), form.procedure()),
        Arrived::Before => Ok(()),
    }
}

/// A delegate as the history shows them: by name, or by address where there is none.
pub(super) fn called(by: &Delegate) -> &str {
    if by.display_name.is_empty() { &by.email } else { &by.display_name }
}
