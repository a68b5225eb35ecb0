//! Colours, patterns, shadings, masks.

use super::{Box4, Matrix, Step};
use crate::words::words;

/// A colour.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Colour {
    /// 0 black – 1 white.
    Gray(f32),
    /// Red, green, blue, 0–1.
    Rgb([f32; 3]),
    /// Cyan, magenta, yellow, black, 0–1.
    Cmyk([f32; 4]),
    /// A pattern, with a colour when the pattern has none of its own.
    Pattern {
        /// Its number.
        pattern: u32,
        /// Red, green, blue, 0–1.
        tint: Option<[f32; 3]>,
    },
}

/// What areas can be filled with.
#[derive(Debug, Clone, PartialEq)]
pub enum Pattern {
    /// A repeated drawing.
    Tiling(Tiling),
    /// A shading (its number) under a matrix.
    Shading {
        /// Its number.
        shading: u32,
        /// From the shading to the page.
        matrix: Matrix,
    },
}

/// A repeated drawing.
#[derive(Debug, Clone, PartialEq)]
pub struct Tiling {
    /// The drawing has colours of its own.
    pub coloured: bool,
    /// The part that is repeated.
    pub bounds: Box4,
    /// Horizontal distance; not 0.
    pub step_x: f32,
    /// Vertical distance; not 0.
    pub step_y: f32,
    /// From the tile to the page.
    pub matrix: Matrix,
    /// The drawing.
    pub content: Vec<Step>,
}

/// Colours that run into each other.
#[derive(Debug, Clone, PartialEq)]
pub struct Shading {
    /// How the colours are arranged.
    pub kind: ShadingKind,
    /// Colour of everything else when used as a pattern.
    pub background: Option<[f32; 3]>,
    /// Nothing is drawn outside.
    pub bounds: Option<Box4>,
}

/// How colours are arranged.
#[derive(Debug, Clone, PartialEq)]
pub enum ShadingKind {
    /// Along a line from one point to another.
    Axial {
        /// Start and end.
        line: [f32; 4],
        /// The first and last colour go on beyond.
        extend: [bool; 2],
        /// At least two, rising from 0 to 1.
        stops: Vec<Stop>,
    },
    /// From one circle to another.
    Radial {
        /// Centre and radius, twice.
        circles: [f32; 6],
        /// The first and last colour go on beyond.
        extend: [bool; 2],
        /// At least two, rising from 0 to 1.
        stops: Vec<Stop>,
    },
    /// A net of triangles.
    Mesh(Mesh),
}

/// A colour at a place of a shading.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stop {
    /// 0–1.
    pub at: f32,
    /// Red, green, blue.
    pub rgb: [u8; 3],
}

/// Triangles, three corners each.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Mesh {
    /// A multiple of three.
    pub vertices: Vec<Vertex>,
}

/// A corner of a triangle.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Vertex {
    /// Place.
    pub x: f32,
    /// Place.
    pub y: f32,
    /// Red, green, blue.
    pub rgb: [u8; 3],
}

/// A form whose drawing says where other things shine through.
#[derive(Debug, Clone, PartialEq)]
pub struct Mask {
    /// What of the form counts.
    pub kind: MaskKind,
    /// The form's number; it must be a group.
    pub form: u32,
    /// What the form is drawn on.
    pub backdrop: Option<[f32; 3]>,
    /// 256 output values for the input values 0–255, when not the same.
    pub transfer: Option<Vec<u8>>,
}

words! {
    /// What of a mask counts.
    pub enum MaskKind {
        /// How opaque it is.
        Alpha = "alpha",
        /// How light it is.
        Luminosity = "luminosity",
    }
}

words! {
    /// What the inside of a path is.
    pub enum Rule {
        /// Where the line winds around.
        NonZero = "nonzero",
        /// Where a ray crosses an odd number of times.
        EvenOdd = "evenodd",
    }
}

words! {
    /// The ends of lines.
    pub enum Cap {
        /// Cut off.
        Butt = "butt",
        /// Half a circle.
        Round = "round",
        /// Half a square.
        Square = "square",
    }
}

words! {
    /// The corners of lines.
    pub enum Join {
        /// Pointed.
        Miter = "miter",
        /// Round.
        Round = "round",
        /// Cut off.
        Bevel = "bevel",
    }
}

words! {
    /// How a colour mixes with the one below; the code is the PDF's own name.
    pub enum Blend {
        /// Covers.
        Normal = "Normal",
        /// See PDF 2.0, 11.3.5, as for all following.
        Multiply = "Multiply",
        /// Screen.
        Screen = "Screen",
        /// Overlay.
        Overlay = "Overlay",
        /// Darken.
        Darken = "Darken",
        /// Lighten.
        Lighten = "Lighten",
        /// Colour dodge.
        ColorDodge = "ColorDodge",
        /// Colour burn.
        ColorBurn = "ColorBurn",
        /// Hard light.
        HardLight = "HardLight",
        /// Soft light.
        SoftLight = "SoftLight",
        /// Difference.
        Difference = "Difference",
        /// Exclusion.
        Exclusion = "Exclusion",
        /// Hue.
        Hue = "Hue",
        /// Saturation.
        Saturation = "Saturation",
        /// Colour.
        Color = "Color",
        /// Luminosity.
        Luminosity = "Luminosity",
    }
}
