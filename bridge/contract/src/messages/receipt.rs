//! Cumulative receipts: the newest one says all, losing any number is harmless.

use crate::digest::Digest;
use crate::place::Lane;
use crate::wire::record;

record! {
    /// Where an item is in its lane.
    #[derive(Copy, PartialOrd, Ord, Hash)]
    pub struct Position {
        /// The epoch.
        pub epoch: u32,
        /// The bundle's number.
        pub seq: u64,
        /// The item's place in the bundle, from 0.
        pub idx: u32,
    }
}

record! {
    /// Bundle numbers from `first` to `last`, both included.
    #[derive(Copy)]
    pub struct SeqRange {
        /// The first number.
        pub first: u64,
        /// The last number.
        pub last: u64,
    }
}

record! {
    /// What the far end has of a lane (I6: never more than is durable there).
    pub struct Receipt {
        /// The lane spoken of, not the one the receipt travels on.
        pub lane: Lane,
        /// The epoch.
        pub epoch: u32,
        /// All bundles up to this number are durable at the far end.
        pub stored_seq: u64,
        /// All bundles up to this number are in the far database.
        pub ingested_seq: u64,
        /// All bundles up to this number are in a verified backup there.
        pub backup_seq: u64,
        /// Hash of the header of bundle `ingested_seq`, zeros before the first.
        pub head_hash: Digest,
        /// Numbers missing between stored ones; at most 64 ranges.
        pub missing: Vec<SeqRange>,
        /// Items set aside; at most the newest 256.
        pub quarantined: Vec<Position>,
    }
}

record! {
    /// What L has of one lane, for S, which opens no receipt. The stamp of a receipt for
    /// `raw` is a list of these: clear bytes under L's signature. So A tells B what it has
    /// of `exr`, in the stamps of `exp`.
    #[derive(Copy)]
    pub struct Held {
        /// The lane: `raw`, `in` or `in.bulk`; `exr` from A.
        pub lane: Lane,
        /// The epoch.
        pub epoch: u32,
        /// All bundles up to this number are in L's database.
        pub ingested: u64,
        /// All bundles up to this number are in two verified backups of it (I13).
        pub kept: u64,
    }
}

impl Held {
    /// Everything up to here is in two verified backups: backups that hold something of this
    /// epoch hold what was taken in of those before it, and others say nothing of them.
    #[must_use]
    pub const fn twice_kept(&self) -> (u32, u64) {
        if self.kept == 0 { (0, 0) } else { (self.epoch, self.kept) }
    }

    /// Reads the stamp of a receipt; empty when there is none.
    #[must_use]
    pub fn read_stamp(stamp: &[u8]) -> Vec<Self> {
        crate::wire::decode(stamp).unwrap_or_default()
    }
}
