//! Diagrams in Word: a group of shapes with their text.

use sanitizer_intermediate::office::Space;
use sanitizer_intermediate::{ChangedKind, HoldReason};

use crate::office::diagram::{Frame, shapes_of};
use crate::office::links::PartLinks;
use crate::office::xml::{Element, Ns};

/// `a:graphicData` with the shapes of a diagram as a group; nothing when no
/// drawing was kept with it.
pub(super) fn as_group(
    ids: &Element,
    links: &mut PartLinks<'_, '_>,
) -> Result<Vec<Element>, HoldReason> {
    let shapes = shapes_of(ids, links)?;
    links.change(ChangedKind::LayoutSimplified, 1);
    if shapes.is_empty() {
        return Ok(Vec::new());
    }
    let frames: Vec<Frame> = shapes.iter().map(frame).collect();
    let all = Frame {
        x: 0,
        y: 0,
        width: frames.iter().map(|it| it.x + it.width).max().unwrap_or_default(),
        height: frames.iter().map(|it| it.y + it.height).max().unwrap_or_default(),
    };
    let inner = all.transform();
    let mut transform = inner.clone();
    for (name, of) in [("chOff", "off"), ("chExt", "ext")] {
        if let Some(child) = inner.child(of) {
            let mut child = child.clone();
            child.name = name.into();
            transform = transform.and(child);
        }
    }
    let mut group = Element::new(Space::Wpg, "wgp")
        .and(Element::new(Space::Wpg, "cNvGrpSpPr"))
        .and(Element::new(Space::Wpg, "grpSpPr").and(transform));
    for shape in shapes {
        group = group.and(word_shape(shape));
    }
    let data = Element::new(Space::A, "graphicData").with(Ns::None, "uri", Space::Wpg.uri());
    Ok(vec![data.and(group)])
}

fn frame(shape: &Element) -> Frame {
    let transform = shape.child("spPr").and_then(|it| it.child("xfrm"));
    transform.map(Frame::of).unwrap_or_default()
}

/// `dsp:sp` as `wps:wsp`; its text becomes paragraphs of Word.
fn word_shape(shape: Element) -> Element {
    let mut made = Element::new(Space::Wps, "wsp").and(Element::new(Space::Wps, "cNvSpPr"));
    for name in ["spPr", "style"] {
        if let Some(part) = shape.child(name) {
            let mut part = part.clone();
            part.ns = Space::Wps.into();
            made = made.and(part);
        }
    }
    let body = shape.child("txBody");
    if let Some(body) = body {
        let mut content = Element::new(Space::W, "txbxContent");
        for paragraph in body.elements().filter(|it| it.is(Space::A, "p")) {
            content = content.and(word_paragraph(paragraph));
        }
        made = made.and(Element::new(Space::Wps, "txbx").and(content));
    }
    let mut properties = Element::new(Space::Wps, "bodyPr");
    if let Some(given) = body.and_then(|it| it.child("bodyPr")) {
        properties.attributes.clone_from(&given.attributes);
    }
    made.and(properties)
}

fn word_paragraph(paragraph: &Element) -> Element {
    let centred = paragraph.child("pPr").and_then(|it| it.attribute("algn")) == Some("ctr");
    let mut made = Element::new(Space::W, "p");
    if centred {
        let alignment = Element::new(Space::W, "jc").with(Space::W, "val", "center");
        made = made.and(Element::new(Space::W, "pPr").and(alignment));
    }
    for run in paragraph.elements().filter(|it| it.is(Space::A, "r")) {
        let mut properties = Element::new(Space::W, "rPr");
        let given = run.child("rPr");
        if given.and_then(|it| it.attribute("b")) == Some("1") {
            properties = properties.and(Element::new(Space::W, "b"));
        }
        let size = given.and_then(|it| it.attribute("sz")).and_then(|it| it.parse::<i64>().ok());
        if let Some(hundredths) = size {
            let half_points = (hundredths / 50).to_string();
            properties =
                properties.and(Element::new(Space::W, "sz").with(Space::W, "val", half_points));
        }
        let text = run.child("t").map(Element::own_text).unwrap_or_default();
        let text = Element::new(Space::W, "t").text_inside(&text);
        made = made.and(Element::new(Space::W, "r").and(properties).and(text));
    }
    made
}
