//! Applications whose time is over: which they are, and their deletion with everything that belongs
//! to them (IK-3.5.1a). Every read is a range of one index.

use std::collections::BTreeMap;

use diesel::dsl::{count_star, exists, max, min, not};
use diesel::prelude::*;
use domain::applications::State;
use domain::ids::ApplicationId;
use jiff::Timestamp;
use platform_store::{Db, Tx, each_backend};

use super::counts::{self, Pile};
use super::rows::Application;
use super::{entered, file, messages as thread};
use crate::exports;
use crate::post::{self, Sealed};
use crate::record::By;
use crate::retention::{Content, Old};
use crate::schema::{
    api_notes, application_answers, application_attachments, application_cosigners,
    application_delegates, application_events, application_invitations, application_keys,
    application_labels, application_notes, application_slots, application_terminals, applications,
    approval_desks, approvals, batch_rows, corrections, decisions, desk_entries, desk_overrides,
    doomed_files, entry_drafts, export_held, export_waiting, inquiries, inquiry_lines,
    issued_documents, messages, messages_waiting, payments, retention_holds, review_marks,
    staff_answers, staff_mails, webhook_deliveries, withdrawal_requests,
};

/// The tables whose rows belong to one application and go with it.
macro_rules! belonging {
    ($to:ident) => {
        $to!(
            api_notes,
            application_answers,
            application_attachments,
            application_cosigners,
            application_delegates,
            application_events,
            application_invitations,
            application_keys,
            application_labels,
            application_notes,
            application_slots,
            application_terminals,
            approval_desks,
            approvals,
            corrections,
            decisions,
            desk_entries,
            desk_overrides,
            entry_drafts,
            inquiries,
            inquiry_lines,
            issued_documents,
            messages,
            messages_waiting,
            payments,
            review_marks,
            staff_answers,
            staff_mails,
            webhook_deliveries,
            withdrawal_requests
        )
    };
}

/// States in which nothing happens any more.
pub(crate) fn ends() -> Vec<&'static str> {
    State::ALL.into_iter().filter(|state| state.is_end()).map(State::key).collect()
}

/// A stretch of the index that the deletion walks along.
#[derive(Clone, Debug)]
pub(crate) struct Stretch {
    pub(crate) procedure: String,
    /// One of [`ends`].
    pub(crate) state: &'static str,
    /// Microseconds.
    pub(crate) before: i64,
    /// Only behind this place.
    pub(crate) behind: (i64, String),
}

/// The next applications of a stretch that nothing keeps, the longest over first.
pub(crate) fn due(db: &mut Db, stretch: &Stretch, most: i64) -> QueryResult<Vec<Application>> {
    let (at, id) = &stretch.behind;
    applications::table
        .filter(applications::procedure_id.eq(&stretch.procedure))
        .filter(applications::state.eq(stretch.state))
        .filter(applications::updated_at.lt(stretch.before))
        .filter(applications::updated_at.ge(*at))
        .filter(applications::updated_at.gt(*at).or(applications::id.gt(id)))
        .filter(not(exists(retention_holds::table.find(applications::id))))
        .filter(not(exists(
            export_waiting::table.filter(export_waiting::application_id.eq(applications::id)),
        )))
        .filter(not(exists(
            export_held::table.filter(export_held::application_id.eq(applications::id)),
        )))
        .order((applications::updated_at, applications::id))
        .limit(most)
        .select(Application::as_select())
        .load(db)
}

/// Applications of a procedure that were over before a moment: how many, the first and last end.
pub(crate) fn count(
    db: &mut Db,
    procedure: &str,
    before: i64,
) -> QueryResult<(i64, Option<i64>, Option<i64>)> {
    applications::table
        .filter(applications::procedure_id.eq(procedure))
        .filter(applications::state.eq_any(ends()))
        .filter(applications::updated_at.lt(before))
        .select((count_star(), min(applications::updated_at), max(applications::updated_at)))
        .first(db)
}

/// How many of those somebody holds, and how many no business system has taken yet.
pub(crate) fn kept(db: &mut Db, procedure: &str, before: i64) -> QueryResult<(i64, i64)> {
    let over = || {
        applications::table
            .filter(applications::procedure_id.eq(procedure))
            .filter(applications::state.eq_any(ends()))
            .filter(applications::updated_at.lt(before))
    };
    let held = over()
        .filter(
            applications::id.eq_any(retention_holds::table.select(retention_holds::application_id)),
        )
        .count()
        .get_result(db)?;
    let waiting =
        over()
            .filter(not(applications::id
                .eq_any(retention_holds::table.select(retention_holds::application_id))))
            .filter(
                applications::id
                    .eq_any(export_waiting::table.select(export_waiting::application_id))
                    .or(applications::id
                        .eq_any(export_held::table.select(export_held::application_id))),
            )
            .count()
            .get_result(db)?;
    Ok((held, waiting))
}

/// What an application is, for its tombstone. The hash covers number, procedure, revision, state and
/// arrival; then answers, files, documents, history, notes, messages and corrections.
pub(crate) fn as_old(db: &mut Db, row: &Application) -> QueryResult<Old> {
    let hash = Content::of("application")
        .text(&row.number)
        .text(&row.procedure_id)
        .number(row.revision.into())
        .text(&row.state)
        .number(row.arrived_at);
    let (said, _) = thread::of(db, &row.id)?;
    let hash = match file::whole(db, &row.id)? {
        None => hash,
        Some(whole) => hash
            .list(&whole.rounds, |hash, one| {
                hash.number(one.round.into()).text(&one.answers).number(one.received_at)
            })
            .list(&whole.attachments, |hash, one| {
                let out = one.out_sha256.as_deref().unwrap_or_default();
                hash.text(&one.id).text(&one.name).text(&one.sha256).text(out)
            })
            .list(&whole.documents, |hash, one| {
                hash.text(&one.id).text(&one.number).text(&one.sha256)
            })
            .list(&whole.events, |hash, one| {
                let hash = hash.number(one.at).text(&one.actor).text(&one.act);
                hash.text(&one.to_state).text(&one.words)
            })
            .list(&whole.notes, |hash, (one, _)| hash.number(one.at).text(&one.words))
            .list(&whole.corrections, |hash, one| hash.number(one.asked_at).text(&one.reason)),
    };
    let hash = hash.list(&said, |hash, one| hash.number(one.at).text(&one.words));
    Ok(Old {
        id: row.id.clone(),
        label: row.number.clone(),
        ended_at: row.updated_at,
        content: hash.hash(),
    })
}

/// Seals the message to the citizens' zone that applications are deleted.
pub type Tell<'a> = &'a dyn Fn(&[ApplicationId], Timestamp) -> Sealed;

/// Tells the citizens' zone that these go, in the transaction in which they go: what it still has of
/// them goes too. It knows nothing of what staff entered.
pub(crate) fn tell(
    tx: &mut Tx<'_>,
    by: &By,
    tell: Tell<'_>,
    rows: &[Application],
) -> QueryResult<()> {
    let mut online = Vec::new();
    for row in rows {
        if entered::is_online(tx.db, &row.id)? {
            online.extend(ApplicationId::parse(&row.id).ok());
        }
    }
    if online.is_empty() {
        return Ok(());
    }
    post::put(tx, &tell(&online, by.at), by.at)?;
    by.record(tx, "retention.told", "tombstones", "", &online.len().to_string());
    Ok(())
}

/// Deletes applications with everything that belongs to them. Their files are doomed: they go when
/// this is on the disk.
pub(crate) fn delete(tx: &mut Tx<'_>, by: &By, rows: &[Application]) -> QueryResult<()> {
    let ids: Vec<String> = rows.iter().map(|row| row.id.clone()).collect();
    let ids = &ids;
    doom(tx, ids)?;
    exports::forget(tx, ids)?;
    macro_rules! clear {
        ($($table:ident),*) => {$(
            diesel::delete($table::table.filter($table::application_id.eq_any(ids)))
                .execute(tx.db)?;
        )*};
    }
    belonging!(clear);
    // Counts of what was done stay; the name of a file may be the name of a person.
    diesel::update(batch_rows::table.filter(batch_rows::application_id.eq_any(ids)))
        .set((
            batch_rows::application_id.eq(None::<String>),
            batch_rows::file_name.eq(""),
            batch_rows::file_id.eq(None::<String>),
        ))
        .execute(tx.db)?;
    diesel::delete(applications::table.filter(applications::id.eq_any(ids))).execute(tx.db)?;
    let mut piles: BTreeMap<(&str, &str, &str), i64> = BTreeMap::new();
    for row in rows {
        *piles.entry((&row.department_id, &row.procedure_id, &row.state)).or_default() += 1;
        by.record(tx, "applications.deleted", "application", &row.id, &row.number);
    }
    for ((department, procedure, state), count) in piles {
        counts::add(tx, &Pile { department, procedure, state }, -count)?;
    }
    Ok(())
}

/// Puts the files of applications on the list of those that go.
fn doom(tx: &mut Tx<'_>, ids: &[String]) -> QueryResult<()> {
    let mut files: Vec<String> = application_attachments::table
        .filter(application_attachments::application_id.eq_any(ids))
        .filter(application_attachments::file_id.is_not_null())
        .select(application_attachments::file_id.assume_not_null())
        .load(tx.db)?;
    files.extend(
        issued_documents::table
            .filter(issued_documents::application_id.eq_any(ids))
            .select(issued_documents::file_id)
            .load::<String>(tx.db)?,
    );
    doom_files(tx, files)
}

/// Files that belong to nothing any more.
pub(super) fn doom_files(tx: &mut Tx<'_>, files: Vec<String>) -> QueryResult<()> {
    for file in files {
        each_backend!(tx.db, conn => diesel::insert_into(doomed_files::table)
            .values(doomed_files::id.eq(&file)).on_conflict_do_nothing().execute(conn))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use platform_store::{NoJournal, Store, StoreConfig, shape};
    use platform_testkit::TempDir;

    /// Tables that name an application and do not belong to it: the room of exports clears its own,
    /// results of batches are blanked, a hold keeps the application, what left with a list is known as long
    /// as the log.
    const OTHERS: [&str; 8] = [
        "batch_rows",
        "export_held",
        "export_ledger",
        "export_record_errors",
        "export_repeated",
        "export_waiting",
        "list_export_applications",
        "retention_holds",
    ];

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
