//! When a mail that waits is tried again, and when it is given up.

use std::time::Duration;

use crate::NotSent;

/// Time after which a queue is looked at without a nudge.
pub const EVERY: Duration = Duration::from_secs(5);
/// Mails of one look.
pub const BATCH: i64 = 50;
/// While a mail is being sent nobody else takes it, in microseconds.
const LEASE: i64 = 120_000_000;
/// A mail older than this is given up, in microseconds.
const GIVE_UP: i64 = 3 * 86_400_000_000;
/// First pause after a failure, doubled each time, in microseconds.
const PAUSE: i64 = 30_000_000;
/// Longest pause, in microseconds.
const LONGEST_PAUSE: i64 = 3_600_000_000;

/// What to do with a mail after a try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It left: forget it.
    Sent,
    /// Try again at this time, in microseconds; why it did not leave.
    Again(i64, String),
    /// Forget it: nobody has this address; the answer of the mail server.
    Refused(String),
    /// Forget it; why it never leaves.
    GivenUp(String),
}

/// Until when a sender has a mail for itself that it takes at `now`.
#[must_use]
pub const fn leased_until(now: i64) -> i64 {
    now + LEASE
}

/// What to do with a mail of `created_at` after its try number `attempts + 1`.
/// Times are microseconds.
#[must_use]
pub fn outcome(sent: Result<(), NotSent>, attempts: i64, (created_at, now): (i64, i64)) -> Outcome {
    match sent {
        Ok(()) => Outcome::Sent,
        Err(NotSent::Later(why)) if now - created_at < GIVE_UP => {
            let doubled = PAUSE << attempts.clamp(0, 10);
            Outcome::Again(now + doubled.min(LONGEST_PAUSE), why)
        }
        Err(NotSent::Refused(why)) => Outcome::Refused(why),
        Err(NotSent::Later(why) | NotSent::Never(why)) => Outcome::GivenUp(why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NF-29: pauses grow to an hour; after three days nobody waits any more.
    #[test]
    fn pauses_grow_and_end_after_three_days() {
        let later = || Err(NotSent::Later("421".to_owned()));
        let at = |attempts, now| outcome(later(), attempts, (0, now));
        assert_eq!(at(0, 0), Outcome::Again(30_000_000, "421".to_owned()));
        assert_eq!(at(1, 0), Outcome::Again(60_000_000, "421".to_owned()));
        assert_eq!(at(40, 0), Outcome::Again(3_600_000_000, "421".to_owned()));
        assert_eq!(at(40, GIVE_UP), Outcome::GivenUp("421".to_owned()));
        let never = Err(NotSent::Never("no_address".to_owned()));
        assert_eq!(outcome(never, 0, (0, 0)), Outcome::GivenUp("no_address".to_owned()));
        let refused = Err(NotSent::Refused("550".to_owned()));
        assert_eq!(outcome(refused, 0, (0, 0)), Outcome::Refused("550".to_owned()));
        assert_eq!(outcome(Ok(()), 0, (0, 0)), Outcome::Sent);
    }
}
