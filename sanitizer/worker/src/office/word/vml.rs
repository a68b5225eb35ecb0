//! Old drawings of Word as drawings of today.

use sanitizer_intermediate::office::Space;

use crate::office::diagram::Frame;
use crate::office::links::MISSING;
use crate::office::vml::{Style, colour, length, unless_off};
use crate::office::xml::{Content, Element, Ns};

/// Size of a drawing that does not say its own.
const USUAL: i64 = 914_400;
/// Most drawings made from one old one.
const MAX_DRAWINGS: usize = 200;

/// The pictures, text boxes and plain shapes in an old drawing. An object
/// without a preview becomes the stand-in.
pub(super) fn drawings(content: &[Content], object: bool) -> Vec<Element> {
    let mut found = Vec::new();
    for it in content {
        if let Content::Element(shape) = it {
            collect(shape, None, &mut found);
        }
    }
    if found.is_empty() && object {
        let size = Frame { width: USUAL, height: USUAL, ..Frame::default() };
        found.push(inline(picture(MISSING, size), size));
    }
    found.truncate(MAX_DRAWINGS);
    found
}

/// A group turns its coordinates into lengths.
#[derive(Clone, Copy)]
struct Group {
    frame: Frame,
    origin: (f64, f64),
    scale: (f64, f64),
}

fn collect(shape: &Element, group: Option<&Group>, found: &mut Vec<Element>) {
    if shape.ns != Ns::Vml || found.len() >= MAX_DRAWINGS {
        return;
    }
    let style = Style::of(shape);
    if &*shape.name == "group" {
        let inner = group_of(shape, &style, group);
        for child in shape.elements() {
            collect(child, Some(&inner), found);
        }
        return;
    }
    let mut frame = match group {
        Some(group) => group.place(&style),
        None => style.frame(),
    };
    if frame.width <= 0 || frame.height <= 0 {
        let usual = |it: i64| if it > 0 { it } else { USUAL };
        (frame.width, frame.height) = (usual(frame.width), usual(frame.height));
    }
    let free = group.is_some() || style.get("position") == Some("absolute");
    let Some(graphic) = graphic(shape, &style, frame) else {
        return;
    };
    found.push(if free { anchor(shape, &style, graphic, frame) } else { inline(graphic, frame) });
}

fn group_of(shape: &Element, style: &Style, outer: Option<&Group>) -> Group {
    let frame = outer.map_or_else(|| style.frame(), |it| it.place(style));
    let pair = |name: &str| {
        let (a, b) = shape.attribute(name)?.split_once(',')?;
        Some((a.trim().parse::<f64>().ok()?, b.trim().parse::<f64>().ok()?))
    };
    let size = pair("coordsize").unwrap_or((1000.0, 1000.0));
    #[expect(clippy::cast_precision_loss, reason = "lengths on paper")]
    let scale = (frame.width as f64 / size.0.max(1.0), frame.height as f64 / size.1.max(1.0));
    Group { frame, origin: pair("coordorigin").unwrap_or_default(), scale }
}

impl Group {
    fn place(&self, style: &Style) -> Frame {
        let number =
            |name: &str| style.get(name).and_then(|it| it.parse::<f64>().ok()).unwrap_or_default();
        #[expect(clippy::cast_possible_truncation, reason = "lengths on paper, saturating")]
        let scaled = |value: f64, scale: f64| (value * scale).round() as i64;
        Frame {
            x: self.frame.x.saturating_add(scaled(number("left") - self.origin.0, self.scale.0)),
            y: self.frame.y.saturating_add(scaled(number("top") - self.origin.1, self.scale.1)),
            width: scaled(number("width"), self.scale.0),
            height: scaled(number("height"), self.scale.1),
        }
    }
}

/// What the shape shows, as `a:graphic`.
fn graphic(shape: &Element, style: &Style, frame: Frame) -> Option<Element> {
    if let Some(data) = shape.child("imagedata") {
        let id = data.reference("id").or_else(|| data.attribute_of(Ns::VmlOffice, "relid"));
        return Some(picture(id.unwrap_or(MISSING), frame));
    }
    let text = shape.child("textbox").and_then(|it| it.find("txbxContent").cloned());
    let geometry = match &*shape.name {
        "rect" => "rect",
        "roundrect" => "roundRect",
        "oval" => "ellipse",
        "line" => "line",
        "shape" if text.is_some() => "rect",
        _ => return None,
    };
    Some(text_box(shape, style, text, geometry, frame))
}

/// A picture by the id of its part.
pub(super) fn picture(id: &str, frame: Frame) -> Element {
    let frame = Frame { x: 0, y: 0, ..frame };
    let fill = Element::new(Space::Pic, "blipFill")
        .and(Element::new(Space::A, "blip").with(Space::R, "embed", id))
        .and(Element::new(Space::A, "stretch").and(Element::new(Space::A, "fillRect")));
    let properties = Element::new(Space::Pic, "spPr").and(frame.transform()).and(preset("rect"));
    let names = Element::new(Space::Pic, "nvPicPr")
        .and(Element::new(Space::Pic, "cNvPr").with(Ns::None, "id", "0").with(Ns::None, "name", ""))
        .and(Element::new(Space::Pic, "cNvPicPr"));
    let picture = Element::new(Space::Pic, "pic").and(names).and(fill).and(properties);
    graphic_of(Space::Pic, picture)
}

fn text_box(
    shape: &Element,
    style: &Style,
    text: Option<Element>,
    geometry: &str,
    frame: Frame,
) -> Element {
    let frame = Frame { x: 0, y: 0, ..frame };
    let mut properties =
        Element::new(Space::Wps, "spPr").and(frame.transform()).and(preset(geometry));
    let filled = unless_off(shape.attribute_of(Ns::None, "filled")) && geometry != "line";
    properties = properties.and(if filled {
        let fill = shape.attribute("fillcolor").and_then(colour).unwrap_or_else(|| "FFFFFF".into());
        solid(&fill)
    } else {
        Element::new(Space::A, "noFill")
    });
    let stroked = unless_off(shape.attribute_of(Ns::None, "stroked"));
    let weight = shape.attribute("strokeweight").and_then(length).unwrap_or(9_525);
    let line = Element::new(Space::A, "ln").with(Ns::None, "w", weight.max(0).to_string());
    properties = properties.and(line.and(if stroked {
        let stroke =
            shape.attribute("strokecolor").and_then(colour).unwrap_or_else(|| "000000".into());
        solid(&stroke)
    } else {
        Element::new(Space::A, "noFill")
    }));
    let mut made = Element::new(Space::Wps, "wsp")
        .and(Element::new(Space::Wps, "cNvSpPr").with(Ns::None, "txBox", "1"))
        .and(properties);
    if let Some(text) = text {
        made = made.and(Element::new(Space::Wps, "txbx").and(text));
    }
    graphic_of(Space::Wps, made.and(body_properties(shape, style)))
}

fn body_properties(shape: &Element, style: &Style) -> Element {
    let mut properties = Element::new(Space::Wps, "bodyPr");
    let Some(text_box) = shape.child("textbox") else {
        return properties;
    };
    let insets = text_box.attribute("inset").unwrap_or_default();
    for (name, value) in ["lIns", "tIns", "rIns", "bIns"].iter().zip(insets.split(',')) {
        if let Some(value) = length(value) {
            properties = properties.with(Ns::None, name, value.to_string());
        }
    }
    let flow =
        Style::of(text_box).get("layout-flow").or(style.get("layout-flow")).map(str::to_owned);
    match flow.as_deref() {
        Some("vertical-ideographic") => properties.with(Ns::None, "vert", "eaVert"),
        Some("vertical") => properties.with(Ns::None, "vert", "vert"),
        _ => properties,
    }
}

fn preset(name: &str) -> Element {
    Element::new(Space::A, "prstGeom")
        .with(Ns::None, "prst", name)
        .and(Element::new(Space::A, "avLst"))
}

fn solid(digits: &str) -> Element {
    let colour = Element::new(Space::A, "srgbClr").with(Ns::None, "val", digits);
    Element::new(Space::A, "solidFill").and(colour)
}

fn graphic_of(space: Space, inner: Element) -> Element {
    let data = Element::new(Space::A, "graphicData").with(Ns::None, "uri", space.uri()).and(inner);
    Element::new(Space::A, "graphic").and(data)
}

/// Number 0: the builder writes no second form for a drawing that had one only.
fn names() -> Element {
    Element::new(Space::Wp, "docPr").with(Ns::None, "id", "0").with(Ns::None, "name", "")
}

fn extent(frame: Frame) -> Element {
    Element::new(Space::Wp, "extent").with(Ns::None, "cx", frame.width.max(0).to_string()).with(
        Ns::None,
        "cy",
        frame.height.max(0).to_string(),
    )
}

fn inline(graphic: Element, frame: Frame) -> Element {
    let inline = Element::new(Space::Wp, "inline").and(extent(frame)).and(names()).and(graphic);
    Element::new(Space::W, "drawing").and(inline)
}

fn anchor(shape: &Element, style: &Style, graphic: Element, frame: Frame) -> Element {
    let order = style.get("z-index").and_then(|it| it.parse::<i64>().ok()).unwrap_or_default();
    let mut anchor = Element::new(Space::Wp, "anchor");
    for (name, value) in [
        ("relativeHeight", order.unsigned_abs().min(u64::from(u32::MAX)).to_string()),
        ("behindDoc", u8::from(order < 0).to_string()),
        ("locked", "0".into()),
        ("layoutInCell", "1".into()),
        ("allowOverlap", "1".into()),
        ("simplePos", "0".into()),
    ] {
        anchor = anchor.with(Ns::None, name, value);
    }
    let origin =
        Element::new(Space::Wp, "simplePos").with(Ns::None, "x", "0").with(Ns::None, "y", "0");
    let wrap = shape.child("wrap").and_then(|it| it.attribute("type")).unwrap_or_default();
    let wrap = match wrap {
        "square" | "tight" | "through" => {
            Element::new(Space::Wp, "wrapSquare").with(Ns::None, "wrapText", "bothSides")
        }
        "topAndBottom" => Element::new(Space::Wp, "wrapTopAndBottom"),
        _ => Element::new(Space::Wp, "wrapNone"),
    };
    let anchor = anchor
        .and(origin)
        .and(position(style, "positionH", "horizontal", frame.x))
        .and(position(style, "positionV", "vertical", frame.y))
        .and(extent(frame))
        .and(wrap)
        .and(names())
        .and(graphic);
    Element::new(Space::W, "drawing").and(anchor)
}

fn position(style: &Style, name: &str, direction: &str, offset: i64) -> Element {
    let upright = direction == "vertical";
    let from = match style.get(&format!("mso-position-{direction}-relative")) {
        Some("margin") => "margin",
        Some("page") => "page",
        Some("char") if !upright => "character",
        Some("line") if upright => "line",
        _ if upright => "paragraph",
        _ => "column",
    };
    let position = Element::new(Space::Wp, name).with(Ns::None, "relativeFrom", from);
    match style.get(&format!("mso-position-{direction}")) {
        Some(align @ ("left" | "center" | "right" | "top" | "bottom" | "inside" | "outside")) => {
            position.and(Element::new(Space::Wp, "align").text_inside(align))
        }
        _ => position.and(Element::new(Space::Wp, "posOffset").text_inside(&offset.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_without_a_preview_becomes_the_stand_in() {
        let drawn = drawings(&[], true);
        let blip = drawn[0].find("blip").expect("a picture");
        assert_eq!(blip.reference("embed"), Some(MISSING));
    }
}
