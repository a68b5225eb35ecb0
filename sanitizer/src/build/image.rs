//! Pictures: samples to JPEG, PNG, GIF or TIFF, with encoders that never saw
//! the file.
//!
//! | read | written |
//! |---|---|
//! | JPEG | JPEG, in about the quality it had |
//! | PNG, animated PNG | the same |
//! | GIF | GIF, all frames or the first |
//! | TIFF | TIFF, all pages |
//! | BMP | PNG |
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
        Format::Jpeg | Format::Png | Format::Bmp | Format::WebP => {
            picture(&first.picture, part.density, &policy.images)?
        }
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
        Format::Bmp | Format::WebP => return true,
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

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(samples: Samples, source: Source, data: Vec<u8>) -> Frame {
        let picture = Picture::new(16, 16, samples, data, source).expect("sizes fit");
        Frame { picture, delay_ms: 100 }
    }

    fn gradient(shift: u8) -> Vec<u8> {
        (0..=255_u8).flat_map(|i| [i, i.wrapping_add(shift), 255 - i]).collect()
    }

    fn file(format: Format, frames: Vec<Frame>) -> Frames {
        let density = Some(Density { x: 300, y: 200 });
        Frames { format, frames, repeats: 0, density }
    }

    fn built(part: &Frames) -> Built {
        build(part, &Policy::default()).expect("a picture")
    }

    fn pixels(bytes: &[u8]) -> Vec<u8> {
        ::image::load_from_memory(bytes).expect("readable").into_rgb8().into_raw()
    }

    /// NF-32: what was read without loss is written without loss.
    #[test]
    fn lossless_pictures_keep_every_pixel() {
        let data = gradient(7);
        for format in [Format::Png, Format::Bmp, Format::Tiff, Format::WebP, Format::Gif] {
            let part = file(format, vec![frame(Samples::Rgb, Source::Lossless, data.clone())]);
            assert_eq!(pixels(&built(&part).bytes), data, "{format:?}");
        }
    }

    #[test]
    fn lossy_pictures_become_jpeg_that_looks_the_same() {
        let source = Source::Lossy { quality: 90, subsampled: false };
        let data = gradient(7);
        for format in [Format::Jpeg, Format::WebP] {
            let made = built(&file(format, vec![frame(Samples::Rgb, source, data.clone())]));
            assert_eq!(made.extension, "jpg");
            let off = pixels(&made.bytes).iter().zip(&data).map(|(a, b)| a.abs_diff(*b)).max();
            assert!(off < Some(48), "{off:?}");
        }
    }

    #[test]
    fn few_colours_are_written_in_few_bits() {
        let data: Vec<u8> = (0..256).flat_map(|i| [[255; 3], [0, 0, 255]][i % 2]).collect();
        let two =
            built(&file(Format::Png, vec![frame(Samples::Rgb, Source::Lossless, data.clone())]));
        assert_eq!(pixels(&two.bytes), data);
        assert_eq!(two.bytes[24], 1, "bit depth");
        assert_eq!(two.bytes[25], 3, "palette");
    }

    #[test]
    fn bilevel_pages_stay_bilevel() {
        let bits: Vec<u8> = (0..32).map(|i| if i % 3 == 0 { 0xf0 } else { 0x0f }).collect();
        let page = frame(Samples::Bilevel, Source::Lossless, bits);
        let expected = as_rgba(&page.picture);
        for format in [Format::Tiff, Format::Png] {
            let made = built(&file(format, vec![page.clone()]));
            let read = ::image::load_from_memory(&made.bytes).expect("readable").into_rgba8();
            assert_eq!(read.into_raw(), expected, "{format:?}");
        }
    }

    #[test]
    fn pages_of_a_tiff_are_all_written() {
        let lossy = Source::Lossy { quality: 80, subsampled: true };
        let pages = vec![
            frame(Samples::Rgb, Source::Lossless, gradient(1)),
            frame(Samples::Rgb, lossy, gradient(2)),
            frame(Samples::Gray, Source::Lossless, (0..=255).collect()),
            frame(Samples::Rgba, Source::Lossless, (0..=255).flat_map(|i| [i, 0, 0, i]).collect()),
        ];
        let made = built(&file(Format::Tiff, pages));
        let directories =
            made.bytes.windows(4).filter(|it| *it == [0x00, 0x01, 0x04, 0x00]).count();
        assert_eq!(directories, 4, "width tags");
    }

    /// The frames of an animation come back in number, time and colour.
    #[test]
    fn animations_keep_their_frames() {
        use ::image::AnimationDecoder;
        let frames: Vec<Frame> =
            (0..3).map(|i| frame(Samples::Rgb, Source::Lossless, gradient(i * 40))).collect();
        let expected: Vec<Vec<u8>> = frames.iter().map(|it| as_rgba(&it.picture)).collect();
        let gif = built(&file(Format::Gif, frames.clone()));
        let decoder = ::image::codecs::gif::GifDecoder::new(std::io::Cursor::new(&gif.bytes));
        let read = decoder.expect("a GIF").into_frames().collect_frames().expect("frames");
        assert!(read.iter().all(|it| it.delay().numer_denom_ms() == (100, 1)));
        let read: Vec<Vec<u8>> = read.into_iter().map(|it| it.into_buffer().into_raw()).collect();
        assert_eq!(read, expected);

        let png = built(&file(Format::WebP, frames));
        let decoder = ::image::codecs::png::PngDecoder::new(std::io::Cursor::new(&png.bytes));
        let decoder = decoder.and_then(::image::codecs::png::PngDecoder::apng).expect("an APNG");
        let read = decoder.into_frames().collect_frames().expect("frames");
        let read: Vec<Vec<u8>> = read.into_iter().map(|it| it.into_buffer().into_raw()).collect();
        assert_eq!(read, expected);
    }

    #[test]
    fn transparent_animations_do_not_smear() {
        use ::image::AnimationDecoder;
        let spot = |at: usize| {
            let mut data = vec![0; 1024];
            data[at * 4..at * 4 + 4].copy_from_slice(&[255, 0, 0, 255]);
            frame(Samples::Rgba, Source::Lossless, data)
        };
        let part = file(Format::Gif, vec![spot(0), spot(100), spot(200)]);
        let gif = built(&part);
        let decoder = ::image::codecs::gif::GifDecoder::new(std::io::Cursor::new(&gif.bytes));
        let read = decoder.expect("a GIF").into_frames().collect_frames().expect("frames");
        let opaque = |it: &::image::Frame| it.buffer().pixels().filter(|p| p.0[3] == 255).count();
        assert_eq!(read.iter().map(opaque).collect::<Vec<_>>(), [1, 1, 1]);
    }

    #[test]
    fn the_policy_may_keep_the_first_frame_only() {
        let frames = vec![
            frame(Samples::Rgb, Source::Lossless, gradient(1)),
            frame(Samples::Rgb, Source::Lossless, gradient(90)),
        ];
        let mut policy = Policy::default();
        policy.images.animation = Animation::First;
        let made = build(&file(Format::Gif, frames), &policy).expect("a GIF");
        assert_eq!(pixels(&made.bytes), gradient(1));
        assert_eq!(made.findings.changed().len(), 1);
    }

    /// NF-32: frames that contradict each other are the worker's lie.
    #[test]
    fn frames_of_different_sizes_are_refused() {
        let odd = Picture::new(8, 8, Samples::Gray, vec![0; 64], Source::Lossless).expect("fits");
        let frames = vec![
            frame(Samples::Rgb, Source::Lossless, gradient(1)),
            Frame { picture: odd, delay_ms: 0 },
        ];
        let refused = build(&file(Format::Gif, frames), &Policy::default());
        assert!(matches!(refused, Err(BuildError::Invalid(_))));
    }
}
