//! What the interface for business systems keeps (IK-2.1.2d2, NB-2.6).
//!
//! | Module | Keeps |
//! |---|---|
//! | [`keys`] | who may use it, for what, from where, until when |
//! | [`calls`] | what was answered to a write, so that trying again does nothing twice |
//! | [`webhooks`] | who is told of what happens, and what it is told |
//! | [`changes`] | applications in the order in which they changed |

pub mod calls;
pub mod changes;
pub mod keys;
pub mod webhooks;

use diesel::prelude::*;
use platform_store::{Db, Tx};

use crate::applications::rows::Note;
use crate::record::By;
use crate::schema::{api_keys, api_notes};

/// Adds an internal note of a business system. The audit record has the length, not the words.
///
/// # Errors
/// When the database cannot be written.
pub fn note(
    tx: &mut Tx<'_>,
    by: &By,
    key: &str,
    (id, words): (&str, &str),
    about: &str,
) -> QueryResult<()> {
    diesel::insert_into(api_notes::table)
        .values((
            api_notes::id.eq(id),
            api_notes::application_id.eq(about),
            api_notes::at.eq(by.at.as_microsecond()),
            api_notes::key_id.eq(key),
            api_notes::words.eq(words),
        ))
        .execute(tx.db)?;
    let detail = format!("{} characters", words.chars().count());
    by.record(tx, "applications.noted", "application", about, &detail);
    Ok(())
}

/// The notes of business systems about one application, with the names of their keys.
///
/// # Errors
/// When the database cannot be read.
pub(crate) fn notes(db: &mut Db, application: &str) -> QueryResult<Vec<(Note, String)>> {
    let rows: Vec<(String, String, i64, String, String, String)> = api_notes::table
        .inner_join(api_keys::table.on(api_keys::id.eq(api_notes::key_id)))
        .filter(api_notes::application_id.eq(application))
        .select((
            api_notes::id,
            api_notes::application_id,
            api_notes::at,
            api_notes::key_id,
            api_notes::words,
            api_keys::name,
        ))
        .load(db)?;
    let note = |(id, application_id, at, key, words, name)| {
        (Note { id, application_id, at, staff_id: format!("key:{key}"), words }, name)
    };
    Ok(rows.into_iter().map(note).collect())
}
