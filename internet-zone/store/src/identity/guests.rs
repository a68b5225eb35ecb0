//! People who apply without an account.

use diesel::prelude::*;
use platform_store::{Db, Tx};

use crate::schema::{applications, consents, drafts, guests, sessions, waiting};

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
            // Whoever looks for guests that are needed no more looks again.
            diesel::update(guests::table.find(&id))
                .set(guests::created_at.eq(new.at))
                .execute(tx.db)?;
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

/// Guests remembered before `before`, by identifier after `after`.
///
/// # Errors
/// When the database cannot be read.
pub fn old(db: &mut Db, after: &str, before: i64, limit: i64) -> QueryResult<Vec<String>> {
    guests::table
        .filter(guests::id.gt(after))
        .filter(guests::created_at.lt(before))
        .order(guests::id)
        .limit(limit)
        .select(guests::id)
        .load(db)
}

/// Forgets those of these guests, their addresses and consents, who have no session, nothing unsent,
/// nothing sent and wait for nothing; returns how many.
///
/// # Errors
/// When the database cannot be written.
pub fn forget_unneeded(tx: &mut Tx<'_>, ids: &[String], before: i64) -> QueryResult<usize> {
    use diesel::dsl::{exists, not};
    let mut gone = 0;
    for id in ids {
        let unneeded = guests::table
            .find(id)
            .filter(guests::created_at.lt(before))
            .filter(not(exists(sessions::table.filter(sessions::guest_id.eq(id)))))
            .filter(not(exists(drafts::table.filter(drafts::guest_id.eq(id)))))
            .filter(not(exists(applications::table.filter(applications::guest_id.eq(id)))))
            .filter(not(exists(waiting::table.filter(waiting::guest_id.eq(id)))));
        if diesel::delete(unneeded).execute(tx.db)? == 1 {
            diesel::delete(consents::table.filter(consents::guest_id.eq(id))).execute(tx.db)?;
            gone += 1;
        }
    }
    Ok(gone)
}
