//! Internal notes: staff read them, citizens never do.

use diesel::prelude::*;
use platform_store::Tx;

use super::rows::Note;
use crate::record::By;
use crate::schema::application_notes;

/// Adds a note. The audit record has the length, not the words.
///
/// # Errors
/// When the database cannot be written.
pub fn add(tx: &mut Tx<'_>, by: &By, note: &Note) -> QueryResult<()> {
    diesel::insert_into(application_notes::table).values(note).execute(tx.db)?;
    let detail = format!("{} characters", note.words.chars().count());
    by.record(tx, "applications.noted", "application", &note.application_id, &detail);
    Ok(())
}
