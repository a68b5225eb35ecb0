//! Packing without loss: predicted rows, or a palette.

use std::collections::HashMap;

use sanitizer_intermediate::image::{Picture, Samples};

use crate::build::pdf::file::pack as deflate;

/// Samples ready to be written.
pub(super) struct Packed {
    pub(super) data: Vec<u8>,
    /// Each row starts with the number of a PNG predictor.
    pub(super) predicted: bool,
    pub(super) bits: i32,
    pub(super) channels: i32,
    /// Red, green, blue of each number.
    pub(super) palette: Option<Vec<u8>>,
}

pub(super) fn pack(picture: &Picture) -> Packed {
    if picture.samples() == Samples::Rgb
        && let Some(packed) = indexed(picture)
    {
        return packed;
    }
    let channels = if picture.samples() == Samples::Rgb { 3 } else { 1 };
    let row = picture.width() as usize * channels;
    let data = deflate(&predicted(picture.data(), row, channels));
    let channels = i32::try_from(channels).unwrap_or(1);
    Packed { data, predicted: true, bits: 8, channels, palette: None }
}

/// Rows as they are.
pub(super) fn rows(data: &[u8]) -> Vec<u8> {
    deflate(data)
}

/// At most 256 colours as numbers of one to eight bits.
fn indexed(picture: &Picture) -> Option<Packed> {
    let mut numbers: HashMap<[u8; 3], u8> = HashMap::new();
    let mut palette = Vec::new();
    let mut indices = Vec::with_capacity(picture.data().len() / 3);
    let (pixels, _) = picture.data().as_chunks::<3>();
    let mut last: Option<([u8; 3], u8)> = None;
    for pixel in pixels {
        let number = match last {
            Some((colour, number)) if colour == *pixel => number,
            _ => match numbers.get(pixel) {
                Some(number) => *number,
                None => {
                    let number = u8::try_from(palette.len() / 3).ok()?;
                    palette.extend(pixel);
                    numbers.insert(*pixel, number);
                    number
                }
            },
        };
        last = Some((*pixel, number));
        indices.push(number);
    }
    let bits = match palette.len() / 3 {
        0..=2 => 1,
        3..=4 => 2,
        5..=16 => 4,
        _ => 8,
    };
    let data = deflate(&packed_rows(&indices, picture.width() as usize, bits));
    let bits = i32::try_from(bits).unwrap_or(8);
    Some(Packed { data, predicted: false, bits, channels: 1, palette: Some(palette) })
}

fn packed_rows(indices: &[u8], width: usize, bits: usize) -> Vec<u8> {
    if bits == 8 {
        return indices.to_vec();
    }
    let per_byte = 8 / bits;
    let mut packed = Vec::with_capacity(indices.len() / per_byte + 1);
    for row in indices.chunks(width) {
        for part in row.chunks(per_byte) {
            let byte = part
                .iter()
                .enumerate()
                .fold(0, |byte, (place, index)| byte | index << (8 - bits * (place + 1)));
            packed.push(byte);
        }
    }
    packed
}

/// Chooses for each row the predictor that leaves the smallest numbers.
fn predicted(data: &[u8], row: usize, channels: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(data.len() + data.len() / row.max(1));
    let mut above = vec![0; row];
    let mut tries = [vec![0; row], vec![0; row], vec![0; row], vec![0; row]];
    for line in data.chunks_exact(row.max(1)) {
        for place in 0..row {
            let left = if place >= channels { line[place - channels] } else { 0 };
            let corner = if place >= channels { above[place - channels] } else { 0 };
            tries[0][place] = line[place];
            tries[1][place] = line[place].wrapping_sub(left);
            tries[2][place] = line[place].wrapping_sub(above[place]);
            tries[3][place] = line[place].wrapping_sub(paeth(left, above[place], corner));
        }
        let best = (0..4).min_by_key(|it| weight(&tries[*it])).unwrap_or(0);
        out.push([0, 1, 2, 4][best]);
        out.extend_from_slice(&tries[best]);
        above.copy_from_slice(line);
    }
    out
}

fn weight(line: &[u8]) -> u64 {
    line.iter().map(|byte| u64::from(byte.cast_signed().unsigned_abs())).sum()
}

fn paeth(left: u8, above: u8, corner: u8) -> u8 {
    let (a, b, c) = (i16::from(left), i16::from(above), i16::from(corner));
    let guess = a + b - c;
    let (da, db, dc) = ((guess - a).abs(), (guess - b).abs(), (guess - c).abs());
    if da <= db && da <= dc {
        left
    } else if db <= dc {
        above
    } else {
        corner
    }
}
