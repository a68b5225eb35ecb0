//! Visits at counter terminals (窓口端末, IK-2.1.2a2): what one person leaves unsent there goes when
//! the visit ends, unless it was taken along on an own device.
//!
//! Only answers of somebody without account and without a proven address are noted here: nobody
//! could ever open them again.

use diesel::dsl::{exists, not};
use diesel::prelude::*;
use platform_store::{Db, Tx};

use crate::applications::drafts;
use crate::identity::sessions::{self, NewSession, Session};
use crate::identity::{Owner, guests};
use crate::record::{Act, By, record};
use crate::schema::{sessions as sessions_table, terminal_drafts};

/// Notes that a draft was begun at a terminal.
///
/// # Errors
/// When the database cannot be written.
pub fn begun(tx: &mut Tx<'_>, draft: &str, owner: &Owner) -> QueryResult<()> {
    let Owner::Guest(guest) = owner else { return Ok(()) };
    if guests::email(tx.db, guest)?.is_some() {
        return Ok(());
    }
    diesel::insert_into(terminal_drafts::table)
        .values((terminal_drafts::draft_id.eq(draft), terminal_drafts::guest_id.eq(guest)))
        .execute(tx.db)?;
    Ok(())
}

/// Ends a visit: the session, and every unsent answer that would be lost with it.
///
/// # Errors
/// When the database cannot be written.
pub fn wipe(tx: &mut Tx<'_>, by: &By, session: &Session) -> QueryResult<()> {
    if let Owner::Guest(guest) = &session.owner {
        let left: Vec<String> = terminal_drafts::table
            .filter(terminal_drafts::guest_id.eq(guest))
            .select(terminal_drafts::draft_id)
            .load(tx.db)?;
        for draft in &left {
            drafts::discard(tx, by, draft)?;
        }
    }
    sessions::close(tx, by, session)
}

/// Gives everything a guest began at a terminal to the device that holds the new session. The
/// session at the terminal, if it is still there, is worth nothing from then on.
///
/// # Errors
/// When the database cannot be written.
pub fn hand_over(
    tx: &mut Tx<'_>,
    by: &By,
    (draft, guest): (&str, &str),
    new: &NewSession,
    from: Option<&[u8]>,
) -> QueryResult<()> {
    keep(tx, guest)?;
    sessions::open(tx, by, new, from, None)?;
    record(tx, by, Act::HandedOver, draft);
    Ok(())
}

/// What a guest began stays when the visit ends: somebody holds a way to it.
///
/// # Errors
/// When the database cannot be written.
pub fn keep(tx: &mut Tx<'_>, guest: &str) -> QueryResult<usize> {
    diesel::delete(terminal_drafts::table.filter(terminal_drafts::guest_id.eq(guest)))
        .execute(tx.db)
}

/// Drafts of visits that ended without anybody ending them.
///
/// # Errors
/// When the database cannot be read.
pub fn left_behind(db: &mut Db, limit: i64) -> QueryResult<Vec<String>> {
    let visits = sessions_table::table
        .filter(sessions_table::guest_id.eq(terminal_drafts::guest_id.nullable()));
    terminal_drafts::table
        .filter(not(exists(visits)))
        .limit(limit)
        .select(terminal_drafts::draft_id)
        .load(db)
}
