//! The key set: the public list of all keys of one installation, signed by the
//! offline root. `docs/wire/keyset.md` draws it.

use crate::digest::Digest;
use crate::keys::{KeyId, SIGNATURE_BYTES, SealKey, Signature, SigningKey, VerifyKey};
use crate::place::{Environment, Host, Lane, Tenant};
use crate::wire::{Malformed, Reader, Wire, Writer, decode, encode, record};

const MAGIC: &[u8; 8] = b"MADOKEYS";
const TAG: &[u8] = b"madoguchi/keyset/v1\0";
/// A key set is a list of a few dozen keys.
const LARGEST: usize = 64 * 1024;

/// What a key is for. A key works for nothing else (I8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Signs bundles and heads of one lane. Ed25519.
    Sign(Lane),
    /// Items of one lane are sealed to it. X25519.
    Seal(Lane),
    /// Signs what became of an attachment. Ed25519, held by the sanitizer.
    Verdict,
    /// Identifies a host on a connection. Ed25519 raw public key.
    Transport(Host),
    /// One person who may sign that a lane begins anew; two must. Ed25519.
    Operator,
}

impl Wire for Purpose {
    fn write(&self, out: &mut Writer) {
        match self {
            Self::Sign(lane) => out.raw(&[1, lane.code()]),
            Self::Seal(lane) => out.raw(&[2, lane.code()]),
            Self::Verdict => out.raw(&[3, 0]),
            Self::Transport(host) => out.raw(&[4, host.code()]),
            Self::Operator => out.raw(&[5, 0]),
        }
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        let [purpose, about] = from.array()?;
        match purpose {
            1 => Lane::from_code(about).map(Self::Sign),
            2 => Lane::from_code(about).map(Self::Seal),
            3 => (about == 0).then_some(Self::Verdict),
            4 => Host::from_code(about).map(Self::Transport),
            5 => (about == 0).then_some(Self::Operator),
            _ => None,
        }
        .ok_or(Malformed::UnknownTag)
    }
}

impl Wire for [u8; 32] {
    fn write(&self, out: &mut Writer) {
        out.raw(self);
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        from.array()
    }
}

record! {
    /// One public key and where it is valid. Validity is in sequence numbers,
    /// not in time, so that a wrong clock cannot stop a lane.
    pub struct KeyEntry {
        /// What it is for.
        pub purpose: Purpose,
        /// The public half.
        pub public: [u8; 32],
        /// First bundle number it may sign or seal; 0 for keys without numbers.
        pub valid_from: u64,
        /// Last bundle number, or `u64::MAX` while it is in use.
        pub valid_until: u64,
    }
}

impl KeyEntry {
    /// The key's short name.
    #[must_use]
    pub fn id(&self) -> KeyId {
        KeyId::of(&self.public)
    }

    /// Whether it is for this bundle number.
    #[must_use]
    pub fn covers(&self, seq: u64) -> bool {
        (self.valid_from..=self.valid_until).contains(&seq)
    }
}

record! {
    /// All public keys of one installation.
    pub struct KeySet {
        /// The town.
        pub tenant: Tenant,
        /// The kind of installation.
        pub environment: Environment,
        /// Rises with every new set; an older set is refused.
        pub version: u32,
        /// The keys, newest last within a purpose.
        pub keys: Vec<KeyEntry>,
    }
}

/// Why a key set file is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadKeySet {
    /// It is not a key set file.
    #[error("not a key set file")]
    NotAKeySet,
    /// The root key did not sign it.
    #[error("the key set is not signed by the root key")]
    NotSigned,
    /// Signed, but its content cannot be read.
    #[error("the key set cannot be read: {0}")]
    Malformed(#[from] Malformed),
    /// Its version is lower than one seen before.
    #[error("key set version {found} is older than version {seen} seen before")]
    RolledBack {
        /// The version in the file.
        found: u32,
        /// The version seen before.
        seen: u32,
    },
    /// For another town or kind of installation.
    #[error("the key set is for another town or another kind of installation")]
    OtherInstallation,
    /// It lists no key any more that items of a lane can be sealed to.
    #[error("the key set lists no key to seal items of lane {0} to")]
    NoSealKey(Lane),
    /// The root signed two sets under one version.
    #[error("another key set of version {0} is in use here")]
    TwoOfOneVersion(u32),
}

impl KeySet {
    /// The signed file: magic ‖ signature ‖ content.
    #[must_use]
    pub fn sign(&self, root: &SigningKey) -> Vec<u8> {
        let content = encode(self);
        let signature = root.sign(TAG, &content);
        [MAGIC.as_slice(), &signature.0, &content].concat()
    }

    /// Reads a signed file. Nothing of the content is read before the
    /// signature is verified.
    ///
    /// # Errors
    /// [`BadKeySet`] for a wrong file, signature or content, or when the
    /// version is below `seen`, the newest version known before.
    pub fn open(file: &[u8], root: &VerifyKey, seen: u32) -> Result<Self, BadKeySet> {
        let rest = file.strip_prefix(MAGIC).ok_or(BadKeySet::NotAKeySet)?;
        let (signature, content) =
            rest.split_first_chunk::<SIGNATURE_BYTES>().ok_or(BadKeySet::NotAKeySet)?;
        if content.len() > LARGEST || !root.verifies(TAG, content, &Signature(*signature)) {
            return Err(BadKeySet::NotSigned);
        }
        let set: Self = decode(content)?;
        if set.version < seen {
            let found = set.version;
            return Err(BadKeySet::RolledBack { found, seen });
        }
        Ok(set)
    }

    /// Whether it may take the place of the set before.
    ///
    /// # Errors
    /// [`BadKeySet`] when it is for another installation, older, different under the
    /// same version, or leaves a lane without a key to seal to.
    pub fn follows(&self, before: &Self) -> Result<(), BadKeySet> {
        if (self.tenant, self.environment) != (before.tenant, before.environment) {
            return Err(BadKeySet::OtherInstallation);
        }
        if self.version < before.version {
            return Err(BadKeySet::RolledBack { found: self.version, seen: before.version });
        }
        let lost = Lane::ALL
            .iter()
            .find(|lane| before.seal_key(**lane).is_some() && self.seal_key(**lane).is_none());
        if let Some(lane) = lost {
            return Err(BadKeySet::NoSealKey(*lane));
        }
        if self.version == before.version && self != before {
            return Err(BadKeySet::TwoOfOneVersion(self.version));
        }
        Ok(())
    }

    /// The key that may have signed bundle `seq` of a lane under this id.
    #[must_use]
    pub fn signer(&self, lane: Lane, id: KeyId, seq: u64) -> Option<VerifyKey> {
        self.of(Purpose::Sign(lane))
            .find(|key| key.id() == id && key.covers(seq))
            .map(|key| VerifyKey(key.public))
    }

    /// The key new items of a lane are sealed to: the newest one in use.
    #[must_use]
    pub fn seal_key(&self, lane: Lane) -> Option<SealKey> {
        self.of(Purpose::Seal(lane))
            .filter(|key| key.valid_until == u64::MAX)
            .last()
            .map(|key| SealKey(key.public))
    }

    /// The keys that new items of a lane may be sealed to, in the order in which
    /// they are turned to.
    pub fn seal_keys(&self, lane: Lane) -> impl Iterator<Item = SealKey> + '_ {
        self.of(Purpose::Seal(lane))
            .filter(|key| key.valid_until == u64::MAX)
            .map(|key| SealKey(key.public))
    }

    /// The same set with one of its keys as the one that new items of a lane are
    /// sealed to; unchanged when it lists no such key.
    #[must_use]
    pub fn turned_to(mut self, lane: Lane, id: KeyId) -> Self {
        let is_it = |key: &KeyEntry| key.purpose == Purpose::Seal(lane) && key.id() == id;
        if let Some(place) = self.keys.iter().position(is_it) {
            let entry = self.keys.remove(place);
            self.keys.push(entry);
        }
        self
    }

    /// Whether an item in bundle `seq` of a lane may be sealed to this key (I8).
    #[must_use]
    pub fn may_be_sealed_to(&self, lane: Lane, id: KeyId, seq: u64) -> bool {
        self.of(Purpose::Seal(lane)).any(|key| key.id() == id && key.covers(seq))
    }

    /// The key of an operator.
    #[must_use]
    pub fn operator(&self, id: KeyId) -> Option<VerifyKey> {
        self.of(Purpose::Operator).find(|key| key.id() == id).map(|key| VerifyKey(key.public))
    }

    /// Every key that may have signed a verdict.
    pub fn verdict_keys(&self) -> impl Iterator<Item = VerifyKey> + '_ {
        self.of(Purpose::Verdict).map(|key| VerifyKey(key.public))
    }

    /// Every key a host may show on a connection.
    pub fn transport_keys(&self, host: Host) -> impl Iterator<Item = VerifyKey> + '_ {
        self.of(Purpose::Transport(host)).map(|key| VerifyKey(key.public))
    }

    /// Whether a private key with this public half is listed for the purpose.
    #[must_use]
    pub fn lists(&self, purpose: Purpose, public: &[u8; 32]) -> bool {
        self.of(purpose).any(|key| key.public == *public)
    }

    /// SHA-256 of the content, for people to compare by eye.
    #[must_use]
    pub fn fingerprint(&self) -> Digest {
        Digest::of(&encode(self))
    }

    /// The entries for one purpose.
    pub fn of(&self, purpose: Purpose) -> impl Iterator<Item = &KeyEntry> {
        self.keys.iter().filter(move |key| key.purpose == purpose)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(version: u32, keys: Vec<KeyEntry>) -> KeySet {
        KeySet {
            tenant: Tenant::parse("mirai").expect("a good name"),
            environment: Environment::Demo,
            version,
            keys,
        }
    }

    /// NN-18: only the offline root makes a key valid, and an old list cannot come back.
    #[test]
    fn a_key_set_needs_the_root_and_never_goes_back() {
        let (root, _) = SigningKey::generate();
        let file = set(3, vec![]).sign(&root);
        assert_eq!(KeySet::open(&file, &root.verify_key(), 3), Ok(set(3, vec![])));
        let refused = KeySet::open(&file, &root.verify_key(), 4);
        assert_eq!(refused, Err(BadKeySet::RolledBack { found: 3, seen: 4 }));

        let other = SigningKey::generate().0.verify_key();
        assert_eq!(KeySet::open(&file, &other, 0), Err(BadKeySet::NotSigned));
        let mut changed = file.clone();
        let last = changed.len() - 5;
        changed[last] ^= 1;
        let refused = KeySet::open(&changed, &root.verify_key(), 0);
        assert_eq!(refused, Err(BadKeySet::NotSigned));
        for end in 0..file.len() {
            assert!(KeySet::open(&file[..end], &root.verify_key(), 0).is_err());
        }
    }

    /// I8: a key works only for its lane and its range of numbers.
    #[test]
    fn a_signer_is_found_for_its_lane_and_numbers_only() {
        let public = SigningKey::generate().0.verify_key();
        let entry = KeyEntry {
            purpose: Purpose::Sign(Lane::Raw),
            public: public.0,
            valid_from: 10,
            valid_until: 20,
        };
        let set = set(1, vec![entry]);
        assert_eq!(set.signer(Lane::Raw, public.id(), 10), Some(public));
        assert_eq!(set.signer(Lane::Raw, public.id(), 20), Some(public));
        assert_eq!(set.signer(Lane::Raw, public.id(), 9), None);
        assert_eq!(set.signer(Lane::Raw, public.id(), 21), None);
        assert_eq!(set.signer(Lane::In, public.id(), 10), None);
    }

    /// I8: an item may be sealed to a key of its lane and within its numbers only.
    #[test]
    fn a_seal_key_is_for_its_lane_and_numbers_only() {
        let purpose = Purpose::Seal(Lane::Raw);
        let entry = KeyEntry { purpose, public: [7; 32], valid_from: 5, valid_until: 9 };
        let (id, set) = (entry.id(), set(1, vec![entry]));
        assert!(set.may_be_sealed_to(Lane::Raw, id, 5) && set.may_be_sealed_to(Lane::Raw, id, 9));
        assert!(
            !set.may_be_sealed_to(Lane::Raw, id, 4) && !set.may_be_sealed_to(Lane::Raw, id, 10)
        );
        assert!(!set.may_be_sealed_to(Lane::In, id, 5));
        assert_eq!(set.seal_key(Lane::Raw), None, "a key that ends is not sealed to any more");
        assert_eq!((set.operator(id), set.signer(Lane::Raw, id, 5)), (None, None));
    }

    #[test]
    fn a_set_turns_to_a_key_it_lists() {
        let entry = |number| {
            let purpose = Purpose::Seal(Lane::Raw);
            KeyEntry { purpose, public: [number; 32], valid_from: 0, valid_until: u64::MAX }
        };
        let first = entry(1).id();
        let set = set(1, vec![entry(1), entry(2)]);
        assert_eq!(set.seal_key(Lane::Raw), Some(SealKey([2; 32])));
        assert_eq!(
            set.clone().turned_to(Lane::Raw, first).seal_key(Lane::Raw),
            Some(SealKey([1; 32]))
        );
        assert_eq!(set.clone().turned_to(Lane::In, first), set);
    }
}
