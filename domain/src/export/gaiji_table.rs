//! A town's table of replacements: which character stands for one the business system does not know.

use std::collections::BTreeMap;

use unicode_segmentation::UnicodeSegmentation;

use crate::cp932;

/// A table as staff upload it: lines `character,replacement`, further columns are notes. Either is
/// written as itself or as code points (`U+20BB7`, `U+845B U+E0100`); a replacement may also be the
/// Shift_JIS code of a character the town drew itself (`0xF040`). Lines beginning with `#` and a
/// first line that begins with `character` are passed over.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GaijiTable {
    entries: BTreeMap<String, String>,
}

/// A line that does not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadEntry {
    /// Line from 1.
    pub line: usize,
    /// Why.
    pub fault: EntryFault,
}

/// Why a line of a table does not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryFault {
    /// The file is neither UTF-8 nor CP932, or larger than 4 MiB.
    File,
    /// Not two columns.
    Columns,
    /// The first column is not one character, its selector counted with it.
    Character,
    /// The second column is empty, longer than eight characters or a code that is none.
    Replacement,
    /// The character stands in an earlier line.
    Twice,
}

/// Largest table, in bytes.
const LARGEST: usize = 4 * 1024 * 1024;
/// Longest replacement, in characters.
const LONGEST: usize = 8;

impl GaijiTable {
    /// Reads a table.
    /// # Errors
    /// Every line that does not read.
    pub fn parse(bytes: &[u8]) -> Result<Self, Vec<BadEntry>> {
        let text =
            text(bytes).ok_or_else(|| vec![BadEntry { line: 1, fault: EntryFault::File }])?;
        let (mut entries, mut bad) = (BTreeMap::new(), Vec::new());
        for (line, content) in (1..).zip(text.lines()) {
            let heading = line == 1 && content.trim_start_matches('"').starts_with("character");
            if content.trim().is_empty() || content.starts_with('#') || heading {
                continue;
            }
            let read = entry(content).and_then(|(from, to)| {
                let new = entries.insert(from, to).is_none();
                if new { Ok(()) } else { Err(EntryFault::Twice) }
            });
            bad.extend(read.err().map(|fault| BadEntry { line, fault }));
        }
        if bad.is_empty() { Ok(Self { entries }) } else { Err(bad) }
    }

    /// What stands for a character.
    #[must_use]
    pub fn get(&self, character: &str) -> Option<&str> {
        self.entries.get(character).map(String::as_str)
    }

    /// Number of characters it knows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether it knows none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

fn text(bytes: &[u8]) -> Option<String> {
    if bytes.len() > LARGEST {
        return None;
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text.trim_start_matches('\u{FEFF}').to_owned()),
        Err(_) => cp932::decode(bytes),
    }
}

fn entry(line: &str) -> Result<(String, String), EntryFault> {
    let mut columns = line.split([',', '\t']).map(|column| column.trim().trim_matches('"'));
    let (from, to) = columns.next().zip(columns.next()).ok_or(EntryFault::Columns)?;
    let from = read(from).ok_or(EntryFault::Character)?;
    if from.graphemes(true).count() != 1 {
        return Err(EntryFault::Character);
    }
    let to = read(to).ok_or(EntryFault::Replacement)?;
    let seen = |c: char| !c.is_control();
    if !(1..=LONGEST).contains(&to.chars().count()) || !to.chars().all(seen) {
        return Err(EntryFault::Replacement);
    }
    Ok((from, to))
}

/// Text as itself, as code points or as a Shift_JIS code.
fn read(column: &str) -> Option<String> {
    if let Some(code) = column.strip_prefix("0x") {
        let code = u16::from_str_radix(code, 16).ok()?;
        return cp932::decode(&code.to_be_bytes());
    }
    if !column.starts_with("U+") {
        return Some(column.to_owned());
    }
    let point =
        |part: &str| char::from_u32(u32::from_str_radix(part.strip_prefix("U+")?, 16).ok()?);
    column.split_whitespace().map(point).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// IK-2.1.2d1: characters may be written as themselves, as code points or as a town's code.
    #[test]
    fn a_table_reads_in_every_notation() {
        let text = "\u{FEFF}character,replacement,note\r\n𠮷,吉,つちよし\r\n# x\r\n\
                    U+845B U+E0100,葛\r\nU+E000,0xF040\r\n\"㋿\",\"令和\"\r\n";
        let table = GaijiTable::parse(text.as_bytes()).unwrap();
        assert_eq!(table.len(), 4);
        assert_eq!(table.get("𠮷"), Some("吉"));
        assert_eq!(table.get("葛\u{E0100}"), Some("葛"));
        assert_eq!(table.get("\u{E000}"), Some("\u{E000}"));
        assert_eq!(table.get("㋿"), Some("令和"));
        assert_eq!(table.get("葛"), None);
    }

    #[test]
    fn every_line_that_does_not_read_is_named() {
        let text = "𠮷,吉\n𠮷,士口\nただ\n二つ,x\n𠀋,\n𠂉,U+110000\n";
        let bad = GaijiTable::parse(text.as_bytes()).unwrap_err();
        let found: Vec<_> = bad.iter().map(|one| (one.line, one.fault)).collect();
        use EntryFault as F;
        assert_eq!(
            found,
            [
                (2, F::Twice),
                (3, F::Columns),
                (4, F::Character),
                (5, F::Replacement),
                (6, F::Replacement)
            ]
        );
        assert!(GaijiTable::parse(&[0xFF; 3]).is_err());
    }
}
