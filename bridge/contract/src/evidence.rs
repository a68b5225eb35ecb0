//! Evidence: what a zone hands to an auditor, who checks it offline with
//! `bridge verify`. One JSON object a line; what is signed stands in it as the very
//! bytes that were signed, in hexadecimal. `docs/wire/evidence.md` draws it.
//!
//! ```text
//! opening ─► bundle … bundle ─► receipt … ─► closing (count, SHA-256 of all lines before)
//! ```
//! Headers and indexes are kept for ever, so evidence of a bundle outlives its items.

mod check;
mod compare;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub use check::{Chain, Checker, End, EvidenceFault, Findings, ItemFound, Wrong};
pub use compare::{Agreement, Contradiction, compare};

/// The word that opens every file of evidence.
pub const FORMAT: &str = "madoguchi-evidence/1";

/// One line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "snake_case")]
pub enum Record {
    /// The first line.
    Opening(Opening),
    /// A bundle that was sent or taken in.
    Bundle(BundleRecord),
    /// The last receipt for a lane that is sent.
    Receipt(ReceiptRecord),
    /// The last line.
    Closing(Closing),
}

/// Where the evidence comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opening {
    /// [`FORMAT`].
    pub format: String,
    /// The zone whose database it was read from: `internet` or `lgwan`.
    pub zone: String,
    /// The town.
    pub tenant: String,
    /// The kind of installation.
    pub environment: String,
    /// When it was made, by the zone's clock.
    pub made_at: String,
}

/// A bundle as one end of its lane kept it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BundleRecord {
    /// The lane's word.
    pub lane: String,
    /// `sender` or `receiver`.
    pub end: String,
    /// Header and signature: 256 bytes.
    pub envelope: String,
    /// The index that the header's Merkle root covers.
    pub entries: String,
    /// The zone's own word: `ready` to `released` at a sender, `received` at a receiver.
    pub state: String,
    /// The zone's own clock: what happened, and when.
    pub times: Vec<(String, String)>,
    /// Places of items that were set aside, from 0; at a receiver.
    pub set_aside: Vec<u32>,
}

/// What the far end said it has of a lane.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReceiptRecord {
    /// The receipt (`docs/wire/messages.md`). It came in a signed bundle and was
    /// sealed there, so here it is the zone's own word.
    pub receipt: String,
    /// When it came.
    pub received_at: String,
}

/// What makes a file that was cut short show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Closing {
    /// How many bundles stand before.
    pub bundles: u64,
    /// SHA-256 of all lines before, with their line feeds.
    pub sha256: String,
}

/// The bytes behind lower-case hexadecimal, of any length.
fn bytes(text: &str) -> Option<Vec<u8>> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let byte = |pair: &[u8; 2]| {
        std::str::from_utf8(pair).ok().and_then(crate::digest::unhex::<1>).map(|[byte]| byte)
    };
    rest.is_empty().then(|| pairs.iter().map(byte).collect()).flatten()
}
