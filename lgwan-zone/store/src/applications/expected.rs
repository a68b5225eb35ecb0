//! The day by which the citizen may expect the result (標準処理期間, IK-2.1.1a).

use diesel::prelude::*;
use domain::applications::{Event, State, expected_on};
use domain::calendar::{OfficeDays, date_in_japan};
use domain::forms::definition::Workflow;
use jiff::Timestamp;
use jiff::civil::Date;
use platform_store::{Db, time};

use crate::schema::application_events as events;

/// Counted from now: what was just accepted, or whose correction just came.
#[must_use]
pub fn counted_now(workflow: &Workflow, state: State, now: Timestamp) -> Option<Date> {
    expected_on(workflow, state, date_in_japan(now), &OfficeDays::default())
}

/// Counted from the newest acceptance or correction in the history: the day the
/// citizen was told already.
///
/// # Errors
/// When the database cannot be read.
pub fn told_before(
    db: &mut Db,
    application: &str,
    workflow: &Workflow,
    state: State,
) -> QueryResult<Option<Date>> {
    let since: Option<i64> = events::table
        .filter(events::application_id.eq(application))
        .filter(events::act.eq_any([Event::Accept.key(), Event::Resubmit.key()]))
        .select(diesel::dsl::max(events::at))
        .first(db)?;
    Ok(since.and_then(|at| counted_now(workflow, state, time::from_micros(at))))
}
