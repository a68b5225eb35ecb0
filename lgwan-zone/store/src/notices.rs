//! Mails that tell staff of an arrival (NF-59). They wait here from the transaction
//! of the arrival until the mail server took them, so none is lost; one arrival
//! makes one mail a recipient.

use diesel::prelude::*;
use jiff::Timestamp;
use platform_service::clock::Clock;
use platform_service::ids;
use platform_store::{Db, Tx};

use crate::applications::rows::Application;
use crate::schema::{applications, procedures, staff_mails as mails};

/// The round of a mail that tells of a message.
pub const MESSAGE: i32 = -1;

/// The round of a mail that tells of a request to withdraw (取下げの申出).
pub const WITHDRAWAL: i32 = -3;

/// The round of a mail that tells an applicant of a new state.
pub const TOLD: i32 = -2;

/// The round of a mail that tells a member of staff of a new state of their own application (NB-2.1).
pub const OWN: i32 = -4;

/// [`Application::applicant_kind`] of a member of staff who applies for an internal procedure.
pub const STAFF: &str = "staff";

/// A mail whose time has come.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Due {
    /// Identifier; the same at every try, so that a mail server can tell.
    pub id: String,
    /// Who gets it.
    pub recipient: String,
    /// Whose arrival.
    pub application_id: String,
    /// 0 for the application, then one a correction; [`MESSAGE`] for messages, [`WITHDRAWAL`]
    /// for a request to withdraw, [`TOLD`] and [`OWN`] for a state the applicant is told.
    pub round: i32,
    /// Receipt number.
    pub number: String,
    /// State code of the application now.
    pub state: String,
    /// Title of the procedure.
    pub procedure: String,
    /// Tries so far.
    pub attempts: i32,
    /// When it was queued, microseconds.
    pub created_at: i64,
}

/// Queues one mail for each recipient in the transaction of the arrival.
///
/// # Errors
/// When the database cannot be written.
pub fn queue(
    tx: &mut Tx<'_>,
    clock: &Clock,
    (application, round): (&str, i32),
    recipients: &[String],
) -> QueryResult<()> {
    let now = clock.now().as_microsecond();
    for recipient in recipients {
        let known = mails::table
            .filter(mails::application_id.eq(application).and(mails::round.eq(round)))
            .filter(mails::recipient.eq(recipient))
            .count()
            .get_result::<i64>(tx.db)?;
        if known > 0 {
            continue;
        }
        diesel::insert_into(mails::table)
            .values((
                mails::id.eq(ids::new(clock)),
                mails::application_id.eq(application),
                mails::round.eq(round),
                mails::recipient.eq(recipient),
                mails::next_at.eq(now),
                mails::created_at.eq(now),
            ))
            .execute(tx.db)?;
    }
    Ok(())
}

/// Queues the mail that tells the applicant of the state, when there is an address. One that waits
/// already tells of the newest state when it is sent.
pub(crate) fn tell(tx: &mut Tx<'_>, row: &Application, at: Timestamp) -> QueryResult<()> {
    let Some(recipient) = &row.applicant_email else { return Ok(()) };
    let round = if row.applicant_kind == STAFF { OWN } else { TOLD };
    let waits = mails::table
        .filter(mails::application_id.eq(&row.id).and(mails::round.eq(round)))
        .count()
        .get_result::<i64>(tx.db)?;
    if waits > 0 {
        return Ok(());
    }
    let now = at.as_microsecond();
    diesel::insert_into(mails::table)
        .values((
            mails::id.eq(format!("{}-{}", row.id, row.version)),
            mails::application_id.eq(&row.id),
            mails::round.eq(round),
            mails::recipient.eq(recipient),
            mails::next_at.eq(now),
            mails::created_at.eq(now),
        ))
        .execute(tx.db)
        .map(drop)
}

/// Mails to send now, oldest first.
///
/// # Errors
/// When the database cannot be read.
pub fn due(db: &mut Db, now: i64, limit: i64) -> QueryResult<Vec<Due>> {
    mails::table
        .inner_join(applications::table.on(applications::id.eq(mails::application_id)))
        .inner_join(procedures::table.on(procedures::id.eq(applications::procedure_id)))
        .filter(mails::next_at.le(now))
        .order(mails::next_at)
        .limit(limit)
        .select((
            mails::id,
            mails::recipient,
            mails::application_id,
            mails::round,
            applications::number,
            applications::state,
            procedures::title,
            mails::attempts,
            mails::created_at,
        ))
        .load(db)
}

/// Takes a mail for sending until `until`. `false` when another sender has it.
///
/// # Errors
/// When the database cannot be written.
pub fn lease(tx: &mut Tx<'_>, id: &str, now: i64, until: i64) -> QueryResult<bool> {
    diesel::update(mails::table.find(id).filter(mails::next_at.le(now)))
        .set((mails::next_at.eq(until), mails::attempts.eq(mails::attempts + 1)))
        .execute(tx.db)
        .map(|changed| changed == 1)
}

/// Forgets a mail that was sent or given up.
///
/// # Errors
/// When the database cannot be written.
pub fn forget(tx: &mut Tx<'_>, id: &str) -> QueryResult<()> {
    diesel::delete(mails::table.find(id)).execute(tx.db).map(drop)
}

/// Puts a mail off until `next_at`; `why` is the server's answer without addresses.
///
/// # Errors
/// When the database cannot be written.
pub fn put_off(tx: &mut Tx<'_>, id: &str, next_at: i64, why: &str) -> QueryResult<()> {
    diesel::update(mails::table.find(id))
        .set((mails::next_at.eq(next_at), mails::last_error.eq(Some(why))))
        .execute(tx.db)
        .map(drop)
}

/// Mails that wait, for the metrics.
///
/// # Errors
/// When the database cannot be read.
pub fn waiting(db: &mut Db) -> QueryResult<i64> {
    mails::table.count().get_result(db)
}
