//! Failed attempts: a growing delay per credential that always ends by itself (IK-3.5.2b).
//!
//! The first failures cost nothing, then each doubles the wait up to twenty minutes. Somebody who
//! guesses all day gets fewer than 100 tries; the owner is never locked out for good.

use jiff::{SignedDuration, Timestamp};

/// Failures that cost nothing.
const FREE: u32 = 3;
/// Longest wait.
const LONGEST: SignedDuration = SignedDuration::from_mins(20);
/// Quiet time after which failures are forgotten.
const FORGET: SignedDuration = SignedDuration::from_hours(24);

/// Failed attempts with one credential.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Attempts {
    /// Failures in a row.
    pub failures: u32,
    /// When the last one was.
    pub last: Option<Timestamp>,
}

/// No attempt is looked at before this time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wait {
    /// First moment of the next attempt.
    pub until: Timestamp,
}

impl Attempts {
    /// Whether an attempt may be made now. Ask before the credential is verified.
    /// # Errors
    /// [`Wait`] with the time of the next attempt.
    pub fn may_try(self, now: Timestamp) -> Result<(), Wait> {
        let Some(last) = self.last else { return Ok(()) };
        let until = last.saturating_add(delay(self.failures)).unwrap_or(Timestamp::MAX);
        if now < until { Err(Wait { until }) } else { Ok(()) }
    }

    /// After one more failure.
    #[must_use]
    pub fn failed(self, now: Timestamp) -> Self {
        let quiet = self.last.is_some_and(|last| now.duration_since(last) >= FORGET);
        let failures = if quiet { 1 } else { self.failures.saturating_add(1) };
        Self { failures, last: Some(now) }
    }
}

/// Wait after this many failures: 0, 0, 0, then 1 s, 2 s, 4 s … 20 min.
fn delay(failures: u32) -> SignedDuration {
    if failures < FREE {
        return SignedDuration::ZERO;
    }
    let doubled = 1i64.checked_shl(failures - FREE).unwrap_or(i64::MAX);
    if failures - FREE >= 11 { LONGEST } else { SignedDuration::from_secs(doubled).min(LONGEST) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start() -> Timestamp {
        "2026-11-20T00:00:00Z".parse().unwrap()
    }

    /// IK-3.5.2b: a program that guesses all day gets fewer than 100 tries.
    #[test]
    fn a_day_of_guessing_gives_fewer_than_100_tries() {
        let (mut attempts, mut now, mut tries) = (Attempts::default(), start(), 0);
        let end = start() + SignedDuration::from_hours(24);
        while now < end {
            match attempts.may_try(now) {
                Ok(()) => {
                    tries += 1;
                    attempts = attempts.failed(now);
                }
                Err(wait) => now = wait.until,
            }
        }
        assert!((80..100).contains(&tries), "{tries}");
    }

    #[test]
    fn the_first_mistakes_cost_nothing_and_every_wait_ends() {
        let mut attempts = Attempts::default();
        for _ in 0..2 {
            attempts = attempts.failed(start());
            assert_eq!(attempts.may_try(start()), Ok(()));
        }
        let attempts = Attempts { failures: u32::MAX, last: Some(start()) };
        assert_eq!(attempts.may_try(start() + LONGEST), Ok(()));
        assert!(attempts.may_try(start() + LONGEST - SignedDuration::from_secs(1)).is_err());
    }

    #[test]
    fn a_quiet_day_forgets_the_failures() {
        let attempts = Attempts { failures: 9, last: Some(start()) };
        assert_eq!(attempts.failed(start() + FORGET).failures, 1);
    }
}
