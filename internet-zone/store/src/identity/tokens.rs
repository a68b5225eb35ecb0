//! Links sent by mail: good once, for a while, stored only as a hash (A6).

use diesel::prelude::*;
use platform_store::{Db, Tx};

use crate::schema::mail_tokens;

/// What a link is for. A link for one purpose is worth nothing for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Prove an address, then register.
    Register,
    /// Set a new password.
    Reset,
    /// Prove an address, then apply as a guest.
    GuestStart,
    /// Take what was begun at a counter terminal along.
    HandOver,
    /// Prove an address that was invited.
    Invited,
    /// Prove the new address of an account.
    NewAddress,
    /// Open what was sent with an address, for who lost the numbers.
    LostNumber,
}

impl Purpose {
    /// The stored word.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::Reset => "reset",
            Self::GuestStart => "guest_start",
            Self::HandOver => "hand_over",
            Self::Invited => "invited",
            Self::NewAddress => "new_address",
            Self::LostNumber => "lost_number",
        }
    }
}

/// A link to remember.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// SHA-256 of the token.
    pub hash: Vec<u8>,
    /// What it is for.
    pub purpose: Purpose,
    /// Sealed facts the link stands for, such as the address it proves.
    pub payload_sealed: Vec<u8>,
    /// The account it belongs to, if any.
    pub account_id: Option<String>,
    /// Microseconds.
    pub at: i64,
    /// Microseconds; worth nothing from then on.
    pub expires_at: i64,
}

/// Remembers a link; older links for the same account and purpose end.
///
/// # Errors
/// When the database cannot be written.
pub fn issue(tx: &mut Tx<'_>, new: &NewToken) -> QueryResult<()> {
    if let Some(account) = &new.account_id {
        diesel::delete(
            mail_tokens::table
                .filter(mail_tokens::account_id.eq(account))
                .filter(mail_tokens::purpose.eq(new.purpose.code())),
        )
        .execute(tx.db)?;
    }
    diesel::insert_into(mail_tokens::table)
        .values((
            mail_tokens::hash.eq(&new.hash),
            mail_tokens::purpose.eq(new.purpose.code()),
            mail_tokens::payload_sealed.eq(&new.payload_sealed),
            mail_tokens::account_id.eq(&new.account_id),
            mail_tokens::created_at.eq(new.at),
            mail_tokens::expires_at.eq(new.expires_at),
        ))
        .execute(tx.db)?;
    Ok(())
}

/// The sealed facts of a link that is still good, without using it up.
///
/// # Errors
/// When the database cannot be read.
pub fn peek(db: &mut Db, hash: &[u8], purpose: Purpose, now: i64) -> QueryResult<Option<Vec<u8>>> {
    mail_tokens::table
        .find(hash)
        .filter(mail_tokens::purpose.eq(purpose.code()))
        .filter(mail_tokens::used_at.is_null())
        .filter(mail_tokens::expires_at.gt(now))
        .select(mail_tokens::payload_sealed)
        .first(db)
        .optional()
}

/// Whether a link was used, when it is known and was not swept away.
///
/// # Errors
/// When the database cannot be read.
pub fn was_used(db: &mut Db, hash: &[u8], purpose: Purpose) -> QueryResult<bool> {
    let used: Option<Option<i64>> = mail_tokens::table
        .find(hash)
        .filter(mail_tokens::purpose.eq(purpose.code()))
        .select(mail_tokens::used_at)
        .first(db)
        .optional()?;
    Ok(used.flatten().is_some())
}

/// Uses a link up. `false` when it was used before or is too old: of two
/// requests at the same moment one gets `true`.
///
/// # Errors
/// When the database cannot be written.
pub fn spend(tx: &mut Tx<'_>, hash: &[u8], purpose: Purpose, now: i64) -> QueryResult<bool> {
    diesel::update(
        mail_tokens::table
            .find(hash)
            .filter(mail_tokens::purpose.eq(purpose.code()))
            .filter(mail_tokens::used_at.is_null())
            .filter(mail_tokens::expires_at.gt(now)),
    )
    .set(mail_tokens::used_at.eq(Some(now)))
    .execute(tx.db)
    .map(|changed| changed == 1)
}

/// Uses up every link of an account: what was sent to an address it no longer has opens nothing.
///
/// # Errors
/// When the database cannot be written.
pub fn void(tx: &mut Tx<'_>, account_id: &str, now: i64) -> QueryResult<usize> {
    diesel::update(
        mail_tokens::table
            .filter(mail_tokens::account_id.eq(account_id))
            .filter(mail_tokens::used_at.is_null()),
    )
    .set(mail_tokens::used_at.eq(Some(now)))
    .execute(tx.db)
}

/// Deletes links that ended before `now`; returns how many.
///
/// # Errors
/// When the database cannot be written.
pub fn sweep(tx: &mut Tx<'_>, now: i64) -> QueryResult<usize> {
    diesel::delete(mail_tokens::table.filter(mail_tokens::expires_at.le(now))).execute(tx.db)
}
