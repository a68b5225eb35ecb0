//! Whether a procedure takes applications now (NF-50).

use domain::forms::definition::Open;
use jiff::{SignedDuration, Timestamp};

/// Where now lies in the period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Period {
    /// It has not begun.
    Before,
    /// Applications are taken.
    Open,
    /// It is over; a form begun in time may still be sent.
    Grace,
    /// It is over.
    Over,
}

/// Where `now` lies.
pub(crate) fn at(open: &Open, now: Timestamp) -> Period {
    if open.from.is_some_and(|from| now < from) {
        return Period::Before;
    }
    match open.until {
        Some(until) if now >= last_moment(open).unwrap_or(until) => Period::Over,
        Some(until) if now >= until => Period::Grace,
        Some(_) | None => Period::Open,
    }
}

/// The first moment at which not even a form begun in time is taken.
pub(crate) fn last_moment(open: &Open) -> Option<Timestamp> {
    let until = open.until?;
    let grace = SignedDuration::from_secs(i64::from(open.grace_seconds));
    Some(until.saturating_add(grace).unwrap_or(Timestamp::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NF-50: the period begins and ends to the second; who is filling in has the grace.
    #[test]
    fn a_period_begins_and_ends_to_the_second() {
        let time = |text: &str| text.parse::<Timestamp>().expect("a time");
        let open = Open {
            from: Some(time("2026-06-01T00:00:00Z")),
            until: Some(time("2026-06-30T08:15:00Z")),
            grace_seconds: 600,
        };
        for (now, expected) in [
            ("2026-05-31T23:59:59.999999Z", Period::Before),
            ("2026-06-01T00:00:00Z", Period::Open),
            ("2026-06-30T08:14:59.999999Z", Period::Open),
            ("2026-06-30T08:15:00Z", Period::Grace),
            ("2026-06-30T08:24:59Z", Period::Grace),
            ("2026-06-30T08:25:00Z", Period::Over),
        ] {
            assert_eq!(at(&open, time(now)), expected, "{now}");
        }
        assert_eq!(at(&Open::default(), time("2026-06-01T00:00:00Z")), Period::Open);
    }
}
