//! Pictures, shapes and charts on a sheet.

use sanitizer_intermediate::office::{Bag, Props, Shape, Space, shapes};
use sanitizer_intermediate::{ChangedKind, HoldReason, Place, RemovedKind};

use super::controls;
use super::tab::TabReader;
use crate::office::diagram::{self, Frame};
use crate::office::links::{MISSING, PartLinks};
use crate::office::package::Relations;
use crate::office::shape::{self, Links};
use crate::office::xml::{Content, Element, Ns};

/// Reads the drawing of a sheet, with the previews of its objects.
pub(super) fn read(
    reader: &mut TabReader<'_, '_>,
    around: &Element,
    relations: &Relations,
    place: Place,
) -> Result<Option<Props<shapes::SheetDrawing>>, HoldReason> {
    let mut bag = Bag::default();
    let id = around.child("drawing").and_then(|it| it.reference("id"));
    if let Some(part) = id.and_then(|it| relations.part(it)) {
        let own = reader.package.relations(part)?;
        let mut links = reader.links(&own, place);
        if let Some(root) = links.element(part)? {
            for content in root.content {
                if let Content::Element(anchor) = content {
                    add(anchor, &mut links, &mut bag)?;
                }
            }
        }
    }
    let controls = controls::read(reader, around, relations);
    let mut links = reader.links(relations, place);
    for control in controls {
        add(control, &mut links, &mut bag)?;
        links.change(ChangedKind::ControlsAsText, 1);
    }
    for object in previews(around) {
        add(object, &mut links, &mut bag)?;
        links.change(ChangedKind::ObjectsAsPictures, 1);
    }
    Ok((!bag.children.is_empty()).then(|| bag.into()))
}

fn add(anchor: Element, links: &mut PartLinks<'_, '_>, bag: &mut Bag) -> Result<(), HoldReason> {
    let anchor = prepared(anchor, links)?;
    let kept = shape::child(&anchor, shapes::SheetDrawing::id(), links, 0)?;
    match kept {
        // An anchor that holds nothing is no anchor.
        Some((at, inner)) if holds_something(&anchor) => bag.children.push((at, inner)),
        Some(_) | None => links.left_out(&anchor, &anchor),
    }
    Ok(())
}

fn holds_something(anchor: &Element) -> bool {
    anchor
        .elements()
        .any(|it| matches!(&*it.name, "sp" | "grpSp" | "graphicFrame" | "cxnSp" | "pic"))
}

/// Notes macros, gives linked pictures the stand-in and opens diagrams.
fn prepared(mut element: Element, links: &mut PartLinks<'_, '_>) -> Result<Element, HoldReason> {
    if element.attribute_of(Ns::None, "macro").is_some_and(|it| !it.is_empty()) {
        links.remove(RemovedKind::MacroCalls, 1);
    }
    if element.is(Space::A, "blip") && element.reference("embed").is_none() {
        if element.reference("link").is_some() {
            links.remove(RemovedKind::ExternalReferences, 1);
        }
        element = element.with(Space::R, "embed", MISSING);
    }
    if element.is(Space::Xdr, "graphicFrame")
        && let Some(group) = opened(&element, links)?
    {
        return Ok(group);
    }
    let mut content = Vec::with_capacity(element.content.len());
    for it in std::mem::take(&mut element.content) {
        content.push(match it {
            Content::Element(inner) => Content::Element(prepared(inner, links)?),
            text @ Content::Text(_) => text,
        });
    }
    element.content = content;
    Ok(element)
}

/// A frame with a diagram, as a group of its shapes.
fn opened(frame: &Element, links: &mut PartLinks<'_, '_>) -> Result<Option<Element>, HoldReason> {
    let Some(ids) = frame.find("relIds").filter(|it| it.ns == Ns::Diagram) else {
        return Ok(None);
    };
    let shapes = diagram::shapes_of(ids, links)?;
    links.change(ChangedKind::LayoutSimplified, 1);
    if shapes.is_empty() {
        return Ok(None);
    }
    let place = frame.child("xfrm").map(Frame::of).unwrap_or_default();
    let names = Element::new(Space::Xdr, "nvGrpSpPr")
        .and(Element::new(Space::Xdr, "cNvPr").with(Ns::None, "id", "0").with(Ns::None, "name", ""))
        .and(Element::new(Space::Xdr, "cNvGrpSpPr"));
    Ok(Some(diagram::group(Space::Xdr, shapes, &place, names)))
}

/// Pictures where objects and controls stood, for those that say where and what.
fn previews(around: &Element) -> Vec<Element> {
    let of = |list: &str| around.child(list).into_iter().flat_map(Element::elements);
    of("oleObjects").chain(of("controls")).filter_map(preview).collect()
}

fn preview(object: &Element) -> Option<Element> {
    let properties = object.child("objectPr").or_else(|| object.child("controlPr"))?;
    let id = properties.reference("id")?;
    let anchor = properties.child("anchor")?;
    let mut made = Element::new(Space::Xdr, "twoCellAnchor");
    for corner in ["from", "to"] {
        let mut corner = anchor.child(corner)?.clone();
        corner.ns = Space::Xdr.into();
        made = made.and(corner);
    }
    let names = Element::new(Space::Xdr, "nvPicPr")
        .and(Element::new(Space::Xdr, "cNvPr").with(Ns::None, "id", "0").with(Ns::None, "name", ""))
        .and(Element::new(Space::Xdr, "cNvPicPr"));
    let fill = Element::new(Space::Xdr, "blipFill")
        .and(Element::new(Space::A, "blip").with(Space::R, "embed", id))
        .and(Element::new(Space::A, "stretch").and(Element::new(Space::A, "fillRect")));
    let shape = Element::new(Space::Xdr, "spPr").and(
        Element::new(Space::A, "prstGeom")
            .with(Ns::None, "prst", "rect")
            .and(Element::new(Space::A, "avLst")),
    );
    let picture = Element::new(Space::Xdr, "pic").and(names).and(fill).and(shape);
    Some(made.and(picture).and(Element::new(Space::Xdr, "clientData")))
}
