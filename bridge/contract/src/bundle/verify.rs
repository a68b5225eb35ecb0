//! Checking a bundle from outside: signature first, then the hash of the
//! body, then its index, then each item.

use super::header::SIGN_TAG;
use super::{
    BYTES_HARD, Envelope, HEADER_BYTES, Header, ITEMS_HARD, IndexEntry, PREFIX_BYTES, merkle,
};
use crate::digest::Digest;
use crate::keys::{KeyId, KeySet, Signature};
use crate::place::Lane;
use crate::wire::{Malformed, Reader, Wire as _, decode};

/// What the receiver expects of a bundle.
#[derive(Clone, Copy, Debug)]
pub struct Expect<'a> {
    /// The lane the bundle arrived on.
    pub lane: Lane,
    /// The keys of this installation.
    pub keys: &'a KeySet,
}

/// Why bytes are not an acceptable bundle. All of these mean "not received".
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BundleFault {
    /// Fewer or more bytes than the header says.
    #[error("the file has {found} bytes, its header says {expected}")]
    Size {
        /// By the header.
        expected: u64,
        /// In the file.
        found: u64,
    },
    /// Too short for a header, or no header.
    #[error("no bundle header: {0}")]
    NoHeader(Malformed),
    /// For another lane, town or kind of installation.
    #[error("a bundle for another lane or installation")]
    NotOurs,
    /// The signer is not in the key set for this lane and number.
    #[error("signed by {0}, which may not sign this lane and number")]
    UnknownSigner(KeyId),
    /// The signature does not fit.
    #[error("the signature does not fit the header")]
    BadSignature,
    /// More items or bytes than allowed.
    #[error("over the limits of a bundle")]
    TooLarge,
    /// The body is not the one that was signed.
    #[error("the body does not fit its hash")]
    BadBody,
    /// Signed, but the index or an item contradicts the header.
    #[error("the index contradicts the header or an item")]
    BadIndex,
}

/// A header whose signature was verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Header and signature.
    pub envelope: Envelope,
    /// The header's hash.
    pub hash: Digest,
}

impl Verified {
    /// The verified header.
    #[must_use]
    pub const fn header(&self) -> &Header {
        &self.envelope.header
    }

    /// Length the whole file must have, in bytes.
    #[must_use]
    pub const fn file_bytes(&self) -> u64 {
        self.envelope.header.body_bytes.saturating_add(PREFIX_BYTES as u64)
    }
}

/// A verified bundle.
#[derive(Clone, Debug)]
pub struct Bundle<'a> {
    /// The verified header.
    pub verified: Verified,
    /// The items in order.
    pub items: Vec<BundleItem<'a>>,
}

/// One item of a verified bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BundleItem<'a> {
    /// What the index says.
    pub entry: IndexEntry,
    /// The sealed item.
    pub sealed: &'a [u8],
}

/// Bytes at the end of a bundle that are never all zero: those of its last item, sealed.
const TAIL: usize = 16;

/// Whether a file that is no acceptable bundle may become one: it is shorter than it says, or its
/// end is not written, as while somebody copies it under its last name.
#[must_use]
pub fn may_be_unfinished(file: &[u8], expect: &Expect<'_>) -> bool {
    let tail = &file[file.len().saturating_sub(TAIL)..];
    if file.len() < PREFIX_BYTES || tail.iter().all(|byte| *byte == 0) {
        return true;
    }
    verify_prefix(file, expect).is_ok_and(|verified| (file.len() as u64) < verified.file_bytes())
}

/// Verifies header and signature; reads nothing else.
///
/// # Errors
/// [`BundleFault`] when they are not a bundle the receiver may accept.
pub fn verify_prefix(prefix: &[u8], expect: &Expect<'_>) -> Result<Verified, BundleFault> {
    let (header_bytes, rest) = prefix
        .split_first_chunk::<HEADER_BYTES>()
        .ok_or(BundleFault::NoHeader(Malformed::TooShort))?;
    let signature = rest
        .first_chunk()
        .map(|bytes| Signature(*bytes))
        .ok_or(BundleFault::NoHeader(Malformed::TooShort))?;
    let header: Header = decode(header_bytes).map_err(BundleFault::NoHeader)?;
    let keys = expect.keys;
    if header.lane != expect.lane
        || header.tenant != keys.tenant
        || header.environment != keys.environment
    {
        return Err(BundleFault::NotOurs);
    }
    let signer = keys
        .signer(header.lane, header.signer, header.seq)
        .ok_or(BundleFault::UnknownSigner(header.signer))?;
    if !signer.verifies(SIGN_TAG, header_bytes, &signature) {
        return Err(BundleFault::BadSignature);
    }
    let fits = header.items as usize <= ITEMS_HARD
        && header.items > 0
        && header.seq > 0
        && header.body_bytes <= (BYTES_HARD - PREFIX_BYTES) as u64;
    if !fits {
        return Err(BundleFault::TooLarge);
    }
    Ok(Verified { envelope: Envelope { header, signature }, hash: header.hash() })
}

/// Verifies a whole file without looking into it: for hosts that pass bundles
/// on and have no business with their items.
///
/// # Errors
/// [`BundleFault`] when it is not a bundle of this lane.
pub fn verify_closed(file: &[u8], expect: &Expect<'_>) -> Result<Verified, BundleFault> {
    let verified = verify_size(file, expect)?;
    body_is_whole(file, &verified)?;
    Ok(verified)
}

/// Verifies a whole file and gives its items. The signed root over the index says every byte of
/// the body: its hash is asked only to tell a broken file from a lying index.
///
/// # Errors
/// [`BundleFault`] when it is not a bundle the receiver may accept.
pub fn verify<'a>(file: &'a [u8], expect: &Expect<'_>) -> Result<Bundle<'a>, BundleFault> {
    let verified = verify_size(file, expect)?;
    let Some(items) = items(&file[PREFIX_BYTES..], verified.header()) else {
        body_is_whole(file, &verified)?;
        return Err(BundleFault::BadIndex);
    };
    Ok(Bundle { verified, items })
}

fn verify_size(file: &[u8], expect: &Expect<'_>) -> Result<Verified, BundleFault> {
    let verified = verify_prefix(file, expect)?;
    let (expected, found) = (verified.file_bytes(), file.len() as u64);
    if expected == found { Ok(verified) } else { Err(BundleFault::Size { expected, found }) }
}

fn body_is_whole(file: &[u8], verified: &Verified) -> Result<(), BundleFault> {
    let whole = Digest::of(&file[PREFIX_BYTES..]) == verified.header().body_sha256;
    if whole { Ok(()) } else { Err(BundleFault::BadBody) }
}

/// `None` when index, items and header do not agree to the last byte.
fn items<'a>(body: &'a [u8], header: &Header) -> Option<Vec<BundleItem<'a>>> {
    let mut from = Reader::new(body);
    let entries: Vec<IndexEntry> =
        (0..header.items).map(|_| IndexEntry::read(&mut from).ok()).collect::<Option<_>>()?;
    if merkle::root(&entries) != header.merkle_root {
        return None;
    }
    let mut items = Vec::with_capacity(entries.len());
    for entry in entries {
        let sealed = from.raw(entry.size as usize).ok()?;
        if Digest::of(sealed) != entry.sha256 {
            return None;
        }
        items.push(BundleItem { entry, sealed });
    }
    (from.left() == 0).then_some(items)
}
