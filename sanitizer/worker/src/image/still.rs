//! Files with one picture.

use std::io::Cursor;

use image::codecs::bmp::BmpDecoder;
use image::codecs::gif::GifDecoder;
use image::codecs::jpeg::JpegDecoder;
use image::codecs::png::PngDecoder;
use image::codecs::webp::WebPDecoder;
use image::{DynamicImage, ImageDecoder};
use sanitizer_intermediate::image::{Format, MAX_SIDE, Picture, Source};
use sanitizer_intermediate::{ChangedKind, Findings, HoldReason, Limits, Place};

use super::{apart, colour, facts, picture};

/// Decodes the only or first picture.
pub(super) fn read(
    bytes: &[u8],
    format: Format,
    source: Source,
    limits: &Limits,
    findings: &mut Findings,
) -> Result<Picture, HoldReason> {
    let input = Cursor::new(bytes);
    match format {
        Format::Jpeg if facts::is_uncommon(bytes) => Err(HoldReason::Unsupported),
        Format::Jpeg if facts::has_scans_apart(bytes) => {
            let pixels = |_: JpegDecoder<_>| apart::decode(bytes, limits);
            decode_by(JpegDecoder::new(input), pixels, source, limits, findings)
        }
        Format::Jpeg => decode(JpegDecoder::new(input), source, limits, findings),
        Format::Png => {
            let decoder = PngDecoder::with_limits(input, decoder_limits(limits));
            decode(decoder, source, limits, findings)
        }
        Format::Gif => decode(GifDecoder::new(input), source, limits, findings),
        Format::Bmp => decode(BmpDecoder::new(input), source, limits, findings),
        Format::WebP => decode(WebPDecoder::new(input), source, limits, findings),
        Format::Tiff | Format::Heic | Format::Svg | Format::Metafile => {
            Err(HoldReason::Unsupported)
        }
    }
}

fn decode<D: ImageDecoder>(
    decoder: image::ImageResult<D>,
    source: Source,
    limits: &Limits,
    findings: &mut Findings,
) -> Result<Picture, HoldReason> {
    let pixels = |it: D| DynamicImage::from_decoder(it).map_err(|error| reason(&error));
    decode_by(decoder, pixels, source, limits, findings)
}

/// The decoder tells about the file; `pixels` is what decodes it.
fn decode_by<D: ImageDecoder>(
    decoder: image::ImageResult<D>,
    pixels: impl FnOnce(D) -> Result<DynamicImage, HoldReason>,
    source: Source,
    limits: &Limits,
    findings: &mut Findings,
) -> Result<Picture, HoldReason> {
    let mut decoder = decoder.map_err(|error| reason(&error))?;
    let (width, height) = decoder.dimensions();
    check_size(width, height, limits)?;
    decoder.set_limits(decoder_limits(limits)).map_err(|error| reason(&error))?;
    let orientation = decoder.orientation().unwrap_or(image::metadata::Orientation::NoTransforms);
    let profile = decoder.icc_profile().ok().flatten();

    let decoded = pixels(decoder)?;
    if (decoded.width(), decoded.height()) != (width, height) {
        return Err(HoldReason::Broken);
    }
    let mut decoded = picture::eight_bit(decoded, findings);
    if let Some(profile) = profile
        && colour::to_srgb(&mut decoded, &profile)
    {
        findings.change(ChangedKind::ColoursConverted, 1, Place::Document);
    }
    if orientation != image::metadata::Orientation::NoTransforms {
        decoded.apply_orientation(orientation);
        findings.change(ChangedKind::Oriented, 1, Place::Document);
    }
    picture::from_decoded(decoded, source)
}

/// Sizes are checked before anything is allocated.
pub(super) fn check_size(width: u32, height: u32, limits: &Limits) -> Result<(), HoldReason> {
    let pixels = u64::from(width) * u64::from(height);
    if width == 0 || height == 0 {
        Err(HoldReason::Broken)
    } else if width > MAX_SIDE || height > MAX_SIDE || pixels > limits.pixels {
        Err(HoldReason::TooLarge)
    } else {
        Ok(())
    }
}

/// What a decoder may allocate; none of them has a limit of its own.
pub(super) fn decoder_limits(limits: &Limits) -> image::Limits {
    let mut own = image::Limits::default();
    own.max_image_width = Some(MAX_SIDE);
    own.max_image_height = Some(MAX_SIDE);
    own.max_alloc = Some(limits.memory_bytes / 2);
    own
}

/// A decoder's error in our words.
pub(super) fn reason(error: &image::ImageError) -> HoldReason {
    match error {
        image::ImageError::Limits(_) => HoldReason::TooLarge,
        image::ImageError::Unsupported(_) => HoldReason::Unsupported,
        image::ImageError::Decoding(_)
        | image::ImageError::Encoding(_)
        | image::ImageError::Parameter(_)
        | image::ImageError::IoError(_) => HoldReason::Broken,
    }
}
