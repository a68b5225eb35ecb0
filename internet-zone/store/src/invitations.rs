//! Invitations to procedures that their address alone does not open (招待, NF-45).
//!
//! What opens a procedure, a code or an address, is known here only as a hash under the zone's key. An
//! invitation is used in the transaction in which the application arrives or begins to wait, by one
//! statement that holds the limit, the end and the revocation at once; a use is not given back when the
//! application is withdrawn.

use diesel::prelude::*;
use platform_store::{Db, Tx, each_backend};

use crate::record::{Act, By, record, record_with};
use crate::schema::{invitations, invited_drafts, invited_sessions};

pub use bridge_contract::digest::Digest;
use bridge_contract::messages::{invited_address, invited_code};
use domain::applications::GuestSecret;
use domain::ids::ProcedureId;

use crate::vault::Vault;

/// An invitation as the staff zone gave it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewInvitation {
    /// Identifier.
    pub id: String,
    /// What it opens.
    pub procedure_id: String,
    /// What opens it, hashed by [`key`].
    pub key: Vec<u8>,
    /// Applications it is good for.
    pub uses: i64,
    /// Microseconds; worth nothing from then on.
    pub until: i64,
}

/// By what a caller may hold an invitation.
#[derive(Clone, Debug, Default)]
pub struct Shown {
    /// The session in which a code was typed.
    pub session: Option<Vec<u8>>,
    /// Hash of the address the caller proved.
    pub key: Option<Vec<u8>>,
    /// The draft that was begun by it.
    pub draft: Option<String>,
}

/// How a digest of the staff zone is kept here: addresses can be tried, so under the zone's key.
#[must_use]
pub fn key(vault: &Vault, digest: Digest) -> Vec<u8> {
    vault.index("invitation", &digest.hex())
}

/// Hash of a code that was typed.
#[must_use]
pub fn key_of_code(vault: &Vault, procedure: &ProcedureId, code: &GuestSecret) -> Vec<u8> {
    key(vault, invited_code(procedure, code))
}

/// Hash of an address that was proven.
#[must_use]
pub fn key_of_address(vault: &Vault, procedure: &ProcedureId, address: &str) -> Vec<u8> {
    key(vault, invited_address(procedure, address))
}

/// Keeps invitations that staff handed out; what is here already stays as it is.
///
/// # Errors
/// When the database cannot be written.
pub fn given(
    tx: &mut Tx<'_>,
    by: &By,
    procedure: &str,
    new: &[NewInvitation],
) -> QueryResult<usize> {
    let mut kept = 0;
    for one in new {
        let row = (
            invitations::id.eq(&one.id),
            invitations::procedure_id.eq(&one.procedure_id),
            invitations::key_hash.eq(&one.key),
            invitations::uses.eq(one.uses),
            invitations::used.eq(0),
            invitations::until_at.eq(one.until),
        );
        kept += each_backend!(tx.db, conn => diesel::insert_into(invitations::table)
            .values(row).on_conflict_do_nothing().execute(conn))?;
    }
    record_with(tx, by, Act::InvitationsGiven, procedure, format!("count={kept}"));
    Ok(kept)
}

/// Ends invitations. What was sent by them stays sent.
///
/// # Errors
/// When the database cannot be written.
pub fn revoked(tx: &mut Tx<'_>, by: &By, ids: &[String]) -> QueryResult<()> {
    for id in ids {
        let standing = invitations::table.find(id).filter(invitations::revoked_at.is_null());
        let ended =
            diesel::update(standing).set(invitations::revoked_at.eq(Some(by.at))).execute(tx.db)?;
        if ended == 1 {
            record(tx, by, Act::InvitationRevoked, id);
        }
    }
    Ok(())
}

/// The invitation to a procedure that a caller holds and that stands at `now`; the one that ends first.
///
/// # Errors
/// When the database cannot be read.
pub fn standing(
    db: &mut Db,
    procedure: &str,
    shown: &Shown,
    now: i64,
) -> QueryResult<Option<String>> {
    let mut ids: Vec<String> = match &shown.session {
        Some(session) => invited_sessions::table
            .filter(invited_sessions::session_hash.eq(session))
            .select(invited_sessions::invitation_id)
            .load(db)?,
        None => Vec::new(),
    };
    if let Some(draft) = &shown.draft {
        let begun: Option<String> = invited_drafts::table
            .find(draft)
            .select(invited_drafts::invitation_id)
            .first(db)
            .optional()?;
        ids.extend(begun);
    }
    let key = shown.key.clone().unwrap_or_default();
    invitations::table
        .filter(invitations::procedure_id.eq(procedure))
        .filter(invitations::id.eq_any(ids).or(invitations::key_hash.eq(key)))
        .filter(invitations::revoked_at.is_null())
        .filter(invitations::until_at.gt(now))
        .filter(invitations::used.lt(invitations::uses))
        .order((invitations::until_at, invitations::id))
        .select(invitations::id)
        .first(db)
        .optional()
}

/// A certain invitation to a procedure, if it stands at `now`.
///
/// # Errors
/// When the database cannot be read.
pub fn stands(db: &mut Db, procedure: &str, id: &str, now: i64) -> QueryResult<Option<String>> {
    invitations::table
        .find(id)
        .filter(invitations::procedure_id.eq(procedure))
        .filter(invitations::revoked_at.is_null())
        .filter(invitations::until_at.gt(now))
        .filter(invitations::used.lt(invitations::uses))
        .select(invitations::id)
        .first(db)
        .optional()
}

/// Notes that the visitor of a session holds an invitation.
///
/// # Errors
/// When the database cannot be written.
pub fn opened(tx: &mut Tx<'_>, by: &By, session: &[u8], id: &str) -> QueryResult<()> {
    let row = (invited_sessions::session_hash.eq(session), invited_sessions::invitation_id.eq(id));
    each_backend!(tx.db, conn => diesel::insert_into(invited_sessions::table)
        .values(row).on_conflict_do_nothing().execute(conn))?;
    record(tx, by, Act::InvitationOpened, id);
    Ok(())
}

/// Notes by which invitation a draft is filled in.
///
/// # Errors
/// When the database cannot be written.
pub fn begun(tx: &mut Tx<'_>, draft: &str, id: &str) -> QueryResult<()> {
    let row = (invited_drafts::draft_id.eq(draft), invited_drafts::invitation_id.eq(id));
    diesel::insert_into(invited_drafts::table).values(row).execute(tx.db)?;
    Ok(())
}

/// Uses an invitation once; `false`, and nothing is used, when it does not stand any more.
///
/// # Errors
/// When the database cannot be written.
pub(crate) fn take(tx: &mut Tx<'_>, id: &str, now: i64) -> QueryResult<bool> {
    let good = invitations::table
        .find(id)
        .filter(invitations::revoked_at.is_null())
        .filter(invitations::until_at.gt(now))
        .filter(invitations::used.lt(invitations::uses));
    let taken =
        diesel::update(good).set(invitations::used.eq(invitations::used + 1)).execute(tx.db)?;
    Ok(taken == 1)
}

/// Undoes [`take`] in the same transaction.
pub(crate) fn put_back(tx: &mut Tx<'_>, id: &str) -> QueryResult<()> {
    diesel::update(invitations::table.find(id).filter(invitations::used.gt(0)))
        .set(invitations::used.eq(invitations::used - 1))
        .execute(tx.db)?;
    Ok(())
}

/// Deletes invitations that ended before `before`; returns how many.
///
/// # Errors
/// When the database cannot be written.
pub fn sweep(tx: &mut Tx<'_>, before: i64) -> QueryResult<usize> {
    diesel::delete(invitations::table.filter(invitations::until_at.lt(before))).execute(tx.db)
}
