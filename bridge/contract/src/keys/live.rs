//! The key set as a running process holds it: replaced when a newer one is
//! installed, turned from one seal key to the next, never set back.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use super::{BadKeySet, KeyId, KeySet, VerifyKey};
use crate::place::Lane;

/// The key set of a process. Whoever works with keys asks for [`LiveKeys::set`]
/// anew in each cycle.
#[derive(Debug)]
pub struct LiveKeys {
    /// `None` when the set can never change.
    root: Option<VerifyKey>,
    now: RwLock<Now>,
}

#[derive(Debug)]
struct Now {
    /// As the root signed it.
    signed: Arc<KeySet>,
    /// The seal key that each lane was turned to.
    turned: BTreeMap<Lane, KeyId>,
    /// The signed set with those keys in use.
    in_use: Arc<KeySet>,
}

impl LiveKeys {
    /// Holds a verified set; newer ones must be signed by `root`.
    #[must_use]
    pub fn new(set: KeySet, root: VerifyKey) -> Self {
        Self { root: Some(root), ..Self::fixed(set) }
    }

    /// Holds a set that never changes.
    #[must_use]
    pub fn fixed(set: KeySet) -> Self {
        let signed = Arc::new(set);
        let in_use = Arc::clone(&signed);
        Self { root: None, now: RwLock::new(Now { signed, turned: BTreeMap::new(), in_use }) }
    }

    /// The set in use.
    #[must_use]
    pub fn set(&self) -> Arc<KeySet> {
        Arc::clone(&self.now.read().unwrap_or_else(PoisonError::into_inner).in_use)
    }

    /// The set as it was signed: its keys in the order of turning.
    #[must_use]
    pub fn signed(&self) -> Arc<KeySet> {
        Arc::clone(&self.now.read().unwrap_or_else(PoisonError::into_inner).signed)
    }

    /// Takes a newer set over; `false` when the file holds the version in use.
    ///
    /// # Errors
    /// [`BadKeySet`] when it is not signed by the root, older, or for another
    /// installation; the set in use stays.
    pub fn replace(&self, file: &[u8]) -> Result<bool, BadKeySet> {
        let root = self.root.as_ref().ok_or(BadKeySet::NotSigned)?;
        let mut now = self.now.write().unwrap_or_else(PoisonError::into_inner);
        let set = KeySet::open(file, root, now.signed.version)?;
        set.follows(&now.signed)?;
        if set.version == now.signed.version {
            return Ok(false);
        }
        now.signed = Arc::new(set);
        now.settle();
        Ok(true)
    }

    /// Seals new items of a lane to this key from now on. A key that the set does
    /// not list changes nothing.
    pub fn turn(&self, lane: Lane, id: KeyId) {
        let mut now = self.now.write().unwrap_or_else(PoisonError::into_inner);
        if now.turned.insert(lane, id) != Some(id) {
            now.settle();
        }
    }
}

impl Now {
    fn settle(&mut self) {
        let signed = KeySet::clone(&self.signed);
        let turned = self.turned.iter();
        self.in_use = Arc::new(turned.fold(signed, |set, (lane, id)| set.turned_to(*lane, *id)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::{KeyEntry, Purpose, SealKey, SigningKey};
    use crate::place::{Environment, Tenant};

    fn set(version: u32, seals: &[u8]) -> KeySet {
        let entry = |number: &u8| KeyEntry {
            purpose: Purpose::Seal(Lane::Raw),
            public: [*number; 32],
            valid_from: 0,
            valid_until: u64::MAX,
        };
        KeySet {
            tenant: Tenant::parse("mirai").expect("a good name"),
            environment: Environment::Demo,
            version,
            keys: seals.iter().map(entry).collect(),
        }
    }

    /// NN-18: a running process takes a newer set over, and never an older or foreign one.
    #[test]
    fn a_newer_set_is_taken_over_and_an_older_one_refused() {
        let (root, stranger) = (SigningKey::generate().0, SigningKey::generate().0);
        let live = LiveKeys::new(set(2, &[1]), root.verify_key());
        assert_eq!(live.replace(&set(3, &[1, 2]).sign(&root)), Ok(true));
        assert_eq!(live.set().version, 3);
        assert_eq!(live.replace(&set(3, &[1, 2]).sign(&root)), Ok(false));
        let older = live.replace(&set(2, &[1]).sign(&root));
        assert_eq!(older, Err(BadKeySet::RolledBack { found: 2, seen: 3 }));
        assert_eq!(live.replace(&set(9, &[1]).sign(&stranger)), Err(BadKeySet::NotSigned));
        let training = KeySet { environment: Environment::Training, ..set(9, &[1]) };
        assert_eq!(live.replace(&training.sign(&root)), Err(BadKeySet::OtherInstallation));
        let town = Tenant::parse("other").expect("a good name");
        let other = KeySet { tenant: town, ..set(9, &[1]) };
        assert_eq!(live.replace(&other.sign(&root)), Err(BadKeySet::OtherInstallation));
        assert_eq!(live.replace(&set(3, &[9]).sign(&root)), Err(BadKeySet::TwoOfOneVersion(3)));
        assert_eq!(live.set().version, 3);
    }

    /// NF-32: a turn holds over a new set, and to listed keys only.
    #[test]
    fn a_turn_outlives_a_new_set() {
        let root = SigningKey::generate().0;
        let live = LiveKeys::new(set(1, &[1, 2, 3]), root.verify_key());
        live.turn(Lane::Raw, SealKey([2; 32]).id());
        assert_eq!(live.set().seal_key(Lane::Raw), Some(SealKey([2; 32])));
        assert_eq!(live.replace(&set(2, &[1, 2, 3, 4]).sign(&root)), Ok(true));
        assert_eq!(live.set().seal_key(Lane::Raw), Some(SealKey([2; 32])));
        assert_eq!(live.signed().seal_keys(Lane::Raw).count(), 4);
        live.turn(Lane::Raw, SealKey([9; 32]).id());
        assert_eq!(live.set().seal_key(Lane::Raw), Some(SealKey([4; 32])));
    }
}
