//! From XML to the shapes of the grammar: what the tables name is kept, the
//! rest is not.

mod values;

pub(super) use values::field;

use sanitizer_intermediate::HoldReason;
use sanitizer_intermediate::office::grammar::{Kind, Type, TypeId, grammar};
use sanitizer_intermediate::office::{Bag, Props, Shape, Space, Value};

use super::xml::{Element, Ns};

/// Deepest nesting of shapes; the pipe takes a few levels more.
const MAX_DEPTH: u16 = 60;

/// Finds what references lead to.
pub(super) trait Links {
    /// The picture an id stands for.
    fn image(&mut self, id: &str) -> Result<Option<u32>, HoldReason>;
    /// The chart an id stands for.
    fn chart(&mut self, id: &str) -> Result<Option<u32>, HoldReason>;
    /// The header or footer an id stands for.
    fn story(&mut self, id: &str) -> Result<Option<u32>, HoldReason>;
    /// The web page or mailbox an id stands for.
    fn link(&mut self, id: &str) -> Option<String>;
    /// An element within another is not kept.
    fn left_out(&mut self, within: &Element, element: &Element);
}

/// For parts that refer to nothing.
pub(super) struct NoLinks;

impl Links for NoLinks {
    fn image(&mut self, _id: &str) -> Result<Option<u32>, HoldReason> {
        Ok(None)
    }

    fn chart(&mut self, _id: &str) -> Result<Option<u32>, HoldReason> {
        Ok(None)
    }

    fn story(&mut self, _id: &str) -> Result<Option<u32>, HoldReason> {
        Ok(None)
    }

    fn link(&mut self, _id: &str) -> Option<String> {
        None
    }

    fn left_out(&mut self, _within: &Element, _element: &Element) {}
}

/// An element in the shape the model wants; empty when it lacks what it must have.
///
/// # Errors
/// [`HoldReason`] when it is nested too deep or a reference fails.
pub(super) fn props<S: Shape>(
    element: &Element,
    links: &mut dyn Links,
) -> Result<Props<S>, HoldReason> {
    Ok(bag(element, S::id(), links, 0)?.unwrap_or_default().into())
}

/// An element in the shape the model wants; `None` when it lacks what it must have.
///
/// # Errors
/// [`HoldReason`] when it is nested too deep or a reference fails.
pub(super) fn complete<S: Shape>(
    element: &Element,
    links: &mut dyn Links,
) -> Result<Option<Props<S>>, HoldReason> {
    Ok(bag(element, S::id(), links, 0)?.map(Props::from))
}

/// A child of an element of type `of`, with its number there; `None` when the
/// tables do not know it or it lacks what it must have.
///
/// # Errors
/// [`HoldReason`] when it is nested too deep or a reference fails.
pub(super) fn child(
    element: &Element,
    of: TypeId,
    links: &mut dyn Links,
    depth: u16,
) -> Result<Option<(u16, Bag)>, HoldReason> {
    let Ns::Known(space) = element.ns else {
        return Ok(None);
    };
    let rules = grammar().get(of);
    let Some(at) = rules.child(space, &element.name) else {
        return Ok(None);
    };
    let inner = rules.children[usize::from(at)].of;
    Ok(bag(element, inner, links, depth + 1)?.map(|bag| (at, bag)))
}

fn bag(
    element: &Element,
    of: TypeId,
    links: &mut dyn Links,
    depth: u16,
) -> Result<Option<Bag>, HoldReason> {
    if depth > MAX_DEPTH {
        return Err(HoldReason::TooComplex);
    }
    let rules = grammar().get(of);
    let attributes = attributes(element, rules, links)?;
    let text = rules.text.as_ref().and_then(|kind| values::read(kind, &element.own_text()));
    let mut children = Vec::new();
    for inner in element.elements() {
        match child(inner, of, links, depth)? {
            Some(kept) => children.push(kept),
            None => links.left_out(element, inner),
        }
    }
    let mut bag = Bag { attributes, text, children };
    rules.settle(&mut bag);
    Ok(rules.is_complete(&bag).then_some(bag))
}

fn attributes(
    element: &Element,
    rules: &Type,
    links: &mut dyn Links,
) -> Result<Vec<(u8, Value)>, HoldReason> {
    let mut found = Vec::new();
    for (at, rule) in (0..).zip(&rules.attributes) {
        let value = match (written(element, rule.space, &rule.name), &rule.kind) {
            (None, _) => None,
            (Some(id), Kind::Image) => links.image(id)?.map(Value::Ref),
            (Some(id), Kind::Chart) => links.chart(id)?.map(Value::Ref),
            (Some(id), Kind::Story) => links.story(id)?.map(Value::Ref),
            // A click that does something besides leading to a page leads nowhere.
            (Some(_), Kind::Link)
                if !element.attribute("action").unwrap_or_default().is_empty() =>
            {
                None
            }
            (Some(id), Kind::Link) => links.link(id).map(Value::Text),
            (Some(text), kind) => values::read(kind, text),
        };
        found.extend(value.map(|it| (at, it)));
    }
    Ok(found)
}

/// An attribute as it is written. Some programs leave the prefix out where the
/// standard wants it; only references are strict about it.
fn written<'e>(element: &'e Element, space: Option<Space>, name: &str) -> Option<&'e str> {
    match space {
        None => element.attribute_of(Ns::None, name),
        Some(Space::R) => element.attribute_of(Space::R, name),
        Some(space) => {
            element.attribute_of(space, name).or_else(|| element.attribute_of(Ns::None, name))
        }
    }
}
