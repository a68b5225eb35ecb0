//! A CFF program keyed by CID, without hints and subroutines.

use sanitizer_intermediate::pdf::{Glyph, Outlined, Stroke};

/// Writes the font. CIDs are glyph numbers.
pub(super) fn write(font: &Outlined, name: &str) -> Vec<u8> {
    let glyphs: Vec<Vec<u8>> =
        font.glyphs.iter().map(|glyph| charstring(glyph, font.units)).collect();
    let count = u16::try_from(glyphs.len()).unwrap_or(u16::MAX);
    let charset = charset(count);
    let select = [&[3, 0, 1, 0, 0, 0][..], &count.to_be_bytes()].concat();
    let glyphs = index(&glyphs);
    let private = [&number5(0)[..], &[20], &number5(0), &[21]].concat();

    let mut bytes = vec![1, 0, 4, 4];
    bytes.extend(index(&[name.as_bytes().to_vec()]));
    // All offsets take five bytes, so the top dictionary has one length.
    let blank = index(&[top(font, count, [0; 4])]);
    let strings = index(&[b"Adobe".to_vec(), b"Identity".to_vec()]);
    let subroutines = index(&[]);
    let mut at = bytes.len() + blank.len() + strings.len() + subroutines.len();
    let mut place = |length: usize| {
        let here = i32::try_from(at).unwrap_or(i32::MAX);
        at += length;
        here
    };
    let charset_at = place(charset.len());
    let select_at = place(select.len());
    let glyphs_at = place(glyphs.len());
    let private_at = place(private.len());
    let dicts = index(&[font_dict(private.len(), private_at)]);
    let dicts_at = place(dicts.len());

    bytes.extend(index(&[top(font, count, [charset_at, select_at, glyphs_at, dicts_at])]));
    for part in [strings, subroutines, charset, select, glyphs, private, dicts] {
        bytes.extend(part);
    }
    bytes
}

fn top(font: &Outlined, count: u16, [charset, select, glyphs, dicts]: [i32; 4]) -> Vec<u8> {
    let mut top = Vec::new();
    // ROS: strings 391 and 392, the first two of our own.
    top.extend(number5(391));
    top.extend(number5(392));
    top.extend(number5(0));
    top.extend([12, 30]);
    if font.units != 1_000 {
        let scale = real(1.0 / f64::from(font.units));
        let zero = number5(0).to_vec();
        for part in [&scale, &zero, &zero, &scale, &zero, &zero] {
            top.extend(part);
        }
        top.extend([12, 7]);
    }
    let mut entry = |number: i32, operator: &[u8]| {
        top.extend(number5(number));
        top.extend(operator);
    };
    entry(i32::from(count), &[12, 34]);
    entry(charset, &[15]);
    entry(glyphs, &[17]);
    entry(dicts, &[12, 36]);
    entry(select, &[12, 37]);
    top
}

fn font_dict(length: usize, offset: i32) -> Vec<u8> {
    let length = i32::try_from(length).unwrap_or(0);
    [&number5(length)[..], &number5(offset), &[18]].concat()
}

/// One range: every glyph's CID is its number.
fn charset(count: u16) -> Vec<u8> {
    let mut charset = vec![2];
    if count > 1 {
        charset.extend(1_u16.to_be_bytes());
        charset.extend((count - 2).to_be_bytes());
    }
    charset
}

fn index(items: &[Vec<u8>]) -> Vec<u8> {
    let count = u16::try_from(items.len()).unwrap_or(u16::MAX);
    let mut index = count.to_be_bytes().to_vec();
    if items.is_empty() {
        return index;
    }
    let total: usize = items.iter().map(Vec::len).sum();
    let size = match total + 1 {
        0..=0xFF => 1,
        0x100..=0xFFFF => 2,
        0x1_0000..=0xFF_FFFF => 3,
        _ => 4,
    };
    index.push(size);
    let mut offset = 1_u32;
    let mut put = |offset: u32| index.extend(&offset.to_be_bytes()[4 - usize::from(size)..]);
    put(offset);
    for item in items {
        offset += u32::try_from(item.len()).unwrap_or(0);
        put(offset);
    }
    items.iter().for_each(|item| index.extend(item));
    index
}

/// An integer in five bytes.
fn number5(number: i32) -> [u8; 5] {
    let [a, b, c, d] = number.to_be_bytes();
    [29, a, b, c, d]
}

/// A real number in nibbles.
fn real(number: f64) -> Vec<u8> {
    let digits = format!("{number:.10}");
    let mut nibbles: Vec<u8> = digits
        .bytes()
        .map(|byte| match byte {
            b'.' => 0xA,
            b'-' => 0xE,
            digit => digit - b'0',
        })
        .collect();
    nibbles.push(0xF);
    if nibbles.len() % 2 == 1 {
        nibbles.push(0xF);
    }
    let pairs = nibbles.chunks(2).map(|pair| pair[0] << 4 | pair[1]);
    std::iter::once(30).chain(pairs).collect()
}

/// Operands a Type 2 interpreter holds at once.
const STACK: usize = 48;

fn charstring(glyph: &Glyph, units: u16) -> Vec<u8> {
    let mut pen = Pen::default();
    let width = (glyph.width * f32::from(units) / 1_000.0).round();
    pen.waiting.push(width.clamp(-30_000.0, 30_000.0) as i32);
    for stroke in &glyph.outline.strokes {
        match *stroke {
            Stroke::Move(to) => pen.start(to),
            Stroke::Line(to) => pen.line(to),
            Stroke::Quad([a, b, x, y]) => pen.quadratic([a, b], [x, y]),
            Stroke::Cubic([a, b, c, d, x, y]) => pen.curve([a, b], [c, d], [x, y]),
        }
    }
    pen.flush();
    if !pen.waiting.is_empty() {
        let width = std::mem::take(&mut pen.waiting);
        pen.put(&width);
    }
    pen.bytes.push(14);
    pen.bytes
}

/// Writes strokes relative to each other, several to an operator.
#[derive(Default)]
struct Pen {
    bytes: Vec<u8>,
    at: [i32; 2],
    /// Operands of lines or curves not yet written; the width before the first move.
    waiting: Vec<i32>,
    kind: Kind,
}

#[derive(Default, Clone, Copy, PartialEq)]
enum Kind {
    #[default]
    None,
    Lines,
    Curves,
}

impl Pen {
    fn step(&mut self, to: [i16; 2]) -> [i32; 2] {
        let to = to.map(i32::from);
        let by = [to[0] - self.at[0], to[1] - self.at[1]];
        self.at = to;
        by
    }

    fn start(&mut self, to: [i16; 2]) {
        let width =
            if self.kind == Kind::None { std::mem::take(&mut self.waiting) } else { Vec::new() };
        self.flush();
        let [x, y] = self.step(to);
        self.put(&width);
        match (x, y) {
            (_, 0) => {
                self.put(&[x]);
                self.bytes.push(22);
            }
            (0, _) => {
                self.put(&[y]);
                self.bytes.push(4);
            }
            _ => {
                self.put(&[x, y]);
                self.bytes.push(21);
            }
        }
        self.kind = Kind::Lines;
    }

    fn line(&mut self, to: [i16; 2]) {
        let by = self.step(to);
        self.add(Kind::Lines, &by);
    }

    fn curve(&mut self, by: [i16; 2], then: [i16; 2], to: [i16; 2]) {
        let [a, b] = self.step(by);
        let [c, d] = self.step(then);
        let [x, y] = self.step(to);
        self.add(Kind::Curves, &[a, b, c, d, x, y]);
    }

    /// A quadratic curve has its cubic controls two thirds of the way to its own.
    fn quadratic(&mut self, by: [i16; 2], to: [i16; 2]) {
        let third = |end: i32, control: i16| {
            i16::try_from((end + 2 * i32::from(control) + 1).div_euclid(3)).unwrap_or(0)
        };
        let from = self.at;
        let first = [third(from[0], by[0]), third(from[1], by[1])];
        let second = [third(i32::from(to[0]), by[0]), third(i32::from(to[1]), by[1])];
        self.curve(first, second, to);
    }

    fn add(&mut self, kind: Kind, by: &[i32]) {
        if kind != self.kind || self.waiting.len() + by.len() > STACK {
            self.flush();
            self.kind = kind;
        }
        self.waiting.extend(by);
    }

    fn flush(&mut self) {
        let waiting = match self.kind {
            Kind::None => return,
            Kind::Lines | Kind::Curves => std::mem::take(&mut self.waiting),
        };
        match (self.kind, waiting.as_slice()) {
            (_, []) | (Kind::None, _) => {}
            (Kind::Lines, [x, 0]) => self.write(&[*x], 6),
            (Kind::Lines, [0, y]) => self.write(&[*y], 7),
            (Kind::Lines, all) => self.write(all, 5),
            (Kind::Curves, [0, b, c, d, x, 0]) => self.write(&[*b, *c, *d, *x], 30),
            (Kind::Curves, [a, 0, c, d, 0, y]) => self.write(&[*a, *c, *d, *y], 31),
            (Kind::Curves, all) => self.write(all, 8),
        }
    }

    fn write(&mut self, operands: &[i32], operator: u8) {
        self.put(operands);
        self.bytes.push(operator);
    }

    fn put(&mut self, operands: &[i32]) {
        for operand in operands {
            match *operand {
                number @ -107..=107 => self.bytes.push(u8::try_from(number + 139).unwrap_or(139)),
                number @ 108..=1131 => self.two(number - 108, 247),
                number @ -1131..=-108 => self.two(-number - 108, 251),
                number => {
                    let number = number.clamp(i32::from(i16::MIN), i32::from(i16::MAX));
                    self.bytes.push(28);
                    self.bytes.extend(i16::try_from(number).unwrap_or(0).to_be_bytes());
                }
            }
        }
    }

    fn two(&mut self, rest: i32, base: u8) {
        self.bytes.push(base + u8::try_from(rest >> 8).unwrap_or(0));
        self.bytes.push(u8::try_from(rest & 0xFF).unwrap_or(0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sanitizer_intermediate::pdf::Outline;

    #[test]
    fn a_square_is_drawn_with_few_bytes() {
        let strokes = vec![
            Stroke::Move([0, 0]),
            Stroke::Line([0, 100]),
            Stroke::Line([100, 100]),
            Stroke::Line([100, 0]),
        ];
        let glyph = Glyph { width: 500.0, outline: Outline { strokes }, ..Glyph::default() };
        let bytes = charstring(&glyph, 1_000);
        // 500 0 hmoveto 0 100 100 0 0 -100 rlineto endchar
        assert_eq!(bytes, [248, 136, 139, 22, 139, 239, 239, 139, 139, 39, 5, 14]);
    }

    #[test]
    fn a_glyph_without_outline_has_its_width() {
        let glyph = Glyph { width: 250.0, ..Glyph::default() };
        assert_eq!(charstring(&glyph, 1_000), [247, 142, 14]);
    }
}
