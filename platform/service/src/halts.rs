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

/// A part that still works and is in need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// Which part: `lane in gap`, `spool`.
    pub part: String,
    /// What is the matter, as a code that pages and mails turn into words.
    pub code: &'static str,
    /// Numbers and times that belong to it, in no language.
    pub detail: String,
    /// The whole of it in English, for operators.
    pub why: String,
}

/// All that stopped since the service started, and what is in need now. Clones
/// share one list.
#[derive(Clone, Debug, Default)]
pub struct Halts(Arc<Mutex<Noted>>);

#[derive(Debug, Default)]
struct Noted {
    halts: Vec<Halt>,
    warnings: BTreeMap<String, Need>,
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

    /// Notes what a part needs; replaces what was noted of it before.
    pub fn warn(&self, need: Need) {
        self.noted().warnings.insert(need.part.clone(), need);
    }

    /// The part is in need no longer.
    pub fn all_is_well(&self, part: &str) {
        self.noted().warnings.remove(part);
    }

    /// Parts in need, in the order of their names.
    #[must_use]
    pub fn warnings(&self) -> Vec<Need> {
        self.noted().warnings.values().cloned().collect()
    }

    fn noted(&self) -> MutexGuard<'_, Noted> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
