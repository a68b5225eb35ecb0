//! The code with which anybody checks a receipt or an issued document: `7K3MP-9QA2X`.
//!
//! Nine characters say which paper it is, the tenth is a check character: it finds every single
//! wrong character and every swap of two neighbours, so what was mistyped is known before anybody
//! looks for it.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use super::secret::{ALPHABET, value_of};
use crate::ids::DocumentId;

/// 45 bits and a check character in Crockford's base32. It opens nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CheckCode(u64);

/// A text that is no code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum BadCheckCode {
    /// Not ten letters and digits.
    #[error("a code has ten letters and digits")]
    Shape,
    /// The check character does not fit: a character is wrong or two are swapped.
    #[error("the check character does not fit")]
    CheckCharacter,
}

/// Characters before the check character.
const DATA: usize = 9;
/// Bits in them.
const BITS: u32 = 45;

impl CheckCode {
    /// The code of a keyed hash of at least 64 bits: its first 45.
    #[must_use]
    pub fn of_hash(hash: &[u8]) -> Self {
        let first = hash.iter().take(8).fold(0_u64, |all, byte| (all << 8) | u64::from(*byte));
        Self(first >> (64 - BITS))
    }

    /// What the code of an issued document is the SHA-256 of. Both zones know the identifier, so the
    /// paper can carry the code; its 80 random bits are printed nowhere, so nobody works it out.
    #[must_use]
    pub fn of_document(id: &DocumentId) -> String {
        format!("madoguchi issued document 1 {id}")
    }

    fn symbols(self) -> impl Iterator<Item = u8> {
        (0..DATA).rev().map(move |place| ((self.0 >> (5 * place)) & 31) as u8)
    }
}

/// One step of the check: sum and shift in the field of 32 elements (x⁵ + x² + 1).
const fn step(sum: u8, symbol: u8) -> u8 {
    let shifted = (sum ^ symbol) << 1;
    if shifted & 32 == 0 { shifted } else { shifted ^ 0b10_0101 }
}

impl fmt::Display for CheckCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let check = self.symbols().fold(0, step);
        for (place, symbol) in self.symbols().chain([check]).enumerate() {
            if place == 5 {
                f.write_str("-")?;
            }
            write!(f, "{}", ALPHABET[usize::from(symbol)] as char)?;
        }
        Ok(())
    }
}

impl FromStr for CheckCode {
    type Err = BadCheckCode;

    /// Reads a code as people type it: any case and width, O for 0, I and L for 1.
    fn from_str(text: &str) -> Result<Self, BadCheckCode> {
        if text.len() > 200 {
            return Err(BadCheckCode::Shape);
        }
        let mut symbols = Vec::with_capacity(DATA + 1);
        for c in text.chars() {
            let c = crate::text::narrow_char(c);
            if crate::text::is_hyphen(c) || c.is_whitespace() {
                continue;
            }
            symbols.push(value_of(c).ok_or(BadCheckCode::Shape)?);
        }
        let (check, data) = symbols.split_last().ok_or(BadCheckCode::Shape)?;
        if data.len() != DATA {
            return Err(BadCheckCode::Shape);
        }
        if data.iter().copied().fold(0, step) != *check {
            return Err(BadCheckCode::CheckCharacter);
        }
        Ok(Self(data.iter().fold(0, |all, symbol| (all << 5) | u64::from(*symbol))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code() -> CheckCode {
        CheckCode::of_hash(&[0x9a, 0x02, 0x7f, 0x31, 0x55, 0xc8, 0x40, 0x0e, 0x99])
    }

    /// NF-31: somebody reads the code from paper and types it.
    #[test]
    fn a_code_is_read_however_it_is_typed() {
        let written = code().to_string();
        assert_eq!((written.len(), written.find('-')), (11, Some(5)));
        for typed in [
            written.to_lowercase(),
            written.replace('-', "　"),
            written.replace('0', "o").replace('1', "l"),
        ] {
            assert_eq!(typed.parse(), Ok(code()), "{typed}");
        }
        for bad in ["", "7K3MP", "7K3MP-9QA2X-7K3MP", "????????-??", &"1".repeat(500)] {
            assert_eq!(bad.parse::<CheckCode>(), Err(BadCheckCode::Shape), "{bad}");
        }
    }

    /// NF-31: a slip of the finger is told apart from a code that stands for nothing.
    #[test]
    fn every_wrong_character_and_every_swap_is_found() {
        let written: Vec<char> = code().to_string().replace('-', "").chars().collect();
        for at in 0..written.len() {
            for other in ALPHABET.iter().map(|c| char::from(*c)).filter(|c| *c != written[at]) {
                let mut wrong = written.clone();
                wrong[at] = other;
                let wrong: String = wrong.iter().collect();
                assert_eq!(wrong.parse::<CheckCode>(), Err(BadCheckCode::CheckCharacter));
            }
            if at + 1 < written.len() && written[at] != written[at + 1] {
                let mut swapped = written.clone();
                swapped.swap(at, at + 1);
                let swapped: String = swapped.iter().collect();
                assert_eq!(swapped.parse::<CheckCode>(), Err(BadCheckCode::CheckCharacter));
            }
        }
    }
}
