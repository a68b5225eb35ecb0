//! Edits of single questions.

use std::collections::{BTreeMap, BTreeSet};

use super::{Direction, Done, Move, Refused, Target, What, is_full, worded};
use crate::forms::definition::{Field, FieldKind, Procedure};
use crate::forms::design::ids::Ids;
use crate::forms::design::place::{self, STAFF_PAGE, find, nth, siblings};
use crate::forms::design::uses::{self, Use};
use crate::forms::design::{Kind, pieces};
use crate::forms::inputs;

pub(super) fn add(
    procedure: &mut Procedure,
    ids: &mut Ids<'_>,
    into: &Target,
    mut field: Field,
) -> Result<Done, Refused> {
    if is_full(procedure, 1 + inner(&field).len()) {
        return Err(Refused::TooMany);
    }
    let place = holder(procedure, into, &field)?;
    fresh(&mut field, ids, &mut BTreeMap::new());
    let done = Done::made(What::FieldAdded, field.label.ja(), field.id.clone());
    place.push(field);
    Ok(done)
}

/// The questions among which one of this kind may stand.
fn holder<'p>(
    procedure: &'p mut Procedure,
    into: &Target,
    field: &Field,
) -> Result<&'p mut Vec<Field>, Refused> {
    match into {
        Target::Page(id) => {
            if id == STAFF_PAGE {
                fits_desk(field)?;
            }
            Ok(&mut place::page_mut(procedure, id).ok_or(Refused::NoPage)?.fields)
        }
        Target::Rows(id) => {
            let kind = fits_rows(field)?;
            let group = place::field_mut(procedure, id).ok_or(Refused::NoField)?;
            place::rows_of(group).ok_or(Refused::NotInRows(kind))
        }
    }
}

/// Whether a question may stand in a row: files and seats belong to the whole application.
fn fits_rows(field: &Field) -> Result<Kind, Refused> {
    let kind = Kind::of(&field.kind);
    let seats = inputs::options(field).iter().any(|option| option.capacity.is_some());
    if kind.fits_a_row() && !seats { Ok(kind) } else { Err(Refused::NotInRows(kind)) }
}

/// Whether staff may be asked it: what fits a row, and no text between.
fn fits_desk(field: &Field) -> Result<(), Refused> {
    let kind = Kind::of(&field.kind);
    let fits = fits_rows(field).is_ok_and(Kind::fits_the_desk);
    if fits { Ok(()) } else { Err(Refused::NotAtDesk(kind)) }
}

/// What citizens answer stays theirs, and staff's questions stay inside.
fn stays(procedure: &Procedure, from: usize, to: usize) -> Result<(), Refused> {
    let crosses = place::is_staff(procedure, from) != place::is_staff(procedure, to);
    if crosses { Err(Refused::AtEdge) } else { Ok(()) }
}

pub(super) fn set(
    procedure: &mut Procedure,
    ids: &mut Ids<'_>,
    mut field: Field,
) -> Result<Done, Refused> {
    let found = find(procedure, &field.id).ok_or(Refused::NoField)?;
    let old = place::field(procedure, &field.id).ok_or(Refused::NoField)?;
    if Kind::of(&old.kind) != Kind::of(&field.kind) {
        return Err(Refused::OtherKind);
    }
    if found.row.is_some() {
        fits_rows(&field)?;
    } else if place::is_staff(procedure, found.page) {
        fits_desk(&field)?;
    }
    let needed = speaking_of_lost(procedure, old, &field);
    if !needed.is_empty() {
        return Err(Refused::Needed(needed));
    }
    if let (FieldKind::Repeat(old), FieldKind::Repeat(new)) = (&old.kind, &mut field.kind) {
        new.fields.clone_from(&old.fields);
    }
    ids.complete(&mut field);
    let done = Done::to(What::FieldChanged, field.label.ja());
    let place = place::field_mut(procedure, &field.id).ok_or(Refused::NoField)?;
    *place = field;
    Ok(done)
}

/// Parts that compare the question with an option it is to lose.
fn speaking_of_lost(procedure: &Procedure, old: &Field, new: &Field) -> Vec<Use> {
    let codes = |field: &Field| -> BTreeSet<String> {
        let matrix =
            if let FieldKind::Matrix(matrix) = &field.kind { &matrix.options[..] } else { &[] };
        inputs::options(field).iter().chain(matrix).map(|option| option.code.clone()).collect()
    };
    let kept = codes(new);
    let lost: BTreeSet<String> = codes(old).difference(&kept).cloned().collect();
    if lost.is_empty() {
        return Vec::new();
    }
    let all = uses::uses(procedure).into_iter();
    all.filter(|one| one.ids.contains(&old.id) && !one.texts.is_disjoint(&lost)).collect()
}

pub(super) fn r#move(procedure: &mut Procedure, id: &str, to: &Move) -> Result<Done, Refused> {
    let from = find(procedure, id).ok_or(Refused::NoField)?;
    let done = |field: &Field| Done::to(What::FieldMoved, field.label.ja());
    match to {
        Move::One(direction) => {
            let beside_it = siblings(procedure, from).ok_or(Refused::NoField)?;
            if let Some(other) = beside(nth(from), *direction, beside_it.len()) {
                beside_it.swap(nth(from), other);
                return Ok(done(&beside_it[other]));
            }
            let page = beside(from.page, *direction, procedure.pages.len());
            let page = page.filter(|_| from.row.is_none()).ok_or(Refused::AtEdge)?;
            stays(procedure, from.page, page)?;
            let field = procedure.pages[from.page].fields.remove(from.field);
            let done = done(&field);
            let place = &mut procedure.pages[page].fields;
            let at = if *direction == Direction::Up { place.len() } else { 0 };
            place.insert(at, field);
            Ok(done)
        }
        Move::To(target) => {
            let field = place::field(procedure, id).ok_or(Refused::NoField)?.clone();
            let done = done(&field);
            holder(procedure, target, &field)?;
            let there = match target {
                Target::Page(id) => place::page(procedure, id).map(|(at, _)| at),
                Target::Rows(id) => find(procedure, id).map(|found| found.page),
            };
            stays(procedure, from.page, there.ok_or(Refused::NoPage)?)?;
            siblings(procedure, from).ok_or(Refused::NoField)?.remove(nth(from));
            holder(procedure, target, &field)?.push(field);
            Ok(done)
        }
        Move::Before(other) => {
            if other == id {
                return Err(Refused::AtEdge);
            }
            let field = place::field(procedure, id).ok_or(Refused::NoField)?.clone();
            let done = done(&field);
            let there = find(procedure, other).ok_or(Refused::NoField)?;
            stays(procedure, from.page, there.page)?;
            // A group cannot stand in a row, its own least of all.
            if there.row.is_some() {
                fits_rows(&field)?;
            }
            siblings(procedure, from).ok_or(Refused::NoField)?.remove(nth(from));
            let there = find(procedure, other).ok_or(Refused::NoField)?;
            siblings(procedure, there).ok_or(Refused::NoField)?.insert(nth(there), field);
            Ok(done)
        }
    }
}

/// The place beside another among so many.
pub(super) fn beside(at: usize, to: Direction, count: usize) -> Option<usize> {
    let other = match to {
        Direction::Up => at.checked_sub(1)?,
        Direction::Down => at + 1,
    };
    (other < count).then_some(other)
}

pub(super) fn copy(
    procedure: &mut Procedure,
    ids: &mut Ids<'_>,
    id: &str,
    label: &str,
) -> Result<Done, Refused> {
    let found = find(procedure, id).ok_or(Refused::NoField)?;
    let mut field = place::field(procedure, id).ok_or(Refused::NoField)?.clone();
    if is_full(procedure, 1 + inner(&field).len()) {
        return Err(Refused::TooMany);
    }
    let mut new = BTreeMap::new();
    fresh(&mut field, ids, &mut new);
    speaks_of(&mut field, &new);
    field.label = worded(label);
    let done = Done::made(What::FieldCopied, label, field.id.clone());
    siblings(procedure, found).ok_or(Refused::NoField)?.insert(nth(found) + 1, field);
    Ok(done)
}

pub(super) fn remove(procedure: &mut Procedure, id: &str) -> Result<Done, Refused> {
    let found = find(procedure, id).ok_or(Refused::NoField)?;
    let field = place::field(procedure, id).ok_or(Refused::NoField)?;
    let mut gone: BTreeSet<String> = inner(field).iter().map(|field| field.id.clone()).collect();
    gone.insert(id.to_owned());
    let done = Done::to(What::FieldRemoved, field.label.ja());
    let needed = uses::of(procedure, &gone);
    if !needed.is_empty() {
        return Err(Refused::Needed(needed));
    }
    siblings(procedure, found).ok_or(Refused::NoField)?.remove(nth(found));
    forget(procedure, &gone);
    Ok(done)
}

/// The questions of its row, when it is a group.
pub(super) fn inner(field: &Field) -> &[Field] {
    field.repeat().map_or(&[], |repeat| &repeat.fields)
}

/// A question with an id of its own, and so for its row; `new` has the new ids by the old ones.
pub(in crate::forms::design) fn fresh(
    field: &mut Field,
    ids: &mut Ids<'_>,
    new: &mut BTreeMap<String, String>,
) {
    let id = ids.question();
    let old = std::mem::replace(&mut field.id, id.clone());
    new.insert(old, id);
    ids.complete(field);
    if let Some(rows) = place::rows_of(field) {
        rows.iter_mut().for_each(|field| fresh(field, ids, new));
    }
}

/// Speaks of other questions from now on.
pub(in crate::forms::design) fn speaks_of(field: &mut Field, new: &BTreeMap<String, String>) {
    uses::texts_of(field, &mut |_, text| *text = pieces::renamed(text, new));
    if let Some(rows) = place::rows_of(field) {
        rows.iter_mut().for_each(|field| speaks_of(field, new));
    }
}

/// Test cases no longer speak of questions that are gone.
pub(super) fn forget(procedure: &mut Procedure, gone: &BTreeSet<String>) {
    let is_gone = |input: &str| input.split('.').any(|part| gone.contains(part));
    for case in &mut procedure.tests {
        case.answers.retain(|input| !is_gone(input));
        case.hidden.retain(|id| !gone.contains(id));
        case.faults.retain(|fault| !is_gone(fault.split(':').next().unwrap_or_default()));
    }
}
