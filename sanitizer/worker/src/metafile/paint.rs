//! Filling and drawing lines with the selected pen and brush.

use hayro::kurbo::{Affine, BezPath, Point, Rect, Shape as _};
use resvg::tiny_skia::{
    Color, FilterQuality, GradientStop, LinearGradient, Pattern, Pixmap, SpreadMode, Stroke,
    StrokeDash, Transform,
};

use super::canvas::{Ink, Mix, binary};
use super::context::Context;
use super::objects::{Brush, Colour, Pen};

/// Pixels of a tile of a hatch.
const HATCH: u32 = 8;
/// The thinnest line, in pixels.
const THINNEST: f64 = 1.0;
/// Covers what is there.
const COPY: u32 = 13;

impl Context<'_> {
    /// Fills and outlines a path in pixels.
    pub(super) fn paint(&mut self, path: &BezPath, fill: bool, stroke: bool) {
        if fill {
            self.fill_with(path, &self.state.brush.clone());
        }
        if stroke {
            self.outline(path);
        }
    }

    fn mix(&self, colour: Colour) -> Mix {
        if self.state.mix == COPY { Mix::Over } else { Mix::Bits(binary(self.state.mix), colour) }
    }

    /// Fills a path in pixels.
    pub(super) fn fill_with(&mut self, path: &BezPath, brush: &Brush) {
        let even_odd = !self.state.winding;
        let clip = self.state.clip.clone();
        match brush {
            Brush::Nothing => {}
            Brush::Solid(colour) => {
                let mix = self.mix(*colour);
                self.canvas.fill(path, even_odd, &Ink::Colour(*colour), &clip, mix);
            }
            Brush::Hatched(kind, colour) => {
                let back = self.state.opaque.then_some(self.state.back);
                if let Some(tile) = hatch(*kind, *colour, back) {
                    let ink = Ink::Shader(tiled(&tile, 1.0));
                    self.canvas.fill(path, even_odd, &ink, &clip, Mix::Over);
                }
            }
            Brush::Tiled(tile) => {
                let scale = scale(self.out).max(0.25);
                let ink = Ink::Shader(tiled(tile, scale));
                self.canvas.fill(path, even_odd, &ink, &clip, Mix::Over);
            }
        }
    }

    /// Draws the lines of a path in pixels.
    fn outline(&mut self, path: &BezPath) {
        let pen = self.state.pen.clone();
        let Some(colour) = pen.colour else {
            return;
        };
        let stroke = self.stroke(&pen);
        let (clip, mix) = (self.state.clip.clone(), self.mix(colour));
        self.canvas.stroke(path, &stroke, colour, &clip, mix);
    }

    fn stroke(&self, pen: &Pen) -> Stroke {
        let units = if pen.cosmetic { scale(self.out) } else { scale(self.full()) };
        let width = (pen.width.max(if pen.cosmetic { 1.0 } else { 0.0 }) * units).max(THINNEST);
        #[expect(clippy::cast_possible_truncation, reason = "lengths in pixels")]
        let short = |it: f64| it.clamp(0.0, 1e5) as f32;
        let dashes = pen.dashes.iter().map(|it| short((it * width).max(1.0))).collect::<Vec<_>>();
        Stroke {
            width: short(width),
            miter_limit: short(self.state.miter.max(1.0)),
            line_cap: pen.cap,
            line_join: pen.join,
            dash: if dashes.is_empty() { None } else { StrokeDash::new(dashes, 0.0) },
        }
    }

    /// Fills a rectangle, in the drawing's units, with colours from edge to edge.
    pub(super) fn shade(&mut self, area: Rect, from: Colour, to: Colour, upright: bool) {
        let full = self.full();
        let path = full * area.abs().to_path(0.1);
        let end = if upright { Point::new(area.x0, area.y1) } else { Point::new(area.x1, area.y0) };
        let (start, end) = (full * Point::new(area.x0, area.y0), full * end);
        let stops = vec![GradientStop::new(0.0, opaque(from)), GradientStop::new(1.0, opaque(to))];
        #[expect(clippy::cast_possible_truncation, reason = "places in pixels")]
        let place = |it: Point| resvg::tiny_skia::Point::from_xy(it.x as f32, it.y as f32);
        let shader = LinearGradient::new(
            place(start),
            place(end),
            stops,
            SpreadMode::Pad,
            Transform::identity(),
        );
        let clip = self.state.clip.clone();
        let ink = shader.map_or(Ink::Colour(from), Ink::Shader);
        self.canvas.fill(&path, false, &ink, &clip, Mix::Over);
    }
}

fn opaque([red, green, blue]: Colour) -> Color {
    Color::from_rgba8(red, green, blue, 255)
}

/// How much longer lengths become.
pub(super) fn scale(affine: Affine) -> f64 {
    affine.determinant().abs().sqrt()
}

fn tiled(tile: &Pixmap, scale: f64) -> resvg::tiny_skia::Shader<'_> {
    #[expect(clippy::cast_possible_truncation, reason = "about one")]
    let scale = scale as f32;
    let transform = Transform::from_scale(scale, scale);
    Pattern::new(tile.as_ref(), SpreadMode::Repeat, FilterQuality::Bilinear, 1.0, transform)
}

/// A tile with lines: across, upright, both ways slanted, crossed, crossed slanted.
fn hatch(kind: u32, [red, green, blue]: Colour, back: Option<Colour>) -> Option<Pixmap> {
    let mut tile = Pixmap::new(HATCH, HATCH)?;
    if let Some(back) = back {
        tile.fill(opaque(back));
    }
    let line = opaque([red, green, blue]).premultiply().to_color_u8();
    for y in 0..HATCH {
        for x in 0..HATCH {
            let (across, upright) = (y == HATCH / 2, x == HATCH / 2);
            let (falling, rising) = (x == y, x + y == HATCH - 1);
            let inked = match kind {
                0 => across,
                1 => upright,
                2 => falling,
                3 => rising,
                4 => across || upright,
                _ => falling || rising,
            };
            if inked && let Some(pixel) = tile.pixels_mut().get_mut((y * HATCH + x) as usize) {
                *pixel = line;
            }
        }
    }
    Some(tile)
}
