//! What would come of a batch, as far as that is known before it begins: the functions that stop a row when its
//! turn comes are asked at the first look already.

use std::collections::BTreeMap;

use diesel::QueryResult;
use domain::applications::{Event, Rules, State};
use domain::calendar::OfficeDays;
use platform_store::Db;

use super::Outcome;
use crate::applications::rows::Application;
use crate::applications::steps::{self, Step};
use crate::applications::{payments, plan};
use crate::record::By;
use crate::shelf::Shelf;
use crate::templates;

/// Departments and procedures, and whether there is a text for their refusals.
type Texts = BTreeMap<(String, String), bool>;

/// What stops each of these applications, looked at in a version, from a step of this person; those that nothing
/// stops are left out. Of what is no step, who applied is stopped. `remedies` says whether this city has a 教示.
///
/// # Errors
/// When the database cannot be read.
pub fn foresee(
    db: &mut Db,
    shelf: &Shelf,
    (by, event, remedies): (&By, Option<Event>, bool),
    rows: &[(Application, i32)],
) -> QueryResult<BTreeMap<String, Outcome>> {
    let (mut stopped, mut texts) = (BTreeMap::new(), Texts::new());
    for (row, seen) in rows {
        let outcome = match event {
            _ if row.is_of(&by.staff) => Some(Outcome::Own),
            Some(event) => step(db, shelf, (by, event, remedies), (row, *seen), &mut texts)?,
            None => None,
        };
        if let Some(outcome) = outcome {
            stopped.insert(row.id.clone(), outcome);
        }
    }
    Ok(stopped)
}

fn step(
    db: &mut Db,
    shelf: &Shelf,
    (by, event, remedies): (&By, Event, bool),
    (row, seen): (&Application, i32),
    texts: &mut Texts,
) -> QueryResult<Option<Outcome>> {
    if row.version != seen {
        return Ok(Some(Outcome::Overtaken));
    }
    let form = shelf.get(db, &row.procedure_id, row.revision)?;
    let (Some(form), Ok(state)) = (form, State::parse(&row.state)) else {
        return Ok(Some(Outcome::Fault));
    };
    let workflow = &form.procedure().workflow;
    let doer = plan::Actor { id: &by.staff, name: &by.name };
    let Ok(way) = plan::way(state, event, Rules::from(workflow), doer, "") else {
        return Ok(Some(Outcome::NotNow));
    };
    if workflow.wants_notice(event) && !(remedies && has_text(db, row, texts)?) {
        return Ok(Some(Outcome::NoNotice));
    }
    let fee = payments::waits(db, form.procedure(), row, &way.hops)?;
    let step = Step {
        application: row.id.clone(),
        seen,
        hops: way.hops,
        correction: None,
        documents: Vec::new(),
        messages: Vec::new(),
        days: OfficeDays::default(),
        needs: workflow.needs(event),
        fee,
    };
    Ok(steps::stopped(db, by, (row, &step))?.as_ref().map(Outcome::from))
}

/// Whether there is a text for refusals of an application; asked once for all of a department and procedure.
fn has_text(db: &mut Db, row: &Application, texts: &mut Texts) -> QueryResult<bool> {
    let of = (row.department_id.clone(), row.procedure_id.clone());
    if let Some(known) = texts.get(&of) {
        return Ok(*known);
    }
    let has = !templates::refusals(db, &of.0, &of.1)?.is_empty();
    texts.insert(of, has);
    Ok(has)
}
