//! Embedded fonts: outlines of the glyphs that are used.

use std::collections::HashMap;

use hayro::hayro_syntax::object::Dict;
use hayro::kurbo::{BezPath, PathEl, Point};
use hayro_font::{CMapResolverFn, Font as Face, FontGlyph};
use sanitizer_intermediate::pdf::{Font, Glyph, Metrics, Outline, Outlined, Stroke, max};

use super::unicode::{self, Cids, SimpleGuess};
use super::{GlyphUse, metrics, sane};
use crate::pdf::book::Halt;

/// Units all outlines come in.
const UNITS: f64 = 1_000.0;

pub(super) struct OutlinedFont<'a> {
    pub(super) face: Face<'a>,
    metrics: Metrics,
    guess: Guess,
    codes: HashMap<u32, u16>,
    glyphs: Vec<(Glyph, BezPath)>,
}

enum Guess {
    Simple(Box<SimpleGuess>),
    Composite(Box<Cids>),
}

impl<'a> OutlinedFont<'a> {
    pub(super) fn simple(dict: &Dict<'a>, descriptor: &Dict<'a>, face: Face<'a>) -> Self {
        Self::new(descriptor, face, Guess::Simple(Box::new(SimpleGuess::new(dict))))
    }

    pub(super) fn composite(
        dict: &Dict<'a>,
        descendant: &Dict<'a>,
        descriptor: &Dict<'a>,
        face: Face<'a>,
        cmaps: &CMapResolverFn,
    ) -> Self {
        let cids = Cids::new(dict, descendant, cmaps);
        Self::new(descriptor, face, Guess::Composite(Box::new(cids)))
    }

    fn new(descriptor: &Dict<'a>, face: Face<'a>, guess: Guess) -> Self {
        Self {
            face,
            metrics: metrics::of(descriptor),
            guess,
            codes: HashMap::new(),
            glyphs: vec![(Glyph::default(), BezPath::new())],
        }
    }

    pub(super) fn is_composite(&self) -> bool {
        matches!(self.guess, Guess::Composite(_))
    }

    pub(super) fn is_vertical(&self) -> bool {
        !self.face.is_horizontal()
    }

    pub(super) fn glyph(&mut self, text: &[u8]) -> Result<GlyphUse, Halt> {
        let (code, bytes) = self.face.read_code(text, 0);
        let advance = self.face.code_advance(code);
        let along = if self.is_vertical() { advance.y } else { advance.x };
        let number = match self.codes.get(&code) {
            Some(number) => *number,
            None => self.add(code)?,
        };
        Ok(GlyphUse {
            code: number,
            bytes,
            advance: sane(along as f32),
            is_space: bytes == 1 && code == 32,
        })
    }

    fn add(&mut self, code: u32) -> Result<u16, Halt> {
        if self.glyphs.len() >= max::GLYPHS {
            return Err(Halt::Page);
        }
        let number = u16::try_from(self.glyphs.len()).map_err(|_| Halt::Page)?;
        let path = match self.face.glyph(self.face.map_code(code), code) {
            FontGlyph::Outline(glyph) => glyph.outline(),
            FontGlyph::Type3(_) => BezPath::new(),
        };
        let advance = self.face.code_advance(code);
        let (width, upright) = if self.is_vertical() {
            let origin = self.face.origin_displacement(code);
            let numbers = [advance.y, -origin.x, -origin.y].map(|number| sane(number as f32));
            (sane(-2.0 * origin.x as f32), Some(numbers))
        } else {
            (sane(advance.x as f32), None)
        };
        let text = self.guess.text(&self.face, code);
        self.glyphs.push((Glyph { width, upright, text, outline: Outline::default() }, path));
        self.codes.insert(code, number);
        Ok(number)
    }

    pub(super) fn finish(self) -> Font {
        let vertical = self.is_vertical();
        let units = units_of(self.glyphs.iter().map(|(_, path)| path));
        let scale = f64::from(units) / UNITS;
        let glyphs = self.glyphs.into_iter().map(|(glyph, path)| Glyph {
            outline: Outline { strokes: strokes(&path, scale) },
            ..glyph
        });
        Font::Outlined(Outlined {
            vertical,
            units,
            metrics: self.metrics,
            glyphs: glyphs.collect(),
        })
    }
}

impl Guess {
    fn text(&self, face: &Face<'_>, code: u32) -> String {
        match self {
            Self::Simple(guess) => {
                u8::try_from(code).map_or_else(|_| String::new(), |code| guess.best(face, code))
            }
            Self::Composite(cids) => {
                unicode::known(face, code).or_else(|| cids.text(code)).unwrap_or_default()
            }
        }
    }
}

/// The units per em the font was made with: those in which its points are
/// whole numbers.
fn units_of<'p>(paths: impl Iterator<Item = &'p BezPath>) -> u16 {
    const USUAL: [u16; 7] = [1_000, 2_048, 1_024, 2_000, 256, 4_096, 512];
    let mut points = Vec::new();
    for path in paths {
        points.extend(path.elements().iter().filter_map(control));
        if points.len() > 2_000 {
            break;
        }
    }
    let fits = |units: &u16| {
        let scale = f64::from(*units) / UNITS;
        let whole = |number: f64| (number * scale - (number * scale).round()).abs() < 0.02;
        let fitting = points.iter().filter(|point| whole(point.x) && whole(point.y)).count();
        fitting * 50 >= points.len() * 49
    };
    USUAL.into_iter().find(fits).unwrap_or(2_048)
}

/// A point the designer placed; ends of quadratic curves may be computed.
fn control(element: &PathEl) -> Option<Point> {
    match element {
        PathEl::MoveTo(point) | PathEl::LineTo(point) | PathEl::QuadTo(point, _) => Some(*point),
        PathEl::CurveTo(_, _, point) => Some(*point),
        PathEl::ClosePath => None,
    }
}

fn strokes(path: &BezPath, scale: f64) -> Vec<Stroke> {
    let at = |point: Point| [place(point.x * scale), place(point.y * scale)];
    let mut strokes = Vec::with_capacity(path.elements().len());
    for element in path.elements().iter().take(max::SEGMENTS) {
        match element {
            PathEl::MoveTo(to) => strokes.push(Stroke::Move(at(*to))),
            PathEl::ClosePath => {}
            _ if strokes.is_empty() => {}
            PathEl::LineTo(to) => strokes.push(Stroke::Line(at(*to))),
            PathEl::QuadTo(by, to) => {
                let ([a, b], [x, y]) = (at(*by), at(*to));
                strokes.push(Stroke::Quad([a, b, x, y]));
            }
            PathEl::CurveTo(by, then, to) => {
                let ([a, b], [c, d], [x, y]) = (at(*by), at(*then), at(*to));
                strokes.push(Stroke::Cubic([a, b, c, d, x, y]));
            }
        }
    }
    strokes
}

fn place(number: f64) -> i16 {
    // Casting saturates and turns "not a number" into 0.
    number.round() as i16
}
