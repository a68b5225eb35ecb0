//! Parts of a service that stopped while the rest goes on, until an operator
//! has looked, and parts that are in need but still work. `/readyz` and the pages
//! of operators name them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

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

/// All that stopped since the service started, and what is in need now. Clones
/// share one list.
#[derive(Clone, Debug, Default)]
pub struct Halts(Arc<Mutex<Noted>>);

#[derive(Debug, Default)]
struct Noted {
    halts: Vec<Halt>,
    warnings: BTreeMap<String, String>,
}

impl Halts {
    /// Notes a part that stopped.
    pub fn note(&self, halt: Halt) {
        self.noted().halts.push(halt);
    }

    /// What stopped, oldest first.
    #[must_use]
    pub fn all(&self) -> Vec<Halt> {
        self.noted().halts.clone()
    }

    /// Notes why a part is in need, in English for operators; replaces what was
    /// noted of it before.
    pub fn warn(&self, part: &str, why: &str) {
        self.noted().warnings.insert(part.to_owned(), why.to_owned());
    }

    /// The part is in need no longer.
    pub fn all_is_well(&self, part: &str) {
        self.noted().warnings.remove(part);
    }

    /// Parts in need and why, in the order of their names.
    #[must_use]
    pub fn warnings(&self) -> Vec<(String, String)> {
        self.noted().warnings.iter().map(|(part, why)| (part.clone(), why.clone())).collect()
    }

    fn noted(&self) -> MutexGuard<'_, Noted> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
