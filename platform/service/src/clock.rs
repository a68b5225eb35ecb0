//! The one source of time.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};

/// Tells the time. Services use [`Clock::system`]; tests set their own.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    System,
    /// Microseconds since the epoch, UTC.
    Set(Arc<AtomicI64>),
}

impl Clock {
    /// The computer's clock.
    #[must_use]
    pub const fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands still until it is moved.
    #[must_use]
    pub fn fixed(at: Timestamp) -> Self {
        Self(Source::Set(Arc::new(AtomicI64::new(at.as_microsecond()))))
    }

    /// The time now, in whole microseconds, so that a stored time reads back equal.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the place the others are sent to")]
    pub fn now(&self) -> Timestamp {
        let micros = match &self.0 {
            Source::System => Timestamp::now().as_microsecond(),
            Source::Set(micros) => micros.load(Ordering::SeqCst),
        };
        Timestamp::from_microsecond(micros).unwrap_or(Timestamp::MAX)
    }

    /// Moves a fixed clock; a system clock stays as it is.
    pub fn advance(&self, by: SignedDuration) {
        if let Source::Set(micros) = &self.0 {
            let step = i64::try_from(by.as_micros()).unwrap_or(i64::MAX);
            micros.fetch_add(step, Ordering::SeqCst);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fixed_clock_moves_only_when_told() {
        let clock = Clock::fixed(Timestamp::UNIX_EPOCH);
        assert_eq!(clock.now(), Timestamp::UNIX_EPOCH);
        clock.advance(SignedDuration::from_secs(60));
        assert_eq!(clock.now().as_second(), 60);
    }
}
