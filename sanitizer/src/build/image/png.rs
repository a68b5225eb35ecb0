//! PNG, in the smallest form that holds every pixel.

use std::io::Write as _;

use png::{
    BitDepth, ColorType, Compression, DeflateCompression, Encoder, Filter, PixelDimensions, Unit,
};
use sanitizer_intermediate::image::{Density, Frame, Picture, Samples};

use super::palette::{self, Indexed};
use super::{Coded, as_rgba, fault, same_size};
use crate::build::BuildError;

/// Pixels beyond which speed and memory go before size.
const LARGE: u64 = 4_000_000;
/// Bytes of a chunk of a large picture.
const CHUNK: usize = 256 * 1024;

/// Writes one picture.
pub(super) fn encode(picture: &Picture, density: Option<Density>) -> Result<Coded, BuildError> {
    let form = Form::of(picture);
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, picture.width(), picture.height());
    encoder.set_color(form.colour);
    encoder.set_depth(form.depth);
    // Neighbouring indices and bits say nothing about each other.
    let plain = form.colour == ColorType::Indexed || form.depth != BitDepth::Eight;
    let pixels = u64::from(picture.width()) * u64::from(picture.height());
    if plain {
        encoder.set_deflate_compression(DeflateCompression::Level(6));
        encoder.set_filter(Filter::NoFilter);
    } else if pixels > LARGE {
        encoder.set_compression(Compression::Fast);
    } else {
        encoder.set_compression(Compression::Balanced);
        encoder.set_filter(Filter::Adaptive);
    }
    if let Some(colours) = &form.palette {
        encoder
            .set_palette(colours.iter().flat_map(|it| [it[0], it[1], it[2]]).collect::<Vec<_>>());
        let alphas: Vec<u8> = colours.iter().map(|it| it[3]).collect();
        if alphas.iter().any(|alpha| *alpha != 255) {
            encoder.set_trns(alphas);
        }
    }
    encoder.set_pixel_dims(density.map(per_metre));
    let mut writer = encoder.write_header().map_err(fault)?;
    let samples = form.rows.as_deref().unwrap_or(picture.data());
    if pixels > LARGE {
        // Chunk by chunk: the coder then holds no copy of the picture.
        let mut stream = writer.stream_writer_with_size(CHUNK).map_err(fault)?;
        stream.write_all(samples).map_err(fault)?;
        stream.finish().map_err(fault)?;
    } else {
        writer.write_image_data(samples).map_err(fault)?;
    }
    writer.finish().map_err(fault)?;
    Ok(Coded { bytes, media: "image/png", extension: "png" })
}

/// Writes an animated PNG; readers that know no animation show the first frame.
pub(super) fn encode_animation(frames: &[Frame], repeats: u16) -> Result<Coded, BuildError> {
    let (width, height) = same_size(frames)?;
    let count = u32::try_from(frames.len()).map_err(|_| BuildError::TooLarge)?;
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, width, height);
    encoder.set_color(ColorType::Rgba);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_compression(Compression::Fast);
    encoder.set_animated(count, u32::from(repeats)).map_err(fault)?;
    let mut writer = encoder.write_header().map_err(fault)?;
    let mut before: Option<Vec<u8>> = None;
    for frame in frames {
        let now = as_rgba(&frame.picture);
        let (area, pixels) = match &before {
            Some(before) => changed(before, &now, width, height),
            None => ([0, 0, width, height], now.clone()),
        };
        let [left, top, wide, high] = area;
        // Back to the corner first: size and place must fit at every step.
        writer.set_frame_position(0, 0).map_err(fault)?;
        writer.set_frame_dimension(wide, high).map_err(fault)?;
        writer.set_frame_position(left, top).map_err(fault)?;
        let delay = u16::try_from(frame.delay_ms).unwrap_or(u16::MAX);
        writer.set_frame_delay(delay, 1000).map_err(fault)?;
        writer.write_image_data(&pixels).map_err(fault)?;
        before = Some(now);
    }
    writer.finish().map_err(fault)?;
    Ok(Coded { bytes, media: "image/png", extension: "png" })
}

/// The smallest area that changed: left, top, width, height and its pixels.
fn changed(before: &[u8], now: &[u8], width: u32, height: u32) -> ([u32; 4], Vec<u8>) {
    let row_bytes = width as usize * 4;
    let (mut left, mut right, mut top, mut bottom) = (width, 0, height, 0);
    let rows = before.chunks_exact(row_bytes).zip(now.chunks_exact(row_bytes));
    for (y, (before, now)) in (0..height).zip(rows) {
        let pixels = before.chunks_exact(4).zip(now.chunks_exact(4));
        for (x, _) in (0..width).zip(pixels).filter(|(_, (before, now))| before != now) {
            (left, right) = (left.min(x), right.max(x));
            (top, bottom) = (top.min(y), bottom.max(y));
        }
    }
    if left > right {
        (left, right, top, bottom) = (0, 0, 0, 0);
    }
    let (from, to) = (left as usize * 4, (right as usize + 1) * 4);
    let lines = now.chunks_exact(row_bytes).skip(top as usize).take((bottom - top + 1) as usize);
    let pixels = lines.flat_map(|line| line[from..to].iter().copied()).collect();
    ([left, top, right - left + 1, bottom - top + 1], pixels)
}

/// How the samples are stored; `rows` is absent when they stay as they are.
struct Form {
    colour: ColorType,
    depth: BitDepth,
    palette: Option<Vec<[u8; 4]>>,
    rows: Option<Vec<u8>>,
}

impl Form {
    fn of(picture: &Picture) -> Self {
        let plain = |colour, depth| Self { colour, depth, palette: None, rows: None };
        let data = picture.data();
        let indexed = match picture.samples() {
            Samples::Bilevel => return plain(ColorType::Grayscale, BitDepth::One),
            Samples::Gray => {
                if data.iter().all(|it| matches!(it, 0 | 255)) {
                    let bits = data.iter().map(|it| it & 1).collect();
                    return Self::packed(picture, bits, ColorType::Grayscale, None, BitDepth::One);
                }
                return plain(ColorType::Grayscale, BitDepth::Eight);
            }
            Samples::Rgb => {
                palette::index(data.chunks_exact(3).map(|it| [it[0], it[1], it[2], 255]))
            }
            Samples::Rgba => {
                palette::index(data.chunks_exact(4).map(|it| [it[0], it[1], it[2], it[3]]))
            }
        };
        match indexed {
            Some(indexed) => Self::indexed(picture, indexed),
            None if picture.samples() == Samples::Rgba => plain(ColorType::Rgba, BitDepth::Eight),
            None => match gray(data) {
                Some(rows) => {
                    Self { rows: Some(rows), ..plain(ColorType::Grayscale, BitDepth::Eight) }
                }
                None => plain(ColorType::Rgb, BitDepth::Eight),
            },
        }
    }

    fn indexed(picture: &Picture, Indexed { indices, colours }: Indexed) -> Self {
        let depth = match colours.len() {
            0..=2 => BitDepth::One,
            3..=4 => BitDepth::Two,
            5..=16 => BitDepth::Four,
            _ => BitDepth::Eight,
        };
        Self::packed(picture, indices, ColorType::Indexed, Some(colours), depth)
    }

    /// Packs one byte a pixel into `depth` bits, each row to whole bytes.
    fn packed(
        picture: &Picture,
        indices: Vec<u8>,
        colour: ColorType,
        palette: Option<Vec<[u8; 4]>>,
        depth: BitDepth,
    ) -> Self {
        let bits = depth as usize;
        if bits == 8 {
            return Self { colour, depth, palette, rows: Some(indices) };
        }
        let per_byte = 8 / bits;
        let rows = indices
            .chunks_exact(picture.width() as usize)
            .flat_map(|row| row.chunks(per_byte))
            .map(|pixels| {
                let packed = pixels.iter().fold(0_u8, |byte, index| byte << bits | index);
                packed << (bits * (per_byte - pixels.len()))
            })
            .collect();
        Self { colour, depth, palette, rows: Some(rows) }
    }
}

/// One byte a pixel when no pixel has a colour.
fn gray(rgb: &[u8]) -> Option<Vec<u8>> {
    let gray = |it: &[u8]| it[0] == it[1] && it[1] == it[2];
    rgb.chunks_exact(3).all(gray).then(|| rgb.chunks_exact(3).map(|it| it[0]).collect())
}

fn per_metre(density: Density) -> PixelDimensions {
    let convert = |per_inch: u16| (u32::from(per_inch) * 10_000).div_ceil(254);
    PixelDimensions { xppu: convert(density.x), yppu: convert(density.y), unit: Unit::Meter }
}
