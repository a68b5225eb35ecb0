//! Canvases: a frame around shapes. Read as a group, which more programs show.

use sanitizer_intermediate::office::Space;

use crate::office::diagram::Frame;
use crate::office::xml::{Content, Element, Ns};

/// A placed drawing with a group in place of its canvas.
pub(super) fn as_group(mut placed: Element) -> Element {
    if placed.find("wpc").is_none_or(|it| it.ns != Ns::Canvas) {
        return placed;
    }
    let number = |name: &str| {
        let value = placed.child("extent").and_then(|it| it.attribute(name));
        value.and_then(|it| it.parse().ok()).unwrap_or_default()
    };
    let frame = Frame { x: 0, y: 0, width: number("cx"), height: number("cy") };
    for content in &mut placed.content {
        if let Content::Element(graphic) = content
            && graphic.is(Space::A, "graphic")
        {
            *graphic = group_graphic(graphic, &frame);
        }
    }
    placed
}

fn group_graphic(graphic: &Element, frame: &Frame) -> Element {
    let mut group = Element::new(Space::Wpg, "wgp")
        .and(Element::new(Space::Wpg, "cNvGrpSpPr"))
        .and(frame.group_properties(Space::Wpg));
    let shapes = graphic.find("wpc").into_iter().flat_map(Element::elements);
    for shape in shapes.filter(|it| matches!(&*it.name, "wsp" | "wgp" | "pic")) {
        let mut shape = shape.clone();
        if shape.is(Space::Wpg, "wgp") {
            shape.name = "grpSp".into();
        }
        group = group.and(shape);
    }
    let data =
        Element::new(Space::A, "graphicData").with(Ns::None, "uri", Space::Wpg.uri()).and(group);
    Element::new(Space::A, "graphic").and(data)
}
