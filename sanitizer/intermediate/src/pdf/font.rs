//! Fonts.

use super::{Box4, Glyph, Matrix, Step};
use crate::words::words;

/// A font.
#[derive(Debug, Clone, PartialEq)]
pub enum Font {
    /// Carried in the file; its program is written anew from the outlines.
    Outlined(Outlined),
    /// Not carried: the reader's own font of this name is used. One byte a code.
    Named(Named),
    /// As [`Font::Named`], for Chinese, Japanese and Korean. Codes are CIDs.
    NamedCid(NamedCid),
    /// Each glyph is a small drawing. One byte a code.
    Drawn(Drawn),
}

/// A font made of outlines.
#[derive(Debug, Clone, PartialEq)]
pub struct Outlined {
    /// Written from top to bottom.
    pub vertical: bool,
    /// Font units per em, 16–16384.
    pub units: u16,
    /// How it looks as a whole.
    pub metrics: Metrics,
    /// Number 0 stands for "no such glyph".
    pub glyphs: Vec<Glyph>,
}

/// How a font looks as a whole, in thousandths of an em.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Metrics {
    /// All glyphs are equally wide.
    pub fixed: bool,
    /// Has serifs.
    pub serif: bool,
    /// Characters other than the Latin standard set.
    pub symbolic: bool,
    /// Looks hand-written.
    pub script: bool,
    /// Leans.
    pub italic: bool,
    /// Made bold by force.
    pub bold: bool,
    /// Height above the line.
    pub ascent: f32,
    /// Depth below the line, negative.
    pub descent: f32,
    /// Height of capitals.
    pub cap_height: f32,
    /// Degrees, negative to the right.
    pub italic_angle: f32,
    /// Width of stems.
    pub stem: f32,
    /// Numeric weight, 0 when unknown.
    pub weight: u16,
    /// Box around all glyphs.
    pub bounds: Box4,
}

/// A font by name.
#[derive(Debug, Clone, PartialEq)]
pub struct Named {
    /// ASCII letters, digits and `+ - , _ .` only.
    pub name: String,
    /// TrueType rather than Type 1.
    pub true_type: bool,
    /// Which code is which glyph, to begin with.
    pub encoding: Encoding,
    /// Codes that are other glyphs, by glyph name (ASCII letters, digits, `. _`).
    pub differences: Vec<(u8, String)>,
    /// Advances of codes; none for the standard fonts that need none.
    pub widths: Vec<Width>,
    /// Absent for the standard fonts that need none.
    pub metrics: Option<Metrics>,
    /// The characters codes stand for, where the file said so.
    pub text: Vec<(u16, String)>,
}

words! {
    /// A predefined encoding.
    pub enum Encoding {
        /// The font's own.
        BuiltIn = "built_in",
        /// Adobe's for Latin.
        Standard = "StandardEncoding",
        /// Windows, western.
        WinAnsi = "WinAnsiEncoding",
        /// Macintosh, western.
        MacRoman = "MacRomanEncoding",
        /// Macintosh, expert.
        MacExpert = "MacExpertEncoding",
    }
}

/// Advance of a code in thousandths of an em.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Width {
    /// Code or CID.
    pub code: u16,
    /// Advance.
    pub width: f32,
}

/// Vertical metrics of a CID in thousandths of an em.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Uprights {
    /// CID.
    pub code: u16,
    /// Advance downwards (negative), and the place of the vertical origin.
    pub numbers: [f32; 3],
}

/// A Chinese, Japanese or Korean font by name.
#[derive(Debug, Clone, PartialEq)]
pub struct NamedCid {
    /// As [`Named::name`].
    pub name: String,
    /// Which numbers its glyphs have.
    pub collection: Collection,
    /// How many of them.
    pub supplement: u8,
    /// Written from top to bottom.
    pub vertical: bool,
    /// Outlines are TrueType.
    pub true_type: bool,
    /// Advance of all other CIDs.
    pub default_width: f32,
    /// Advances.
    pub widths: Vec<Width>,
    /// Vertical origin and advance of all other CIDs.
    pub default_upright: Option<[f32; 2]>,
    /// Vertical metrics.
    pub uprights: Vec<Uprights>,
    /// How it looks as a whole.
    pub metrics: Metrics,
    /// The characters CIDs stand for, where known.
    pub text: Vec<(u16, String)>,
}

words! {
    /// Adobe's character collections; the code is the ordering's own name.
    pub enum Collection {
        /// Japanese.
        Japan1 = "Japan1",
        /// Simplified Chinese.
        Gb1 = "GB1",
        /// Traditional Chinese.
        Cns1 = "CNS1",
        /// Korean.
        Korea1 = "Korea1",
        /// Korean, newer.
        Kr = "KR",
        /// None.
        Identity = "Identity",
    }
}

/// A font of drawings.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawn {
    /// From glyph to text space.
    pub matrix: Matrix,
    /// Box around all glyphs, or all zero.
    pub bounds: Box4,
    /// At most one for each code.
    pub glyphs: Vec<DrawnGlyph>,
}

/// A glyph that is a drawing.
#[derive(Debug, Clone, PartialEq)]
pub struct DrawnGlyph {
    /// Its code.
    pub code: u8,
    /// Its name when that is one ASCII letter: readers guess sizes from it.
    pub letter: Option<u8>,
    /// Advance in glyph space.
    pub width: f32,
    /// The characters it stands for; empty when unknown.
    pub text: String,
    /// The box around a drawing without colours of its own.
    pub shape: Option<Box4>,
    /// The drawing.
    pub content: Vec<Step>,
}
