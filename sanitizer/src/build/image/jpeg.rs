//! JPEG.

use jpeg_encoder::{ColorType, Encoder, PixelDensity, PixelDensityUnit, SamplingFactor};
use sanitizer_intermediate::image::{Density, Picture, Samples, Source};

use super::{Coded, fault};
use crate::build::BuildError;
use crate::policy::Images;

/// Lowest quality written: below, text in scans becomes hard to read again.
const LOWEST: u8 = 60;
/// Pixels beyond which the coder no longer holds all coefficients to find the
/// best code for them.
const LARGE: u32 = 16_000_000;

/// Writes a grey or RGB picture in about the quality it came in, so that it
/// neither grows nor loses what a reader would see.
pub(super) fn encode(
    picture: &Picture,
    density: Option<Density>,
    choices: &Images,
) -> Result<Coded, BuildError> {
    let bytes = stream(picture, density, choices)?;
    Ok(Coded { bytes, media: "image/jpeg", extension: "jpg" })
}

/// The JPEG stream alone.
pub(super) fn stream(
    picture: &Picture,
    density: Option<Density>,
    choices: &Images,
) -> Result<Vec<u8>, BuildError> {
    let too_wide = |_| BuildError::Invalid("a side beyond 65,535");
    let width = u16::try_from(picture.width()).map_err(too_wide)?;
    let height = u16::try_from(picture.height()).map_err(too_wide)?;
    let colour = match picture.samples() {
        Samples::Gray => ColorType::Luma,
        Samples::Rgb => ColorType::Rgb,
        Samples::Bilevel | Samples::Rgba => return Err(BuildError::Invalid("not for JPEG")),
    };
    let highest = choices.jpeg_quality.clamp(LOWEST, 100);
    let (quality, subsampled) = match picture.source {
        Source::Lossy { quality, subsampled } => (quality.clamp(LOWEST, highest), subsampled),
        Source::Lossless => (highest, false),
    };
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, quality);
    let pixels = u32::from(width) * u32::from(height);
    // The best code is found per colour, and then each colour is written on its
    // own. Some decoders mix that up when colours have fewer samples.
    encoder.set_optimized_huffman_tables(pixels <= LARGE && !subsampled);
    encoder.set_sampling_factor(if subsampled {
        SamplingFactor::R_4_2_0
    } else {
        SamplingFactor::R_4_4_4
    });
    if let Some(Density { x, y }) = density {
        encoder.set_density(PixelDensity { density: (x, y), unit: PixelDensityUnit::Inches });
    }
    encoder.encode(picture.data(), width, height, colour).map_err(fault)?;
    Ok(bytes)
}
