//! Finding a procedure by words, tolerant of width, kana, case and old kanji (NF-9).

use crate::forms::definition::Procedure;
use crate::text::search_key;

/// The folded texts of one procedure, made once per revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchEntry {
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

impl SearchEntry {
    /// Folds the texts of a procedure.
    #[must_use]
    pub fn of(procedure: &Procedure) -> Self {
        Self {
            title: search_key(procedure.title.ja()),
            kana: search_key(&procedure.title_kana),
            keywords: procedure.keywords.iter().map(|word| search_key(word)).collect(),
            summary: search_key(procedure.summary.ja()),
        }
    }

    /// Points for a query; `None` when one of its words is found nowhere. A query without words
    /// finds everything with 0 points. Sort by points, then by the title's reading.
    #[must_use]
    pub fn points(&self, query: &str) -> Option<u32> {
        let words = query.split_whitespace().take(10).map(search_key).filter(|w| !w.is_empty());
        words.map(|word| self.points_of(&word)).sum()
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
}
