//! Reading the operation log, and records of what only reads (NF-42, NF-43).

use diesel::QueryResult;
use platform_store::{Db, Tx};

pub use platform_audit::{CheckpointKey, Event, Filter, Found, Verdict};

use crate::record::By;

/// Events that fit, newest first.
///
/// # Errors
/// When the database cannot be read.
pub fn search(db: &mut Db, filter: &Filter, limit: i64) -> QueryResult<Vec<Found>> {
    platform_audit::search(db, filter, limit)
}

/// Walks the whole log.
///
/// # Errors
/// When the database cannot be read.
pub fn verify(db: &mut Db, key: Option<&CheckpointKey>) -> QueryResult<Verdict> {
    platform_audit::verify(db, key)
}

/// Records that somebody took data out: a list, a file, the log itself.
///
/// # Errors
/// Never; the row is written with the batch.
pub fn taken_out(
    tx: &mut Tx<'_>,
    by: &By,
    act: &str,
    kind: &str,
    id: &str,
    detail: &str,
) -> QueryResult<()> {
    by.record(tx, act, kind, id, detail);
    Ok(())
}

/// Records that somebody asked for what is not theirs.
///
/// # Errors
/// Never; the row is written with the batch.
pub fn refused(tx: &mut Tx<'_>, by: &By, act: &str, kind: &str, id: &str) -> QueryResult<()> {
    by.record_refused(tx, act, kind, id, "");
    Ok(())
}
