//! What a password opened, for scanners.

use crate::codec::{Decode, DecodeError, Encode, Reader, Writer};

/// Most pieces of one file.
pub(crate) const MAX_PIECES: usize = 10_000;
/// Most bytes of a piece.
const MAX_BYTES: usize = 256 << 20;

/// A piece of the file without its lock, as it was sent and not rebuilt. It is
/// shown to scanners, which could not look into the file; nothing else reads it.
#[derive(Clone, PartialEq, Eq)]
pub struct Opened(pub Vec<u8>);

impl std::fmt::Debug for Opened {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Opened({} bytes)", self.0.len())
    }
}

impl Encode for Opened {
    fn encode(&self, to: &mut Writer<'_>) {
        to.bytes(&self.0);
    }
}

impl Decode for Opened {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        from.bytes(MAX_BYTES).map(Self)
    }
}
