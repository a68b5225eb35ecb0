//! Characters: width, kana, what is forbidden, search keys, lengths.
//!
//! Nothing here runs NFC or NFKC over a name that is stored: NFC already turns 神 (U+FA19) into
//! another character. Normal forms are only for search keys and for comparing.

mod allowed;
mod kana;
mod near;
mod old_kanji;
mod rows;
mod search;
mod width;

pub use allowed::{Unwanted, is_kanji, unwanted, visible};
pub use kana::{
    compose_kana, hira_to_kata, is_hiragana, is_katakana, kata_to_hira, mend_long_marks,
};
pub use near::nearest;
pub(crate) use old_kanji::new_form;
pub use rows::KanaRow;
pub use search::search_key;
pub use width::{BrokenKana, half, is_hyphen, narrow, narrow_char, widen, widen_kana};

use unicode_segmentation::UnicodeSegmentation;

/// Length as people count it: a kanji with its variation selector is one, a line break is one.
#[must_use]
pub fn graphemes(text: &str) -> usize {
    // ASCII without line breaks is most of what is counted and needs no tables.
    if text.bytes().all(|b| (b' '..=b'~').contains(&b)) {
        return text.len();
    }
    text.graphemes(true).count()
}

/// Without spaces of any width at both ends.
#[must_use]
pub fn trim(text: &str) -> &str {
    text.trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NF-8: limits count what people see as one character.
    #[test]
    fn a_kanji_with_its_selector_counts_one() {
        assert_eq!(graphemes("葛\u{E0100}城市"), 3);
        assert_eq!(graphemes("が"), 1);
        assert_eq!(graphemes("か\u{3099}"), 1);
        assert_eq!(graphemes("𠮷野"), 2);
        assert_eq!(graphemes("a\r\nb"), 3);
    }
}
