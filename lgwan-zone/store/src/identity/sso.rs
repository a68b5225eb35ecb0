//! Sign-in at the city's identity provider (IK-3.5.7a): a request is asked, answered and taken, each
//! once, by one conditional statement. The answer comes from another site and therefore without
//! cookies; the browser that asked takes it afterwards.

use diesel::prelude::*;
use jiff::Timestamp;
use platform_store::{Tx, each_backend};

use super::sessions::Entered;
use crate::record::By;
use crate::schema::{sso_assertions, sso_requests};

/// A request to the identity provider.
#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = sso_requests)]
pub struct Request {
    /// Identifier, as the answer names it.
    pub id: String,
    /// Lower-case hex SHA-256 of the cookie of the browser that asks.
    pub browser: String,
    /// The page the person wanted to see; empty for none.
    pub goal: String,
    /// Microseconds; an answer after that comes too late.
    pub ends_at: i64,
}

/// An answer that was found right.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The request it names.
    pub request: String,
    /// Identifier of the assertion.
    pub assertion: String,
    /// When the assertion is refused for its age anyway.
    pub over_at: Timestamp,
    /// The account it names.
    pub account: String,
    /// Whether what was proven there counts as a second factor here.
    pub proven: bool,
    /// When it was proven.
    pub authenticated: Option<Timestamp>,
    /// When the session has to end at the latest.
    pub until: Option<Timestamp>,
}

/// What came of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answered {
    /// It waits for the browser that asked.
    Kept,
    /// The assertion was used before.
    Used,
    /// Nobody asked, it was answered before, or it was too long ago.
    NotAsked,
}

/// What the browser that asked takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The account.
    pub account: String,
    /// Whether a second factor was proven.
    pub proven: bool,
    /// When the person proved who they are, microseconds.
    pub authenticated: Option<i64>,
    /// When the session has to end at the latest, microseconds.
    pub until: Option<i64>,
    /// The page the person wanted to see; empty for none.
    pub goal: String,
}

/// Keeps a request, and forgets those nobody answered.
///
/// # Errors
/// When the database cannot be written.
pub fn ask(tx: &mut Tx<'_>, now: Timestamp, new: &Request) -> QueryResult<()> {
    let now = now.as_microsecond();
    diesel::delete(sso_requests::table.filter(sso_requests::ends_at.lt(now))).execute(tx.db)?;
    diesel::delete(sso_assertions::table.filter(sso_assertions::ends_at.lt(now))).execute(tx.db)?;
    diesel::insert_into(sso_requests::table).values(new).execute(tx.db).map(drop)
}

/// Keeps an answer for the browser that asked. Its assertion is used up, whatever comes of it.
///
/// # Errors
/// When the database cannot be written.
pub fn answer(tx: &mut Tx<'_>, now: Timestamp, new: &Answer) -> QueryResult<Answered> {
    let used = (
        sso_assertions::id.eq(&new.assertion),
        sso_assertions::ends_at.eq(new.over_at.as_microsecond()),
    );
    let first = each_backend!(tx.db, conn => diesel::insert_into(sso_assertions::table)
        .values(used).on_conflict_do_nothing().execute(conn))?;
    if first == 0 {
        return Ok(Answered::Used);
    }
    let open = sso_requests::table
        .find(&new.request)
        .filter(sso_requests::account.is_null())
        .filter(sso_requests::ends_at.gt(now.as_microsecond()));
    let kept = diesel::update(open)
        .set((
            sso_requests::account.eq(&new.account),
            sso_requests::proven.eq(new.proven),
            sso_requests::authenticated_at.eq(new.authenticated.map(Timestamp::as_microsecond)),
            sso_requests::until.eq(new.until.map(Timestamp::as_microsecond)),
        ))
        .execute(tx.db)?;
    Ok(if kept == 1 { Answered::Kept } else { Answered::NotAsked })
}

/// Gives the answer to the browser that asked, once; `None` when there is nothing for it.
///
/// # Errors
/// When the database cannot be written.
pub fn take(
    tx: &mut Tx<'_>,
    now: Timestamp,
    request: &str,
    browser: &str,
) -> QueryResult<Option<Taken>> {
    let waiting = sso_requests::table
        .find(request)
        .filter(sso_requests::browser.eq(browser))
        .filter(sso_requests::account.is_not_null())
        .filter(sso_requests::ends_at.gt(now.as_microsecond()));
    let found = waiting
        .select((
            sso_requests::account.assume_not_null(),
            sso_requests::proven,
            sso_requests::authenticated_at,
            sso_requests::until,
            sso_requests::goal,
        ))
        .first::<(String, bool, Option<i64>, Option<i64>, String)>(tx.db)
        .optional()?;
    let Some((account, proven, authenticated, until, goal)) = found else {
        return Ok(None);
    };
    let taken = diesel::delete(sso_requests::table.find(request)).execute(tx.db)?;
    Ok((taken == 1).then_some(Taken { account, proven, authenticated, until, goal }))
}

/// Notes a sign-in that was refused: `staff_id` when the account is known, and why.
pub fn refused(tx: &mut Tx<'_>, by: &By, staff_id: Option<&str>, why: &str) {
    let act = Entered::SingleSignOn.act();
    by.record_refused(tx, act, "staff", staff_id.unwrap_or(""), why);
}
