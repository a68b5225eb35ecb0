//! AES of any key length, in the modes the formats use.

use aes::cipher::{BlockCipherDecrypt as _, BlockCipherEncrypt as _, KeyInit as _};
use aes::{Aes128, Aes192, Aes256};

/// Bytes of a block.
pub(crate) const BLOCK: usize = 16;

/// A cipher with its key.
pub(crate) enum Aes {
    /// 16 bytes.
    Small(Box<Aes128>),
    /// 24 bytes.
    Middle(Box<Aes192>),
    /// 32 bytes.
    Large(Box<Aes256>),
}

impl Aes {
    /// The cipher for a key of 16, 24 or 32 bytes.
    pub(crate) fn new(key: &[u8]) -> Option<Self> {
        match key.len() {
            16 => Aes128::new_from_slice(key).ok().map(|it| Self::Small(Box::new(it))),
            24 => Aes192::new_from_slice(key).ok().map(|it| Self::Middle(Box::new(it))),
            32 => Aes256::new_from_slice(key).ok().map(|it| Self::Large(Box::new(it))),
            _ => None,
        }
    }

    fn decrypt(&self, block: &mut [u8; BLOCK]) {
        let block = block.into();
        match self {
            Self::Small(cipher) => cipher.decrypt_block(block),
            Self::Middle(cipher) => cipher.decrypt_block(block),
            Self::Large(cipher) => cipher.decrypt_block(block),
        }
    }

    fn encrypt(&self, block: &mut [u8; BLOCK]) {
        let block = block.into();
        match self {
            Self::Small(cipher) => cipher.encrypt_block(block),
            Self::Middle(cipher) => cipher.encrypt_block(block),
            Self::Large(cipher) => cipher.encrypt_block(block),
        }
    }

    /// Decrypts whole blocks, each on its own. What is no whole block stays.
    pub(crate) fn decrypt_each(&self, bytes: &mut [u8]) {
        for block in bytes.as_chunks_mut::<BLOCK>().0 {
            self.decrypt(block);
        }
    }

    /// Decrypts a chain of whole blocks. What is no whole block stays.
    pub(crate) fn decrypt_chain(&self, start: [u8; BLOCK], bytes: &mut [u8]) {
        let mut before = start;
        for block in bytes.as_chunks_mut::<BLOCK>().0 {
            let coded = *block;
            self.decrypt(block);
            mix(block, &before);
            before = coded;
        }
    }

    /// Runs the keystream of a counter that starts at 1, low byte first.
    pub(crate) fn count(&self, bytes: &mut [u8]) {
        for (number, piece) in (1_u128..).zip(bytes.chunks_mut(BLOCK)) {
            let mut block = number.to_le_bytes();
            self.encrypt(&mut block);
            mix(piece, &block);
        }
    }
}

fn mix(bytes: &mut [u8], with: &[u8; BLOCK]) {
    for (byte, other) in bytes.iter_mut().zip(with) {
        *byte ^= other;
    }
}
