//! Drawings look as before: colours, shadings, patterns, transparency.

use super::paper::{Paper, stream};
use super::tools::{Shown, is_sound};
use crate::desk::Desk;

/// Rebuilds a paper and compares poppler's pictures before and after.
#[track_caller]
fn looks_the_same(paper: &Paper) {
    let original = paper.written();
    let rebuilt = Desk::new().sends("絵.pdf", &original).becomes("絵.pdf");
    is_sound(&rebuilt.bytes);
    let (before, after) = (Shown::of(&original), Shown::of(&rebuilt.bytes));
    let mut off = 0;
    let mut drawn = false;
    for y in (1..100).step_by(4) {
        for x in (1..200).step_by(4) {
            off += u32::from(before.at(x, y).abs_diff(after.at(x, y)) > 14);
            drawn |= before.at(x, y) != 255;
        }
    }
    assert!(drawn, "nothing to compare");
    assert!(off <= 12, "{off} of 1,250 places differ");
}

const FADE: &str = "<</FunctionType 3 /Domain [0 1] /Bounds [0.4] /Encode [0 1 0 1] /Functions [\
    <</FunctionType 2 /Domain [0 1] /C0 [1 0 0] /C1 [0 0 1] /N 1>> \
    <</FunctionType 2 /Domain [0 1] /C0 [0 0 1] /C1 [1 1 0] /N 2>>]>>";

/// NF-32: shadings along a line and between circles.
#[test]
fn shadings_look_the_same() {
    let axial = format!(
        "/Shading <</S <</ShadingType 2 /ColorSpace /DeviceRGB /Coords [20 20 180 80] \
         /Function {FADE} /Extend [true false]>>>>"
    );
    looks_the_same(&Paper::new("/S sh").resources(&axial));
    let radial = format!(
        "/Pattern <</P <</Type /Pattern /PatternType 2 /Matrix [1 0 0 0.5 0 10] \
         /Shading <</ShadingType 3 /ColorSpace /DeviceRGB /Coords [100 80 10 120 80 70] \
         /Function {FADE} /Extend [true true]>>>>>>"
    );
    let content = "/Pattern cs /P scn 10 10 180 80 re f";
    looks_the_same(&Paper::new(content).resources(&radial));
}

/// NF-32: a shading that is a function of both coordinates, by a small program.
#[test]
fn a_computed_shading_looks_the_same() {
    let resources = "/Shading <</S <</ShadingType 1 /ColorSpace /DeviceRGB /Domain [0 1 0 1] \
        /Matrix [200 0 0 100 0 0] /Function 5 0 R>>>>";
    let function = stream(
        "/FunctionType 4 /Domain [0 1 0 1] /Range [0 1 0 1 0 1]",
        b"{ 2 copy mul 3 1 roll exch }",
    );
    looks_the_same(&Paper::new("/S sh").resources(resources).object(function));
}

/// NF-32: patterns with and without colours of their own.
#[test]
fn patterns_look_the_same() {
    let tile = |paint: u8, content: &[u8]| {
        let entries = format!(
            "/Type /Pattern /PatternType 1 /PaintType {paint} /TilingType 1 \
             /BBox [0 0 24 24] /XStep 24 /YStep 24 /Resources <<>> /Matrix [1 0.2 0 1 3 3]"
        );
        stream(&entries, content)
    };
    let coloured = tile(1, b"1 0 0 rg 0 0 10 10 re f 0 0 1 RG 12 12 m 20 20 l S");
    let resources = "/Pattern <</P 5 0 R>> /ColorSpace <</C [/Pattern /DeviceRGB]>>";
    let paper = Paper::new("/Pattern cs /P scn 10 10 180 80 re f").resources(resources);
    looks_the_same(&paper.object(coloured));
    let plain = tile(2, b"0 0 10 10 re f 12 12 m 20 20 l S");
    let paper = Paper::new("/C cs 0 0.6 0.2 /P scn 10 10 180 80 re f").resources(resources);
    looks_the_same(&paper.object(plain));
}

/// NF-32: colours of inks and measured colours come out alike.
#[test]
fn colour_spaces_look_the_same() {
    let resources = "/ColorSpace <</S [/Separation /Ink /DeviceCMYK <</FunctionType 2 \
        /Domain [0 1] /C0 [0 0 0 0] /C1 [0 1 0.5 0.1] /N 1>>] \
        /K [/CalRGB <</WhitePoint [0.95 1 1.09] /Gamma [2.2 2.2 2.2]>>]>>";
    let content = "/S cs 0.3 scn 10 10 50 80 re f /K cs 0.2 0.6 0.3 scn 70 10 50 80 re f \
        0.1 0.9 0.2 0.1 k 130 10 50 80 re f";
    looks_the_same(&Paper::new(content).resources(resources));
}

/// NF-32: transparency, mixing and soft masks.
#[test]
fn transparency_looks_the_same() {
    let resources = "/ExtGState <</A <</ca 0.5>> /M <</BM /Multiply>> /S <</SMask <<\
        /S /Luminosity /G 5 0 R>>>>>> /XObject <</G 6 0 R>>";
    let fade = "/Type /XObject /Subtype /Form /BBox [0 0 200 100] \
        /Group <</S /Transparency /CS /DeviceGray>> \
        /Resources <</Shading <</S <</ShadingType 2 /ColorSpace /DeviceGray \
        /Coords [0 0 200 0] /Function <</FunctionType 2 /Domain [0 1] /C0 [0] /C1 [1] /N 1>>>>>>>>";
    let group = "/Type /XObject /Subtype /Form /BBox [0 0 200 100] \
        /Group <</S /Transparency /I true>>";
    let content = "0.8 g 0 0 200 100 re f q /S gs 0 0 1 rg 10 50 180 40 re f Q \
        q /A gs /G Do Q q /M gs 1 1 0 rg 120 5 60 60 re f Q";
    let paper = Paper::new(content)
        .resources(resources)
        .object(stream(fade, b"/S sh"))
        .object(stream(group, b"1 0 0 rg 20 5 60 40 re f 0 1 0 rg 50 10 60 60 re f"));
    looks_the_same(&paper);
}

/// NF-32: outlined, hidden, stretched and clipping text.
#[test]
fn kinds_of_text_look_the_same() {
    let content = "BT /F 40 Tf 10 60 Td 1 Tr (Line) Tj 90 0 Td 2 Tr 1 0 0 rg (Both) Tj \
        -90 -50 Td 0 Tr 50 Tz 5 Tc 10 Tw (a b) Tj 3 Tr (gone) Tj 7 Tr 100 Tz 0 Tc (Clip) Tj ET \
        0 0 1 rg 0 0 200 40 re f";
    looks_the_same(&Paper::new(content));
}

/// NF-32: marks of a reviewer are drawn, with or without a look of their own.
#[test]
fn annotations_are_drawn() {
    let annotations = "/Annots [\
        <</Type /Annot /Subtype /Square /Rect [10 10 60 60] /C [1 0 0] /IC [0.8 0.9 1] \
        /BS <</W 3>>>> \
        <</Type /Annot /Subtype /Line /Rect [70 10 130 60] /L [75 15 125 55] /C [0 0 1] \
        /BS <</W 4>>>> \
        <</Type /Annot /Subtype /Link /Rect [140 10 190 60] /Border [0 0 3] /C [0 0.5 0]>> \
        <</Type /Annot /Subtype /Stamp /Rect [10 70 190 95] /AP <</N 5 0 R>>>>]";
    let look = stream(
        "/Type /XObject /Subtype /Form /BBox [0 0 10 10] /Matrix [1 0 0 1 5 5]",
        b"0.5 g 0 0 5 10 re f",
    );
    looks_the_same(&Paper::new("").page(annotations).object(look));
}

/// NF-32: pictures written into the content, of each usual depth.
#[test]
fn inline_pictures_look_the_same() {
    let content = "q 180 0 0 80 10 10 cm BI /W 4 /H 2 /BPC 8 /CS /G /F /AHx ID \
        00408000FFC02060> EI Q q 20 0 0 20 90 40 cm 1 0 0 rg BI /W 8 /H 2 /IM true /F /AHx ID \
        AA55> EI Q";
    looks_the_same(&Paper::new(content));
}
