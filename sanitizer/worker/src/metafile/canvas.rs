//! The pixels, and everything that changes them.

use std::rc::Rc;

use hayro::kurbo::{BezPath, PathEl, Point, Rect, Shape as _};
use resvg::tiny_skia::{
    FillRule, IntSize, Mask, Paint, Path, PathBuilder, Pixmap, PixmapRef, PremultipliedColorU8,
    Shader, Stroke, Transform,
};

use super::clip::Clip;
use super::objects::Colour;

/// Pixels that may be touched in all, a second or two of work.
const WORK: u64 = 1_000_000_000;
/// What a call costs beside its pixels.
const CALL: u64 = 2_000;
/// Places further out than this are moved in, in pixels.
const FAR: f64 = 1e6;

/// How new colours meet those that are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mix {
    Over,
    /// A raster operation on source, pattern and destination: the truth table
    /// of its bits, with the colour of the pattern.
    Bits(u8, Colour),
}

/// What an area is filled with.
pub(super) enum Ink<'i> {
    Colour(Colour),
    Shader(Shader<'i>),
}

/// The picture that comes into being. Transparent where nothing was drawn.
pub(super) struct Canvas {
    pixmap: Pixmap,
    left: u64,
    /// The rectangle cut out last, and its mask.
    cut: Option<(Rect, Rc<Mask>)>,
}

impl Canvas {
    /// An empty picture; `None` when it has no pixels or there is no memory.
    pub(super) fn new(width: u32, height: u32) -> Option<Self> {
        Some(Self { pixmap: Pixmap::new(width, height)?, left: WORK, cut: None })
    }

    pub(super) fn width(&self) -> u32 {
        self.pixmap.width()
    }

    pub(super) fn height(&self) -> u32 {
        self.pixmap.height()
    }

    fn bounds(&self) -> Rect {
        Rect::new(0.0, 0.0, f64::from(self.width()), f64::from(self.height()))
    }

    /// Notes work; too much of it ends the drawing.
    pub(super) fn spend(&mut self, pixels: u64) {
        self.left = self.left.saturating_sub(pixels.saturating_add(CALL));
    }

    /// Whether the drawing takes too much work.
    pub(super) const fn is_exhausted(&self) -> bool {
        self.left == 0
    }

    /// Width, height and samples with alpha.
    pub(super) fn finish(self) -> (u32, u32, Vec<u8>) {
        let (width, height) = (self.width(), self.height());
        (width, height, self.pixmap.take_demultiplied())
    }

    /// Fills a path given in pixels.
    pub(super) fn fill(
        &mut self,
        path: &BezPath,
        even_odd: bool,
        ink: &Ink<'_>,
        clip: &Clip,
        mix: Mix,
    ) {
        let Some(skia) = skia_path(path) else {
            return;
        };
        let rule = if even_odd { FillRule::EvenOdd } else { FillRule::Winding };
        let paint = paint(ink);
        self.put(path.bounding_box(), clip, mix, |pixmap, shift, mask| {
            pixmap.fill_path(&skia, &paint, rule, shift, mask);
        });
    }

    /// Draws lines along a path given in pixels.
    pub(super) fn stroke(
        &mut self,
        path: &BezPath,
        stroke: &Stroke,
        colour: Colour,
        clip: &Clip,
        mix: Mix,
    ) {
        let Some(skia) = skia_path(path) else {
            return;
        };
        let paint = paint(&Ink::Colour(colour));
        // Corners may reach further than half the width.
        let reach = f64::from(stroke.width) * f64::from(stroke.miter_limit.clamp(1.0, 4.0));
        let around = path.bounding_box().inflate(reach, reach);
        self.put(around, clip, mix, |pixmap, shift, mask| {
            pixmap.stroke_path(&skia, &paint, stroke, shift, mask);
        });
    }

    /// Draws on the picture, or on a layer that is then combined with it.
    fn put(
        &mut self,
        bounds: Rect,
        clip: &Clip,
        mix: Mix,
        draw: impl FnOnce(&mut Pixmap, Transform, Option<&Mask>),
    ) {
        let limits = match clip {
            Clip::Area(area) => area.intersect(self.bounds()),
            Clip::All | Clip::Shape(_) => self.bounds(),
        };
        let seen = bounds.inflate(1.0, 1.0).intersect(limits);
        if self.is_exhausted() || seen.width() <= 0.0 || seen.height() <= 0.0 {
            return;
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "within the canvas"
        )]
        self.spend((seen.width() * seen.height()) as u64);
        let mask = match clip {
            Clip::Area(area) if !contains(*area, bounds) => self.cut(*area),
            Clip::Area(_) | Clip::All => None,
            Clip::Shape(mask) => Some(mask.clone()),
        };
        match mix {
            Mix::Over => draw(&mut self.pixmap, Transform::identity(), mask.as_deref()),
            Mix::Bits(code, pattern) => {
                let Some((left, top, mut layer)) = layer(seen) else {
                    return;
                };
                #[expect(clippy::cast_precision_loss, reason = "within the canvas")]
                draw(&mut layer, Transform::from_translate(-(left as f32), -(top as f32)), None);
                self.combine(layer.as_ref(), (left, top), code, pattern, mask.as_deref());
            }
        }
    }

    /// The mask of an upright rectangle.
    fn cut(&mut self, area: Rect) -> Option<Rc<Mask>> {
        if let Some((known, mask)) = &self.cut
            && *known == area
        {
            return Some(mask.clone());
        }
        let mask = Clip::Area(area).mask(self)?;
        self.cut = Some((area, mask.clone()));
        Some(mask)
    }

    /// Applies a raster operation where the layer has something.
    fn combine(
        &mut self,
        layer: PixmapRef<'_>,
        at: (u32, u32),
        code: u8,
        pattern: Colour,
        mask: Option<&Mask>,
    ) {
        let width = self.width() as usize;
        let across = layer.width() as usize;
        for (row, line) in layer.pixels().chunks_exact(across).enumerate() {
            let start = (at.1 as usize + row) * width + at.0 as usize;
            for (column, source) in line.iter().enumerate() {
                let place = start + column;
                let cover = mask.and_then(|it| it.data().get(place)).copied().unwrap_or(255);
                let cover = u16::from(source.alpha()) * u16::from(cover) / 255;
                if cover == 0 {
                    continue;
                }
                if let Some(pixel) = self.pixmap.pixels_mut().get_mut(place) {
                    *pixel = operated(*pixel, *source, code, pattern, cover);
                }
            }
        }
    }
}

/// One pixel after a raster operation. What is transparent counts as white;
/// it stays transparent where the operation changes nothing.
fn operated(
    below: PremultipliedColorU8,
    source: PremultipliedColorU8,
    code: u8,
    pattern: Colour,
    cover: u16,
) -> PremultipliedColorU8 {
    let white = 255 - below.alpha();
    let seen = [below.red(), below.green(), below.blue()].map(|it| it.saturating_add(white));
    let above = source.demultiply();
    let above = [above.red(), above.green(), above.blue()];
    let mut new = [0; 3];
    for channel in 0..3 {
        new[channel] = ternary(code, pattern[channel], above[channel], seen[channel]);
    }
    if new == seen {
        return below;
    }
    let part = |a: u8, b: u8| {
        let mixed = (u16::from(a) * (255 - cover) + u16::from(b) * cover) / 255;
        u8::try_from(mixed).unwrap_or(u8::MAX)
    };
    let [red, green, blue] = [0, 1, 2].map(|it| part(seen[it], new[it]));
    PremultipliedColorU8::from_rgba(red, green, blue, 255).unwrap_or(below)
}

/// A raster operation, bit by bit: bit `4p + 2s + d` of the code is the answer.
fn ternary(code: u8, p: u8, s: u8, d: u8) -> u8 {
    let side = |number: u8, bit: u8, it: u8| if number & bit != 0 { it } else { !it };
    (0..8_u8)
        .filter(|number| code >> number & 1 == 1)
        .fold(0, |sum, number| sum | side(number, 4, p) & side(number, 2, s) & side(number, 1, d))
}

/// The truth table of a mix of pen and picture, 1 to 16.
pub(super) fn binary(number: u32) -> u8 {
    let bits = number.wrapping_sub(1) & 0x0f;
    (0..8_u8).fold(0, |table, number_| {
        let index = (number_ >> 2 & 1) << 1 | number_ & 1;
        table | u8::from(bits >> index & 1 == 1) << number_
    })
}

fn paint<'i>(ink: &Ink<'i>) -> Paint<'i> {
    let mut paint = Paint { anti_alias: true, ..Paint::default() };
    match ink {
        Ink::Colour([red, green, blue]) => paint.set_color_rgba8(*red, *green, *blue, 255),
        Ink::Shader(shader) => paint.shader = shader.clone(),
    }
    paint
}

fn layer(seen: Rect) -> Option<(u32, u32, Pixmap)> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "within the canvas"
    )]
    let [left, top, right, bottom] =
        [seen.x0.floor(), seen.y0.floor(), seen.x1.ceil(), seen.y1.ceil()].map(|it| it as u32);
    let size = IntSize::from_wh(right.checked_sub(left)?, bottom.checked_sub(top)?)?;
    Some((left, top, Pixmap::new(size.width(), size.height())?))
}

fn contains(area: Rect, inner: Rect) -> bool {
    area.x0 <= inner.x0 && area.y0 <= inner.y0 && area.x1 >= inner.x1 && area.y1 >= inner.y1
}

/// A path for the rasteriser; `None` when there is nothing to draw.
pub(super) fn skia_path(path: &BezPath) -> Option<Path> {
    let mut to = PathBuilder::new();
    let mut open = false;
    for element in path.elements() {
        match *element {
            PathEl::MoveTo(it) => {
                let (x, y) = near(it);
                to.move_to(x, y);
                open = true;
            }
            _ if !open => return None,
            PathEl::LineTo(it) => {
                let (x, y) = near(it);
                to.line_to(x, y);
            }
            PathEl::QuadTo(a, it) => {
                let ((ax, ay), (x, y)) = (near(a), near(it));
                to.quad_to(ax, ay, x, y);
            }
            PathEl::CurveTo(a, b, it) => {
                let ((ax, ay), (bx, by), (x, y)) = (near(a), near(b), near(it));
                to.cubic_to(ax, ay, bx, by, x, y);
            }
            PathEl::ClosePath => to.close(),
        }
    }
    to.finish()
}

#[expect(clippy::cast_possible_truncation, reason = "within a million pixels")]
fn near(it: Point) -> (f32, f32) {
    let side = |it: f64| if it.is_finite() { it.clamp(-FAR, FAR) as f32 } else { 0.0 };
    (side(it.x), side(it.y))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raster_operations_follow_their_truth_table() {
        let (p, s, d) = (0b1111_0000, 0b1100_1100, 0b1010_1010);
        assert_eq!(ternary(0xcc, p, s, d), s);
        assert_eq!(ternary(0x88, p, s, d), s & d);
        assert_eq!(ternary(0xee, p, s, d), s | d);
        assert_eq!(ternary(0x66, p, s, d), s ^ d);
        assert_eq!(ternary(0xb8, p, s, d), p ^ (s & (d ^ p)));
        assert_eq!(binary(13), 0b1111_0000, "the pen alone");
        assert_eq!(binary(11), 0b1010_1010, "the picture alone");
        assert_eq!(binary(7), 0b0101_1010, "either");
    }
}
