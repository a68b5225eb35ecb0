//! What a page, a form, a tile or a drawn glyph does, step by step.

use super::{Blend, Cap, Colour, Join, Matrix, Rule};

/// One drawing step. Between [`Step::BeginText`] and [`Step::EndText`] only
/// text and the state of pen and paint may change; the builder checks that, and
/// that what is opened is closed.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// Remembers the state of pen, paint, clip and matrix.
    Save,
    /// Goes back to what was remembered.
    Restore,
    /// Puts a matrix before the current one.
    Concat(Matrix),
    /// A change of the pen.
    Line(Line),
    /// The colour of areas and glyphs.
    Fill(Colour),
    /// The colour of lines.
    Stroke(Colour),
    /// How opaque areas are, 0–1.
    FillAlpha(f32),
    /// How opaque lines are, 0–1.
    StrokeAlpha(f32),
    /// How colours mix with what is below.
    Blend(Blend),
    /// Lets a soft mask (its number) shine through, or none.
    Mask(Option<u32>),
    /// Draws a path.
    Path {
        /// The path.
        segments: Vec<Segment>,
        /// What is done with it.
        paint: Paint,
    },
    /// Draws a picture into the unit square.
    Picture(u32),
    /// Runs a form.
    Form(u32),
    /// Fills the clip with a shading.
    Shade(u32),
    /// Starts a text.
    BeginText,
    /// Ends a text.
    EndText,
    /// Places the next glyph.
    TextMatrix(Matrix),
    /// Moves to another line, relative to the start of this one.
    TextMove(f32, f32),
    /// Chooses font and size.
    Font {
        /// Number of the font.
        font: u32,
        /// Units of text space per em.
        size: f32,
    },
    /// Space after each glyph.
    CharSpace(f32),
    /// Width of everything in per cent.
    TextScale(f32),
    /// Height above the line.
    Rise(f32),
    /// 0 filled, 1 stroked, 2 both, 3 invisible, 4–7 the same and clipped.
    TextMode(u8),
    /// Shows glyphs.
    Show(Vec<Piece>),
    /// The text that all following glyphs stand for.
    BeginActualText(String),
    /// Ends the replaced text.
    EndActualText,
}

/// A change of the pen.
#[derive(Debug, Clone, PartialEq)]
pub enum Line {
    /// Width.
    Width(f32),
    /// Form of the ends.
    Cap(Cap),
    /// Form of the corners.
    Join(Join),
    /// Longest spike of a corner.
    Miter(f32),
    /// Lengths of dashes and gaps, and where to start.
    Dash(Vec<f32>, f32),
}

/// A part of a path.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Segment {
    /// Starts a subpath.
    Move(f32, f32),
    /// A straight line.
    Line(f32, f32),
    /// A cubic curve: two control points and the end.
    Curve([f32; 6]),
    /// A rectangle: corner, width, height.
    Rect([f32; 4]),
    /// Back to the start of the subpath.
    Close,
}

/// What happens to a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Paint {
    /// Its inside is filled.
    pub fill: Option<Rule>,
    /// Its line is drawn.
    pub stroke: bool,
    /// Everything after is drawn inside of it only.
    pub clip: Option<Rule>,
}

/// A part of a shown text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Piece {
    /// A glyph of the font, by its code.
    Glyph(u16),
    /// Moves back by thousandths of the size.
    Shift(f32),
}
