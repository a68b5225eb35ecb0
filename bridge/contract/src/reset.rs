//! A lane begins anew: two operators sign where the old epoch ended for both ends and
//! which epoch follows. Nothing else makes a receiver take another epoch.
//! `docs/wire/reset.md` draws it.

use jiff::Timestamp;

use crate::digest::Digest;
use crate::keys::{KeyId, KeySet, Signature, SigningKey};
use crate::place::{Environment, Lane, Tenant};
use crate::wire::{Malformed, Reader, Wire, Writer, decode, encode};

const MAGIC: &[u8; 8] = b"MADORSET";
const VERSION: u16 = 1;
const TAG: &[u8] = b"madoguchi/reset/v1\0";
const HASH_TAG: &[u8] = b"madoguchi/reset-hash/v1\0";
/// So many different operators must sign.
pub const SIGNERS: usize = 2;
/// No document has more signatures.
const MOST: usize = 8;

/// What operators sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reset {
    /// The town.
    pub tenant: Tenant,
    /// The kind of installation.
    pub environment: Environment,
    /// The lane that begins anew.
    pub lane: Lane,
    /// The epoch that ends.
    pub old_epoch: u32,
    /// The last bundle of it that both ends count.
    pub old_seq: u64,
    /// Hash of its header; zeros before the first.
    pub old_hash: Digest,
    /// When it was proposed; shown, never used to decide.
    pub at: Timestamp,
}

/// A reset with the signatures it has so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResetDocument {
    /// What is signed.
    pub reset: Reset,
    /// By whom.
    pub signatures: Vec<(KeyId, Signature)>,
}

/// Why a document resets nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadReset {
    /// No reset document.
    #[error("not a reset document: {0}")]
    Malformed(#[from] Malformed),
    /// For another town or kind of installation.
    #[error("the reset is for another installation")]
    NotOurs,
    /// One of the signatures is nobody's here.
    #[error("{0} is not an operator's key, or did not sign this")]
    NotAnOperator(KeyId),
    /// One person is not two.
    #[error("two different operators must sign; this has {0}")]
    TooFew(usize),
    /// The same person again.
    #[error("this operator signed already; another one must")]
    Twice,
    /// There is no epoch after it.
    #[error("there is no epoch after this one")]
    NoEpoch,
}

impl Reset {
    /// The epoch that begins; its first bundle is number 1.
    #[must_use]
    pub const fn new_epoch(&self) -> u32 {
        self.old_epoch.saturating_add(1)
    }

    /// What the first bundle of the new epoch names as the header before it.
    #[must_use]
    pub fn hash(&self) -> Digest {
        Digest::tagged(HASH_TAG, &encode(self))
    }

    /// A document without signatures.
    #[must_use]
    pub const fn proposed(self) -> ResetDocument {
        ResetDocument { reset: self, signatures: Vec::new() }
    }
}

impl ResetDocument {
    /// Adds an operator's signature.
    ///
    /// # Errors
    /// [`BadReset`] when the key is no operator's, or signed already.
    pub fn sign(&mut self, key: &SigningKey, keys: &KeySet) -> Result<(), BadReset> {
        let id = key.verify_key().id();
        if keys.operator(id).is_none() {
            return Err(BadReset::NotAnOperator(id));
        }
        if self.signatures.iter().any(|(signer, _)| *signer == id) {
            return Err(BadReset::Twice);
        }
        self.signatures.push((id, key.sign(TAG, &encode(&self.reset))));
        Ok(())
    }

    /// The file.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        encode(self)
    }

    /// Reads a file whose signatures may not be complete yet.
    ///
    /// # Errors
    /// [`BadReset`] when it is none.
    pub fn read(file: &[u8]) -> Result<Self, BadReset> {
        Ok(decode(file)?)
    }

    /// Reads a file and makes sure that two operators of this installation signed it.
    ///
    /// # Errors
    /// [`BadReset`] says what is missing.
    pub fn open(file: &[u8], keys: &KeySet) -> Result<Self, BadReset> {
        let document = Self::read(file)?;
        let reset = &document.reset;
        if (reset.tenant, reset.environment) != (keys.tenant, keys.environment) {
            return Err(BadReset::NotOurs);
        }
        if reset.old_epoch == u32::MAX {
            return Err(BadReset::NoEpoch);
        }
        let mut signers: Vec<KeyId> = Vec::new();
        for (id, signature) in &document.signatures {
            let key = keys.operator(*id).ok_or(BadReset::NotAnOperator(*id))?;
            if !key.verifies(TAG, &encode(reset), signature) {
                return Err(BadReset::NotAnOperator(*id));
            }
            if signers.contains(id) {
                return Err(BadReset::Twice);
            }
            signers.push(*id);
        }
        if signers.len() < SIGNERS { Err(BadReset::TooFew(signers.len())) } else { Ok(document) }
    }
}

impl Wire for Reset {
    fn write(&self, out: &mut Writer) {
        out.raw(MAGIC);
        VERSION.write(out);
        self.lane.write(out);
        self.environment.write(out);
        self.tenant.write(out);
        self.old_epoch.write(out);
        self.old_seq.write(out);
        self.old_hash.write(out);
        self.at.write(out);
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
            old_epoch: u32::read(from)?,
            old_seq: u64::read(from)?,
            old_hash: Digest::read(from)?,
            at: Timestamp::read(from)?,
        })
    }
}

impl Wire for ResetDocument {
    fn write(&self, out: &mut Writer) {
        self.reset.write(out);
        u32::try_from(self.signatures.len()).unwrap_or(u32::MAX).write(out);
        for (id, signature) in &self.signatures {
            id.write(out);
            signature.write(out);
        }
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        let reset = Reset::read(from)?;
        let signatures = (0..from.length(MOST)?)
            .map(|_| Ok((KeyId::read(from)?, Signature::read(from)?)))
            .collect::<Result<_, Malformed>>()?;
        Ok(Self { reset, signatures })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::keys::{KeyEntry, Purpose};

    fn keys(operators: &[&SigningKey]) -> KeySet {
        let entry = |key: &&SigningKey| KeyEntry {
            purpose: Purpose::Operator,
            public: key.verify_key().0,
            valid_from: 0,
            valid_until: u64::MAX,
        };
        KeySet {
            tenant: Tenant::parse("mirai").expect("a good name"),
            environment: Environment::Demo,
            version: 1,
            keys: operators.iter().map(entry).collect(),
        }
    }

    fn reset() -> Reset {
        Reset {
            tenant: Tenant::parse("mirai").expect("a good name"),
            environment: Environment::Demo,
            lane: Lane::Raw,
            old_epoch: 1,
            old_seq: 15,
            old_hash: Digest::of(b"head"),
            at: Timestamp::UNIX_EPOCH,
        }
    }

    /// I14: a lane begins anew when two different operators say so, not before.
    #[test]
    fn two_different_operators_must_sign() {
        let (one, two) = (SigningKey::generate().0, SigningKey::generate().0);
        let stranger = SigningKey::generate().0;
        let keys = keys(&[&one, &two]);
        let mut document = reset().proposed();
        assert_eq!(ResetDocument::open(&document.to_bytes(), &keys), Err(BadReset::TooFew(0)));
        document.sign(&one, &keys).expect("an operator");
        assert_eq!(ResetDocument::open(&document.to_bytes(), &keys), Err(BadReset::TooFew(1)));
        assert_eq!(document.sign(&one, &keys), Err(BadReset::Twice));
        let id = stranger.verify_key().id();
        assert_eq!(document.sign(&stranger, &keys), Err(BadReset::NotAnOperator(id)));
        let mut doubled = document.clone();
        doubled.signatures.push(doubled.signatures[0]);
        assert_eq!(ResetDocument::open(&doubled.to_bytes(), &keys), Err(BadReset::Twice));
        document.sign(&two, &keys).expect("another operator");
        let file = document.to_bytes();
        assert_eq!(ResetDocument::open(&file, &keys).as_ref(), Ok(&document));
        for place in 0..file.len() {
            let mut changed = file.clone();
            changed[place] ^= 1;
            assert!(ResetDocument::open(&changed, &keys).is_err(), "byte {place}");
        }
        let other = KeySet { environment: Environment::Training, ..keys };
        assert_eq!(ResetDocument::open(&file, &other), Err(BadReset::NotOurs));
    }

    proptest! {
        #[test]
        fn hostile_resets_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let whole = [encode(&reset()), bytes.clone()].concat();
            for file in [bytes, whole] {
                if let Ok(document) = ResetDocument::read(&file) {
                    prop_assert_eq!(document.to_bytes(), file);
                }
            }
        }
    }
}
