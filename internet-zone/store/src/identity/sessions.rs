//! Sessions. Only the SHA-256 of the cookie's value is stored, so a stolen
//! database signs nobody in (A8).

use diesel::prelude::*;
use platform_store::{Db, Tx, each_backend};

use super::{Owner, accounts};
use crate::record::{Act, By, record, record_with};
use crate::schema::{
    accounts as people, drafts, guests, invited_sessions, session_grants, sessions, terminal_drafts,
};

/// A session to open.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// SHA-256 of the cookie's value.
    pub id_hash: Vec<u8>,
    /// Whose it is.
    pub owner: Owner,
    /// Microseconds; it ends then whatever happens.
    pub expires_at: i64,
}

/// A live session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// SHA-256 of the cookie's value.
    pub id_hash: Vec<u8>,
    /// Whose it is.
    pub owner: Owner,
    /// Last request that was noted, microseconds.
    pub seen_at: i64,
    /// Absolute end, microseconds.
    pub expires_at: i64,
    /// The language its pages were last read in, when one was chosen.
    pub lang: Option<String>,
}

/// Opens a session; the one it replaces ends, so an id known before signing in
/// is worth nothing after it. What only that session led to goes along: what it was let
/// see, and of what a guest began in it `along`, the draft from whose form the new one is opened.
/// Other drafts may be those of who sat at the same device before.
///
/// # Errors
/// When the database cannot be written.
pub fn open(
    tx: &mut Tx<'_>,
    by: &By,
    new: &NewSession,
    replacing: Option<&[u8]>,
    along: Option<&str>,
) -> QueryResult<()> {
    diesel::insert_into(sessions::table)
        .values((
            sessions::id_hash.eq(&new.id_hash),
            sessions::account_id.eq(new.owner.account()),
            sessions::guest_id.eq(new.owner.guest()),
            sessions::created_at.eq(by.at),
            sessions::seen_at.eq(by.at),
            sessions::expires_at.eq(new.expires_at),
        ))
        .execute(tx.db)?;
    let mut moved = 0;
    if let Some(old) = replacing {
        diesel::update(session_grants::table.filter(session_grants::session_hash.eq(old)))
            .set(session_grants::session_hash.eq(&new.id_hash))
            .execute(tx.db)?;
        // What was shown before signing in opens it afterwards, too.
        let shown = invited_sessions::table.filter(invited_sessions::session_hash.eq(old));
        diesel::update(shown)
            .set(invited_sessions::session_hash.eq(&new.id_hash))
            .execute(tx.db)?;
        moved = take_along(tx, old, &new.owner, along)?;
        diesel::delete(sessions::table.find(old)).execute(tx.db)?;
    }
    if let Owner::Account(id) = &new.owner {
        accounts::signed_in(tx, id, by.at)?;
        let detail = if moved == 0 { String::new() } else { format!("drafts={moved}") };
        record_with(tx, by, Act::SignedIn, id, detail);
    }
    Ok(())
}

/// Gives drafts of the guest behind a session to who goes on in it: the one named of a guest whom no
/// address leads back, and all of an address that is the account's own. Returns how many.
fn take_along(tx: &mut Tx<'_>, old: &[u8], new: &Owner, along: Option<&str>) -> QueryResult<usize> {
    let guest: Option<Option<String>> =
        sessions::table.find(old).select(sessions::guest_id).first(tx.db).optional()?;
    let Some(guest) = guest.flatten().filter(|guest| new.guest() != Some(guest.as_str())) else {
        return Ok(0);
    };
    let address: Option<Option<Vec<u8>>> =
        guests::table.find(&guest).select(guests::email_index).first(tx.db).optional()?;
    let begun = drafts::table.filter(drafts::guest_id.eq(&guest)).select(drafts::id);
    let mut own: Vec<String> = begun.load(tx.db)?;
    if let Some(address) = address.flatten() {
        let Some(account) = new.account() else { return Ok(0) };
        let proven: Vec<u8> =
            people::table.find(account).select(people::email_index).first(tx.db)?;
        if proven != address {
            return Ok(0);
        }
    } else {
        own.retain(|id| Some(id.as_str()) == along);
    }
    if new.account().is_some() {
        // They do not end with the visit to a terminal any more: the account leads to them.
        diesel::delete(terminal_drafts::table.filter(terminal_drafts::draft_id.eq_any(&own)))
            .execute(tx.db)?;
    }
    diesel::update(drafts::table.filter(drafts::id.eq_any(&own)))
        .set((drafts::account_id.eq(new.account()), drafts::guest_id.eq(new.guest())))
        .execute(tx.db)
}

/// Records that a try to sign in failed; never the name that was tried.
pub fn refused(tx: &mut Tx<'_>, by: &By, network: &str) {
    record(tx, by, Act::SignInFailed, network);
}

/// The session of a cookie, unless it ended: `idle` microseconds after the last
/// request, or at its absolute end.
///
/// # Errors
/// When the database cannot be read.
pub fn find(db: &mut Db, id_hash: &[u8], now: i64, idle: i64) -> QueryResult<Option<Session>> {
    type Row = (Option<String>, Option<String>, i64, i64, Option<String>);
    let row: Option<Row> = sessions::table
        .find(id_hash)
        .filter(sessions::expires_at.gt(now))
        .filter(sessions::seen_at.gt(now - idle))
        .select((
            sessions::account_id,
            sessions::guest_id,
            sessions::seen_at,
            sessions::expires_at,
            sessions::lang,
        ))
        .first(db)
        .optional()?;
    Ok(row.and_then(|(account, guest, seen_at, expires_at, lang)| {
        Some(Session {
            id_hash: id_hash.to_vec(),
            owner: Owner::from_columns(account, guest)?,
            seen_at,
            expires_at,
            lang,
        })
    }))
}

/// Notes that the session was used.
///
/// # Errors
/// When the database cannot be written.
pub fn touch(tx: &mut Tx<'_>, id_hash: &[u8], now: i64) -> QueryResult<()> {
    diesel::update(sessions::table.find(id_hash).filter(sessions::seen_at.lt(now)))
        .set(sessions::seen_at.eq(now))
        .execute(tx.db)?;
    Ok(())
}

/// Ends a session.
///
/// # Errors
/// When the database cannot be written.
pub fn close(tx: &mut Tx<'_>, by: &By, session: &Session) -> QueryResult<()> {
    diesel::delete(sessions::table.find(&session.id_hash)).execute(tx.db)?;
    record(tx, by, Act::SignedOut, &session.owner.name());
    Ok(())
}

/// Lets a session see one application, after number and secret were right.
///
/// # Errors
/// When the database cannot be written.
pub fn grant(tx: &mut Tx<'_>, by: &By, id_hash: &[u8], application_id: &str) -> QueryResult<()> {
    let row = (
        session_grants::session_hash.eq(id_hash),
        session_grants::application_id.eq(application_id),
    );
    each_backend!(tx.db, conn => diesel::insert_into(session_grants::table)
        .values(row).on_conflict_do_nothing().execute(conn))?;
    record(tx, by, Act::LookedUp, application_id);
    Ok(())
}

/// What the session was let see.
///
/// # Errors
/// When the database cannot be read.
pub fn granted(db: &mut Db, id_hash: &[u8]) -> QueryResult<Vec<String>> {
    session_grants::table
        .filter(session_grants::session_hash.eq(id_hash))
        .order(session_grants::application_id)
        .select(session_grants::application_id)
        .load(db)
}

/// Whether the session was let see the application.
///
/// # Errors
/// When the database cannot be read.
pub fn has_grant(db: &mut Db, id_hash: &[u8], application_id: &str) -> QueryResult<bool> {
    let found: Option<String> = session_grants::table
        .find((id_hash, application_id))
        .select(session_grants::application_id)
        .first(db)
        .optional()?;
    Ok(found.is_some())
}

/// Deletes sessions that ended before `now`; returns how many.
///
/// # Errors
/// When the database cannot be written.
pub fn sweep(tx: &mut Tx<'_>, now: i64, idle: i64) -> QueryResult<usize> {
    diesel::delete(
        sessions::table.filter(sessions::expires_at.le(now).or(sessions::seen_at.le(now - idle))),
    )
    .execute(tx.db)
}
