//! 取下げの申出: the applicant asks the office to let an application be withdrawn (NF-34). The state stays as
//! it is until the office has answered; here stands only that it is asked, the words are sent and not kept.

use diesel::prelude::*;
use domain::applications::{Rules, State};
use platform_store::{Db, Tx, each_backend};

use super::status::Turn;
use super::withdraw;
use crate::identity::tries;
use crate::post::{self, Letter};
use crate::record::{Act, By, record};
use crate::schema::withdrawal_requests as requests;

/// Requests of one application in a day: each is a line in both zones and a mail to staff.
pub const A_DAY: i64 = 3;

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// It is sent.
    Yes,
    /// One is open already; nothing is sent.
    Already,
    /// It is decided, or can be withdrawn without asking.
    NotNow,
    /// It was asked [`A_DAY`] times today; nothing is sent.
    TooMany,
    /// There is no such application.
    Unknown,
}

/// A request that waits for an answer.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Open {
    /// Identifier.
    pub id: String,
    /// When, microseconds.
    pub asked_at: i64,
}

/// The request of an application that waits for an answer.
///
/// # Errors
/// When the database cannot be read.
pub fn open(db: &mut Db, application: &str) -> QueryResult<Option<Open>> {
    requests::table
        .find(application)
        .select((requests::request_id, requests::asked_at))
        .first(db)
        .optional()
}

/// Asks the office; `letter` carries it. One request of an application is open at a time, and there are
/// [`A_DAY`] under `subject`, which names the application and the day.
///
/// # Errors
/// When the database cannot be written.
pub fn ask(
    tx: &mut Tx<'_>,
    by: &By,
    (id, request): (&str, &str),
    rules: Rules,
    (letter, subject): (Letter, &[u8]),
) -> QueryResult<Asked> {
    let Some(state) = withdraw::state_of(tx, id)? else { return Ok(Asked::Unknown) };
    if !state.may_ask_to_withdraw(rules) {
        return Ok(Asked::NotNow);
    }
    let row = (
        requests::application_id.eq(id),
        requests::request_id.eq(request),
        requests::asked_at.eq(by.at),
    );
    let entered = each_backend!(tx.db, conn => diesel::insert_into(requests::table)
        .values(row).on_conflict_do_nothing().execute(conn))?;
    if entered == 0 {
        return Ok(Asked::Already);
    }
    if !tries::count_to(tx, subject, A_DAY, by.at)? {
        end(tx, id, Some(request))?;
        return Ok(Asked::TooMany);
    }
    withdraw::remember(tx, id, (state, Some(Turn::Asked)), by.at, "")?;
    post::send(tx, letter, None, by.at)?;
    record(tx, by, Act::WithdrawalAsked, id);
    Ok(Asked::Yes)
}

/// Takes a request back; `false` when it is not open any more.
///
/// # Errors
/// When the database cannot be written.
pub fn take_back(
    tx: &mut Tx<'_>,
    by: &By,
    (id, request): (&str, &str),
    letter: Letter,
) -> QueryResult<bool> {
    let Some(state) = withdraw::state_of(tx, id)? else { return Ok(false) };
    if !end(tx, id, Some(request))? {
        return Ok(false);
    }
    withdraw::remember(tx, id, (state, Some(Turn::TakenBack)), by.at, "")?;
    post::send(tx, letter, None, by.at)?;
    record(tx, by, Act::WithdrawalTakenBack, id);
    Ok(true)
}

/// The office does not agree and says why: the application goes on. `None` when there is no such
/// application, `false` when the request was taken back or is over meanwhile.
///
/// # Errors
/// When the database cannot be written.
pub fn declined(
    tx: &mut Tx<'_>,
    by: &By,
    (id, request): (&str, &str),
    (at, note): (i64, &str),
) -> QueryResult<Option<bool>> {
    let Some(state) = withdraw::state_of(tx, id)? else { return Ok(None) };
    if !end(tx, id, Some(request))? {
        return Ok(Some(false));
    }
    withdraw::remember(tx, id, (state, Some(Turn::Declined)), at, note)?;
    record(tx, by, Act::WithdrawalDeclined, id);
    Ok(Some(true))
}

/// What a step into `state` says of an open request, which is over with a decision.
pub(super) fn answered_by(tx: &mut Tx<'_>, id: &str, state: State) -> QueryResult<Option<Turn>> {
    if state.may_change_hands() || !end(tx, id, None)? {
        return Ok(None);
    }
    Ok(Some(if state == State::Withdrawn { Turn::Granted } else { Turn::Over }))
}

/// Ends the request that waits: this one, or whichever it is. `false` when there is none.
pub(super) fn end(tx: &mut Tx<'_>, id: &str, request: Option<&str>) -> QueryResult<bool> {
    let gone = match request {
        Some(request) => {
            let this = requests::table.find(id).filter(requests::request_id.eq(request));
            diesel::delete(this).execute(tx.db)?
        }
        None => diesel::delete(requests::table.find(id)).execute(tx.db)?,
    };
    Ok(gone == 1)
}
