//! Text strings outside of content: UTF-16, UTF-8 or PDFDocEncoding.

/// The characters of a text string, control characters dropped.
pub(super) fn text(bytes: &[u8]) -> String {
    without_escapes(&decoded(bytes))
}

fn decoded(bytes: &[u8]) -> String {
    match bytes {
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xEF, 0xBB, 0xBF, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        _ => bytes.iter().map(|byte| from_doc_encoding(*byte)).collect(),
    }
}

/// The lines of a text string.
pub(super) fn lines(bytes: &[u8]) -> Vec<String> {
    let text = decoded(bytes).replace("\r\n", "\n").replace('\r', "\n");
    text.split('\n').map(without_escapes).collect()
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let (pairs, _) = bytes.as_chunks::<2>();
    char::decode_utf16(pairs.iter().copied().map(unit)).map(|c| c.unwrap_or('\u{FFFD}')).collect()
}

/// Drops language escapes (`ESC ja JP ESC`) and control characters.
fn without_escapes(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    for (place, part) in text.split('\u{1B}').enumerate() {
        if place % 2 == 0 {
            kept.extend(part.chars().filter(|c| !c.is_control()));
        }
    }
    kept
}

fn from_doc_encoding(byte: u8) -> char {
    const HIGH: [char; 33] = [
        '•', '†', '‡', '…', '—', '–', 'ƒ', '⁄', '‹', '›', '−', '‰', '„', '“', '”', '‘', '’', '‚',
        '™', 'ﬁ', 'ﬂ', 'Ł', 'Œ', 'Š', 'Ÿ', 'Ž', 'ı', 'ł', 'œ', 'š', 'ž', '\u{FFFD}', '€',
    ];
    const LOW: [char; 8] = ['˘', 'ˇ', 'ˆ', '˙', '˝', '˛', '˚', '˜'];
    match byte {
        0x18..=0x1F => LOW[usize::from(byte - 0x18)],
        0x80..=0xA0 => HIGH[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn each_encoding_is_told_by_its_mark() {
        assert_eq!(text(b"\xFE\xFF\x5E\x02\x6C\x11"), "市民");
        assert_eq!(text(b"\xFF\xFE\x02\x5E\x11\x6C"), "市民");
        assert_eq!(text("\u{FEFF}市民".as_bytes()), "市民");
        assert_eq!(text(b"caf\xE9 \xA0"), "café €");
    }

    #[test]
    fn language_marks_and_control_characters_are_dropped() {
        assert_eq!(text(b"\xFE\xFF\x00\x1B\x00j\x00a\x00\x1B\x5E\x02\x00\x07"), "市");
    }
}
