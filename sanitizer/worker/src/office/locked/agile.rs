//! The encryption of Office 2010 and later: described in XML, AES in chains of
//! 4 096 bytes, rounds as many as the file asks for within a limit.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sanitizer_intermediate::{HoldReason, Limits};

use super::sized;
use crate::crypt::{Aes, Hash, MAX_ROUNDS, utf16};
use crate::office::xml::{Budget, Element, Pull, decode};

const SEGMENT: usize = 4096;
/// What a short key or start is filled up with.
const FILL: u8 = 0x36;
const VERIFIER_INPUT: [u8; 8] = [0xfe, 0xa7, 0xd2, 0x76, 0x3b, 0x4b, 0x9e, 0x79];
const VERIFIER_VALUE: [u8; 8] = [0xd7, 0xaa, 0x0f, 0x6d, 0x30, 0x61, 0x34, 0x4e];
const KEY_VALUE: [u8; 8] = [0x14, 0x6e, 0x0b, 0xe7, 0xab, 0xac, 0xd0, 0xd6];

/// What the file says about its key.
pub(super) struct Key {
    /// How the document is encrypted.
    data: Coding,
    /// How its key is encrypted with the password.
    own: Coding,
    rounds: u32,
    verifier_input: Vec<u8>,
    verifier_value: Vec<u8>,
    key_value: Vec<u8>,
}

/// A cipher, a hash and a salt.
struct Coding {
    hash: Hash,
    key_bytes: usize,
    salt: Vec<u8>,
}

impl Key {
    /// Reads the description.
    ///
    /// # Errors
    /// [`HoldReason`] when it is damaged, asks for too many rounds, or opens
    /// with something else than a password and AES.
    pub(super) fn read(info: &[u8], limits: &Limits) -> Result<Self, HoldReason> {
        let text = decode(info.get(8..).unwrap_or_default().to_vec())?;
        let mut pull = Pull::new(&text, Budget::new(limits.objects));
        let root = pull.root()?;
        let root = pull.take(root)?;
        let data = root.child("keyData").ok_or(HoldReason::Broken)?;
        // A certificate may open it as well; only the password concerns us.
        let own = root.find("encryptedKey").filter(|it| it.attribute("spinCount").is_some());
        let own = own.ok_or(HoldReason::Encrypted)?;
        let rounds = own.attribute("spinCount").and_then(|it| it.parse().ok());
        let rounds: u32 = rounds.ok_or(HoldReason::Broken)?;
        if rounds > MAX_ROUNDS {
            return Err(HoldReason::TooComplex);
        }
        Ok(Self {
            data: Coding::read(data)?,
            own: Coding::read(own)?,
            rounds,
            verifier_input: binary(own, "encryptedVerifierHashInput")?,
            verifier_value: binary(own, "encryptedVerifierHashValue")?,
            key_value: binary(own, "encryptedKeyValue")?,
        })
    }

    /// The key, when the password is right.
    ///
    /// # Errors
    /// [`HoldReason`] when the key has a length no cipher takes.
    pub(super) fn secret(&self, password: &str) -> Result<Option<Vec<u8>>, HoldReason> {
        let hash = self.own.hash;
        let state = hash.rounds(&self.own.salt, &utf16(password), self.rounds);
        let opened = |block: [u8; 8], coded: &[u8]| {
            let key = filled(hash.of(&[&state, &block]), self.own.key_bytes);
            let cipher = Aes::new(&key).ok_or(HoldReason::Broken)?;
            let mut plain = coded.to_vec();
            cipher.decrypt_chain(start(&self.own.salt), &mut plain);
            Ok(plain)
        };
        let mut input = opened(VERIFIER_INPUT, &self.verifier_input)?;
        input.truncate(self.own.salt.len());
        let value = opened(VERIFIER_VALUE, &self.verifier_value)?;
        let expected = hash.of(&[&input]);
        if !value.starts_with(&expected) {
            return Ok(None);
        }
        let mut key = opened(KEY_VALUE, &self.key_value)?;
        key.truncate(self.data.key_bytes);
        Ok(Some(key))
    }

    /// The document.
    ///
    /// # Errors
    /// [`HoldReason::Broken`] when it is shorter than it says.
    pub(super) fn open(&self, key: &[u8], package: Vec<u8>) -> Result<Vec<u8>, HoldReason> {
        let mut document = package.get(8..).ok_or(HoldReason::Broken)?.to_vec();
        let cipher = Aes::new(key).ok_or(HoldReason::Broken)?;
        for (number, segment) in (0_u32..).zip(document.chunks_mut(SEGMENT)) {
            let salt = self.data.hash.of(&[&self.data.salt, &number.to_le_bytes()]);
            cipher.decrypt_chain(start(&salt), segment);
        }
        sized(&package, document)
    }
}

impl Coding {
    fn read(element: &Element) -> Result<Self, HoldReason> {
        let says = |name: &str| element.attribute(name).unwrap_or_default();
        if says("cipherAlgorithm") != "AES" || says("cipherChaining") != "ChainingModeCBC" {
            return Err(HoldReason::Encrypted);
        }
        let hash = match says("hashAlgorithm") {
            "MD5" => Hash::Md5,
            "SHA1" | "SHA-1" => Hash::Sha1,
            "SHA256" | "SHA-256" => Hash::Sha256,
            "SHA384" | "SHA-384" => Hash::Sha384,
            "SHA512" | "SHA-512" => Hash::Sha512,
            _ => return Err(HoldReason::Encrypted),
        };
        let bits: usize = says("keyBits").parse().map_err(|_| HoldReason::Broken)?;
        Ok(Self { hash, key_bytes: bits / 8, salt: binary(element, "saltValue")? })
    }
}

fn binary(element: &Element, name: &str) -> Result<Vec<u8>, HoldReason> {
    let text = element.attribute(name).ok_or(HoldReason::Broken)?;
    STANDARD.decode(text.trim()).map_err(|_| HoldReason::Broken)
}

/// The first block of a chain is mixed with this.
fn start(salt: &[u8]) -> [u8; 16] {
    let mut start = [FILL; 16];
    for (byte, other) in start.iter_mut().zip(salt) {
        *byte = *other;
    }
    start
}

fn filled(mut bytes: Vec<u8>, length: usize) -> Vec<u8> {
    bytes.resize(length.min(64), FILL);
    bytes
}
