//! Characters a file cannot hold: folded, mapped, replaced or refused; each change is noted.

use unicode_segmentation::UnicodeSegmentation;

use super::encoding::Encoding;
use super::gaiji_table::GaijiTable;
use super::profile::{Gaiji, Profile, Repertoire, Selectors};
use crate::cp932;

/// The rules of one file.
#[derive(Debug, Clone)]
pub struct Characters {
    encoding: Encoding,
    repertoire: Repertoire,
    selectors: Selectors,
    gaiji: Gaiji,
    table: GaijiTable,
}

/// A text that can be written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fitted {
    /// What is written.
    pub text: String,
    /// What became another character.
    pub changes: Vec<Change>,
    /// Characters under a policy that holds the application back, with their selectors.
    pub refused: Vec<String>,
}

/// One character that is not written as it was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Place in the value in characters as people count them, from 0.
    pub place: usize,
    /// What was typed, with its selectors.
    pub character: String,
    /// What is written.
    pub written: String,
    /// Why.
    pub how: How,
}

/// Why a character is not written as it was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// The same character under the other number Windows has for it (〜, −, ¥).
    Folded,
    /// The table says so.
    Mapped,
    /// The character without its variation selector.
    Selector,
    /// It became 〓.
    Geta,
    /// The value was cut before it.
    Cut,
}

impl How {
    /// Word in the report.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Folded => "folded",
            Self::Mapped => "mapped",
            Self::Selector => "selector",
            Self::Geta => "geta",
            Self::Cut => "cut",
        }
    }

    /// Whether the record carries the flag: another character, or less, than was typed.
    #[must_use]
    pub const fn flags(self) -> bool {
        match self {
            Self::Folded => false,
            Self::Mapped | Self::Selector | Self::Geta | Self::Cut => true,
        }
    }
}

impl Characters {
    /// The rules of a profile. `table` is empty for one that names none.
    #[must_use]
    pub const fn new(profile: &Profile, encoding: Encoding, table: GaijiTable) -> Self {
        Self {
            encoding,
            repertoire: profile.repertoire,
            selectors: profile.selectors,
            gaiji: profile.gaiji,
            table,
        }
    }

    /// Makes a text fit. What comes out reads back from the file as it is.
    #[must_use]
    pub fn fit(&self, text: &str) -> Fitted {
        if text.bytes().all(|b| (b' '..=b'~').contains(&b)) && self.table.is_empty() {
            return Fitted { text: text.to_owned(), ..Fitted::default() };
        }
        let mut fitted = Fitted::default();
        for (place, character) in text.graphemes(true).enumerate() {
            let (written, how) = self.one(character);
            if let Some(how) = how {
                let (character, written) = (character.to_owned(), written.clone());
                if how == How::Geta && self.gaiji.holds() {
                    fitted.refused.push(character.clone());
                }
                fitted.changes.push(Change { place, character, written, how });
            }
            fitted.text.push_str(&written);
        }
        fitted
    }

    fn one(&self, character: &str) -> (String, Option<How>) {
        let mapped = self.table.get(character).filter(|_| self.gaiji.maps());
        if let Some(mapped) = mapped.filter(|text| self.writes(text)) {
            return (mapped.to_owned(), Some(How::Mapped));
        }
        if self.holds(character) {
            return (character.to_owned(), None);
        }
        let folded = self.folded(character);
        if self.holds(&folded) {
            return (folded, Some(How::Folded));
        }
        let bare: String = folded.chars().filter(|c| !is_selector(*c)).collect();
        let dropped = self.selectors == Selectors::Drop && bare.len() < folded.len();
        if dropped && !bare.is_empty() && self.holds(&bare) {
            return (bare, Some(How::Selector));
        }
        (cp932::GETA.to_string(), Some(How::Geta))
    }

    fn folded(&self, character: &str) -> String {
        match self.encoding {
            Encoding::Cp932 => character.chars().map(cp932::fold).collect(),
            Encoding::Utf8 | Encoding::Utf8Bom | Encoding::Utf16Le | Encoding::Utf16LeBare => {
                character.to_owned()
            }
        }
    }

    /// Whether a character that was typed may be written as it is.
    fn holds(&self, character: &str) -> bool {
        character.chars().all(|c| self.holds_char(c)) && self.writes(character)
    }

    fn holds_char(&self, c: char) -> bool {
        let shown = !c.is_control() || matches!(c, '\n' | '\r' | '\t');
        let private = matches!(c, '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..='\u{10FFFF}');
        let known = match self.repertoire {
            Repertoire::All => true,
            Repertoire::Bmp => c <= '\u{FFFF}' && !is_selector(c),
        };
        shown && !private && known && !matches!(c, '\u{FFFE}' | '\u{FFFF}')
    }

    /// Whether a text reads back from the file as it is. A table may also name characters the town
    /// drew itself.
    fn writes(&self, text: &str) -> bool {
        match self.encoding {
            Encoding::Cp932 => cp932::exact(text).is_some(),
            Encoding::Utf8 | Encoding::Utf8Bom | Encoding::Utf16Le | Encoding::Utf16LeBare => true,
        }
    }
}

/// Whether a character chooses between forms of the one before it.
const fn is_selector(c: char) -> bool {
    matches!(c, '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(gaiji: Gaiji, encoding: Encoding) -> Characters {
        let table = "𠮷,吉\n葛\u{E0100},葛\n髙,高\nU+E001,0xF041\n𠀋,𠀋\n";
        let table = GaijiTable::parse(table.as_bytes()).unwrap();
        let profile = Profile { gaiji, ..Profile::default() };
        Characters::new(&profile, encoding, table)
    }

    fn hows(fitted: &Fitted) -> Vec<(usize, How)> {
        fitted.changes.iter().map(|change| (change.place, change.how)).collect()
    }

    /// IK-2.1.2d1: the three policies over wave dash, yen, IVS, supplementary and private characters.
    #[test]
    fn each_policy_notes_what_it_changes() {
        let typed = "〜¥𠮷葛\u{E0100}髙\u{E001}é";
        let geta = rules(Gaiji::Geta, Encoding::Cp932).fit(typed);
        assert_eq!(geta.text, "～￥〓〓髙〓〓");
        use How::{Folded, Geta, Mapped};
        assert_eq!(
            hows(&geta),
            [(0, Folded), (1, Folded), (2, Geta), (3, Geta), (5, Geta), (6, Geta)]
        );
        assert!(geta.refused.is_empty());

        let hold = rules(Gaiji::Hold, Encoding::Cp932).fit(typed);
        assert_eq!(hold.refused, ["𠮷", "葛\u{E0100}", "\u{E001}", "é"]);

        let map = rules(Gaiji::Map, Encoding::Cp932).fit(typed);
        assert_eq!(map.text, "～￥吉葛高\u{E001}〓");
        assert_eq!(
            hows(&map)[2..],
            [(2, Mapped), (3, Mapped), (4, Mapped), (5, Mapped), (6, Geta)]
        );
        assert_eq!(map.refused, ["é"], "the table does not know it");
        assert!(rules(Gaiji::MapOrGeta, Encoding::Cp932).fit(typed).refused.is_empty());
        let useless = rules(Gaiji::Map, Encoding::Cp932).fit("𠀋");
        assert_eq!(useless.refused, ["𠀋"], "a replacement that cannot be written is none");
    }

    #[test]
    fn utf_8_changes_only_what_means_something_else_elsewhere() {
        let fitted = rules(Gaiji::Geta, Encoding::Utf8).fit("〜𠮷葛\u{E0100}\u{E001}\u{7}");
        assert_eq!(fitted.text, "〜𠮷葛\u{E0100}〓〓");
        assert_eq!(hows(&fitted), [(3, How::Geta), (4, How::Geta)]);
    }

    #[test]
    fn a_selector_may_be_left_out_and_a_plane_may_be_the_limit() {
        let profile = Profile {
            selectors: Selectors::Drop,
            repertoire: Repertoire::Bmp,
            ..Profile::default()
        };
        let rules = Characters::new(&profile, Encoding::Utf16Le, GaijiTable::default());
        let fitted = rules.fit("葛\u{E0100}城𠮷");
        assert_eq!(
            (fitted.text.as_str(), hows(&fitted)),
            ("葛城〓", vec![(0, How::Selector), (2, How::Geta)])
        );
    }
}
