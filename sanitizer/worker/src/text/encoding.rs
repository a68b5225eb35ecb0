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
    if let Some(encoding) = unmarked_utf16(bytes) {
        return (encoding, 0);
    }
    if bytes.is_ascii() {
        let escapes = bytes.windows(2).any(|pair| matches!(pair, [ESCAPE, b'$' | b'(']));
        return (if escapes { ISO_2022_JP } else { UTF_8 }, 0);
    }
    if std::str::from_utf8(bytes).is_ok() {
        return (UTF_8, 0);
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(bytes, true);
    let japanese = detector.guess(Some(b"jp"), Utf8Detection::Deny);
    if reads_like_accents(&japanese.decode_without_bom_handling(bytes).0) {
        return (detector.guess(None, Utf8Detection::Deny), 0);
    }
    (japanese, 0)
}

/// Whether most runs of non-ASCII characters are single ones inside or next to
/// Latin words: accents and quotes of a Western text taken for kanji.
fn reads_like_accents(text: &str) -> bool {
    let (mut runs, mut lonely) = (0, 0);
    let mut before = ' ';
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        if !character.is_ascii() {
            runs += 1;
            let mut length = 1;
            while rest.next_if(|next| !next.is_ascii()).is_some() {
                length += 1;
            }
            let after = rest.peek().copied().unwrap_or(' ');
            let touches = before.is_ascii_alphabetic() || after.is_ascii_alphabetic();
            lonely += usize::from(length == 1 && touches);
        }
        before = character;
    }
    lonely * 2 > runs
}

/// UTF-16 without a mark: only then are there zero bytes in a text, and only
/// in the right byte order is it full of ASCII and kana.
fn unmarked_utf16(bytes: &[u8]) -> Option<&'static Encoding> {
    if !bytes.contains(&0) || !bytes.len().is_multiple_of(2) {
        return None;
    }
    let score = |encoding: &'static Encoding| {
        let (text, faulty) = encoding.decode_without_bom_handling(bytes);
        let sensible = !faulty && !text.chars().any(|it| it.is_control() && !"\t\r\n".contains(it));
        let usual = |it: &char| it.is_ascii() || ('ぁ'..='ー').contains(it);
        sensible.then(|| text.chars().filter(usual).count())
    };
    match (score(UTF_16LE), score(UTF_16BE)) {
        (Some(little), Some(big)) => Some(if big > little { UTF_16BE } else { UTF_16LE }),
        (Some(_), None) => Some(UTF_16LE),
        (None, Some(_)) => Some(UTF_16BE),
        (None, None) => None,
    }
}

/// Controls a short text may have; a longer one may have a twentieth more.
const STRAY_CONTROLS: usize = 4;

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
    !bytes.is_empty() && controls <= STRAY_CONTROLS + bytes.len() / 20 && decode(bytes).is_some()
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
        let digits: Vec<u8> = "0,1\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(read(&digits), "0,1\r\n");
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
    fn western_texts_keep_their_accents_and_quotes() {
        let text = "contratação, a “café” in São Paulo";
        let (bytes, _, _) = encoding_rs::WINDOWS_1252.encode(text);
        assert_eq!(read(&bytes), text);
    }

    #[test]
    fn binary_data_is_not_text() {
        let noise: Vec<u8> = (0..=255_u8).cycle().take(4096).collect();
        assert!(!looks_like_text(&noise));
        assert!(!looks_like_text(b""));
    }
}
