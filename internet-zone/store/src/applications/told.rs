//! What the staff zone tells about an application. Each function runs in the
//! transaction that takes the message off its lane, so it happens exactly once.

use diesel::dsl::exists;
use diesel::prelude::*;
use domain::applications::State;
use platform_store::{Tx, each_backend};

use super::status::Turn;
use super::{given_up, messages, withdraw, withdrawal_requests};
use crate::record::{Act, By, record, record_with};
use crate::schema::{
    applications, corrections, documents, drafts, held_files, procedure_revisions,
};

/// A new state, as the staff zone owns it.
#[derive(Clone, Debug)]
pub struct NewState {
    /// The application.
    pub application_id: String,
    /// The state reached.
    pub state: State,
    /// When, microseconds.
    pub at: i64,
    /// Words for the citizen.
    pub note: String,
    /// When the next step is expected.
    pub expected: String,
}

/// Takes over a state. `false` when there is no such application here.
///
/// # Errors
/// When the database cannot be written.
pub fn state(tx: &mut Tx<'_>, by: &By, new: &NewState) -> QueryResult<bool> {
    let id = &new.application_id;
    let Some(before) = withdraw::state_of(tx, id)? else { return Ok(false) };
    if before == State::Withdrawn && new.state != State::Withdrawn {
        // The citizen withdrew while this was on its way; the staff zone will see that too, and answers
        // with `withdrawal_refused` when it cannot take it.
        return Ok(true);
    }
    if matches!(new.state, State::Expired(_)) && !matches!(before, State::Correction(_)) {
        // The correction was sent while this was on its way; the staff zone takes it all the same.
        return Ok(true);
    }
    let turn = if before.is_reopened_by(new.state) {
        Some(reopened(tx, by, id, (before, new.state))?)
    } else {
        withdrawal_requests::answered_by(tx, id, new.state)?
    };
    if before != new.state {
        withdraw::reach_by(tx, id, (new.state, turn), new.at, &new.note)?;
    }
    diesel::update(applications::table.find(id))
        .set((applications::note.eq(&new.note), applications::expected.eq(&new.expected)))
        .execute(tx.db)?;
    if new.state.releases_seats() {
        given_up::give_up(tx, id, by.at)?;
    }
    if new.state == State::Withdrawn {
        given_up::forget(tx, id)?;
    }
    if !matches!(new.state, State::Correction(_)) {
        withdraw::close_corrections(tx, id, new.at)?;
    }
    record_with(tx, by, Act::StateTold, id, format!("from={before} to={}", new.state));
    Ok(true)
}

/// The office took it up again: of what was given up, all that is still free comes back.
fn reopened(
    tx: &mut Tx<'_>,
    by: &By,
    id: &str,
    (before, now): (State, State),
) -> QueryResult<Turn> {
    if !before.releases_seats() || now.releases_seats() {
        return Ok(Turn::Reopened);
    }
    let missing = given_up::take_back(tx, id, by.at)?;
    record_with(tx, by, Act::Reopened, id, missing.facts());
    if missing.seats.is_empty() {
        return Ok(Turn::Reopened);
    }
    record_with(tx, by, Act::SeatsMissing, id, format!("seats={}", missing.seats.join(",")));
    Ok(Turn::ReopenedFull)
}

/// Takes over that a withdrawal was not taken: the state and the words as they are in the staff zone, and
/// of what was given up, all that is still free. `false` when there is no such application.
///
/// # Errors
/// When the database cannot be written.
pub fn not_withdrawn(tx: &mut Tx<'_>, by: &By, new: &NewState) -> QueryResult<bool> {
    let id = &new.application_id;
    let Some(before) = withdraw::state_of(tx, id)? else { return Ok(false) };
    if before != State::Withdrawn {
        // Nothing was withdrawn here any more: the state is told like any other.
        return state(tx, by, new);
    }
    let missing = if new.state.releases_seats() {
        given_up::Missing::default()
    } else {
        given_up::take_back(tx, id, by.at)?
    };
    let turn = if missing.seats.is_empty() { Turn::Late } else { Turn::LateFull };
    withdraw::reach_by(tx, id, (new.state, Some(turn)), new.at, &new.note)?;
    diesel::update(applications::table.find(id))
        .set(applications::expected.eq(&new.expected))
        .execute(tx.db)?;
    if !matches!(new.state, State::Correction(_)) {
        withdraw::close_corrections(tx, id, new.at)?;
    }
    let facts = format!("to={} {}", new.state, missing.facts());
    record_with(tx, by, Act::WithdrawalRefused, id, facts.trim_end().to_owned());
    if !missing.seats.is_empty() {
        record_with(tx, by, Act::SeatsMissing, id, format!("seats={}", missing.seats.join(",")));
    }
    Ok(true)
}

/// Takes over that another department is in charge (所管替え). `false` when there is no such application.
///
/// # Errors
/// When the database cannot be written.
pub fn department(tx: &mut Tx<'_>, by: &By, id: &str, department: &str) -> QueryResult<bool> {
    let known = diesel::update(applications::table.find(id))
        .set(applications::department_id.eq(department))
        .execute(tx.db)?;
    if known == 1 {
        record_with(tx, by, Act::DepartmentTold, id, format!("department={department}"));
    }
    Ok(known == 1)
}

/// Takes over that an application goes on under another revision of its form (版の移し替え), from when
/// that revision is here. `false` when there is no such application.
///
/// # Errors
/// When the database cannot be written.
pub fn revision(tx: &mut Tx<'_>, by: &By, id: &str, revision: i64) -> QueryResult<bool> {
    let known: Option<(String, i64)> = applications::table
        .find(id)
        .select((applications::procedure_id, applications::revision))
        .first(tx.db)
        .optional()?;
    let Some((procedure, before)) = known else { return Ok(false) };
    if before >= revision {
        return Ok(true);
    }
    let came = procedure_revisions::table.find((&procedure, revision));
    if diesel::select(exists(came)).get_result(tx.db)? {
        go_on(tx, id, revision)?;
    } else {
        diesel::update(applications::table.find(id))
            .set(applications::next_revision.eq(Some(revision)))
            .execute(tx.db)?;
    }
    record_with(tx, by, Act::RevisionTold, id, format!("revision={revision}"));
    Ok(true)
}

/// Applications that waited for this revision go on under it, now that it is here.
///
/// # Errors
/// When the database cannot be written.
pub(crate) fn came(tx: &mut Tx<'_>, procedure: &str, revision: i64) -> QueryResult<()> {
    let waiting: Vec<String> = applications::table
        .filter(applications::procedure_id.eq(procedure))
        .filter(applications::next_revision.eq(Some(revision)))
        .select(applications::id)
        .load(tx.db)?;
    waiting.iter().try_for_each(|id| go_on(tx, id, revision))
}

/// A correction that was begun goes on under the form of the application, too.
fn go_on(tx: &mut Tx<'_>, id: &str, revision: i64) -> QueryResult<()> {
    diesel::update(applications::table.find(id))
        .set((applications::revision.eq(revision), applications::next_revision.eq(None::<i64>)))
        .execute(tx.db)?;
    let begun =
        drafts::table.filter(drafts::application_id.eq(id)).filter(drafts::round.is_not_null());
    diesel::update(begun).set(drafts::revision.eq(revision)).execute(tx.db)?;
    Ok(())
}

/// A request for a correction.
#[derive(Clone, Debug)]
pub struct NewCorrection {
    /// The application.
    pub application_id: String,
    /// Which request of it.
    pub round: i64,
    /// Sealed: reason, flagged fields, answers so far.
    pub asked_sealed: Vec<u8>,
    /// ISO date by which to answer; may be empty.
    pub due: String,
    /// When, microseconds.
    pub at: i64,
}

/// Takes over a request for a correction. `false` when there is no such application.
///
/// # Errors
/// When the database cannot be written.
pub fn correction(tx: &mut Tx<'_>, by: &By, new: &NewCorrection) -> QueryResult<bool> {
    if withdraw::state_of(tx, &new.application_id)?.is_none() {
        return Ok(false);
    }
    let row = (
        corrections::application_id.eq(&new.application_id),
        corrections::round.eq(new.round),
        corrections::asked_sealed.eq(&new.asked_sealed),
        corrections::due.eq(&new.due),
        corrections::asked_at.eq(new.at),
    );
    each_backend!(tx.db, conn => diesel::insert_into(corrections::table)
        .values(row).on_conflict_do_nothing().execute(conn))?;
    record_with(tx, by, Act::CorrectionAsked, &new.application_id, format!("round={}", new.round));
    Ok(true)
}

/// Takes over that a file is held: beside what it was sent with, a message or the application.
/// `false` when there is no such application.
///
/// # Errors
/// When the database cannot be written.
pub fn held(
    tx: &mut Tx<'_>,
    by: &By,
    (application_id, file): (&str, &str),
    reason: &str,
    seal_name: impl FnOnce(&str) -> Vec<u8>,
) -> QueryResult<bool> {
    if withdraw::state_of(tx, application_id)?.is_none() {
        return Ok(false);
    }
    if messages::file_held(tx, file, reason)? {
        record_with(tx, by, Act::FileHeld, application_id, format!("reason={reason}"));
        return Ok(true);
    }
    let before: i64 = held_files::table
        .filter(held_files::application_id.eq(application_id))
        .count()
        .get_result(tx.db)?;
    let seq = before + 1;
    diesel::insert_into(held_files::table)
        .values((
            held_files::application_id.eq(application_id),
            held_files::seq.eq(seq),
            held_files::name_sealed.eq(seal_name(&held_row(application_id, seq))),
            held_files::reason.eq(reason),
            held_files::at.eq(by.at),
        ))
        .execute(tx.db)?;
    record_with(tx, by, Act::FileHeld, application_id, format!("reason={reason}"));
    Ok(true)
}

/// Name of the row a held file's name is sealed for.
#[must_use]
pub fn held_row(application_id: &str, seq: i64) -> String {
    format!("{application_id}.{seq}")
}

/// A document that lies sealed in the folder.
#[derive(Clone, Debug)]
pub struct NewDocument {
    /// Identifier.
    pub id: String,
    /// The application it belongs to.
    pub application_id: String,
    /// Sealed name.
    pub name_sealed: Vec<u8>,
    /// Media type.
    pub media: String,
    /// Bytes.
    pub size: i64,
    /// Name in the folder.
    pub file_id: String,
    /// SHA-256 of its bytes.
    pub sha256: Vec<u8>,
    /// What staff wrote that it comes with; `None` for one that was issued.
    pub message_id: Option<String>,
}

/// Takes over a document. `false` when there is no such application.
///
/// # Errors
/// When the database cannot be written.
pub fn document(tx: &mut Tx<'_>, by: &By, new: &NewDocument) -> QueryResult<bool> {
    if withdraw::state_of(tx, &new.application_id)?.is_none() {
        return Ok(false);
    }
    let row = (
        documents::id.eq(&new.id),
        documents::application_id.eq(&new.application_id),
        documents::name_sealed.eq(&new.name_sealed),
        documents::media.eq(&new.media),
        documents::size.eq(new.size),
        documents::file_id.eq(&new.file_id),
        documents::issued_at.eq(by.at),
        documents::sha256.eq(&new.sha256),
        documents::message_id.eq(&new.message_id),
    );
    each_backend!(tx.db, conn => diesel::insert_into(documents::table)
        .values(row).on_conflict_do_nothing().execute(conn))?;
    record(tx, by, Act::DocumentIssued, &new.id);
    Ok(true)
}
