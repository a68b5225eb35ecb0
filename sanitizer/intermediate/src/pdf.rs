//! The PDF model: pages as lists of allowed drawing steps, and the numbered
//! things they draw with.
//!
//! ```text
//! PdfDocument ─ pages ─ Step ──▶ Things: fonts, forms, pictures, patterns, …
//!                                   └─ Step (again; the builder refuses circles)
//! ```
//!
//! Everything is a number, a character or a pixel. Nothing of the read file's
//! own coding (streams, font programs, names) has a place here.

mod content;
mod document;
mod font;
mod outline;
mod paint;
mod weight;
mod wire;

pub use content::{Line, Paint, Piece, Segment, Step};
pub use document::{
    Bookmark, Form, Group, GroupSpace, Link, Page, PdfDocument, PdfPicture, Stencil, Target, Things,
};
pub use font::{
    Collection, Drawn, DrawnGlyph, Encoding, Font, Metrics, Named, NamedCid, Outlined, Uprights,
    Width,
};
pub use outline::{Glyph, Outline, Stroke};
pub use paint::{
    Blend, Cap, Colour, Join, Mask, MaskKind, Mesh, Pattern, Rule, Shading, ShadingKind, Stop,
    Tiling, Vertex,
};
pub use weight::{HEAVIEST, Unweighable, weigh};

/// Six numbers that map a point: `x' = a·x + c·y + e`, `y' = b·x + d·y + f`.
pub type Matrix = [f32; 6];
/// Left, bottom, right, top in points.
pub type Box4 = [f32; 4];

/// Upper bounds of the lists, far above what [`crate::Limits`] lets a worker do.
pub mod max {
    /// Pages.
    pub const PAGES: usize = 20_000;
    /// Fonts, forms, pictures, patterns, shadings or masks.
    pub const THINGS: usize = 100_000;
    /// Steps of one page, form, tile or glyph.
    pub const STEPS: usize = 4_000_000;
    /// Points of one path or outline.
    pub const SEGMENTS: usize = 2_000_000;
    /// Glyphs and shifts of one shown text.
    pub const PIECES: usize = 200_000;
    /// Glyphs of one font.
    pub const GLYPHS: usize = 65_535;
    /// Bytes of the text one glyph stands for.
    pub const GLYPH_TEXT: usize = 64;
    /// Bytes of a text that replaces what is drawn.
    pub const ACTUAL_TEXT: usize = 16_384;
    /// Bytes of a font or glyph name.
    pub const NAME: usize = 63;
    /// Numbers of a dash pattern.
    pub const DASHES: usize = 64;
    /// Colours along a shading.
    pub const STOPS: usize = 1_024;
    /// Corners of the triangles of a shading.
    pub const VERTICES: usize = 600_000;
    /// Bookmarks.
    pub const BOOKMARKS: usize = 20_000;
    /// Links of one page.
    pub const LINKS: usize = 20_000;
    /// Bytes of an address.
    pub const ADDRESS: usize = 2_048;
}
