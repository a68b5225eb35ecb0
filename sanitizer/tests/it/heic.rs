//! HEIC photos, written by an encoder that shares nothing with our decoder.

use heifer::{EncodeOptions, Image, Metadata};
use sanitizer_intermediate::{ChangedKind, HoldReason, RemovedKind};

use crate::chance::Chance;
use crate::desk::{Desk, changed, contains, removed};
use crate::pictures::seen;

/// Pixels that change slowly, as in a photo.
fn photo(width: u32, height: u32) -> Vec<u8> {
    let shade = |at: u32, most: u32| u8::try_from(at * 255 / most).expect("a byte");
    (0..height)
        .flat_map(|y| (0..width).map(move |x| (x, y)))
        .flat_map(|(x, y)| [shade(x, width), shade(y, height), 90])
        .collect()
}

fn coded(width: u32, height: u32) -> Vec<u8> {
    let options = EncodeOptions { quality: 90, max_threads: 1 };
    heifer::encode_rgb8(width, height, &photo(width, height), &options).expect("a HEIC file")
}

/// NF-32: a photo of a phone becomes a JPEG that shows the same, in one piece or in tiles.
#[test]
fn a_photo_of_a_phone_becomes_a_jpeg() {
    for (width, height) in [(64, 48), (600, 64)] {
        let rebuilt =
            Desk::new().sends("IMG_0001.HEIC", &coded(width, height)).becomes("IMG_0001.jpg");
        let shown = seen(&rebuilt.bytes).remove(0);
        assert_eq!((shown.width, shown.height), (width as usize, height as usize));
        let original = photo(width, height);
        let apart: u64 = shown
            .rgba
            .chunks_exact(4)
            .zip(original.chunks_exact(3))
            .flat_map(|(shown, sent)| shown.iter().zip(sent))
            .map(|(shown, sent)| u64::from(shown.abs_diff(*sent)))
            .sum();
        assert!(apart / original.len() as u64 <= 4, "{width}x{height}: {apart}");
        assert_eq!(changed(&rebuilt, ChangedKind::TypeChanged), 1);
    }
}

/// NF-32: the place a photo was taken stays behind.
#[test]
fn metadata_stays_behind() {
    let rgba: Vec<u16> = photo(64, 48)
        .chunks_exact(3)
        .flat_map(|it| [u16::from(it[0]), u16::from(it[1]), u16::from(it[2]), 255])
        .collect();
    let image = Image { width: 64, height: 48, bit_depth: 8, has_alpha: false, data: rgba };
    let metadata = Metadata {
        exif: Some(b"MM\0*\0\0\0\x08\0\0\0\0\0\0GPS 35.6 139.7".to_vec()),
        ..Metadata::default()
    };
    let options = EncodeOptions { quality: 90, max_threads: 1 };
    let file = heifer::encode_with_metadata(&image, &metadata, &options).expect("a HEIC file");
    assert!(contains(&file, b"GPS 35.6"));
    let rebuilt = Desk::new().sends("写真.heic", &file).becomes("写真.jpg");
    assert!(!contains(&rebuilt.bytes, b"GPS 35.6"));
    assert_eq!(removed(&rebuilt, RemovedKind::Exif), 1);
}

/// NF-32: a photo beyond the limit is held before it unfolds.
#[test]
fn a_large_photo_is_held() {
    let mut desk = Desk::new();
    desk.rebuilder.runner.limits.pixels = 1_000;
    desk.sends("写真.heic", &coded(64, 48)).is_held_with(HoldReason::TooLarge);
}

/// NF-32: damaged photos end with a picture or a reason.
#[test]
fn damaged_photos_end_with_a_reason() {
    let desk = Desk::new();
    let whole = coded(64, 48);
    let mut chance = Chance::new(9);
    for _ in 0..80 {
        let mut bytes = whole.clone();
        for _ in 0..=chance.below(3) {
            let at = chance.below(bytes.len());
            bytes[at] = chance.byte();
        }
        let sent = desk.sends("写真.heic", &bytes);
        assert!(sent.0.diagnosis.is_none(), "{:?}", sent.0.diagnosis);
    }
}
