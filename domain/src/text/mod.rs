//! Characters: width, kana, what is forbidden, search keys, lengths.
//!
//! Nothing here runs NFC or NFKC over a name that is stored: NFC already turns 神 (U+FA19) into
//! another character. Normal forms are only for search keys and for comparing.

mod kana;
mod width;

pub use kana::{hira_to_kata, is_hiragana, is_katakana, kata_to_hira};
pub use width::{BrokenKana, is_hyphen, narrow, narrow_char, widen, widen_kana};
