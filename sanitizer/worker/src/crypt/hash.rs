//! Hashes by name, and the rounds that make guessing slow.

use md5::Md5;
use sha1::Sha1;
use sha2::digest::Output;
use sha2::{Digest, Sha256, Sha384, Sha512};

/// A hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hash {
    /// 16 bytes.
    Md5,
    /// 20 bytes.
    Sha1,
    /// 32 bytes.
    Sha256,
    /// 48 bytes.
    Sha384,
    /// 64 bytes.
    Sha512,
}

impl Hash {
    /// The hash of parts one after the other.
    pub(crate) fn of(self, parts: &[&[u8]]) -> Vec<u8> {
        match self {
            Self::Md5 => whole::<Md5>(parts).to_vec(),
            Self::Sha1 => whole::<Sha1>(parts).to_vec(),
            Self::Sha256 => whole::<Sha256>(parts).to_vec(),
            Self::Sha384 => whole::<Sha384>(parts).to_vec(),
            Self::Sha512 => whole::<Sha512>(parts).to_vec(),
        }
    }

    /// The hash of salt and password, hashed again with the number of the
    /// round in front, `rounds` times.
    pub(crate) fn rounds(self, salt: &[u8], password: &[u8], rounds: u32) -> Vec<u8> {
        match self {
            Self::Md5 => again::<Md5>(salt, password, rounds),
            Self::Sha1 => again::<Sha1>(salt, password, rounds),
            Self::Sha256 => again::<Sha256>(salt, password, rounds),
            Self::Sha384 => again::<Sha384>(salt, password, rounds),
            Self::Sha512 => again::<Sha512>(salt, password, rounds),
        }
    }
}

fn whole<D: Digest>(parts: &[&[u8]]) -> Output<D> {
    let mut hash = D::new();
    for part in parts {
        hash.update(part);
    }
    hash.finalize()
}

fn again<D: Digest>(salt: &[u8], password: &[u8], rounds: u32) -> Vec<u8> {
    let mut state = whole::<D>(&[salt, password]);
    for round in 0..rounds {
        state = whole::<D>(&[&round.to_le_bytes(), &state]);
    }
    state.to_vec()
}
