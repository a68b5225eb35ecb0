//! Registered people. Address and profile are sealed; the address is found by
//! its keyed hash.

use std::collections::HashMap;

use diesel::prelude::*;
use platform_store::{Db, Tx};

use super::tokens;
use crate::record::{Act, By, record};
use crate::schema::{accounts, sessions};

/// A registered person as stored.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = accounts)]
pub struct Account {
    /// Identifier.
    pub id: String,
    /// Sealed e-mail address.
    pub email_sealed: Vec<u8>,
    /// Sealed profile: name, kana, address, telephone.
    pub profile_sealed: Vec<u8>,
    /// Argon2id in PHC form.
    pub password_hash: String,
    /// Last time of signing in, microseconds.
    pub last_login_at: Option<i64>,
}

/// A person to register, everything sealed and hashed already.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// Identifier.
    pub id: String,
    /// Keyed hash of the address.
    pub email_index: Vec<u8>,
    /// Sealed address.
    pub email_sealed: Vec<u8>,
    /// Sealed profile.
    pub profile_sealed: Vec<u8>,
    /// Argon2id in PHC form.
    pub password_hash: String,
}

/// What became of a registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registered {
    /// The account exists now.
    Yes,
    /// The address has an account already.
    AddressTaken,
}

/// Registers a person whose address was proven by mail (NF-17).
///
/// # Errors
/// When the database cannot be written.
pub fn register(tx: &mut Tx<'_>, by: &By, new: &NewAccount) -> QueryResult<Registered> {
    if find_by_email(tx.db, &new.email_index)?.is_some() {
        return Ok(Registered::AddressTaken);
    }
    diesel::insert_into(accounts::table)
        .values((
            accounts::id.eq(&new.id),
            accounts::email_index.eq(&new.email_index),
            accounts::email_sealed.eq(&new.email_sealed),
            accounts::profile_sealed.eq(&new.profile_sealed),
            accounts::password_hash.eq(&new.password_hash),
            accounts::created_at.eq(by.at),
        ))
        .execute(tx.db)?;
    record(tx, by, Act::AccountRegistered, &new.id);
    Ok(Registered::Yes)
}

/// Finds an account by the keyed hash of its address.
///
/// # Errors
/// When the database cannot be read.
pub fn find_by_email(db: &mut Db, email_index: &[u8]) -> QueryResult<Option<Account>> {
    accounts::table
        .filter(accounts::email_index.eq(email_index))
        .select(Account::as_select())
        .first(db)
        .optional()
}

/// Finds an account by its identifier.
///
/// # Errors
/// When the database cannot be read.
pub fn find(db: &mut Db, id: &str) -> QueryResult<Option<Account>> {
    accounts::table.find(id).select(Account::as_select()).first(db).optional()
}

/// Those of these accounts that are there, by identifier.
///
/// # Errors
/// When the database cannot be read.
pub fn among(db: &mut Db, ids: &[String]) -> QueryResult<HashMap<String, Account>> {
    let rows: Vec<Account> =
        accounts::table.filter(accounts::id.eq_any(ids)).select(Account::as_select()).load(db)?;
    Ok(rows.into_iter().map(|one| (one.id.clone(), one)).collect())
}

/// Replaces the profile that forms are filled from (NF-57).
///
/// # Errors
/// When the database cannot be written.
pub fn save_profile(tx: &mut Tx<'_>, by: &By, id: &str, profile_sealed: &[u8]) -> QueryResult<()> {
    diesel::update(accounts::table.find(id))
        .set(accounts::profile_sealed.eq(profile_sealed))
        .execute(tx.db)?;
    record(tx, by, Act::ProfileChanged, id);
    Ok(())
}

/// What came of a wish for another address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readdressed {
    /// The account has it now.
    Done,
    /// Another account has it.
    AddressTaken,
}

/// Gives an account another address (NF-19). Links that were sent to the old one open nothing any more.
///
/// # Errors
/// When the database cannot be written.
pub fn change_address(
    tx: &mut Tx<'_>,
    by: &By,
    id: &str,
    (email_index, email_sealed): (&[u8], &[u8]),
) -> QueryResult<Readdressed> {
    if find_by_email(tx.db, email_index)?.is_some_and(|other| other.id != id) {
        return Ok(Readdressed::AddressTaken);
    }
    diesel::update(accounts::table.find(id))
        .set((accounts::email_index.eq(email_index), accounts::email_sealed.eq(email_sealed)))
        .execute(tx.db)?;
    tokens::void(tx, id, by.at)?;
    record(tx, by, Act::AddressChanged, id);
    Ok(Readdressed::Done)
}

/// Sets a new password and ends every session of the account but `keep`.
///
/// # Errors
/// When the database cannot be written.
pub fn change_password(
    tx: &mut Tx<'_>,
    by: &By,
    id: &str,
    password_hash: &str,
    keep: Option<&[u8]>,
) -> QueryResult<()> {
    diesel::update(accounts::table.find(id))
        .set(accounts::password_hash.eq(password_hash))
        .execute(tx.db)?;
    diesel::delete(
        sessions::table
            .filter(sessions::account_id.eq(id))
            .filter(sessions::id_hash.ne(keep.unwrap_or_default())),
    )
    .execute(tx.db)?;
    record(tx, by, Act::PasswordChanged, id);
    Ok(())
}

/// Notes that the person signed in now.
pub(super) fn signed_in(tx: &mut Tx<'_>, id: &str, at: i64) -> QueryResult<usize> {
    diesel::update(accounts::table.find(id))
        .set(accounts::last_login_at.eq(Some(at)))
        .execute(tx.db)
}

/// Replaces a hash of older cost with one of today's, for the same password.
///
/// # Errors
/// When the database cannot be written.
pub fn rehash(tx: &mut Tx<'_>, id: &str, password_hash: &str) -> QueryResult<()> {
    diesel::update(accounts::table.find(id))
        .set(accounts::password_hash.eq(password_hash))
        .execute(tx.db)?;
    Ok(())
}
