//! 再開: what was decided or ended goes back to a desk (NF-34). The promised open days begin anew with the step.

use diesel::prelude::*;
use domain::applications::Countdown;
use platform_store::Tx;

use super::steps::{self, Step, Taken};
use super::{charge, countdown, labels};
use crate::record::By;
use crate::schema::applications;

/// Takes the step that reopens an application; `anew` is the period that begins with it.
///
/// # Errors
/// When the database cannot be written.
pub fn reopen(tx: &mut Tx<'_>, by: &By, step: &Step, anew: Countdown) -> QueryResult<Taken> {
    let taken = steps::take(tx, by, step)?;
    if taken != Taken::Done {
        return Ok(taken);
    }
    let (deadline_at, days_left) = countdown::columns(anew);
    let state: String = diesel::update(applications::table.find(&step.application))
        .set((applications::deadline_at.eq(deadline_at), applications::days_left.eq(days_left)))
        .returning(applications::state)
        .get_result(tx.db)?;
    labels::moved(tx, &step.application, &state, deadline_at)?;
    charge::look_again(tx, by, &step.application)?;
    Ok(Taken::Done)
}
