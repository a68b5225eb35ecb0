//! From a page's samples to pixels.

use image::{DynamicImage, GrayImage, RgbImage, RgbaImage};
use sanitizer_intermediate::image::{Picture, Samples, Source};
use sanitizer_intermediate::{ChangedKind, Findings, HoldReason, Place};
use tiff::ColorType;
use tiff::decoder::DecodingResult;

use super::directory::Directory;
use crate::image::picture;

/// A page as the decoder gives it.
pub(super) struct Raw<'a> {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) colour: ColorType,
    pub(super) planes: usize,
    pub(super) data: DecodingResult,
    pub(super) directory: &'a Directory,
}

/// A page in eight bits, or in one.
pub(super) enum Decoded {
    /// Black and white and upright: kept as bits, an eighth of the size.
    Bilevel(Picture),
    /// Everything else.
    Colour(DynamicImage),
}

impl Decoded {
    /// The picture in its final form.
    pub(super) fn into_picture(self) -> Result<Picture, HoldReason> {
        match self {
            Self::Bilevel(picture) => Ok(picture),
            Self::Colour(decoded) => picture::from_decoded(decoded, Source::Lossless),
        }
    }
}

/// Gives samples their meaning.
pub(super) fn decode(
    raw: Raw<'_>,
    findings: &mut Findings,
    place: Place,
) -> Result<Decoded, HoldReason> {
    let Raw { width, height, colour, planes, data, directory } = raw;
    let channels = usize::from(channels(colour).ok_or(HoldReason::Unsupported)?);
    if let ColorType::Gray(bits @ 1..8) = colour {
        let DecodingResult::U8(data) = data else {
            return Err(HoldReason::Unsupported);
        };
        return packed(width, height, bits, data, directory);
    }
    let (mut samples, reduced) = eight_bit(data).ok_or(HoldReason::Unsupported)?;
    if reduced {
        findings.change(ChangedKind::DepthReduced, 1, place);
    }
    let pixels = width as usize * height as usize;
    if samples.len() < pixels * channels {
        return Err(HoldReason::Broken);
    }
    if planes > 1 {
        samples = interleave(&samples, pixels, channels);
    }
    samples.truncate(pixels * channels);
    if let Some(palette) = &directory.palette {
        return colour_of(width, height, look_up(&samples, palette));
    }
    if matches!(colour, ColorType::CMYK(_) | ColorType::CMYKA(_) | ColorType::YCbCr(_)) {
        findings.change(ChangedKind::ColoursConverted, 1, place);
    }
    let image = match colour {
        ColorType::Gray(_) => GrayImage::from_raw(width, height, samples).map(Into::into),
        ColorType::GrayA(_) => {
            rgba(width, height, &samples, directory, |p| [p[0], p[0], p[0], p[1]])
        }
        ColorType::RGB(_) => RgbImage::from_raw(width, height, samples).map(Into::into),
        ColorType::RGBA(_) => {
            rgba(width, height, &samples, directory, |p| [p[0], p[1], p[2], p[3]])
        }
        ColorType::CMYK(_) | ColorType::CMYKA(_) => rgb(width, height, &samples, channels, cmyk),
        ColorType::YCbCr(_) => rgb(width, height, &samples, channels, ycbcr),
        ColorType::Multiband { .. } => rgb(width, height, &samples, channels, |p| [p[0]; 3]),
        _ => None,
    };
    image.map(Decoded::Colour).ok_or(HoldReason::Unsupported)
}

const fn channels(colour: ColorType) -> Option<u16> {
    match colour {
        ColorType::Gray(_) => Some(1),
        ColorType::GrayA(_) => Some(2),
        ColorType::RGB(_) | ColorType::YCbCr(_) => Some(3),
        ColorType::RGBA(_) | ColorType::CMYK(_) => Some(4),
        ColorType::CMYKA(_) => Some(5),
        ColorType::Multiband { num_samples, .. } => Some(num_samples),
        _ => None,
    }
}

/// Rows of 1, 2 or 4 bits a sample.
fn packed(
    width: u32,
    height: u32,
    bits: u8,
    data: Vec<u8>,
    directory: &Directory,
) -> Result<Decoded, HoldReason> {
    if bits == 1 && directory.palette.is_none() && directory.orientation.is_none() {
        let picture = Picture::new(width, height, Samples::Bilevel, data, Source::Lossless);
        return picture.map(Decoded::Bilevel).map_err(|_| HoldReason::Broken);
    }
    if !matches!(bits, 1 | 2 | 4) {
        return Err(HoldReason::Unsupported);
    }
    let per_byte = usize::from(8 / bits);
    let mask = (1_u8 << bits) - 1;
    let row_bytes = (width as usize).div_ceil(per_byte);
    let indices: Vec<u8> = data
        .chunks_exact(row_bytes.max(1))
        .take(height as usize)
        .flat_map(|row| {
            (0..width as usize).map(move |x| {
                let shift = 8 - usize::from(bits) * (x % per_byte + 1);
                row[x / per_byte] >> shift & mask
            })
        })
        .collect();
    if let Some(palette) = &directory.palette {
        return colour_of(width, height, look_up(&indices, palette));
    }
    let step = 255 / mask;
    let gray = indices.into_iter().map(|index| index * step).collect();
    let image = GrayImage::from_raw(width, height, gray).ok_or(HoldReason::Broken)?;
    Ok(Decoded::Colour(image.into()))
}

fn look_up(indices: &[u8], palette: &[[u8; 3]]) -> Vec<u8> {
    let colour = |index: &u8| palette.get(usize::from(*index)).copied().unwrap_or_default();
    indices.iter().flat_map(colour).collect()
}

fn colour_of(width: u32, height: u32, rgb: Vec<u8>) -> Result<Decoded, HoldReason> {
    let image = RgbImage::from_raw(width, height, rgb).ok_or(HoldReason::Broken)?;
    Ok(Decoded::Colour(image.into()))
}

/// Eight bits of each sample, and whether there were more.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "floats are clamped to 0..=255 first"
)]
fn eight_bit(data: DecodingResult) -> Option<(Vec<u8>, bool)> {
    match data {
        DecodingResult::U8(samples) => Some((samples, false)),
        DecodingResult::U16(samples) => {
            Some((samples.into_iter().map(|it| (it >> 8) as u8).collect(), true))
        }
        DecodingResult::U32(samples) => {
            Some((samples.into_iter().map(|it| (it >> 24) as u8).collect(), true))
        }
        DecodingResult::F32(samples) => {
            let byte = |it: f32| (it.clamp(0.0, 1.0) * 255.0).round() as u8;
            Some((samples.into_iter().map(byte).collect(), true))
        }
        DecodingResult::F16(samples) => {
            let byte = |it: f32| (it.clamp(0.0, 1.0) * 255.0).round() as u8;
            Some((samples.into_iter().map(|it| byte(it.to_f32())).collect(), true))
        }
        DecodingResult::U64(_)
        | DecodingResult::F64(_)
        | DecodingResult::I8(_)
        | DecodingResult::I16(_)
        | DecodingResult::I32(_)
        | DecodingResult::I64(_) => None,
    }
}

fn interleave(planes: &[u8], pixels: usize, channels: usize) -> Vec<u8> {
    let sample = |index: usize| planes[index % channels * pixels + index / channels];
    (0..pixels * channels).map(sample).collect()
}

fn rgb(
    width: u32,
    height: u32,
    samples: &[u8],
    channels: usize,
    convert: impl Fn(&[u8]) -> [u8; 3],
) -> Option<DynamicImage> {
    let data = samples.chunks_exact(channels).flat_map(convert).collect();
    RgbImage::from_raw(width, height, data).map(Into::into)
}

fn rgba(
    width: u32,
    height: u32,
    samples: &[u8],
    directory: &Directory,
    convert: impl Fn(&[u8]) -> [u8; 4],
) -> Option<DynamicImage> {
    let channels = samples.len() / (width as usize * height as usize).max(1);
    let pixels = samples.chunks_exact(channels.max(1)).map(convert);
    let data = match directory.extra_sample {
        Some(0) => pixels.flat_map(|[r, g, b, _]| [r, g, b, 255]).collect(),
        Some(1) => pixels.flat_map(divided_by_alpha).collect(),
        _ => pixels.flatten().collect(),
    };
    RgbaImage::from_raw(width, height, data).map(Into::into)
}

fn divided_by_alpha([r, g, b, alpha]: [u8; 4]) -> [u8; 4] {
    let divide = |it: u8| match u16::from(it) * 255 / u16::from(alpha.max(1)) {
        colour @ 0..=255 => colour.to_le_bytes()[0],
        _ => 255,
    };
    [divide(r), divide(g), divide(b), alpha]
}

fn cmyk(ink: &[u8]) -> [u8; 3] {
    let light = |colour: u8| {
        let product = u16::from(255 - colour) * u16::from(255 - ink[3]);
        ((product + 127) / 255).to_le_bytes()[0]
    };
    [light(ink[0]), light(ink[1]), light(ink[2])]
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to 0..=255 first"
)]
fn ycbcr(sample: &[u8]) -> [u8; 3] {
    let (y, cb, cr) =
        (f32::from(sample[0]), f32::from(sample[1]) - 128.0, f32::from(sample[2]) - 128.0);
    let byte = |it: f32| it.round().clamp(0.0, 255.0) as u8;
    [byte(1.402 * cr + y), byte(y - 0.344_136 * cb - 0.714_136 * cr), byte(1.772 * cb + y)]
}
