//! Glyphs as outlines, for fonts whose program is written anew.

/// One glyph of an [`super::Outlined`] font. Its code is its place in the list.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Glyph {
    /// Advance in thousandths of an em.
    pub width: f32,
    /// For vertical writing: advance downwards (negative), and the place of the
    /// vertical origin, in thousandths of an em.
    pub upright: Option<[f32; 3]>,
    /// The characters it stands for; empty when unknown.
    pub text: String,
    /// Its form.
    pub outline: Outline,
}

/// Closed contours in font units.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Outline {
    /// Each contour starts with a move; all are closed.
    pub strokes: Vec<Stroke>,
}

/// A part of an outline, to absolute places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stroke {
    /// Starts a contour.
    Move([i16; 2]),
    /// A straight line.
    Line([i16; 2]),
    /// A quadratic curve: control point and end.
    Quad([i16; 4]),
    /// A cubic curve: two control points and end.
    Cubic([i16; 6]),
}
