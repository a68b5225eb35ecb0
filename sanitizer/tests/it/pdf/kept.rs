//! What a clerk still finds after the rebuild: text, pages, pictures, forms.

use sanitizer::build;
use sanitizer_intermediate::pdf::{
    Font, Glyph, Metrics, Outline, Outlined, Page, PdfDocument, Piece, Step, Stroke, Things,
};
use sanitizer_intermediate::{ChangedKind, Document};

use super::paper::{Paper, packed, stream};
use super::tools::{Shown, is_sound, laid_open, text, told};
use crate::desk::{Desk, changed, contains};
use crate::foreign;
use crate::pictures::{gradient, jpeg, jpeg_with};

/// NF-32: text can be selected and searched after the rebuild.
#[test]
fn text_stays_text() {
    let rebuilt = Desk::new()
        .sends("案内.pdf", &Paper::saying("Apply at the counter").written())
        .becomes("案内.pdf");
    is_sound(&rebuilt.bytes);
    assert_eq!(rebuilt.media, "application/pdf");
    assert_eq!(text(&rebuilt.bytes), "Apply at the counter");
}

/// NF-32: by policy pages become pictures; their text can still be marked and searched.
#[test]
fn pages_become_pictures_by_policy() {
    let mut desk = Desk::new();
    desk.rebuilder.policy.pdf.pages = sanitizer::policy::Pages::Pictures;
    desk.rebuilder.runner.limits = desk.rebuilder.policy.worker_limits();
    let original = Paper::saying("Apply at the counter").written();
    let rebuilt = desk.sends("案内.pdf", &original).becomes("案内.pdf");
    is_sound(&rebuilt.bytes);
    assert_eq!(changed(&rebuilt, ChangedKind::PagesAsPictures), 1);
    assert_eq!(text(&rebuilt.bytes), "Apply at the counter");
    assert!(contains(&laid_open(&rebuilt.bytes), b"/Subtype /Image"));
    assert!(contains(&laid_open(&rebuilt.bytes), b"3 Tr"), "the text itself is not drawn");
    assert!(Shown::of(&rebuilt.bytes).looks_like(&Shown::of(&original)));
    let japanese = with_font(Stroke::Quad([500, 900, 900, 0]), false);
    let rebuilt = desk.sends("申請書.pdf", &japanese).becomes("申請書.pdf");
    assert_eq!(letters(&rebuilt.bytes), "住民票");
}

/// NF-32: Japanese text of an embedded font stays text, and its font program
/// is written anew.
#[test]
fn japanese_text_of_an_embedded_font_stays_text() {
    for stroke in [Stroke::Quad([500, 900, 900, 0]), Stroke::Cubic([300, 900, 700, 900, 900, 0])] {
        for vertical in [false, true] {
            let original = with_font(stroke, vertical);
            let rebuilt = Desk::new().sends("申請書.pdf", &original).becomes("申請書.pdf");
            is_sound(&rebuilt.bytes);
            assert_eq!(letters(&rebuilt.bytes), "住民票");
            assert_eq!(letters(&original), "住民票");
        }
    }
}

fn letters(bytes: &[u8]) -> String {
    text(bytes).replace(' ', "")
}

/// A page with three characters in a font made of one arch each.
fn with_font(arch: Stroke, vertical: bool) -> Vec<u8> {
    let outline = Outline { strokes: vec![Stroke::Move([100, 0]), arch, Stroke::Line([100, 0])] };
    let upright = vertical.then_some([-1_000.0, 500.0, 880.0]);
    let glyph = |text: &str| Glyph {
        width: 1_000.0,
        upright,
        text: text.to_owned(),
        outline: outline.clone(),
    };
    let font = Outlined {
        vertical,
        units: 1_000,
        metrics: Metrics { ascent: 880.0, descent: -120.0, ..Metrics::default() },
        glyphs: vec![Glyph::default(), glyph("住"), glyph("民"), glyph("票")],
    };
    let content = vec![
        Step::BeginText,
        Step::Font { font: 0, size: 20.0 },
        Step::TextMatrix([1.0, 0.0, 0.0, 1.0, 100.0, 80.0]),
        Step::Show(vec![Piece::Glyph(1), Piece::Glyph(2), Piece::Glyph(3)]),
        Step::EndText,
    ];
    let sheet = [0.0, 0.0, 200.0, 100.0];
    let page = Page {
        media: sheet,
        crop: sheet,
        turns: 0,
        unit: 1.0,
        group: None,
        content,
        links: Vec::new(),
    };
    let things = Things { fonts: vec![Font::Outlined(font)], ..Things::default() };
    let document =
        PdfDocument { pages: vec![page], things: Box::new(things), bookmarks: Vec::new() };
    build::build(&Document::Pdf(document), &sanitizer::Policy::default()).expect("a PDF").bytes
}

/// NF-32: Japanese text of a font that is only named stays text.
#[test]
fn japanese_text_of_a_named_font_stays_text() {
    let font = "<</Type /Font /Subtype /Type0 /BaseFont /Ryumin-Light /Encoding /90ms-RKSJ-H \
        /DescendantFonts [<</Type /Font /Subtype /CIDFontType0 /BaseFont /Ryumin-Light \
        /CIDSystemInfo <</Registry (Adobe) /Ordering (Japan1) /Supplement 2>> \
        /FontDescriptor <</Type /FontDescriptor /FontName /Ryumin-Light /Flags 6 \
        /FontBBox [0 -120 1000 880] /ItalicAngle 0 /Ascent 880 /Descent -120 /CapHeight 700 \
        /StemV 80>>>>]>>";
    // 住民票 in Shift_JIS.
    let paper =
        Paper::new("BT /J 20 Tf 20 50 Td <8F5A96AF955B> Tj ET").font("/J 5 0 R").object(font);
    let rebuilt = Desk::new().sends("票.pdf", &paper.written()).becomes("票.pdf");
    is_sound(&rebuilt.bytes);
    let opened = laid_open(&rebuilt.bytes);
    assert!(contains(&opened, b"/Ryumin-Light") && contains(&opened, b"(Japan1)"));
    // 住民票 in the numbers of Adobe-Japan1: 2373, 3773, 3502.
    assert!(contains(&opened, b"<09450ebd0dae>"));
}

/// NF-32: a glyph that is a drawing keeps its look and its character.
#[test]
fn a_font_of_drawings_stays_one() {
    let font = "<</Type /Font /Subtype /Type3 /FontBBox [0 0 750 750] \
        /FontMatrix [0.001 0 0 0.001 0 0] /CharProcs <</square 6 0 R>> \
        /Encoding <</Type /Encoding /Differences [65 /square]>> /FirstChar 65 /LastChar 65 \
        /Widths [1000] /Resources <<>> /ToUnicode 7 0 R>>";
    let map = b"1 begincodespacerange <00> <FF> endcodespacerange \
        1 beginbfchar <41> <5E02> endbfchar";
    let paper = Paper::new("BT /D 40 Tf 20 20 Td (A) Tj ET")
        .font("/D 5 0 R")
        .object(font)
        .object(stream("", b"750 0 0 0 750 750 d1 0 0 750 750 re f"))
        .object(stream("", map));
    let rebuilt = Desk::new().sends("印.pdf", &paper.written()).becomes("印.pdf");
    is_sound(&rebuilt.bytes);
    assert_eq!(text(&rebuilt.bytes), "市");
    let shown = Shown::of(&rebuilt.bytes);
    assert_eq!((shown.at(30, 70), shown.at(60, 70)), (0, 255));
}

/// NF-32: sheets keep their number, size and turn.
#[test]
fn pages_keep_size_and_turn() {
    let paper = Paper::saying("turned").page("/Rotate 90 /CropBox [10 10 190 90] /UserUnit 1");
    let rebuilt = Desk::new().sends("横.pdf", &paper.written()).becomes("横.pdf");
    assert_eq!(told(&rebuilt.bytes, "Pages:").as_deref(), Some("1"));
    assert_eq!(told(&rebuilt.bytes, "Page size:").as_deref(), Some("180 x 80 pts"));
    assert_eq!(told(&rebuilt.bytes, "Page rot:").as_deref(), Some("90"));
}

/// NF-32: photos are decoded and encoded anew; no coded byte passes.
#[test]
fn a_photo_is_encoded_anew() {
    let mut photo = jpeg_with(&jpeg(&gradient(3), 16, 16), &[(0xfe, b"secret comment")]);
    photo.extend(b"secret tail");
    let entries = "/Type /XObject /Subtype /Image /Width 16 /Height 16 /BitsPerComponent 8 \
        /ColorSpace /DeviceRGB /Filter /DCTDecode";
    let paper = Paper::new("q 100 0 0 100 50 0 cm /I Do Q")
        .resources("/XObject <</I 5 0 R>>")
        .object(stream(entries, &photo));
    let original = paper.written();
    let rebuilt = Desk::new().sends("写真.pdf", &original).becomes("写真.pdf");
    is_sound(&rebuilt.bytes);
    assert!(changed(&rebuilt, ChangedKind::PicturesReencoded) == 1);
    assert!(!contains(&rebuilt.bytes, b"secret"));
    let (before, after) = (Shown::of(&original), Shown::of(&rebuilt.bytes));
    for (x, y) in [(60, 10), (100, 50), (140, 90), (20, 50)] {
        assert!(before.at(x, y).abs_diff(after.at(x, y)) < 12, "at {x}, {y}");
    }
}

/// NF-32: a photo whose colours have scans of their own shows the same after the rebuild.
#[test]
fn a_photo_of_separate_scans_keeps_its_colours() {
    let entries = "/Type /XObject /Subtype /Image /Width 32 /Height 32 /BitsPerComponent 8 \
        /ColorSpace /DeviceRGB /Filter /DCTDecode";
    let paper = Paper::new("q 100 0 0 100 50 0 cm /I Do Q")
        .resources("/XObject <</I 5 0 R>>")
        .object(stream(entries, &foreign::bytes(foreign::APART_JPEG)));
    let original = paper.written();
    let rebuilt = Desk::new().sends("写真.pdf", &original).becomes("写真.pdf");
    is_sound(&rebuilt.bytes);
    let (before, after) = (Shown::of(&original), Shown::of(&rebuilt.bytes));
    for (x, y) in [(70, 20), (130, 20), (70, 80), (130, 80), (20, 50)] {
        let (before, after) = (before.at(x, y), after.at(x, y));
        assert!(before.abs_diff(after) < 14, "at {x}, {y}: {before} {after}");
    }
}

/// NF-32: a page that cannot be kept step by step, here for its font of more
/// glyphs than a font has, becomes a picture with its words unseen behind it.
#[test]
fn a_page_that_becomes_a_picture_keeps_its_words() {
    let small = laid_open(&with_font(Stroke::Quad([500, 900, 900, 0]), false));
    let shown = b"<000100020003>";
    let at = small.windows(shown.len()).position(|it| it == shown).expect("the three characters");
    let all: String = (0..=0xffff_u32).map(|code| format!("{code:04x}")).collect();
    let more = format!("<000100020003> Tj 0 Tr <{all}>");
    let mut large = small.clone();
    large.splice(at..at + shown.len(), more.bytes());
    let rebuilt = Desk::new().sends("申請書.pdf", &large).becomes("申請書.pdf");
    is_sound(&rebuilt.bytes);
    assert_eq!(changed(&rebuilt, ChangedKind::PagesAsPictures), 1);
    assert!(contains(&laid_open(&rebuilt.bytes), b"/Subtype /Image"));
    assert!(letters(&rebuilt.bytes).contains("住民票"), "the words are behind the picture");
}

/// NF-32: pictures without loss keep every pixel, with their transparency.
#[test]
fn a_drawing_keeps_its_pixels() {
    let samples = packed(&[0, 255, 64, 192]);
    let entries = "/Type /XObject /Subtype /Image /Width 2 /Height 2 /BitsPerComponent 8 \
        /ColorSpace /DeviceGray /Filter /FlateDecode";
    let mask = stream(entries, &packed(&[255, 255, 255, 0]));
    let paper = Paper::new("0 g 0 0 200 100 re f q 100 0 0 100 50 0 cm /I Do Q")
        .resources("/XObject <</I 5 0 R>>")
        .object(stream(&format!("{entries} /SMask 6 0 R"), &samples))
        .object(mask);
    let rebuilt = Desk::new().sends("図.pdf", &paper.written()).becomes("図.pdf");
    is_sound(&rebuilt.bytes);
    let shown = Shown::of(&rebuilt.bytes);
    let seen = [(60, 10), (140, 10), (60, 90), (140, 90)].map(|(x, y)| shown.at(x, y));
    assert_eq!(seen, [0, 255, 64, 0]);
}

/// NF-32: what somebody wrote into a form is on the page, and no form is left.
#[test]
fn form_fields_become_what_they_show() {
    let paper = Paper::saying("Name")
        .catalog("/AcroForm <</Fields [5 0 R 6 0 R] /NeedAppearances true /DA (/F 12 Tf 0 g)>>")
        .page("/Annots [5 0 R 6 0 R]")
        .object(
            "<</Type /Annot /Subtype /Widget /FT /Tx /T (name) /V (Hanako) \
             /Rect [60 45 190 65]>>",
        )
        .object(
            "<</Type /Annot /Subtype /Widget /FT /Tx /T (town) \
             /V <FEFF307F3089304400205E02> /Rect [60 10 190 30]>>",
        );
    let rebuilt = Desk::new().sends("様式.pdf", &paper.written()).becomes("様式.pdf");
    is_sound(&rebuilt.bytes);
    let words = text(&rebuilt.bytes);
    assert!(words.contains("Name") && words.contains("Hanako"), "{words}");
    assert!(words.replace(' ', "").contains("みらい市"), "{words}");
    assert_eq!(changed(&rebuilt, ChangedKind::FormsFlattened), 2);
    let opened = laid_open(&rebuilt.bytes);
    assert!(!contains(&opened, b"/AcroForm") && !contains(&opened, b"/Widget"));
}

/// NF-32: the same file gives the same bytes.
#[test]
fn a_rebuild_is_the_same_every_time() {
    let desk = Desk::new();
    let original = Paper::saying("once and again").written();
    let first = desk.sends("同.pdf", &original).becomes("同.pdf");
    let second = desk.sends("同.pdf", &original).becomes("同.pdf");
    assert_eq!(first.bytes, second.bytes);
    let again = desk.sends("同.pdf", &first.bytes).becomes("同.pdf");
    assert_eq!(text(&again.bytes), "once and again");
}
