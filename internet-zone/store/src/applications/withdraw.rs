//! The citizen takes an application back, or answers a correction.

use diesel::prelude::*;
use domain::applications::{Event, Rules, State};
use platform_store::Tx;

use super::seats::{self, Reseated, Short};
use super::status::Turn;
use super::{charges, drafts, given_up, withdrawal_requests};
use crate::post::{self, Letter};
use crate::record::{Act, By, record, record_with};
use crate::schema::{application_steps, applications, corrections};

/// What became of a withdrawal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Withdrawn {
    /// It is withdrawn.
    Yes,
    /// The procedure does not allow it any more.
    TooLate,
    /// There is no such application.
    Unknown,
}

/// Withdraws an application and gives its seats back. `told` carries the news to
/// the staff zone in the same transaction.
///
/// # Errors
/// When the database cannot be written.
pub fn withdraw(
    tx: &mut Tx<'_>,
    by: &By,
    id: &str,
    rules: Rules,
    told: Letter,
) -> QueryResult<Withdrawn> {
    let Some(state) = state_of(tx, id)? else { return Ok(Withdrawn::Unknown) };
    let Ok(next) = state.apply(Event::Withdraw, rules) else { return Ok(Withdrawn::TooLate) };
    reach(tx, id, next, by.at, "")?;
    given_up::give_up(tx, id, by.at)?;
    // What was asked of the office before it could be withdrawn without asking is over with it.
    withdrawal_requests::end(tx, id, None)?;
    close_corrections(tx, id, by.at)?;
    post::send(tx, told, None, by.at)?;
    record(tx, by, Act::Withdrawn, id);
    Ok(Withdrawn::Yes)
}

/// What became of a correction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Corrected {
    /// It is sent.
    Yes,
    /// It was sent before, or nothing is to be corrected any more.
    Closed,
    /// The draft changed since it was checked, or is gone.
    Outdated,
    /// A pool has not the seats that are needed by the new answers; nothing changed (NF-49).
    Full(Short),
}

/// Sends a correction: the round is answered, the draft goes, the item crosses.
///
/// # Errors
/// When the database cannot be written.
pub fn correct(
    tx: &mut Tx<'_>,
    by: &By,
    (id, round): (&str, i64),
    (draft_id, version): (&str, i64),
    (rules, new): (Rules, &Reseated),
    told: Letter,
) -> QueryResult<Corrected> {
    let Some(state) = state_of(tx, id)? else { return Ok(Corrected::Closed) };
    let Ok(next) = state.apply(Event::Resubmit, rules) else { return Ok(Corrected::Closed) };
    let files = match drafts::standing(tx.db, draft_id)? {
        Some((held, files)) if held == version => files,
        _ => return Ok(Corrected::Outdated),
    };
    let waits = corrections::table.find((id, round)).filter(corrections::answered_at.is_null());
    if waits.count().get_result::<i64>(tx.db)? == 0 {
        return Ok(Corrected::Closed);
    }
    let procedure: String =
        applications::table.find(id).select(applications::procedure_id).first(tx.db)?;
    if let Err(full) = seats::reseat(tx, (id, &procedure), new, by.at)? {
        return Ok(Corrected::Full(full));
    }
    if let Some(sealed) = &new.charged_sealed {
        charges::put(tx, id, sealed)?;
    }
    diesel::update(corrections::table.find((id, round)).filter(corrections::answered_at.is_null()))
        .set((
            corrections::answered_at.eq(Some(by.at)),
            // What was asked holds answers: it has done its work.
            corrections::asked_sealed.eq(Vec::<u8>::new()),
        ))
        .execute(tx.db)?;
    drafts::remove_with(tx, draft_id, &files)?;
    reach(tx, id, next, by.at, "")?;
    post::send(tx, told, None, by.at)?;
    record_with(tx, by, Act::Corrected, id, format!("round={round}"));
    Ok(Corrected::Yes)
}

/// The state of an application. Whoever else asks for it in order to change it waits until this
/// transaction ends.
pub(super) fn state_of(tx: &mut Tx<'_>, id: &str) -> QueryResult<Option<State>> {
    let key: Option<String> = diesel::update(applications::table.find(id))
        .set(applications::state.eq(applications::state))
        .returning(applications::state)
        .get_result(tx.db)
        .optional()?;
    Ok(key.and_then(|key| State::parse(&key).ok()))
}

/// Notes a state and adds it to the way.
pub(super) fn reach(
    tx: &mut Tx<'_>,
    id: &str,
    state: State,
    at: i64,
    note: &str,
) -> QueryResult<()> {
    reach_by(tx, id, (state, None), at, note)
}

/// The same with what the step says beside its state.
pub(super) fn reach_by(
    tx: &mut Tx<'_>,
    id: &str,
    (state, turn): (State, Option<Turn>),
    at: i64,
    note: &str,
) -> QueryResult<()> {
    diesel::update(applications::table.find(id))
        .set((
            applications::state.eq(state.key()),
            applications::state_at.eq(at),
            applications::note.eq(note),
        ))
        .execute(tx.db)?;
    remember(tx, id, (state, turn), at, note)
}

/// Adds a line to the way; the application stays as it is.
pub(super) fn remember(
    tx: &mut Tx<'_>,
    id: &str,
    (state, turn): (State, Option<Turn>),
    at: i64,
    note: &str,
) -> QueryResult<()> {
    let passed: i64 = application_steps::table
        .filter(application_steps::application_id.eq(id))
        .count()
        .get_result(tx.db)?;
    diesel::insert_into(application_steps::table)
        .values((
            application_steps::application_id.eq(id),
            application_steps::seq.eq(passed + 1),
            application_steps::state.eq(state.key()),
            application_steps::at.eq(at),
            application_steps::note.eq(note),
            application_steps::turn.eq(turn.map_or("", Turn::key)),
        ))
        .execute(tx.db)?;
    Ok(())
}

/// Ends every open request for a correction of an application. A message that was begun stays: it
/// answers no request.
pub(super) fn close_corrections(tx: &mut Tx<'_>, id: &str, at: i64) -> QueryResult<()> {
    diesel::update(
        corrections::table
            .filter(corrections::application_id.eq(id))
            .filter(corrections::answered_at.is_null()),
    )
    .set((corrections::answered_at.eq(Some(at)), corrections::asked_sealed.eq(Vec::<u8>::new())))
    .execute(tx.db)?;
    let open = crate::schema::drafts::table;
    let ids: Vec<String> = open
        .filter(crate::schema::drafts::application_id.eq(id))
        .filter(crate::schema::drafts::round.gt(drafts::MESSAGE))
        .select(crate::schema::drafts::id)
        .load(tx.db)?;
    for draft in ids {
        drafts::remove(tx, &draft)?;
    }
    Ok(())
}
