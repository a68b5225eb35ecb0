//! Keys: who may sign which lane, who can open it, and the signed list of them.

mod folder;
mod live;
mod make;
mod part;
mod sealing;
mod set;
mod signing;

pub use folder::{KeyFault, KeyFolder, OpenKeys};
pub use live::LiveKeys;
pub use make::{NewHostKeys, NewKeys, new_keys};
pub use part::{BadPart, Part, Who};
pub use sealing::{OpenKey, SealKey};
pub use set::{BadKeySet, KeyEntry, KeySet, Purpose};
pub use signing::{SIGNATURE_BYTES, Signature, SigningKey, SigningKeys, VerifyKey};

use std::fmt;

use crate::digest::{Digest, hex, unhex};
use crate::wire::{Malformed, Reader, Wire, Writer};

/// Short name of a key: the first 8 bytes of the SHA-256 of its public half.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(pub [u8; 8]);

impl KeyId {
    /// The id of a 32-byte public key.
    #[must_use]
    pub fn of(public: &[u8; 32]) -> Self {
        let mut id = [0; 8];
        id.copy_from_slice(&Digest::of(public).0[..8]);
        Self(id)
    }

    /// Reads the 16 hexadecimal characters of `Display`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        unhex(text).map(Self)
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&hex(&self.0))
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&hex(&self.0))
    }
}

/// 8 bytes, no length.
impl Wire for KeyId {
    fn write(&self, out: &mut Writer) {
        out.raw(&self.0);
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        from.array().map(Self)
    }
}
