//! 標準処理期間 of an application as stored: it begins on arrival, stands while the applicant
//! corrects, ends with the decision (IK-2.1.1b).

use domain::applications::{Countdown, State};
use domain::calendar::{OfficeDays, date_in_japan, end_of_day_in_japan};
use domain::forms::definition::Workflow;
use jiff::Timestamp;
use jiff::civil::Date;
use platform_store::time;

use super::rows::Application;

/// Begins with the arrival, in the state the application came into by itself.
#[must_use]
pub fn begun(
    workflow: &Workflow,
    state: State,
    arrived: Timestamp,
    days: &OfficeDays,
) -> Countdown {
    let promised = workflow.expected_days;
    Countdown::begin(promised, state, date_in_japan(arrived), days)
}

/// As the row says.
#[must_use]
pub fn of(row: &Application) -> Countdown {
    read(row.deadline_at, row.days_left)
}

/// As the two columns say.
#[must_use]
pub fn read(deadline_at: Option<i64>, days_left: Option<i32>) -> Countdown {
    match (deadline_at, days_left) {
        (Some(end), _) => Countdown::Runs { until: last_day(end) },
        (None, Some(left)) => Countdown::Stands { left },
        (None, None) => Countdown::None,
    }
}

/// As stored: `deadline_at`, `days_left`.
#[must_use]
pub fn columns(countdown: Countdown) -> (Option<i64>, Option<i32>) {
    match countdown {
        Countdown::None => (None, None),
        Countdown::Runs { until } => (Some(end_of(until)), None),
        Countdown::Stands { left } => (None, Some(left)),
    }
}

/// After the application came into `to`.
#[must_use]
pub fn after(row: &Application, to: State, at: Timestamp, days: &OfficeDays) -> Countdown {
    of(row).moved(to, date_in_japan(at), days)
}

/// The day the applicant is told when the application comes into `to`.
#[must_use]
pub fn told(row: &Application, to: State, at: Timestamp, days: &OfficeDays) -> Option<Date> {
    after(row, to, at, days).told(to)
}

/// The end of a day in Japan, microseconds.
#[must_use]
pub fn end_of(day: Date) -> i64 {
    end_of_day_in_japan(day).as_microsecond()
}

/// The day that ends at this moment.
#[must_use]
pub fn last_day(end: i64) -> Date {
    date_in_japan(time::from_micros(end.saturating_sub(1)))
}
