//! Drawings made record by record, and what becomes of them.

use sanitizer_intermediate::image::{Picture, Samples};
use sanitizer_intermediate::{HoldReason, Limits};

use super::draw;

/// Pixels of the reference device and of our pictures: 96 dots an inch become 192.
const SIDE: i32 = 100;

fn words(numbers: &[i32]) -> Vec<u8> {
    numbers.iter().flat_map(|it| it.to_le_bytes()).collect()
}

fn shorts(numbers: &[i16]) -> Vec<u8> {
    numbers.iter().flat_map(|it| it.to_le_bytes()).collect()
}

/// A record of an enhanced metafile.
fn record(kind: u32, body: &[u8]) -> Vec<u8> {
    let mut body = body.to_vec();
    body.resize(body.len().next_multiple_of(4), 0);
    let length = u32::try_from(body.len() + 8).expect("short");
    [kind.to_le_bytes().as_slice(), &length.to_le_bytes(), &body].concat()
}

/// An enhanced metafile of 100 by 100 units of a screen.
fn emf(records: &[Vec<u8>]) -> Vec<u8> {
    let frame = SIDE * 2_540 / 96;
    let mut head = words(&[0, 0, SIDE, SIDE, 0, 0, frame, frame]);
    head.extend(b" EMF");
    head.extend(words(&[0x1_0000, 0, 0, 1, 0, 0, 0, 960, 960, 254, 254]));
    let mut file = record(1, &head);
    file.extend(records.concat());
    file.extend(record(14, &words(&[0, 0, 20])));
    file
}

/// A brush of a colour, selected; no outlines.
fn brush(colour: i32) -> Vec<u8> {
    let made = record(39, &words(&[1, 0, colour, 0]));
    [made, record(37, &words(&[1])), record(37, &words(&[0x8000_0008_u32.cast_signed()]))].concat()
}

const RED: i32 = 0x0000_00ff;
const BLUE: i32 = 0x00ff_0000;

fn drawn(records: &[Vec<u8>]) -> Seen {
    seen(&emf(records))
}

fn seen(file: &[u8]) -> Seen {
    let drawn = draw(file, &Limits::default()).expect("a drawing");
    Seen { picture: drawn.picture, left_out: drawn.left_out }
}

struct Seen {
    picture: Picture,
    left_out: u32,
}

impl Seen {
    /// The colour at a place in units of the drawing.
    fn at(&self, x: u32, y: u32) -> [u8; 4] {
        let scale = self.picture.width() / 100;
        let row = self.picture.row(y * scale + scale / 2);
        let column = (x * scale + scale / 2) as usize;
        match self.picture.samples() {
            Samples::Rgba => row[column * 4..column * 4 + 4].try_into().expect("a pixel"),
            Samples::Rgb => {
                let pixel = &row[column * 3..column * 3 + 3];
                [pixel[0], pixel[1], pixel[2], 255]
            }
            Samples::Gray | Samples::Bilevel => panic!("colours were expected"),
        }
    }

    /// Pixels with ink in an area in units of the drawing.
    fn inked(&self, x: std::ops::Range<u32>, y: std::ops::Range<u32>) -> usize {
        let places = y.flat_map(|y| x.clone().map(move |x| (x, y)));
        places.filter(|(x, y)| self.at(*x, *y)[3] > 0).count()
    }
}

const NOTHING: [u8; 4] = [0; 4];
const SEEN_RED: [u8; 4] = [255, 0, 0, 255];
const SEEN_BLUE: [u8; 4] = [0, 0, 255, 255];

/// NF-32: areas, curves and lines of a drawing are seen where it says.
#[test]
fn areas_curves_and_lines_are_drawn() {
    let rectangle = record(43, &words(&[10, 10, 40, 40]));
    let ellipse = record(42, &words(&[50, 10, 90, 40]));
    let mut polygon = words(&[0, 0, 0, 0, 3]);
    polygon.extend(shorts(&[10, 90, 40, 90, 10, 60]));
    let mut curve = words(&[0, 0, 0, 0, 4, 50, 90, 60, 30, 80, 30]);
    curve.extend(words(&[90, 90]));
    let red = drawn(&[
        brush(RED),
        rectangle,
        ellipse,
        record(86, &polygon),
        record(59, &[]),
        record(2, &curve),
        record(60, &[]),
        record(62, &[]),
    ]);
    assert_eq!(red.left_out, 0);
    assert_eq!((red.picture.width(), red.picture.height()), (200, 200));
    for (x, y) in [(25, 25), (70, 25), (15, 85), (70, 60)] {
        assert_eq!(red.at(x, y), SEEN_RED, "at {x} {y}");
    }
    for (x, y) in [(5, 5), (45, 25), (51, 11), (38, 62), (70, 95)] {
        assert_eq!(red.at(x, y), NOTHING, "at {x} {y}");
    }
}

/// NF-32: windows, world transformations and saved states move what is drawn.
#[test]
fn mappings_move_what_is_drawn() {
    let transformed = drawn(&[
        brush(RED),
        record(17, &words(&[8])),
        record(9, &words(&[1_000, 1_000])),
        record(11, &words(&[100, 100])),
        record(33, &[]),
        record(
            36,
            &[
                words(&[0x3f80_0000, 0, 0, 0x3f80_0000]),
                500_f32.to_le_bytes().to_vec(),
                words(&[0, 4]),
            ]
            .concat(),
        ),
        record(43, &words(&[100, 100, 300, 300])),
        record(34, &words(&[-1])),
        record(43, &words(&[100, 600, 300, 800])),
    ]);
    assert_eq!(transformed.at(70, 20), SEEN_RED, "moved by 500 of 1000 units");
    assert_eq!(transformed.at(20, 20), NOTHING);
    assert_eq!(transformed.at(20, 70), SEEN_RED, "the state before is back");
}

/// NF-32: clipping by rectangles, paths and regions limits drawing.
#[test]
fn clipping_limits_drawing() {
    let region = [words(&[48, 5, 32, 1, 1, 16, 0, 0, 50, 50]), words(&[0, 0, 50, 50])].concat();
    let clipped = drawn(&[
        brush(RED),
        record(33, &[]),
        record(30, &words(&[0, 0, 100, 50])),
        record(29, &words(&[0, 0, 20, 20])),
        record(43, &words(&[0, 0, 100, 100])),
        record(34, &words(&[-1])),
        brush(BLUE),
        record(75, &region),
        record(43, &words(&[0, 0, 100, 30])),
    ]);
    assert_eq!(clipped.at(10, 10), SEEN_BLUE);
    assert_eq!(clipped.at(60, 10), SEEN_RED);
    assert_eq!(clipped.at(10, 40), SEEN_RED);
    assert_eq!(clipped.at(60, 70), NOTHING);
    assert_eq!(clipped.left_out, 0);
}

/// A bitmap of two by two pixels: red, blue; blue, red; bottom row first.
fn bitmap() -> (Vec<u8>, Vec<u8>) {
    let header = words(&[40, 2, 2, 0x0018_0001, 0, 0, 0, 0, 0, 0]);
    let rows = vec![255, 0, 0, 0, 0, 255, 0, 0, 0, 0, 255, 255, 0, 0, 0, 0];
    (header, rows)
}

/// StretchDIBits with a raster operation.
fn stretched(area: [i32; 4], code: u32) -> Vec<u8> {
    let (header, rows) = bitmap();
    let [x, y, wide, tall] = area;
    let mut body = words(&[0, 0, 0, 0, x, y, 0, 0, 2, 2, 80, 40, 120, 16, 0]);
    body.extend(code.to_le_bytes());
    body.extend(words(&[wide, tall]));
    body.extend(header);
    body.extend(rows);
    record(81, &body)
}

/// NF-32: bitmaps within a drawing are decoded, stretched and combined with
/// what is there.
#[test]
fn bitmaps_are_stretched_and_combined() {
    let copied = drawn(&[stretched([0, 0, 100, 100], 0x00cc_0020)]);
    assert_eq!(copied.left_out, 0);
    assert_eq!(copied.at(10, 10), SEEN_RED);
    assert_eq!(copied.at(90, 10), SEEN_BLUE);
    assert_eq!(copied.at(10, 90), SEEN_BLUE);
    let combined = drawn(&[
        brush(RED),
        record(43, &words(&[0, 0, 100, 100])),
        stretched([0, 0, 100, 100], 0x0088_00c6),
    ]);
    assert_eq!(combined.at(10, 10), SEEN_RED, "red and red");
    assert_eq!(combined.at(90, 10), [0, 0, 0, 255], "red and blue have no bit in common");
}

fn text(kind: u32, characters: &[u8], count: i32, x: i32, y: i32) -> Vec<u8> {
    let body = words(&[0, 0, 0, 0, 1, 0, 0, x, y, count, 76, 0, 0, 0, 0, 0, 0]);
    record(kind, &[body, characters.to_vec()].concat())
}

/// NF-32: text is drawn with the built-in typeface, where and as tall as the file says.
#[test]
fn text_is_drawn_in_latin_and_japanese() {
    let mut font = words(&[1, -40, 0, 0, 0, 400, 0, 0]);
    font.extend("Arial".encode_utf16().flat_map(u16::to_le_bytes));
    font.resize(320, 0);
    let utf16: Vec<u8> = "H窓".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let written = drawn(&[
        record(82, &font),
        record(37, &words(&[1])),
        record(18, &words(&[1])),
        text(84, &utf16, 2, 10, 10),
    ]);
    assert_eq!(written.left_out, 0);
    assert!(written.inked(10..40, 10..60) > 50, "the first letter");
    assert!(written.inked(40..80, 10..60) > 200, "the second, which is denser");
    assert_eq!(written.inked(0..100, 65..100), 0);
}

/// NF-32: what is not known is counted, and glyph numbers of other typefaces
/// never become wrong letters.
#[test]
fn what_is_not_drawn_is_counted() {
    let mut glyphs = text(84, &[5, 0, 6, 0], 2, 10, 10);
    glyphs[52] = 0x10;
    let counted = drawn(&[glyphs, record(53, &[]), record(200, &[])]);
    assert_eq!(counted.left_out, 3);
    assert_eq!(counted.inked(0..100, 0..100), 0);
}

/// A record of an older metafile.
fn old(kind: u16, parameters: &[i16]) -> Vec<u8> {
    let length = i32::try_from(parameters.len() + 3).expect("short");
    [words(&[length]), kind.to_le_bytes().to_vec(), shorts(parameters)].concat()
}

fn wmf(placeable: bool, records: &[Vec<u8>]) -> Vec<u8> {
    let mut file = Vec::new();
    if placeable {
        file.extend(0x9ac6_cdd7_u32.to_le_bytes());
        file.extend(shorts(&[0, 0, 0, 1_000, 1_000, 960, 0, 0, 0]));
    }
    file.extend(shorts(&[1, 9, 0x300, 0, 0, 4, 0, 0, 0]));
    file.extend(records.concat());
    file.extend(old(0, &[]));
    file
}

/// NF-32: older metafiles are drawn, with and without a head of their own.
#[test]
fn older_metafiles_are_drawn_too() {
    let body = [
        old(0x020b, &[0, 0]),
        old(0x020c, &[1_000, 1_000]),
        old(0x02fc, &[0, 255, 0, 0]),
        old(0x012d, &[0]),
        old(0x041b, &[500, 500, 100, 100]),
        old(0x0324, &[3, 600, 600, 900, 600, 900, 900]),
    ];
    for placeable in [true, false] {
        let red = seen(&wmf(placeable, &body));
        assert_eq!(red.left_out, 0);
        let scale = red.picture.width() / 100;
        assert_eq!(red.picture.width(), red.picture.height());
        assert!(scale >= 1);
        assert_eq!(red.at(30, 30), SEEN_RED);
        assert_eq!(red.at(85, 65), SEEN_RED);
        assert_eq!(red.at(65, 85), NOTHING);
    }
}

/// NF-32: of a drawing in EMF+ alone the pictures and plain areas are drawn.
#[test]
fn pictures_of_the_newer_language_are_drawn() {
    let inner = |kind: u16, flags: u16, body: &[u8]| {
        let size = u32::try_from(body.len() + 12).expect("short");
        let data = size - 12;
        [
            &kind.to_le_bytes()[..],
            &flags.to_le_bytes(),
            &size.to_le_bytes(),
            &data.to_le_bytes(),
            body,
        ]
        .concat()
    };
    let mut image = 0xdbc0_1002_u32.to_le_bytes().to_vec();
    image.extend(words(&[1, 1, 1, 4, 0x0026_200a, 0, 0xffff_0000_u32.cast_signed()]));
    let floats = |all: &[f32]| all.iter().flat_map(|it| it.to_le_bytes()).collect::<Vec<_>>();
    let place = [words(&[0, 2]), floats(&[0.0, 0.0, 1.0, 1.0, 10.0, 10.0, 30.0, 30.0])].concat();
    let area =
        [words(&[0xff00_00ff_u32.cast_signed(), 1]), floats(&[60.0, 60.0, 30.0, 30.0])].concat();
    let plus = [
        b"EMF+".to_vec(),
        inner(0x4001, 0, &words(&[0, 0, 96, 96])),
        inner(0x4008, 0x0500, &image),
        inner(0x401a, 0, &place),
        inner(0x400a, 0x8000, &area),
    ]
    .concat();
    let length = i32::try_from(plus.len()).expect("short");
    let both = drawn(&[record(70, &[words(&[length]), plus].concat())]);
    assert_eq!(both.left_out, 0);
    assert_eq!(both.at(25, 25), SEEN_RED);
    assert_eq!(both.at(75, 75), SEEN_BLUE);
    assert_eq!(both.at(50, 50), NOTHING);
}

/// NF-32: a drawing that would take too much work is refused, not awaited.
#[test]
fn too_much_work_is_refused() {
    let frame = 60 * 2_540;
    let mut head = words(&[0, 0, 6_000, 6_000, 0, 0, frame, frame]);
    head.extend(b" EMF");
    head.extend(words(&[0x1_0000, 0, 0, 1, 0, 0, 0, 960, 960, 254, 254]));
    let mut file = record(1, &head);
    file.extend(brush(RED));
    for _ in 0..300 {
        file.extend(record(42, &words(&[0, 0, 6_000, 6_000])));
    }
    let refused = draw(&file, &Limits::default()).err();
    assert_eq!(refused, Some(HoldReason::TooComplex));
}

/// NF-32: damaged drawings are drawn as far as they go or refused.
#[test]
fn damaged_drawings_do_no_harm() {
    let whole = emf(&[
        brush(RED),
        record(43, &words(&[10, 10, 40, 40])),
        stretched([0, 0, 50, 50], 0x0088_00c6),
        record(75, &words(&[48, 3, 32, 1, i32::MAX, 16, 0, 0, 50, 50, 0, 0, 50, 50])),
        text(84, &[65, 0, 66, 0], 2, 10, 10),
        record(91, &words(&[0, 0, 0, 0, i32::MAX, i32::MAX, -1, -1])),
        record(118, &words(&[0, 0, 0, 0, i32::MAX, i32::MAX, 0])),
    ]);
    for end in 0..whole.len() {
        let _drawn_or_refused = draw(&whole[..end], &Limits::default());
    }
    for at in (88..whole.len()).step_by(3) {
        let mut changed = whole.clone();
        changed[at] ^= 0xff;
        let _drawn_or_refused = draw(&changed, &Limits::default());
    }
}
