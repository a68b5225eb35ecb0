//! Where a question stands.

use crate::forms::definition::{Field, FieldKind, Page, Procedure, Words};

/// Where the questions of staff stand while a document is designed: behind every page. No page has
/// such an id.
pub const STAFF_PAGE: &str = "_staff";

/// The document with the questions of staff as its last page, so that they are found, edited and
/// given conditions as all others.
#[must_use]
pub fn whole(procedure: &Procedure) -> Procedure {
    let mut whole = procedure.clone();
    gather(&mut whole);
    whole
}

pub(super) fn gather(procedure: &mut Procedure) {
    let fields = std::mem::take(&mut procedure.staff_fields);
    procedure.pages.push(Page {
        id: STAFF_PAGE.to_owned(),
        title: Words::default(),
        intro: Words::default(),
        when: None,
        fields,
    });
}

/// The questions of staff back in their place.
pub(super) fn settle(procedure: &mut Procedure) {
    if let Some(at) = procedure.pages.iter().position(|page| page.id == STAFF_PAGE) {
        procedure.staff_fields = procedure.pages.remove(at).fields;
    }
}

/// Whether a page is that of staff.
pub(super) fn is_staff(procedure: &Procedure, page: usize) -> bool {
    procedure.pages.get(page).is_some_and(|page| page.id == STAFF_PAGE)
}

/// Where a question stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// Its page, from 0.
    pub page: usize,
    /// Its place on the page; in a row that of the group.
    pub field: usize,
    /// Its place in the row.
    pub row: Option<usize>,
}

/// Where the question with this id stands.
#[must_use]
pub fn find(procedure: &Procedure, id: &str) -> Option<Found> {
    for (page, one) in procedure.pages.iter().enumerate() {
        for (at, field) in one.fields.iter().enumerate() {
            if field.id == id {
                return Some(Found { page, field: at, row: None });
            }
            let inner = field.repeat().map_or(&[][..], |repeat| &repeat.fields);
            if let Some(row) = inner.iter().position(|field| field.id == id) {
                return Some(Found { page, field: at, row: Some(row) });
            }
        }
    }
    None
}

/// The question with this id.
#[must_use]
pub fn field<'p>(procedure: &'p Procedure, id: &str) -> Option<&'p Field> {
    let found = find(procedure, id)?;
    let field = procedure.pages.get(found.page)?.fields.get(found.field)?;
    match found.row {
        None => Some(field),
        Some(row) => field.repeat()?.fields.get(row),
    }
}

/// The page with this id, and its place.
#[must_use]
pub fn page<'p>(procedure: &'p Procedure, id: &str) -> Option<(usize, &'p Page)> {
    procedure.pages.iter().enumerate().find(|(_, page)| page.id == id)
}

/// The questions beside the one found here, to change them.
pub(super) fn siblings(procedure: &mut Procedure, found: Found) -> Option<&mut Vec<Field>> {
    let fields = &mut procedure.pages.get_mut(found.page)?.fields;
    match found.row {
        None => Some(fields),
        Some(_) => rows_of(fields.get_mut(found.field)?),
    }
}

/// Its place among them.
pub(super) fn nth(found: Found) -> usize {
    found.row.unwrap_or(found.field)
}

/// The question itself, to change it.
pub(super) fn field_mut<'p>(procedure: &'p mut Procedure, id: &str) -> Option<&'p mut Field> {
    let found = find(procedure, id)?;
    siblings(procedure, found)?.get_mut(nth(found))
}

/// The page itself, to change it.
pub(super) fn page_mut<'p>(procedure: &'p mut Procedure, id: &str) -> Option<&'p mut Page> {
    procedure.pages.iter_mut().find(|page| page.id == id)
}

/// The questions of a row, when this is a repeating group.
pub(super) fn rows_of(field: &mut Field) -> Option<&mut Vec<Field>> {
    if let FieldKind::Repeat(repeat) = &mut field.kind { Some(&mut repeat.fields) } else { None }
}
