//! Which applications wait for which job. A small table of its own, kept by the
//! transactions that move an application and by those that take it, so that
//! asking costs what waits and not what ever left (IK-3.5.7b).
//!
//! ```text
//!  arrival, step ─► place   ─► export_waiting ─► start ─► export_ledger
//!  new definition ─► redefine ──┘    ▲                        │
//!                                    └── a step ◄── export_held
//! ```

use std::collections::BTreeSet;

use diesel::IntoSql as _;
use diesel::prelude::*;
use diesel::sql_types::Text;
use platform_store::{Db, Tx, each_backend};

use super::Definition;
use crate::schema::{applications, export_ledger, export_sources, export_waiting};

/// Ids of the applications that wait for this job, the longest wait first.
///
/// # Errors
/// When the database cannot be read.
pub fn waiting(db: &mut Db, job: &str, limit: i64) -> QueryResult<Vec<String>> {
    export_waiting::table
        .filter(export_waiting::job.eq(job))
        .order((export_waiting::since, export_waiting::application_id))
        .limit(limit)
        .select(export_waiting::application_id)
        .load(db)
}

/// How many applications wait for this job.
///
/// # Errors
/// When the database cannot be read.
pub fn waiting_count(db: &mut Db, job: &str) -> QueryResult<i64> {
    export_waiting::table.filter(export_waiting::job.eq(job)).count().get_result(db)
}

/// Lets an application wait for the jobs that take its state and have not taken
/// it yet, and for no other. Part of every transaction that moves one.
pub(crate) fn place(tx: &mut Tx<'_>, application: &str) -> QueryResult<()> {
    let at = export_waiting::table.filter(export_waiting::application_id.eq(application));
    diesel::delete(at).execute(tx.db)?;
    let (procedure, state, since) = applications::table
        .find(application)
        .select((applications::procedure_id, applications::state, applications::updated_at))
        .first::<(String, String, i64)>(tx.db)?;
    let taken = export_ledger::table
        .filter(export_ledger::job.eq(export_sources::job))
        .filter(export_ledger::application_id.eq(application));
    let jobs: Vec<String> = export_sources::table
        .filter(export_sources::procedure_id.eq(&procedure))
        .filter(export_sources::state.eq(&state))
        .filter(diesel::dsl::not(diesel::dsl::exists(taken)))
        .select(export_sources::job)
        .load(tx.db)?;
    for job in &jobs {
        diesel::insert_into(export_waiting::table)
            .values((
                export_waiting::job.eq(job),
                export_waiting::application_id.eq(application),
                export_waiting::since.eq(since),
            ))
            .execute(tx.db)?;
    }
    Ok(())
}

/// Applications that one statement names.
const PIECE: usize = 1_000;

/// A generation has taken these applications.
pub(super) fn leave(tx: &mut Tx<'_>, job: &str, applications: &[String]) -> QueryResult<()> {
    for piece in applications.chunks(PIECE) {
        let theirs = export_waiting::table
            .filter(export_waiting::application_id.eq_any(piece))
            .filter(export_waiting::job.eq(job));
        diesel::delete(theirs).execute(tx.db)?;
    }
    Ok(())
}

/// Notes what a job takes from now on. Only a change of that looks through the
/// applications that are there already.
pub(super) fn redefine(tx: &mut Tx<'_>, job: &str, new: &Definition) -> QueryResult<()> {
    let known: BTreeSet<(String, String)> = export_sources::table
        .filter(export_sources::job.eq(job))
        .select((export_sources::procedure_id, export_sources::state))
        .load(tx.db)?
        .into_iter()
        .collect();
    let pair = |procedure: &domain::ids::ProcedureId| {
        let procedure = procedure.to_string();
        new.states.iter().map(move |state| (procedure.clone(), state.clone()))
    };
    let wanted: BTreeSet<(String, String)> = new.procedures.iter().flat_map(pair).collect();
    if known == wanted {
        return Ok(());
    }
    diesel::delete(export_sources::table.filter(export_sources::job.eq(job))).execute(tx.db)?;
    for (procedure, state) in &wanted {
        diesel::insert_into(export_sources::table)
            .values((
                export_sources::job.eq(job),
                export_sources::procedure_id.eq(procedure),
                export_sources::state.eq(state),
            ))
            .execute(tx.db)?;
    }
    diesel::delete(export_waiting::table.filter(export_waiting::job.eq(job))).execute(tx.db)?;
    for (procedure, state) in &wanted {
        fill(tx, job, procedure, state)?;
    }
    Ok(())
}

fn fill(tx: &mut Tx<'_>, job: &str, procedure: &str, state: &str) -> QueryResult<usize> {
    let taken = export_ledger::table
        .filter(export_ledger::job.eq(job))
        .filter(export_ledger::application_id.eq(applications::id));
    let there = applications::table
        .filter(applications::procedure_id.eq(procedure))
        .filter(applications::state.eq(state))
        .filter(diesel::dsl::not(diesel::dsl::exists(taken)))
        .select((job.into_sql::<Text>(), applications::id, applications::updated_at));
    let into = (export_waiting::job, export_waiting::application_id, export_waiting::since);
    each_backend!(tx.db, conn =>
        there.insert_into(export_waiting::table).into_columns(into).execute(conn))
}
