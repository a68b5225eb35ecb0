//! Drawings become pixels: metafiles and SVG, alone and within documents.

use std::io::Write as _;

use sanitizer_intermediate::{ChangedKind, HoldReason, RemovedKind};

use crate::desk::{Desk, changed, contains, removed};
use crate::office::package::{part, raw_part};
use crate::office::word::{MAIN, document, picture};
use crate::pictures::{Seen, gradient, png, seen};

const RED: [u8; 4] = [255, 0, 0, 255];
const NOTHING: [u8; 4] = [0; 4];

fn words(numbers: &[i32]) -> Vec<u8> {
    numbers.iter().flat_map(|it| it.to_le_bytes()).collect()
}

fn record(kind: i32, body: &[i32]) -> Vec<u8> {
    let length = i32::try_from(body.len() * 4 + 8).expect("short");
    [words(&[kind, length]), words(body)].concat()
}

/// An EMF of 100 by 100 points of a screen: a red square in the left upper quarter.
fn emf() -> Vec<u8> {
    drawing(&[
        record(39, &[1, 0, 0x0000_00ff, 0]),
        record(37, &[1]),
        record(37, &[0x8000_0008_u32.cast_signed()]),
        record(43, &[10, 10, 50, 50]),
    ])
}

/// An EMF that shows these characters.
pub(crate) fn saying(text: &str) -> Vec<u8> {
    let mut units: Vec<u16> = text.encode_utf16().collect();
    let count = i32::try_from(units.len()).expect("short");
    units.resize(units.len().next_multiple_of(2), 0);
    let pair = |it: &[u16]| i32::from(it[0]) | i32::from(it[1]) << 16;
    let mut body = vec![0, 0, 0, 0, 1, 0, 0, 10, 10, count, 76, 0, 0, 0, 0, 0, 0];
    body.extend(units.chunks(2).map(pair));
    drawing(&[record(84, &body)])
}

/// Bytes as old files pack their drawings.
pub(crate) fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(bytes).expect("memory");
    packer.finish().expect("memory")
}

fn drawing(records: &[Vec<u8>]) -> Vec<u8> {
    let signature = i32::from_le_bytes(*b" EMF");
    let head = [
        0, 0, 100, 100, 0, 0, 2_645, 2_645, signature, 0x1_0000, 0, 0, 1, 0, 0, 0, 960, 960, 254,
        254,
    ];
    [record(1, &head), records.concat(), record(14, &[0, 0, 20])].concat()
}

fn svg() -> &'static str {
    "<svg xmlns='http://www.w3.org/2000/svg' width='100' height='100'>\
     <rect x='10' y='10' width='40' height='40' fill='#f00'/></svg>"
}

/// The colour at a place, in hundredths of the sides.
fn at(seen: &Seen, x: usize, y: usize) -> [u8; 4] {
    let place = (seen.height * y / 100 * seen.width + seen.width * x / 100) * 4;
    seen.rgba[place..place + 4].try_into().expect("a pixel")
}

#[track_caller]
fn shows_the_square(file: &[u8]) {
    let seen = &seen(file)[0];
    assert_eq!(at(seen, 30, 30), RED);
    assert_eq!(at(seen, 70, 70), NOTHING);
}

/// NF-32: drawings sent alone come back as pictures of pixels.
#[test]
fn drawings_come_back_as_pixels() {
    let desk = Desk::new();
    for (name, bytes) in [("図.emf", emf()), ("図.svg", svg().into())] {
        let rebuilt = desk.sends(name, &bytes).becomes("図.png");
        assert_eq!(changed(&rebuilt, ChangedKind::TypeChanged), 1);
        shows_the_square(&rebuilt.bytes);
    }
}

/// NF-32: metafiles, zipped ones too, and SVG in documents become pixels, and are told.
#[test]
fn drawings_in_documents_become_pixels() {
    let mut zipped = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    zipped.write_all(&emf()).expect("bytes are packed");
    let zipped = zipped.finish().expect("bytes are packed");
    for (name, bytes) in [("a.emf", emf()), ("a.emz", zipped), ("a.svg", svg().into())] {
        let media = format!("word/media/{name}");
        let package =
            document(&picture("image1")).related(MAIN, "image", &media).with(&media, &bytes);
        let rebuilt = Desk::new().sends("a.docx", &package.bytes()).becomes("a.docx");
        assert_eq!(changed(&rebuilt, ChangedKind::DrawingsAsPictures), 1, "{name}");
        assert_eq!(removed(&rebuilt, RemovedKind::Pictures), 0, "{name}");
        shows_the_square(&raw_part(&rebuilt.bytes, "word/media/image1.png"));
    }
}

/// NF-32: where a document has a picture of pixels beside the SVG, that one stays.
#[test]
fn the_picture_beside_an_svg_is_preferred() {
    let blip = "<a:blip r:embed=\"image1\"><a:extLst><a:ext uri=\"{96DAC541-7B7A-43D3-8B79-37D633B846F1}\">\
        <asvg:svgBlip xmlns:asvg=\"http://schemas.microsoft.com/office/drawing/2016/SVG/main\" r:embed=\"image2\"/>\
        </a:ext></a:extLst></a:blip>";
    let body = picture("image1").replace("<a:blip r:embed=\"image1\"/>", blip);
    let package = document(&body)
        .related(MAIN, "image", "word/media/a.png")
        .related(MAIN, "image", "word/media/b.svg")
        .with("word/media/a.png", png(&gradient(4), 16, 16))
        .with("word/media/b.svg", svg());
    let rebuilt = Desk::new().sends("a.docx", &package.bytes()).becomes("a.docx");
    let kept = raw_part(&rebuilt.bytes, "word/media/image1.png");
    assert_eq!(crate::pictures::colours(&kept), gradient(4));
    assert!(!part(&rebuilt.bytes, MAIN).contains("svg"));
}

/// NF-32: nothing in an SVG runs or looks outside, and staff read that it was there.
#[test]
fn an_svg_neither_runs_nor_fetches() {
    let picture = base64(&png(&[0, 0, 255].repeat(256), 16, 16));
    let active = format!(
        "<svg xmlns='http://www.w3.org/2000/svg' xmlns:x='http://www.w3.org/1999/xlink' width='100' height='100' onload='go()'>\
         <script>alert(1)</script><style>@import url(http://a.example/b.css);</style>\
         <image x:href='file:///etc/passwd' width='100' height='100'/>\
         <image x:href='http://a.example/b.png' width='100' height='100'/>\
         <image x:href='data:image/png;base64,{picture}' x='60' y='60' width='40' height='40'/>\
         <a x:href='javascript:go()'><rect x='10' y='10' width='40' height='40' fill='red'/></a>\
         <foreignObject width='9' height='9'><b>HTML</b></foreignObject></svg>"
    );
    let rebuilt = Desk::new().sends("図.svg", active.as_bytes()).becomes("図.png");
    for (kind, count) in [
        (RemovedKind::JavaScript, 1),
        (RemovedKind::Actions, 1),
        (RemovedKind::ExternalReferences, 2),
        (RemovedKind::Links, 1),
        (RemovedKind::EmbeddedHtml, 1),
    ] {
        assert_eq!(removed(&rebuilt, kind), count, "{}", kind.code());
    }
    let seen = &seen(&rebuilt.bytes)[0];
    assert_eq!(at(seen, 30, 30), RED);
    assert_eq!(at(seen, 80, 80), [0, 0, 255, 255], "its own picture is shown");
    assert_eq!(at(seen, 80, 20), NOTHING);
    assert!(!contains(&rebuilt.bytes, b"example"));
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let sum = group.iter().fold(0_u32, |sum, it| sum << 8 | u32::from(*it));
        let sum = sum << (8 * (3 - group.len()));
        for digit in 0..4 {
            let index = (sum >> (18 - digit * 6) & 63) as usize;
            let padding = digit as usize > group.len();
            text.push(if padding { '=' } else { char::from(DIGITS[index]) });
        }
    }
    text
}

/// NF-32: text in an SVG is shown, in Japanese too.
#[test]
fn text_in_an_svg_is_shown() {
    let text = "<svg xmlns='http://www.w3.org/2000/svg' width='100' height='100'>\
        <text x='10' y='80' font-family='MS Gothic' font-size='60'>窓</text></svg>";
    let rebuilt = Desk::new().sends("字.svg", text.as_bytes()).becomes("字.png");
    let seen = &seen(&rebuilt.bytes)[0];
    let inked = seen.rgba.chunks_exact(4).filter(|it| it[3] > 128).count();
    assert!(inked * 20 > seen.width * seen.height, "{inked} pixels of ink");
}

/// NF-32: an SVG that unfolds without end is refused at once.
#[test]
fn bombs_of_svg_are_refused() {
    let mut uses = String::new();
    for level in 1..=9 {
        let inner = format!("<use x:href='#g{}'/>", level - 1).repeat(10);
        uses.push_str(&format!("<g id='g{level}'>{inner}</g>"));
    }
    let bomb = format!(
        "<svg xmlns='http://www.w3.org/2000/svg' xmlns:x='http://www.w3.org/1999/xlink' width='9' height='9'>\
         <defs><rect id='g0' width='1' height='1'/>{uses}</defs><use x:href='#g9'/></svg>"
    );
    Desk::new().sends("図.svg", bomb.as_bytes()).is_held_with(HoldReason::TooComplex);
    let entities = "<!DOCTYPE svg [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]>\
        <svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><text>&b;</text></svg>";
    Desk::new().sends("図.svg", entities.as_bytes()).is_held_with(HoldReason::TooComplex);
}
