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
}

impl Wire for Purpose {
    fn write(&self, out: &mut Writer) {
        match self {
            Self::Sign(lane) => out.raw(&[1, lane.code()]),
            Self::Seal(lane) => out.raw(&[2, lane.code()]),
            Self::Verdict => out.raw(&[3, 0]),
            Self::Transport(host) => out.raw(&[4, host.code()]),
        }
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        let [purpose, about] = from.array()?;
        match purpose {
            1 => Lane::from_code(about).map(Self::Sign),
            2 => Lane::from_code(about).map(Self::Seal),
            3 => (about == 0).then_some(Self::Verdict),
            4 => Host::from_code(about).map(Self::Transport),
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

    fn covers(&self, seq: u64) -> bool {
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

    fn of(&self, purpose: Purpose) -> impl Iterator<Item = &KeyEntry> {
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
}
