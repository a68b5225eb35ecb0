//! The end of a procedure's period, for the transaction that accepts (NF-50).

use domain::forms::definition::Open;
use jiff::{SignedDuration, Timestamp};

/// The first moment at which not even a form begun in time is taken.
#[must_use]
pub fn last_moment(open: &Open) -> Option<Timestamp> {
    let until = open.until?;
    let grace = SignedDuration::from_secs(i64::from(open.grace_seconds));
    Some(until.saturating_add(grace).unwrap_or(Timestamp::MAX))
}
