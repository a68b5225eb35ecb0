//! Several applications begun with one press (IK-2.1.2c). What is sent of one fills the others.

use diesel::prelude::*;
use platform_store::{Db, Tx};

use super::cosigns::{self, Voids};
use super::drafts::{self, NewDraft, Saved};
use crate::record::By;
use crate::schema::{applications, drafts as unsent, together_drafts};

/// What one application lays into a draft that was begun with it.
#[derive(Clone, Debug)]
pub struct Share {
    /// The draft.
    pub draft_id: String,
    /// The version that was read.
    pub version: i64,
    /// Its new sealed answers.
    pub answers_sealed: Vec<u8>,
    /// What that does to those who agreed to its answers before.
    pub voids: Option<Voids>,
}

/// Begins drafts in this order. `false`, and nothing is begun, when the set was begun before.
///
/// # Errors
/// When the database cannot be written.
pub fn begin(tx: &mut Tx<'_>, by: &By, set_id: &str, new: &[NewDraft]) -> QueryResult<bool> {
    let known: i64 = together_drafts::table
        .filter(together_drafts::set_id.eq(set_id))
        .count()
        .get_result(tx.db)?;
    if known > 0 {
        return Ok(false);
    }
    for (place, draft) in (0_i64..).zip(new) {
        drafts::begin(tx, by, draft)?;
        diesel::insert_into(together_drafts::table)
            .values((
                together_drafts::draft_id.eq(&draft.id),
                together_drafts::set_id.eq(set_id),
                together_drafts::place.eq(place),
            ))
            .execute(tx.db)?;
    }
    Ok(true)
}

/// The drafts of a set that are not sent, in their order.
///
/// # Errors
/// When the database cannot be read.
pub fn unsent_of(db: &mut Db, set_id: &str) -> QueryResult<Vec<String>> {
    together_drafts::table
        .inner_join(unsent::table.on(unsent::id.eq(together_drafts::draft_id)))
        .filter(together_drafts::set_id.eq(set_id))
        .order(together_drafts::place)
        .select(together_drafts::draft_id)
        .load(db)
}

/// The drafts begun together with this one that are not sent, in their order, without itself.
///
/// # Errors
/// When the database cannot be read.
pub fn others(db: &mut Db, draft_id: &str) -> QueryResult<Vec<String>> {
    let set: Option<String> = together_drafts::table
        .find(draft_id)
        .select(together_drafts::set_id)
        .first(db)
        .optional()?;
    let Some(set) = set else { return Ok(Vec::new()) };
    let mut ids = unsent_of(db, &set)?;
    ids.retain(|id| id != draft_id);
    Ok(ids)
}

/// The same for an application that arrived.
///
/// # Errors
/// When the database cannot be read.
pub fn others_of(db: &mut Db, application_id: &str) -> QueryResult<Vec<String>> {
    let draft: Option<String> = applications::table
        .find(application_id)
        .select(applications::draft_id)
        .first(db)
        .optional()?;
    draft.map_or_else(|| Ok(Vec::new()), |draft| others(db, &draft))
}

/// Lays answers into drafts that were not saved meanwhile; those that were stay as they are.
pub(super) fn share(tx: &mut Tx<'_>, shares: &[Share]) -> QueryResult<()> {
    for one in shares {
        let laid = drafts::set_aside(tx, (&one.draft_id, one.version), &one.answers_sealed)?;
        if let (Saved::Yes, Some(voids)) = (laid, &one.voids) {
            cosigns::void(tx, &one.draft_id, voids)?;
        }
    }
    Ok(())
}

/// Forgets a draft that became nothing.
pub(super) fn forget(tx: &mut Tx<'_>, draft_id: &str) -> QueryResult<usize> {
    diesel::delete(together_drafts::table.find(draft_id)).execute(tx.db)
}
