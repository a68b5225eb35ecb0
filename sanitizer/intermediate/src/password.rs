//! What opens a protected file.

use zeroize::Zeroizing;

use crate::codec::{Decode, DecodeError, Encode, Reader, Writer};

/// A password as the citizen typed it: 1–256 bytes of UTF-8, wiped from memory
/// when dropped, never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(Zeroizing<String>);

impl Password {
    /// Most bytes, as UTF-8.
    pub const LONGEST: usize = 256;

    /// The password; `None` when it is empty or too long.
    #[must_use]
    pub fn new(typed: impl Into<Zeroizing<String>>) -> Option<Self> {
        let typed = typed.into();
        (1..=Self::LONGEST).contains(&typed.len()).then(|| Self(typed))
    }

    /// The characters, to try on a file and for nothing else.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Password {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Password(…)")
    }
}

impl Encode for Password {
    fn encode(&self, to: &mut Writer<'_>) {
        to.str(&self.0);
    }
}

impl Decode for Password {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Self::new(from.str(Self::LONGEST)?).ok_or(DecodeError::Invalid("Password"))
    }
}
