//! `mc:AlternateContent`: one branch is taken, the others never existed.

use super::xml::{Content, Element, Ns};

/// Prefixes of the additions readers understand. Everything else has a
/// fallback for programs that do not, as we do not.
const UNDERSTOOD: &[&str] = &["wps", "wpg", "wpc"];

/// An element with one branch in place of every alternative, all the way down.
pub(super) fn chosen(mut element: Element) -> Element {
    if element.content.iter().any(|it| matches!(it, Content::Element(_))) {
        let mut content = Vec::with_capacity(element.content.len());
        for it in std::mem::take(&mut element.content) {
            match it {
                Content::Element(inner) if inner.is(Ns::Mc, "AlternateContent") => {
                    content.extend(branch(inner).into_iter().map(rest));
                }
                other => content.push(rest(other)),
            }
        }
        element.content = content;
    }
    element
}

fn rest(content: Content) -> Content {
    match content {
        Content::Element(element) => Content::Element(chosen(element)),
        text @ Content::Text(_) => text,
    }
}

/// What stands in the branch that is understood.
pub(super) fn branch(mut alternatives: Element) -> Vec<Content> {
    let Some(at) = branch_index(&alternatives) else {
        return Vec::new();
    };
    let Content::Element(taken) = alternatives.content.swap_remove(at) else {
        return Vec::new();
    };
    taken
        .content
        .into_iter()
        .flat_map(|it| match it {
            Content::Element(inner) if inner.is(Ns::Mc, "AlternateContent") => branch(inner),
            other => vec![other],
        })
        .collect()
}

/// Where that branch is: the first choice that is understood, else the fallback.
pub(super) fn branch_index(alternatives: &Element) -> Option<usize> {
    let understood = |it: &Content| match it {
        Content::Element(it) if it.is(Ns::Mc, "Choice") => {
            let wanted = it.attribute("Requires").unwrap_or_default();
            let mut prefixes = wanted.split_whitespace().peekable();
            prefixes.peek().is_some() && prefixes.all(|it| UNDERSTOOD.contains(&it))
        }
        Content::Element(_) | Content::Text(_) => false,
    };
    let fallback = |it: &Content| matches!(it, Content::Element(it) if it.is(Ns::Mc, "Fallback"));
    let content = &alternatives.content;
    content.iter().position(understood).or_else(|| content.iter().position(fallback))
}
