//! Picture files through the whole sanitizer.

use jpeg_encoder::{ColorType, Encoder};
use sanitizer_intermediate::{ChangedKind, RemovedKind};

use crate::desk::{Desk, changed, contains, removed};
use crate::pictures::{
    SIDE, bmp, colours, exif, furthest, gif, gradient, jpeg, jpeg_with, png, png_with, seen, tiff,
    webp,
};

const SECRET: &[u8] = b"35.6895N 139.6917E taken at home";

/// NF-32: nothing but the picture survives in a photo.
#[test]
fn a_photo_loses_everything_but_its_picture() {
    let photo = jpeg(&gradient(3), SIDE, SIDE);
    let place = [b"Exif\0\0II*\0\x08\0\0\0\0\0\0\0\0\0".as_slice(), SECRET].concat();
    let xmp = [b"http://ns.adobe.com/xap/1.0/\0".as_slice(), SECRET].concat();
    let iptc = [b"Photoshop 3.0\x008BIM".as_slice(), SECRET].concat();
    let mut photo = jpeg_with(
        &photo,
        &[(0xe1, &place), (0xe1, &xmp), (0xed, &iptc), (0xfe, SECRET), (0xe5, SECRET)],
    );
    photo.extend_from_slice(b"PK\x03\x04 and a hidden archive");

    let rebuilt = Desk::new().sends("写真.jpg", &photo).becomes("写真.jpg");
    assert!(!contains(&rebuilt.bytes, SECRET));
    assert!(!contains(&rebuilt.bytes, b"Exif"));
    assert!(!contains(&rebuilt.bytes, b"hidden"));
    assert!(furthest(&colours(&rebuilt.bytes), &gradient(3)) < 48);
    for kind in [
        RemovedKind::Exif,
        RemovedKind::Xmp,
        RemovedKind::Iptc,
        RemovedKind::PictureText,
        RemovedKind::PictureData,
        RemovedKind::StrayBytes,
    ] {
        assert_eq!(removed(&rebuilt, kind), 1, "{}", kind.code());
    }
}

/// NF-32: no coded bytes of the input are found again in the output.
#[test]
fn a_coded_photo_is_encoded_anew() {
    let mut state = 9_u32;
    let noise: Vec<u8> = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    })
    .take(64 * 64 * 3)
    .collect();
    let photo = jpeg(&noise, 64, 64);
    let rebuilt = Desk::new().sends("a.jpg", &photo).becomes("a.jpg");
    let half = photo.len() / 2;
    assert!(!photo[half..half + 400].windows(16).any(|it| contains(&rebuilt.bytes, it)));
}

/// NF-32: a rebuilt PNG has the chunks of our encoder and no others.
#[test]
fn a_png_holds_nothing_but_its_picture() {
    let bytes = png_with(&png(&gradient(5), 16, 16), b"iCCP", SECRET);
    let rebuilt = Desk::new().sends("a.png", &bytes).becomes("a.png").bytes;
    let (mut at, mut names) = (8, Vec::new());
    while let Some(head) = rebuilt.get(at..at + 8) {
        names.push(String::from_utf8_lossy(&head[4..]).into_owned());
        at += 12 + u32::from_be_bytes([head[0], head[1], head[2], head[3]]) as usize;
    }
    assert_eq!(at, rebuilt.len());
    names.dedup();
    assert_eq!(names, ["IHDR", "PLTE", "IDAT", "IEND"]);
}

/// A photo is turned as its EXIF data asks before the data goes.
#[test]
fn photos_stay_upright() {
    let desk = Desk::new();
    // Left half red, right half blue, 32 × 16.
    let row: Vec<u8> =
        [[220, 20, 20]; 16].into_iter().chain([[20, 20, 220]; 16]).flatten().collect();
    let wide = jpeg(&row.repeat(16), 32, 16);
    for (orientation, size, first) in
        [(1, (32, 16), 220), (3, (32, 16), 20), (6, (16, 32), 220), (8, (16, 32), 20)]
    {
        let photo = jpeg_with(&wide, &[(0xe1, &exif(orientation))]);
        let rebuilt = desk.sends("p.jpeg", &photo).becomes("p.jpeg");
        let picture = &seen(&rebuilt.bytes)[0];
        assert_eq!((picture.width, picture.height), size, "orientation {orientation}");
        assert!(picture.rgba[0].abs_diff(first) < 40, "orientation {orientation}");
        assert_eq!(changed(&rebuilt, ChangedKind::Oriented), u32::from(orientation != 1));
    }
}

#[test]
fn cmyk_photos_become_rgb() {
    let ink: Vec<u8> = [[0, 255, 255, 0]; 256].concat();
    let mut bytes = Vec::new();
    let encoder = Encoder::new(&mut bytes, 95);
    encoder.encode(&ink, SIDE, SIDE, ColorType::Cmyk).expect("a CMYK JPEG");
    let rebuilt = Desk::new().sends("印刷.jpg", &bytes).becomes("印刷.jpg");
    let [red, green, blue] = colours(&rebuilt.bytes)[..3] else { panic!("three colours") };
    assert!(red > 240 && green < 15 && blue < 15, "{red} {green} {blue}");
}

/// NF-32: text in a PNG does not survive; every pixel does.
#[test]
fn a_png_loses_its_texts_and_keeps_its_pixels() {
    let plain = png(&gradient(5), 16, 16);
    let mut bytes = png_with(&plain, b"tEXt", b"profile\0/etc/passwd");
    bytes = png_with(&bytes, b"eXIf", &exif(1)[6..]);
    bytes = png_with(&bytes, b"prVt", SECRET);
    bytes.extend_from_slice(b"<?php system('id'); ?>");
    let rebuilt = Desk::new().sends("図.png", &bytes).becomes("図.png");
    assert_eq!(colours(&rebuilt.bytes), gradient(5));
    assert!(!contains(&rebuilt.bytes, b"passwd") && !contains(&rebuilt.bytes, b"php"));
    for kind in [
        RemovedKind::PictureText,
        RemovedKind::Exif,
        RemovedKind::PictureData,
        RemovedKind::StrayBytes,
    ] {
        assert_eq!(removed(&rebuilt, kind), 1, "{}", kind.code());
    }
}

#[test]
fn an_animation_keeps_its_frames() {
    let frames: Vec<Vec<u8>> = (0..4).map(|i| gradient(i * 30)).collect();
    let rebuilt = Desk::new().sends("動画.gif", &gif(&frames, SIDE)).becomes("動画.gif");
    let read = seen(&rebuilt.bytes);
    let expected: Vec<Vec<u8>> = seen(&gif(&frames, SIDE)).into_iter().map(|it| it.rgba).collect();
    assert_eq!(read.into_iter().map(|it| it.rgba).collect::<Vec<_>>(), expected);
}

#[test]
fn a_bitmap_becomes_a_png_and_staff_are_told() {
    let rebuilt = Desk::new().sends("図.bmp", &bmp(&gradient(9), SIDE)).becomes("図.png");
    assert_eq!(colours(&rebuilt.bytes), gradient(9));
    assert_eq!(changed(&rebuilt, ChangedKind::TypeChanged), 1);
}

#[test]
fn every_page_of_a_tiff_survives() {
    let pages: Vec<Vec<u8>> = (0..3).map(|i| gradient(i * 50)).collect();
    let rebuilt = Desk::new().sends("fax.tiff", &tiff(&pages, 16)).becomes("fax.tiff");
    let read = seen(&rebuilt.bytes);
    assert_eq!(read.len(), 3);
    for (page, expected) in read.iter().zip(&pages) {
        let rgb: Vec<u8> = page.rgba.chunks_exact(4).flat_map(|it| [it[0], it[1], it[2]]).collect();
        assert_eq!(&rgb, expected);
    }
}

/// A palette page is what scanners of forms write.
#[test]
fn a_tiff_with_a_palette_keeps_its_colours() {
    // Two pixels: index 1, index 0; palette: 0 red, 1 blue, 254 unused.
    let mut bytes = b"II*\0\x08\0\0\0".to_vec();
    let tags: [(u16, u16, u32, u32); 9] = [
        (256, 3, 1, 2),
        (257, 3, 1, 1),
        (258, 3, 1, 8),
        (259, 3, 1, 1),
        (262, 3, 1, 3),
        (273, 4, 1, 122),
        (277, 3, 1, 1),
        (279, 4, 1, 2),
        (320, 3, 768, 124),
    ];
    bytes.extend(9_u16.to_le_bytes());
    for (tag, kind, count, value) in tags {
        bytes.extend(tag.to_le_bytes());
        bytes.extend(kind.to_le_bytes());
        bytes.extend(count.to_le_bytes());
        bytes.extend(value.to_le_bytes());
    }
    bytes.extend([0; 4]);
    assert_eq!(bytes.len(), 122);
    bytes.extend([1, 0]);
    let mut palette = vec![0_u16; 768];
    palette[0] = 65_535;
    palette[512 + 1] = 65_535;
    bytes.extend(palette.iter().flat_map(|it| it.to_le_bytes()));
    let rebuilt = Desk::new().sends("form.tif", &bytes).becomes("form.tif");
    assert_eq!(colours(&rebuilt.bytes), [0, 0, 255, 255, 0, 0]);
}

#[test]
fn a_webp_becomes_a_file_every_desk_can_open() {
    let rebuilt = Desk::new().sends("図.webp", &webp(&gradient(2), 16)).becomes("図.png");
    assert_eq!(colours(&rebuilt.bytes), gradient(2));
}

/// The content decides, and staff are told that the name lied.
#[test]
fn a_wrong_extension_is_put_right() {
    let rebuilt = Desk::new().sends("写真.jpg", &png(&gradient(1), 16, 16)).becomes("写真.png");
    assert_eq!(changed(&rebuilt, ChangedKind::TypeMismatch), 1);
}

#[test]
fn sixteen_bits_become_eight() {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, 1, 1);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Sixteen);
    let mut writer = encoder.write_header().expect("a PNG");
    writer.write_image_data(&[255, 255, 128, 0, 0, 0]).expect("a PNG");
    writer.finish().expect("a PNG");
    let rebuilt = Desk::new().sends("深.png", &bytes).becomes("深.png");
    assert_eq!(colours(&rebuilt.bytes), [255, 128, 0]);
    assert_eq!(changed(&rebuilt, ChangedKind::DepthReduced), 1);
}
