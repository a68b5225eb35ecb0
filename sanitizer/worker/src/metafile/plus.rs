//! EMF+: a second language within comments. Files in both languages are drawn
//! by the first; of files in EMF+ alone the pictures and plain areas are drawn.
//! Source: MS-EMFPLUS.

use std::collections::HashMap;

use hayro::kurbo::{Affine, Point, Rect, Shape as _, Vec2};
use resvg::tiny_skia::{IntSize, Pixmap};
use sanitizer_intermediate::Limits;

use super::bitmap::{Put, SOURCE_COPY, pixmap};
use super::bytes::Fields;
use super::context::Context;
use super::objects::Brush;
use crate::image::decode_raster;

const SIGNATURE: &[u8] = b"EMF+";
const HEADER: u16 = 0x4001;
const OBJECT: u16 = 0x4008;
const FILL_RECTS: u16 = 0x400a;
const DRAW_IMAGE: u16 = 0x401a;
const DRAW_IMAGE_POINTS: u16 = 0x401b;
const SAVE: u16 = 0x4025;
const RESTORE: u16 = 0x4026;
/// Objects that are pictures.
const PICTURE: u16 = 5;
const MAX_DEPTH: usize = 1_000;

/// What was said in EMF+ so far.
#[derive(Default)]
pub(super) struct Plus {
    alone: bool,
    pictures: HashMap<u8, Vec<u8>>,
    world: Affine,
    page: f64,
    saved: Vec<(u32, Affine)>,
}

impl Plus {
    /// Whether the drawing is in EMF+ only.
    pub(super) const fn is_alone(&self) -> bool {
        self.alone
    }

    /// Reads the records in a comment.
    pub(super) fn comment(&mut self, to: &mut Context<'_>, record: Fields<'_>, limits: &Limits) {
        if record.slice(12, 4) != Some(SIGNATURE) {
            return;
        }
        let length = record.size(8).saturating_sub(4);
        let mut rest = record.slice(16, length).unwrap_or_else(|| record.from(16).0);
        loop {
            let fields = Fields(rest);
            let (kind, flags, size) = (fields.u16(0), fields.u16(2), fields.size(4));
            let Some(record) = fields.slice(0, size).filter(|it| it.len() >= 12) else {
                return;
            };
            rest = &rest[size..];
            if kind == HEADER {
                const DUAL: u16 = 1;
                self.alone = flags & DUAL == 0;
                self.page = 1.0;
            } else if self.alone {
                self.one(to, kind, flags, Fields(&record[12..]), limits);
            }
        }
    }

    fn one(
        &mut self,
        to: &mut Context<'_>,
        kind: u16,
        flags: u16,
        it: Fields<'_>,
        limits: &Limits,
    ) {
        match kind {
            OBJECT if flags >> 8 & 0x7f == PICTURE => self.keep(flags, it, limits),
            FILL_RECTS => self.fill(to, flags, it),
            DRAW_IMAGE | DRAW_IMAGE_POINTS => self.picture(to, kind, flags, it, limits),
            SAVE if self.saved.len() < MAX_DEPTH => self.saved.push((it.u32(0), self.world)),
            RESTORE => {
                if let Some(at) = self.saved.iter().rposition(|saved| saved.0 == it.u32(0)) {
                    self.saved.truncate(at + 1);
                    self.world = self.saved.pop().map_or(self.world, |saved| saved.1);
                }
            }
            0x402a => self.world = super::emf::transform(it, 0),
            0x402b => self.world = Affine::IDENTITY,
            0x402c => self.join(flags, super::emf::transform(it, 0)),
            0x402d => self.join(flags, Affine::translate((it.f32(0), it.f32(4)))),
            0x402e => self.join(flags, Affine::scale_non_uniform(it.f32(0), it.f32(4))),
            0x402f => self.join(flags, Affine::rotate(it.f32(0).to_radians())),
            0x4030 if it.f32(0) > 0.0 => self.page = it.f32(0),
            // Areas, lines, letters.
            0x4009..=0x401c | 0x4036 => to.leave_out(),
            _ => {}
        }
    }

    fn join(&mut self, flags: u16, other: Affine) {
        const APPEND: u16 = 0x2000;
        self.world = if flags & APPEND != 0 { other * self.world } else { self.world * other };
    }

    fn keep(&mut self, flags: u16, it: Fields<'_>, limits: &Limits) {
        const CONTINUED: u16 = 0x8000;
        let [number, _] = flags.to_le_bytes();
        let (data, more) = if flags & CONTINUED != 0 {
            (it.from(4).0, self.pictures.remove(&number).unwrap_or_default())
        } else {
            (it.0, Vec::new())
        };
        let mut whole = more;
        let kept: usize = self.pictures.values().map(Vec::len).sum();
        if (kept + whole.len() + data.len()) as u64 <= limits.decoded_bytes {
            whole.extend(data);
            self.pictures.insert(number, whole);
        }
    }

    fn full(&self, to: &Context<'_>) -> Affine {
        to.out * Affine::scale(self.page) * self.world
    }

    fn fill(&self, to: &mut Context<'_>, flags: u16, it: Fields<'_>) {
        const COLOUR: u16 = 0x8000;
        const SHORT: u16 = 0x4000;
        if flags & COLOUR == 0 {
            return to.leave_out();
        }
        let [blue, green, red, opacity] = it.u32(0).to_le_bytes();
        if opacity == 0 {
            return;
        }
        let short = flags & SHORT != 0;
        let step = if short { 8 } else { 16 };
        for data in it.from(8).0.chunks_exact(step).take(it.size(4)) {
            let path = self.full(to) * area(Fields(data), 0, short).to_path(0.1);
            to.fill_with(&path, &Brush::Solid([red, green, blue]));
        }
    }

    fn picture(
        &self,
        to: &mut Context<'_>,
        kind: u16,
        flags: u16,
        it: Fields<'_>,
        limits: &Limits,
    ) {
        const SHORT: u16 = 0x4000;
        let [number, _] = flags.to_le_bytes();
        let picture = self.pictures.get(&number).and_then(|it| decoded(Fields(it), limits));
        let Some(picture) = picture else {
            return to.leave_out();
        };
        let part = area(it, 8, false);
        let short = flags & SHORT != 0;
        let full = self.full(to);
        if kind == DRAW_IMAGE {
            let place = area(it, 24, short);
            return to.put_picture(&picture, part, full, place, Put::Raster(SOURCE_COPY));
        }
        let corner = |number: usize| {
            if short {
                it.point16(28 + number * 4)
            } else {
                Point::new(it.f32(28 + number * 8), it.f32(32 + number * 8))
            }
        };
        let [first, right, below] = [0, 1, 2].map(corner);
        let (x, y): (Vec2, Vec2) = (right - first, below - first);
        let place = full * Affine::new([x.x, x.y, y.x, y.y, first.x, first.y]);
        let unit = Rect::new(0.0, 0.0, 1.0, 1.0);
        to.put_picture(&picture, part, place, unit, Put::Raster(SOURCE_COPY));
    }
}

/// Left, top, width, height.
fn area(it: Fields<'_>, at: usize, short: bool) -> Rect {
    let [x, y, width, height] = if short {
        [0, 2, 4, 6].map(|step| it.short(at + step))
    } else {
        [0, 4, 8, 12].map(|step| it.f32(at + step))
    };
    Rect::new(x, y, x + width, y + height)
}

/// A picture in a coding of its own, or plain pixels.
fn decoded(it: Fields<'_>, limits: &Limits) -> Option<Pixmap> {
    const BITMAP: u32 = 1;
    const COMPRESSED: u32 = 1;
    if it.u32(4) != BITMAP {
        return None;
    }
    if it.u32(24) == COMPRESSED {
        return pixmap(&decode_raster(it.from(28).0, limits).ok()?);
    }
    let (width, height, stride) =
        (u32::try_from(it.i32(8)).ok()?, u32::try_from(it.i32(12)).ok()?, it.size(16));
    if u64::from(width) * u64::from(height) > limits.pixels {
        return None;
    }
    let (step, alpha) = match it.u32(20) {
        0x0002_1808 => (3, None),
        0x0002_2009 => (4, None),
        0x0026_200a => (4, Some(false)),
        0x000e_200b => (4, Some(true)),
        _ => return None,
    };
    let mut data = Vec::new();
    for y in 0..height as usize {
        let row = it.slice(28 + y.checked_mul(stride)?, width as usize * step)?;
        for pixel in row.chunks_exact(step) {
            let opacity = if alpha.is_some() { pixel[3] } else { 255 };
            let part = |it: u8| match alpha {
                Some(false) => u8::try_from(u16::from(it) * u16::from(opacity) / 255).unwrap_or(it),
                _ => it.min(opacity),
            };
            data.extend([part(pixel[2]), part(pixel[1]), part(pixel[0]), opacity]);
        }
    }
    Pixmap::from_vec(data, IntSize::from_wh(width, height)?)
}
