//! Ed25519 signatures.

use std::fmt;

use ring::rand::SystemRandom;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use zeroize::Zeroizing;

use super::{KeyId, KeySet};
use crate::place::Lane;
use crate::wire::{Malformed, Reader, Wire, Writer};

/// Length of a signature in bytes.
pub const SIGNATURE_BYTES: usize = 64;

/// An Ed25519 signature. It is deterministic: the same key and bytes give the
/// same signature, which makes bundles reproducible.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Signature(pub [u8; SIGNATURE_BYTES]);

impl fmt::Debug for Signature {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Signature({}…)", crate::digest::hex(&self.0[..8]))
    }
}

/// 64 bytes, no length.
impl Wire for Signature {
    fn write(&self, out: &mut Writer) {
        out.raw(&self.0);
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        from.array().map(Self)
    }
}

/// A private Ed25519 key.
pub struct SigningKey(Ed25519KeyPair);

impl SigningKey {
    /// Reads a PKCS#8 document; `None` when it is not an Ed25519 key.
    #[must_use]
    pub fn from_pkcs8(document: &[u8]) -> Option<Self> {
        Ed25519KeyPair::from_pkcs8_maybe_unchecked(document).ok().map(Self)
    }

    /// Makes a new key and gives its PKCS#8 document.
    ///
    /// # Panics
    /// When the operating system gives no random bytes.
    #[must_use]
    pub fn generate() -> (Self, Zeroizing<Vec<u8>>) {
        let made = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new())
            .expect("the operating system has random bytes");
        let document = Zeroizing::new(made.as_ref().to_vec());
        let key = Self::from_pkcs8(&document).expect("a key just made reads back");
        (key, document)
    }

    /// The key whose private half is this seed; for frozen test examples.
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Option<Self> {
        Ed25519KeyPair::from_seed_unchecked(seed).ok().map(Self)
    }

    /// Signs the tag and the bytes.
    #[must_use]
    pub fn sign(&self, tag: &[u8], bytes: &[u8]) -> Signature {
        let mut signature = [0; SIGNATURE_BYTES];
        signature.copy_from_slice(self.0.sign(&[tag, bytes].concat()).as_ref());
        Signature(signature)
    }

    /// The public half.
    #[must_use]
    pub fn verify_key(&self) -> VerifyKey {
        let mut public = [0; 32];
        public.copy_from_slice(self.0.public_key().as_ref());
        VerifyKey(public)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "SigningKey({})", self.verify_key().id())
    }
}

/// The private keys of one lane's signer: the one in use and those that follow.
#[derive(Debug, Default)]
pub struct SigningKeys(Vec<SigningKey>);

impl SigningKeys {
    /// Keys from elsewhere than a folder.
    #[must_use]
    pub const fn new(keys: Vec<SigningKey>) -> Self {
        Self(keys)
    }

    /// The key that the set lists for this number of a lane; the last one when
    /// there are several (I8).
    #[must_use]
    pub fn for_bundle(&self, set: &KeySet, lane: Lane, seq: u64) -> Option<&SigningKey> {
        self.0.iter().rfind(|key| set.signer(lane, key.verify_key().id(), seq).is_some())
    }
}

impl From<SigningKey> for SigningKeys {
    fn from(key: SigningKey) -> Self {
        Self(vec![key])
    }
}

/// A public Ed25519 key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VerifyKey(pub [u8; 32]);

impl VerifyKey {
    /// The key's short name.
    #[must_use]
    pub fn id(&self) -> KeyId {
        KeyId::of(&self.0)
    }

    /// Whether the signature over the tag and the bytes was made by this key.
    #[must_use]
    pub fn verifies(&self, tag: &[u8], bytes: &[u8], signature: &Signature) -> bool {
        UnparsedPublicKey::new(&ED25519, &self.0)
            .verify(&[tag, bytes].concat(), &signature.0)
            .is_ok()
    }

    /// The SubjectPublicKeyInfo of the key, as TLS shows it (RFC 8410, RFC 7250).
    #[must_use]
    pub fn spki(&self) -> [u8; 44] {
        const PREFIX: [u8; 12] =
            [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
        let mut spki = [0; 44];
        spki[..12].copy_from_slice(&PREFIX);
        spki[12..].copy_from_slice(&self.0);
        spki
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NN-18: a signature holds for its key, tag and bytes only.
    #[test]
    fn a_signature_fits_one_key_one_tag_and_one_text() {
        let (key, document) = SigningKey::generate();
        let public =
            SigningKey::from_pkcs8(&document).expect("the document reads back").verify_key();
        let signature = key.sign(b"tag", b"text");
        assert!(public.verifies(b"tag", b"text", &signature));
        assert!(!public.verifies(b"tig", b"text", &signature));
        assert!(!public.verifies(b"tag", b"test", &signature));
        assert!(!SigningKey::generate().0.verify_key().verifies(b"tag", b"text", &signature));
        assert_eq!(SigningKey::from_pkcs8(b"nonsense").map(|_| ()), None);
    }
}
