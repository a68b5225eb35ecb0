//! A text for people in one or several languages.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Languages a document may carry beside Japanese.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Lang {
    /// Japanese, always present.
    #[serde(rename = "ja")]
    Ja,
    /// やさしい日本語.
    #[serde(rename = "easy")]
    Easy,
    /// English.
    #[serde(rename = "en")]
    En,
    /// 简体中文.
    #[serde(rename = "zh-Hans")]
    ZhHans,
    /// 繁體中文.
    #[serde(rename = "zh-Hant")]
    ZhHant,
    /// 한국어.
    #[serde(rename = "ko")]
    Ko,
}

impl Lang {
    /// All, in the order in which they are offered.
    pub const ALL: [Self; 6] =
        [Self::Ja, Self::Easy, Self::En, Self::ZhHans, Self::ZhHant, Self::Ko];
}

/// A text: plain Japanese (`"氏名"`) or one per language (`{"ja": "氏名", "en": "Name"}`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct Words {
    ja: String,
    others: BTreeMap<Lang, String>,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
    Plain(String),
    Each(BTreeMap<Lang, String>),
}

impl Words {
    /// The Japanese text.
    #[must_use]
    pub fn ja(&self) -> &str {
        &self.ja
    }

    /// The text in a language, Japanese where there is none.
    #[must_use]
    pub fn text(&self, lang: Lang) -> &str {
        self.others.get(&lang).unwrap_or(&self.ja)
    }

    /// Whether there is a text in a language.
    #[must_use]
    pub fn has(&self, lang: Lang) -> bool {
        lang == Lang::Ja || self.others.contains_key(&lang)
    }

    /// What stands there in a language beside Japanese.
    #[must_use]
    pub fn other(&self, lang: Lang) -> Option<&str> {
        self.others.get(&lang).map(String::as_str)
    }

    /// The same with other words in a language beside Japanese; none without a text.
    #[must_use]
    pub fn in_language(&self, lang: Lang, text: &str) -> Self {
        let mut new = self.clone();
        if lang != Lang::Ja {
            new.others.remove(&lang);
            if !text.trim().is_empty() {
                new.others.insert(lang, text.to_owned());
            }
        }
        new
    }

    /// The same with other Japanese words; what stands there in other languages stays.
    #[must_use]
    pub fn in_japanese(&self, ja: &str) -> Self {
        Self { ja: ja.to_owned(), others: self.others.clone() }
    }

    /// The text alone as a reader of `lang` gets it: `left` shows what is there in Japanese only.
    pub(super) fn told(&self, lang: Lang, left: &dyn Fn(&str) -> String) -> Self {
        let ja = match self.others.get(&lang) {
            Some(told) => told.clone(),
            None if self.is_empty() || lang == Lang::Ja => self.ja.clone(),
            None => left(&self.ja),
        };
        Self { ja, others: BTreeMap::new() }
    }

    /// Whether the Japanese text is missing or only spaces.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ja.trim().is_empty()
    }
}

impl From<&str> for Words {
    fn from(ja: &str) -> Self {
        Self { ja: ja.to_owned(), others: BTreeMap::new() }
    }
}

impl TryFrom<Written> for Words {
    type Error = &'static str;
    fn try_from(written: Written) -> Result<Self, Self::Error> {
        match written {
            Written::Plain(ja) => Ok(Self { ja, others: BTreeMap::new() }),
            Written::Each(mut others) => {
                let ja = others.remove(&Lang::Ja).ok_or("the text has no \"ja\"")?;
                Ok(Self { ja, others })
            }
        }
    }
}

impl From<Words> for Written {
    fn from(words: Words) -> Self {
        if words.others.is_empty() {
            return Self::Plain(words.ja);
        }
        let mut all = words.others;
        all.insert(Lang::Ja, words.ja);
        Self::Each(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_plain_japanese_or_one_per_language() {
        let plain: Words = serde_json::from_str("\"氏名\"").unwrap();
        assert_eq!((plain.ja(), plain.text(Lang::En)), ("氏名", "氏名"));
        let both: Words = serde_json::from_str(r#"{"ja":"氏名","en":"Name"}"#).unwrap();
        assert_eq!(both.text(Lang::En), "Name");
        assert_eq!(serde_json::to_string(&both).unwrap(), r#"{"ja":"氏名","en":"Name"}"#);
        assert!(serde_json::from_str::<Words>(r#"{"en":"Name"}"#).is_err());
        assert!(serde_json::from_str::<Words>(r#"{"ja":"氏名","fr":"Nom"}"#).is_err());
    }
}
