//! Controls of forms on a sheet: what they show stays, as text where they
//! stood; what they do does not.
//!
//! ```text
//!  <v:shape …><v:textbox>…caption…</v:textbox>
//!    <x:ClientData ObjectType="Checkbox"><x:Anchor>1, 15, 2, 4, 3, 0, 3, 2</x:Anchor><x:Checked>1</x:Checked>
//! ```

use sanitizer_intermediate::office::Space;

use super::tab::TabReader;
use crate::office::package::Relations;
use crate::office::xml::{Content, Element, Ns};

/// EMU of a point of the screen.
const DOT: i64 = 9_525;
/// Most controls of a sheet.
const MOST: usize = 5_000;
/// Longest caption.
const LONGEST: usize = 2_000;

/// The controls of a sheet as shapes, each with an anchor.
pub(super) fn read(
    reader: &mut TabReader<'_, '_>,
    around: &Element,
    relations: &Relations,
) -> Vec<Element> {
    let id = around.child("legacyDrawing").and_then(|it| it.reference("id"));
    let Some(part) = id.and_then(|it| relations.part(it)).map(str::to_owned) else {
        return Vec::new();
    };
    // These parts are often no XML: then there is nothing to show.
    let Ok(Some(root)) = reader.package.element(&part) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    shapes(&root, &mut found);
    found
}

fn shapes(element: &Element, found: &mut Vec<Element>) {
    for inner in element.elements() {
        if &*inner.name == "shape" {
            if found.len() < MOST {
                found.extend(control(inner));
            }
        } else {
            shapes(inner, found);
        }
    }
}

fn control(shape: &Element) -> Option<Element> {
    let data = shape.child("ClientData")?;
    let caption = caption(shape);
    let ticked = || data.child("Checked").is_some_and(|it| it.own_text().trim() == "1");
    let text = match data.attribute("ObjectType")? {
        "Checkbox" => format!("{} {caption}", if ticked() { '☑' } else { '☐' }),
        "Radio" => format!("{} {caption}", if ticked() { '◉' } else { '○' }),
        "Label" | "GBox" | "Button" => caption,
        _ => return None,
    };
    let text = text.trim_end();
    if text.is_empty() {
        return None;
    }
    anchor(&data.child("Anchor")?.own_text()).map(|it| with_text(it, text))
}

/// The text of a shape, its lines apart.
fn caption(shape: &Element) -> String {
    let mut text = String::new();
    if let Some(within) = shape.child("textbox") {
        gather(within, &mut text);
    }
    let lines: Vec<String> =
        text.lines().map(|it| it.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    lines.join("\n").trim().chars().take(LONGEST).collect()
}

fn gather(element: &Element, text: &mut String) {
    for content in &element.content {
        match content {
            Content::Text(it) => text.push_str(&it.replace(['\r', '\n'], " ")),
            Content::Element(it) => {
                if matches!(&*it.name, "div" | "br" | "p") && !text.is_empty() {
                    text.push('\n');
                }
                gather(it, text);
            }
        }
    }
}

/// Left column and points in it, top row and points, and the same of the other corner.
fn anchor(text: &str) -> Option<Element> {
    let numbers: Vec<i64> = text.split(',').filter_map(|it| it.trim().parse().ok()).collect();
    let numbers: [i64; 8] = numbers.try_into().ok()?;
    let [left, in_left, top, in_top, right, in_right, bottom, in_bottom] = numbers;
    let corner = |name: &str, [column, across, row, down]: [i64; 4]| {
        let number = |name: &str, value: i64| {
            let value = value.clamp(0, 20_000_000).to_string();
            Element::new(Space::Xdr, name).text_inside(&value)
        };
        Element::new(Space::Xdr, name)
            .and(number("col", column))
            .and(number("colOff", across.saturating_mul(DOT)))
            .and(number("row", row))
            .and(number("rowOff", down.saturating_mul(DOT)))
    };
    let anchor = Element::new(Space::Xdr, "twoCellAnchor")
        .and(corner("from", [left, in_left, top, in_top]))
        .and(corner("to", [right, in_right, bottom, in_bottom]));
    Some(anchor)
}

fn with_text(anchor: Element, text: &str) -> Element {
    let names = Element::new(Space::Xdr, "nvSpPr")
        .and(Element::new(Space::Xdr, "cNvPr").with(Ns::None, "id", "0").with(Ns::None, "name", ""))
        .and(Element::new(Space::Xdr, "cNvSpPr").with(Ns::None, "txBox", "1"));
    let shape = Element::new(Space::Xdr, "spPr")
        .and(
            Element::new(Space::A, "prstGeom")
                .with(Ns::None, "prst", "rect")
                .and(Element::new(Space::A, "avLst")),
        )
        .and(Element::new(Space::A, "noFill"));
    let mut frame = Element::new(Space::A, "bodyPr")
        .with(Ns::None, "vertOverflow", "overflow")
        .with(Ns::None, "horzOverflow", "overflow")
        .with(Ns::None, "wrap", "none")
        .with(Ns::None, "anchor", "ctr");
    for side in ["lIns", "tIns", "rIns", "bIns"] {
        frame = frame.with(Ns::None, side, "0");
    }
    let mut body = Element::new(Space::Xdr, "txBody").and(frame);
    for line in text.lines() {
        let look = Element::new(Space::A, "rPr").with(Ns::None, "lang", "ja-JP").with(
            Ns::None,
            "sz",
            "900",
        );
        let run = Element::new(Space::A, "r")
            .and(look)
            .and(Element::new(Space::A, "t").text_inside(line));
        body = body.and(Element::new(Space::A, "p").and(run));
    }
    anchor
        .and(Element::new(Space::Xdr, "sp").and(names).and(shape).and(body))
        .and(Element::new(Space::Xdr, "clientData"))
}
