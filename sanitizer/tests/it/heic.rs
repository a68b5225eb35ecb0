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

/// The file with these properties more, which its only item has in this order.
fn with_properties(file: &[u8], properties: &[[u8; 9]]) -> Vec<u8> {
    let mut file = file.to_vec();
    let at =
        |file: &[u8], name: &[u8; 4]| file.windows(4).position(|it| it == name).expect("a box") - 4;
    let number = |file: &[u8], at: usize| {
        u32::from_be_bytes(file[at..at + 4].try_into().expect("four bytes"))
    };
    let grow = |file: &mut [u8], at: usize, by: usize| {
        let grown = number(file, at) + u32::try_from(by).expect("short");
        file[at..at + 4].copy_from_slice(&grown.to_be_bytes());
    };
    let added = properties.len() * 10;
    // What the properties are.
    let list = at(&file, b"ipco");
    let end = list + number(&file, list) as usize;
    let mut known = 0_u8;
    let mut next = list + 8;
    while next < end {
        next += number(&file, next) as usize;
        known += 1;
    }
    grow(&mut file, list, properties.len() * 9);
    file.splice(end..end, properties.concat());
    // Which of them the item has: all it had, and these, which nobody may pass over.
    let owners = at(&file, b"ipma");
    assert_eq!(number(&file, owners + 12), 1, "one item");
    let count = owners + 18;
    let last = count + 1 + usize::from(file[count]);
    file[count] += u8::try_from(properties.len()).expect("few");
    let numbers = (1..).map(|it| 0x80 | (known + it));
    file.splice(last..last, numbers.take(properties.len()));
    grow(&mut file, owners, properties.len());
    for name in [b"iprp", b"meta"] {
        let place = at(&file, name);
        grow(&mut file, place, added);
    }
    // Where the pixels lie.
    let places = at(&file, b"iloc");
    assert_eq!(file[places + 12..places + 16], [0x44, 0, 0, 1], "one place of four bytes");
    grow(&mut file, places + 22, added);
    file
}

fn turn(quarters: u8) -> [u8; 9] {
    [0, 0, 0, 9, b'i', b'r', b'o', b't', quarters]
}

fn mirror(axis: u8) -> [u8; 9] {
    [0, 0, 0, 9, b'i', b'm', b'i', b'r', axis]
}

/// NF-32: a photo that was taken with the phone on its side, or by the camera that
/// looks at its owner, is shown as the phone shows it: turned against the clock by
/// quarters, mirrored upside down (0) or from side to side (1), in the file's order.
#[test]
fn turned_and_mirrored_photos_stand_upright() {
    let (wide, tall) = (64_usize, 48_usize);
    let plain = coded(64, 48);
    let sent = photo(64, 48);
    // From a pixel of what is shown to the one of the file.
    type Back = fn(usize, usize, usize, usize) -> (usize, usize);
    let turned: Back = |x, y, wide, _| (wide - 1 - y, x);
    let cases: [(&[[u8; 9]], bool, Back); 7] = [
        (&[turn(1)], true, turned),
        (&[turn(2)], false, |x, y, wide, tall| (wide - 1 - x, tall - 1 - y)),
        (&[turn(3)], true, |x, y, _, tall| (y, tall - 1 - x)),
        (&[mirror(0)], false, |x, y, _, tall| (x, tall - 1 - y)),
        (&[mirror(1)], false, |x, y, wide, _| (wide - 1 - x, y)),
        // Turned first, then mirrored: the two do not commute.
        (&[turn(1), mirror(1)], true, |x, y, wide, tall| (wide - 1 - y, tall - 1 - x)),
        (&[mirror(1), turn(1)], true, |x, y, _, _| (y, x)),
    ];
    for (number, (properties, is_upright, back)) in cases.into_iter().enumerate() {
        let file = with_properties(&plain, properties);
        let rebuilt = Desk::new().sends("写真.heic", &file).becomes("写真.jpg");
        let shown = seen(&rebuilt.bytes).remove(0);
        let sides = if is_upright { (tall, wide) } else { (wide, tall) };
        assert_eq!((shown.width, shown.height), sides, "{number}");
        // Another reader of such files sees the same.
        let other = heifer::decode(&file).expect("a photo");
        assert_eq!((other.width as usize, other.height as usize), sides, "{number}");
        let other = other.to_rgba8();
        let (mut apart, mut others) = (0, 0);
        for (at, pixel) in shown.rgba.chunks_exact(4).enumerate() {
            let (x, y) = back(at % sides.0, at / sides.0, wide, tall);
            let place = (y * wide + x) * 3;
            for channel in 0..3 {
                apart += u64::from(pixel[channel].abs_diff(sent[place + channel]));
                others += u64::from(other[at * 4 + channel].abs_diff(sent[place + channel]));
            }
        }
        let all = u64::try_from(sent.len()).expect("few");
        assert!(others / all <= 4, "{number}: the test and another reader disagree");
        assert!(apart / all <= 4, "{number}: {apart}");
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
