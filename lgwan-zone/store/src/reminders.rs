//! What is left to do: deadlines that passed or come near, and what nobody took up (IK-2.1.1b).

use diesel::prelude::*;
use domain::applications::State;
use domain::procedures::TRIALS;
use platform_store::Db;

use crate::schema::applications;

/// Name of the daily task, and kind of its letters.
pub const TASK: &str = "reminders";

/// What the operation log says of it.
pub const ACT: &str = "notices.reminded";

/// Most rows of a department that are looked at.
pub const LIMIT: i64 = 2_000;

/// An application that waits for staff.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Waiting {
    /// Whose desk it lies on.
    pub department_id: String,
    /// What was applied for.
    pub procedure_id: String,
    /// Receipt number.
    pub number: String,
    /// Arrival, microseconds.
    pub arrived_at: i64,
    /// End of the last day, microseconds; none for what only waits to be taken up.
    pub deadline_at: Option<i64>,
    /// Day until which the applicant should have corrected, ISO; none for what waits for staff.
    pub due: Option<String>,
}

/// What waits in these departments: everything due by `until`, nearest first, then what has no
/// deadline, arrived before `arrived` and was not taken up, then what should have been corrected before
/// `today`, ISO.
///
/// # Errors
/// When the database cannot be read.
pub fn waiting(
    db: &mut Db,
    departments: &[String],
    (until, arrived): (i64, i64),
    today: &str,
) -> QueryResult<Vec<Waiting>> {
    let columns = (
        applications::department_id,
        applications::procedure_id,
        applications::number,
        applications::arrived_at,
        applications::deadline_at,
        applications::due,
    );
    let mut all = Vec::new();
    for department in departments {
        let due = applications::table
            .filter(applications::department_id.eq(department))
            .filter(applications::procedure_id.not_like(TRIALS))
            .filter(applications::deadline_at.le(until))
            .order((applications::deadline_at.asc(), applications::id.asc()))
            .limit(LIMIT)
            .select(columns)
            .load::<Waiting>(db)?;
        all.extend(due);
        let untaken = applications::table
            .filter(applications::department_id.eq(department))
            .filter(applications::procedure_id.not_like(TRIALS))
            .filter(applications::state.eq(State::Arrived.key()))
            .filter(applications::arrived_at.lt(arrived))
            .filter(applications::deadline_at.is_null())
            .order((applications::arrived_at.asc(), applications::id.asc()))
            .limit(LIMIT)
            .select(columns)
            .load::<Waiting>(db)?;
        all.extend(untaken);
        let uncorrected = applications::table
            .filter(applications::department_id.eq(department))
            .filter(applications::procedure_id.not_like(TRIALS))
            .filter(applications::due.lt(today))
            .order((applications::due.asc(), applications::id.asc()))
            .limit(LIMIT)
            .select(columns)
            .load::<Waiting>(db)?;
        all.extend(uncorrected);
    }
    Ok(all)
}
