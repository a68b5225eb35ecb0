//! Text boxes of Word, as Word itself writes them: the drawing for programs of
//! today, and beside it the bare text for programs that know no such drawing.

use sanitizer_intermediate::office::grammar::{TypeId, grammar};
use sanitizer_intermediate::office::{Bag, Shape, Space, Value, View, shapes};

use super::part::References;
use super::xml::Xml;

/// EMU per point.
const POINT: i64 = 12_700;

/// What a program must understand to take the drawing; `None` when there is no
/// text in it and nothing to fall back to, or when it is a drawing of old
/// (number 0), which had one form only.
pub(super) fn needs(drawing: &Bag, of: TypeId) -> Option<&'static str> {
    let placed = view(drawing, of).children().next()?.2;
    if placed.child("docPr").and_then(|it| it.value("id")) == Some(&Value::Int(0)) {
        return None;
    }
    let (mut text, mut group) = (false, false);
    view(drawing, of).visit(&mut |it| match it.rules.name.as_str() {
        "wps:txbx" => text = true,
        "wpg:wgp" => group = true,
        _ => {}
    });
    text.then_some(if group { "wpg" } else { "wps" })
}

/// Writes the alternatives around `drawing`, which writes the drawing itself.
pub(super) fn write(
    xml: &mut Xml,
    (bag, of): (&Bag, TypeId),
    needs: &str,
    references: &mut References<'_>,
    drawing: &mut dyn FnMut(&mut Xml, &mut References<'_>),
) {
    xml.raw("<mc:AlternateContent><mc:Choice");
    xml.attribute("Requires", needs);
    xml.end_tag();
    drawing(xml, references);
    xml.raw("</mc:Choice><mc:Fallback><w:pict>");
    let (width, height) = size(view(bag, of));
    let mut boxes = Vec::new();
    view(bag, of).visit(&mut |it| {
        if it.rules.name == "wps:txbx" {
            boxes.extend(it.child("txbxContent").map(|it| it.bag));
        }
    });
    for content in boxes {
        xml.raw("<v:rect");
        xml.attribute("style", &format!("width:{width}pt;height:{height}pt"));
        xml.raw("><v:textbox><w:txbxContent>");
        xml.inside(content, shapes::Blocks::id(), references);
        xml.raw("</w:txbxContent></v:textbox></v:rect>");
    }
    xml.raw("</w:pict></mc:Fallback></mc:AlternateContent>");
}

fn view(bag: &Bag, of: TypeId) -> View<'_> {
    View { bag, rules: grammar().get(of) }
}

/// Width and height of a drawing, in points.
fn size(drawing: View<'_>) -> (i64, i64) {
    let placed = drawing.children().next().map(|it| it.2);
    let extent = placed.and_then(|it| it.child("extent"));
    let points = |name: &str| match extent.and_then(|it| it.value(name)) {
        Some(Value::Int(emu)) => emu / POINT,
        _ => 0,
    };
    (points("cx"), points("cy"))
}

/// Namespaces the alternatives use besides those of the tables.
pub(super) const SPACES: &[(&str, &str)] = &[
    ("mc", "http://schemas.openxmlformats.org/markup-compatibility/2006"),
    ("v", "urn:schemas-microsoft-com:vml"),
];

/// Whether an element is a drawing within a run of text.
pub(super) fn is_drawing(space: Space, name: &str) -> bool {
    space == Space::W && name == "drawing"
}
