//! The older metafiles: records of 16 bits, with or without a head that says
//! how large they are. Source: MS-WMF.

use std::rc::Rc;

use hayro::kurbo::{Affine, BezPath, Point, Rect, Shape as _, Vec2};
use sanitizer_intermediate::{HoldReason, Limits};

use super::arcs::{self, Close};
use super::bitmap::{Dib, Put, SOURCE_COPY};
use super::bytes::Fields;
use super::canvas::Canvas;
use super::clip::Join;
use super::context::Context;
use super::emf::polygon;
use super::fonts::Letters;
use super::objects::{Brush, Font, Object, Pen, colour};
use super::text::narrow;

const PLACEABLE: u32 = 0x9ac6_cdd7;
const PLACEABLE_SIZE: usize = 22;
const HEADER_SIZE: usize = 18;
/// Most records of a drawing.
const MAX_RECORDS: usize = 2_000_000;
/// Units in an inch when the file does not say.
const USUAL_INCH: f64 = 1_440.0;
const SET_WINDOW_ORIGIN: u16 = 0x020b;
const SET_WINDOW_SIZE: u16 = 0x020c;

/// Whether the bytes begin like such a file.
pub(super) fn is(bytes: &[u8]) -> bool {
    let fields = Fields(bytes);
    let plain = |it: Fields<'_>| {
        matches!(it.u16(0), 1 | 2) && it.u16(2) == 9 && matches!(it.u16(4), 0x0100 | 0x0300)
    };
    fields.u32(0) == PLACEABLE && plain(fields.from(PLACEABLE_SIZE)) || plain(fields)
}

/// Plays the records.
///
/// # Errors
/// [`HoldReason`] when the drawing has no size or takes too much work.
pub(super) fn play(bytes: &[u8], limits: &Limits) -> Result<Context<'static>, HoldReason> {
    let fields = Fields(bytes);
    let (placed, records) = if fields.u32(0) == PLACEABLE {
        let area = Rect::new(fields.short(6), fields.short(8), fields.short(10), fields.short(12));
        (Some((area, f64::from(fields.u16(14).max(1)))), &bytes[PLACEABLE_SIZE.min(bytes.len())..])
    } else {
        (None, bytes)
    };
    let records = records.get(HEADER_SIZE..).ok_or(HoldReason::Broken)?;
    let window = window(records);
    let (area, inch) = match (placed, window) {
        (Some((area, inch)), _) if area.width() != 0.0 && area.height() != 0.0 => (area, inch),
        (_, Some(area)) => (area, USUAL_INCH),
        _ => return Err(HoldReason::Unsupported),
    };
    let mut inches = (area.width().abs() / inch, area.height().abs() / inch);
    // Without a head the units are unknown; their shape is not.
    if placed.is_none() {
        let longest = inches.0.max(inches.1);
        inches = (inches.0 / longest * 5.0, inches.1 / longest * 5.0);
    }
    let (width, height) = super::pixels(inches, limits).ok_or(HoldReason::Broken)?;
    let canvas = Canvas::new(width, height).ok_or(HoldReason::TooLarge)?;
    let per_mm = Vec2::new(f64::from(width) / inches.0 / 25.4, f64::from(height) / inches.1 / 25.4);
    let mut context = Context::new(canvas, Affine::IDENTITY, per_mm, Letters::new());
    let mapping = &mut context.state.mapping;
    // The window, whatever it is, fills the picture.
    mapping.mode = 8;
    mapping.window = Point::new(area.x0, area.y0);
    mapping.window_size = area.size().to_vec2();
    mapping.viewport_size = Vec2::new(f64::from(width), f64::from(height));
    each(records, |kind, record| {
        one(&mut context, kind, record, limits);
        !context.canvas.is_exhausted()
    });
    if context.canvas.is_exhausted() { Err(HoldReason::TooComplex) } else { Ok(context) }
}

/// Steps through the records: function, and parameters.
fn each(mut records: &[u8], mut with: impl FnMut(u16, Fields<'_>) -> bool) {
    for _ in 0..MAX_RECORDS {
        let fields = Fields(records);
        let length = fields.size(0).saturating_mul(2);
        let kind = fields.u16(4);
        let Some(record) = fields.slice(0, length).filter(|it| it.len() >= 6 && kind != 0) else {
            return;
        };
        if !with(kind, Fields(&record[6..])) {
            return;
        }
        records = &records[length..];
    }
}

/// The window the records set first.
fn window(records: &[u8]) -> Option<Rect> {
    let (mut origin, mut size) = (None, None);
    each(records, |kind, it| {
        match kind {
            SET_WINDOW_ORIGIN => origin = origin.or(Some(backwards(it, 0))),
            SET_WINDOW_SIZE => size = size.or(Some(backwards(it, 0).to_vec2())),
            _ => {}
        }
        size.is_none() || origin.is_none()
    });
    let size = size.filter(|it| it.x != 0.0 && it.y != 0.0)?;
    let origin = origin.unwrap_or_default();
    Some(Rect::new(origin.x, origin.y, origin.x + size.x, origin.y + size.y))
}

/// Two numbers, the vertical one first, as these records like them.
fn backwards(it: Fields<'_>, at: usize) -> Point {
    Point::new(it.short(at + 2), it.short(at))
}

/// Bottom, right, top, left.
fn rect(it: Fields<'_>, at: usize) -> Rect {
    let (to, from) = (backwards(it, at), backwards(it, at + 4));
    Rect::new(from.x, from.y, to.x, to.y)
}

fn one(to: &mut Context<'_>, kind: u16, it: Fields<'_>, limits: &Limits) {
    match kind {
        0x001e => to.save(),
        0x0127 => to.restore(i32::from(it.i16(0))),
        0x0102 | 0x0104 | 0x0106 | 0x012e | 0x0201 | 0x0209 | 0x020b | 0x020c | 0x020f | 0x0410 => {
            settings(to, kind, it);
        }
        0x0415 => to.clip_rect(rect(it, 0), Join::Without),
        0x0416 => to.clip_rect(rect(it, 0), Join::And),
        0x0220 => to.offset_clip(backwards(it, 0).to_vec2()),
        0x012d => to.select(u32::from(it.u16(0))),
        0x01f0 => to.objects.remove(u32::from(it.u16(0))),
        0x00f7 | 0x0142 | 0x01f9 | 0x02fa..=0x02fc | 0x06ff => {
            let object = object(to, kind, it, limits);
            to.objects.add(object);
        }
        0x0213 => to.lines_to(&[backwards(it, 0)]),
        0x0214 => to.move_to(backwards(it, 0)),
        0x0324 => to.draw(&polygon(&it.points(2, usize::from(it.u16(0)), true), true), true, true),
        0x0325 => {
            to.draw(&polygon(&it.points(2, usize::from(it.u16(0)), true), false), false, true)
        }
        0x0538 => polygons(to, it),
        0x0418 => to.draw(&arcs::ellipse(rect(it, 0)), true, true),
        0x041b => to.draw(&rect(it, 0).abs().to_path(0.1), true, true),
        0x061c => {
            let corner = backwards(it, 0).to_vec2();
            to.draw(&arcs::rounded(rect(it, 4), corner), true, true);
        }
        0x0817 => to.draw(&arc(it, Close::Open), false, true),
        0x081a => to.draw(&arc(it, Close::Pie), true, true),
        0x0830 => to.draw(&arc(it, Close::Chord), true, true),
        0x041f => {
            let area = Rect::from_origin_size(backwards(it, 4), (1.0, 1.0));
            let path = to.full() * area.to_path(0.1);
            to.fill_with(&path, &Brush::Solid(colour(it.u32(0))));
        }
        0x061d => {
            let area = Rect::from_origin_size(backwards(it, 8), size(it, 4));
            to.pattern_blit(area, it.u32(0));
        }
        0x0940 | 0x0b41 | 0x0d33 | 0x0f43 => bitmaps(to, kind, it, limits),
        0x0521 | 0x0a32 => texts(to, kind, it),
        // Mapping to real lengths, palettes, printers' hints and comments show nothing here.
        0x0035 | 0x0037 | 0x0103 | 0x0105 | 0x0107 | 0x0108 | 0x0139 | 0x0149 | 0x020a | 0x020d
        | 0x020e | 0x0211 | 0x0231 | 0x0234 | 0x0412 | 0x0436 | 0x0626 => {}
        _ => to.leave_out(),
    }
}

fn settings(to: &mut Context<'_>, kind: u16, it: Fields<'_>) {
    let state = &mut to.state;
    let pair = backwards(it, 0);
    match kind {
        0x0102 => state.opaque = it.u16(0) == 2,
        0x0104 => state.mix = u32::from(it.u16(0)),
        0x0106 => state.winding = it.u16(0) == 2,
        0x012e => state.align = u32::from(it.u16(0)),
        0x0201 => state.back = colour(it.u32(0)),
        0x0209 => state.text = colour(it.u32(0)),
        SET_WINDOW_ORIGIN => state.mapping.window = pair,
        SET_WINDOW_SIZE if pair.x != 0.0 && pair.y != 0.0 => {
            state.mapping.window_size = pair.to_vec2();
        }
        0x020f => state.mapping.window += pair.to_vec2(),
        0x0410 => {
            let part = |at: usize| {
                let (below, above) = (it.short(at), it.short(at + 2));
                if below == 0.0 || above == 0.0 { 1.0 } else { above / below }
            };
            let size = &mut state.mapping.window_size;
            *size = Vec2::new(size.x * part(4), size.y * part(0));
        }
        _ => {}
    }
}

fn object(to: &mut Context<'_>, kind: u16, it: Fields<'_>, limits: &Limits) -> Object {
    match kind {
        0x02fa => Object::Pen(Pen {
            cosmetic: it.i16(2) == 0,
            ..Pen::styled(u32::from(it.u16(0)), it.short(2), colour(it.u32(6)), Vec::new())
        }),
        0x02fb => Object::Font(Font::narrow(it)),
        0x02fc => {
            Object::Brush(Brush::styled(u32::from(it.u16(0)), it.u32(2), u32::from(it.u16(6))))
        }
        0x0142 => match Dib::packed(it.from(4).0).decode(false, limits) {
            Some(tile) => Object::Brush(Brush::Tiled(Rc::new(tile))),
            None => {
                to.leave_out();
                Object::Brush(Brush::Nothing)
            }
        },
        0x01f9 => {
            to.leave_out();
            Object::Brush(Brush::Nothing)
        }
        _ => Object::Other,
    }
}

fn polygons(to: &mut Context<'_>, it: Fields<'_>) {
    let count = usize::from(it.u16(0));
    let mut at = 2 + count * 2;
    let mut path = BezPath::new();
    for number in 0..count {
        let length = usize::from(it.u16(2 + number * 2));
        path.extend(polygon(&it.points(at, length, true), true));
        at += length * 4;
    }
    to.draw(&path, true, true);
}

fn arc(it: Fields<'_>, close: Close) -> BezPath {
    arcs::arc(rect(it, 8), backwards(it, 4), backwards(it, 0), false, close)
}

/// Height, then width.
fn size(it: Fields<'_>, at: usize) -> (f64, f64) {
    (it.short(at + 2), it.short(at))
}

fn bitmaps(to: &mut Context<'_>, kind: u16, it: Fields<'_>, limits: &Limits) {
    let code = it.u32(0);
    let (source, source_size, place, place_size, data) = match kind {
        0x0f43 => (backwards(it, 10), size(it, 6), backwards(it, 18), size(it, 14), 22),
        0x0b41 => (backwards(it, 8), size(it, 4), backwards(it, 16), size(it, 12), 20),
        0x0940 => (backwards(it, 4), size(it, 8), backwards(it, 12), size(it, 8), 16),
        _ => {
            let (area, from) = (size(it, 10), backwards(it, 6));
            let picture = Dib::packed(it.from(18).0).decode(false, limits);
            let Some(picture) = picture else {
                return to.leave_out();
            };
            let below = f64::from(picture.height()) - from.y - area.1;
            let part = Rect::from_origin_size((from.x, below), area);
            let place = Rect::from_origin_size(backwards(it, 14), area);
            return to.blit(&picture, part, place, Put::Raster(SOURCE_COPY));
        }
    };
    let rows = it.from(data);
    // Without a picture there are two bytes of nothing before the place.
    if rows.0.len() < 12 {
        let area = match kind {
            0x0940 => Rect::from_origin_size(backwards(it, 14), size(it, 10)),
            _ => Rect::from_origin_size(backwards(it, 18), size(it, 14)),
        };
        return to.pattern_blit(area, code);
    }
    match Dib::packed(rows.0).decode(false, limits) {
        Some(picture) => {
            let part = Rect::from_origin_size(source, source_size);
            let area = Rect::from_origin_size(place, place_size);
            to.blit(&picture, part, area, Put::Raster(code));
        }
        None => to.leave_out(),
    }
}

fn texts(to: &mut Context<'_>, kind: u16, it: Fields<'_>) {
    let charset = to.state.font.charset;
    if kind == 0x0521 {
        let length = usize::from(it.u16(0));
        let text = it.slice(2, length).unwrap_or_default();
        let at = backwards(it, 2 + length + length % 2);
        return to.write(at, &narrow(text, charset, &[]), 0, Rect::ZERO);
    }
    let (at, length, options) = (backwards(it, 0), usize::from(it.u16(4)), u32::from(it.u16(6)));
    let has_area = options & 6 != 0;
    let area = if has_area {
        Rect::new(it.short(8), it.short(10), it.short(12), it.short(14))
    } else {
        Rect::ZERO
    };
    let start = if has_area { 16 } else { 8 };
    let text = it.slice(start, length).unwrap_or_default();
    let distances = it.from(start + length + length % 2).0;
    let distances: Vec<f64> = distances
        .as_chunks::<2>()
        .0
        .iter()
        .take(length)
        .map(|it| f64::from(i16::from_le_bytes(*it)))
        .collect();
    to.write(at, &narrow(text, charset, &distances), options, area);
}
