//! Readings above the words of やさしい日本語 (furigana), from a list that people wrote:
//! `texts/ja-easy/readings.txt`. A word is looked up as a whole, the longest first, so 今日 is not
//! 今 and 日. Nothing is guessed: a word that is not listed has no reading, and a test names it.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::reader::marks;

/// Words and how they are shown with readings. A line of the file is `{申請|しんせい}` or
/// `{申|もう}し{込|こ}む`.
static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let lines = include_str!("../../texts/ja-easy/readings.txt").lines();
    let known: HashMap<String, String> =
        lines.filter(|line| line.contains('{')).map(word).collect();
    let longest = known.keys().map(|word| word.chars().count()).max().unwrap_or_default();
    Words { known, longest }
});

struct Words {
    known: HashMap<String, String>,
    /// Letters of the longest word.
    longest: usize,
}

/// A line of the list: the word, and the same with marks.
fn word(line: &str) -> (String, String) {
    let (mut plain, mut marked) = (String::new(), String::new());
    let mut rest = line.trim();
    while let Some((before, behind)) = rest.split_once('{') {
        let (pair, after) = behind.split_once('}').unwrap_or((behind, ""));
        let (base, reading) = pair.split_once('|').unwrap_or((pair, ""));
        plain.extend([before, base]);
        marked.extend([before, &marks::ruby(base, reading)]);
        rest = after;
    }
    (plain + rest, marked + rest)
}

/// A text with its readings. What stands in braces is a name, and stays.
pub(super) fn above(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    each(text, |piece| match piece {
        Piece::Listed(marked) => out.push_str(marked),
        Piece::Other(other) => out.push_str(other),
    });
    out
}

/// The first kanji of a text without a reading.
#[cfg(test)]
pub(super) fn uncovered(text: &str) -> Option<String> {
    let mut bare = None;
    each(text, |piece| {
        if let Piece::Other(other) = piece
            && other.chars().any(is_kanji)
            && bare.is_none()
        {
            bare = Some(format!("{other} in {text}"));
        }
    });
    bare
}

enum Piece<'t> {
    Listed(&'t str),
    Other(&'t str),
}

fn each(text: &str, mut take: impl FnMut(Piece<'_>)) {
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = if first == '{' {
            rest.find('}').map_or(rest.len(), |end| end + 1)
        } else if let Some((length, marked)) = listed(rest) {
            take(Piece::Listed(marked));
            rest = &rest[length..];
            continue;
        } else {
            first.len_utf8()
        };
        take(Piece::Other(&rest[..length]));
        rest = &rest[length..];
    }
}

/// The longest listed word at the begin of a text: its bytes, and the word with marks.
fn listed(text: &str) -> Option<(usize, &'static str)> {
    let ends: Vec<usize> =
        text.char_indices().map(|(at, c)| at + c.len_utf8()).take(WORDS.longest).collect();
    ends.into_iter()
        .rev()
        .find_map(|end| WORDS.known.get(&text[..end]).map(|marked| (end, marked.as_str())))
}

#[cfg(test)]
const fn is_kanji(letter: char) -> bool {
    matches!(letter, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '々')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_word_counts_and_names_in_braces_stay() {
        let (plain, marked) = word("{申|もう}し{込|こ}む");
        assert_eq!(plain, "申し込む");
        assert_eq!(marks::without(&marked), "申し込む");
        let shown = above("申請の{名}");
        assert!(shown.contains("しんせい") && shown.ends_with("{名}"), "{shown}");
        assert_eq!(marks::without(&shown), "申請の{名}");
    }
}
