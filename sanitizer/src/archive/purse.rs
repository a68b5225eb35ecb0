//! What all members of an archive together may cost.

use std::time::{Duration, Instant};

use sanitizer_intermediate::{HoldReason, Limits};

use crate::Policy;
use crate::scan::Slot;

/// Times an archive may take what a single file of its size may.
const TIME_SHARE: u32 = 3;

/// What scanners said of a file and of what a password opened in it.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// Those who were not asked, as often as they were not.
    pub(crate) unasked: Vec<Slot>,
    /// What one calls the malware it knows.
    pub(crate) malware: Option<String>,
    /// Which one said what, for the operator.
    pub(crate) diagnosis: Option<String>,
}

/// Files, bytes and time that are left.
#[derive(Debug)]
pub(crate) struct Purse {
    pub(crate) seen: Seen,
    files: usize,
    bytes: u64,
    until: Instant,
    spent: Option<HoldReason>,
}

impl Purse {
    /// For a file of this many bytes that arrived at `now`.
    pub(crate) fn new(policy: &Policy, limits: &Limits, bytes: usize, now: Instant) -> Self {
        let time = limits.wall_for(bytes).saturating_mul(TIME_SHARE);
        let files = policy.archives.most_files();
        let seen = Seen::default();
        Self { seen, files, bytes: limits.decoded_bytes, until: now + time, spent: None }
    }

    /// Pays for one member at `now`.
    ///
    /// # Errors
    /// [`HoldReason`] when files, bytes or time are used up, now or before:
    /// that concerns the outermost archive.
    pub(super) fn pay(&mut self, bytes: usize, now: Instant) -> Result<(), HoldReason> {
        let files = self.files.checked_sub(1);
        let left = self.bytes.checked_sub(bytes as u64);
        let reason = match (self.spent, files, left, self.time_left(now)) {
            (Some(reason), ..) => reason,
            (None, None, ..) => HoldReason::TooComplex,
            (None, _, None, _) => HoldReason::TooLarge,
            (None, _, _, None) => HoldReason::Timeout,
            (None, Some(files), Some(bytes), Some(_)) => {
                (self.files, self.bytes) = (files, bytes);
                return Ok(());
            }
        };
        self.spent = Some(reason);
        Err(reason)
    }

    /// Why no member can be paid for any more.
    pub(super) const fn spent(&self) -> Option<HoldReason> {
        self.spent
    }

    /// Time left; `None` when it is over.
    pub(crate) fn time_left(&self, now: Instant) -> Option<Duration> {
        self.until.checked_duration_since(now).filter(|it| !it.is_zero())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NF-32: many small members cost no more than one large file.
    #[test]
    fn a_purse_is_used_up() {
        let limits = Limits { decoded_bytes: 100, ..Limits::default() };
        let now = Instant::now();
        let mut purse = Purse::new(&Policy::default(), &limits, 10, now);
        assert_eq!(purse.pay(60, now), Ok(()));
        assert_eq!(purse.pay(60, now), Err(HoldReason::TooLarge));
        assert_eq!(purse.pay(0, now), Err(HoldReason::TooLarge), "once spent, spent for all");

        let mut purse = Purse::new(&Policy::default(), &limits, 10, now);
        for _ in 0..500 {
            assert_eq!(purse.pay(0, now), Ok(()));
        }
        assert_eq!(purse.pay(0, now), Err(HoldReason::TooComplex));

        let mut purse = Purse::new(&Policy::default(), &limits, 10, now);
        let late = now + Duration::from_secs(3_600);
        assert_eq!(purse.pay(0, late), Err(HoldReason::Timeout));
    }
}
