//! Letters as outlines. There is one typeface; the names in the file only say
//! how tall its lines were.

use hayro::kurbo::{Affine, BezPath, Point};
use skrifa::instance::{LocationRef, Size};
use skrifa::outline::{DrawSettings, OutlinePen};
use skrifa::{FontRef, GlyphId, MetadataProvider as _};

use crate::typeface::TYPEFACE;

/// Units of the em of our typeface.
const EM: f64 = 1_000.0;
/// How far a slanted letter leans.
const SLANT: f64 = 0.21;

/// The typeface.
pub(super) struct Letters<'l> {
    font: Option<FontRef<'l>>,
}

/// A letter to draw.
pub(super) struct Letter {
    /// Outline in parts of the em, upwards.
    pub outline: BezPath,
    /// Width in parts of the em.
    pub advance: f64,
}

impl Letters<'static> {
    /// The typeface of the worker.
    pub(super) fn new() -> Self {
        Self { font: FontRef::new(TYPEFACE).ok() }
    }
}

impl Letters<'_> {
    /// The letter for a character; `None` when the typeface has none.
    pub(super) fn letter(&self, it: char) -> Option<Letter> {
        let font = self.font.as_ref()?;
        let glyph = font.charmap().map(it).filter(|it| *it != GlyphId::NOTDEF)?;
        let metrics = font.glyph_metrics(Size::unscaled(), LocationRef::default());
        let advance = f64::from(metrics.advance_width(glyph).unwrap_or_default()) / EM;
        let mut pen = Pen(BezPath::new());
        if let Some(outline) = font.outline_glyphs().get(glyph) {
            let settings = DrawSettings::unhinted(Size::unscaled(), LocationRef::default());
            outline.draw(settings, &mut pen).ok()?;
        }
        pen.0.apply_affine(Affine::scale(1.0 / EM));
        Some(Letter { outline: pen.0, advance })
    }
}

/// How an upright letter becomes a slanted one.
pub(super) fn slanted() -> Affine {
    Affine::new([1.0, 0.0, SLANT, 1.0, 0.0, 0.0])
}

/// Height above and depth below the base line of a typeface, in parts of the em.
pub(super) fn line(face: &str) -> (f64, f64) {
    let face = face.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|it| face.contains(it));
    if has(&["meiryo", "メイリオ", "ui gothic"]) {
        (1.06, 0.44)
    } else if has(&["ms ", "ＭＳ", "ｍｓ", "gothic", "mincho", "ゴシック", "明朝"]) {
        (0.86, 0.14)
    } else if has(&["calibri", "cambria"]) {
        (0.95, 0.27)
    } else if has(&["segoe", "tahoma", "verdana"]) {
        (1.0, 0.21)
    } else {
        (0.91, 0.21)
    }
}

struct Pen(BezPath);

impl Pen {
    fn is_open(&self) -> bool {
        !self.0.elements().is_empty()
    }
}

fn point(x: f32, y: f32) -> Point {
    Point::new(f64::from(x), f64::from(y))
}

impl OutlinePen for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        self.0.move_to(point(x, y));
    }

    fn line_to(&mut self, x: f32, y: f32) {
        if self.is_open() {
            self.0.line_to(point(x, y));
        }
    }

    fn quad_to(&mut self, cx: f32, cy: f32, x: f32, y: f32) {
        if self.is_open() {
            self.0.quad_to(point(cx, cy), point(x, y));
        }
    }

    fn curve_to(&mut self, cx0: f32, cy0: f32, cx1: f32, cy1: f32, x: f32, y: f32) {
        if self.is_open() {
            self.0.curve_to(point(cx0, cy0), point(cx1, cy1), point(x, y));
        }
    }

    fn close(&mut self) {
        if self.is_open() {
            self.0.close_path();
        }
    }
}
