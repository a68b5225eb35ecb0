//! Times are stored as microseconds since 1970-01-01 00:00 UTC.

use jiff::Timestamp;

/// A time as the number that is stored.
#[must_use]
pub fn to_micros(at: Timestamp) -> i64 {
    at.as_microsecond()
}

/// A stored number as a time. A number out of range (no service writes one)
/// becomes the nearest time there is.
#[must_use]
pub fn from_micros(micros: i64) -> Timestamp {
    let nearest = if micros < 0 { Timestamp::MIN } else { Timestamp::MAX };
    Timestamp::from_microsecond(micros).unwrap_or(nearest)
}
