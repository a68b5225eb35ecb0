//! Texts in other languages (IK-2.1.2b): what is there, what is missing, and which were not
//! translated again since the Japanese text changed.

use std::collections::{BTreeMap, BTreeSet};

use crate::forms::definition::{Lang, Procedure, Words};

/// A text, by the name of its place, and a language in which it says what it said before.
pub type Stale = BTreeSet<(String, Lang)>;

/// A text in Japanese and in another language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// The page it stands on; empty for the procedure.
    pub page: String,
    /// The name of its place.
    pub name: String,
    /// What is written in Japanese.
    pub ja: String,
    /// What is written in the other language.
    pub told: Option<String>,
    /// Whether the Japanese changed since.
    pub stale: bool,
}

impl Text {
    /// Whether somebody has something to do here.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.stale || self.told.is_none()
    }
}

/// Every text of the document, as it is told in a language.
#[must_use]
pub fn texts(procedure: &Procedure, lang: Lang, stale: &Stale) -> Vec<Text> {
    let mut all = Vec::new();
    procedure.clone().each_text(&mut |page, name, words| {
        if words.is_empty() {
            return;
        }
        all.push(Text {
            page: page.to_owned(),
            ja: words.ja().to_owned(),
            told: words.other(lang).map(str::to_owned),
            stale: stale.contains(&(name.clone(), lang)),
            name,
        });
    });
    all
}

/// Notes which translations are of an older Japanese text after a change, and forgets those that
/// were made anew or are gone.
pub fn follow(before: &Procedure, after: &Procedure, stale: &mut Stale) {
    let (old, new) = (by_name(before), by_name(after));
    stale.retain(|(name, lang)| new.get(name).is_some_and(|words| words.other(*lang).is_some()));
    for (name, words) in &new {
        let Some(was) = old.get(name) else { continue };
        for lang in Lang::ALL.into_iter().filter(|lang| words.other(*lang).is_some()) {
            let at = (name.clone(), lang);
            if words.other(lang) != was.other(lang) {
                stale.remove(&at);
            } else if words.ja() != was.ja() {
                stale.insert(at);
            }
        }
    }
}

/// The same for a row of revisions, oldest first.
#[must_use]
pub fn since(revisions: &[&Procedure]) -> Stale {
    let mut stale = Stale::new();
    for pair in revisions.windows(2) {
        follow(pair[0], pair[1], &mut stale);
    }
    stale
}

fn by_name(procedure: &Procedure) -> BTreeMap<String, Words> {
    let mut all = BTreeMap::new();
    procedure.clone().each_text(&mut |_, name, words| {
        all.insert(name, words.clone());
    });
    all
}

/// Puts translations; a text that is not there any more is passed over.
pub(super) fn put(procedure: &mut Procedure, lang: Lang, texts: &[(String, String)]) {
    let wanted: BTreeMap<&str, &str> =
        texts.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    procedure.each_text(&mut |_, name, words| {
        if let Some(text) = wanted.get(name.as_str()) {
            *words = words.in_language(lang, text);
        }
    });
}
