//! The two halves of a sealing key: X25519, used through HPKE.

use std::fmt;

use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable as _, Kem, Serializable as _};
use zeroize::Zeroizing;

use super::KeyId;
use crate::digest::Digest;
use crate::place::Lane;
use crate::seal::Met;

const SEED_TAG: &[u8] = b"madoguchi/seal-seed/v1\0";

/// Anyone with this can seal; only the holder of the [`OpenKey`] can open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SealKey(pub [u8; 32]);

impl SealKey {
    /// The key's short name.
    #[must_use]
    pub fn id(&self) -> KeyId {
        KeyId::of(&self.0)
    }

    pub(crate) fn hpke(&self) -> Option<<X25519HkdfSha256 as Kem>::PublicKey> {
        <X25519HkdfSha256 as Kem>::PublicKey::from_bytes(&self.0).ok()
    }
}

/// The private half of a sealing key. Wiped when dropped.
pub struct OpenKey {
    private: <X25519HkdfSha256 as Kem>::PrivateKey,
    public: SealKey,
    met: Met,
}

impl OpenKey {
    /// Reads the 32 bytes of a key file; `None` when they are no key.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let private = <X25519HkdfSha256 as Kem>::PrivateKey::from_bytes(bytes).ok()?;
        let public = SealKey(X25519HkdfSha256::sk_to_pk(&private).to_bytes().into());
        Some(Self { private, public, met: Met::default() })
    }

    /// Makes a new key and gives the 32 bytes for its file.
    ///
    /// # Panics
    /// When the operating system gives no random bytes.
    #[must_use]
    pub fn generate() -> (Self, Zeroizing<[u8; 32]>) {
        let (private, public) = X25519HkdfSha256::gen_keypair();
        let bytes = Zeroizing::new(private.to_bytes().into());
        let public = SealKey(public.to_bytes().into());
        (Self { private, public, met: Met::default() }, bytes)
    }

    /// The key of a lane with this number that a seed gives, and the 32 bytes for its
    /// file. Whoever has the seed has all of them, so it lives in escrow only.
    #[must_use]
    pub fn from_seed(seed: &[u8; 32], lane: Lane, number: u32) -> (Self, Zeroizing<[u8; 32]>) {
        let mut place = Zeroizing::new(seed.to_vec());
        place.push(lane.code());
        place.extend_from_slice(&number.to_be_bytes());
        let material = Zeroizing::new(Digest::tagged(SEED_TAG, &place).0);
        let (private, public) = X25519HkdfSha256::derive_keypair(&*material);
        let bytes = Zeroizing::new(private.to_bytes().into());
        (Self { private, public: SealKey(public.to_bytes().into()), met: Met::default() }, bytes)
    }

    /// The public half.
    #[must_use]
    pub const fn seal_key(&self) -> SealKey {
        self.public
    }

    pub(crate) const fn hpke(&self) -> &<X25519HkdfSha256 as Kem>::PrivateKey {
        &self.private
    }

    pub(crate) const fn met(&self) -> &Met {
        &self.met
    }
}

impl fmt::Debug for OpenKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "OpenKey({})", self.public.id())
    }
}
