//! A story: paragraphs, cells and rows by their marks.

use std::ops::Range;

use sanitizer_intermediate::{Findings, Limits, Place, RemovedKind};

use super::lists::Uses;
use super::look::{self, Characters, Paragraphs};
use super::pieces::Pieces;
use super::properties::Runs;
use crate::office::plain::Pictures;
use crate::office::plain::word::{Block, Cell, Inline, Look, Paragraph, Table, emu};

const CELL: u16 = 0x07;
const PARAGRAPH: u16 = 0x0d;
const PAGE: u16 = 0x0c;
const NOTE: u16 = 0x02;
const PICTURE: u16 = 0x01;
const REMARK: u16 = 0x05;
const DRAWN: u16 = 0x08;
/// A character of another font stands here.
const SYMBOL: u16 = 0x28;
const FIELD: u16 = 0x13;
const FIELD_RESULT: u16 = 0x14;
const FIELD_END: u16 = 0x15;
/// How a cell is merged: bits of its flags.
const CONTINUES_LEFT: u16 = 0x02;
const CONTINUES_ABOVE: u16 = 0x20;
const STARTS_BELOW: u16 = 0x40;

/// Where characters and their properties come from.
pub(super) struct Source<'m> {
    pub pieces: &'m Pieces,
    pub characters: Runs<'m>,
    pub paragraphs: Runs<'m>,
}

/// Reads stories, and collects what they show and lose.
pub(super) struct Stories<'m> {
    pub source: Source<'m>,
    pub pictures: Pictures,
    pub data: &'m [u8],
    pub limits: &'m Limits,
    /// Places of references to footnotes in the body.
    pub notes: Vec<usize>,
    /// Places of references to remarks in the body.
    pub remarks: Vec<usize>,
    /// Which list of the document a paragraph's number of a list means.
    pub lists: Uses,
    pub findings: &'m mut Findings,
}

/// A table that is not closed yet.
#[derive(Default)]
struct Open {
    rows: Vec<Vec<Cell>>,
    row: Vec<Cell>,
    cell: Vec<Block>,
}

/// Whether a block shows anything.
pub(super) fn says_something(block: &Block) -> bool {
    match block {
        Block::Table(_) => true,
        Block::Paragraph(it) => it.runs.iter().any(|run| match &run.inline {
            Inline::Text(text) => !text.trim().is_empty(),
            Inline::Picture(..)
            | Inline::Note(_)
            | Inline::Remark(_)
            | Inline::PageNumber
            | Inline::PageCount => true,
            Inline::Tab | Inline::Line | Inline::Page | Inline::Column => false,
        }),
    }
}

impl Stories<'_> {
    /// The blocks of a stretch of characters.
    pub(super) fn read(&mut self, range: Range<usize>) -> Vec<Block> {
        let mut reading = Reading {
            blocks: Vec::new(),
            open: Vec::new(),
            paragraph: Paragraph::default(),
            fields: Vec::new(),
            high: None,
        };
        for number in range {
            let Some((unit, place)) = self.source.pieces.at(number) else {
                break;
            };
            let looks = look::characters(self.source.characters.of(place).1);
            match unit {
                PARAGRAPH | CELL => {
                    let (style, properties) = self.source.paragraphs.of(place);
                    let about = look::paragraph(style, properties);
                    let list = about.list.map(|(number, level)| (self.lists.kind(number), level));
                    reading.paragraph.list = list;
                    reading.end_paragraph(about, unit == CELL);
                }
                _ => self.character(&mut reading, unit, number, looks),
            }
        }
        reading.finish()
    }

    fn character(&mut self, reading: &mut Reading, unit: u16, number: usize, looks: Characters) {
        if looks.is_deleted {
            return;
        }
        match unit {
            FIELD => return reading.fields.push(Some(String::new())),
            FIELD_RESULT => {
                if let Some(field) = reading.fields.last_mut()
                    && let Some(instruction) = field.take()
                {
                    self.field(reading, &instruction, &looks.look);
                }
                return;
            }
            FIELD_END => {
                if let Some(Some(instruction)) = reading.fields.pop() {
                    self.field(reading, &instruction, &looks.look);
                }
                return;
            }
            _ => {}
        }
        if let Some(Some(instruction)) = reading.fields.last_mut() {
            if let Some(it) = char::from_u32(u32::from(unit)).filter(|_| instruction.len() < 4_000)
            {
                instruction.push(it);
            }
            return;
        }
        if reading.fields.iter().any(Option::is_some) {
            return;
        }
        let look = &looks.look;
        match unit {
            PAGE => reading.paragraph.push(Inline::Page, look),
            0x09 => reading.paragraph.push(Inline::Tab, look),
            0x0b => reading.paragraph.push(Inline::Line, look),
            0x0e => reading.paragraph.push(Inline::Column, look),
            0x1e => reading.paragraph.text("\u{2011}", look),
            0x1f => {}
            NOTE => {
                if let Some(note) = at(&self.notes, number) {
                    reading.paragraph.push(Inline::Note(note), look);
                }
            }
            REMARK => {
                if let Some(remark) = at(&self.remarks, number) {
                    reading.paragraph.push(Inline::Remark(remark), look);
                }
            }
            PICTURE if looks.is_special || looks.picture.is_some() => {
                self.picture(reading, looks.picture, look);
            }
            DRAWN if looks.is_special => self.missing(),
            0x00..0x20 => {}
            SYMBOL if looks.is_special || looks.symbol.is_some() => {
                let shown = looks.symbol.and_then(|it| char::from_u32(u32::from(it)));
                reading.paragraph.text(&shown.map_or('•', plain).to_string(), look);
            }
            _ => reading.unit(unit, look),
        }
    }

    fn picture(&mut self, reading: &mut Reading, place: Option<u32>, look: &Look) {
        let found = place.and_then(|it| super::picture(self.data, it as usize));
        let added = found.and_then(|(bytes, size)| {
            self.pictures.add(&bytes, self.limits).map(|number| (number, size))
        });
        match added {
            Some((number, (width, height))) => {
                let size = if width > 0 && height > 0 {
                    (emu(width), emu(height))
                } else {
                    self.pictures.size(number)
                };
                reading.paragraph.push(Inline::Picture(number, size), look);
            }
            None => self.missing(),
        }
    }

    fn missing(&mut self) {
        self.findings.remove(RemovedKind::Pictures, 1, Place::Document);
    }

    /// Fields that count pages live on; of all others the result stays.
    fn field(&mut self, reading: &mut Reading, instruction: &str, look: &Look) {
        let verb = instruction.split_whitespace().next().unwrap_or_default().to_uppercase();
        match verb.as_str() {
            "PAGE" | "NUMPAGES" => {
                let inline = if verb == "PAGE" { Inline::PageNumber } else { Inline::PageCount };
                reading.paragraph.push(inline, look);
                // Its last result is not text.
                if let Some(field) = reading.fields.last_mut() {
                    *field = Some(String::new());
                }
            }
            "HYPERLINK" => self.findings.remove(RemovedKind::Links, 1, Place::Document),
            "DDE" | "DDEAUTO" => self.findings.remove(RemovedKind::Dde, 1, Place::Document),
            "MACROBUTTON" => self.findings.remove(RemovedKind::MacroCalls, 1, Place::Document),
            "INCLUDETEXT" | "INCLUDEPICTURE" | "IMPORT" | "LINK" | "DATABASE" | "CONTROL" => {
                self.findings.remove(RemovedKind::ActiveFields, 1, Place::Document);
            }
            _ => {}
        }
    }
}

/// Which of these places a character is.
fn at(places: &[usize], number: usize) -> Option<u32> {
    u32::try_from(places.iter().position(|it| *it == number)?).ok()
}

struct Reading {
    blocks: Vec<Block>,
    open: Vec<Open>,
    paragraph: Paragraph,
    /// Fields around this place; those whose instruction is still read have one.
    fields: Vec<Option<String>>,
    /// The first half of a character.
    high: Option<u16>,
}

impl Reading {
    fn unit(&mut self, unit: u16, look: &Look) {
        let pair = match self.high.take() {
            Some(high) => vec![high, unit],
            None if (0xd800..0xdc00).contains(&unit) => {
                self.high = Some(unit);
                return;
            }
            None => vec![unit],
        };
        // Symbols of fonts of their own have no characters here.
        let text: String =
            char::decode_utf16(pair).map(|it| it.unwrap_or('\u{fffd}')).map(plain).collect();
        self.paragraph.text(&text, look);
    }

    fn end_paragraph(&mut self, about: Paragraphs, is_cell_mark: bool) {
        let mut paragraph = std::mem::take(&mut self.paragraph);
        paragraph.align = about.align;
        paragraph.heading = about.heading;
        paragraph.indent = about.indent.clamp(-20_000, 20_000);
        let depth = if about.in_table { about.depth as usize } else { 0 };
        while self.open.len() > depth {
            self.close_table();
        }
        while self.open.len() < depth {
            self.open.push(Open::default());
        }
        let ends_row = about.ends_row && is_cell_mark || about.ends_inner_row;
        let ends_cell = is_cell_mark && depth <= 1 || about.ends_inner_cell;
        match self.open.last_mut() {
            Some(open) if ends_row => open.end_row(&about),
            Some(open) => {
                open.cell.push(Block::Paragraph(paragraph));
                if ends_cell {
                    open.end_cell();
                }
            }
            None => self.blocks.push(Block::Paragraph(paragraph)),
        }
    }

    fn close_table(&mut self) {
        let Some(mut open) = self.open.pop() else {
            return;
        };
        if !open.cell.is_empty() {
            open.end_cell();
        }
        if !open.row.is_empty() {
            open.end_row(&Paragraphs::default());
        }
        let table = Block::Table(Table { rows: open.rows });
        match self.open.last_mut() {
            Some(outer) => outer.cell.push(table),
            None => self.blocks.push(table),
        }
    }

    fn finish(mut self) -> Vec<Block> {
        if !self.paragraph.runs.is_empty() {
            self.end_paragraph(Paragraphs::default(), false);
        }
        while !self.open.is_empty() {
            self.close_table();
        }
        self.blocks
    }
}

impl Open {
    fn end_cell(&mut self) {
        let blocks = std::mem::take(&mut self.cell);
        self.row.push(Cell { blocks, span: 1, ..Cell::default() });
    }

    /// Ends a row; its columns say how wide cells are and which go together.
    fn end_row(&mut self, about: &Paragraphs) {
        let mut row: Vec<Cell> = Vec::new();
        for (at, mut cell) in std::mem::take(&mut self.row).into_iter().enumerate() {
            let flags = about.merges.get(at).copied().unwrap_or_default();
            if flags & CONTINUES_LEFT != 0
                && let Some(before) = row.last_mut()
            {
                before.span += 1;
                before.blocks.extend(cell.blocks.into_iter().filter(says_something));
                continue;
            }
            cell.starts = flags & STARTS_BELOW != 0;
            cell.continues = flags & CONTINUES_ABOVE != 0 && !cell.starts;
            cell.width = match (about.columns.get(at), about.columns.get(at + 1)) {
                (Some(left), Some(right)) => {
                    u32::try_from(i32::from(*right) - i32::from(*left)).ok()
                }
                _ => None,
            };
            row.push(cell);
        }
        if !row.is_empty() {
            self.rows.push(row);
        }
    }
}

/// A character that every font has.
fn plain(it: char) -> char {
    if ('\u{f000}'..='\u{f0ff}').contains(&it) { symbol(it) } else { it }
}

/// A character of a symbol font as one that every font has. Which font is not known here:
/// nearly all of them are Wingdings, whose boxes and ticks are answers in forms.
pub(in crate::office) fn symbol(it: char) -> char {
    match u32::from(it) & 0xff {
        0xb7 | 0x6c | 0x6e | 0xa7 => '•',
        0x4a => '☺',
        0x4c => '☹',
        0x6f => '□',
        0x71 | 0xa8 => '☐',
        0x75 | 0x76 => '◆',
        0xd8 | 0xe0 => '➢',
        0xfb => '✗',
        0xfc => '✓',
        0xfd => '☒',
        0xfe => '☑',
        code @ 0x20..0x7f => char::from_u32(code).unwrap_or('•'),
        _ => '•',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NF-32: an answer that is a tick or a box of a font of symbols stays what it is.
    #[test]
    fn ticks_and_boxes_of_a_symbol_font_stay() {
        let shown: String = "\u{f0fe}\u{f0a8}\u{f0fd}\u{f0fc}\u{f04a}".chars().map(plain).collect();
        assert_eq!(shown, "☑☐☒✓☺");
        assert_eq!(plain('('), '(');
    }
}
