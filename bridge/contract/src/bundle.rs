//! Bundles: numbered, chained, signed envelopes for sealed items.
//!
//! ```text
//! header 192 │ signature 64 │ index │ items
//! ```
//! The header has a fixed size and is the only thing read before its
//! signature is verified (I7). `docs/wire/bundle.md` draws every byte.

mod build;
mod header;
mod index;
mod merkle;
mod name;
#[cfg(test)]
mod tests;
mod verify;

pub use build::{Built, Draft, Envelope, NewItem, Signer, build, rebuild};
pub use header::{HEADER_BYTES, Header, PREFIX_BYTES};
pub use index::{IndexEntry, index_bytes, read_index};
pub use merkle::root as merkle_root;
pub use name::{bundle_name, parse_bundle_name};
pub use verify::{
    Bundle, BundleFault, BundleItem, Expect, Verified, may_be_unfinished, verify, verify_closed,
    verify_prefix,
};

/// A bundle takes no more items once it has this many.
pub const ITEMS_SOFT: usize = 256;
/// A bundle takes no more items once its items have this many bytes together.
pub const BYTES_SOFT: usize = 8 << 20;
/// Most items in any bundle.
pub const ITEMS_HARD: usize = 1024;
/// Largest file of a bundle, header included.
pub const BYTES_HARD: usize = 64 << 20;
/// Largest clear stamp of an item.
pub const STAMP_LIMIT: usize = 1024;
/// Longest id of an item.
pub const UUID_LIMIT: usize = 64;
/// Largest content of one item before sealing: it fits a bundle of its own,
/// padding included.
pub const CONTENT_LIMIT: usize = 55 << 20;
