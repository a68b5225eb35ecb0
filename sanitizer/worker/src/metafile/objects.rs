//! What a drawing creates, selects and deletes: pens, brushes, fonts.

use std::collections::HashMap;
use std::rc::Rc;

use resvg::tiny_skia::{LineCap, LineJoin, Pixmap};

use super::bytes::Fields;

/// Most objects at a time.
const MAX_OBJECTS: usize = 65_536;

/// Red, green, blue.
pub(super) type Colour = [u8; 3];

/// A colour as metafiles write it.
pub(super) fn colour(number: u32) -> Colour {
    let [red, green, blue, _] = number.to_le_bytes();
    [red, green, blue]
}

/// How lines look.
#[derive(Debug, Clone)]
pub(super) struct Pen {
    /// `None` draws nothing.
    pub colour: Option<Colour>,
    /// In units of the drawing; 0 is the finest line there is.
    pub width: f64,
    /// The width is in units of the device.
    pub cosmetic: bool,
    pub cap: LineCap,
    pub join: LineJoin,
    /// Lengths on and off, in widths of the pen.
    pub dashes: Vec<f64>,
}

/// How areas look.
#[derive(Debug, Clone)]
pub(super) enum Brush {
    Nothing,
    Solid(Colour),
    /// The kind of hatch, 0 to 5, and its colour.
    Hatched(u32, Colour),
    Tiled(Rc<Pixmap>),
}

/// How text looks.
#[derive(Debug, Clone)]
pub(super) struct Font {
    /// Negative: of the em; positive: of the line.
    pub height: f64,
    /// Tenths of a degree against the clock.
    pub escapement: f64,
    pub bold: bool,
    pub italic: bool,
    pub underlined: bool,
    pub struck: bool,
    pub charset: u8,
    pub face: String,
}

/// Something with a number.
#[derive(Debug, Clone)]
pub(super) enum Object {
    Pen(Pen),
    Brush(Brush),
    Font(Font),
    /// A palette, a colour space or a region: kept for its number.
    Other,
}

impl Pen {
    /// The thinnest line of a colour.
    pub(super) const fn thin(colour: Option<Colour>) -> Self {
        Self {
            colour,
            width: 0.0,
            cosmetic: true,
            cap: LineCap::Round,
            join: LineJoin::Round,
            dashes: Vec::new(),
        }
    }

    /// A pen by its style bits.
    pub(super) fn styled(style: u32, width: f64, colour: Colour, own: Vec<f64>) -> Self {
        let kind = style & 0x0f;
        let dashes = match kind {
            1 => vec![3.0, 1.0],
            2 => vec![1.0, 1.0],
            3 => vec![3.0, 1.0, 1.0, 1.0],
            4 => vec![3.0, 1.0, 1.0, 1.0, 1.0, 1.0],
            7 => own,
            8 => vec![1.0, 1.0],
            _ => Vec::new(),
        };
        let cap = match style >> 8 & 0x0f {
            1 => LineCap::Square,
            2 => LineCap::Butt,
            _ => LineCap::Round,
        };
        let join = match style >> 12 & 0x0f {
            1 => LineJoin::Bevel,
            2 => LineJoin::Miter,
            _ => LineJoin::Round,
        };
        let colour = (kind != 5).then_some(colour);
        Self { colour, width: width.abs(), cosmetic: false, cap, join, dashes }
    }
}

impl Brush {
    /// A brush by its style; patterns are made elsewhere.
    pub(super) fn styled(style: u32, number: u32, hatch: u32) -> Self {
        match style {
            0 => Self::Solid(colour(number)),
            2 => Self::Hatched(hatch, colour(number)),
            _ => Self::Nothing,
        }
    }
}

impl Default for Font {
    fn default() -> Self {
        Self {
            height: -13.0,
            escapement: 0.0,
            bold: false,
            italic: false,
            underlined: false,
            struck: false,
            charset: 0,
            face: String::new(),
        }
    }
}

impl Font {
    /// A font record with 32-bit sizes and a name in UTF-16.
    pub(super) fn wide(record: Fields<'_>) -> Self {
        let name = record.slice(28, 64).unwrap_or_default();
        let units = name.chunks_exact(2).map(|it| u16::from_le_bytes([it[0], it[1]]));
        let units = units.take_while(|it| *it != 0);
        let face = char::decode_utf16(units).map(|it| it.unwrap_or('\u{fffd}')).collect();
        let weight = record.i32(16);
        Self {
            height: record.long(0),
            escapement: record.long(8),
            ..Self::looks(record, 20, weight, face)
        }
    }

    /// A font record with 16-bit sizes and a name in the system's own coding.
    pub(super) fn narrow(record: Fields<'_>) -> Self {
        let name = record.from(18).0;
        let end = name.iter().position(|it| *it == 0).unwrap_or(name.len()).min(32);
        let face = encoding_rs::SHIFT_JIS.decode_without_bom_handling(&name[..end]).0.into_owned();
        let weight = i32::from(record.i16(8));
        Self {
            height: record.short(0),
            escapement: record.short(4),
            ..Self::looks(record, 10, weight, face)
        }
    }

    fn looks(record: Fields<'_>, flags: usize, weight: i32, face: String) -> Self {
        Self {
            bold: weight >= 600,
            italic: record.u8(flags) != 0,
            underlined: record.u8(flags + 1) != 0,
            struck: record.u8(flags + 2) != 0,
            charset: record.u8(flags + 3),
            face,
            ..Self::default()
        }
    }
}

/// The objects of a drawing by number.
#[derive(Debug, Default)]
pub(super) struct Objects {
    all: HashMap<u32, Object>,
}

impl Objects {
    /// Gives an object its number.
    pub(super) fn set(&mut self, number: u32, object: Object) {
        if self.all.len() < MAX_OBJECTS {
            self.all.insert(number, object);
        }
    }

    /// Gives an object the lowest free number.
    pub(super) fn add(&mut self, object: Object) {
        let free = (0..).find(|it| !self.all.contains_key(it));
        if let Some(number) = free {
            self.set(number, object);
        }
    }

    pub(super) fn remove(&mut self, number: u32) {
        self.all.remove(&number);
    }

    /// An object of the drawing, or one that every device has.
    pub(super) fn get(&self, number: u32) -> Option<Object> {
        const STOCK: u32 = 0x8000_0000;
        let Some(stock) = number.checked_sub(STOCK) else {
            return self.all.get(&number).cloned();
        };
        let grey = |it: u8| Object::Brush(Brush::Solid([it; 3]));
        Some(match stock {
            0 | 18 => grey(255),
            1 => grey(0xc0),
            2 => grey(0x80),
            3 => grey(0x40),
            4 => grey(0),
            5 => Object::Brush(Brush::Nothing),
            6 => Object::Pen(Pen::thin(Some([255; 3]))),
            7 | 19 => Object::Pen(Pen::thin(Some([0; 3]))),
            8 => Object::Pen(Pen::thin(None)),
            10..=17 => Object::Font(Font::default()),
            _ => Object::Other,
        })
    }
}
