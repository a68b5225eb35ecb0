//! What is left here of an application goes when its time is over in the staff zone (IK-3.5.1a): state,
//! history, documents, messages, corrections, and who acted or agreed. That somebody applied once stays
//! as a keyed hash as long as the procedure's own rule says (NF-64); the operation log has its own time.

use diesel::prelude::*;
use platform_store::{Tx, each_backend};

use super::{cosigns, drafts, together};
use crate::identity::represented;
use crate::record::{Act, By, record};
use crate::schema::{
    application_steps, applications, charges, corrections, documents, doomed_files,
    drafts as draft_rows, given_up_keys, given_up_seats, held_files, held_seats, invited_drafts,
    message_files, messages, promotions, session_grants, terminal_drafts, withdrawal_requests,
};

/// The tables whose rows belong to one application and go with it.
macro_rules! belonging {
    ($to:ident) => {
        $to!(
            application_steps,
            charges,
            corrections,
            documents,
            given_up_keys,
            given_up_seats,
            held_files,
            held_seats,
            messages,
            promotions,
            session_grants,
            withdrawal_requests
        )
    };
}

/// Forgets an application; `false` when there is no such application here.
///
/// # Errors
/// When the database cannot be written.
pub fn forget(tx: &mut Tx<'_>, by: &By, id: &str) -> QueryResult<bool> {
    let draft: Option<String> =
        applications::table.find(id).select(applications::draft_id).first(tx.db).optional()?;
    let Some(draft) = draft else { return Ok(false) };
    let files: Vec<String> = documents::table
        .filter(documents::application_id.eq(id))
        .select(documents::file_id)
        .load(tx.db)?;
    for file in files {
        each_backend!(tx.db, conn => diesel::insert_into(doomed_files::table)
            .values(doomed_files::id.eq(&file)).on_conflict_do_nothing().execute(conn))?;
    }
    // Corrections and messages that were begun and never sent.
    let begun: Vec<String> = draft_rows::table
        .filter(draft_rows::application_id.eq(id))
        .select(draft_rows::id)
        .load(tx.db)?;
    for one in begun {
        drafts::remove(tx, &one)?;
    }
    let written = messages::table.filter(messages::application_id.eq(id)).select(messages::id);
    let written: Vec<String> = written.load(tx.db)?;
    diesel::delete(message_files::table.filter(message_files::message_id.eq_any(written)))
        .execute(tx.db)?;
    macro_rules! clear {
        ($($table:ident),*) => {$(
            diesel::delete($table::table.filter($table::application_id.eq(id))).execute(tx.db)?;
        )*};
    }
    belonging!(clear);
    represented::forget(tx, &draft)?;
    together::forget(tx, &draft)?;
    cosigns::forget(tx, &draft)?;
    diesel::delete(terminal_drafts::table.find(&draft)).execute(tx.db)?;
    diesel::delete(invited_drafts::table.filter(invited_drafts::draft_id.eq(&draft)))
        .execute(tx.db)?;
    diesel::delete(applications::table.find(id)).execute(tx.db)?;
    record(tx, by, Act::ApplicationGone, id);
    Ok(true)
}

#[cfg(test)]
mod tests {
    use platform_store::{NoJournal, Store, StoreConfig, shape};
    use platform_testkit::TempDir;

    /// Tables that name an application and do not belong to it: a draft is removed with its files, and
    /// that somebody applied once is the procedure's own rule.
    const OTHERS: [&str; 2] = ["drafts", "once_keys"];

    /// IK-3.5.1a: nothing of an application stays. A new table that names applications and is not
    /// listed fails here.
    #[tokio::test]
    async fn nothing_of_an_application_stays() {
        macro_rules! names {
            ($($table:ident),*) => {[$(stringify!($table)),*]};
        }
        let mut known: Vec<&str> = belonging!(names).into_iter().chain(OTHERS).collect();
        known.sort_unstable();
        let folder = TempDir::new();
        let url = StoreConfig::at(folder.sqlite_url());
        let store = Store::open(&url, crate::migrations(), Box::new(NoJournal)).expect("opens");
        let lines = store.read(shape::lines).await.expect("readable");
        let mut there: Vec<&str> = lines
            .iter()
            .filter_map(|line| line.split_once(" column application_id ").map(|(table, _)| table))
            .collect();
        there.sort_unstable();
        assert_eq!(known, there);
    }
}
