//! HEIC and HEIF: photos of phones, coded as HEVC. Decoded in safe Rust on one
//! thread, whole or in tiles; the decoder turns the picture as the file asks.

use heic_rs::context::Context;
use heic_rs::{DecodeOptions, Error, Image, Mirror, PixelLayout, Transform, transform};
use image::{DynamicImage, RgbaImage};
use sanitizer_intermediate::image::{Picture, Source};
use sanitizer_intermediate::{ChangedKind, Findings, HoldReason, Limits, Place, RemovedKind};

use super::{avif, colour, note, picture, still};

/// Such photos are about as good as a JPEG of this quality.
const QUALITY: u8 = 90;

/// Decodes the main picture.
pub(super) fn read(
    bytes: &[u8],
    limits: &Limits,
    findings: &mut Findings,
) -> Result<Picture, HoldReason> {
    if let Some(file) = avif::open(bytes) {
        return avif::read(&file, limits, findings);
    }
    let about = heic_rs::probe(bytes).map_err(|error| reason(&error))?;
    still::check_size(about.coded_width, about.coded_height, limits)?;
    still::check_size(about.width, about.height, limits)?;
    for (has, kind) in [
        (about.has_exif, RemovedKind::Exif),
        (about.has_xmp, RemovedKind::Xmp),
        (about.has_icc, RemovedKind::ColourProfile),
    ] {
        if has {
            note(findings, kind);
        }
    }
    let options = DecodeOptions::default()
        .with_layout(PixelLayout::Rgba8)
        .with_max_pixels(Some(limits.pixels))
        .with_transforms(false)
        .with_threads(Some(1));
    let decoded = heic_rs::decode(bytes, &options).map_err(|error| reason(&error))?;
    let turns = Context::open(bytes).and_then(|file| file.props(about.primary_item));
    let turns = turns.map(|it| it.transforms).unwrap_or_default();
    let decoded = upright(decoded, &turns)?;
    let upright = RgbaImage::from_raw(decoded.width, decoded.height, decoded.data);
    let mut upright = DynamicImage::ImageRgba8(upright.ok_or(HoldReason::Broken)?);
    if about.has_icc
        && let Ok(file) = Context::open(bytes)
        && let Ok(properties) = file.props(about.primary_item)
        && let Some(profile) = file.icc(&properties)
        && colour::to_srgb(&mut upright, profile)
    {
        findings.change(ChangedKind::ColoursConverted, 1, Place::Document);
    }
    if about.bit_depth > 8 {
        findings.change(ChangedKind::DepthReduced, 1, Place::Document);
    }
    picture::from_decoded(upright, Source::Lossy { quality: QUALITY, subsampled: true })
}

/// Crops, turns and mirrors. The library takes the axis of a mirror for its
/// name, where the standard and all other readers mean the direction: 0
/// exchanges top and bottom.
pub(super) fn upright(picture: Image, turns: &[Transform]) -> Result<Image, HoldReason> {
    let meant = |it: &Transform| match it {
        Transform::Mirror(Mirror::LeftRight) => Transform::Mirror(Mirror::TopBottom),
        Transform::Mirror(Mirror::TopBottom) => Transform::Mirror(Mirror::LeftRight),
        other => *other,
    };
    let turns: Vec<Transform> = turns.iter().map(meant).collect();
    transform::apply_all(picture, &turns).map_err(|_| HoldReason::Broken)
}

/// A decoder's error in our words. Files with other codecs, AV1 among them,
/// are of a kind that is not rebuilt.
const fn reason(error: &Error) -> HoldReason {
    match error {
        Error::Unsupported(_) => HoldReason::Unsupported,
        Error::PixelLimit { .. } => HoldReason::TooLarge,
        _ => HoldReason::Broken,
    }
}
