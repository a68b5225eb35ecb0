//! Generations on server A that this database does not know, because it was set back to an older one. They
//! are entered again: no number is given twice, and what left with them leaves no second time (I14,
//! IK-3.5.7b, decision 0120).

use std::collections::HashSet;

use diesel::prelude::*;
use platform_store::{Db, Tx};

use super::{Complete, held, waiting};
use crate::record::By;
use crate::schema::{
    applications, export_generations, export_held, export_jobs, export_ledger,
    export_record_errors, export_repeated, export_requests,
};

/// Applications asked for at once.
const PIECE: usize = 500;

/// A complete generation as it lies on server A.
#[derive(Clone, Debug)]
pub struct Found {
    /// Its number.
    pub generation: i32,
    /// When it was started, in microseconds.
    pub started_at: i64,
    /// The generation it repeats.
    pub replaces: Option<i32>,
    /// Which applications are in it.
    pub applications: Vec<String>,
    /// What it consists of.
    pub complete: Complete,
}

/// Which of these applications are not here, or not here yet: what the other side has comes again.
///
/// # Errors
/// When the database cannot be read.
pub fn unknown(db: &mut Db, ids: &[String]) -> QueryResult<Vec<String>> {
    let mut missing = Vec::new();
    for piece in ids.chunks(PIECE) {
        let known: Vec<String> = applications::table
            .filter(applications::id.eq_any(piece))
            .select(applications::id)
            .load(db)?;
        let known: HashSet<String> = known.into_iter().collect();
        missing.extend(piece.iter().filter(|id| !known.contains(*id)).cloned());
    }
    Ok(missing)
}

/// Enters a generation again, as one that waits for its receipt; `false` when its number is known.
///
/// # Errors
/// When the database cannot be written, or does not know one of its applications.
pub fn enter(tx: &mut Tx<'_>, by: &By, job: &str, found: &Found) -> QueryResult<bool> {
    let number = found.generation;
    let behind = export_jobs::table.find(job).filter(export_jobs::generation.lt(number));
    let moved = diesel::update(behind).set(export_jobs::generation.eq(number)).execute(tx.db)?;
    if moved == 0 {
        return Ok(false);
    }
    let (all, count) = (&found.complete, found.applications.len());
    diesel::insert_into(export_generations::table)
        .values((
            export_generations::job.eq(job),
            export_generations::generation.eq(number),
            export_generations::state.eq("waiting"),
            export_generations::records.eq(i64::try_from(count).unwrap_or(i64::MAX)),
            export_generations::attachments.eq(all.attachments),
            export_generations::bytes.eq(all.bytes),
            export_generations::changed.eq(all.changed),
            export_generations::sha256.eq(&all.sha256),
            export_generations::started_at.eq(found.started_at),
            export_generations::started_by.eq(&by.staff),
            export_generations::finished_at.eq(by.at.as_microsecond()),
            export_generations::replaces.eq(found.replaces),
        ))
        .execute(tx.db)?;
    for application in &found.applications {
        if found.replaces.is_some() {
            repeats(tx, (job, number), application)?;
        } else {
            left(tx, (job, number), application)?;
        }
    }
    held::written(tx, (job, number))?;
    let detail = format!("generation {number}, {count} applications, {}", all.sha256);
    by.record(tx, "exports.found", "export", job, &detail);
    Ok(true)
}

/// An application was in a generation that repeats another.
fn repeats(tx: &mut Tx<'_>, of: (&str, i32), application: &str) -> QueryResult<()> {
    diesel::insert_into(export_repeated::table)
        .values((
            export_repeated::job.eq(of.0),
            export_repeated::generation.eq(of.1),
            export_repeated::application_id.eq(application),
        ))
        .execute(tx.db)
        .map(drop)
}

/// An application left; where it is known to have left before, that stays.
fn left(tx: &mut Tx<'_>, of: (&str, i32), application: &str) -> QueryResult<()> {
    let known: i64 = export_ledger::table.find((of.0, application)).count().get_result(tx.db)?;
    if known == 0 {
        diesel::insert_into(export_ledger::table)
            .values((
                export_ledger::job.eq(of.0),
                export_ledger::application_id.eq(application),
                export_ledger::generation.eq(of.1),
            ))
            .execute(tx.db)?;
    }
    waiting::leave(tx, of.0, &[application.to_owned()])
}

/// Takes a generation back that was started under a number under which another lies on server A: what
/// was to leave with it waits again, and nobody is asked about it any more.
///
/// # Errors
/// When the database cannot be written.
pub fn take_back(tx: &mut Tx<'_>, by: &By, of: (&str, i32)) -> QueryResult<()> {
    let mut ids: Vec<String> = export_ledger::table
        .filter(export_ledger::job.eq(of.0))
        .filter(export_ledger::generation.eq(of.1))
        .select(export_ledger::application_id)
        .load(tx.db)?;
    // Those it left out wait again, too.
    let out = || {
        export_held::table
            .filter(export_held::job.eq(of.0))
            .filter(export_held::generation.eq(of.1))
    };
    ids.extend(out().select(export_held::application_id).load::<String>(tx.db)?);
    diesel::delete(out()).execute(tx.db)?;
    diesel::delete(
        export_record_errors::table
            .filter(export_record_errors::job.eq(of.0))
            .filter(export_record_errors::generation.eq(of.1)),
    )
    .execute(tx.db)?;
    diesel::delete(
        export_ledger::table
            .filter(export_ledger::job.eq(of.0))
            .filter(export_ledger::generation.eq(of.1)),
    )
    .execute(tx.db)?;
    diesel::delete(
        export_repeated::table
            .filter(export_repeated::job.eq(of.0))
            .filter(export_repeated::generation.eq(of.1)),
    )
    .execute(tx.db)?;
    diesel::delete(
        export_requests::table
            .filter(export_requests::job.eq(of.0))
            .filter(export_requests::generation.eq(of.1)),
    )
    .execute(tx.db)?;
    diesel::delete(export_generations::table.find(of)).execute(tx.db)?;
    let newest = export_jobs::table.find(of.0).filter(export_jobs::generation.eq(of.1));
    diesel::update(newest).set(export_jobs::generation.eq(of.1 - 1)).execute(tx.db)?;
    for id in &ids {
        waiting::place(tx, id)?;
    }
    let detail = format!("generation {}, {} applications", of.1, ids.len());
    by.record_failed(tx, "exports.taken_back", "export", of.0, &detail);
    Ok(())
}

/// A generation that waits for server B and is not on server A is written once more, under its number and
/// with what left in it. `false` when server B has it meanwhile.
///
/// # Errors
/// When the database cannot be written.
pub fn write_again(tx: &mut Tx<'_>, by: &By, of: (&str, i32)) -> QueryResult<bool> {
    let waiting =
        export_generations::table.find(of).filter(export_generations::state.eq("waiting"));
    let waiting = waiting.filter(export_generations::stored_at.is_null());
    let again =
        diesel::update(waiting).set(export_generations::state.eq("writing")).execute(tx.db)?;
    if again == 1 {
        by.record_failed(tx, "exports.lost", "export", of.0, &format!("generation {}", of.1));
    }
    Ok(again == 1)
}
