//! Pictures within a drawing: device independent bitmaps, and how they are put.

use hayro::kurbo::{Affine, BezPath, Point, Rect, Vec2};
use resvg::tiny_skia::{FilterQuality, IntRect, IntSize, Pattern, Pixmap, SpreadMode, Transform};
use sanitizer_intermediate::Limits;
use sanitizer_intermediate::image::{Picture, Samples};

use super::bytes::Fields;
use super::canvas::{Ink, Mix};
use super::context::Context;
use super::objects::{Brush, Colour};
use crate::image::decode_raster;

/// Most pixels of one picture within a drawing.
const MAX_PIXELS: u64 = 30_000_000;

/// Replaces what is there.
pub(super) const SOURCE_COPY: u32 = 0x00cc_0020;

/// How a picture is put.
#[derive(Debug, Clone, Copy)]
pub(super) enum Put {
    /// By a raster operation.
    Raster(u32),
    /// Blended: how opaque the whole is, and whether pixels say it themselves.
    Blended(u8, bool),
    /// One colour is not drawn.
    Without(Colour),
}

/// A bitmap: header with colours, and rows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dib<'d> {
    pub header: &'d [u8],
    pub rows: &'d [u8],
}

impl<'d> Dib<'d> {
    /// A bitmap whose rows follow its header and colours.
    pub(super) fn packed(data: &'d [u8]) -> Self {
        let fields = Fields(data);
        let size = fields.size(0);
        let (depth, colours) = if size == 12 {
            (fields.u16(10), 1 << fields.u16(10).min(8))
        } else {
            let used = fields.size(32);
            let depth = fields.u16(14);
            (depth, if used == 0 && depth <= 8 { 1 << depth } else { used })
        };
        let entry = if size == 12 { 3 } else { 4 };
        let masks = if size == 40 && fields.u32(16) == 3 { 12 } else { 0 };
        let colours = if size == 12 && depth > 8 { 0 } else { colours };
        let end = colours.saturating_mul(entry).saturating_add(size).saturating_add(masks);
        let end = end.min(data.len());
        let (header, rows) = data.split_at(end);
        Self { header, rows }
    }

    /// Decodes it; `alpha` when the fourth byte of a pixel is its opacity.
    pub(super) fn decode(self, alpha: bool, limits: &Limits) -> Option<Pixmap> {
        let fields = Fields(self.header);
        let limits = Limits { pixels: limits.pixels.min(MAX_PIXELS), ..*limits };
        if matches!(fields.u32(16), 4 | 5) && fields.size(0) >= 40 {
            return pixmap(&decode_raster(self.rows, &limits).ok()?);
        }
        let masks = [40, 44, 48].map(|at| fields.u32(at));
        let usual = match fields.u32(16) {
            0 => true,
            3 => masks == [0x00ff_0000, 0x0000_ff00, 0x0000_00ff],
            _ => false,
        };
        if fields.size(0) >= 40 && fields.u16(14) == 32 && usual {
            return self.four_bytes(alpha, &limits);
        }
        let offset = u32::try_from(14 + self.header.len()).ok()?;
        let mut file = b"BM".to_vec();
        file.extend(u32::try_from(offset as usize + self.rows.len()).ok()?.to_le_bytes());
        file.extend([0; 4]);
        file.extend(offset.to_le_bytes());
        file.extend(self.header);
        file.extend(self.rows);
        pixmap(&decode_raster(&file, &limits).ok()?)
    }

    fn four_bytes(self, alpha: bool, limits: &Limits) -> Option<Pixmap> {
        let fields = Fields(self.header);
        let (width, height) = (fields.i32(4), fields.i32(8));
        let (across, down) = (u32::try_from(width).ok()?, height.unsigned_abs());
        let size = IntSize::from_wh(across, down)?;
        if u64::from(across) * u64::from(down) > limits.pixels {
            return None;
        }
        let length = across as usize * 4;
        let mut data = Vec::with_capacity(length * down as usize);
        for y in 0..down as usize {
            let line = if height > 0 { down as usize - 1 - y } else { y };
            let row = self.rows.get(line * length..(line + 1) * length)?;
            for it in row.as_chunks::<4>().0 {
                let [blue, green, red, opacity] = *it;
                let opacity = if alpha { opacity } else { 255 };
                // The colours are multiplied already; more than that is not possible.
                data.extend([red.min(opacity), green.min(opacity), blue.min(opacity), opacity]);
            }
        }
        Pixmap::from_vec(data, size)
    }
}

/// A decoded picture as the rasteriser has it.
pub(super) fn pixmap(picture: &Picture) -> Option<Pixmap> {
    let size = IntSize::from_wh(picture.width(), picture.height())?;
    let mut data = Vec::with_capacity(size.width() as usize * size.height() as usize * 4);
    let part = |a: u8, b: u8| u8::try_from(u16::from(a) * u16::from(b) / 255).unwrap_or(b);
    for y in 0..picture.height() {
        let row = picture.row(y);
        match picture.samples() {
            Samples::Bilevel => {
                let bit =
                    |x: u32| row.get(x as usize / 8).is_some_and(|it| it >> (7 - x % 8) & 1 == 1);
                data.extend((0..picture.width()).flat_map(|x| {
                    let it = if bit(x) { 255 } else { 0 };
                    [it, it, it, 255]
                }));
            }
            Samples::Gray => data.extend(row.iter().flat_map(|it| [*it, *it, *it, 255])),
            Samples::Rgb => {
                data.extend(row.as_chunks::<3>().0.iter().flat_map(|[r, g, b]| [*r, *g, *b, 255]));
            }
            Samples::Rgba => data.extend(
                row.as_chunks::<4>()
                    .0
                    .iter()
                    .flat_map(|[r, g, b, a]| [part(*r, *a), part(*g, *a), part(*b, *a), *a]),
            ),
        }
    }
    Pixmap::from_vec(data, size)
}

impl Context<'_> {
    /// Puts part of a picture, in its pixels, onto an area in the drawing's units.
    pub(super) fn blit(&mut self, picture: &Pixmap, part: Rect, area: Rect, put: Put) {
        let full = self.full();
        self.put_picture(picture, part, full, area, put);
    }

    /// The same with any way from the units of `area` to pixels.
    pub(super) fn put_picture(
        &mut self,
        picture: &Pixmap,
        part: Rect,
        full: Affine,
        area: Rect,
        put: Put,
    ) {
        let part = part.abs();
        let Some((mut shown, inset)) = cropped(picture, part) else {
            return;
        };
        self.canvas.spend(u64::from(shown.width()) * u64::from(shown.height()));
        if let Put::Without(colour) = put {
            let [red, green, blue] = colour;
            for pixel in shown.pixels_mut() {
                if (pixel.red(), pixel.green(), pixel.blue()) == (red, green, blue) {
                    *pixel = resvg::tiny_skia::PremultipliedColorU8::TRANSPARENT;
                }
            }
        }
        let stretch = Vec2::new(area.width() / part.width(), area.height() / part.height());
        let place = Affine::translate(Vec2::new(area.x0, area.y0))
            * Affine::scale_non_uniform(stretch.x, stretch.y)
            * Affine::translate(inset);
        let mut place = snapped(full * place, &shown);
        let size = shown_size(place, &shown);
        while shown.width() > 1
            && shown.height() > 1
            && f64::from(shown.width()) >= size.x * 2.0
            && f64::from(shown.height()) >= size.y * 2.0
        {
            let Some(half) = halved(&shown) else {
                break;
            };
            let stretch = Vec2::new(
                f64::from(shown.width()) / f64::from(half.width()),
                f64::from(shown.height()) / f64::from(half.height()),
            );
            place *= Affine::scale_non_uniform(stretch.x, stretch.y);
            shown = half;
        }
        let (wide, tall) = (f64::from(shown.width()), f64::from(shown.height()));
        let mut quad = BezPath::new();
        quad.move_to(place * Point::ZERO);
        quad.line_to(place * Point::new(wide, 0.0));
        quad.line_to(place * Point::new(wide, tall));
        quad.line_to(place * Point::new(0.0, tall));
        quad.close_path();
        let [a, b, c, d, e, f] = place.as_coeffs();
        #[expect(clippy::cast_possible_truncation, reason = "numbers of a transformation")]
        let transform =
            Transform::from_row(a as f32, b as f32, c as f32, d as f32, e as f32, f as f32);
        let (mix, opacity) = match put {
            Put::Raster(SOURCE_COPY) | Put::Without(_) => (Mix::Over, 1.0),
            Put::Raster(code) => (Mix::Bits(table(code), self.pattern()), 1.0),
            Put::Blended(opacity, _) => (Mix::Over, f32::from(opacity) / 255.0),
        };
        let pattern = Pattern::new(
            shown.as_ref(),
            SpreadMode::Pad,
            FilterQuality::Bilinear,
            opacity,
            transform,
        );
        let clip = self.state.clip.clone();
        self.canvas.fill(&quad, false, &Ink::Shader(pattern), &clip, mix);
    }

    /// A raster operation without a picture: the brush and what is there.
    pub(super) fn pattern_blit(&mut self, area: Rect, code: u32) {
        use hayro::kurbo::Shape as _;
        const PATTERN_COPY: u8 = 0xf0;
        const NOTHING: u8 = 0xaa;
        let path = self.full() * area.abs().to_path(0.1);
        let clip = self.state.clip.clone();
        match table(code) {
            NOTHING => {}
            PATTERN_COPY => {
                let mix = std::mem::replace(&mut self.state.mix, 13);
                self.fill_with(&path, &self.state.brush.clone());
                self.state.mix = mix;
            }
            table => {
                let colour = self.pattern();
                let mix = Mix::Bits(table, colour);
                self.canvas.fill(&path, false, &Ink::Colour(colour), &clip, mix);
            }
        }
    }

    fn pattern(&self) -> Colour {
        match self.state.brush {
            Brush::Solid(colour) | Brush::Hatched(_, colour) => colour,
            Brush::Nothing | Brush::Tiled(_) => [0; 3],
        }
    }
}

/// The truth table of a raster operation.
fn table(code: u32) -> u8 {
    let [_, _, table, _] = code.to_le_bytes();
    table
}

/// Whole pixels where nothing is turned: strips side by side leave no seams.
fn snapped(place: Affine, picture: &Pixmap) -> Affine {
    let [a, b, c, d, e, f] = place.as_coeffs();
    if b.abs() > 1e-6 || c.abs() > 1e-6 {
        return place;
    }
    let (wide, tall) = (f64::from(picture.width()), f64::from(picture.height()));
    let side = |start: f64, scale: f64, length: f64| {
        let (from, to) = (start.round(), (start + scale * length).round());
        if (to - from).abs() < 1.0 { (start, scale) } else { (from, (to - from) / length) }
    };
    let ((e, a), (f, d)) = (side(e, a, wide), side(f, d, tall));
    Affine::new([a, b, c, d, e, f])
}

/// How large the picture will be, in pixels of the canvas.
fn shown_size(place: Affine, picture: &Pixmap) -> Vec2 {
    let [a, b, c, d, ..] = place.as_coeffs();
    Vec2::new(a.hypot(b) * f64::from(picture.width()), c.hypot(d) * f64::from(picture.height()))
}

/// The part that is shown, and how far in it begins.
fn cropped(picture: &Pixmap, part: Rect) -> Option<(Pixmap, Vec2)> {
    let whole = Rect::new(0.0, 0.0, f64::from(picture.width()), f64::from(picture.height()));
    let seen = part.intersect(whole);
    #[expect(clippy::cast_possible_truncation, reason = "within the picture")]
    let [left, top, right, bottom] =
        [seen.x0.floor(), seen.y0.floor(), seen.x1.ceil(), seen.y1.ceil()].map(|it| it as i32);
    let area = IntRect::from_ltrb(left, top, right, bottom)?;
    let shown = picture.clone_rect(area)?;
    Some((shown, Vec2::new(f64::from(left) - part.x0, f64::from(top) - part.y0)))
}

/// Every two by two pixels become their mean.
fn halved(picture: &Pixmap) -> Option<Pixmap> {
    let (width, height) = (picture.width() / 2, picture.height() / 2);
    let mut data = Vec::with_capacity(width as usize * height as usize * 4);
    let across = picture.width() as usize;
    let pixels = picture.pixels();
    for y in 0..height as usize {
        for x in 0..width as usize {
            let first = y * 2 * across + x * 2;
            let four = [first, first + 1, first + across, first + across + 1];
            let sum = |of: fn(&resvg::tiny_skia::PremultipliedColorU8) -> u8| {
                let total: u16 =
                    four.iter().filter_map(|it| pixels.get(*it)).map(|it| u16::from(of(it))).sum();
                u8::try_from(total / 4).unwrap_or(u8::MAX)
            };
            data.extend([
                sum(|it| it.red()),
                sum(|it| it.green()),
                sum(|it| it.blue()),
                sum(|it| it.alpha()),
            ]);
        }
    }
    Pixmap::from_vec(data, IntSize::from_wh(width, height)?)
}
