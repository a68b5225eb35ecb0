//! The encryption of Office 2007: AES, each block on its own, 50 000 rounds of
//! SHA-1.

use sanitizer_intermediate::HoldReason;

use super::sized;
use crate::crypt::{Aes, Hash, utf16};
use crate::office::legacy::bytes::{slice, u32_at, usize_at};

const ROUNDS: u32 = 50_000;
/// AES of 128, 192 and 256 bits.
const AES: std::ops::RangeInclusive<u32> = 0x660e..=0x6610;
/// Where the head starts: after version, flags and its own length.
const HEAD: usize = 12;

/// What the file says about its key.
pub(super) struct Key {
    key_bytes: usize,
    salt: Vec<u8>,
    verifier: Vec<u8>,
    verifier_hash: Vec<u8>,
}

impl Key {
    /// Reads the description.
    ///
    /// # Errors
    /// [`HoldReason`] when it is damaged or names another cipher.
    pub(super) fn read(info: &[u8]) -> Result<Self, HoldReason> {
        let head = slice(info, HEAD, usize_at(info, 8));
        if !AES.contains(&u32_at(head, 8)) {
            return Err(HoldReason::Encrypted);
        }
        let check = HEAD + head.len();
        let key = Self {
            key_bytes: usize_at(head, 16) / 8,
            salt: slice(info, check + 4, 16).to_vec(),
            verifier: slice(info, check + 20, 16).to_vec(),
            verifier_hash: slice(info, check + 40, 32).to_vec(),
        };
        let whole = matches!(key.key_bytes, 16 | 24 | 32) && key.verifier_hash.len() == 32;
        if whole { Ok(key) } else { Err(HoldReason::Broken) }
    }

    /// The key, when the password is right.
    pub(super) fn secret(&self, password: &str) -> Option<Vec<u8>> {
        let state = Hash::Sha1.rounds(&self.salt, &utf16(password), ROUNDS);
        let state = Hash::Sha1.of(&[&state, &0_u32.to_le_bytes()]);
        let half = |fill: u8| {
            let mut padded = [fill; 64];
            for (byte, other) in padded.iter_mut().zip(&state) {
                *byte ^= other;
            }
            Hash::Sha1.of(&[&padded])
        };
        let mut key = [half(0x36), half(0x5c)].concat();
        key.truncate(self.key_bytes);

        let cipher = Aes::new(&key)?;
        let (mut verifier, mut hash) = (self.verifier.clone(), self.verifier_hash.clone());
        cipher.decrypt_each(&mut verifier);
        cipher.decrypt_each(&mut hash);
        hash.starts_with(&Hash::Sha1.of(&[&verifier])).then_some(key)
    }
}

/// The document.
pub(super) fn open(key: &[u8], package: Vec<u8>) -> Result<Vec<u8>, HoldReason> {
    let mut document = package.get(8..).ok_or(HoldReason::Broken)?.to_vec();
    Aes::new(key).ok_or(HoldReason::Broken)?.decrypt_each(&mut document);
    sized(&package, document)
}
