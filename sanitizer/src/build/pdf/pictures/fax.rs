//! CCITT Group 4 (ITU-T T.6): pictures of black and white.

use sanitizer_intermediate::image::Picture;

use super::codes::{BLACK, BLACK_64, MORE, WHITE, WHITE_64};

/// Encodes the rows; 1 is white, as the default of PDF's decoder has it.
pub(super) fn encode(picture: &Picture) -> Vec<u8> {
    let width = picture.width() as usize;
    let mut bits = Bits::default();
    let mut above = Row::white(width);
    for y in 0..picture.height() {
        let row = Row::of(picture.row(y), width);
        row.write(&above, &mut bits);
        above = row;
    }
    // End of facsimile block: twice "end of line".
    bits.put(1, 12);
    bits.put(1, 12);
    bits.finish()
}

/// A row as the places where its colour changes; white comes first.
struct Row {
    changes: Vec<usize>,
    width: usize,
}

impl Row {
    fn white(width: usize) -> Self {
        Self { changes: Vec::new(), width }
    }

    fn of(bytes: &[u8], width: usize) -> Self {
        let mut changes = Vec::new();
        let mut white = true;
        let mut place = 0;
        while place < width {
            let byte = bytes.get(place / 8).copied().unwrap_or(0xFF);
            if place % 8 == 0 && byte == if white { 0xFF } else { 0 } {
                place += 8;
                continue;
            }
            let is_white = byte >> (7 - place % 8) & 1 == 1;
            if is_white != white {
                changes.push(place);
                white = is_white;
            }
            place += 1;
        }
        Self { changes, width }
    }

    /// The change with this number, or the end of the row.
    fn change(&self, number: usize) -> usize {
        self.changes.get(number).copied().unwrap_or(self.width)
    }

    fn write(&self, above: &Self, bits: &mut Bits) {
        // The place before the first pixel counts as white.
        let mut at: Option<usize> = None;
        let mut white = true;
        // Number of the next change in this row and above.
        let (mut own, mut over) = (0, 0);
        while at.unwrap_or(0) < self.width {
            let here = at.unwrap_or(0);
            // b1: first change above, right of here, to the other colour.
            while over > 0 && above.change(over - 1) > here {
                over -= 1;
            }
            while above.change(over) < self.width
                && (at.is_some_and(|at| above.change(over) <= at) || (over % 2 == 0) != white)
            {
                over += 1;
            }
            let (b1, b2) = (above.change(over), above.change(over + 1));
            let a1 = self.change(own);
            if b2 < a1 {
                bits.put(1, 4);
                at = Some(b2);
                continue;
            }
            let shift = a1 as isize - b1 as isize;
            if let Some((code, length)) = vertical(shift) {
                bits.put(code, length);
                at = Some(a1);
                own += 1;
                white = !white;
            } else {
                let a2 = self.change(own + 1);
                bits.put(1, 3);
                run(a1 - here, white, bits);
                run(a2 - a1, !white, bits);
                at = Some(a2);
                own += 2;
            }
        }
    }
}

fn vertical(shift: isize) -> Option<(u32, u8)> {
    Some(match shift {
        0 => (1, 1),
        1 => (0b011, 3),
        2 => (0b00_0011, 6),
        3 => (0b000_0011, 7),
        -1 => (0b010, 3),
        -2 => (0b00_0010, 6),
        -3 => (0b000_0010, 7),
        _ => return None,
    })
}

fn run(mut length: usize, white: bool, bits: &mut Bits) {
    let (ends, makeups) = if white { (&WHITE, &WHITE_64) } else { (&BLACK, &BLACK_64) };
    while length >= 2_560 {
        bits.put(0b1_1111, 12);
        length -= 2_560;
    }
    if length >= 1_792 {
        let (code, count) = MORE[(length - 1_792) / 64];
        bits.put(code, count);
    } else if length >= 64 {
        let (code, count) = makeups[length / 64 - 1];
        bits.put(code, count);
    }
    let (code, count) = ends[length % 64];
    bits.put(code, count);
}

#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    pending: u32,
    count: u8,
}

impl Bits {
    fn put(&mut self, code: u32, length: u8) {
        self.pending = self.pending << length | code;
        self.count += length;
        while self.count >= 8 {
            self.count -= 8;
            self.bytes.push((self.pending >> self.count) as u8);
        }
        self.pending &= (1 << self.count) - 1;
    }

    fn finish(mut self) -> Vec<u8> {
        if self.count > 0 {
            self.put(0, 8 - self.count);
        }
        self.bytes
    }
}
