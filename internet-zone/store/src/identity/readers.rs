//! The language a person read last. It is kept with the proven address, and mails follow it (NF-29).

use diesel::prelude::*;
use platform_store::{Db, Tx};

use super::Owner;
use super::sessions::Session;
use crate::schema::{accounts, guests, sessions};

/// Notes the language the pages of a session are read in, for the session and its person.
///
/// # Errors
/// When the database cannot be written.
pub fn note(tx: &mut Tx<'_>, session: &Session, lang: &str) -> QueryResult<()> {
    let lang = Some(lang);
    diesel::update(sessions::table.find(&session.id_hash))
        .set(sessions::lang.eq(lang))
        .execute(tx.db)?;
    match &session.owner {
        Owner::Account(id) => {
            diesel::update(accounts::table.find(id)).set(accounts::lang.eq(lang)).execute(tx.db)?
        }
        Owner::Guest(id) => {
            diesel::update(guests::table.find(id)).set(guests::lang.eq(lang)).execute(tx.db)?
        }
    };
    Ok(())
}

/// The language of whoever proved an address, found by its keyed hash; the account's where a guest
/// has the same one. `None` when nobody did, or chose no language.
///
/// # Errors
/// When the database cannot be read.
pub fn of_address(db: &mut Db, email_index: &[u8]) -> QueryResult<Option<String>> {
    let account: Option<Option<String>> = accounts::table
        .filter(accounts::email_index.eq(email_index))
        .select(accounts::lang)
        .first(db)
        .optional()?;
    if let Some(Some(lang)) = account {
        return Ok(Some(lang));
    }
    let guest: Option<Option<String>> = guests::table
        .filter(guests::email_index.eq(email_index))
        .select(guests::lang)
        .first(db)
        .optional()?;
    Ok(guest.flatten())
}
