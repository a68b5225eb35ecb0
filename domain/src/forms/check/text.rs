//! Text: fold to the class, check class, length, shape, and that it holds no マイナンバー.

use super::reader::Reader;
use super::{Code, Pattern};
use crate::cp932;
use crate::digits::holds_my_number;
use crate::forms::definition::{Charset, Text, Textarea};
use crate::text::{
    BrokenKana, graphemes, hira_to_kata, is_hiragana, is_katakana, kata_to_hira, mend_long_marks,
    narrow, widen, widen_kana,
};

/// Reads one line.
pub(super) fn read_line(reader: &mut Reader<'_>, kind: &Text, pattern: Option<&Pattern>) {
    let id = &reader.field.id;
    let Some(typed) = reader.line(id) else { return };
    let Ok(text) = folded(&typed, kind.charset) else {
        reader.keep(id, typed);
        return reader.fault(id, Code::BrokenKana, &[]);
    };
    let foreign = outside(&text, kind.charset);
    reader.keep(id, text.as_str());
    if let Some((code, chars)) = foreign {
        return reader.fault(id, code, &[("chars", chars)]);
    }
    if !length(reader, &text, kind.min, kind.max) {
        return;
    }
    if kind.refuse_my_number && holds_my_number(&text) {
        return reader.fault(id, Code::MyNumber, &[]);
    }
    if pattern.is_some_and(|pattern| !pattern.fits(&text)) {
        reader.fault(id, Code::Pattern, &[("sample", kind.sample.clone())]);
    }
}

/// Reads several lines.
pub(super) fn read_lines(reader: &mut Reader<'_>, kind: &Textarea) {
    let id = &reader.field.id;
    let Some(text) = reader.lines(id) else { return };
    reader.keep(id, text.as_str());
    if length(reader, &text, kind.min, kind.max) && holds_my_number(&text) {
        reader.fault(id, Code::MyNumber, &[]);
    }
}

fn length(reader: &mut Reader<'_>, text: &str, min: u32, max: u32) -> bool {
    let id = &reader.field.id;
    let count = graphemes(text);
    let (code, limit) = if count > max as usize {
        (Code::TooLong, ("max", max.to_string()))
    } else if count < min as usize {
        (Code::TooShort, ("min", min.to_string()))
    } else {
        return true;
    };
    reader.fault(id, code, &[limit, ("count", count.to_string())]);
    false
}

/// The text in the writing of its class, as far as nothing is lost.
fn folded(text: &str, charset: Charset) -> Result<String, BrokenKana> {
    Ok(match charset {
        Charset::Any => text.to_owned(),
        Charset::Full => widen(text)?,
        Charset::Half | Charset::Alnum | Charset::Digits => narrow(text),
        Charset::Hira => kata_to_hira(&mend_long_marks(&widen_kana(text)?)),
        Charset::Kata => hira_to_kata(&mend_long_marks(&widen_kana(text)?)),
        Charset::Jis => widen_kana(text)?,
    })
}

/// The fault of a class and the characters outside it, each once, at most ten.
fn outside(text: &str, charset: Charset) -> Option<(Code, String)> {
    let (code, takes): (Code, fn(char) -> bool) = match charset {
        Charset::Any => return None,
        Charset::Full => (Code::NotFull, |c| !is_half(c)),
        Charset::Half => (Code::NotHalf, is_half),
        Charset::Alnum => (Code::NotAlnum, |c| c.is_ascii_alphanumeric()),
        Charset::Digits => (Code::NotDigits, |c| c.is_ascii_digit()),
        Charset::Hira => (Code::NotHira, |c| is_hiragana(c) || is_between_words(c)),
        Charset::Kata => (Code::NotKata, |c| is_katakana(c) || is_between_words(c)),
        Charset::Jis => (Code::NotJis, cp932::holds),
    };
    let mut found = String::new();
    for c in text.chars().filter(|c| !takes(*c)) {
        if !found.contains(c) && found.chars().count() < 10 {
            found.push(c);
        }
    }
    (!found.is_empty()).then_some((code, found))
}

fn is_half(c: char) -> bool {
    matches!(c, ' '..='~' | '¥' | '\u{FF61}'..='\u{FF9F}')
}

fn is_between_words(c: char) -> bool {
    matches!(c, ' ' | '　' | '・' | '、' | '。')
}
