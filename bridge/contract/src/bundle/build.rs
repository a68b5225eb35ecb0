//! Making a bundle. Its bytes are a pure function of what is given here.

use jiff::Timestamp;

use super::header::SIGN_TAG;
use super::{HEADER_BYTES, Header, IndexEntry, PREFIX_BYTES, index_bytes, merkle};
use crate::digest::Digest;
use crate::keys::{Signature, SigningKey};
use crate::place::{Environment, Lane, Tenant};

/// An item ready to travel.
#[derive(Clone, PartialEq, Eq)]
pub struct NewItem {
    /// The item's own id; sealed with it.
    pub uuid: String,
    /// The kind number of the message inside; sealed with it.
    pub kind: u16,
    /// Signed, clear bytes known only when the item was accepted.
    pub stamp: Vec<u8>,
    /// The sealed item.
    pub sealed: Vec<u8>,
}

impl std::fmt::Debug for NewItem {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("NewItem")
            .field("uuid", &self.uuid)
            .field("kind", &self.kind)
            .field("sealed_bytes", &self.sealed.len())
            .finish_non_exhaustive()
    }
}

/// The place of a bundle in its lane.
#[derive(Clone, Copy, Debug)]
pub struct Draft {
    /// The lane.
    pub lane: Lane,
    /// The epoch.
    pub epoch: u32,
    /// The number.
    pub seq: u64,
    /// Hash of the header before.
    pub prev: Digest,
    /// When the bundle got its number.
    pub at: Timestamp,
}

/// Who signs, for which installation.
#[derive(Clone, Copy, Debug)]
pub struct Signer<'a> {
    /// The town.
    pub tenant: Tenant,
    /// The kind of installation.
    pub environment: Environment,
    /// Version of the key set in use.
    pub key_set_version: u32,
    /// The lane's signing key.
    pub key: &'a SigningKey,
}

/// Header and signature: what a sender keeps to rebuild a bundle for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// The header.
    pub header: Header,
    /// The signature over it.
    pub signature: Signature,
}

/// A finished bundle.
#[derive(Clone, Debug)]
pub struct Built {
    /// Header and signature.
    pub envelope: Envelope,
    /// The whole file.
    pub bytes: Vec<u8>,
}

/// Builds and signs a bundle.
///
/// # Panics
/// When an item is 4 GiB or more; senders keep to the hard limits.
#[must_use]
pub fn build(draft: &Draft, items: &[NewItem], signer: &Signer<'_>) -> Built {
    let (index, mut bytes) = unsigned(items);
    let body = &bytes[PREFIX_BYTES..];
    let header = Header {
        lane: draft.lane,
        environment: signer.environment,
        tenant: signer.tenant,
        epoch: draft.epoch,
        seq: draft.seq,
        prev: draft.prev,
        items: u32::try_from(items.len()).expect("far fewer items than 4 billion"),
        body_bytes: body.len() as u64,
        body_sha256: Digest::of(body),
        merkle_root: merkle::root(&index),
        signer: signer.key.verify_key().id(),
        key_set_version: signer.key_set_version,
        at: draft.at,
    };
    let signature = signer.key.sign(SIGN_TAG, &header.to_bytes());
    let envelope = Envelope { header, signature };
    put_in_front(&envelope, &mut bytes);
    Built { envelope, bytes }
}

/// Rebuilds the file of a bundle from what the sender kept; needs no key.
/// `None` when the items are not the ones the header was made for (I5).
#[must_use]
pub fn rebuild(envelope: &Envelope, items: &[NewItem]) -> Option<Vec<u8>> {
    let (_, mut bytes) = unsigned(items);
    put_in_front(envelope, &mut bytes);
    (Digest::of(&bytes[PREFIX_BYTES..]) == envelope.header.body_sha256).then_some(bytes)
}

/// The file with room for header and signature, which are made of what follows them.
fn unsigned(items: &[NewItem]) -> (Vec<IndexEntry>, Vec<u8>) {
    let index: Vec<IndexEntry> = items
        .iter()
        .map(|item| IndexEntry {
            uuid: item.uuid.clone(),
            kind: item.kind,
            stamp: item.stamp.clone(),
            size: u32::try_from(item.sealed.len()).expect("an item is shorter than 4 GiB"),
            sha256: Digest::of(&item.sealed),
        })
        .collect();
    let written = index_bytes(&index);
    let sealed: usize = items.iter().map(|item| item.sealed.len()).sum();
    let mut bytes = Vec::with_capacity(PREFIX_BYTES + written.len() + sealed);
    bytes.resize(PREFIX_BYTES, 0);
    bytes.extend_from_slice(&written);
    for item in items {
        bytes.extend_from_slice(&item.sealed);
    }
    (index, bytes)
}

fn put_in_front(envelope: &Envelope, bytes: &mut [u8]) {
    bytes[..HEADER_BYTES].copy_from_slice(&envelope.header.to_bytes());
    bytes[HEADER_BYTES..PREFIX_BYTES].copy_from_slice(&envelope.signature.0);
}
