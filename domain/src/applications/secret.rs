//! The secret with which a guest looks an application up: `7K3M-P9QA-2XWE-40ZT`.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// 80 bits in four groups of four characters of Crockford's base32. Only its hash is stored.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct GuestSecret([u8; 10]);

/// A text that is no secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the secret has 16 letters and digits")]
pub struct BadSecret;

pub(super) const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// What a character stands for: any case and width, O for 0, I and L for 1.
pub(super) fn value_of(c: char) -> Option<u8> {
    let c = match crate::text::narrow_char(c).to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        c => c,
    };
    let place = ALPHABET.iter().position(|a| *a as char == c)?;
    u8::try_from(place).ok()
}

impl GuestSecret {
    /// A secret of random bits.
    #[must_use]
    pub const fn from_random(bits: [u8; 10]) -> Self {
        Self(bits)
    }

    /// The bits, to be hashed.
    #[must_use]
    pub const fn bytes(&self) -> &[u8; 10] {
        &self.0
    }
}

impl fmt::Display for GuestSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bits = self.0.iter().fold(0u128, |all, byte| (all << 8) | u128::from(*byte));
        for place in 0..16 {
            if place > 0 && place % 4 == 0 {
                f.write_str("-")?;
            }
            let value = (bits >> (5 * (15 - place))) & 31;
            write!(f, "{}", ALPHABET[value as usize] as char)?;
        }
        Ok(())
    }
}

/// Hidden: whoever reads a log must not be able to look an application up.
impl fmt::Debug for GuestSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("GuestSecret(hidden)")
    }
}

impl FromStr for GuestSecret {
    type Err = BadSecret;

    /// Reads a secret as people type it: any case and width, O for 0, I and L for 1.
    fn from_str(text: &str) -> Result<Self, BadSecret> {
        if text.len() > 200 {
            return Err(BadSecret);
        }
        let mut bits = 0u128;
        let mut count = 0;
        for c in text.chars() {
            let c = crate::text::narrow_char(c);
            if crate::text::is_hyphen(c) || c.is_whitespace() {
                continue;
            }
            bits = (bits << 5) | u128::from(value_of(c).ok_or(BadSecret)?);
            count += 1;
            if count > 16 {
                return Err(BadSecret);
            }
        }
        if count != 16 {
            return Err(BadSecret);
        }
        let mut bytes = [0; 10];
        bytes.copy_from_slice(&bits.to_be_bytes()[6..]);
        Ok(Self(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NF-31: a guest reads the secret from paper and types it on a telephone.
    #[test]
    fn a_secret_is_read_however_it_is_typed() {
        let secret = GuestSecret::from_random([0, 1, 2, 250, 251, 252, 7, 8, 9, 10]);
        let written = secret.to_string();
        assert_eq!(written.len(), 19);
        for typed in [
            written.to_lowercase(),
            written.replace('-', "　"),
            written.replace('0', "o").replace('1', "l"),
        ] {
            assert_eq!(typed.parse(), Ok(secret), "{typed}");
        }
        for bad in ["", "ABCD", "UUUU-UUUU-UUUU-UUUU", "0000-0000-0000-0000-0"] {
            assert_eq!(bad.parse::<GuestSecret>(), Err(BadSecret));
        }
    }

    #[test]
    fn the_debug_text_hides_the_secret() {
        assert_eq!(format!("{:?}", GuestSecret::from_random([7; 10])), "GuestSecret(hidden)");
    }
}
