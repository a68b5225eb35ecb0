//! Finding a procedure by words, tolerant of width, kana, case and old kanji (NF-9).

use crate::forms::definition::Procedure;
use crate::text::{KanaRow, nearest, search_key};

/// The folded texts of one procedure, made once per revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchEntry {
    /// First row of the 五十音 list its reading belongs to.
    row: Option<KanaRow>,
    title: String,
    kana: String,
    keywords: Vec<String>,
    summary: String,
}

/// Points of a place in which a word is found.
const TITLE_START: u32 = 100;
const TITLE: u32 = 60;
const KANA: u32 = 50;
const KEYWORD: u32 = 40;
const SUMMARY: u32 = 10;
/// Points of a word that is almost there.
const NEAR: u32 = 5;

impl SearchEntry {
    /// Folds the texts of a procedure.
    #[must_use]
    pub fn of(procedure: &Procedure) -> Self {
        let kana = search_key(&procedure.title_kana);
        Self {
            row: kana.chars().next().and_then(KanaRow::of),
            title: search_key(procedure.title.ja()),
            kana,
            keywords: procedure.keywords.iter().map(|word| search_key(word)).collect(),
            summary: search_key(procedure.summary.ja()),
        }
    }

    /// Its row in the 五十音 list; `None` without a reading in kana.
    #[must_use]
    pub const fn row(&self) -> Option<KanaRow> {
        self.row
    }

    /// Points for a query; `None` when one of its words is found nowhere. A query without words
    /// finds everything with 0 points. Sort by points, then by the title's reading.
    #[must_use]
    pub fn points(&self, query: &str) -> Option<u32> {
        let words = query.split_whitespace().take(10).map(search_key).filter(|w| !w.is_empty());
        words.map(|word| self.points_of(&word)).sum()
    }

    /// Points for a query of which nothing has every word: words with a slip of the finger or of
    /// the conversion count too, and the more words are found, the better. `None` when none is.
    #[must_use]
    pub fn points_near(&self, query: &str) -> Option<u32> {
        let words = query.split_whitespace().take(10).map(search_key).filter(|w| !w.is_empty());
        let points: u32 = words.map(|word| self.points_near_of(&word)).sum();
        (points > 0).then_some(points)
    }

    fn points_near_of(&self, word: &str) -> u32 {
        let letters: Vec<char> = word.chars().collect();
        let slips = match letters.len() {
            0..=3 => 0,
            4..=7 => 1,
            _ => 2,
        };
        self.points_of(word).unwrap_or_else(|| {
            let texts = [&self.title, &self.kana].into_iter().chain(&self.keywords);
            let near = |text: &String| nearest(&letters, text) <= slips;
            if slips > 0 && texts.into_iter().any(near) { NEAR } else { 0 }
        })
    }

    fn points_of(&self, word: &str) -> Option<u32> {
        let keyword =
            |k: &String| k.contains(word) || (k.chars().count() > 1 && word.contains(k.as_str()));
        let found = [
            (self.title.starts_with(word) || self.kana.starts_with(word), TITLE_START),
            (self.title.contains(word), TITLE),
            (self.kana.contains(word), KANA),
            (self.keywords.iter().any(keyword), KEYWORD),
            (self.summary.contains(word), SUMMARY),
        ];
        found.into_iter().find(|(is, _)| *is).map(|(_, points)| points)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> SearchEntry {
        SearchEntry {
            row: Some(KanaRow::Sa),
            title: search_key("住民票の写しの請求"),
            kana: search_key("じゅうみんひょうのうつしのせいきゅう"),
            keywords: vec![search_key("引っ越し"), search_key("証明書")],
            summary: search_key("住所を証明する書類を郵送します。"),
        }
    }

    /// NF-9: found by title, reading, keyword and summary, in any writing.
    #[test]
    fn a_procedure_is_found_in_any_writing() {
        for (query, points) in [
            ("住民票", Some(TITLE_START)),
            ("ｼﾞｭｳﾐﾝ", Some(TITLE_START)),
            ("写し", Some(TITLE)),
            ("せいきゅう", Some(KANA)),
            ("証明書がほしい", Some(KEYWORD)),
            ("郵送", Some(SUMMARY)),
            ("住民票　郵送", Some(TITLE_START + SUMMARY)),
            ("住民票 講座", None),
            ("  ", Some(0)),
        ] {
            assert_eq!(entry().points(query), points, "{query}");
        }
    }

    /// NF-9: a slip of the finger still finds it, a short word must be right, and of several
    /// words those that are found count.
    #[test]
    fn a_word_that_is_almost_right_finds_a_procedure_when_nothing_else_does() {
        for (query, points) in [
            ("じゅうみひょう", Some(NEAR)),
            ("じゅみうんひょうのうつし", Some(NEAR)),
            ("証明所", None),
            ("住民票 講座", Some(TITLE_START)),
            ("講座", None),
        ] {
            assert_eq!(entry().points_near(query), points, "{query}");
        }
    }
}
