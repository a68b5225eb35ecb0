//! The hash of something that goes, so that a copy of it can be known again.

use ring::digest::{Context, SHA256};

/// SHA-256 over texts behind their length (u32, big-endian) and numbers (i64, big-endian).
pub(crate) struct Content(Context);

impl Content {
    /// Of a kind of thing.
    pub(crate) fn of(kind: &str) -> Self {
        Self(Context::new(&SHA256)).text("madoguchi.retention.v1").text(kind)
    }

    pub(crate) fn text(mut self, text: &str) -> Self {
        let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
        self.0.update(&length.to_be_bytes());
        self.0.update(text.as_bytes());
        self
    }

    pub(crate) fn number(mut self, number: i64) -> Self {
        self.0.update(&number.to_be_bytes());
        self
    }

    /// A list behind its length.
    pub(crate) fn list<T>(self, all: &[T], add: impl Fn(Self, &T) -> Self) -> Self {
        let length = i64::try_from(all.len()).unwrap_or(i64::MAX);
        all.iter().fold(self.number(length), add)
    }

    pub(crate) fn hash(self) -> [u8; 32] {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(self.0.finish().as_ref());
        bytes
    }
}

pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

pub(super) fn unhex(text: &str) -> Option<Vec<u8>> {
    let pairs = text.as_bytes().chunks(2).map(std::str::from_utf8);
    pairs.map(|pair| u8::from_str_radix(pair.ok()?, 16).ok()).collect()
}
