//! Shift_JIS (CP932) files: folding, 外字 and the report about them.
//!
//! The encoder behind this replaces what it cannot hold by `&#NNNN;` without an error of its own,
//! so nothing is encoded here that was not found to fit, character by character.

use encoding_rs::SHIFT_JIS;
use unicode_segmentation::UnicodeSegmentation;

/// 〓, written in place of what cannot be held.
pub const GETA: char = '〓';

/// One character (with its selectors) that could not be held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gaiji {
    /// Place in the text in characters as people count them, from 0.
    pub place: usize,
    /// Its code points, for `gaiji.csv`.
    pub code_points: Vec<u32>,
}

impl Gaiji {
    /// `U+845B U+E0100`.
    #[must_use]
    pub fn written(&self) -> String {
        let points: Vec<String> = self.code_points.iter().map(|c| format!("U+{c:04X}")).collect();
        points.join(" ")
    }
}

/// The nearest character CP932 knows for one it does not: wave dash, double line, currency and
/// others that differ only by table. ¥ and ‾ become their full-width forms, because the encoder
/// would make a backslash and a tilde of them.
#[must_use]
pub const fn fold(c: char) -> char {
    match c {
        '\u{301C}' => '\u{FF5E}',
        '\u{2016}' => '\u{2225}',
        '\u{00A2}' => '\u{FFE0}',
        '\u{00A3}' => '\u{FFE1}',
        '\u{00AC}' => '\u{FFE2}',
        '\u{2014}' => '\u{2015}',
        '\u{00A0}' => ' ',
        '\u{2212}' => '\u{FF0D}',
        '\u{00A5}' => '\u{FFE5}',
        '\u{203E}' => '\u{FFE3}',
        _ => c,
    }
}

/// Whether CP932 holds the character, after [`fold`].
#[must_use]
pub fn holds(c: char) -> bool {
    let c = fold(c);
    if c.is_ascii() {
        return true;
    }
    !SHIFT_JIS.encode(c.encode_utf8(&mut [0; 4])).2
}

/// Encodes a text. What does not fit becomes 〓 and is listed.
#[must_use]
pub fn encode(text: &str) -> (Vec<u8>, Vec<Gaiji>) {
    let folded: String = text.chars().map(fold).collect();
    let (bytes, _, had_errors) = SHIFT_JIS.encode(&folded);
    if !had_errors {
        return (bytes.into_owned(), Vec::new());
    }
    let mut fitting = String::with_capacity(folded.len());
    let mut gaiji = Vec::new();
    for (place, cluster) in folded.graphemes(true).enumerate() {
        if cluster.chars().all(holds) {
            fitting.push_str(cluster);
        } else {
            fitting.push(GETA);
            gaiji.push(Gaiji { place, code_points: cluster.chars().map(|c| c as u32).collect() });
        }
    }
    (SHIFT_JIS.encode(&fitting).0.into_owned(), gaiji)
}

/// First and last of the 1,880 characters towns draw themselves: bytes F040 to F9FC.
const PRIVATE: std::ops::RangeInclusive<char> = '\u{E000}'..='\u{E757}';

/// The bytes of a character that the town drew itself.
fn private(c: char) -> Option<[u8; 2]> {
    let place = PRIVATE.contains(&c).then(|| c as u32 - 0xE000)?;
    let (lead, trail) = (place / 188, place % 188);
    let trail = trail + if trail < 63 { 0x40 } else { 0x41 };
    Some([u8::try_from(0xF0 + lead).ok()?, u8::try_from(trail).ok()?])
}

/// The bytes of a text that was folded before. `None` when they would not read back as the same
/// text: nothing is replaced or folded here. Characters the town drew itself (U+E000–E757) are
/// written as F040 to F9FC.
#[must_use]
pub fn exact(text: &str) -> Option<Vec<u8>> {
    if text.is_ascii() {
        return Some(text.as_bytes().to_vec());
    }
    let mut bytes = Vec::with_capacity(text.len());
    for piece in text.split_inclusive(|c| PRIVATE.contains(&c)) {
        let drawn = piece.chars().next_back().and_then(private);
        let plain = if drawn.is_some() { &piece[..piece.len() - 3] } else { piece };
        bytes.extend_from_slice(&SHIFT_JIS.encode(plain).0);
        bytes.extend(drawn.into_iter().flatten());
    }
    (decode(&bytes)? == text).then_some(bytes)
}

/// Decodes a file; `None` when it is not CP932.
#[must_use]
pub fn decode(bytes: &[u8]) -> Option<String> {
    SHIFT_JIS
        .decode_without_bom_handling_and_without_replacement(bytes)
        .map(|text| text.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// IK-2.1.2d1: what a Windows program writes and reads.
    #[test]
    fn look_alikes_are_folded_and_come_back_as_windows_writes_them() {
        let (bytes, gaiji) = encode("〜‖¢£¬—−髙﨑①ｱ¥");
        assert_eq!(gaiji, []);
        assert_eq!(decode(&bytes).as_deref(), Some("～∥￠￡￢―－髙﨑①ｱ￥"));
    }

    #[test]
    fn what_does_not_fit_becomes_geta_and_is_listed() {
        let (bytes, gaiji) = encode("𠮷野 葛\u{E0100}城é㋿");
        assert_eq!(decode(&bytes).as_deref(), Some("〓野 〓城〓〓"));
        let listed: Vec<_> = gaiji.iter().map(|g| (g.place, g.written())).collect();
        assert_eq!(
            listed,
            [
                (0, "U+20BB7".to_owned()),
                (3, "U+845B U+E0100".to_owned()),
                (5, "U+00E9".to_owned()),
                (6, "U+32FF".to_owned())
            ]
        );
    }

    /// IK-2.1.2d1: what is written reads back as itself, or is not written.
    #[test]
    fn only_what_reads_back_as_itself_is_exact() {
        for c in (0u32..0x3_0000).filter_map(char::from_u32) {
            let text = format!("a{c}b");
            match exact(&text) {
                Some(bytes) => {
                    assert_eq!(decode(&bytes).as_deref(), Some(&*text), "{:X}", c as u32)
                }
                None => assert!(!holds(c) || fold(c) != c, "{:X}", c as u32),
            }
        }
        for changed in ["〜", "¥", "‾", "𠮷", "葛\u{E0100}", "\u{E758}", "&#20;é"] {
            assert_eq!(exact(changed), None, "{changed}");
        }
        assert_eq!(exact("\u{E000}外\u{E757}").unwrap(), b"\xF0\x40\x8A\x4F\xF9\xFC");
    }

    /// IK-2.1.2d1: nothing changes silently: each character is held or reported.
    #[test]
    fn every_character_comes_back_as_folded_or_is_reported() {
        for c in (0u32..0x3_0000).filter_map(char::from_u32) {
            let (bytes, gaiji) = encode(c.encode_utf8(&mut [0; 4]));
            let back = decode(&bytes).unwrap();
            if gaiji.is_empty() {
                assert_eq!(back, fold(c).to_string(), "{:X}", c as u32);
            } else {
                assert_eq!(back, "〓");
                assert!(!holds(c));
            }
        }
    }
}
