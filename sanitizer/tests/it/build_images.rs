//! What the picture builders write, read back with other code.

use sanitizer::Policy;
use sanitizer::build::{BuildError, Built, build};
use sanitizer::policy::Animation;
use sanitizer_intermediate::Document;
use sanitizer_intermediate::image::{Density, Format, Frame, Frames, Picture, Samples, Source};

use crate::pictures::{SIDE, bits, colours, furthest, gradient, seen};

const LOSSY: Source = Source::Lossy { quality: 90, subsampled: false };

fn frame(samples: Samples, source: Source, data: Vec<u8>) -> Frame {
    let side = u32::from(SIDE);
    let picture = Picture::new(side, side, samples, data, source).expect("sizes fit");
    Frame { picture, delay_ms: 100 }
}

fn rgb(shift: u8) -> Frame {
    frame(Samples::Rgb, Source::Lossless, gradient(shift))
}

fn file(format: Format, frames: Vec<Frame>) -> Document {
    let density = Some(Density { x: 300, y: 200 });
    Document::Image(Frames { format, frames, repeats: 0, density })
}

#[track_caller]
fn built(document: &Document) -> Built {
    build(document, &Policy::default()).expect("a picture")
}

fn opaque(rgb: &[u8]) -> Vec<u8> {
    rgb.chunks_exact(3).flat_map(|it| [it[0], it[1], it[2], 255]).collect()
}

/// NF-32: what was read without loss is written without loss.
#[test]
fn lossless_pictures_keep_every_pixel() {
    for format in [Format::Png, Format::Bmp, Format::Tiff, Format::WebP, Format::Gif] {
        let made = built(&file(format, vec![rgb(7)]));
        assert_eq!(colours(&made.bytes), gradient(7), "{format:?}");
    }
}

#[test]
fn lossy_pictures_become_jpeg_that_looks_the_same() {
    for format in [Format::Jpeg, Format::WebP] {
        let made = built(&file(format, vec![frame(Samples::Rgb, LOSSY, gradient(7))]));
        assert_eq!(made.extension, "jpg");
        let off = furthest(&colours(&made.bytes), &gradient(7));
        assert!(off < 48, "{off}");
    }
}

#[test]
fn lossy_pictures_with_transparency_become_png() {
    let data: Vec<u8> = (0..=255).flat_map(|i| [i, 0, 0, i]).collect();
    let made = built(&file(Format::WebP, vec![frame(Samples::Rgba, LOSSY, data.clone())]));
    assert_eq!(made.extension, "png");
    assert_eq!(seen(&made.bytes)[0].rgba, data);
}

#[test]
fn few_colours_are_written_in_few_bits() {
    let data: Vec<u8> = (0..256).flat_map(|i| [[255; 3], [0, 0, 255]][i % 2]).collect();
    let two = frame(Samples::Rgb, Source::Lossless, data.clone());
    let made = built(&file(Format::Png, vec![two]));
    assert_eq!(colours(&made.bytes), data);
    assert_eq!(made.bytes[24], 1, "bit depth");
    assert_eq!(made.bytes[25], 3, "palette");
}

#[test]
fn bilevel_pages_stay_bilevel() {
    let data: Vec<u8> = (0..32).map(|i| if i % 3 == 0 { 0xf0 } else { 0x0f }).collect();
    for format in [Format::Tiff, Format::Png] {
        let page = frame(Samples::Bilevel, Source::Lossless, data.clone());
        let made = built(&file(format, vec![page]));
        assert_eq!(seen(&made.bytes)[0].rgba, bits(&data, 16), "{format:?}");
    }
}

/// A page of text is mostly white and becomes a fax page; noise does not.
#[test]
fn fax_pages_keep_every_pixel() {
    let (width, height) = (203, 97);
    let row_bytes = 203_usize.div_ceil(8);
    let mut state = 1_u32;
    let mut random = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    };
    for noise in [0, 4, 40, 255] {
        let mut data: Vec<u8> =
            (0..row_bytes * 97).map(|_| if random() < noise { random() } else { 0xff }).collect();
        // Bits beyond the width do not belong to the picture.
        data.iter_mut().skip(row_bytes - 1).step_by(row_bytes).for_each(|last| *last &= 0xe0);
        let picture = Picture::new(width, height, Samples::Bilevel, data.clone(), Source::Lossless);
        let page = Frame { picture: picture.expect("sizes fit"), delay_ms: 0 };
        let made = built(&file(Format::Tiff, vec![page]));
        assert_eq!(seen(&made.bytes)[0].rgba, bits(&data, 203), "noise {noise}");
    }
}

#[test]
fn pages_of_a_tiff_are_all_written() {
    let gray: Vec<u8> = (0..=255).collect();
    let clear: Vec<u8> = (0..=255).flat_map(|i| [i, 0, 0, i]).collect();
    let pages = vec![
        rgb(1),
        frame(Samples::Gray, LOSSY, gray.clone()),
        frame(Samples::Gray, Source::Lossless, gray.clone()),
        frame(Samples::Rgba, Source::Lossless, clear.clone()),
    ];
    let read = seen(&built(&file(Format::Tiff, pages)).bytes);
    assert_eq!(read.len(), 4);
    assert_eq!(read[0].rgba, opaque(&gradient(1)));
    let gray: Vec<u8> = gray.iter().flat_map(|it| [*it, *it, *it, 255]).collect();
    assert!(furthest(&read[1].rgba, &gray) < 16);
    assert_eq!(read[2].rgba, gray);
    assert_eq!(read[3].rgba, clear);
}

#[test]
fn animations_keep_their_frames() {
    let expected: Vec<Vec<u8>> = (0..3).map(|i| opaque(&gradient(i * 40))).collect();
    for (format, extension) in [(Format::Gif, "gif"), (Format::Png, "png"), (Format::WebP, "png")] {
        let made = built(&file(format, (0..3).map(|i| rgb(i * 40)).collect()));
        assert_eq!(made.extension, extension);
        let read: Vec<Vec<u8>> = seen(&made.bytes).into_iter().map(|it| it.rgba).collect();
        assert_eq!(read, expected, "{format:?}");
    }
}

#[test]
fn transparent_animations_do_not_smear() {
    let spot = |at: usize| {
        let mut data = vec![0; 1024];
        data[at * 4..at * 4 + 4].copy_from_slice(&[255, 0, 0, 255]);
        frame(Samples::Rgba, Source::Lossless, data)
    };
    let made = built(&file(Format::Gif, vec![spot(0), spot(100), spot(200)]));
    for frame in seen(&made.bytes) {
        assert_eq!(frame.rgba.chunks_exact(4).filter(|it| it[3] == 255).count(), 1);
    }
}

#[test]
fn the_policy_may_keep_the_first_frame_only() {
    let mut policy = Policy::default();
    policy.images.animation = Animation::First;
    let made = build(&file(Format::Gif, vec![rgb(1), rgb(90)]), &policy).expect("a GIF");
    assert_eq!(colours(&made.bytes), gradient(1));
    assert_eq!(made.findings.changed().len(), 1);
}

/// NF-32: frames that contradict each other are the worker's lie.
#[test]
fn frames_of_different_sizes_are_refused() {
    let odd = Picture::new(8, 8, Samples::Gray, vec![0; 64], Source::Lossless).expect("fits");
    let frames = vec![rgb(1), Frame { picture: odd, delay_ms: 0 }];
    let refused = build(&file(Format::Gif, frames), &Policy::default());
    assert!(matches!(refused, Err(BuildError::Invalid(_))));
}
