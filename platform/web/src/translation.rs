//! A catalogue in another language, and what it lacks against the first one.
//!
//! Beside its texts a translation keeps, for every key, the fingerprint of the text it was made
//! from. A text that changed since is not shown in the other language any more: the reader gets
//! the first language, marked, until somebody translates it again.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::catalogue::{BadTexts, Catalogue, read};

/// The texts of one more language.
#[derive(Clone, Debug)]
pub struct Translation {
    texts: BTreeMap<String, String>,
    /// Fingerprints of what they were made from, by key.
    made_from: BTreeMap<String, String>,
}

/// What is wrong with one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gap {
    /// Not translated.
    Missing,
    /// Its text changed since it was translated.
    Stale,
    /// Translated, and nobody recorded from what.
    Unrecorded,
    /// Its `{name}`s are others than those of the first language.
    Names,
    /// Translated by nothing.
    Empty,
    /// The first language has no such key.
    Surplus,
}

impl Gap {
    /// Whether the translation itself is wrong; the others come from changes of the first
    /// language, and readers get that.
    #[must_use]
    pub const fn is_mistake(self) -> bool {
        match self {
            Self::Unrecorded | Self::Names | Self::Empty => true,
            Self::Missing | Self::Stale | Self::Surplus => false,
        }
    }
}

impl fmt::Display for Gap {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Missing => "missing",
            Self::Stale => "stale",
            Self::Unrecorded => "unrecorded",
            Self::Names => "other names in braces",
            Self::Empty => "empty",
            Self::Surplus => "surplus",
        })
    }
}

impl Translation {
    /// Reads the files of a language, given as `(room, content)`, and the record of what they
    /// were made from: lines of a fingerprint, a space and a key.
    ///
    /// # Errors
    /// [`BadTexts`] when a file is not TOML or holds anything but texts and tables.
    pub fn load(files: &[(&str, &str)], record: &str) -> Result<Self, BadTexts> {
        let lines = record.lines().filter_map(|line| line.split_once(' '));
        let made_from = lines.map(|(print, key)| (key.to_owned(), print.to_owned())).collect();
        Ok(Self { texts: read(files.iter())?, made_from })
    }

    /// The same with one more text: a whole document, say.
    #[must_use]
    pub fn and(mut self, key: impl Into<String>, text: impl Into<String>) -> Self {
        self.texts.insert(key.into(), text.into());
        self
    }

    /// Every key of which something is wrong, in order.
    #[must_use]
    pub fn gaps(&self, first: &Catalogue) -> Vec<(String, Gap)> {
        let keys: BTreeSet<&str> =
            first.keys().chain(self.texts.keys().map(String::as_str)).collect();
        let gap = |key: &str| self.gap(key, first.get(key)).map(|gap| (key.to_owned(), gap));
        keys.into_iter().filter_map(gap).collect()
    }

    fn gap(&self, key: &str, first: Option<&str>) -> Option<Gap> {
        let Some(first) = first else { return Some(Gap::Surplus) };
        let Some(text) = self.texts.get(key) else { return Some(Gap::Missing) };
        match self.made_from.get(key) {
            None => Some(Gap::Unrecorded),
            Some(print) if *print != fingerprint(first) => Some(Gap::Stale),
            Some(_) if text.trim().is_empty() && !first.trim().is_empty() => Some(Gap::Empty),
            Some(_) if names(text) != names(first) => Some(Gap::Names),
            Some(_) => None,
        }
    }

    /// The catalogue readers get: each key that is translated from the present text; all others
    /// as `left` shows the text of the first language.
    #[must_use]
    pub fn over(&self, first: &Catalogue, left: impl Fn(&str) -> String) -> Catalogue {
        first.keys().fold(Catalogue::none(), |told, key| {
            let text = first.get(key).unwrap_or_default();
            match self.texts.get(key).filter(|_| self.gap(key, Some(text)).is_none()) {
                Some(translated) => told.and(key, translated.clone()),
                None => told.and(key, left(text)),
            }
        })
    }

    /// The record after the texts of `keys` were translated from what `first` says now; keys
    /// without a text are forgotten.
    #[must_use]
    pub fn recorded(&self, first: &Catalogue, keys: &[&str]) -> String {
        let mut record = String::new();
        for key in self.texts.keys() {
            let before = self.made_from.get(key).cloned();
            let now = first.get(key).filter(|_| keys.contains(&key.as_str())).map(fingerprint);
            if let Some(print) = now.or(before) {
                record.push_str(&format!("{print} {key}\n"));
            }
        }
        record
    }
}

/// Eight hexadecimal digits of a text: enough to see that it is another one.
#[must_use]
pub fn fingerprint(text: &str) -> String {
    let hash = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
    hash.as_ref().iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}

/// What stands in braces.
fn names(text: &str) -> BTreeSet<&str> {
    let opened = text.split('{').skip(1);
    opened.filter_map(|rest| rest.split_once('}')).map(|(name, _)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(left: &str) -> Catalogue {
        Catalogue::none().and("r.title", "席").and("r.left", left)
    }

    fn english(room: &str, first: &Catalogue, keys: &[&str]) -> Translation {
        let bare = Translation::load(&[("r", room)], "").expect("the sample is TOML");
        let record = bare.recorded(first, keys);
        Translation::load(&[("r", room)], &record).expect("the sample is TOML")
    }

    /// Every way in which a translation can lag behind is named with its key.
    #[test]
    fn missing_changed_surplus_and_unlike_texts_are_named() {
        let before = first("残り{n}");
        let all = ["r.title", "r.left"];
        let good = english("title = \"Seats\"\nleft = \"{n} left\"", &before, &all);
        assert_eq!(good.gaps(&before), []);

        let after = first("あと{n}");
        assert_eq!(good.gaps(&after), [("r.left".to_owned(), Gap::Stale)]);

        let part = english("title = \"Seats\"\nold = \"x\"", &before, &all);
        let lacks = [("r.left".to_owned(), Gap::Missing), ("r.old".to_owned(), Gap::Surplus)];
        assert_eq!(part.gaps(&before), lacks);

        let unlike = english("title = \" \"\nleft = \"{m} left\"", &before, &all);
        let wrong = [("r.left".to_owned(), Gap::Names), ("r.title".to_owned(), Gap::Empty)];
        assert_eq!(unlike.gaps(&before), wrong);

        let unsaid = english("title = \"Seats\"\nleft = \"{n} left\"", &before, &["r.left"]);
        assert_eq!(unsaid.gaps(&before), [("r.title".to_owned(), Gap::Unrecorded)]);
    }

    /// A reader never gets a translation of something else, and never nothing.
    #[test]
    fn a_text_that_changed_is_shown_in_the_first_language_and_marked() {
        let before = first("残り{n}");
        let texts = "title = \"Seats\"\nleft = \"{n} left\"";
        let english = english(texts, &before, &["r.title", "r.left"]);
        let told = english.over(&first("あと{n}"), |left| format!("[{left}]"));
        assert_eq!(told.text("r.title"), "Seats");
        assert_eq!(told.fill("r.left", &[("n", &2)]), "[あと2]");
        let told = english.over(&before, |left| format!("[{left}]"));
        assert_eq!(told.fill("r.left", &[("n", &2)]), "2 left");
    }
}
