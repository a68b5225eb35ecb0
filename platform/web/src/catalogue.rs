//! Every text a visitor reads: `texts/<language>/<room>.toml`.
//!
//! Nested tables become dotted keys: `[slot_full] what = "…"` in
//! `appointments.toml` is `appointments.slot_full.what`.

use std::collections::BTreeMap;
use std::fmt;
use std::fmt::Display;

/// Our own texts (room `web`), part of every catalogue. A zone's file for the
/// room `web` replaces single entries.
const OWN: &str = include_str!("../texts/ja/web.toml");

/// The texts of one language.
#[derive(Clone, Debug)]
pub struct Catalogue(BTreeMap<String, String>);

/// A text file that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("texts of {room}: {why}")]
pub struct BadTexts {
    room: String,
    why: String,
}

impl Catalogue {
    /// Reads the files of a zone, given as `(room, content)`.
    ///
    /// # Errors
    /// [`BadTexts`] when a file is not TOML or holds anything but texts and tables.
    pub fn load(files: &[(&str, &str)]) -> Result<Self, BadTexts> {
        read(std::iter::once(&("web", OWN)).chain(files)).map(Self)
    }

    /// No text at all, to begin a translation.
    pub(crate) const fn none() -> Self {
        Self(BTreeMap::new())
    }

    /// The same with one more text: a whole document, say.
    #[must_use]
    pub fn and(mut self, key: impl Into<String>, text: impl Into<String>) -> Self {
        self.0.insert(key.into(), text.into());
        self
    }

    /// The same with every text changed by `change`.
    #[must_use]
    pub fn map(&self, change: impl Fn(&str) -> String) -> Self {
        Self(self.0.iter().map(|(key, text)| (key.clone(), change(text))).collect())
    }

    /// The text of a key. A key without text is a mistake of ours: it stops a
    /// debug build, and is logged and shown as it is in a release.
    #[must_use]
    pub fn text<'a>(&'a self, key: &'a str) -> &'a str {
        self.get(key).unwrap_or_else(|| {
            mistake(format_args!("no text for the key {key}"));
            key
        })
    }

    /// The text of a key whose `{name}`s are still to be filled:
    /// `{{ t.phrase("room.left").with("seats", 3) }}` in a template.
    #[must_use]
    pub fn phrase<'a>(&'a self, key: &'a str) -> Phrase<'a> {
        Phrase { key, text: self.text(key), args: Vec::new() }
    }

    /// The text of a key with every `{name}` replaced by the value of that name.
    /// A `{name}` without value is a mistake of ours, as in [`text`](Self::text).
    #[must_use]
    pub fn fill(&self, key: &str, args: &[(&str, &dyn Display)]) -> String {
        let phrase = self.phrase(key);
        let filled = args.iter().fold(phrase, |phrase, (name, value)| phrase.with(name, value));
        filled.to_string()
    }

    /// The text of a key, when there is one.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    /// All keys in order, for tests that compare them with what the code uses.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

/// A text and the values for its `{name}`s.
#[derive(Clone, Debug)]
pub struct Phrase<'a> {
    key: &'a str,
    text: &'a str,
    args: Vec<(&'a str, String)>,
}

impl<'a> Phrase<'a> {
    /// Gives the value of a name.
    #[must_use]
    pub fn with(mut self, name: &'a str, value: impl Display) -> Self {
        self.args.push((name, value.to_string()));
        self
    }
}

impl Display for Phrase<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.text;
        while let Some((before, after)) = rest.split_once('{') {
            let Some((name, behind)) = after.split_once('}') else {
                break;
            };
            out.write_str(before)?;
            match self.args.iter().find(|(given, _)| *given == name) {
                Some((_, value)) => out.write_str(value)?,
                None => mistake(format_args!("no value for {{{name}}} in {}", self.key)),
            }
            rest = behind;
        }
        out.write_str(rest)
    }
}

/// The texts of files by key.
pub(crate) fn read<'f>(
    files: impl Iterator<Item = &'f (&'f str, &'f str)>,
) -> Result<BTreeMap<String, String>, BadTexts> {
    let mut texts = BTreeMap::new();
    for (room, content) in files {
        let bad = |why: String| BadTexts { room: (*room).to_owned(), why };
        let table: toml::Table = toml::from_str(content).map_err(|e| bad(e.to_string()))?;
        flatten(room, table, &mut texts).map_err(bad)?;
    }
    Ok(texts)
}

fn flatten(
    prefix: &str,
    table: toml::Table,
    texts: &mut BTreeMap<String, String>,
) -> Result<(), String> {
    for (name, value) in table {
        let key = format!("{prefix}.{name}");
        match value {
            toml::Value::String(text) => {
                texts.insert(key, text);
            }
            toml::Value::Table(inner) => flatten(&key, inner, texts)?,
            other => return Err(format!("{key} is a {}, not a text", other.type_str())),
        }
    }
    Ok(())
}

fn mistake(what: fmt::Arguments<'_>) {
    if cfg!(debug_assertions) {
        panic!("{what}");
    }
    tracing::error!("{what}");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Catalogue {
        let room = "title = \"席\"\n[slot_full]\nwhat = \"{slot}は満席です（残り{left}）。\"\n";
        Catalogue::load(&[("rooms", room)]).expect("the sample is TOML")
    }

    #[test]
    fn tables_become_dotted_keys() {
        let texts = sample();
        assert_eq!(texts.text("rooms.title"), "席");
        let filled = texts.fill("rooms.slot_full.what", &[("slot", &"10時"), ("left", &0)]);
        assert_eq!(filled, "10時は満席です（残り0）。");
        let own = texts.keys().filter(|key| key.starts_with("rooms."));
        assert_eq!(own.collect::<Vec<_>>(), ["rooms.slot_full.what", "rooms.title"]);
    }

    #[test]
    fn a_value_is_not_searched_for_names() {
        let filled = sample().fill("rooms.slot_full.what", &[("slot", &"{left}"), ("left", &1)]);
        assert!(filled.starts_with("{left}は満席"), "{filled}");
    }

    #[test]
    #[should_panic(expected = "no text for the key rooms.nothing")]
    fn a_missing_text_fails_the_test_that_meets_it() {
        let _ = sample().text("rooms.nothing");
    }

    #[test]
    fn a_zone_may_replace_one_of_our_texts() {
        let texts = Catalogue::load(&[("web", "required = \"必ず\"")]).expect("TOML");
        assert_eq!(texts.text("web.required"), "必ず");
        assert!(texts.get("web.optional").is_some());
    }

    #[test]
    fn anything_but_text_is_refused_at_the_start() {
        let error = Catalogue::load(&[("rooms", "seats = 5")]).expect_err("5 is no text");
        assert_eq!(error.to_string(), "texts of rooms: rooms.seats is a integer, not a text");
    }
}
