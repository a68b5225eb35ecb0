//! Lists: the tables of today's files, and the paragraphs of old ones that
//! say themselves how they count.
//!
//! ```text
//! {\listtable{\list{\listlevel\levelnfc0{\leveltext\'02\'00.;}…}\listid7}}
//! {\listoverridetable{\listoverride\listid7\ls1}}      \ls1\ilvl0 entry
//! {\pn\pnlvlbody\pndec\pnstart1{\pntxta.}}             entry
//! ```

use std::collections::HashMap;

use encoding_rs::Encoding;

use crate::office::legacy::symbol;
use crate::office::plain::word::{Level, List, ListKind, number_format};

/// Most lists and uses of lists.
const MOST: usize = 2_000;
const LEVELS: usize = 9;
/// Longest text before an entry, in bytes.
const LONGEST: usize = 200;

/// The lists of a file.
#[derive(Default)]
pub(super) struct Lists {
    /// Lists of the table by their ids.
    listed: Vec<(i32, List)>,
    /// Lists of the result.
    pub made: Vec<List>,
    /// Places in the result by the number of a use.
    uses: HashMap<i32, u32>,
    by_id: HashMap<i32, u32>,
    /// The use that is being read; none within the table of lists.
    current: Option<Use>,
    text: Text,
    paragraph: Option<Counted>,
    /// How the paragraph before counted, and in which list.
    before: Option<(Counted, u32)>,
}

/// A use of a list in the making.
#[derive(Default)]
struct Use {
    id: i32,
    /// New beginnings of levels.
    starts: Vec<u32>,
}

/// The text of a level in the making.
#[derive(Default)]
struct Text {
    shown: String,
    bytes: Vec<u8>,
    /// The length at its beginning was read.
    begun: bool,
    used: usize,
}

/// How a paragraph of an old file counts.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Counted {
    format: &'static str,
    start: u32,
    before: String,
    after: String,
    /// No number, but as deep as one.
    continues: bool,
}

/// What a word of a table asks for.
pub(super) enum Asked {
    Nothing,
    /// The group has the text of a level.
    LevelText,
    /// The group is passed over.
    Skip,
    /// The groups have the texts before and after a number.
    Before,
    After,
}

impl Lists {
    /// A word within the tables.
    pub(super) fn word(&mut self, word: &str, value: i32) -> Asked {
        let start = u32::try_from(value).unwrap_or(1).min(32_767);
        match word {
            "list" if self.listed.len() < MOST => self.listed.push((0, List::default())),
            "listlevel" => {
                if let Some((_, list)) = self.listed.last_mut()
                    && list.levels.len() < LEVELS
                {
                    let level = Level { format: "decimal", text: String::new(), start: 1 };
                    list.levels.push(level);
                }
            }
            "levelnfc" | "levelnfcn" => {
                if let Some(level) = self.level() {
                    level.format = number_format(u8::try_from(value).unwrap_or_default());
                }
            }
            "levelstartat" => match &mut self.current {
                Some(used) if used.starts.len() < LEVELS => used.starts.push(start),
                Some(_) => {}
                None => {
                    if let Some(level) = self.level() {
                        level.start = start;
                    }
                }
            },
            "leveltext" => {
                self.text = Text::default();
                return Asked::LevelText;
            }
            "listid" => match (&mut self.current, self.listed.last_mut()) {
                (Some(used), _) => used.id = value,
                (None, Some(list)) => list.0 = value,
                (None, None) => {}
            },
            "listoverride" => self.current = Some(Use::default()),
            "ls" => self.end_use(value),
            "levelnumbers" | "listname" | "liststylename" | "listpicture" => return Asked::Skip,
            _ => {}
        }
        Asked::Nothing
    }

    /// The table of uses begins.
    pub(super) fn begin_uses(&mut self) {
        self.current = Some(Use::default());
    }

    fn level(&mut self) -> Option<&mut Level> {
        self.listed.last_mut()?.1.levels.last_mut()
    }

    fn end_use(&mut self, number: i32) {
        let used = self.current.replace(Use::default()).unwrap_or_default();
        if self.made.len() >= MOST {
            return;
        }
        let known = self.by_id.get(&used.id).copied().filter(|_| used.starts.is_empty());
        let place = known.or_else(|| {
            let (_, found) = self.listed.iter().find(|it| it.0 == used.id)?;
            let mut list = List { levels: found.levels.clone() };
            for (level, start) in list.levels.iter_mut().zip(used.starts) {
                level.start = start;
            }
            Some(self.add(list))
        });
        if let Some(place) = place {
            self.by_id.entry(used.id).or_insert(place);
            self.uses.insert(number, place);
        }
    }

    fn add(&mut self, list: List) -> u32 {
        self.made.push(list);
        u32::try_from(self.made.len() - 1).unwrap_or(u32::MAX)
    }

    /// The list of a paragraph that names this use.
    pub(super) fn of(&self, number: i32) -> ListKind {
        self.uses.get(&number).map_or(ListKind::Bullets, |it| ListKind::Own(*it))
    }

    /// A byte of a level's text: its length, a level, a character.
    pub(super) fn byte(&mut self, byte: u8, encoding: &'static Encoding) {
        self.text.used += 1;
        if !std::mem::replace(&mut self.text.begun, true) || self.text.used > LONGEST {
            return;
        }
        if byte < 9 {
            self.text.flush(encoding);
            self.text.shown.push_str(&format!("%{}", byte + 1));
        } else {
            self.text.bytes.push(byte);
        }
    }

    /// A character of a level's text by its number.
    pub(super) fn character(&mut self, it: char, encoding: &'static Encoding) {
        self.text.used += 1;
        self.text.begun = true;
        self.text.flush(encoding);
        let own = (0xf000..0xf100).contains(&u32::from(it));
        if self.text.used <= LONGEST {
            self.text.shown.push(if own { symbol(it) } else { it });
        }
    }

    /// The text of a level ends.
    pub(super) fn end_text(&mut self, encoding: &'static Encoding) {
        self.text.flush(encoding);
        let mut text = std::mem::take(&mut self.text).shown;
        if text.ends_with(';') {
            text.pop();
        }
        if let Some(level) = self.level() {
            // The signs of old fonts of signs are letters in others.
            let sign = level.format == "bullet" && text == "\u{b7}";
            level.text = if sign { "•".to_owned() } else { text };
        }
    }

    /// A paragraph begins to say how it counts.
    pub(super) fn begin_paragraph(&mut self) {
        self.paragraph = Some(Counted {
            format: "decimal",
            start: 1,
            before: String::new(),
            after: String::new(),
            continues: false,
        });
    }

    /// A word of that.
    pub(super) fn paragraph_word(&mut self, word: &str, value: i32) -> Asked {
        let Some(counted) = &mut self.paragraph else {
            return Asked::Nothing;
        };
        match word {
            "pnlvlblt" => counted.format = "bullet",
            "pnlvlcont" => counted.continues = true,
            "pnstart" => counted.start = u32::try_from(value).unwrap_or(1).min(32_767),
            "pntxtb" => return Asked::Before,
            "pntxta" => return Asked::After,
            _ => {
                if let Some(format) = old_format(word) {
                    counted.format = format;
                }
            }
        }
        Asked::Nothing
    }

    /// A text before or after the numbers of a paragraph.
    pub(super) fn paragraph_text(&mut self, text: &str, after: bool) {
        if let Some(counted) = &mut self.paragraph {
            let part = if after { &mut counted.after } else { &mut counted.before };
            if part.len() + text.len() <= LONGEST {
                part.push_str(text);
            }
        }
    }

    /// What the paragraph said: its list, the one of the paragraph before when
    /// it counts on.
    pub(super) fn end_paragraph(&mut self) -> Option<ListKind> {
        let counted = self.paragraph.take().filter(|it| !it.continues)?;
        if let Some((before, list)) = &self.before
            && *before == counted
        {
            return Some(ListKind::Own(*list));
        }
        if self.made.len() >= MOST {
            return Some(ListKind::Bullets);
        }
        let text = if counted.format == "bullet" {
            let sign = counted.before.chars().next().unwrap_or('•');
            if sign == '\u{b7}' { "•".to_owned() } else { sign.to_string() }
        } else {
            format!("{}%1{}", counted.before, counted.after)
        };
        let level = Level { format: counted.format, text, start: counted.start };
        let list = self.add(List { levels: vec![level] });
        self.before = Some((counted, list));
        Some(ListKind::Own(list))
    }

    /// A paragraph without a number stands between: the next one counts anew.
    pub(super) fn interrupt(&mut self) {
        self.before = None;
    }
}

impl Text {
    fn flush(&mut self, encoding: &'static Encoding) {
        let bytes = std::mem::take(&mut self.bytes);
        self.shown.push_str(&encoding.decode_without_bom_handling(&bytes).0);
    }
}

/// Formats as old files name them.
fn old_format(word: &str) -> Option<&'static str> {
    Some(match word {
        "pndec" | "pncard" => "decimal",
        "pnucrm" => "upperRoman",
        "pnlcrm" => "lowerRoman",
        "pnucltr" => "upperLetter",
        "pnlcltr" => "lowerLetter",
        "pnord" | "pnordt" => "ordinal",
        "pnaiu" | "pnaiueo" => "aiueo",
        "pnaiud" | "pnaiueod" => "aiueoFullWidth",
        "pniroha" => "iroha",
        "pnirohad" => "irohaFullWidth",
        "pndecd" => "decimalFullWidth",
        "pncnum" => "decimalEnclosedCircle",
        "pndbnum" | "pndbnumd" | "pndbnumk" | "pndbnuml" | "pndbnumt" => "japaneseCounting",
        _ => return None,
    })
}
