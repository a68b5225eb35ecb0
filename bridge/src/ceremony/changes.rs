//! What a new key set changes, for people to read before they install it.

use bridge_contract::keys::{KeyEntry, KeySet};

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A key is listed that was not.
    Added(KeyEntry),
    /// A key is good for nothing any more.
    Removed(KeyEntry),
    /// A key is for other numbers than before.
    Moved {
        /// As it was.
        before: KeyEntry,
        /// As it is.
        now: KeyEntry,
    },
}

/// What changes from one set to the next, in the order of the lists.
#[must_use]
pub fn changes(before: &KeySet, now: &KeySet) -> Vec<Change> {
    let same = |one: &KeyEntry, other: &KeyEntry| {
        (one.purpose, one.public) == (other.purpose, other.public)
    };
    let gone =
        before.keys.iter().filter_map(|key| match now.keys.iter().find(|other| same(key, other)) {
            None => Some(Change::Removed(key.clone())),
            Some(other) if other == key => None,
            Some(other) => Some(Change::Moved { before: key.clone(), now: other.clone() }),
        });
    let is_new = |key: &&KeyEntry| !before.keys.iter().any(|other| same(key, other));
    gone.chain(now.keys.iter().filter(is_new).cloned().map(Change::Added)).collect()
}

#[cfg(test)]
mod tests {
    use bridge_contract::keys::Purpose;
    use bridge_contract::place::{Environment, Lane, Tenant};

    use super::*;

    /// NN-18: nothing changes unsaid.
    #[test]
    fn every_difference_is_named_once() {
        let key = |number: u8, until| KeyEntry {
            purpose: Purpose::Sign(Lane::Raw),
            public: [number; 32],
            valid_from: 0,
            valid_until: until,
        };
        let set = |keys| KeySet {
            tenant: Tenant::parse("mirai").expect("a good name"),
            environment: Environment::Demo,
            version: 1,
            keys,
        };
        let before = set(vec![key(1, u64::MAX), key(2, u64::MAX), key(3, 5)]);
        let now = set(vec![key(2, 9), key(3, 5), key(4, u64::MAX)]);
        let expected = [
            Change::Removed(key(1, u64::MAX)),
            Change::Moved { before: key(2, u64::MAX), now: key(2, 9) },
            Change::Added(key(4, u64::MAX)),
        ];
        assert_eq!(changes(&before, &now), expected);
        assert_eq!(changes(&now, &now), []);
    }
}
