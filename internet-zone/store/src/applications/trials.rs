//! The end of a trial (試験公開): everything goes that was begun, sent or counted for it.
//!
//! What is on its way about its applications at that moment finds nothing, here and in the staff zone. Its
//! publication shows nothing when it is taken in after its end (set aside, and sent again).

use diesel::prelude::*;
use domain::procedures::is_trial;
use platform_store::{Db, Tx, each_backend};

use super::{drafts, gone, waiting};
use crate::procedures::changed;
use crate::record::{Act, By, record};
use crate::schema::{
    applications, drafts as draft_rows, form_downloads, given_up_keys, given_up_seats, held_seats,
    once_keys, procedure_files, procedure_revisions, procedures, seat_holds, seats, trial_gone,
};

/// Takes a trial away with everything of it. What is no trial stays as it is.
///
/// # Errors
/// When the database cannot be written.
pub fn end(tx: &mut Tx<'_>, by: &By, trial: &str) -> QueryResult<()> {
    if !is_trial(trial) {
        return Ok(());
    }
    let over = (trial_gone::id.eq(trial), trial_gone::gone_at.eq(by.at));
    each_backend!(tx.db, conn => diesel::insert_into(trial_gone::table)
        .values(over).on_conflict_do_nothing().execute(conn))?;
    let sent: Vec<String> = applications::table
        .filter(applications::procedure_id.eq(trial))
        .select(applications::id)
        .load(tx.db)?;
    for one in &sent {
        let row = (trial_gone::id.eq(one), trial_gone::gone_at.eq(by.at));
        diesel::insert_into(trial_gone::table).values(row).execute(tx.db)?;
        gone::forget(tx, by, one)?;
    }
    while waiting::end(tx, by, trial)?.is_some() {}
    let begun: Vec<String> = draft_rows::table
        .filter(draft_rows::procedure_id.eq(trial))
        .select(draft_rows::id)
        .load(tx.db)?;
    for one in &begun {
        drafts::discard(tx, by, one)?;
    }
    macro_rules! clear {
        ($($table:ident),*) => {$(
            diesel::delete($table::table.filter($table::procedure_id.eq(trial))).execute(tx.db)?;
        )*};
    }
    clear!(seat_holds, held_seats, given_up_seats, given_up_keys, once_keys, seats, form_downloads);
    // The procedure names its revision, and files stand beside one.
    diesel::delete(procedures::table.find(trial)).execute(tx.db)?;
    clear!(procedure_files, procedure_revisions);
    changed(tx.db)?;
    record(tx, by, Act::ProcedureClosed, trial);
    Ok(())
}

/// Whether this went: a trial, or an application with its trial.
///
/// # Errors
/// When the database cannot be read.
pub fn went(db: &mut Db, id: &str) -> QueryResult<bool> {
    trial_gone::table.find(id).count().get_result(db).map(|known: i64| known > 0)
}

/// Forgets trials and applications that went before a moment: nothing about them is on its way any more.
///
/// # Errors
/// When the database cannot be written.
pub fn sweep(tx: &mut Tx<'_>, before: i64) -> QueryResult<usize> {
    diesel::delete(trial_gone::table.filter(trial_gone::gone_at.lt(before))).execute(tx.db)
}
