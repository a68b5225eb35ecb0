//! What stands around the cells, without what would not work any more.

use sanitizer_intermediate::office::Space;
use sanitizer_intermediate::office::grammar::is_web;
use sanitizer_intermediate::{ChangedKind, Place, RemovedKind};

use super::tab::TabReader;
use crate::office::package::{Relations, Target};
use crate::office::xml::{Content, Element, Ns};

/// Makes links, rules and validations ready for the tables: those that lead
/// out or depend on a formula that does not stay are taken out as a whole.
pub(super) fn prepared(
    mut around: Element,
    reader: &mut TabReader<'_, '_>,
    relations: &Relations,
) -> Element {
    adopt_validations(&mut around);
    prune(&mut around, reader, relations);
    around
}

fn prune(element: &mut Element, reader: &mut TabReader<'_, '_>, relations: &Relations) {
    element.content.retain_mut(|it| {
        let Content::Element(inner) = it else {
            return true;
        };
        match (inner.ns, &*inner.name) {
            (Ns::Known(Space::S), "hyperlink") => leads_somewhere(inner, reader, relations),
            (Ns::Known(Space::S), "cfRule" | "dataValidation" | "cfvo") => {
                prune(inner, reader, relations);
                stays(inner, reader)
            }
            (Ns::Known(Space::S), name) if name.ends_with("Header") || name.ends_with("Footer") => {
                without_pictures(inner, reader);
                true
            }
            (Ns::Known(Space::S), "extLst") => {
                note_additions(inner, reader);
                false
            }
            _ => {
                prune(inner, reader, relations);
                true
            }
        }
    });
}

/// Whether a link leads to a cell of this workbook, a web page or a mailbox.
fn leads_somewhere(link: &Element, reader: &mut TabReader<'_, '_>, relations: &Relations) -> bool {
    let Some(id) = link.reference("id") else {
        return true;
    };
    let web = matches!(relations.get(id), Some(Target::Outside(address)) if is_web(address));
    if !web {
        reader.package.remove(RemovedKind::Links, 1, Place::Sheet(reader.number));
    }
    web
}

/// Whether every formula of a rule stays.
fn stays(rule: &Element, reader: &mut TabReader<'_, '_>) -> bool {
    let texts: Vec<String> = rule
        .elements()
        .filter(|it| matches!(&*it.name, "formula" | "formula1" | "formula2"))
        .map(Element::own_text)
        .filter(|it| !it.trim().is_empty())
        .collect();
    let refused = texts.iter().find_map(|it| reader.formulas.keep(it).err());
    match refused {
        None => true,
        Some(kind) => {
            let place = Place::Sheet(reader.number);
            reader.package.remove(kind.unwrap_or(RemovedKind::ActiveFormulas), 1, place);
            false
        }
    }
}

/// `&G` in a header is a picture of the old drawing language.
fn without_pictures(text: &mut Element, reader: &mut TabReader<'_, '_>) {
    for content in &mut text.content {
        if let Content::Text(text) = content
            && text.contains("&G")
        {
            *text = text.replace("&G", "");
            reader.package.remove(RemovedKind::Pictures, 1, Place::Sheet(reader.number));
        }
    }
}

/// Validations whose list is on another sheet are among Excel's additions of
/// 2010; today's Excel takes them among the others too.
fn adopt_validations(around: &mut Element) {
    let mut adopted = Vec::new();
    for addition in around.elements().filter(|it| it.is(Space::S, "extLst")) {
        if let Some(list) = addition.find("dataValidations").filter(|it| it.ns == Ns::Excel2009) {
            adopted.extend(list.elements().map(plain_validation));
        }
    }
    if adopted.is_empty() {
        return;
    }
    let known = around.content.iter_mut().find_map(|it| match it {
        Content::Element(it) if it.is(Space::S, "dataValidations") => Some(it),
        Content::Element(_) | Content::Text(_) => None,
    });
    let adopted = adopted.into_iter().map(Content::Element);
    match known {
        Some(list) => list.content.extend(adopted),
        None => {
            let mut list = Element::new(Space::S, "dataValidations");
            list.content.extend(adopted);
            around.content.push(Content::Element(list));
        }
    }
}

fn plain_validation(addition: &Element) -> Element {
    let mut plain = Element::new(Space::S, "dataValidation");
    plain.attributes.clone_from(&addition.attributes);
    for child in addition.elements() {
        let text = child.child("f").map_or_else(|| child.own_text(), Element::own_text);
        match &*child.name {
            "sqref" => plain = plain.with(Ns::None, "sqref", text),
            "formula1" | "formula2" => {
                plain = plain.and(Element::new(Space::S, &child.name).text_inside(&text));
            }
            _ => {}
        }
    }
    plain
}

/// Excel's additions are not rebuilt, but for validations.
fn note_additions(additions: &Element, reader: &mut TabReader<'_, '_>) {
    let lost = additions.count(&|it| {
        it.ns == Ns::Excel2009
            && matches!(&*it.name, "conditionalFormatting" | "sparklineGroup" | "slicer")
    });
    let place = Place::Sheet(reader.number);
    reader.package.findings.change(ChangedKind::LayoutSimplified, lost, place);
}
