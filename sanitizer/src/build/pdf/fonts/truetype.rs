//! A TrueType program with the seven tables a PDF needs, without instructions.

use sanitizer_intermediate::pdf::{Glyph, Outlined, Stroke};

/// Writes the font.
pub(super) fn write(font: &Outlined) -> Vec<u8> {
    let (mut glyf, mut offsets, mut metrics) = (Vec::new(), vec![0_u32], Vec::new());
    let mut most = Most::default();
    for glyph in &font.glyphs {
        let shape = Shape::of(glyph);
        shape.write(&mut glyf);
        glyf.resize(glyf.len().next_multiple_of(4), 0);
        offsets.push(u32::try_from(glyf.len()).unwrap_or(u32::MAX));
        most.learn(&shape);
        let width = (glyph.width * f32::from(font.units) / 1_000.0).round();
        metrics.extend((width.clamp(0.0, 65_535.0) as u16).to_be_bytes());
        metrics.extend(shape.bounds[0].to_be_bytes());
    }
    let loca: Vec<u8> = offsets.iter().flat_map(|offset| offset.to_be_bytes()).collect();
    let count = u16::try_from(font.glyphs.len()).unwrap_or(u16::MAX);
    let tables = [
        (*b"glyf", glyf),
        (*b"head", head(font.units, most.bounds)),
        (*b"hhea", hhea(font, count)),
        (*b"hmtx", metrics),
        (*b"loca", loca),
        (*b"maxp", maxp(count, &most)),
    ];
    container(&tables)
}

#[derive(Default)]
struct Most {
    points: u16,
    contours: u16,
    bounds: [i16; 4],
}

impl Most {
    fn learn(&mut self, shape: &Shape) {
        let number = |count: usize| u16::try_from(count).unwrap_or(u16::MAX);
        self.points = self.points.max(number(shape.points.len()));
        self.contours = self.contours.max(number(shape.ends.len()));
        let [a, b, c, d] = self.bounds;
        let [e, f, g, h] = shape.bounds;
        self.bounds = [a.min(e), b.min(f), c.max(g), d.max(h)];
    }
}

#[derive(Clone, Copy, PartialEq)]
struct Point {
    x: i16,
    y: i16,
    on: bool,
}

/// A glyph as points; curves have their control points off the line.
#[derive(Default)]
struct Shape {
    points: Vec<Point>,
    /// Last point of each contour.
    ends: Vec<u16>,
    bounds: [i16; 4],
}

impl Shape {
    fn of(glyph: &Glyph) -> Self {
        let mut shape = Self::default();
        let mut contour: Vec<Point> = Vec::new();
        for stroke in &glyph.outline.strokes {
            match *stroke {
                Stroke::Move([x, y]) => {
                    shape.close(&mut contour);
                    contour.push(Point { x, y, on: true });
                }
                Stroke::Line([x, y]) => contour.push(Point { x, y, on: true }),
                // Only a font without cubic curves is written here.
                Stroke::Quad([a, b, x, y]) | Stroke::Cubic([_, _, a, b, x, y]) => {
                    contour.push(Point { x: a, y: b, on: false });
                    contour.push(Point { x, y, on: true });
                }
            }
        }
        shape.close(&mut contour);
        if shape.points.len() > usize::from(u16::MAX) {
            return Self::default();
        }
        let xs = || shape.points.iter().map(|point| point.x);
        let ys = || shape.points.iter().map(|point| point.y);
        let edge = |number: Option<i16>| number.unwrap_or(0);
        shape.bounds = [edge(xs().min()), edge(ys().min()), edge(xs().max()), edge(ys().max())];
        shape
    }

    fn close(&mut self, contour: &mut Vec<Point>) {
        if contour.len() > 1 && contour.first() == contour.last() {
            contour.pop();
        }
        let kept = without_implied(contour);
        if !kept.is_empty() {
            self.points.extend(kept);
            self.ends.push(u16::try_from(self.points.len() - 1).unwrap_or(u16::MAX));
        }
        contour.clear();
    }

    fn write(&self, to: &mut Vec<u8>) {
        if self.points.is_empty() {
            return;
        }
        to.extend(u16::try_from(self.ends.len()).unwrap_or(u16::MAX).to_be_bytes());
        self.bounds.iter().for_each(|number| to.extend(number.to_be_bytes()));
        self.ends.iter().for_each(|end| to.extend(end.to_be_bytes()));
        to.extend([0, 0]);
        let (mut flags, mut xs, mut ys) = (Vec::new(), Vec::new(), Vec::new());
        let (mut x, mut y) = (0, 0);
        for point in &self.points {
            let mut flag = u8::from(point.on);
            flag |= delta(i32::from(point.x) - x, 0x02, 0x10, &mut xs);
            flag |= delta(i32::from(point.y) - y, 0x04, 0x20, &mut ys);
            flags.push(flag);
            (x, y) = (i32::from(point.x), i32::from(point.y));
        }
        repeated(&flags, to);
        to.extend(xs);
        to.extend(ys);
    }
}

/// Leaves out points on the line that lie halfway between two off it: readers
/// put them back.
fn without_implied(contour: &[Point]) -> Vec<Point> {
    let count = contour.len();
    let at = |place: usize| contour[place % count];
    let implied = |place: usize| {
        let (before, here, after) = (at(place + count - 1), at(place), at(place + 1));
        let halfway =
            |a: i16, b: i16, c: i16| (i32::from(a) + i32::from(c) - 2 * i32::from(b)).abs() <= 1;
        count > 3
            && here.on
            && !before.on
            && !after.on
            && halfway(before.x, here.x, after.x)
            && halfway(before.y, here.y, after.y)
    };
    // The first point stays, so that the contour starts on its line.
    (0..count).filter(|place| *place == 0 || !implied(*place)).map(at).collect()
}

/// Writes a step as nothing, one byte or two, and gives its flags.
fn delta(step: i32, short: u8, same: u8, to: &mut Vec<u8>) -> u8 {
    match step {
        0 => same,
        1..=255 => {
            to.push(u8::try_from(step).unwrap_or(255));
            short | same
        }
        -255..=-1 => {
            to.push(u8::try_from(-step).unwrap_or(255));
            short
        }
        _ => {
            let step = step.clamp(i32::from(i16::MIN), i32::from(i16::MAX));
            to.extend(i16::try_from(step).unwrap_or(0).to_be_bytes());
            0
        }
    }
}

fn repeated(flags: &[u8], to: &mut Vec<u8>) {
    for run in flags.chunk_by(|a, b| a == b) {
        for part in run.chunks(256) {
            match part {
                [flag] => to.push(*flag),
                [flag, more @ ..] => {
                    to.extend([flag | 0x08, u8::try_from(more.len()).unwrap_or(255)]);
                }
                [] => {}
            }
        }
    }
}

fn head(units: u16, bounds: [i16; 4]) -> Vec<u8> {
    let mut head = Vec::with_capacity(54);
    head.extend([0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
    head.extend(0x5F0F_3CF5_u32.to_be_bytes());
    head.extend(0_u16.to_be_bytes());
    head.extend(units.to_be_bytes());
    head.extend([0; 16]);
    bounds.iter().for_each(|number| head.extend(number.to_be_bytes()));
    head.extend([0, 0, 0, 8, 0, 2, 0, 1, 0, 0]);
    head
}

fn hhea(font: &Outlined, count: u16) -> Vec<u8> {
    let scaled = |number: f32| (number * f32::from(font.units) / 1_000.0).round() as i16;
    let mut hhea = vec![0, 1, 0, 0];
    hhea.extend(scaled(font.metrics.ascent).to_be_bytes());
    hhea.extend(scaled(font.metrics.descent).to_be_bytes());
    hhea.extend([0; 2]);
    hhea.extend(u16::MAX.to_be_bytes());
    hhea.extend([0; 6]);
    hhea.extend([0, 1, 0, 0, 0, 0]);
    hhea.extend([0; 10]);
    hhea.extend(count.to_be_bytes());
    hhea
}

fn maxp(count: u16, most: &Most) -> Vec<u8> {
    let mut maxp = vec![0, 1, 0, 0];
    for number in [count, most.points, most.contours, 0, 0, 2] {
        maxp.extend(number.to_be_bytes());
    }
    maxp.resize(32, 0);
    maxp
}

fn container(tables: &[([u8; 4], Vec<u8>)]) -> Vec<u8> {
    let count = u16::try_from(tables.len()).unwrap_or(0);
    let power = count.max(1).ilog2();
    let range = 16 << power;
    let mut font = vec![0, 1, 0, 0];
    for number in [count, range, u16::try_from(power).unwrap_or(0), count * 16 - range] {
        font.extend(number.to_be_bytes());
    }
    let mut offset = 12 + tables.len() * 16;
    for (tag, data) in tables {
        font.extend(tag);
        font.extend(checksum(data).to_be_bytes());
        font.extend(u32::try_from(offset).unwrap_or(u32::MAX).to_be_bytes());
        font.extend(u32::try_from(data.len()).unwrap_or(u32::MAX).to_be_bytes());
        offset += data.len().next_multiple_of(4);
    }
    for (_, data) in tables {
        font.extend_from_slice(data);
        font.resize(font.len().next_multiple_of(4), 0);
    }
    font
}

fn checksum(data: &[u8]) -> u32 {
    data.chunks(4).fold(0, |sum: u32, part| {
        let mut word = [0; 4];
        word[..part.len()].copy_from_slice(part);
        sum.wrapping_add(u32::from_be_bytes(word))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use sanitizer_intermediate::pdf::Outline;

    #[test]
    fn a_point_halfway_between_two_controls_is_left_out() {
        let strokes = vec![
            Stroke::Move([0, 0]),
            Stroke::Quad([0, 10, 5, 10]),
            Stroke::Quad([10, 10, 10, 0]),
            Stroke::Line([0, 0]),
        ];
        let shape = Shape::of(&Glyph { outline: Outline { strokes }, ..Glyph::default() });
        assert_eq!(shape.points.len(), 4);
        assert_eq!(shape.ends, [3]);
        assert_eq!(shape.bounds, [0, 0, 10, 10]);
    }

    #[test]
    fn equal_flags_are_counted() {
        let mut to = Vec::new();
        repeated(&[1, 1, 1, 0x21], &mut to);
        assert_eq!(to, [0x09, 2, 0x21]);
    }
}
