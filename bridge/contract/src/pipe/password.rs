//! What opens a protected file.

use zeroize::Zeroizing;

use crate::wire::{Malformed, Reader, Wire, Writer};

/// A password as the citizen typed it: 1–256 bytes of UTF-8, wiped from memory
/// when dropped, never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(Zeroizing<String>);

/// A password is empty or longer than [`Password::LONGEST`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a password has 1 to 256 bytes")]
pub struct UnusablePassword;

impl Password {
    /// Most bytes, as UTF-8. Office takes 255 characters, PDF 127 bytes.
    pub const LONGEST: usize = 256;

    /// The password, as typed: no space is trimmed, no width changed.
    ///
    /// # Errors
    /// [`UnusablePassword`] when it is empty or too long.
    pub fn new(typed: impl Into<Zeroizing<String>>) -> Result<Self, UnusablePassword> {
        let typed = typed.into();
        let fits = (1..=Self::LONGEST).contains(&typed.len());
        if fits { Ok(Self(typed)) } else { Err(UnusablePassword) }
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

impl Wire for Password {
    fn write(&self, out: &mut Writer) {
        out.bytes(self.0.as_bytes());
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        let bytes = from.bytes(Self::LONGEST)?;
        let text = std::str::from_utf8(bytes).map_err(|_| Malformed::NotUtf8)?;
        Self::new(text.to_owned()).map_err(|_| Malformed::OutOfRange)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::decode;

    /// NF-32: a password never shows in a log, and its length is bounded.
    #[test]
    fn a_password_is_bounded_and_never_shown() {
        let password = Password::new("ひみつ".to_owned()).expect("a password");
        assert!(!format!("{password:?}").contains('ひ'));
        assert_eq!(password.reveal(), "ひみつ");
        assert!(Password::new("a".repeat(256)).is_ok());
        assert_eq!(Password::new("a".repeat(257)), Err(UnusablePassword));
        assert_eq!(Password::new(String::new()), Err(UnusablePassword));
        assert_eq!(decode::<Password>(&[0; 4]), Err(Malformed::OutOfRange));
    }
}
