//! SHA-256, the one hash of the bridge.

use std::fmt;

use ring::digest::{Context, SHA256, digest};

use crate::wire::{Malformed, Reader, Wire, Writer};

/// 32 bytes of SHA-256.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// All zeros: "no digest", before the first of a chain.
    pub const ZERO: Self = Self([0; 32]);

    /// SHA-256 of plain bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self::from_ring(digest(&SHA256, bytes))
    }

    /// SHA-256 of a domain tag followed by the bytes, so that a digest made
    /// for one purpose never equals one made for another.
    #[must_use]
    pub fn tagged(tag: &[u8], bytes: &[u8]) -> Self {
        let mut running = Running::new();
        running.update(tag);
        running.update(bytes);
        running.finish()
    }

    /// 64 lower-case hexadecimal characters.
    #[must_use]
    pub fn hex(&self) -> String {
        hex(&self.0)
    }

    fn from_ring(made: ring::digest::Digest) -> Self {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(made.as_ref());
        Self(bytes)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.hex())
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.hex())
    }
}

/// 32 bytes, no length.
impl Wire for Digest {
    fn write(&self, out: &mut Writer) {
        out.raw(&self.0);
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        from.array().map(Self)
    }
}

/// A digest made piece by piece.
pub struct Running(Context);

impl Default for Running {
    fn default() -> Self {
        Self::new()
    }
}

impl Running {
    /// A digest of nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self(Context::new(&SHA256))
    }

    /// Takes in more bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The digest of all bytes taken in.
    #[must_use]
    pub fn finish(self) -> Digest {
        Digest::from_ring(self.0.finish())
    }
}

/// Lower-case hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
}

/// The bytes behind lower-case hexadecimal of exactly `N` bytes.
#[must_use]
pub fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let value = |digit: u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    };
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if pairs.len() != N || !rest.is_empty() {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = value(*high)? << 4 | value(*low)?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_of_nothing_is_the_known_one() {
        let known = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(Digest::of(b"").hex(), known);
        assert_eq!(unhex::<32>(known), Some(Digest::of(b"").0));
    }

    #[test]
    fn a_tag_changes_the_digest_and_pieces_do_not() {
        assert_ne!(Digest::tagged(b"a", b"bc"), Digest::tagged(b"x", b"bc"));
        assert_eq!(Digest::tagged(b"a", b"bc"), Digest::of(b"abc"));
        assert_eq!(unhex::<2>("0G00"), None);
        assert_eq!(unhex::<2>("000"), None);
    }
}
