//! What properties mean for the look of characters, paragraphs and rows.

use super::properties::each;
use crate::office::legacy::bytes::{u8_at, u16_at, u32_at};
use crate::office::plain::word::{Align, Look, Raised};

/// Colours by number.
const COLOURS: [Option<[u8; 3]>; 17] = [
    None,
    Some([0, 0, 0]),
    Some([0, 0, 255]),
    Some([0, 255, 255]),
    Some([0, 255, 0]),
    Some([255, 0, 255]),
    Some([255, 0, 0]),
    Some([255, 255, 0]),
    Some([255, 255, 255]),
    Some([0, 0, 128]),
    Some([0, 128, 128]),
    Some([0, 128, 0]),
    Some([128, 0, 128]),
    Some([128, 0, 0]),
    Some([128, 128, 0]),
    Some([128, 128, 128]),
    Some([192, 192, 192]),
];

/// The look of characters, and what they are besides.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Characters {
    pub look: Look,
    /// Where their picture is.
    pub picture: Option<u32>,
    /// They were deleted while changes were tracked.
    pub is_deleted: bool,
    /// The character is a mark, not itself.
    pub is_special: bool,
    /// The character it stands for, in a font of symbols.
    pub symbol: Option<u16>,
}

/// Reads properties of characters.
pub(super) fn characters(properties: &[u8]) -> Characters {
    let mut found = Characters::default();
    let look = &mut found.look;
    each(properties, |number, operand| {
        let byte = u8_at(operand, 0);
        // 1 and 129 are on; 128 is as the style says.
        let on = matches!(byte, 1 | 129);
        match number {
            0x0800 => found.is_deleted = on,
            0x0835 => look.bold = on,
            0x0836 => look.italic = on,
            0x0837 | 0x2a53 => look.strike = on,
            0x083c => look.hidden = on,
            0x2a3e => look.underline = byte != 0,
            0x4a43 => look.size = Some(u16_at(operand, 0)).filter(|it| *it > 0),
            0x2a42 => look.colour = COLOURS.get(usize::from(byte)).copied().flatten(),
            0x6870 => {
                let value = u32_at(operand, 0).to_le_bytes();
                look.colour = (value[3] == 0).then_some([value[0], value[1], value[2]]);
            }
            0x2a48 => {
                look.raised = match byte {
                    1 => Some(Raised::Above),
                    2 => Some(Raised::Below),
                    _ => None,
                }
            }
            0x6a03 => found.picture = Some(u32_at(operand, 0)),
            0x0855 => found.is_special = on,
            0x6a09 => found.symbol = Some(u16_at(operand, 2)),
            _ => {}
        }
    });
    found
}

/// What a paragraph is.
#[derive(Debug, Clone, Default)]
pub(super) struct Paragraphs {
    pub align: Option<Align>,
    pub heading: Option<u8>,
    pub indent: i32,
    /// Number of its list and its level.
    pub list: Option<(u16, u8)>,
    pub in_table: bool,
    /// It ends a row.
    pub ends_row: bool,
    /// Tables around it.
    pub depth: u32,
    pub ends_inner_cell: bool,
    pub ends_inner_row: bool,
    /// Edges of the row's columns in twips, and how its cells are merged.
    pub columns: Vec<i16>,
    pub merges: Vec<u16>,
}

/// Reads properties of a paragraph.
pub(super) fn paragraph(style: u16, properties: &[u8]) -> Paragraphs {
    let mut found = Paragraphs {
        heading: u8::try_from(style).ok().filter(|it| (1..=9).contains(it)),
        ..Paragraphs::default()
    };
    let mut level = 0;
    let mut list = 0;
    each(properties, |number, operand| {
        let byte = u8_at(operand, 0);
        match number {
            0x2403 | 0x2461 => {
                found.align = match byte {
                    0 => Some(Align::Left),
                    1 => Some(Align::Centre),
                    2 => Some(Align::Right),
                    _ => Some(Align::Both),
                }
            }
            0x840f | 0x845e => found.indent = i32::from(u16_at(operand, 0).cast_signed()),
            0x260a => level = byte,
            0x460b => list = u16_at(operand, 0),
            0x2416 => found.in_table = byte != 0,
            0x2417 => found.ends_row = byte != 0,
            0x6649 => found.depth = u32_at(operand, 0).min(60),
            0x244b => found.ends_inner_cell = byte != 0,
            0x244c => found.ends_inner_row = byte != 0,
            0xd608 => {
                let count = usize::from(byte);
                let edge = |at: usize| u16_at(operand, 1 + at * 2).cast_signed();
                found.columns = (0..=count).map(edge).collect();
                let merge = |at: usize| u16_at(operand, 1 + (count + 1) * 2 + at * 20);
                found.merges = (0..count).map(merge).collect();
            }
            _ => {}
        }
    });
    found.list = (list > 0 && list < 0xf800).then_some((list, level.min(8)));
    found.in_table |= found.depth > 0;
    found.depth = found.depth.max(u32::from(found.in_table));
    found
}
