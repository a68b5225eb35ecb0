//! The signed head of a lane: how far the sender is. Also its heartbeat, so
//! that a lost tail is noticed. `docs/wire/head.md` draws it.

use jiff::Timestamp;

use crate::bundle::Signer;
use crate::digest::Digest;
use crate::keys::{KeyId, KeySet, SIGNATURE_BYTES, Signature};
use crate::place::{Environment, Lane, Tenant};
use crate::wire::{Malformed, Reader, Wire, Writer, decode, encode};

const MAGIC: &[u8; 8] = b"MADOHEAD";
const VERSION: u16 = 1;
const TAG: &[u8] = b"madoguchi/head/v1\0";
const CONTENT_BYTES: usize = 92;

/// Length of a signed head in bytes.
pub const HEAD_BYTES: usize = CONTENT_BYTES + SIGNATURE_BYTES;

/// How far a lane is, by its sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The lane.
    pub lane: Lane,
    /// The kind of installation.
    pub environment: Environment,
    /// The town.
    pub tenant: Tenant,
    /// The epoch.
    pub epoch: u32,
    /// Number of the newest bundle, 0 before the first.
    pub seq: u64,
    /// Hash of its header, zeros before the first.
    pub hash: Digest,
    /// The sender's clock when it signed.
    pub at: Timestamp,
    /// Which key signed.
    pub signer: KeyId,
    /// Version of the key set the sender knew.
    pub key_set_version: u32,
}

/// Why bytes are not an acceptable head.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeadFault {
    /// Not a head.
    #[error("not a head: {0}")]
    Malformed(#[from] Malformed),
    /// For another lane, town or kind of installation.
    #[error("a head for another lane or installation")]
    NotOurs,
    /// Not signed by a key of this lane.
    #[error("the head is not signed by a key of its lane")]
    NotSigned,
}

impl Head {
    /// The signed bytes of a head.
    #[must_use]
    pub fn sign(
        lane: Lane,
        (epoch, seq, hash): (u32, u64, Digest),
        at: Timestamp,
        signer: &Signer<'_>,
    ) -> Vec<u8> {
        let content = encode(&Self {
            lane,
            environment: signer.environment,
            tenant: signer.tenant,
            epoch,
            seq,
            hash,
            at,
            signer: signer.key.verify_key().id(),
            key_set_version: signer.key_set_version,
        });
        let signature = signer.key.sign(TAG, &content);
        [content.as_slice(), &signature.0].concat()
    }

    /// Reads and verifies a signed head of a lane.
    ///
    /// # Errors
    /// [`HeadFault`] when it is not a head this installation may believe.
    pub fn open(bytes: &[u8], lane: Lane, keys: &KeySet) -> Result<Self, HeadFault> {
        let (content, signature) =
            bytes.split_last_chunk::<SIGNATURE_BYTES>().ok_or(Malformed::TooShort)?;
        let head: Self = decode(content)?;
        if head.lane != lane || head.tenant != keys.tenant || head.environment != keys.environment {
            return Err(HeadFault::NotOurs);
        }
        // A head before the first bundle is signed by the key for bundle 1.
        let signer = keys.signer(lane, head.signer, head.seq.max(1));
        match signer {
            Some(key) if key.verifies(TAG, content, &Signature(*signature)) => Ok(head),
            Some(_) | None => Err(HeadFault::NotSigned),
        }
    }
}

impl Wire for Head {
    fn write(&self, out: &mut Writer) {
        out.raw(MAGIC);
        VERSION.write(out);
        self.lane.write(out);
        self.environment.write(out);
        self.tenant.write(out);
        self.epoch.write(out);
        self.seq.write(out);
        self.hash.write(out);
        self.at.write(out);
        self.signer.write(out);
        self.key_set_version.write(out);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        if from.array()? != *MAGIC {
            return Err(Malformed::UnknownTag);
        }
        if u16::read(from)? != VERSION {
            return Err(Malformed::UnknownVersion);
        }
        Ok(Self {
            lane: Lane::read(from)?,
            environment: Environment::read(from)?,
            tenant: Tenant::read(from)?,
            epoch: u32::read(from)?,
            seq: u64::read(from)?,
            hash: Digest::read(from)?,
            at: Timestamp::read(from)?,
            signer: KeyId::read(from)?,
            key_set_version: u32::read(from)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::{KeyEntry, Purpose, SigningKey};

    /// NN-18: only the lane's signer says how far the lane is.
    #[test]
    fn a_head_is_believed_from_its_lanes_signer_only() {
        let key = SigningKey::generate().0;
        let entry = KeyEntry {
            purpose: Purpose::Sign(Lane::Raw),
            public: key.verify_key().0,
            valid_from: 1,
            valid_until: 10,
        };
        let keys = KeySet {
            tenant: Tenant::parse("mirai").expect("a good name"),
            environment: Environment::Demo,
            version: 1,
            keys: vec![entry],
        };
        let sign = |lane, seq, key| {
            let (tenant, environment) = (keys.tenant, keys.environment);
            let signer = Signer { tenant, environment, key_set_version: 1, key };
            Head::sign(lane, (1, seq, Digest::ZERO), Timestamp::UNIX_EPOCH, &signer)
        };
        let good = sign(Lane::Raw, 0, &key);
        assert_eq!(good.len(), HEAD_BYTES);
        assert_eq!(Head::open(&good, Lane::Raw, &keys).map(|head| head.seq), Ok(0));
        assert_eq!(Head::open(&good, Lane::In, &keys), Err(HeadFault::NotOurs));
        let late = sign(Lane::Raw, 11, &key);
        assert_eq!(Head::open(&late, Lane::Raw, &keys), Err(HeadFault::NotSigned));
        let forged = sign(Lane::Raw, 5, &SigningKey::generate().0);
        assert_eq!(Head::open(&forged, Lane::Raw, &keys), Err(HeadFault::NotSigned));
        for place in 0..good.len() {
            let mut changed = good.clone();
            changed[place] ^= 1;
            assert!(Head::open(&changed, Lane::Raw, &keys).is_err(), "byte {place}");
            assert!(Head::open(&good[..place], Lane::Raw, &keys).is_err(), "cut at {place}");
        }
    }
}
