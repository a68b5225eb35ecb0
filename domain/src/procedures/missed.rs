//! What is worth remembering of a search that found nothing.

use crate::text::search_key;

/// Shortest and longest word, in characters after folding.
const LENGTH: std::ops::RangeInclusive<usize> = 2..=30;
/// Digits from which on it may be somebody's number.
const NUMBER: usize = 5;

/// The word, folded for searching; `None` for what may be an address, a number of a person, or no
/// word at all.
#[must_use]
pub fn missed_word(query: &str) -> Option<String> {
    let word = search_key(query);
    let digits = word.chars().filter(char::is_ascii_digit).count();
    let says_who = word.contains('@') || digits >= NUMBER;
    let odd = word.chars().any(|c| c.is_control() || c == char::REPLACEMENT_CHARACTER);
    (LENGTH.contains(&word.chars().count()) && !says_who && !odd).then_some(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NF-9: one word however it is typed; what may lead to a person is no word.
    #[test]
    fn words_are_folded_and_numbers_of_people_are_left_out() {
        for typed in ["どっぐらん", "ﾄﾞｯｸﾞﾗﾝ", " ドッグ ラン "] {
            assert_eq!(missed_word(typed).as_deref(), Some("ドッグラン"), "{typed}");
        }
        let long = "あ".repeat(31);
        for none in ["", "犬", "hanako@example.jp", "０９０-１２３４", "980-0811", "a\u{1}b", &long]
        {
            assert_eq!(missed_word(none), None, "{none}");
        }
        assert_eq!(missed_word("令和8年度").as_deref(), Some("令和8年度"));
    }
}
