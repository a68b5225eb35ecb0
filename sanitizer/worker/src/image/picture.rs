//! From decoded pixels to our own: eight bits, no alpha nobody needs.

use image::DynamicImage;
use sanitizer_intermediate::image::{Picture, Samples, Source};
use sanitizer_intermediate::{ChangedKind, Findings, HoldReason, Place};

/// Reduces every sample to eight bits.
pub(super) fn eight_bit(decoded: DynamicImage, findings: &mut Findings) -> DynamicImage {
    let reduced = match decoded {
        DynamicImage::ImageLuma8(_)
        | DynamicImage::ImageLumaA8(_)
        | DynamicImage::ImageRgb8(_)
        | DynamicImage::ImageRgba8(_) => return decoded,
        DynamicImage::ImageLuma16(_) => DynamicImage::ImageLuma8(decoded.into_luma8()),
        DynamicImage::ImageRgb16(_) | DynamicImage::ImageRgb32F(_) => {
            DynamicImage::ImageRgb8(decoded.into_rgb8())
        }
        _ => DynamicImage::ImageRgba8(decoded.into_rgba8()),
    };
    findings.change(ChangedKind::DepthReduced, 1, Place::Document);
    reduced
}

/// Takes the samples over.
pub(super) fn from_decoded(decoded: DynamicImage, source: Source) -> Result<Picture, HoldReason> {
    let (width, height) = (decoded.width(), decoded.height());
    let (samples, data) = match decoded {
        DynamicImage::ImageLuma8(it) => (Samples::Gray, it.into_raw()),
        DynamicImage::ImageRgb8(it) => (Samples::Rgb, it.into_raw()),
        DynamicImage::ImageRgba8(it) => without_idle_alpha(it.into_raw()),
        other => without_idle_alpha(other.into_rgba8().into_raw()),
    };
    Picture::new(width, height, samples, data, source).map_err(|_| HoldReason::TooLarge)
}

/// Drops an alpha channel that is opaque everywhere, in place.
pub(crate) fn without_idle_alpha(mut rgba: Vec<u8>) -> (Samples, Vec<u8>) {
    if rgba.chunks_exact(4).any(|pixel| pixel[3] != 255) {
        return (Samples::Rgba, rgba);
    }
    let pixels = rgba.len() / 4;
    for pixel in 0..pixels {
        rgba.copy_within(pixel * 4..pixel * 4 + 3, pixel * 3);
    }
    rgba.truncate(pixels * 3);
    (Samples::Rgb, rgba)
}
