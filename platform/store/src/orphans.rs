//! Collects files that no row names.
//!
//! A file is durable before the transaction that names it. When that
//! transaction fails, nobody knows the file any more:
//!
//! ```text
//!  put ─► save fails             the file has no row, for ever
//!  aged (24 h) ─► no row names it ─► still aged ─► deleted
//! ```
//!
//! The age is asked first and once more at the end, the rows in between: what is
//! being uploaded or delivered is young, whatever the rows say.

use std::time::{Duration, SystemTime};

use diesel::QueryResult;
use jiff::Timestamp;

use crate::db::Db;
use crate::files::Files;
use crate::store::{Store, StoreError};

/// A file younger than this may still get its row.
pub const GRACE: Duration = Duration::from_secs(24 * 3600);
/// Folders of one look; there are about a thousand of them.
const SHELVES: usize = 8;
/// Files of one question to the database.
const BATCH: usize = 100;

/// Where the last look ended. The next one goes on there and begins again
/// behind the last folder.
#[derive(Debug, Default)]
pub struct Round {
    after: Option<String>,
}

/// Why a look ended early. The next look goes on behind it.
#[derive(Debug, thiserror::Error)]
pub enum OrphanError {
    /// The rows cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The folder cannot be read or a file not deleted.
    #[error("folder of files: {0}")]
    Io(#[from] std::io::Error),
}

/// Says which of some files no row names.
pub type Unnamed = fn(&mut Db, &[String]) -> QueryResult<Vec<String>>;

/// Looks into the next few folders; returns how many files it deleted.
///
/// # Errors
/// [`OrphanError`]; what was deleted stays deleted.
pub async fn look(
    (store, files): (&Store, &Files),
    now: Timestamp,
    round: &mut Round,
    unnamed: Unnamed,
) -> Result<usize, OrphanError> {
    let before = SystemTime::from(now) - GRACE;
    let after = round.after.take();
    let shelves = on_disk(files, move |files| {
        files.clear_unfinished(before)?;
        files.shelves()
    });
    let mut rest = shelves.await?.into_iter();
    if let Some(after) = after {
        rest = rest.filter(|shelf| *shelf > after).collect::<Vec<_>>().into_iter();
    }
    let mut gone = 0;
    for shelf in rest.by_ref().take(SHELVES) {
        round.after = Some(shelf.clone());
        gone += clear((store, files), shelf, before, unnamed).await?;
    }
    if rest.len() == 0 {
        round.after = None;
    }
    if gone > 0 {
        tracing::info!(files = gone, "files that no row names were deleted");
    }
    Ok(gone)
}

async fn clear(
    (store, files): (&Store, &Files),
    shelf: String,
    before: SystemTime,
    unnamed: Unnamed,
) -> Result<usize, OrphanError> {
    let aged = on_disk(files, move |files| files.aged(&shelf, before)).await?;
    let mut gone = 0;
    for names in aged.chunks(BATCH) {
        let names = names.to_vec();
        let orphans = store.read(move |db| unnamed(db, &names)).await?;
        gone += on_disk(files, move |files| {
            orphans.iter().try_fold(0, |gone, name| {
                files.delete_aged(name, before).map(|deleted| gone + usize::from(deleted))
            })
        })
        .await?;
    }
    Ok(gone)
}

async fn on_disk<T: Send + 'static>(
    files: &Files,
    work: impl FnOnce(&Files) -> std::io::Result<T> + Send + 'static,
) -> std::io::Result<T> {
    let files = files.clone();
    tokio::task::spawn_blocking(move || work(&files)).await.map_err(std::io::Error::other)?
}
