//! Links to web pages and mailboxes: written or not, as the policy says.

use sanitizer_intermediate::office::grammar::{Kind, Type, TypeId, grammar};
use sanitizer_intermediate::office::{Bag, Space, Value};

use super::part::References;
use super::xml::Xml;

/// Leaves a link out when the policy wants it so, but never its text. `true`
/// when the element is done with.
pub(super) fn left_out(
    xml: &mut Xml,
    (space, name): (Space, &str),
    bag: &Bag,
    of: TypeId,
    references: &mut References<'_>,
) -> bool {
    if references.keeps_links() {
        return false;
    }
    let rules = grammar().get(of);
    if (space, name) == (Space::S, "hyperlinks") {
        let goes = |(at, link): &(u16, Bag)| leads_out(rules, *at, link);
        let all = bag.children.iter().all(goes);
        if all {
            bag.children.iter().for_each(|_| references.note_link());
        }
        return all;
    }
    if !is_link(rules, bag) {
        return false;
    }
    references.note_link();
    if (space, name) == (Space::W, "hyperlink") {
        xml.inside(bag, of, references);
    }
    true
}

fn leads_out(rules: &Type, at: u16, link: &Bag) -> bool {
    is_link(grammar().get(rules.children[usize::from(at)].of), link)
}

fn is_link(rules: &Type, bag: &Bag) -> bool {
    bag.attributes.iter().any(|(at, value)| {
        rules.attributes[usize::from(*at)].kind == Kind::Link && matches!(value, Value::Text(_))
    })
}
