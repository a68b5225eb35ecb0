//! The ciphers of before 2007: RC4 by two derivations, and a mask.
//!
//! ```text
//!  version 1.1 │ salt 16 │ verifier 16 │ its MD5 16 │                   40-bit RC4
//!  version n.2 │ flags │ head: cipher, key bits │ salt, verifier, its SHA-1 │  RC4 of CryptoAPI
//! ```
//! The keystream starts anew at each block of the stream.

pub(super) mod mask;

use rc4::Rc4;
use sanitizer_intermediate::{HoldReason, Password};

use super::bytes::{slice, u16_at, u32_at, usize_at};
use crate::crypt::{self, Hash, refused, utf16};

const RC4: u32 = 0x6801;
/// Bytes of a 40-bit key.
const SHORT: usize = 5;

/// A cipher with its key.
pub(super) struct Cipher {
    derivation: Derivation,
    /// What keys of blocks are made of.
    base: Vec<u8>,
}

#[derive(Clone, Copy)]
enum Derivation {
    /// 40 bits, MD5.
    Old,
    /// SHA-1, and a key of this many bytes.
    Api(usize),
}

/// A salted check.
struct Check<'i> {
    salt: &'i [u8],
    /// The verifier and its hash, as one stream.
    sealed: &'i [u8],
    hash: Hash,
}

impl Cipher {
    /// The cipher of a description, when a password fits.
    ///
    /// # Errors
    /// [`HoldReason`] when none fits, or the cipher is another.
    pub(super) fn read(info: &[u8], password: Option<&Password>) -> Result<Self, HoldReason> {
        match (u16_at(info, 0), u16_at(info, 2)) {
            (1, 1) => {
                let (salt, sealed) = (slice(info, 4, 16), slice(info, 20, 32));
                let check = Check { salt, sealed, hash: Hash::Md5 };
                Self::checked(Derivation::Old, &check, password)
            }
            (2..=4, 2) => {
                let head = slice(info, 12, usize_at(info, 8));
                let bits = if u32_at(head, 16) == 0 { 40 } else { usize_at(head, 16) };
                if u32_at(head, 8) != RC4 || !(40..=128).contains(&bits) {
                    return Err(HoldReason::Encrypted);
                }
                let at = 12 + head.len();
                let sealed = [slice(info, at + 20, 16), slice(info, at + 40, 20)].concat();
                let salt = slice(info, at + 4, 16);
                let check = Check { salt, sealed: &sealed, hash: Hash::Sha1 };
                Self::checked(Derivation::Api(bits / 8), &check, password)
            }
            _ => Err(HoldReason::Encrypted),
        }
    }

    fn checked(
        derivation: Derivation,
        check: &Check<'_>,
        password: Option<&Password>,
    ) -> Result<Self, HoldReason> {
        let tried = utf16(password.ok_or(refused(password))?.reveal());
        let base = match derivation {
            Derivation::Old => {
                let hash = Hash::Md5.of(&[&tried]);
                let pair = [&hash[..SHORT], check.salt].concat().repeat(16);
                Hash::Md5.of(&[&pair])[..SHORT].to_vec()
            }
            Derivation::Api(_) => Hash::Sha1.of(&[check.salt, &tried]),
        };
        let cipher = Self { derivation, base };
        let mut plain = check.sealed.to_vec();
        let mut stream = cipher.block(0).ok_or(HoldReason::Broken)?;
        crypt::apply(&mut stream, &mut plain);
        let (verifier, hash) = plain.split_at_checked(16).ok_or(HoldReason::Broken)?;
        if check.hash.of(&[verifier]) == hash { Ok(cipher) } else { Err(refused(password)) }
    }

    /// The keystream of a block.
    fn block(&self, number: u32) -> Option<Rc4> {
        let number = number.to_le_bytes();
        match self.derivation {
            Derivation::Old => crypt::rc4(&Hash::Md5.of(&[&self.base, &number])),
            Derivation::Api(length) => {
                let mut key = Hash::Sha1.of(&[&self.base, &number]);
                key.truncate(length);
                if length == SHORT {
                    key.resize(16, 0);
                }
                crypt::rc4(&key)
            }
        }
    }

    /// Opens a whole stream of blocks of this size, from `start` on.
    pub(super) fn open(&self, stream: &mut [u8], start: usize, size: usize) {
        let mut keys = Keystream::new(self, size);
        keys.skip(start);
        keys.apply(stream.get_mut(start..).unwrap_or_default());
    }
}

/// The keystream of a stream, at a place of it.
pub(super) struct Keystream<'c> {
    cipher: &'c Cipher,
    size: usize,
    at: usize,
    block: Option<Rc4>,
}

impl<'c> Keystream<'c> {
    /// At the start of a stream of blocks of this size.
    pub(super) fn new(cipher: &'c Cipher, size: usize) -> Self {
        Self { cipher, size, at: 0, block: cipher.block(0) }
    }

    /// Opens the next bytes.
    pub(super) fn apply(&mut self, mut bytes: &mut [u8]) {
        while !bytes.is_empty() {
            let room = (self.size - self.at % self.size).min(bytes.len());
            let (now, later) = bytes.split_at_mut(room);
            if let Some(block) = &mut self.block {
                crypt::apply(block, now);
            }
            self.moved(room);
            bytes = later;
        }
    }

    /// Passes over bytes that are not encrypted.
    pub(super) fn skip(&mut self, mut count: usize) {
        let mut unused = [0; 64];
        while count > 0 {
            let room = (self.size - self.at % self.size).min(count).min(unused.len());
            if let Some(block) = &mut self.block {
                crypt::apply(block, &mut unused[..room]);
            }
            self.moved(room);
            count -= room;
        }
    }

    fn moved(&mut self, count: usize) {
        self.at += count;
        if self.at.is_multiple_of(self.size) {
            let number = u32::try_from(self.at / self.size).unwrap_or(u32::MAX);
            self.block = self.cipher.block(number);
        }
    }
}
