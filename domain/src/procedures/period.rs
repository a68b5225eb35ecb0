//! When a procedure takes applications (NF-50).

use jiff::{SignedDuration, Timestamp};

use crate::forms::definition::Open;

/// Where a moment lies in the period of a procedure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Period {
    /// Not open yet.
    NotYet {
        /// First moment.
        from: Timestamp,
    },
    /// Open.
    Open {
        /// First moment after the end; `None` when it does not close.
        until: Option<Timestamp>,
    },
    /// Closed, but a form already begun may still be sent.
    Grace {
        /// First moment after the grace.
        until: Timestamp,
    },
    /// Closed.
    Closed {
        /// When it closed.
        since: Timestamp,
    },
}

impl Open {
    /// Where `now` lies. The first moment belongs to the period, `until` does not.
    #[must_use]
    pub fn at(&self, now: Timestamp) -> Period {
        if let Some(from) = self.from.filter(|from| now < *from) {
            return Period::NotYet { from };
        }
        let Some(until) = self.until.filter(|until| now >= *until) else {
            return Period::Open { until: self.until };
        };
        let grace = SignedDuration::from_secs(i64::from(self.grace_seconds));
        let end = until.saturating_add(grace).unwrap_or(Timestamp::MAX);
        if now < end { Period::Grace { until: end } } else { Period::Closed { since: until } }
    }
}

impl Period {
    /// Whether a form may be begun.
    #[must_use]
    pub const fn may_begin(self) -> bool {
        match self {
            Self::Open { .. } => true,
            Self::NotYet { .. } | Self::Grace { .. } | Self::Closed { .. } => false,
        }
    }

    /// Whether a form begun at a time when that was allowed may be sent.
    #[must_use]
    pub const fn may_send(self) -> bool {
        match self {
            Self::Open { .. } | Self::Grace { .. } => true,
            Self::NotYet { .. } | Self::Closed { .. } => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    /// NF-50: opens and closes to the second; the grace is for forms already begun.
    #[test]
    fn a_procedure_opens_and_closes_to_the_second() {
        let open = Open {
            from: Some(at("2026-04-01T00:00:00+09:00")),
            until: Some(at("2026-05-01T00:00:00+09:00")),
            grace_seconds: 600,
        };
        for (now, begin, send) in [
            ("2026-03-31T23:59:59.999+09:00", false, false),
            ("2026-04-01T00:00:00+09:00", true, true),
            ("2026-04-30T23:59:59.999+09:00", true, true),
            ("2026-05-01T00:00:00+09:00", false, true),
            ("2026-05-01T00:09:59+09:00", false, true),
            ("2026-05-01T00:10:00+09:00", false, false),
        ] {
            let period = open.at(at(now));
            assert_eq!((period.may_begin(), period.may_send()), (begin, send), "{now}");
        }
        assert!(Open::default().at(at("2026-04-01T00:00:00Z")).may_begin());
    }
}
