//! Reading the operation logs of both zones, and records of what only reads (NF-41, NF-42, NF-43).

mod both;
mod daily;
mod disclosure;
pub mod leaving;
mod told;

use std::sync::Arc;

use diesel::QueryResult;
use platform_store::{Db, Store, StoreError, Tx};

pub use platform_audit::{
    About, Anchor, CheckpointKey, Event, Filter, Found, Log, Mirrored, Place, Reached, Stretch,
    Tally, Verdict,
};

pub use both::{Cursor, Line, Zone, look};
pub use daily::{Days, TASK, days};
pub use disclosure::{Known, Subject, find};
pub use told::{anchor, mirror};

use crate::record::By;

/// Events of this zone's log that fit, newest first.
///
/// # Errors
/// When the database cannot be read.
pub fn search(db: &mut Db, filter: &Filter, limit: i64) -> QueryResult<Vec<Found>> {
    platform_audit::search(db, Log::Own, filter, limit)
}

/// Walks the log of this zone, or what it has of the citizens' zone's, from where it begins to its end. It takes
/// many short jobs.
///
/// # Errors
/// When the database cannot be read.
pub async fn verify(
    store: &Store,
    key: Option<Arc<CheckpointKey>>,
    log: Log,
) -> Result<Verdict, StoreError> {
    let whole = (log, Reached::default());
    platform_audit::walk_through(store, platform_audit::step_standing, key, whole).await
}

/// Where a log begins: behind the last event that was taken away when its time was over.
///
/// # Errors
/// When the database cannot be read.
pub fn floor(db: &mut Db, log: Log) -> QueryResult<i64> {
    Ok(platform_audit::floor(db, log)?.seq)
}

/// Compares this zone's log with what the citizens' zone kept of it.
///
/// # Errors
/// When the database cannot be read.
pub fn verify_anchors(
    db: &mut Db,
    key: Option<&CheckpointKey>,
    anchors: &[Anchor],
) -> QueryResult<Option<Verdict>> {
    let floor = platform_audit::floor(db, Log::Own)?;
    platform_audit::verify_anchors(db, key, anchors, &floor)
}

/// Records that somebody took data out or looked at it: a list, a file, the log itself.
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
