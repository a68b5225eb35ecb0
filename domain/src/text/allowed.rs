//! Characters that are never taken, wherever text is typed.

use super::compose_kana;

/// Why a character is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unwanted {
    /// A control character, an invisible one, a direction mark, or a stray variation selector.
    Invisible,
    /// 外字: private use, has no meaning outside one computer.
    PrivateUse(char),
    /// A 濁点 or 半濁点 that belongs to no letter.
    StrayMark,
}

/// The first character of `text` that is not taken. A line feed is taken when `lines` is set.
///
/// Variation selectors are taken where they mean something: U+FE00–FE0F not after a digit,
/// U+E0100–E01EF (IVS) only after a kanji.
#[must_use]
pub fn unwanted(text: &str, lines: bool) -> Option<Unwanted> {
    // Printable ASCII needs no look.
    if text.bytes().all(|b| (b' '..=b'~').contains(&b)) {
        return None;
    }
    let mut before = None;
    for c in text.chars() {
        let fault = if c == '\n' && lines { None } else { judge(before, c) };
        if fault.is_some() {
            return fault;
        }
        before = Some(c);
    }
    None
}

/// Why a character is not taken behind another one.
fn judge(before: Option<char>, c: char) -> Option<Unwanted> {
    match c {
        '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..='\u{10FFFF}' => Some(Unwanted::PrivateUse(c)),
        '\u{3099}' | '\u{309A}' => Some(Unwanted::StrayMark),
        '\u{FE00}'..='\u{FE0F}' => stray(before.is_none_or(|b| b.is_ascii_digit())),
        '\u{E0100}'..='\u{E01EF}' => stray(!before.is_some_and(is_kanji)),
        c => stray(c.is_control() || is_invisible(c)),
    }
}

/// What a person sees of a text: kana in one character each, nothing that has no shape. Whoever pastes such a text
/// cannot know what to delete. Control characters, U+FFFD and 外字 stay, for [`unwanted`] to tell.
#[must_use]
pub fn visible(text: &str) -> String {
    let mut seen = String::with_capacity(text.len());
    for c in text.chars() {
        let told = c.is_control() || c == '\u{FFFD}';
        if told || judge(seen.chars().next_back(), c) != Some(Unwanted::Invisible) {
            seen.push(c);
        }
    }
    compose_kana(&seen)
}

fn stray(is: bool) -> Option<Unwanted> {
    is.then_some(Unwanted::Invisible)
}

const fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{00AD}'
            | '\u{034F}'
            | '\u{061C}'
            | '\u{115F}'..='\u{1160}'
            | '\u{17B4}'..='\u{17B5}'
            | '\u{180B}'..='\u{180F}'
            | '\u{200B}'..='\u{200F}'
            | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{3164}'
            | '\u{FEFF}'
            | '\u{FFA0}'
            | '\u{FFF0}'..='\u{FFFF}'
            | '\u{E0000}'..='\u{E00FF}'
            | '\u{E01F0}'..='\u{E0FFF}'
    ) || (c as u32) & 0xFFFE == 0xFFFE
}

/// Whether a character is a kanji: unified and compatibility ideographs of all planes.
#[must_use]
pub const fn is_kanji(c: char) -> bool {
    matches!(
        c,
        '\u{3400}'..='\u{4DBF}'
            | '\u{4E00}'..='\u{9FFF}'
            | '\u{F900}'..='\u{FAFF}'
            | '\u{20000}'..='\u{3FFFD}'
            | '々'
            | '〆'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// W11: what cannot be seen is not taken.
    #[test]
    fn invisible_and_control_characters_are_found() {
        for bad in [
            "a\0",
            "a\u{7}",
            "山\u{200B}田",
            "\u{202E}abc",
            "x\u{FEFF}",
            "\u{2066}a",
            "a\tb",
            "\u{FFFE}",
            "\u{FFFD}",
        ] {
            assert_eq!(unwanted(bad, true), Some(Unwanted::Invisible), "{bad:?}");
        }
        assert_eq!(unwanted("一行目\n二行目", true), None);
        assert_eq!(unwanted("一行目\n二行目", false), Some(Unwanted::Invisible));
    }

    /// NF-8: 外字 are refused, variants with selectors are kept.
    #[test]
    fn private_use_is_refused_and_ideographic_variants_are_taken() {
        assert_eq!(unwanted("山\u{E001}", false), Some(Unwanted::PrivateUse('\u{E001}')));
        assert_eq!(unwanted("\u{F0001}", false), Some(Unwanted::PrivateUse('\u{F0001}')));
        assert_eq!(unwanted("葛\u{E0100}城 辻\u{FE00} 𠮷 \u{FA19} éa ㋿ 👍\u{FE0F}", false), None);
        assert_eq!(unwanted("a\u{E0100}", false), Some(Unwanted::Invisible));
        assert_eq!(unwanted("1\u{FE0F}", false), Some(Unwanted::Invisible));
        assert_eq!(unwanted("あ\u{3099}", false), Some(Unwanted::StrayMark));
    }

    /// NF-7: what was pasted can be sent as it looks; what is told stays.
    #[test]
    fn what_nobody_sees_is_left_out() {
        for (pasted, seen) in [
            ("か\u{3099}く\u{200B}せい\u{FEFF}", "がくせい"),
            ("\u{200E}は\u{200D}\u{309A}", "ぱ"),
            ("葛\u{E0100}城 1\u{FE0F} 👍\u{FE0F}", "葛\u{E0100}城 1 👍\u{FE0F}"),
            ("一行目\r\n二\t行目", "一行目\r\n二\t行目"),
        ] {
            assert_eq!(visible(pasted), seen, "{pasted:?}");
        }
        for told in ["a\u{7}b", "a\u{FFFD}b", "山\u{E001}", "あ\u{3099}"] {
            assert_eq!(visible(told), told);
        }
    }
}
