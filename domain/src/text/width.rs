//! Between full width and half width.

use thiserror::Error;
use unicode_normalization::UnicodeNormalization;

/// A full-width ASCII character or space as its half-width one; everything else unchanged.
#[must_use]
pub const fn narrow_char(c: char) -> char {
    match c {
        '！'..='～' => match char::from_u32(c as u32 - 0xFEE0) {
            Some(narrow) => narrow,
            None => c,
        },
        '　' => ' ',
        '￥' => '¥',
        _ => c,
    }
}

/// Full-width ASCII in half width; kana and kanji stay.
#[must_use]
pub fn narrow(text: &str) -> String {
    text.chars().map(narrow_char).collect()
}

/// Half-width ASCII and kana in full width.
/// # Errors
/// [`BrokenKana`] for a half-width kana with a mark it cannot have.
pub fn widen(text: &str) -> Result<String, BrokenKana> {
    let wide = widen_kana(text)?;
    Ok(wide
        .chars()
        .map(|c| match c {
            '!'..='~' => char::from_u32(c as u32 + 0xFEE0).unwrap_or(c),
            ' ' => '　',
            '¥' => '￥',
            _ => c,
        })
        .collect())
}

/// Half-width kana with a 濁点 or 半濁点 that it cannot have, such as ｱﾞ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("half-width kana with an impossible mark")]
pub struct BrokenKana;

/// Half-width kana (U+FF61–FF9F) in full width, marks joined: ｶﾞ → ガ. All else stays.
/// # Errors
/// [`BrokenKana`] when a mark is left over.
pub fn widen_kana(text: &str) -> Result<String, BrokenKana> {
    let mut out = String::with_capacity(text.len());
    let mut run = String::new();
    for c in text.chars() {
        if matches!(c, '\u{FF61}'..='\u{FF9F}') {
            run.push(c);
        } else {
            flush(&mut run, &mut out)?;
            out.push(c);
        }
    }
    flush(&mut run, &mut out)?;
    Ok(out)
}

fn flush(run: &mut String, out: &mut String) -> Result<(), BrokenKana> {
    let start = out.len();
    out.extend(run.nfkc());
    run.clear();
    let broken = out[start..].contains(['\u{3099}', '\u{309A}']);
    if broken { Err(BrokenKana) } else { Ok(()) }
}

/// Full-width forms of U+FF61 to U+FF9D, in that order.
const WIDE_KANA: &str = "。「」、・ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテト\
                         ナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン";

/// Half width as batch systems want it: hiragana and katakana become ｶﾞ, ASCII its half-width
/// form. Small kana stay small, and what has no half-width form (ヮ, kanji) stays as it is.
#[must_use]
pub fn half(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in super::hira_to_kata(text).chars() {
        let parts: Vec<char> = std::iter::once(c).nfd().collect();
        match parts[..] {
            [base, mark @ ('\u{3099}' | '\u{309A}')] => match half_kana(base) {
                Some(kana) => out.extend([kana, if mark == '\u{3099}' { 'ﾞ' } else { 'ﾟ' }]),
                None => out.push(c),
            },
            _ => out.push(half_kana(c).unwrap_or_else(|| narrow_char(c))),
        }
    }
    out
}

fn half_kana(c: char) -> Option<char> {
    match c {
        '゛' => Some('ﾞ'),
        '゜' => Some('ﾟ'),
        _ => WIDE_KANA
            .chars()
            .zip('\u{FF61}'..='\u{FF9D}')
            .find(|(wide, _)| *wide == c)
            .map(|(_, k)| k),
    }
}

/// Whether people mean a hyphen by it: ASCII and Unicode hyphens, dashes, the minus sign, and the
/// 長音 that a kana keyboard puts in its place.
#[must_use]
pub const fn is_hyphen(c: char) -> bool {
    matches!(
        c,
        '-' | '\u{2010}'
            ..='\u{2015}'
                | '\u{2212}'
                | '\u{FF0D}'
                | '\u{FE63}'
                | '\u{30FC}'
                | '\u{FF70}'
                | '\u{2500}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NF-8: full-width digits and letters are taken and shown in half width.
    #[test]
    fn full_width_ascii_becomes_half_width() {
        assert_eq!(narrow("０３（１２３４）Ａｂ　￥"), "03(1234)Ab ¥");
        assert_eq!(narrow("東京カナ"), "東京カナ");
    }

    /// NF-8: half-width kana joins its marks.
    #[test]
    fn half_width_kana_becomes_full_width_with_its_marks() {
        assert_eq!(widen_kana("ﾀﾞｲｽｹ ﾊﾟﾝ ｳﾞ ｰ｡").unwrap(), "ダイスケ パン ヴ ー。");
        assert_eq!(widen_kana("ｱﾞ"), Err(BrokenKana));
        assert_eq!(widen("ABC 1-2ｱ").unwrap(), "ＡＢＣ　１－２ア");
        assert_eq!(widen_kana("\u{FA19}").unwrap(), "\u{FA19}");
    }

    /// IK-2.1.2d1: readings for batch systems; small kana are never folded.
    #[test]
    fn kana_become_half_width_with_their_marks() {
        assert_eq!(half("だいすけ パン ヴ キョウコ、（Ａ－１）ー。"), "ﾀﾞｲｽｹ ﾊﾟﾝ ｳﾞ ｷｮｳｺ､(A-1)ｰ｡");
        assert_eq!(half("ヮ漢字ﾞ\u{FA19}"), "ヮ漢字ﾞ\u{FA19}");
        for wide in WIDE_KANA.chars() {
            let kana = half(wide.encode_utf8(&mut [0; 4]));
            assert_eq!(widen_kana(&kana).unwrap(), wide.to_string());
        }
    }
}
