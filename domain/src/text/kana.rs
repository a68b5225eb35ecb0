//! Hiragana and katakana.

/// Whether a character belongs in a フリガナ: U+30A1–30FA and the 長音 U+30FC.
#[must_use]
pub const fn is_katakana(c: char) -> bool {
    matches!(c, '\u{30A1}'..='\u{30FA}' | '\u{30FC}')
}

/// Whether a character is hiragana or the 長音.
#[must_use]
pub const fn is_hiragana(c: char) -> bool {
    matches!(c, '\u{3041}'..='\u{3096}' | '\u{30FC}')
}

/// Hiragana as katakana; small kana, ヅ and ヂ keep what they are.
#[must_use]
pub fn hira_to_kata(text: &str) -> String {
    text.chars().map(|c| shifted(c, '\u{3041}'..='\u{3096}', 0x60)).collect()
}

/// Katakana as hiragana where there is one (not ヷ–ヺ).
#[must_use]
pub fn kata_to_hira(text: &str) -> String {
    text.chars().map(|c| shifted(c, '\u{30A1}'..='\u{30F6}', -0x60)).collect()
}

fn shifted(c: char, range: std::ops::RangeInclusive<char>, by: i32) -> char {
    if !range.contains(&c) {
        return c;
    }
    (c as u32).checked_add_signed(by).and_then(char::from_u32).unwrap_or(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NF-8: small kana, ヅ and ヂ are never folded.
    #[test]
    fn hiragana_becomes_katakana_one_for_one() {
        assert_eq!(
            hira_to_kata("きょうこ きようこ みづき ぢ ゔ ー"),
            "キョウコ キヨウコ ミヅキ ヂ ヴ ー"
        );
        assert_eq!(kata_to_hira("キョウコ・ヴ"), "きょうこ・ゔ");
    }

    #[test]
    fn a_reading_has_katakana_and_the_long_mark_only() {
        assert!("ヤマダー".chars().all(is_katakana));
        assert!(!"ヤマダ・".chars().all(is_katakana));
        assert!(!"やまだ".chars().all(is_katakana));
    }
}
