//! Ciphers and hashes that formats protect files with.
//!
//! Formats keep their own derivations; this is what they share. Everything
//! here ends with the worker, which reads one file.

mod aes;
mod hash;

use encoding_rs::SHIFT_JIS;
use rc4::{KeyInit as _, Rc4, StreamCipher as _};
use sanitizer_intermediate::{ChangedKind, Findings, HoldReason, Password, Place};

pub(crate) use aes::Aes;
pub(crate) use hash::Hash;

/// Most rounds of a derivation: a second or two. Office asks for 100 000.
pub(crate) const MAX_ROUNDS: u32 = 2_000_000;

/// What to say of a file that does not open.
pub(crate) const fn refused(password: Option<&Password>) -> HoldReason {
    match password {
        None => HoldReason::Encrypted,
        Some(_) => HoldReason::WrongPassword,
    }
}

/// Tells staff that a file took its password and has none any more.
pub(crate) fn note(findings: &mut Findings) {
    findings.change(ChangedKind::PasswordRemoved, 1, Place::Document);
}

/// The bytes a password may stand for where the format does not say: UTF-8
/// first, then what Japanese Windows writes.
pub(crate) fn spellings(password: &str) -> Vec<Vec<u8>> {
    let mut all = vec![password.as_bytes().to_vec()];
    let (ansi, _, unmappable) = SHIFT_JIS.encode(password);
    if !unmappable && *ansi != *password.as_bytes() {
        all.push(ansi.into_owned());
    }
    all
}

/// UTF-16 as Office hashes it.
pub(crate) fn utf16(password: &str) -> Vec<u8> {
    password.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// A keystream; `None` for a key no cipher has.
pub(crate) fn rc4(key: &[u8]) -> Option<Rc4> {
    Rc4::new_from_slice(key).ok()
}

/// Runs the keystream over bytes, there and back alike.
pub(crate) fn apply(stream: &mut Rc4, bytes: &mut [u8]) {
    stream.apply_keystream(bytes);
}
