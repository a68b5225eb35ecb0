//! Edits of whole pages.

use std::collections::{BTreeMap, BTreeSet};

use super::questions::{self, forget};
use super::{Direction, Done, MOST_PAGES, Refused, What, is_full, worded};
use crate::forms::definition::{Page, Procedure, Words};
use crate::forms::design::ids::Ids;
use crate::forms::design::{pieces, place, uses};

pub(super) fn add(
    procedure: &mut Procedure,
    ids: &mut Ids<'_>,
    title: &str,
) -> Result<Done, Refused> {
    if procedure.pages.len() >= MOST_PAGES {
        return Err(Refused::TooMany);
    }
    let id = ids.page();
    procedure.pages.push(Page {
        id: id.clone(),
        title: worded(title),
        intro: Words::default(),
        when: None,
        fields: Vec::new(),
    });
    Ok(Done::made(What::PageAdded, title, id))
}

pub(super) fn set(
    procedure: &mut Procedure,
    id: &str,
    title: &str,
    intro: &str,
) -> Result<Done, Refused> {
    let page = place::page_mut(procedure, id).ok_or(Refused::NoPage)?;
    page.title = page.title.in_japanese(title);
    page.intro = page.intro.in_japanese(intro);
    if intro.is_empty() {
        page.intro = Words::default();
    }
    Ok(Done::to(What::PageChanged, title))
}

pub(super) fn when(
    procedure: &mut Procedure,
    id: &str,
    when: Option<String>,
) -> Result<Done, Refused> {
    let page = place::page_mut(procedure, id).ok_or(Refused::NoPage)?;
    page.when = when;
    Ok(Done::to(What::PageChanged, page.title.ja()))
}

pub(super) fn r#move(procedure: &mut Procedure, id: &str, to: Direction) -> Result<Done, Refused> {
    let (at, page) = place::page(procedure, id).ok_or(Refused::NoPage)?;
    let done = Done::to(What::PageMoved, page.title.ja());
    let other = questions::beside(at, to, procedure.pages.len()).ok_or(Refused::AtEdge)?;
    procedure.pages.swap(at, other);
    Ok(done)
}

pub(super) fn put(
    procedure: &mut Procedure,
    id: &str,
    before: Option<&str>,
) -> Result<Done, Refused> {
    let (at, page) = place::page(procedure, id).ok_or(Refused::NoPage)?;
    let done = Done::to(What::PageMoved, page.title.ja());
    if before == Some(id) {
        return Err(Refused::AtEdge);
    }
    if let Some(other) = before {
        place::page(procedure, other).ok_or(Refused::NoPage)?;
    }
    let page = procedure.pages.remove(at);
    let place = before.and_then(|other| place::page(procedure, other));
    let place = place.map_or(procedure.pages.len(), |(place, _)| place);
    procedure.pages.insert(place, page);
    Ok(done)
}

/// The copy has questions of its own: its conditions speak of them where they spoke of the page's.
pub(super) fn copy(
    procedure: &mut Procedure,
    ids: &mut Ids<'_>,
    id: &str,
    title: &str,
) -> Result<Done, Refused> {
    let (at, page) = place::page(procedure, id).ok_or(Refused::NoPage)?;
    let count: usize = page.fields.iter().map(|field| 1 + questions::inner(field).len()).sum();
    if procedure.pages.len() >= MOST_PAGES || is_full(procedure, count) {
        return Err(Refused::TooMany);
    }
    let mut page = page.clone();
    page.id = ids.page();
    page.title = worded(title);
    let mut new = BTreeMap::new();
    page.fields.iter_mut().for_each(|field| questions::fresh(field, ids, &mut new));
    page.fields.iter_mut().for_each(|field| questions::speaks_of(field, &new));
    if let Some(when) = &mut page.when {
        *when = pieces::renamed(when, &new);
    }
    let id = page.id.clone();
    procedure.pages.insert(at + 1, page);
    Ok(Done::made(What::PageCopied, title, id))
}

pub(super) fn remove(procedure: &mut Procedure, id: &str) -> Result<Done, Refused> {
    let (at, page) = place::page(procedure, id).ok_or(Refused::NoPage)?;
    let fields = page.fields.iter().flat_map(|field| {
        std::iter::once(field.id.clone())
            .chain(questions::inner(field).iter().map(|f| f.id.clone()))
    });
    let gone: BTreeSet<String> = fields.collect();
    let mut needed = uses::of(procedure, &gone);
    needed.retain(|one| one.whose != uses::Whose::Page(id.to_owned()));
    if !needed.is_empty() {
        return Err(Refused::Needed(needed));
    }
    let page = procedure.pages.remove(at);
    forget(procedure, &gone);
    Ok(Done::to(What::PageRemoved, page.title.ja()))
}
