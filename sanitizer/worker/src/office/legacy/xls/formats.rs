//! Fonts, number formats and the formats of cells.

use encoding_rs::Encoding;

use super::records::Record;
use super::strings::unicode;
use crate::office::cell_words::{EDGES, HORIZONTAL, PATTERNS, VERTICAL};
use crate::office::legacy::bytes::{slice, u8_at, u16_at, u32_at};
use crate::office::plain::sheet::{Colour, Font, Format};

const FONT: u16 = 0x31;
const NUMBER: u16 = 0x41e;
const CELL: u16 = 0xe0;
const PALETTE: u16 = 0x92;
/// Most of each; Excel itself stops at 4 050 formats of cells.
const MOST: usize = 70_000;
/// A font is bold from this weight on.
const BOLD: u16 = 600;
/// Numbers of colours from here on are the system's.
const SYSTEM_COLOURS: u32 = 64;

/// What was met of them so far.
#[derive(Default)]
pub(super) struct Formats {
    fonts: Vec<Font>,
    numbers: Vec<(u16, String)>,
    cells: Vec<Raw>,
    pub palette: Vec<[u8; 3]>,
}

struct Raw {
    font: u16,
    number: u16,
    format: Format,
}

impl Formats {
    /// Keeps a record of these kinds.
    pub(super) fn note(&mut self, record: &Record<'_>, is_8: bool, encoding: &'static Encoding) {
        let data = record.data;
        match record.kind {
            FONT if self.fonts.len() < MOST => self.fonts.push(font(data, is_8, encoding)),
            NUMBER if self.numbers.len() < MOST => {
                let code = if is_8 {
                    let length = usize::from(u16_at(data, 2));
                    unicode(slice(data, 4, data.len().saturating_sub(4)), length)
                } else {
                    encoding.decode(slice(data, 3, usize::from(u8_at(data, 2)))).0.into_owned()
                };
                self.numbers.push((u16_at(data, 0), code));
            }
            CELL if self.cells.len() < MOST => self.cells.push(cell(data, is_8)),
            PALETTE => {
                let colours = data.get(2..).unwrap_or_default().chunks_exact(4);
                self.palette = colours.take(56).map(|it| [it[0], it[1], it[2]]).collect();
            }
            _ => {}
        }
    }

    /// The formats of cells by number.
    pub(super) fn cells(&self) -> Vec<Format> {
        self.cells
            .iter()
            .map(|raw| {
                let own = self.numbers.iter().rev().find(|it| it.0 == raw.number);
                // Font number four is left out in the file.
                let font = usize::from(if raw.font > 4 { raw.font - 1 } else { raw.font });
                Format {
                    number: own.map(|it| it.1.clone()).filter(|it| !it.is_empty()),
                    builtin: if raw.number < 164 { u32::from(raw.number) } else { 0 },
                    font: self.fonts.get(font).cloned().unwrap_or_default(),
                    ..raw.format.clone()
                }
            })
            .collect()
    }
}

fn font(data: &[u8], is_8: bool, encoding: &'static Encoding) -> Font {
    let options = u16_at(data, 2);
    let length = usize::from(u8_at(data, 14));
    let name = if is_8 {
        unicode(slice(data, 15, data.len().saturating_sub(15)), length)
    } else {
        encoding.decode(slice(data, 15, length)).0.into_owned()
    };
    Font {
        name,
        size: f64::from(u16_at(data, 0)) / 20.0,
        bold: u16_at(data, 6) >= BOLD,
        italic: options & 0x02 != 0,
        strike: options & 0x08 != 0,
        underline: u8_at(data, 10) != 0,
        colour: colour(u32::from(u16_at(data, 4))),
    }
}

fn colour(number: u32) -> Colour {
    if number < SYSTEM_COLOURS { Colour::Indexed(number) } else { Colour::Auto }
}

fn cell(data: &[u8], is_8: bool) -> Raw {
    let (font, number) = (u16_at(data, 0), u16_at(data, 2));
    let aligned = u8_at(data, 6);
    let mut format = Format {
        horizontal: HORIZONTAL.get(usize::from(aligned & 7)).copied().filter(|it| *it != "general"),
        vertical: VERTICAL.get(usize::from(aligned >> 4 & 7)).copied().filter(|it| *it != "bottom"),
        wrap: aligned & 0x08 != 0,
        ..Format::default()
    };
    if is_8 {
        let (lines, colours) = (u32_at(data, 10), u32_at(data, 14));
        let edge = |style: u32, number: u32| {
            let name = EDGES.get((style & 0xf) as usize).copied().filter(|it| *it != "none");
            name.map(|it| (it, colour(number & 0x7f)))
        };
        format.edges = [
            edge(lines, lines >> 16),
            edge(lines >> 4, lines >> 23),
            edge(lines >> 8, colours),
            edge(lines >> 12, colours >> 7),
        ];
        let pattern = PATTERNS.get((colours >> 26) as usize).copied().filter(|it| *it != "none");
        format.fill = pattern.map(|it| (it, colour(u32::from(u16_at(data, 18) & 0x7f))));
        format.indent = u32::from(u8_at(data, 8) & 0x0f);
        let rotation = u32::from(u8_at(data, 7));
        format.rotation = if rotation <= 180 || rotation == 255 { rotation } else { 0 };
    }
    Raw { font, number, format }
}
