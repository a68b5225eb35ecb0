//! People who apply without an account.

use diesel::prelude::*;
use platform_store::{Db, Tx};

use crate::schema::guests;

/// A guest to remember; the address parts only when it was proven by mail.
#[derive(Clone, Debug)]
pub struct NewGuest {
    /// Identifier.
    pub id: String,
    /// Keyed hash and sealed form of the proven address.
    pub email: Option<(Vec<u8>, Vec<u8>)>,
    /// Microseconds.
    pub at: i64,
}

/// Remembers a guest. The same proven address is the same guest: returns the
/// identifier to use, so that unsent answers are found again.
///
/// # Errors
/// When the database cannot be written.
pub fn admit(tx: &mut Tx<'_>, new: &NewGuest) -> QueryResult<String> {
    if let Some((index, _)) = &new.email {
        let known: Option<String> = guests::table
            .filter(guests::email_index.eq(index))
            .select(guests::id)
            .first(tx.db)
            .optional()?;
        if let Some(id) = known {
            return Ok(id);
        }
    }
    let (index, sealed) = new.email.clone().unzip();
    diesel::insert_into(guests::table)
        .values((
            guests::id.eq(&new.id),
            guests::email_index.eq(index),
            guests::email_sealed.eq(sealed),
            guests::created_at.eq(new.at),
        ))
        .execute(tx.db)?;
    Ok(new.id.clone())
}

/// `(row id it was sealed for, sealed address)` of a guest with a proven address.
///
/// # Errors
/// When the database cannot be read.
pub fn email(db: &mut Db, id: &str) -> QueryResult<Option<Vec<u8>>> {
    let row: Option<Option<Vec<u8>>> =
        guests::table.find(id).select(guests::email_sealed).first(db).optional()?;
    Ok(row.flatten())
}
