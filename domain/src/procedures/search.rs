//! Finding a procedure by words, tolerant of width, kana, case and old kanji (NF-9), in Japanese and in
//! the language it is read in.

use std::collections::BTreeMap;

use crate::forms::definition::{Lang, Procedure, Words};
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
    /// What it has in the other languages.
    told: BTreeMap<Lang, Told>,
}

/// The folded texts of one procedure in a language other than Japanese.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Told {
    title: String,
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
            keywords: procedure.keywords.iter().map(|word| search_key(word.ja())).collect(),
            summary: search_key(procedure.summary.ja()),
            told: Lang::ALL.into_iter().filter_map(|lang| Told::of(procedure, lang)).collect(),
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
            let told = self.told.get(&lang).into_iter();
            let told = told.flat_map(|told| std::iter::once(&told.title).chain(&told.keywords));
            let texts = [&self.title, &self.kana].into_iter().chain(&self.keywords).chain(told);
            let near = |text: &String| nearest(&letters, text) <= slips;
            if slips > 0 && texts.into_iter().any(near) { NEAR } else { 0 }
        })
    }

    fn points_of(&self, word: &str, lang: Lang) -> Option<u32> {
        let nothing = Told::default();
        let Told { title, keywords, summary } = self.told.get(&lang).unwrap_or(&nothing);
        let keyword =
            |k: &String| k.contains(word) || (k.chars().count() > 1 && word.contains(k.as_str()));
        let found = [
            (
                [&self.title, &self.kana, title].iter().any(|text| text.starts_with(word)),
                TITLE_START,
            ),
            (self.title.contains(word) || title.contains(word), TITLE),
            (self.kana.contains(word), KANA),
            (self.keywords.iter().chain(keywords).any(keyword), KEYWORD),
            (self.summary.contains(word) || summary.contains(word), SUMMARY),
        ];
        found.into_iter().find(|(is, _)| *is).map(|(_, points)| points)
    }
}

impl Told {
    /// `None` when the procedure has nothing in the language.
    fn of(procedure: &Procedure, lang: Lang) -> Option<(Lang, Self)> {
        let has = |words: &&Words| lang != Lang::Ja && words.has(lang);
        let folded = |words: &Words| search_key(words.text(lang));
        let text = |words| Some(words).filter(has).map(folded).unwrap_or_default();
        let told = Self {
            title: text(&procedure.title),
            keywords: procedure.keywords.iter().filter(has).map(folded).collect(),
            summary: text(&procedure.summary),
        };
        (told != Self::default()).then_some((lang, told))
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
            told: [(
                Lang::En,
                Told {
                    title: search_key("Copy of your residence record"),
                    keywords: vec![search_key("moving house")],
                    summary: String::new(),
                },
            )]
            .into(),
        }
    }

    /// NF-9: a reader of a translation finds a procedure by the title and the search words of that
    /// language, and by the Japanese ones; others do not stumble over them.
    #[test]
    fn a_procedure_is_found_by_the_title_in_the_language_of_the_reader() {
        for (query, lang, points) in [
            ("Residence Record", Lang::En, Some(TITLE * 2)),
            ("copy", Lang::En, Some(TITLE_START)),
            ("住民票", Lang::En, Some(TITLE_START)),
            ("passport", Lang::En, None),
            ("record", Lang::Ko, None),
            ("moving", Lang::En, Some(KEYWORD)),
            ("Moving House", Lang::En, Some(KEYWORD * 2)),
            ("moving", Lang::Ko, None),
            ("moving", Lang::Ja, None),
            ("引っ越し", Lang::En, Some(KEYWORD)),
            ("住民票", Lang::Ko, Some(TITLE_START)),
        ] {
            assert_eq!(entry().points(query, lang), points, "{query} {lang:?}");
        }
        assert_eq!(entry().points_near("residense", Lang::En), Some(NEAR));
        assert_eq!(entry().points_near("residense", Lang::Ja), None);
        assert_eq!(entry().points_near("moveing", Lang::En), Some(NEAR));
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
            ("證明書", Some(KEYWORD)),
            ("寫し", Some(TITLE)),
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
