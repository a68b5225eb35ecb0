//! Pictures: samples to JPEG, PNG, GIF or TIFF, with encoders that never saw
//! the file.
//!
//! | read | written |
//! |---|---|
//! | JPEG | JPEG, in about the quality it had |
//! | PNG, animated PNG | the same |
//! | GIF | GIF, all frames or the first |
//! | TIFF | TIFF, all pages |
//! | BMP, SVG, EMF, WMF | PNG |
//! | HEIC | JPEG, or PNG when parts are transparent |
//! | WebP | JPEG when lossy and opaque, else PNG; animated PNG |

mod gif;
mod jpeg;
mod palette;
mod png;
mod tiff;

use sanitizer_intermediate::image::{Density, Format, Frame, Frames, Picture, Samples, Source};
use sanitizer_intermediate::{ChangedKind, Findings, Place};

use super::{BuildError, Built};
use crate::Policy;
use crate::policy::{Animation, Images};

/// A coded picture, for a file of its own or for a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coded {
    /// The file.
    pub bytes: Vec<u8>,
    /// Its media type.
    pub media: &'static str,
    /// The extension, without the dot.
    pub extension: &'static str,
}

/// Writes an image file.
///
/// # Errors
/// [`BuildError`] when an encoder cannot write it.
pub fn build(part: &Frames, policy: &Policy) -> Result<Built, BuildError> {
    let mut findings = Findings::default();
    let timed = part.format != Format::Tiff && part.frames.len() > 1;
    let frames = if timed && policy.images.animation == Animation::First {
        findings.change(ChangedKind::FirstFrameOnly, 1, Place::Document);
        part.frames.get(..1).unwrap_or_default()
    } else {
        &part.frames
    };
    let first = frames.first().ok_or(BuildError::Invalid("no frame"))?;
    let coded = match part.format {
        Format::Gif => gif::encode(frames, part.repeats)?,
        Format::Tiff => tiff::encode(frames, part.density, &policy.images)?,
        Format::Png | Format::WebP if frames.len() > 1 => {
            png::encode_animation(frames, part.repeats)?
        }
        Format::Jpeg
        | Format::Png
        | Format::Bmp
        | Format::WebP
        | Format::Heic
        | Format::Svg
        | Format::Metafile => picture(&first.picture, part.density, &policy.images)?,
    };
    if changes_type(part.format, coded.extension) {
        findings.change(ChangedKind::TypeChanged, 1, Place::Document);
    }
    Ok(Built { bytes: coded.bytes, media: coded.media, extension: coded.extension, findings })
}

/// Writes one picture: as JPEG when it came with loss and is opaque, else as
/// PNG. Documents use this for the pictures in them.
///
/// # Errors
/// [`BuildError`] when an encoder cannot write it.
pub fn picture(
    picture: &Picture,
    density: Option<Density>,
    choices: &Images,
) -> Result<Coded, BuildError> {
    match (picture.source, picture.samples()) {
        (Source::Lossy { .. }, Samples::Gray | Samples::Rgb) => {
            jpeg::encode(picture, density, choices)
        }
        (Source::Lossy { .. }, Samples::Bilevel | Samples::Rgba) | (Source::Lossless, _) => {
            png::encode(picture, density)
        }
    }
}

fn changes_type(read: Format, written: &str) -> bool {
    let same = match read {
        Format::Jpeg => "jpg",
        Format::Png => "png",
        Format::Gif => "gif",
        Format::Tiff => "tif",
        Format::Bmp | Format::WebP | Format::Heic | Format::Svg | Format::Metafile => return true,
    };
    written != same
}

/// The frames of an animation must share one canvas.
fn same_size(frames: &[Frame]) -> Result<(u32, u32), BuildError> {
    let size = |frame: &Frame| (frame.picture.width(), frame.picture.height());
    let first = frames.first().map(size).ok_or(BuildError::Invalid("no frame"))?;
    if frames.iter().all(|frame| size(frame) == first) {
        Ok(first)
    } else {
        Err(BuildError::Invalid("frames differ in size"))
    }
}

/// The picture in four bytes a pixel.
fn as_rgba(picture: &Picture) -> Vec<u8> {
    let data = picture.data();
    match picture.samples() {
        Samples::Rgba => data.to_vec(),
        Samples::Rgb => {
            data.chunks_exact(3).flat_map(|pixel| [pixel[0], pixel[1], pixel[2], 255]).collect()
        }
        Samples::Gray => data.iter().flat_map(|gray| [*gray, *gray, *gray, 255]).collect(),
        Samples::Bilevel => (0..picture.height())
            .flat_map(|y| {
                let row = picture.row(y);
                (0..picture.width() as usize).flat_map(move |x| {
                    let gray = if row[x / 8] >> (7 - x % 8) & 1 == 1 { 255 } else { 0 };
                    [gray, gray, gray, 255]
                })
            })
            .collect(),
    }
}

fn fault(error: impl std::fmt::Display) -> BuildError {
    BuildError::Fault(error.to_string())
}
