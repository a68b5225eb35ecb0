//! The bytes of a file that travels with the document.

use super::FormFile;

impl FormFile {
    /// The bytes; `None` when the text is not standard base64.
    #[must_use]
    pub fn bytes(&self) -> Option<Vec<u8>> {
        decode(&self.base64.concat())
    }

    /// Whether a form can show it as a picture (NF-51).
    #[must_use]
    pub fn is_picture(&self) -> bool {
        self.media.starts_with("image/")
    }

    /// The pieces that stand for these bytes.
    #[must_use]
    pub fn pieces(bytes: &[u8]) -> Vec<String> {
        bytes.chunks(PIECE).map(encode).collect()
    }
}

/// Bytes of one piece: a multiple of three, so that only the last piece is padded.
const PIECE: usize = 48 * 1_024;

fn encode(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let bits = group.iter().fold(0u32, |bits, byte| (bits << 8) | u32::from(*byte));
        let bits = bits << (8 * (3 - group.len()));
        for n in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * n)) as usize & 63];
            out.push(if n > group.len() { '=' } else { char::from(letter) });
        }
    }
    out
}

/// Strict: length a multiple of four, padding only at the end, no stray bits.
fn decode(text: &str) -> Option<Vec<u8>> {
    let padding = text.bytes().rev().take_while(|b| *b == b'=').count();
    if !text.len().is_multiple_of(4) || padding > 2 {
        return None;
    }
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    for group in text.trim_end_matches('=').as_bytes().chunks(4) {
        let mut bits = 0u32;
        for byte in group {
            bits = (bits << 6) | u32::from(value(*byte)?);
        }
        let missing = 4 - group.len();
        bits <<= 6 * missing;
        let bytes = bits.to_be_bytes();
        let (kept, stray) = bytes[1..].split_at(3 - missing);
        if stray.iter().any(|b| *b != 0) {
            return None;
        }
        out.extend_from_slice(kept);
    }
    Some(out)
}

fn value(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{FormFile, decode, encode};

    #[test]
    fn base64_follows_the_vectors_of_rfc_4648() {
        for (text, bytes) in
            [("", ""), ("Zg==", "f"), ("Zm8=", "fo"), ("Zm9v", "foo"), ("Zm9vYmFy", "foobar")]
        {
            assert_eq!(decode(text).as_deref(), Some(bytes.as_bytes()));
            assert_eq!(encode(bytes.as_bytes()), text);
        }
        for bad in ["Zg", "Zg=", "Z===", "Zh==", "Zm9v\n", "Zg==Zg==", "Z_-="] {
            assert_eq!(decode(bad), None, "{bad}");
        }
        let long: Vec<u8> = (0..100_000u32).map(|n| n.to_le_bytes()[0]).collect();
        assert_eq!(decode(&FormFile::pieces(&long).concat()), Some(long));
    }
}
