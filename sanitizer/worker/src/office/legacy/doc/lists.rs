//! Lists: how their levels count.
//!
//! ```text
//!  lists │ count │ id, … simple? │ … ││ level: start, format, … │ properties │ text │ …
//!  uses  │ count │ id of a list, … overrides │ …
//! ```
//! A paragraph names a use by its number from 1.

use super::fib::{Fib, Part};
use super::story::symbol;
use crate::office::legacy::bytes::{slice, u8_at, u16_at, u32_at};
use crate::office::plain::word::{Level, List, ListKind, number_format};

const LIST: usize = 28;
const LEVEL: usize = 28;
const USE: usize = 16;
const SIMPLE: u8 = 1;
const LEVELS: usize = 9;
const MOST: usize = 2_000;
/// Longest text before an entry.
const LONGEST: usize = 64;

/// Which list each use means.
#[derive(Debug, Default)]
pub(super) struct Uses(Vec<Option<u32>>);

impl Uses {
    /// The list of a paragraph that names this use.
    pub(super) fn kind(&self, number: u16) -> ListKind {
        let at = usize::from(number).checked_sub(1);
        let list = at.and_then(|at| self.0.get(at).copied().flatten());
        list.map_or(ListKind::Bullets, ListKind::Own)
    }
}

/// The lists of a document. A use that counts on its own is a list more.
pub(super) fn read(fib: &Fib, table: &[u8]) -> (Vec<List>, Uses) {
    let listed = fib.part(table, Part::Lists);
    let mut levels = fib.after(table, Part::Lists);
    let mut known: Vec<(u32, &[u8], bool)> = Vec::new();
    for number in 0..usize::from(u16_at(listed, 0)).min(MOST) {
        let entry = slice(listed, 2 + number * LIST, LIST);
        if entry.is_empty() {
            break;
        }
        let is_simple = u8_at(entry, 26) & SIMPLE != 0;
        known.push((u32_at(entry, 0), levels, is_simple));
        for _ in 0..if is_simple { 1 } else { LEVELS } {
            levels = levels.get(level(levels).1..).unwrap_or_default();
        }
    }
    let used = fib.part(table, Part::ListUses);
    let mut lists: Vec<List> = Vec::new();
    let mut shared: Vec<(u32, u32)> = Vec::new();
    let mut uses = Vec::new();
    for number in 0..(u32_at(used, 0) as usize).min(MOST) {
        let entry = slice(used, 4 + number * USE, USE);
        let id = u32_at(entry, 0);
        let starts_anew = u8_at(entry, 12) > 0;
        let before = shared.iter().find(|it| it.0 == id && !starts_anew).map(|it| it.1);
        let found = known.iter().find(|it| it.0 == id);
        let list = before.or_else(|| {
            let (_, levels, is_simple) = found?;
            let position = u32::try_from(lists.len()).ok()?;
            lists.push(list(levels, *is_simple));
            shared.push((id, position));
            Some(position)
        });
        uses.push(list);
    }
    (lists, Uses(uses))
}

fn list(mut bytes: &[u8], is_simple: bool) -> List {
    let mut list = List::default();
    for _ in 0..if is_simple { 1 } else { LEVELS } {
        let (found, length) = level(bytes);
        list.levels.push(found);
        bytes = bytes.get(length..).unwrap_or_default();
    }
    list
}

/// A level, and its bytes.
fn level(bytes: &[u8]) -> (Level, usize) {
    let (format, texts) = (u8_at(bytes, 4), LEVEL + usize::from(u8_at(bytes, 24)));
    let text = texts + usize::from(u8_at(bytes, 25));
    let length = usize::from(u16_at(bytes, text));
    let units = slice(bytes, text + 2, length.min(LONGEST) * 2);
    let units = units.chunks_exact(2).map(|it| u16::from_le_bytes([it[0], it[1]]));
    let mut shown = String::new();
    for it in char::decode_utf16(units).map(|it| it.unwrap_or('\u{fffd}')) {
        match u32::from(it) {
            // The number of a level.
            level @ 0..9 => shown.push_str(&format!("%{}", level + 1)),
            0x09..0x20 => {}
            0xf000..0xf100 => shown.push(symbol(it)),
            _ => shown.push(it),
        }
    }
    let format = number_format(format);
    let start = u32_at(bytes, 0).min(32_767);
    (Level { format, text: shown, start }, text + 2 + length * 2)
}
