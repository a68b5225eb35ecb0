//! Makes the shapes of a slide ready for the tables: objects become their
//! preview, diagrams the group of their shapes, linked pictures the stand-in.

use sanitizer_intermediate::office::Space;
use sanitizer_intermediate::{ChangedKind, HoldReason, RemovedKind};

use crate::office::diagram::{self, Frame};
use crate::office::links::{MISSING, PartLinks};
use crate::office::vml;
use crate::office::xml::{Content, Element, Ns};

/// The element as the tables know it, all the way down.
pub(super) fn prepared(
    mut element: Element,
    links: &mut PartLinks<'_, '_>,
) -> Result<Element, HoldReason> {
    if element.is(Space::A, "blip") && element.reference("embed").is_none() {
        if element.reference("link").is_some() {
            links.remove(RemovedKind::ExternalReferences, 1);
        }
        element = element.with(Space::R, "embed", MISSING);
    }
    if element.is(Space::P, "graphicFrame") {
        element = opened(element, links)?;
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

/// What a frame shows, when that is an object or a diagram.
fn opened(frame: Element, links: &mut PartLinks<'_, '_>) -> Result<Element, HoldReason> {
    let place = frame.child("xfrm").map(Frame::of).unwrap_or_default();
    if let Some(object) = frame.find("oleObj").filter(|it| it.ns == Space::P.into()) {
        links.remove(RemovedKind::OleObjects, 1);
        links.change(ChangedKind::ObjectsAsPictures, 1);
        return preview(&frame, object, &place, links);
    }
    if let Some(old) = frame.find("legacyDrawing") {
        links.change(ChangedKind::LayoutSimplified, 1);
        return preview(&frame, old, &place, links);
    }
    let Some(ids) = frame.find("relIds").filter(|it| it.ns == Ns::Diagram) else {
        return Ok(frame);
    };
    let shapes = diagram::shapes_of(ids, links)?;
    links.change(ChangedKind::LayoutSimplified, 1);
    if shapes.is_empty() {
        return Ok(frame);
    }
    let mut names = Element::new(Space::P, "nvGrpSpPr");
    names.content = names_of(&frame);
    for name in ["cNvGrpSpPr", "nvPr"] {
        if names.child(name).is_none() {
            names = names.and(Element::new(Space::P, name));
        }
    }
    Ok(diagram::group(Space::P, shapes, &place, names))
}

/// `cNvPr` and `nvPr` of a frame.
fn names_of(frame: &Element) -> Vec<Content> {
    let names = frame.child("nvGraphicFramePr").into_iter().flat_map(Element::elements);
    let wanted = names.filter(|it| matches!(&*it.name, "cNvPr" | "nvPr"));
    wanted.map(|it| Content::Element(it.clone())).collect()
}

/// The picture kept with an object, or the stand-in, where the object stood.
fn preview(
    frame: &Element,
    object: &Element,
    place: &Frame,
    links: &mut PartLinks<'_, '_>,
) -> Result<Element, HoldReason> {
    let kept = object.child("pic").and_then(|it| it.child("blipFill")).cloned();
    let fill = match kept {
        Some(fill) => fill,
        None => {
            let shape = object.attribute("spid").unwrap_or_default();
            let id = vml::preview(links, shape)?.unwrap_or_else(|| MISSING.to_owned());
            let blip = Element::new(Space::A, "blip").with(Space::R, "embed", id);
            let whole = Element::new(Space::A, "stretch").and(Element::new(Space::A, "fillRect"));
            Element::new(Space::P, "blipFill").and(blip).and(whole)
        }
    };
    let mut names = Element::new(Space::P, "nvPicPr");
    names.content = names_of(frame);
    let second = names.content.len().min(1);
    names.content.insert(second, Content::Element(Element::new(Space::P, "cNvPicPr")));
    let geometry = Element::new(Space::A, "prstGeom")
        .with(Ns::None, "prst", "rect")
        .and(Element::new(Space::A, "avLst"));
    let shape = Element::new(Space::P, "spPr").and(place.transform()).and(geometry);
    Ok(Element::new(Space::P, "pic").and(names).and(fill).and(shape))
}
