//! The fixed-size header of a bundle.

use jiff::Timestamp;

use crate::digest::Digest;
use crate::keys::{KeyId, SIGNATURE_BYTES};
use crate::place::{Environment, Lane, Tenant};
use crate::wire::{Malformed, Reader, Wire, Writer};

/// Length of a header in bytes.
pub const HEADER_BYTES: usize = 192;
/// Length of header and signature: what is read first.
pub const PREFIX_BYTES: usize = HEADER_BYTES + SIGNATURE_BYTES;

pub(super) const SIGN_TAG: &[u8] = b"madoguchi/bundle/v1\0";
const HASH_TAG: &[u8] = b"madoguchi/bundle-header/v1\0";
const MAGIC: &[u8; 8] = b"MADOBNDL";
const VERSION: u16 = 1;
const RESERVED: usize = 24;

/// What a bundle says about itself, all of it signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// The lane.
    pub lane: Lane,
    /// The kind of installation.
    pub environment: Environment,
    /// The town.
    pub tenant: Tenant,
    /// Rises only by an operator's signed reset.
    pub epoch: u32,
    /// Rises by one; the first bundle of an epoch is 1.
    pub seq: u64,
    /// Hash of the header before, or zeros before the first.
    pub prev: Digest,
    /// How many items.
    pub items: u32,
    /// Length of index and items in bytes.
    pub body_bytes: u64,
    /// SHA-256 of index and items.
    pub body_sha256: Digest,
    /// Root of the Merkle tree over the index entries.
    pub merkle_root: Digest,
    /// Which key signed.
    pub signer: KeyId,
    /// Version of the key set the sender knew.
    pub key_set_version: u32,
    /// The sender's clock. Shown to people, never used to order, expire or dedupe.
    pub at: Timestamp,
}

impl Header {
    /// The hash that the next header names as `prev`.
    #[must_use]
    pub fn hash(&self) -> Digest {
        Digest::tagged(HASH_TAG, &self.to_bytes())
    }

    /// The 192 bytes.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; HEADER_BYTES] {
        let mut bytes = [0; HEADER_BYTES];
        bytes.copy_from_slice(&crate::wire::encode(self));
        bytes
    }
}

impl Wire for Header {
    fn write(&self, out: &mut Writer) {
        out.raw(MAGIC);
        VERSION.write(out);
        self.lane.write(out);
        self.environment.write(out);
        self.tenant.write(out);
        self.epoch.write(out);
        self.seq.write(out);
        self.prev.write(out);
        self.items.write(out);
        self.body_bytes.write(out);
        self.body_sha256.write(out);
        self.merkle_root.write(out);
        self.signer.write(out);
        self.key_set_version.write(out);
        self.at.write(out);
        out.raw(&[0; RESERVED]);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        if from.array()? != *MAGIC {
            return Err(Malformed::UnknownTag);
        }
        if u16::read(from)? != VERSION {
            return Err(Malformed::UnknownVersion);
        }
        let header = Self {
            lane: Lane::read(from)?,
            environment: Environment::read(from)?,
            tenant: Tenant::read(from)?,
            epoch: u32::read(from)?,
            seq: u64::read(from)?,
            prev: Digest::read(from)?,
            items: u32::read(from)?,
            body_bytes: u64::read(from)?,
            body_sha256: Digest::read(from)?,
            merkle_root: Digest::read(from)?,
            signer: KeyId::read(from)?,
            key_set_version: u32::read(from)?,
            at: Timestamp::read(from)?,
        };
        if from.array()? != [0; RESERVED] {
            return Err(Malformed::NotCanonical);
        }
        Ok(header)
    }
}
