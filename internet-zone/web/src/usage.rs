//! Counts what is done with the pages, in memory; a job writes it down now and then. What a crash
//! loses of it are a few counts, never anything a citizen was promised.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

pub use internet_zone_store::usage::{Key, Usage};
use jiff::civil::Date;

/// Counts since they were last taken.
#[derive(Debug, Default)]
pub struct Counter(Mutex<BTreeMap<Key, u64>>);

impl Counter {
    /// Counts one more; `procedure_id` is empty for pages that belong to none.
    pub fn count(&self, day: Date, procedure_id: &str, what: Usage) {
        let key = (day.to_string(), procedure_id.to_owned(), what);
        *self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_default() += 1;
    }

    /// Takes the counts; they begin anew.
    #[must_use]
    pub fn take(&self) -> BTreeMap<Key, u64> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Gives counts back that could not be written down.
    pub fn give_back(&self, counts: BTreeMap<Key, u64>) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (key, times) in counts {
            *held.entry(key).or_default() += times;
        }
    }
}
