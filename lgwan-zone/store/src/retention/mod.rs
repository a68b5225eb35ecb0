//! How long what is over is kept, and what goes then (保存期間; IK-3.5.1a, NF-43).
//!
//! ```text
//!  propose ──► proposed ── approve, by another person ──► approved ── a later rule ──► replaced
//!                 ├─────── send_back, with a remark ────► returned   └─ stop ────────► stopped
//!                 └─────── take_back, by the proposer ──► withdrawn
//! ```
//! | Module | Does |
//! |---|---|
//! | [`rules`] | who proposed which period, who approved it |
//! | [`due`] | what a rule would delete, and what keeps it |
//! | [`holds`] | applications that stay whatever the rules say |
//! | [`deletion`] | takes a few away at a time, with their tombstones |
//!
//! Each room deletes its own tables. What goes, its tombstone and the record of it stand or fall
//! together; files go after their rows, by way of a list that survives a crash.

mod content;
pub mod deletion;
pub mod due;
pub mod holds;
pub mod rules;

use diesel::QueryResult;
use platform_audit::{Filter, Log, search};
use platform_store::Db;

pub use platform_audit::{CheckpointKey, Graves, Tombstone, Verdict, tombstones};

pub(crate) use content::Content;

/// Name of the nightly task.
pub const TASK: &str = "retention";
/// What the log says of tombstones.
const DELETED: &str = "retention.deleted";
/// The object of those records.
const STONES: &str = "tombstones";

/// Something of a room whose time may be over.
#[derive(Clone, Debug)]
pub struct Old {
    /// Identifier.
    pub id: String,
    /// Its number or name; nothing of a person.
    pub label: String,
    /// From when on it was over, microseconds.
    pub ended_at: i64,
    /// Hash of what it is.
    pub(crate) content: [u8; 32],
}

/// The identifier of an application that went, by its receipt number: the logs still tell of it.
///
/// # Errors
/// When the database cannot be read.
pub fn gone(db: &mut Db, number: &str) -> QueryResult<Option<String>> {
    let which = Graves { label: Some(number.to_owned()), before: None };
    let found = tombstones(db, &which, 1)?;
    let id = found.first().and_then(|one| one.object.strip_prefix("application:"));
    Ok(id.map(str::to_owned))
}

/// Walks all tombstones and holds the newest against what the operation log says of it.
///
/// # Errors
/// When the database cannot be read.
pub fn verify(db: &mut Db, key: Option<&CheckpointKey>) -> QueryResult<Verdict> {
    let newest = Filter { object: Some(STONES.to_owned()), ..Filter::default() };
    let told = search(db, Log::Own, &newest, 1)?;
    let told = told.first().and_then(|found| {
        let noted = |key: &str| found.event.detail.split(' ').find_map(|it| it.strip_prefix(key));
        Some((noted("tombstone=")?.parse().ok()?, content::unhex(noted("hash=")?)?))
    });
    platform_audit::verify_tombstones(db, key, told)
}
