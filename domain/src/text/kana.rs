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
    text.chars()
        .map(|c| if ('\u{3041}'..='\u{3096}').contains(&c) { shifted(c, 0x60) } else { c })
        .collect()
}

/// Katakana as hiragana where there is one (not ヷ–ヺ).
#[must_use]
pub fn kata_to_hira(text: &str) -> String {
    text.chars()
        .map(|c| if ('\u{30A1}'..='\u{30F6}').contains(&c) { shifted(c, -0x60) } else { c })
        .collect()
}

fn shifted(c: char, by: i32) -> char {
    (c as u32).checked_add_signed(by).and_then(char::from_u32).unwrap_or(c)
}

/// A hyphen or dash right behind kana as the 長音 it stands for: ヤマダ- → ヤマダー.
#[must_use]
pub fn mend_long_marks(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let after_kana = out.chars().next_back().is_some_and(|p| is_katakana(p) || is_hiragana(p));
        out.push(if after_kana && super::is_hyphen(c) { 'ー' } else { c });
    }
    out
}

/// Kana written as letter and separate mark (as some systems send them) in one character: か + ゛ → が.
/// Nothing else is composed, so kanji keep their code points.
#[must_use]
pub fn compose_kana(text: &str) -> String {
    if !text.contains(['\u{3099}', '\u{309A}']) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\u{3099}' | '\u{309A}')
            && let Some(letter) = out.pop()
        {
            match unicode_normalization::char::compose(letter, c) {
                Some(whole) => out.push(whole),
                None => out.extend([letter, c]),
            }
        } else {
            out.push(c);
        }
    }
    out
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

    #[test]
    fn a_hyphen_behind_kana_is_a_long_mark_and_elsewhere_a_hyphen() {
        assert_eq!(mend_long_marks("ヤマダ- マリ−サ 1-2"), "ヤマダー マリーサ 1-2");
    }

    #[test]
    fn only_kana_is_composed() {
        assert_eq!(compose_kana("か\u{3099}き は\u{309A} \u{FA19}"), "がき ぱ \u{FA19}");
        assert_eq!(compose_kana("あ\u{3099}"), "あ\u{3099}");
        assert_eq!(compose_kana("\u{3099}"), "\u{3099}");
    }
}
