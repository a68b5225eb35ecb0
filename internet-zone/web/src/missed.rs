//! Remembers for a moment which words a search did not find and from which network; a job writes
//! them down as hashes (`internet_zone_store::missed`).

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use internet_zone_store::missed::Missed;
use internet_zone_store::vault::Vault;
use jiff::civil::Date;

/// Words and networks remembered at most between two writings.
const MOST: usize = 500;

/// The day, the folded word, the network.
type Key = (Date, String, String);

/// What was missed since it was last taken.
#[derive(Debug, Default)]
pub struct Misses(Mutex<BTreeMap<Key, u64>>);

impl Misses {
    /// Notes that a word was missed; nothing when too much was noted already.
    pub fn note(&self, day: Date, word: String, network: String) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (day, word, network);
        if held.len() < MOST || held.contains_key(&key) {
            *held.entry(key).or_default() += 1;
        }
    }

    /// Takes what was noted, by day, each word and network hashed.
    #[must_use]
    pub fn take(&self, vault: &Vault) -> BTreeMap<Date, Vec<Missed>> {
        let held = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        let mut days: BTreeMap<Date, Vec<Missed>> = BTreeMap::new();
        for ((day, word, network), times) in held {
            let word_hash = vault.index("missed-word", &word);
            let seeker_hash = vault.index("missed-seeker", &format!("{network} {word}"));
            days.entry(day).or_default().push(Missed { word, word_hash, seeker_hash, times });
        }
        days
    }
}
