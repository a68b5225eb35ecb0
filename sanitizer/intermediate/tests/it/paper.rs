//! Pages and everything they are drawn with.

use sanitizer_intermediate::image::Samples;
use sanitizer_intermediate::pdf::{
    Blend, Bookmark, Cap, Collection, Colour, Drawn, DrawnGlyph, Encoding, Font, Form, Glyph,
    Group, GroupSpace, Join, Line, Link, Mask, MaskKind, Mesh, Metrics, Named, NamedCid, Outline,
    Outlined, Page, Paint, Pattern, PdfDocument, PdfPicture, Piece, Rule, Segment, Shading,
    ShadingKind, Stencil, Step, Stop, Stroke, Target, Things, Tiling, Uprights, Vertex, Width,
};

use crate::dice::Dice;
use crate::plain::picture;

pub(crate) fn document(dice: &mut Dice<'_>) -> PdfDocument {
    let mut pages = vec![page(dice)];
    pages.extend(dice.list(2, page));
    let things = Things {
        fonts: dice.list(3, font),
        forms: dice.list(2, form),
        pictures: dice.list(2, pdf_picture),
        patterns: dice.list(2, pattern),
        shadings: dice.list(3, shading),
        masks: dice.list(2, mask),
    };
    let bookmark = |dice: &mut Dice<'_>| Bookmark {
        level: dice.byte(),
        title: dice.text(1_000),
        page: dice.u32(),
    };
    PdfDocument { pages, things: Box::new(things), bookmarks: dice.list(3, bookmark) }
}

fn page(dice: &mut Dice<'_>) -> Page {
    Page {
        media: dice.numbers(),
        crop: dice.numbers(),
        turns: dice.byte() % 4,
        unit: 0.5 + dice.share(),
        group: dice.option(group),
        content: dice.list(12, step),
        links: dice.list(2, link),
    }
}

fn link(dice: &mut Dice<'_>) -> Link {
    let target = if dice.flag() {
        Target::Page(dice.u32())
    } else {
        Target::Web("https://example.com/".to_owned())
    };
    Link { area: dice.numbers(), target }
}

fn group(dice: &mut Dice<'_>) -> Group {
    Group { isolated: dice.flag(), knockout: dice.flag(), space: dice.one(GroupSpace::ALL) }
}

fn form(dice: &mut Dice<'_>) -> Form {
    Form {
        bounds: dice.numbers(),
        matrix: dice.numbers(),
        group: dice.option(group),
        content: dice.list(4, step),
    }
}

fn pdf_picture(dice: &mut Dice<'_>) -> PdfPicture {
    if dice.flag() {
        return PdfPicture {
            picture: picture(dice, &[Samples::Bilevel]),
            alpha: None,
            stencil: Some(Stencil),
            smooth: dice.flag(),
            coded_bytes: dice.u32(),
        };
    }
    PdfPicture {
        picture: picture(dice, &[Samples::Bilevel, Samples::Gray, Samples::Rgb]),
        alpha: dice.option(|dice| picture(dice, &[Samples::Bilevel, Samples::Gray])),
        stencil: None,
        smooth: dice.flag(),
        coded_bytes: dice.u32(),
    }
}

fn colour(dice: &mut Dice<'_>) -> Colour {
    match dice.below(4) {
        0 => Colour::Gray(dice.share()),
        1 => Colour::Rgb(std::array::from_fn(|_| dice.share())),
        2 => Colour::Cmyk(std::array::from_fn(|_| dice.share())),
        _ => Colour::Pattern { pattern: dice.u32(), tint: dice.option(Dice::numbers) },
    }
}

fn step(dice: &mut Dice<'_>) -> Step {
    match dice.below(26) {
        0 => Step::Save,
        1 => Step::Restore,
        2 => Step::Concat(dice.numbers()),
        3 => Step::Line(line(dice)),
        4 => Step::Fill(colour(dice)),
        5 => Step::Stroke(colour(dice)),
        6 => Step::FillAlpha(dice.share()),
        7 => Step::StrokeAlpha(dice.share()),
        8 => Step::Blend(dice.one(Blend::ALL)),
        9 => Step::Mask(dice.option(Dice::u32)),
        10 => {
            let rule = |dice: &mut Dice<'_>| dice.one(Rule::ALL);
            let (fill, clip) = (dice.option(rule), dice.option(rule));
            let paint = Paint { fill, stroke: dice.flag(), clip };
            Step::Path { segments: dice.list(5, segment), paint }
        }
        11 => Step::Picture(dice.u32()),
        12 => Step::Form(dice.u32()),
        13 => Step::Shade(dice.u32()),
        14 => Step::BeginText,
        15 => Step::EndText,
        16 => Step::TextMatrix(dice.numbers()),
        17 => Step::TextMove(dice.number(), dice.number()),
        18 => Step::Font { font: dice.u32(), size: dice.number() },
        19 => Step::CharSpace(dice.number()),
        20 => Step::TextScale(dice.number()),
        21 => Step::Rise(dice.number()),
        22 => Step::TextMode(dice.byte() % 8),
        23 => Step::Show(dice.list(6, |dice| {
            if dice.flag() { Piece::Glyph(dice.u16()) } else { Piece::Shift(dice.number()) }
        })),
        24 => Step::BeginActualText(dice.text(100)),
        _ => Step::EndActualText,
    }
}

fn line(dice: &mut Dice<'_>) -> Line {
    match dice.below(5) {
        0 => Line::Width(dice.share()),
        1 => Line::Cap(dice.one(Cap::ALL)),
        2 => Line::Join(dice.one(Join::ALL)),
        3 => Line::Miter(dice.number()),
        _ => Line::Dash(dice.list(5, Dice::share), dice.number()),
    }
}

fn segment(dice: &mut Dice<'_>) -> Segment {
    match dice.below(5) {
        0 => Segment::Move(dice.number(), dice.number()),
        1 => Segment::Line(dice.number(), dice.number()),
        2 => Segment::Curve(dice.numbers()),
        3 => Segment::Rect(dice.numbers()),
        _ => Segment::Close,
    }
}

fn pattern(dice: &mut Dice<'_>) -> Pattern {
    if dice.flag() {
        return Pattern::Shading { shading: dice.u32(), matrix: dice.numbers() };
    }
    Pattern::Tiling(Tiling {
        coloured: dice.flag(),
        bounds: dice.numbers(),
        step_x: 0.5 + dice.share(),
        step_y: -0.5 - dice.share(),
        matrix: dice.numbers(),
        content: dice.list(3, step),
    })
}

fn shading(dice: &mut Dice<'_>) -> Shading {
    let stops = |dice: &mut Dice<'_>| {
        let between = dice.below(4);
        let all = u8::try_from(between + 1).expect("small");
        let place = |at: u8| if at == all { 1.0 } else { f32::from(at) / f32::from(all) };
        (0..=all).map(|at| Stop { at: place(at), rgb: dice.rgb() }).collect()
    };
    let kind = match dice.below(3) {
        0 => ShadingKind::Axial {
            line: dice.numbers(),
            extend: [dice.flag(), dice.flag()],
            stops: stops(dice),
        },
        1 => ShadingKind::Radial {
            circles: dice.numbers(),
            extend: [dice.flag(), dice.flag()],
            stops: stops(dice),
        },
        _ => {
            let corners = 3 * (1 + dice.below(3));
            let corner = |dice: &mut Dice<'_>| Vertex {
                x: dice.number(),
                y: dice.number(),
                rgb: dice.rgb(),
            };
            ShadingKind::Mesh(Mesh { vertices: (0..corners).map(|_| corner(dice)).collect() })
        }
    };
    Shading { kind, background: dice.option(Dice::numbers), bounds: dice.option(Dice::numbers) }
}

fn mask(dice: &mut Dice<'_>) -> Mask {
    Mask {
        kind: dice.one(MaskKind::ALL),
        form: dice.u32(),
        backdrop: dice.option(Dice::numbers),
        transfer: dice.option(|dice| (0..256).map(|_| dice.byte()).collect()),
    }
}

fn metrics(dice: &mut Dice<'_>) -> Metrics {
    Metrics {
        fixed: dice.flag(),
        serif: dice.flag(),
        symbolic: dice.flag(),
        script: dice.flag(),
        italic: dice.flag(),
        bold: dice.flag(),
        ascent: dice.number(),
        descent: dice.number(),
        cap_height: dice.number(),
        italic_angle: dice.number(),
        stem: dice.number(),
        weight: dice.u16(),
        bounds: dice.numbers(),
    }
}

fn name(dice: &mut Dice<'_>) -> String {
    dice.one(&["Ryumin-Light", "a", "MS_Gothic,Bold", "ABCDEF+x.1"]).to_owned()
}

fn font(dice: &mut Dice<'_>) -> Font {
    let width = |dice: &mut Dice<'_>| Width { code: dice.u16(), width: dice.number() };
    let text = |dice: &mut Dice<'_>| (dice.u16(), dice.text(60));
    match dice.below(4) {
        0 => Font::Outlined(Outlined {
            vertical: dice.flag(),
            units: 16 + dice.u16() % 16_000,
            metrics: metrics(dice),
            glyphs: dice.list(3, glyph),
        }),
        1 => Font::Named(Named {
            name: name(dice),
            true_type: dice.flag(),
            encoding: dice.one(Encoding::ALL),
            differences: dice.list(3, |dice| (dice.byte(), name(dice))),
            widths: dice.list(3, width),
            metrics: dice.option(metrics),
            text: dice.list(3, text),
        }),
        2 => Font::NamedCid(NamedCid {
            name: name(dice),
            collection: dice.one(Collection::ALL),
            supplement: dice.byte(),
            vertical: dice.flag(),
            true_type: dice.flag(),
            default_width: dice.number(),
            widths: dice.list(3, width),
            default_upright: dice.option(Dice::numbers),
            uprights: dice.list(3, |dice| Uprights { code: dice.u16(), numbers: dice.numbers() }),
            metrics: metrics(dice),
            text: dice.list(3, text),
        }),
        _ => Font::Drawn(Drawn {
            matrix: dice.numbers(),
            bounds: dice.numbers(),
            glyphs: dice.list(3, |dice| DrawnGlyph {
                code: dice.byte(),
                letter: dice.option(|dice| dice.one(b"aZ")),
                width: dice.number(),
                text: dice.text(60),
                shape: dice.option(Dice::numbers),
                content: dice.list(3, step),
            }),
        }),
    }
}

fn glyph(dice: &mut Dice<'_>) -> Glyph {
    let mut strokes = Vec::new();
    if dice.flag() {
        strokes.push(Stroke::Move(dice.places()));
        strokes.extend(dice.list(4, |dice| match dice.below(4) {
            0 => Stroke::Move(dice.places()),
            1 => Stroke::Line(dice.places()),
            2 => Stroke::Quad(dice.places()),
            _ => Stroke::Cubic(dice.places()),
        }));
    }
    Glyph {
        width: dice.number(),
        upright: dice.option(Dice::numbers),
        text: dice.text(60),
        outline: Outline { strokes },
    }
}
