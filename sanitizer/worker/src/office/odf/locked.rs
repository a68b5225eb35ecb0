//! The parts of a file, under a password or not.
//!
//! A protected part is deflated, then encrypted, then stored; the manifest says
//! how, for each part. AES-256 in a chain is what programs have written since
//! 2011; files of Blowfish and of ciphers of the program's own stay closed.

use std::collections::HashMap;
use std::io::Read as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::read::DeflateDecoder;
use sanitizer_intermediate::{HoldReason, Limits, Password};
use sha1::Sha1;

use crate::container::Container;
use crate::crypt::{Aes, Hash, MAX_ROUNDS, refused};
use crate::office::xml::{Budget, Element, Pull, decode};

/// Rounds all parts together may take.
const ALL_ROUNDS: u32 = 3 * MAX_ROUNDS;
/// The check of a part covers this many bytes.
const CHECKED: usize = 1024;
/// A file as a whole in one encrypted member.
const WHOLE: &str = "encrypted-package";

/// The parts of a file.
pub(super) struct Parts<'f> {
    container: Container<'f>,
    locks: HashMap<String, Lock>,
    password: Option<Password>,
    rounds_left: u32,
    limits: Limits,
}

/// How a part is encrypted.
struct Lock {
    size: usize,
    start: [u8; 16],
    salt: Vec<u8>,
    rounds: u32,
    key: usize,
    /// What the password is hashed with before anything else.
    first: Hash,
    check: Option<(Hash, Vec<u8>)>,
}

impl<'f> Parts<'f> {
    /// Opens a file.
    ///
    /// # Errors
    /// [`HoldReason`] when its container has no single meaning, or it needs a
    /// password or a cipher that is not there.
    pub(super) fn open(
        bytes: &'f [u8],
        limits: &Limits,
        password: Option<&Password>,
    ) -> Result<Self, HoldReason> {
        let mut container = Container::open(bytes, limits)?;
        let manifest = container.read("META-INF/manifest.xml")?;
        if container.has(WHOLE) {
            return Err(HoldReason::Encrypted);
        }
        let mut parts = Self {
            container,
            locks: HashMap::new(),
            password: password.cloned(),
            rounds_left: ALL_ROUNDS,
            limits: *limits,
        };
        let manifest = manifest.unwrap_or_default();
        if manifest.windows(15).any(|it| it == b"encryption-data") {
            let text = decode(manifest)?;
            let mut pull = Pull::new(&text, Budget::new(limits.objects));
            let root = pull.root()?;
            for entry in pull.take(root)?.elements() {
                let lock = entry.child("encryption-data").map(|it| Lock::read(entry, it));
                let path = entry.attribute("full-path");
                if let (Some(lock), Some(path)) = (lock.transpose()?, path) {
                    parts.locks.insert(path.to_lowercase(), lock);
                }
            }
            if password.is_none() {
                return Err(HoldReason::Encrypted);
            }
        }
        Ok(parts)
    }

    /// Whether a password protects it.
    pub(super) fn is_locked(&self) -> bool {
        !self.locks.is_empty()
    }

    /// Names of the parts that are locked.
    pub(super) fn locked(&self) -> impl Iterator<Item = &str> {
        self.container.names().filter(|it| self.locks.contains_key(&it.to_lowercase()))
    }

    /// Names of all parts.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.container.names()
    }

    /// Bytes that belong to no part.
    pub(super) const fn stray_bytes(&self) -> u64 {
        self.container.stray_bytes
    }

    /// The bytes of a part; `None` when it is not there.
    ///
    /// # Errors
    /// [`HoldReason`] when it is damaged or does not open.
    pub(super) fn read(&mut self, name: &str) -> Result<Option<Vec<u8>>, HoldReason> {
        let Some(bytes) = self.container.read(name)? else {
            return Ok(None);
        };
        let Some(lock) = self.locks.get(&name.to_lowercase()) else {
            return Ok(Some(bytes));
        };
        let rounds = self.rounds_left.checked_sub(lock.rounds).ok_or(HoldReason::TooComplex)?;
        self.rounds_left = rounds;
        if lock.size as u64 > self.limits.decoded_bytes {
            return Err(HoldReason::TooLarge);
        }
        let refused = refused(self.password.as_ref());
        let password = self.password.as_ref().ok_or(refused)?;
        lock.open(bytes, password.reveal()).ok_or(refused).map(Some)
    }
}

impl Lock {
    /// # Errors
    /// [`HoldReason::Encrypted`] for another cipher, [`HoldReason::TooComplex`]
    /// for too many rounds.
    fn read(entry: &Element, data: &Element) -> Result<Self, HoldReason> {
        let other = HoldReason::Encrypted;
        let algorithm = data.child("algorithm").ok_or(HoldReason::Broken)?;
        let derivation = data.child("key-derivation").ok_or(HoldReason::Broken)?;
        let first = data.child("start-key-generation");
        let ends = |element: &Element, name: &str, end: &str| {
            element.attribute(name).is_some_and(|it| it.to_lowercase().ends_with(end))
        };
        let number = |element: &Element, name: &str| -> Option<usize> {
            element.attribute(name)?.parse().ok()
        };
        if !ends(algorithm, "algorithm-name", "aes256-cbc")
            || !ends(derivation, "key-derivation-name", "pbkdf2")
        {
            return Err(other);
        }
        let first = match first {
            Some(it) if ends(it, "start-key-generation-name", "sha256") => Hash::Sha256,
            None => Hash::Sha1,
            Some(it) if ends(it, "start-key-generation-name", "sha1") => Hash::Sha1,
            Some(_) => return Err(other),
        };
        let rounds = number(derivation, "iteration-count").unwrap_or(1024);
        let rounds = u32::try_from(rounds).unwrap_or(u32::MAX);
        if rounds > MAX_ROUNDS {
            return Err(HoldReason::TooComplex);
        }
        let key = number(derivation, "key-size").unwrap_or(16);
        let start = binary(algorithm, "initialisation-vector")?;
        let check = match data.attribute("checksum-type").unwrap_or_default().to_lowercase() {
            it if it.ends_with("sha256-1k") => Some(Hash::Sha256),
            it if it.ends_with("sha1/1k") || it.ends_with("sha1-1k") => Some(Hash::Sha1),
            _ => None,
        };
        let check = check.map(|it| Ok((it, binary(data, "checksum")?))).transpose()?;
        Ok(Self {
            size: number(entry, "size").ok_or(HoldReason::Broken)?,
            start: start.try_into().map_err(|_| HoldReason::Broken)?,
            salt: binary(derivation, "salt")?,
            rounds,
            key: if matches!(key, 16 | 24 | 32) { key } else { return Err(HoldReason::Broken) },
            first,
            check,
        })
    }

    fn open(&self, mut bytes: Vec<u8>, password: &str) -> Option<Vec<u8>> {
        let first = self.first.of(&[password.as_bytes()]);
        let mut key = vec![0; self.key];
        pbkdf2::pbkdf2_hmac::<Sha1>(&first, &self.salt, self.rounds, &mut key);
        Aes::new(&key)?.decrypt_chain(self.start, &mut bytes);
        // The last byte says how many were added to fill the last block.
        let added = usize::from(*bytes.last()?);
        bytes.truncate(bytes.len().checked_sub(added)?);
        if let Some((hash, expected)) = &self.check {
            let checked = bytes.get(..CHECKED).unwrap_or(&bytes);
            if hash.of(&[checked]) != *expected {
                return None;
            }
        }
        let mut plain = Vec::new();
        let most = self.size as u64 + 1;
        let mut inflater = DeflateDecoder::new(bytes.as_slice()).take(most);
        inflater.read_to_end(&mut plain).ok()?;
        (plain.len() == self.size).then_some(plain)
    }
}

fn binary(element: &Element, name: &str) -> Result<Vec<u8>, HoldReason> {
    let text = element.attribute(name).ok_or(HoldReason::Broken)?;
    STANDARD.decode(text.trim()).map_err(|_| HoldReason::Broken)
}
