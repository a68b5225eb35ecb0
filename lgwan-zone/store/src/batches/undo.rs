//! 一括操作の取消: what a batch did is taken back by another batch, as far as nothing of it left the
//! town hall (`docs/decisions/0082`).

use diesel::dsl::exists;
use diesel::prelude::*;
use domain::applications::{Event, Rules, State};
use domain::calendar::OfficeDays;
use platform_store::{Db, Tx};

use super::{Batch, CHARGE, CHARGE_BACK, LABEL_OFF, LABEL_ON, Outcome, Row, Stage};
use crate::applications::rebase::REBASE;
use crate::applications::rows::Application;
use crate::applications::steps::{Hop, Step};
use crate::applications::{approvals, plan};
use crate::numbers;
use crate::record::By;
use crate::schema::{application_events, batch_rows, batches, export_ledger, export_sources};
use crate::shelf::Shelf;

/// [`Batch::event`] that takes back a step; for labels it is the opposite of what was done, for who is in
/// charge [`CHARGE_BACK`].
pub const UNDO: &str = "undo";

/// The event of a batch that takes this one back; `None` when nothing can.
#[must_use]
pub fn event(original: &Batch) -> Option<&'static str> {
    match original.event.as_str() {
        LABEL_ON => Some(LABEL_OFF),
        LABEL_OFF => Some(LABEL_ON),
        CHARGE => Some(CHARGE_BACK),
        // What was moved to a newer revision is not moved back (docs/decisions/0112).
        UNDO | REBASE | CHARGE_BACK => None,
        _ if original.undoes.is_some() => None,
        _ => Some(UNDO),
    }
}

/// The batch that takes this one back and was not given up.
///
/// # Errors
/// When the database cannot be read.
pub fn of(db: &mut Db, original: &str) -> QueryResult<Option<String>> {
    batches::table
        .filter(batches::undoes.eq(original))
        .filter(batches::state.ne(Stage::Dropped.code()))
        .order(batches::made_at.desc())
        .select(batches::id)
        .first(db)
        .optional()
}

/// Keeps a batch that takes another one back, unless one does already. The other one is held, so
/// that two windows make one.
///
/// # Errors
/// When the database cannot be written.
pub fn make(
    tx: &mut Tx<'_>,
    by: &By,
    (original, batch): (&Batch, &Batch),
    rows: &[Row],
) -> QueryResult<String> {
    diesel::update(batches::table.find(&original.id))
        .set(batches::title.eq(&original.title))
        .execute(tx.db)?;
    if let Some(there) = of(tx.db, &original.id)? {
        return Ok(there);
    }
    super::make(tx, by, batch, rows)?;
    Ok(batch.id.clone())
}

/// The rows of a batch that were done.
///
/// # Errors
/// When the database cannot be read.
pub fn done(db: &mut Db, id: &str) -> QueryResult<Vec<Row>> {
    batch_rows::table
        .filter(batch_rows::batch_id.eq(id).and(batch_rows::outcome.eq(Outcome::Done.code())))
        .order(batch_rows::place)
        .select(Row::as_select())
        .load(db)
}

/// Where the application goes when this row of a batch is taken back, or why it cannot be.
///
/// # Errors
/// When the database cannot be read.
pub fn judge(
    db: &mut Db,
    shelf: &Shelf,
    (original, row): (&Batch, &Row),
    application: &Application,
) -> QueryResult<Result<State, Outcome>> {
    let before = row.before_state.as_deref().map(State::parse);
    let (Some(Ok(before)), Some(event)) = (before, Event::parse(&original.event)) else {
        return Ok(Err(Outcome::NotKept));
    };
    let Some(form) = shelf.get(db, &application.procedure_id, application.revision)? else {
        return Ok(Err(Outcome::Fault));
    };
    let rules = Rules::from(&form.procedure().workflow);
    let Ok(way) = plan::way(before, event, rules, plan::SYSTEM, "") else {
        return Ok(Err(Outcome::NotKept));
    };
    if !before.may_be_undone(event, rules) {
        if event == Event::AskCorrection {
            return Ok(Err(Outcome::Told));
        }
        let opened = crate::applications::file::opened(db, &application.id)?;
        return Ok(Err(if opened { Outcome::Opened } else { Outcome::Decided }));
    }
    if application.version != row.seen || application.state != way.end.key() {
        return Ok(Err(Outcome::Overtaken));
    }
    if application.applicant_email.is_some() {
        return Ok(Err(Outcome::Told));
    }
    let decision = approvals::newest(db, &application.id)?;
    if decision.is_some_and(|(decision, _)| decision.holds(application)) {
        return Ok(Err(Outcome::NotNow));
    }
    let taken = export_ledger::table
        .inner_join(export_sources::table.on(export_sources::job.eq(export_ledger::job)))
        .filter(export_ledger::application_id.eq(&application.id))
        .filter(export_sources::procedure_id.eq(&application.procedure_id))
        .filter(export_sources::state.eq(&application.state));
    if diesel::select(exists(taken)).get_result(db)? {
        return Ok(Err(Outcome::Exported));
    }
    Ok(Ok(before))
}

/// The step back to a state, without what the citizens' zone is told.
#[must_use]
pub fn step(by: &By, application: &Application, before: State, days: &OfficeDays) -> Step {
    let hop = Hop {
        act: UNDO.to_owned(),
        actor: by.staff.clone(),
        actor_name: by.name.clone(),
        from: Some(application.state.clone()),
        to: before.key().to_owned(),
        words: String::new(),
    };
    Step {
        application: application.id.clone(),
        seen: application.version,
        hops: vec![hop],
        correction: None,
        documents: Vec::new(),
        messages: Vec::new(),
        days: days.clone(),
        needs: Vec::new(),
        fee: 0,
    }
}

/// What was counted when the application came to its end is taken back on that day.
///
/// # Errors
/// When the database cannot be written.
pub fn uncount(tx: &mut Tx<'_>, application: &Application) -> QueryResult<()> {
    if application.state != State::Done.key() {
        return Ok(());
    }
    let at: Option<i64> = application_events::table
        .filter(application_events::application_id.eq(&application.id))
        .filter(application_events::to_state.eq(State::Done.key()))
        .filter(application_events::from_state.is_not_null())
        .select(diesel::dsl::max(application_events::at))
        .first(tx.db)?;
    at.map_or(Ok(()), |at| {
        numbers::undone(tx, at, &application.procedure_id, application.arrived_at)
    })
}
