//! Enhanced metafiles: records of 32 bits. Source: MS-EMF.

use std::rc::Rc;

use hayro::kurbo::{Affine, BezPath, Point, Rect, Shape as _, Vec2};
use sanitizer_intermediate::{HoldReason, Limits};

use super::arcs::{self, Close};
use super::bitmap::{Dib, Put, SOURCE_COPY};
use super::bytes::Fields;
use super::canvas::Canvas;
use super::clip::Join;
use super::context::Context;
use super::fonts::Letters;
use super::objects::{Brush, Font, Object, Pen, colour};
use super::plus::Plus;
use super::text::{narrow, wide};

const SIGNATURE: &[u8] = b" EMF";
const HEADER: u32 = 1;
const END: u32 = 14;
/// Most records of a drawing.
const MAX_RECORDS: usize = 2_000_000;

/// Whether the bytes begin like such a file.
pub(super) fn is(bytes: &[u8]) -> bool {
    let fields = Fields(bytes);
    fields.u32(0) == HEADER && fields.slice(40, 4) == Some(SIGNATURE)
}

/// Plays the records.
///
/// # Errors
/// [`HoldReason`] when there is nothing to draw on or it takes too much work.
pub(super) fn play(bytes: &[u8], limits: &Limits) -> Result<Context<'static>, HoldReason> {
    let mut context = start(Fields(bytes), limits)?;
    let mut plus = Plus::default();
    let mut rest = bytes;
    for _ in 0..MAX_RECORDS {
        let fields = Fields(rest);
        let (kind, length) = (fields.u32(0), fields.size(4));
        if length < 8 || kind == END {
            break;
        }
        let Some(record) = fields.slice(0, length) else {
            context.leave_out();
            break;
        };
        rest = &rest[length..];
        match kind {
            70 => plus.comment(&mut context, Fields(record), limits),
            _ if plus.is_alone() => {}
            _ => one(&mut context, kind, Fields(record), limits),
        }
        if context.canvas.is_exhausted() {
            return Err(HoldReason::TooComplex);
        }
    }
    Ok(context)
}

/// The canvas shows the frame, which is in hundredths of a millimetre of a device.
fn start(header: Fields<'_>, limits: &Limits) -> Result<Context<'static>, HoldReason> {
    let pair = |at: usize| Vec2::new(header.long(at), header.long(at + 4));
    let (device, size) = (pair(72), pair(80));
    let exact = if header.size(4) >= 108 { pair(100) / 1_000.0 } else { Vec2::ZERO };
    let size = if exact.x > 0.0 && exact.y > 0.0 { exact } else { size };
    let sane = device.x > 0.0 && device.y > 0.0 && size.x > 0.0 && size.y > 0.0;
    let per_mm =
        if sane { Vec2::new(device.x / size.x, device.y / size.y) } else { Vec2::new(3.78, 3.78) };
    let area = |at: usize| {
        Rect::new(header.long(at), header.long(at + 4), header.long(at + 8), header.long(at + 12))
    };
    let (bounds, frame) = (area(8), area(24));
    let mut shown = Rect::new(
        frame.x0 / 100.0 * per_mm.x,
        frame.y0 / 100.0 * per_mm.y,
        frame.x1 / 100.0 * per_mm.x,
        frame.y1 / 100.0 * per_mm.y,
    );
    if shown.width() <= 0.0 || shown.height() <= 0.0 {
        shown = Rect::new(bounds.x0, bounds.y0, bounds.x1 + 1.0, bounds.y1 + 1.0);
    }
    let inches = (shown.width() / per_mm.x / 25.4, shown.height() / per_mm.y / 25.4);
    let (width, height) = super::pixels(inches, limits).ok_or(HoldReason::Broken)?;
    let canvas = Canvas::new(width, height).ok_or(HoldReason::TooLarge)?;
    let out = Affine::scale_non_uniform(
        f64::from(width) / shown.width(),
        f64::from(height) / shown.height(),
    ) * Affine::translate((-shown.x0, -shown.y0));
    Ok(Context::new(canvas, out, per_mm, Letters::new()))
}

fn one(to: &mut Context<'_>, kind: u32, it: Fields<'_>, limits: &Limits) {
    match kind {
        9..=13 | 17..=20 | 22 | 24 | 25 | 31 | 32 | 35 | 36 | 57 | 58 => settings(to, kind, it),
        33 => to.save(),
        34 => to.restore(it.i32(8)),
        26 | 28..=30 | 67 | 75 => clipping(to, kind, it),
        37..=40 | 49 | 82 | 93..=95 => objects(to, kind, it, limits),
        27 => to.move_to(it.point(8)),
        54 => to.lines_to(&[it.point(8)]),
        2..=8 | 56 | 85..=92 => points(to, kind, it),
        15 => {
            let area = Rect::from_origin_size(it.point(8), (1.0, 1.0));
            let path = to.full() * area.to_path(0.1);
            to.fill_with(&path, &Brush::Solid(colour(it.u32(16))));
        }
        41..=47 | 55 => shapes(to, kind, it),
        59 => to.begin_path(),
        60 => to.end_path(),
        61 => to.close_figure(),
        62 => to.paint_path(true, false),
        63 => to.paint_path(true, true),
        64 => to.paint_path(false, true),
        65 => {}
        68 => to.abort_path(),
        71..=74 => regions(to, kind, it),
        76..=81 | 114 | 116 => bitmaps(to, kind, it, limits),
        83 | 84 | 108 => texts(to, kind, it),
        118 => gradient(to, it),
        // Palettes, colour management, layout and hints to printers show nothing.
        HEADER
        | 16
        | 21
        | 23
        | 48
        | 50..=52
        | 69
        | 98..=101
        | 104..=107
        | 109..=113
        | 115
        | 117
        | 119..=122 => {}
        _ => to.leave_out(),
    }
}

fn settings(to: &mut Context<'_>, kind: u32, it: Fields<'_>) {
    let pair = |at: usize| Vec2::new(it.long(at), it.long(at + 4));
    let state = &mut to.state;
    match kind {
        9 if pair(8).x != 0.0 && pair(8).y != 0.0 => state.mapping.window_size = pair(8),
        10 => state.mapping.window = it.point(8),
        11 if pair(8).x != 0.0 && pair(8).y != 0.0 => state.mapping.viewport_size = pair(8),
        12 => state.mapping.viewport = it.point(8),
        17 => state.mapping.mode = it.u32(8),
        18 => state.opaque = it.u32(8) == 2,
        19 => state.winding = it.u32(8) == 2,
        20 => state.mix = it.u32(8),
        22 => state.align = it.u32(8),
        24 => state.text = colour(it.u32(8)),
        25 => state.back = colour(it.u32(8)),
        31 | 32 => {
            let part = |at: usize| {
                let (a, b) = (it.long(at), it.long(at + 4));
                if a == 0.0 || b == 0.0 { 1.0 } else { a / b }
            };
            let size = if kind == 31 {
                &mut state.mapping.viewport_size
            } else {
                &mut state.mapping.window_size
            };
            *size = Vec2::new(size.x * part(8), size.y * part(16));
        }
        35 => state.world = transform(it, 8),
        36 => {
            let other = transform(it, 8);
            state.world = match it.u32(32) {
                1 => Affine::IDENTITY,
                2 => state.world * other,
                3 => other * state.world,
                _ => other,
            };
        }
        57 => state.clockwise = it.u32(8) == 2,
        58 => state.miter = f64::from(it.u32(8)),
        _ => {}
    }
}

/// A transformation; the identity when it cannot be undone.
pub(super) fn transform(it: Fields<'_>, at: usize) -> Affine {
    let number = |index: usize| it.f32(at + index * 4);
    let [a, b, c, d, e, f] = [0, 1, 2, 3, 4, 5].map(number);
    if (a * d - b * c).abs() < 1e-12 { Affine::IDENTITY } else { Affine::new([a, b, c, d, e, f]) }
}

fn clipping(to: &mut Context<'_>, kind: u32, it: Fields<'_>) {
    match kind {
        26 => to.offset_clip(Vec2::new(it.long(8), it.long(12))),
        28 => to.keep_clip(),
        29 => to.clip_rect(rect(it, 8), Join::Without),
        30 => to.clip_rect(rect(it, 8), Join::And),
        67 => to.clip_path(join(it.u32(8))),
        _ => {
            let size = it.size(8);
            if size < 32 {
                return to.unclip();
            }
            let path = region(to, it.from(16));
            to.clip_to(&path, join(it.u32(12)));
        }
    }
}

const fn join(mode: u32) -> Join {
    match mode {
        1 => Join::And,
        2 => Join::Or,
        3 => Join::Xor,
        4 => Join::Without,
        _ => Join::Instead,
    }
}

/// The rectangles of a region, in units of the device, as a path in pixels.
fn region(to: &Context<'_>, data: Fields<'_>) -> BezPath {
    let mut path = BezPath::new();
    let all = data.from(32).0.as_chunks::<16>().0;
    for it in all.iter().take(data.size(8)) {
        path.extend(rect(Fields(it), 0).abs().path_elements(0.1));
    }
    to.out * path
}

fn regions(to: &mut Context<'_>, kind: u32, it: Fields<'_>) {
    match kind {
        71 => {
            let path = region(to, it.from(32));
            if let Some(Object::Brush(brush)) = to.objects.get(it.u32(28)) {
                to.fill_with(&path, &brush);
            }
        }
        74 => {
            let path = region(to, it.from(28));
            to.fill_with(&path, &to.state.brush.clone());
        }
        _ => to.leave_out(),
    }
}

fn objects(to: &mut Context<'_>, kind: u32, it: Fields<'_>, limits: &Limits) {
    let number = it.u32(8);
    let object = match kind {
        37 => return to.select(number),
        40 => return to.objects.remove(number),
        38 => Object::Pen(Pen {
            cosmetic: it.i32(16) == 0,
            ..Pen::styled(it.u32(12), it.long(16), colour(it.u32(24)), Vec::new())
        }),
        39 => Object::Brush(Brush::styled(it.u32(12), it.u32(16), it.u32(20))),
        82 => Object::Font(Font::wide(it.from(12))),
        93 | 94 => {
            let tile = dib(it, [16, 20, 24, 28]).and_then(|it| it.decode(false, limits));
            if tile.is_none() {
                to.leave_out();
            }
            Object::Brush(tile.map_or(Brush::Nothing, |it| Brush::Tiled(Rc::new(it))))
        }
        95 => Object::Pen(geometric(it)),
        _ => Object::Other,
    };
    to.objects.set(number, object);
}

fn geometric(it: Fields<'_>) -> Pen {
    const GEOMETRIC: u32 = 0x0001_0000;
    let (style, width) = (it.u32(28), f64::from(it.u32(32)));
    let lengths = it.from(52).0.as_chunks::<4>().0.iter().take(it.size(48).min(16));
    let own = lengths.map(|it| f64::from(u32::from_le_bytes(*it)) / width.max(1.0)).collect();
    let mut pen = Pen::styled(style, width, colour(it.u32(40)), own);
    pen.cosmetic = style & GEOMETRIC == 0;
    if it.u32(36) == 1 {
        pen.colour = None;
    }
    pen
}

fn points(to: &mut Context<'_>, kind: u32, it: Fields<'_>) {
    let short = kind >= 85;
    // The short records come in the same order as the long ones.
    let long_kind = match kind {
        92 => 56,
        85..=91 => kind - 83,
        _ => kind,
    };
    if matches!(long_kind, 7 | 8) {
        return many(to, it, short, long_kind == 8);
    }
    let all = it.points(28, it.size(24), short);
    let Some((first, rest)) = all.split_first() else {
        return;
    };
    match long_kind {
        2 => {
            let mut path = BezPath::new();
            path.move_to(*first);
            rest.as_chunks::<3>().0.iter().for_each(|[a, b, c]| path.curve_to(*a, *b, *c));
            to.draw(&path, false, true);
        }
        3 => to.draw(&polygon(&all, true), true, true),
        4 => to.draw(&polygon(&all, false), false, true),
        5 => to.curves_to(&all),
        6 => to.lines_to(&all),
        _ => mixed(to, it, &all, if short { 4 } else { 8 }),
    }
}

pub(super) fn polygon(points: &[Point], closed: bool) -> BezPath {
    let mut path = BezPath::new();
    if let Some((first, rest)) = points.split_first() {
        path.move_to(*first);
        rest.iter().for_each(|it| path.line_to(*it));
        if closed {
            path.close_path();
        }
    }
    path
}

fn many(to: &mut Context<'_>, it: Fields<'_>, short: bool, closed: bool) {
    let (count, total) = (it.size(24), it.size(28));
    let Some(lengths) = count.checked_mul(4).and_then(|length| it.slice(32, length)) else {
        return to.leave_out();
    };
    let all = it.points(32 + lengths.len(), total, short);
    let mut rest = &all[..];
    let mut path = BezPath::new();
    for length in lengths.as_chunks::<4>().0 {
        let length = usize::try_from(u32::from_le_bytes(*length)).unwrap_or(usize::MAX);
        let Some((part, after)) = rest.split_at_checked(length) else {
            break;
        };
        path.extend(polygon(part, closed));
        rest = after;
    }
    to.draw(&path, closed, true);
}

/// Lines, curves and moves in one list, with a byte for what each point is.
fn mixed(to: &mut Context<'_>, it: Fields<'_>, all: &[Point], size: usize) {
    let kinds = it.from(28 + all.len() * size);
    let mut path = to.starting_here();
    let mut at = 0;
    while let Some(point) = all.get(at) {
        let kind = kinds.u8(at);
        match kind & 6 {
            6 => path.move_to(*point),
            4 => {
                let (Some(b), Some(c)) = (all.get(at + 1), all.get(at + 2)) else {
                    break;
                };
                path.curve_to(*point, *b, *c);
                at += 2;
            }
            _ => path.line_to(*point),
        }
        if kinds.u8(at) & 1 == 1 {
            path.close_path();
            path.move_to(all[at]);
        }
        at += 1;
    }
    to.go_on(path, all.last());
}

fn rect(it: Fields<'_>, at: usize) -> Rect {
    Rect::new(it.long(at), it.long(at + 4), it.long(at + 8), it.long(at + 12))
}

fn shapes(to: &mut Context<'_>, kind: u32, it: Fields<'_>) {
    let area = rect(it, 8);
    let (from, end, clockwise) = (it.point(24), it.point(32), to.state.clockwise);
    match kind {
        41 => {
            let (centre, radius) = (it.point(8), f64::from(it.u32(16)));
            let area = Rect::from_center_size(centre, (radius * 2.0, radius * 2.0));
            let (start, sweep) = (-it.f32(20).to_radians(), -it.f32(24).to_radians());
            let arc = arcs::swept(area, start, sweep, Close::Open);
            arc_to(to, arc);
        }
        42 => to.draw(&arcs::ellipse(area), true, true),
        43 => to.draw(&area.abs().to_path(0.1), true, true),
        44 => {
            let corner = Vec2::new(it.long(24), it.long(28));
            to.draw(&arcs::rounded(area, corner), true, true);
        }
        45 => to.draw(&arcs::arc(area, from, end, clockwise, Close::Open), false, true),
        46 => to.draw(&arcs::arc(area, from, end, clockwise, Close::Chord), true, true),
        47 => to.draw(&arcs::arc(area, from, end, clockwise, Close::Pie), true, true),
        _ => arc_to(to, arcs::arc(area, from, end, clockwise, Close::Open)),
    }
}

/// A line to the start of the arc, and the arc.
fn arc_to(to: &mut Context<'_>, arc: BezPath) {
    use hayro::kurbo::PathEl;
    let mut path = to.starting_here();
    for element in arc.elements() {
        match *element {
            PathEl::MoveTo(start) => path.line_to(start),
            other => path.push(other),
        }
    }
    let end = path.elements().last().and_then(PathEl::end_point);
    to.go_on(path, end.as_ref());
}

/// A bitmap by the places of its four numbers in the record.
fn dib<'d>(it: Fields<'d>, at: [usize; 4]) -> Option<Dib<'d>> {
    let [header, header_length, rows, rows_length] = at.map(|at| it.size(at));
    if header_length == 0 {
        return None;
    }
    let header = it.slice(header, header_length)?;
    // The last rows may be missing.
    let rows = it.from(rows).0;
    Some(Dib { header, rows: &rows[..rows_length.min(rows.len())] })
}

fn bitmaps(to: &mut Context<'_>, kind: u32, it: Fields<'_>, limits: &Limits) {
    let size = |at: usize| (it.long(at), it.long(at + 4));
    let blend = it.0.get(40..44).unwrap_or_default();
    let (place, source, source_size, put) = match kind {
        80 => {
            let area = Rect::from_origin_size(it.point(24), size(40));
            return device(to, it, area, limits);
        }
        81 => {
            let area = Rect::from_origin_size(it.point(24), size(72));
            let put = Put::Raster(it.u32(68));
            return stretched(to, it, area, put, limits);
        }
        76 => (area_of(it), it.point(44), size(32), Put::Raster(it.u32(40))),
        77 | 78 => {
            let from = if kind == 77 { size(100) } else { size(32) };
            (area_of(it), it.point(44), from, Put::Raster(it.u32(40)))
        }
        114 => {
            let put = Put::Blended(blend.get(2).copied().unwrap_or(255), blend.get(3) == Some(&1));
            (area_of(it), it.point(44), size(100), put)
        }
        116 => (area_of(it), it.point(44), size(100), Put::Without(colour(it.u32(40)))),
        _ => return to.leave_out(),
    };
    let Some(dib) = dib(it, [84, 88, 92, 96]) else {
        return match put {
            Put::Raster(code) => to.pattern_blit(place, code),
            Put::Blended(..) | Put::Without(_) => to.leave_out(),
        };
    };
    let Some(picture) = dib.decode(matches!(put, Put::Blended(_, true)), limits) else {
        return to.leave_out();
    };
    // The source has a transformation of its own, and usually the identity.
    let source = transform(it, 52) * source;
    let part = Rect::from_origin_size(source, source_size);
    to.blit(&picture, part, place, put);
}

fn area_of(it: Fields<'_>) -> Rect {
    Rect::from_origin_size(it.point(24), (it.long(32), it.long(36)))
}

fn stretched(to: &mut Context<'_>, it: Fields<'_>, area: Rect, put: Put, limits: &Limits) {
    let Some(dib) = dib(it, [48, 52, 56, 60]) else {
        return match put {
            Put::Raster(code) => to.pattern_blit(area, code),
            Put::Blended(..) | Put::Without(_) => to.leave_out(),
        };
    };
    let Some(picture) = dib.decode(false, limits) else {
        return to.leave_out();
    };
    let part = Rect::from_origin_size(it.point(32), (it.long(40), it.long(44)));
    to.blit(&picture, part, area, put);
}

/// Rows of a picture, put without stretching.
fn device(to: &mut Context<'_>, it: Fields<'_>, area: Rect, limits: &Limits) {
    let picture = dib(it, [48, 52, 56, 60]).and_then(|it| it.decode(false, limits));
    let Some(picture) = picture else {
        return to.leave_out();
    };
    // Counted from the lower edge.
    let below = f64::from(picture.height()) - it.long(36) - area.height();
    let part = Rect::from_origin_size(Point::new(it.long(32), below), area.size());
    to.blit(&picture, part, area, Put::Raster(SOURCE_COPY));
}

fn texts(to: &mut Context<'_>, kind: u32, it: Fields<'_>) {
    const SMALL: u32 = 108;
    if kind == SMALL {
        let (count, options) = (it.size(16), it.u32(20));
        let no_area = options & 0x100 != 0;
        let area = if no_area { Rect::ZERO } else { rect(it, 36) };
        let start = if no_area { 36 } else { 52 };
        let text = if options & 0x200 != 0 {
            narrow(it.slice(start, count).unwrap_or_default(), to.state.font.charset, &[])
        } else {
            wide(it.slice(start, count.saturating_mul(2)).unwrap_or_default(), &[])
        };
        return to.write(it.point(8), &text, options & 0xff, area);
    }
    let (count, options) = (it.size(44), it.u32(52));
    let steps = if options & 0x2000 != 0 { 8 } else { 4 };
    let distances: Vec<f64> = match it.size(72) {
        0 => Vec::new(),
        at => {
            let all = it.from(at).0.chunks_exact(steps).take(count);
            all.map(|it| Fields(it).long(0)).collect()
        }
    };
    let start = it.size(48);
    let text = if kind == 84 {
        wide(it.slice(start, count.saturating_mul(2)).unwrap_or_default(), &distances)
    } else {
        narrow(it.slice(start, count).unwrap_or_default(), to.state.font.charset, &distances)
    };
    to.write(it.point(36), &text, options, rect(it, 56));
}

fn gradient(to: &mut Context<'_>, it: Fields<'_>) {
    let (count, meshes, mode) = (it.size(24), it.size(28), it.u32(32));
    let Some(vertices) = count.checked_mul(16).and_then(|length| it.slice(36, length)) else {
        return to.leave_out();
    };
    let vertex = |number: usize| {
        let data = Fields(vertices).slice(number.checked_mul(16)?, 16)?;
        let one = Fields(data);
        Some((one.point(0), [one.u8(9), one.u8(11), one.u8(13)]))
    };
    let list = it.from(36 + vertices.len());
    for number in 0..meshes.min(10_000) {
        if mode == 2 {
            let corners = [0, 4, 8].map(|at| vertex(list.size(number * 12 + at)));
            let [Some(a), Some(b), Some(c)] = corners else {
                return to.leave_out();
            };
            let mean = [0, 1, 2].map(|at| {
                let sum = u16::from(a.1[at]) + u16::from(b.1[at]) + u16::from(c.1[at]);
                u8::try_from(sum / 3).unwrap_or(u8::MAX)
            });
            let path = to.full() * polygon(&[a.0, b.0, c.0], true);
            to.fill_with(&path, &Brush::Solid(mean));
        } else {
            let ends = [0, 4].map(|at| vertex(list.size(number * 8 + at)));
            let [Some(a), Some(b)] = ends else {
                return to.leave_out();
            };
            to.shade(Rect::from_points(a.0, b.0), a.1, b.1, mode == 1);
        }
    }
}
