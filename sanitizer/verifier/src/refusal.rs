//! Why a file is refused.

use std::fmt;

/// What is not ours in a file; for operators, not for citizens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal {
    what: &'static str,
}

impl Refusal {
    pub(crate) const fn of(what: &'static str) -> Self {
        Self { what }
    }

    /// In a few words.
    #[must_use]
    pub const fn what(self) -> &'static str {
        self.what
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "not a file of ours: {}", self.what)
    }
}

impl std::error::Error for Refusal {}

pub(crate) type Verdict = Result<(), Refusal>;

/// Refuses unless `fine`.
pub(crate) const fn must(fine: bool, what: &'static str) -> Verdict {
    if fine { Ok(()) } else { Err(Refusal::of(what)) }
}
