//! Which encoding a text is in: UTF-8, UTF-16, CP932 (Shift_JIS), EUC-JP,
//! ISO-2022-JP, or a Western one.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, ISO_2022_JP, UTF_8, UTF_16BE, UTF_16LE};

const ESCAPE: u8 = 0x1b;

/// A text as characters.
pub(super) struct Decoded {
    pub(super) text: String,
    /// It was in another encoding than UTF-8.
    pub(super) converted: bool,
    /// Characters that could not be read.
    pub(super) replaced: u32,
}

/// Decodes the text; `None` when no encoding makes sense of it.
pub(super) fn decode(bytes: &[u8]) -> Option<Decoded> {
    let (encoding, start) = detect(bytes);
    let (text, _) = encoding.decode_without_bom_handling(bytes.get(start..)?);
    let characters = text.chars().count();
    let replaced = text.matches(char::REPLACEMENT_CHARACTER).count();
    // A tenth unreadable is not a text with a flaw but something else.
    (replaced * 10 <= characters).then(|| Decoded {
        converted: encoding != UTF_8,
        replaced: u32::try_from(replaced).unwrap_or(u32::MAX),
        text: text.into_owned(),
    })
}

/// The encoding, and the length of the byte order mark.
fn detect(bytes: &[u8]) -> (&'static Encoding, usize) {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return (encoding, mark);
    }
    if bytes.is_ascii() {
        let escapes = bytes.windows(2).any(|pair| matches!(pair, [ESCAPE, b'$' | b'(']));
        return (if escapes { ISO_2022_JP } else { UTF_8 }, 0);
    }
    if std::str::from_utf8(bytes).is_ok() {
        return (UTF_8, 0);
    }
    if let Some(encoding) = unmarked_utf16(bytes) {
        return (encoding, 0);
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(bytes, true);
    (detector.guess(Some(b"jp"), Utf8Detection::Deny), 0)
}

/// UTF-16 without a mark: one half of the byte pairs is mostly the high bytes
/// of ASCII (0x00) and kana (0x30), the other is not.
fn unmarked_utf16(bytes: &[u8]) -> Option<&'static Encoding> {
    if bytes.len() < 4 || !bytes.len().is_multiple_of(2) {
        return None;
    }
    let high = |offset: usize| {
        bytes.iter().skip(offset).step_by(2).filter(|byte| matches!(byte, 0 | 0x30)).count()
    };
    let (even, odd) = (high(0), high(1));
    let pairs = bytes.len() / 2;
    let nulls = bytes.contains(&0);
    let candidate = match (even * 10 >= pairs * 3, odd * 10 >= pairs * 3) {
        (false, true) => UTF_16LE,
        (true, false) => UTF_16BE,
        (true, true) | (false, false) => return None,
    };
    let (text, faulty) = candidate.decode_without_bom_handling(bytes);
    let sensible = !faulty && !text.chars().any(|it| it.is_control() && !"\t\r\n".contains(it));
    (nulls && sensible).then_some(candidate)
}

/// Whether the bytes could be text in any encoding we read: hardly any
/// controls, and a decoding that makes sense of it.
#[must_use]
pub fn looks_like_text(bytes: &[u8]) -> bool {
    if Encoding::for_bom(bytes).is_some() || unmarked_utf16(bytes).is_some() {
        return decode(bytes).is_some();
    }
    let controls = bytes
        .iter()
        .filter(|byte| matches!(byte, 0..=8 | 0x0e..=0x1a | 0x1c..=0x1f | 0x7f))
        .count();
    !bytes.is_empty() && controls * 50 <= bytes.len() && decode(bytes).is_some()
}

#[cfg(test)]
mod tests {
    use encoding_rs::{EUC_JP, SHIFT_JIS};

    use super::*;

    const SENTENCE: &str = "住民票の写しを２通請求します。①㈱髙橋、カタカナとひらがな。\r\n";

    fn read(bytes: &[u8]) -> String {
        assert!(looks_like_text(bytes));
        decode(bytes).expect("a text").text
    }

    #[test]
    fn the_encodings_japanese_files_come_in_are_told_apart() {
        assert_eq!(read(SENTENCE.as_bytes()), SENTENCE);
        assert_eq!(read(&SHIFT_JIS.encode(SENTENCE).0), SENTENCE);
        let (bytes, _, _) = EUC_JP.encode("住民票の写しを請求します。カタカナとひらがな。");
        assert_eq!(read(&bytes), "住民票の写しを請求します。カタカナとひらがな。");
        let (bytes, _, _) = ISO_2022_JP.encode("住民票の写し");
        assert_eq!(read(&bytes), "住民票の写し");
    }

    #[test]
    fn utf16_is_read_with_and_without_a_mark() {
        let little: Vec<u8> = SENTENCE.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = SENTENCE.encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(read(&little), SENTENCE);
        assert_eq!(read(&big), SENTENCE);
        assert_eq!(read(&[b"\xff\xfe".as_slice(), &little].concat()), SENTENCE);
        assert_eq!(read(&[b"\xfe\xff".as_slice(), &big].concat()), SENTENCE);
        assert_eq!(read(&[b"\xef\xbb\xbf".as_slice(), SENTENCE.as_bytes()].concat()), SENTENCE);
    }

    #[test]
    fn a_short_shift_jis_name_is_not_taken_for_something_western() {
        let (bytes, _, _) = SHIFT_JIS.encode("氏名,年齢\r\n山田太郎,30\r\n");
        assert_eq!(read(&bytes), "氏名,年齢\r\n山田太郎,30\r\n");
    }

    #[test]
    fn binary_data_is_not_text() {
        let noise: Vec<u8> = (0..=255_u8).cycle().take(4096).collect();
        assert!(!looks_like_text(&noise));
        assert!(!looks_like_text(b""));
    }
}
