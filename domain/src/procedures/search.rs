//! Finding a procedure by words, tolerant of width, kana, case and old kanji (NF-9), in Japanese and in
//! the language it is read in.

use std::collections::BTreeMap;

use crate::forms::definition::{Lang, Procedure};
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
    /// Title and summary in the other languages they have.
    told: BTreeMap<Lang, (String, String)>,
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
            told: Lang::ALL.into_iter().filter_map(|lang| told(procedure, lang)).collect(),
        }
    }

    /// Its row in the 五十音 list; `None` without a reading in kana.
    #[must_use]
    pub const fn row(&self) -> Option<KanaRow> {
        self.row
    }

    /// Points for a query of a reader of `lang`; `None` when one of its words is found nowhere. A
    /// query without words finds everything with 0 points. Sort by points, then by the title's
    /// reading.
    #[must_use]
    pub fn points(&self, query: &str, lang: Lang) -> Option<u32> {
        let words = query.split_whitespace().take(10).map(search_key).filter(|w| !w.is_empty());
        words.map(|word| self.points_of(&word, lang)).sum()
    }

    /// Points for a query of which nothing has every word: words with a slip of the finger or of
    /// the conversion count too, and the more words are found, the better. `None` when none is.
    #[must_use]
    pub fn points_near(&self, query: &str, lang: Lang) -> Option<u32> {
        let words = query.split_whitespace().take(10).map(search_key).filter(|w| !w.is_empty());
        let points: u32 = words.map(|word| self.points_near_of(&word, lang)).sum();
        (points > 0).then_some(points)
    }

    fn points_near_of(&self, word: &str, lang: Lang) -> u32 {
        let letters: Vec<char> = word.chars().collect();
        let slips = match letters.len() {
            0..=3 => 0,
            4..=7 => 1,
            _ => 2,
        };
        self.points_of(word, lang).unwrap_or_else(|| {
            let told = self.told.get(&lang).map(|(title, _)| title);
            let texts = [&self.title, &self.kana].into_iter().chain(&self.keywords).chain(told);
            let near = |text: &String| nearest(&letters, text) <= slips;
            if slips > 0 && texts.into_iter().any(near) { NEAR } else { 0 }
        })
    }

    fn points_of(&self, word: &str, lang: Lang) -> Option<u32> {
        let (title, summary) = self
            .told
            .get(&lang)
            .map_or(("", ""), |(title, summary)| (title.as_str(), summary.as_str()));
        let keyword =
            |k: &String| k.contains(word) || (k.chars().count() > 1 && word.contains(k.as_str()));
        let found = [
            (
                [self.title.as_str(), &self.kana, title].iter().any(|text| text.starts_with(word)),
                TITLE_START,
            ),
            (self.title.contains(word) || title.contains(word), TITLE),
            (self.kana.contains(word), KANA),
            (self.keywords.iter().any(keyword), KEYWORD),
            (self.summary.contains(word) || summary.contains(word), SUMMARY),
        ];
        found.into_iter().find(|(is, _)| *is).map(|(_, points)| points)
    }
}

/// The folded title and summary in a language other than Japanese; `None` when it has neither.
fn told(procedure: &Procedure, lang: Lang) -> Option<(Lang, (String, String))> {
    let folded = [&procedure.title, &procedure.summary].map(|words| {
        let told = lang != Lang::Ja && words.has(lang);
        if told { search_key(words.text(lang)) } else { String::new() }
    });
    let [title, summary] = folded;
    (!title.is_empty() || !summary.is_empty()).then_some((lang, (title, summary)))
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
            told: [(Lang::En, (search_key("Copy of your residence record"), String::new()))].into(),
        }
    }

    /// NF-9: a reader of a translation finds a procedure by the title read, and by the Japanese one;
    /// others do not stumble over it.
    #[test]
    fn a_procedure_is_found_by_the_title_in_the_language_of_the_reader() {
        for (query, lang, points) in [
            ("Residence Record", Lang::En, Some(TITLE * 2)),
            ("copy", Lang::En, Some(TITLE_START)),
            ("住民票", Lang::En, Some(TITLE_START)),
            ("passport", Lang::En, None),
            ("record", Lang::Ko, None),
            ("住民票", Lang::Ko, Some(TITLE_START)),
        ] {
            assert_eq!(entry().points(query, lang), points, "{query} {lang:?}");
        }
        assert_eq!(entry().points_near("residense", Lang::En), Some(NEAR));
        assert_eq!(entry().points_near("residense", Lang::Ja), None);
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
            assert_eq!(entry().points(query, Lang::Ja), points, "{query}");
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
            assert_eq!(entry().points_near(query, Lang::Ja), points, "{query}");
        }
    }
}
