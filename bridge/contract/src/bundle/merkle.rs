//! The Merkle tree over index entries, shaped as in RFC 6962 §2.1, so that
//! one item can be proven to be in a bundle without showing the others.

use super::IndexEntry;
use crate::digest::{Digest, Running};
use crate::wire::encode;

/// Root over the entries; of no entries, the hash of nothing.
#[must_use]
pub fn root(entries: &[IndexEntry]) -> Digest {
    let leaves: Vec<Digest> =
        entries.iter().map(|entry| Digest::tagged(&[0], &encode(entry))).collect();
    node(&leaves)
}

fn node(leaves: &[Digest]) -> Digest {
    match leaves {
        [] => Digest::of(&[]),
        [leaf] => *leaf,
        _ => {
            // The largest power of two below the count.
            let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
            let mut both = Running::new();
            both.update(&[1]);
            both.update(&node(left).0);
            both.update(&node(right).0);
            both.finish()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_depends_on_every_entry_and_on_their_order() {
        let entry = |uuid: &str| IndexEntry {
            uuid: uuid.to_owned(),
            kind: 1,
            stamp: vec![],
            size: 0,
            sha256: Digest::ZERO,
        };
        let (a, b, c) = (entry("a"), entry("b"), entry("c"));
        let all = [a.clone(), b.clone(), c.clone()];
        assert_ne!(root(&all), root(&[b.clone(), a.clone(), c]));
        assert_ne!(root(&all), root(&[a.clone(), b]));
        assert_eq!(root(std::slice::from_ref(&a)), Digest::tagged(&[0], &encode(&a)));
    }
}
