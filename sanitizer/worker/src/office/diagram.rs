//! Diagrams (SmartArt): shown by the drawing that is kept with their data.

use sanitizer_intermediate::HoldReason;
use sanitizer_intermediate::office::Space;

use super::links::PartLinks;
use super::xml::{Content, Element, Ns};

/// The shapes of the diagram that `ids` (`dgm:relIds`) names: `dsp:sp` elements.
///
/// # Errors
/// [`HoldReason`] when a part of it is damaged.
pub(super) fn shapes_of(
    ids: &Element,
    links: &mut PartLinks<'_, '_>,
) -> Result<Vec<Element>, HoldReason> {
    let data = ids.reference("dm").and_then(|id| links.relations.part(id)).map(str::to_owned);
    let Some(data) = data else {
        return Ok(Vec::new());
    };
    let model = links.element(&data)?;
    let named =
        model.as_ref().and_then(|it| it.find("dataModelExt")).and_then(|it| it.attribute("relId"));
    let drawing = named
        .and_then(|id| links.relations.part(id))
        .or_else(|| links.relations.first_part("diagramDrawing"))
        .map(str::to_owned);
    let Some(drawing) = drawing else {
        return Ok(Vec::new());
    };
    let root = links.element(&drawing)?;
    let tree = root.and_then(|it| it.child("spTree").cloned());
    let shapes = tree.into_iter().flat_map(|it| it.content).filter_map(|it| match it {
        Content::Element(it) if it.is(Ns::DiagramShape, "sp") => Some(it),
        Content::Element(_) | Content::Text(_) => None,
    });
    Ok(shapes.collect())
}

/// The shapes as a group of `space` (`p:` or `xdr:`) that fills a frame.
pub(super) fn group(
    space: Space,
    shapes: Vec<Element>,
    frame: &Frame,
    properties: Element,
) -> Element {
    let mut group = Element::new(space, "grpSp").and(properties).and(frame.group_properties(space));
    for shape in shapes {
        group = group.and(renamed(shape, space));
    }
    group
}

/// Moves the elements of a diagram's drawing to another namespace.
fn renamed(mut element: Element, space: Space) -> Element {
    if element.ns == Ns::DiagramShape {
        element.ns = space.into();
    }
    for content in &mut element.content {
        if let Content::Element(inner) = content {
            *inner = renamed(std::mem::replace(inner, Element::new(Ns::Other, "")), space);
        }
    }
    if element.is(space, "nvSpPr") && space == Space::P && element.child("nvPr").is_none() {
        element = element.and(Element::new(Space::P, "nvPr"));
    }
    element
}

/// Where something stands, in EMU.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Frame {
    pub x: i64,
    pub y: i64,
    pub width: i64,
    pub height: i64,
}

impl Frame {
    /// From an element with `off` and `ext` within.
    pub(super) fn of(transform: &Element) -> Self {
        let number = |child: &str, name: &str| {
            let value = transform.child(child).and_then(|it| it.attribute(name));
            value.and_then(|it| it.parse().ok()).unwrap_or_default()
        };
        Self {
            x: number("off", "x"),
            y: number("off", "y"),
            width: number("ext", "cx"),
            height: number("ext", "cy"),
        }
    }

    /// `a:xfrm` with this place and size.
    pub(super) fn transform(&self) -> Element {
        Element::new(Space::A, "xfrm").and(self.point("off")).and(self.size("ext"))
    }

    /// `grpSpPr` for a group that fills the frame and counts in EMU.
    pub(super) fn group_properties(&self, space: Space) -> Element {
        let inner = Self { x: 0, y: 0, ..*self };
        let transform = self.transform().and(inner.point("chOff")).and(inner.size("chExt"));
        Element::new(space, "grpSpPr").and(transform)
    }

    fn point(&self, name: &str) -> Element {
        Element::new(Space::A, name).with(Ns::None, "x", self.x.to_string()).with(
            Ns::None,
            "y",
            self.y.to_string(),
        )
    }

    fn size(&self, name: &str) -> Element {
        Element::new(Space::A, name).with(Ns::None, "cx", self.width.max(0).to_string()).with(
            Ns::None,
            "cy",
            self.height.max(0).to_string(),
        )
    }
}
