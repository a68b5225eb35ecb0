//! A citizen uses the answers of an own application for a new one (NF-58). They go
//! back sealed; files stay here.

use bridge_contract::messages::CopyAsked;
use bridge_lanes::Refusal;
use domain::forms::Answers;
use lgwan_zone_store::By;
use lgwan_zone_store::applications::{arrive, file};
use lgwan_zone_store::post;
use platform_store::Tx;

use super::{Intake, poison};

pub(super) fn apply(
    intake: &Intake,
    tx: &mut Tx<'_>,
    by: &By,
    asked: &CopyAsked,
) -> Result<(), Refusal> {
    let answers = own_answers(tx, asked)?;
    if answers.is_some() {
        arrive::copied(tx, by, asked.application_id.as_str())?;
    }
    let message = intake.office.copy(asked, answers.as_ref());
    Ok(post::put(tx, &message, by.at)?)
}

/// The newest answers, of files their identifiers only; `None` unless the account that asks sent them.
fn own_answers(tx: &mut Tx<'_>, asked: &CopyAsked) -> Result<Option<Answers>, Refusal> {
    let id = asked.application_id.as_str();
    let Some(row) = file::row(tx.db, id)? else { return Ok(None) };
    if row.applicant_account.as_deref() != Some(asked.account_id.as_str()) {
        return Ok(None);
    }
    let Some(newest) = file::answers(tx.db, id, row.round)? else { return Ok(None) };
    let answers = serde_json::from_str(&newest.answers);
    answers.map(Some).map_err(|error| poison(error.to_string()))
}
