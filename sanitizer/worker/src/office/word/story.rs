//! Stories: the body, headers, footers and notes, read block by block.

use std::collections::HashSet;

use sanitizer_intermediate::office::{Bag, Props, Shape, Space, shapes};
use sanitizer_intermediate::{HoldReason, Place};

use super::fields::Fields;
use super::simplify::Simplifier;
use crate::office::links::{PartLinks, Shared};
use crate::office::package::{Package, Relations};
use crate::office::shape::{self, Links};
use crate::office::xml::{Element, Pull};

/// The body and what stands beside it.
#[derive(Default)]
pub(super) struct Body {
    pub blocks: Props<shapes::Blocks>,
    pub section: Option<Props<shapes::Section>>,
    pub background: Option<Props<shapes::Background>>,
    /// Parts of headers and footers, in the order their numbers were given.
    pub stories: Vec<String>,
}

/// Reads the main part.
///
/// # Errors
/// [`HoldReason`] when it is damaged or too large.
pub(super) fn body(
    package: &mut Package<'_>,
    relations: &Relations,
    shared: &mut Shared,
    part: &str,
) -> Result<Body, HoldReason> {
    let text = package.text(part)?.ok_or(HoldReason::Broken)?;
    let mut fields = Fields::plan(package, &text)?;
    let mut pull = package.pull(&text);
    if !pull.root()?.is_w("document") {
        return Err(HoldReason::Broken);
    }
    let mut links = PartLinks::new(package, relations, shared, Place::Paragraph(1));
    let mut body = None;
    let mut background = None;
    while let Some(element) = pull.next_element()? {
        if element.is_w("body") && body.is_none() {
            body = Some(main_story(&mut pull, &mut links, &mut fields)?);
        } else if element.is_w("background") {
            background = Some(shape::props(&pull.take(element)?, &mut links)?);
        } else {
            pull.skip()?;
        }
    }
    let stories = links.stories;
    let body = body.ok_or(HoldReason::Broken)?;
    Ok(Body { background, stories, ..body })
}

fn main_story(
    pull: &mut Pull<'_>,
    links: &mut PartLinks<'_, '_>,
    fields: &mut Fields,
) -> Result<Body, HoldReason> {
    let mut body = Body::default();
    let mut number = 0;
    while let Some(element) = pull.next_element()? {
        let element = pull.take(element)?;
        if element.is_w("sectPr") {
            body.section = Some(shape::props(&element, links)?);
            continue;
        }
        number += u32::from(element.is_w("p") || element.is_w("tbl"));
        links.place = Place::Paragraph(number.max(1));
        add_block(element, links, fields, &mut body.blocks.bag)?;
    }
    Ok(body)
}

/// Reads a header or footer.
///
/// # Errors
/// [`HoldReason`] when it is damaged or too large.
pub(super) fn blocks(
    package: &mut Package<'_>,
    shared: &mut Shared,
    part: &str,
) -> Result<Props<shapes::Blocks>, HoldReason> {
    let mut blocks = Bag::default();
    each_in_part(package, shared, part, &mut |element, links, fields| {
        add_block(element, links, fields, &mut blocks)
    })?;
    Ok(blocks.into())
}

/// Reads all notes of a part.
///
/// # Errors
/// [`HoldReason`] when it is damaged or too large.
pub(super) fn notes(
    package: &mut Package<'_>,
    shared: &mut Shared,
    part: &str,
) -> Result<Vec<Props<shapes::Note>>, HoldReason> {
    let mut notes = Vec::new();
    each_in_part(package, shared, part, &mut |element, links, fields| {
        for note in Simplifier::new(links, fields).element(element)? {
            notes.extend(shape::complete::<shapes::Note>(&note, links)?);
        }
        Ok(())
    })?;
    Ok(notes)
}

/// Reads the remarks beside the text, and notes their ids.
///
/// # Errors
/// [`HoldReason`] when they are damaged or too large.
pub(super) fn comments(
    package: &mut Package<'_>,
    shared: &mut Shared,
    part: &str,
) -> Result<Vec<Props<shapes::Comment>>, HoldReason> {
    let mut comments = Vec::new();
    let mut ids = HashSet::new();
    each_in_part(package, shared, part, &mut |mut element, links, fields| {
        let id = element.attribute("id").unwrap_or_default().to_owned();
        element.attributes.retain(|it| &*it.1 == "id");
        let element = element.with(Space::W, "author", "");
        for comment in Simplifier::new(links, fields).element(element)? {
            let read = shape::complete::<shapes::Comment>(&comment, links)?;
            if let Some(read) = read.filter(|_| ids.insert(id.clone())) {
                comments.push(read);
            }
        }
        Ok(())
    })?;
    shared.comments = ids;
    Ok(comments)
}

type OnElement<'o> =
    &'o mut dyn FnMut(Element, &mut PartLinks<'_, '_>, &mut Fields) -> Result<(), HoldReason>;

/// Hands over every element of a part that has its own references.
fn each_in_part(
    package: &mut Package<'_>,
    shared: &mut Shared,
    part: &str,
    act: OnElement<'_>,
) -> Result<(), HoldReason> {
    let Some(text) = package.text(part)? else {
        return Ok(());
    };
    let relations = package.relations(part)?;
    let mut fields = Fields::plan(package, &text)?;
    let mut pull = package.pull(&text);
    pull.root()?;
    let mut links = PartLinks::new(package, &relations, shared, Place::Document);
    while let Some(element) = pull.next_element()? {
        let element = pull.take(element)?;
        act(element, &mut links, &mut fields)?;
    }
    Ok(())
}

fn add_block(
    element: Element,
    links: &mut PartLinks<'_, '_>,
    fields: &mut Fields,
    blocks: &mut Bag,
) -> Result<(), HoldReason> {
    for simple in Simplifier::new(links, fields).element(element)? {
        match shape::child(&simple, shapes::Blocks::id(), links, 0)? {
            Some(kept) => blocks.children.push(kept),
            None => links.left_out(&simple, &simple),
        }
    }
    Ok(())
}
