//! Parts of a service that stopped while the rest goes on, until an operator
//! has looked. `/readyz` and the pages of operators name them.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;

/// One part that stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Halt {
    /// Which part: `lane pub.ctl`.
    pub part: String,
    /// Why, as a code that pages turn into words.
    pub code: &'static str,
    /// Why, in English, for operators.
    pub why: String,
    /// Since when.
    pub at: Timestamp,
}

/// All that stopped since the service started. Clones share one list.
#[derive(Clone, Debug, Default)]
pub struct Halts(Arc<Mutex<Vec<Halt>>>);

impl Halts {
    /// Notes a part that stopped.
    pub fn note(&self, halt: Halt) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(halt);
    }

    /// What stopped, oldest first.
    #[must_use]
    pub fn all(&self) -> Vec<Halt> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
