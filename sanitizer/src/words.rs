//! The same result for people: looks up codes in the catalogue.

use std::collections::BTreeMap;

use sanitizer_intermediate::{ChangedKind, HoldReason, Kind, Place, RemovedKind};
use serde::Deserialize;

const JAPANESE: &str = include_str!("../texts/ja.toml");

/// The catalogue `texts/ja.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    held: BTreeMap<String, Advice>,
    held_kind: BTreeMap<String, Advice>,
    removed: BTreeMap<String, String>,
    changed: BTreeMap<String, String>,
    sender: Sender,
    place: BTreeMap<String, String>,
    kind: BTreeMap<String, String>,
    line: BTreeMap<String, String>,
}

/// What the sender is told before sending.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sender {
    /// Codes that need no word on a page: nobody would miss what they name.
    quiet: Vec<String>,
    removed: BTreeMap<String, String>,
    changed: BTreeMap<String, String>,
}

/// What happened and what the citizen can do.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Advice {
    /// What happened.
    pub what: String,
    /// What to do next.
    pub next: String,
}

impl Words {
    /// The Japanese catalogue.
    ///
    /// # Panics
    /// When the catalogue built into this program is not TOML; a test reads it.
    #[must_use]
    pub fn japanese() -> Self {
        toml::from_str(JAPANESE).expect("the built-in catalogue is TOML")
    }

    /// Why a file is held and what to do; the kind may have its own advice.
    #[must_use]
    pub fn held(&self, reason: HoldReason, kind: Kind) -> Option<&Advice> {
        let own = match reason {
            HoldReason::Unsupported => self.held_kind.get(kind.code()),
            _ => None,
        };
        own.or_else(|| self.held.get(reason.code()))
    }

    /// What was removed, in a sentence.
    #[must_use]
    pub fn removed(&self, kind: RemovedKind, count: u32) -> String {
        filled(text(&self.removed, kind.code()), &[("count", &count.to_string())])
    }

    /// What was changed, in a sentence.
    #[must_use]
    pub fn changed(&self, kind: ChangedKind, count: u32) -> String {
        filled(text(&self.changed, kind.code()), &[("count", &count.to_string())])
    }

    /// What will be removed, for the one who is about to send it.
    #[must_use]
    pub fn will_remove(&self, kind: RemovedKind, count: u32) -> String {
        filled(text(&self.sender.removed, kind.code()), &[("count", &count.to_string())])
    }

    /// What will be changed, for the one who is about to send it.
    #[must_use]
    pub fn will_change(&self, kind: ChangedKind, count: u32) -> String {
        filled(text(&self.sender.changed, kind.code()), &[("count", &count.to_string())])
    }

    /// Whether the sender would miss what this code names.
    #[must_use]
    pub fn is_telling(&self, code: &str) -> bool {
        !self.sender.quiet.iter().any(|it| it == code)
    }

    /// A place; empty for the whole file.
    #[must_use]
    pub fn place(&self, place: Place) -> String {
        let numbers = place.numbers();
        let numbers: Vec<(String, String)> =
            (1..).zip(&numbers).map(|(n, it)| (n.to_string(), it.to_string())).collect();
        let numbers: Vec<(&str, &str)> =
            numbers.iter().map(|(name, it)| (name.as_str(), it.as_str())).collect();
        filled(text(&self.place, place.code()), &numbers)
    }

    /// The name of a kind.
    #[must_use]
    pub fn kind(&self, kind: Kind) -> &str {
        text(&self.kind, kind.code())
    }

    /// A line of the command line's output.
    #[must_use]
    pub fn line(&self, key: &str, fields: &[(&str, &str)]) -> String {
        filled(text(&self.line, key), fields)
    }
}

fn text<'c>(section: &'c BTreeMap<String, String>, key: &str) -> &'c str {
    section.get(key).map_or("", String::as_str)
}

/// Puts fields into `{name}` gaps, in one pass: a field's own braces stay.
fn filled(pattern: &str, fields: &[(&str, &str)]) -> String {
    let mut text = String::new();
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, tail)) = after.split_once('}') else {
            break;
        };
        text.push_str(before);
        text.push_str(fields.iter().find(|(key, _)| *key == name).map_or("", |(_, it)| it));
        rest = tail;
    }
    text + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NF-32: staff and citizens read every result in words.
    #[test]
    fn every_code_has_its_words() {
        let words = Words::japanese();
        for reason in HoldReason::ALL {
            let advice =
                words.held(*reason, Kind::Unknown).unwrap_or_else(|| panic!("{}", reason.code()));
            assert!(!advice.what.is_empty() && !advice.next.is_empty(), "{}", reason.code());
        }
        for kind in RemovedKind::ALL {
            assert!(words.removed(*kind, 2).contains('2'), "removed.{}", kind.code());
            assert!(!words.will_remove(*kind, 2).is_empty(), "sender.removed.{}", kind.code());
        }
        for kind in ChangedKind::ALL {
            assert!(!words.changed(*kind, 2).is_empty(), "changed.{}", kind.code());
            assert!(!words.will_change(*kind, 2).is_empty(), "sender.changed.{}", kind.code());
        }
        for kind in Kind::ALL {
            assert!(!words.kind(*kind).is_empty(), "kind.{}", kind.code());
        }
    }

    #[test]
    fn no_words_are_left_without_a_code() {
        let words = Words::japanese();
        assert!(words.held.keys().all(|code| HoldReason::from_code(code).is_some()));
        assert!(words.held_kind.keys().all(|code| Kind::from_code(code).is_some()));
        assert!(words.removed.keys().all(|code| RemovedKind::from_code(code).is_some()));
        assert!(words.changed.keys().all(|code| ChangedKind::from_code(code).is_some()));
        let sender = &words.sender;
        let removed = |code: &String| RemovedKind::from_code(code).is_some();
        let changed = |code: &String| ChangedKind::from_code(code).is_some();
        assert!(sender.removed.keys().all(removed) && sender.changed.keys().all(changed));
        assert!(sender.quiet.iter().all(|code| removed(code) || changed(code)));
        assert!(words.kind.keys().all(|code| Kind::from_code(code).is_some()));
    }

    #[test]
    fn a_sentence_carries_count_and_place() {
        let words = Words::japanese();
        assert_eq!(words.removed(RemovedKind::Macros, 2), "マクロを2件除去しました");
        let cell = Place::Cell { sheet: 1, row: 3, column: 4 };
        assert_eq!(words.place(cell), "1枚目のシートの3行4列");
        assert_eq!(words.place(Place::Document), "");
    }

    #[test]
    fn a_kind_that_is_not_taken_gets_its_own_advice() {
        let words = Words::japanese();
        let advice = words.held(HoldReason::Unsupported, Kind::Heic).expect("advice");
        assert!(advice.next.contains("JPEG"));
        let encrypted = words.held(HoldReason::Encrypted, Kind::Heic).expect("advice");
        assert!(encrypted.next.contains("パスワードを外して"));
    }
}
