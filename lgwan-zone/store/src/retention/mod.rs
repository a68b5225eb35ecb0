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

use std::sync::Arc;

use diesel::prelude::*;
use platform_audit::{Filter, Log, search};
use platform_store::{Db, Store, StoreError, Tx};

pub use platform_audit::{CheckpointKey, Graves, Tombstone, Verdict, tombstones};

pub(crate) use content::Content;

use crate::applications::rows::Application;
use crate::schema::gone_applications;

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

/// Keeps whose application it was that goes, in the transaction in which it goes: a keyed hash, by which a
/// disclosure for that account finds what the logs still tell of it.
pub(crate) fn remember(
    tx: &mut Tx<'_>,
    key: &CheckpointKey,
    rows: &[Application],
    at: i64,
) -> QueryResult<()> {
    for row in rows {
        let Some(account) = &row.applicant_account else { continue };
        diesel::insert_into(gone_applications::table)
            .values((
                gone_applications::id.eq(&row.id),
                gone_applications::account.eq(hashed(key, account)),
                gone_applications::gone_at.eq(at),
            ))
            .execute(tx.db)?;
    }
    Ok(())
}

/// Forgets whose applications went before a moment, once neither log tells of that time any more.
pub(crate) fn forget(tx: &mut Tx<'_>, before: i64) -> QueryResult<()> {
    let old = gone_applications::table.filter(gone_applications::gone_at.lt(before));
    diesel::delete(old).execute(tx.db).map(drop)
}

/// The identifiers of the applications of an account that went, newest first.
///
/// # Errors
/// When the database cannot be read.
pub fn gone_of(
    db: &mut Db,
    key: &CheckpointKey,
    account: &str,
    most: i64,
) -> QueryResult<Vec<String>> {
    gone_applications::table
        .filter(gone_applications::account.eq(hashed(key, account)))
        .order((gone_applications::gone_at.desc(), gone_applications::id.desc()))
        .limit(most)
        .select(gone_applications::id)
        .load(db)
}

fn hashed(key: &CheckpointKey, account: &str) -> String {
    content::hex(&key.fingerprint(account.as_bytes()))
}

/// Walks all tombstones and holds the newest against what the operation log says of it. It takes many short jobs.
///
/// # Errors
/// When the database cannot be read.
pub async fn verify(store: &Store, key: Option<Arc<CheckpointKey>>) -> Result<Verdict, StoreError> {
    let newest = Filter { object: Some(STONES.to_owned()), ..Filter::default() };
    let told = store.read(move |db| search(db, Log::Own, &newest, 1)).await?;
    let told = told.first().and_then(|found| {
        let noted = |key: &str| found.event.detail.split(' ').find_map(|it| it.strip_prefix(key));
        Some((noted("tombstone=")?.parse().ok()?, content::unhex(noted("hash=")?)?))
    });
    platform_audit::walk_tombstones(store, key, told).await
}
