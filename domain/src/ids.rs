//! Names of things: 26 characters of lower-case Crockford base32 for 128 bits.
//!
//! The first ten characters are a time in milliseconds, the rest is random, so ids sort by age and
//! cannot be guessed. Making one needs a clock and random bits, which live outside this package.

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Characters of an id, in the order of their value.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// Characters in every id.
pub const ID_LENGTH: usize = 26;

/// A text that is not an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("an id has 26 characters of lower-case base32 and stays below 128 bits")]
pub struct BadId;

/// Writes 128 bits as an id.
#[must_use]
pub fn encode(bits: u128) -> String {
    (0..ID_LENGTH)
        .rev()
        .map(|place| ALPHABET[((bits >> (5 * place)) & 31) as usize] as char)
        .collect()
}

fn check(text: &str) -> Result<(), BadId> {
    let bytes = text.as_bytes();
    let fits = bytes.len() == ID_LENGTH && bytes[0] <= b'7';
    if fits && bytes.iter().all(|b| ALPHABET.contains(b)) { Ok(()) } else { Err(BadId) }
}

macro_rules! text_id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Reads an id.
            /// # Errors
            /// [`BadId`] when the text is not 26 characters of the alphabet or above 128 bits.
            pub fn parse(text: &str) -> Result<Self, BadId> {
                check(text)?;
                Ok(Self(text.to_owned()))
            }

            /// The id of these 128 bits.
            #[must_use]
            pub fn from_bits(bits: u128) -> Self {
                Self(encode(bits))
            }

            /// The 26 characters.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = BadId;
            fn try_from(text: String) -> Result<Self, BadId> {
                check(&text)?;
                Ok(Self(text))
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = BadId;
            fn from_str(text: &str) -> Result<Self, BadId> {
                Self::parse(text)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }
    )+};
}

text_id! {
    /// A procedure (手続), the same through all its revisions.
    ProcedureId,
    /// One submitted application (申請).
    ApplicationId,
    /// A form being filled in (下書き).
    DraftId,
    /// A citizen's account (利用者).
    AccountId,
    /// A member of staff (職員).
    StaffId,
    /// A key of a business system.
    KeyId,
    /// A department (部署).
    DepartmentId,
    /// A file sent by a citizen (添付ファイル).
    AttachmentId,
    /// A document issued by the city (交付文書).
    DocumentId,
    /// A browser session.
    SessionId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_keeps_its_128_bits_in_order() {
        assert_eq!(encode(0), "0".repeat(26));
        assert_eq!(encode(u128::MAX), format!("7{}", "z".repeat(25)));
        assert!(encode(1 << 80) < encode((1 << 80) + 1));
        assert!(ApplicationId::parse(&encode(u128::MAX)).is_ok());
    }

    /// W7: what is not an id never becomes a path or a key.
    #[test]
    fn a_text_that_is_no_id_is_refused() {
        for bad in
            ["", "../../etc/passwd", "8zzzzzzzzzzzzzzzzzzzzzzzzz", "0000000000000000000000000I"]
        {
            assert_eq!(ApplicationId::parse(bad), Err(BadId), "{bad}");
        }
        assert!(serde_json::from_str::<DraftId>("\"short\"").is_err());
    }
}
