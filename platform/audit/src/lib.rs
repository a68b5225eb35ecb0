//! The operation log: who did what to which thing, when, with what result.
//!
//! An event is written in the same transaction as the change it tells of: no
//! event, no change. Each event's hash covers the one before it, so an event
//! that is altered, removed, added or moved is found by [`verify()`], which names
//! the first bad one. Signed checkpoints say how long the log was at a time.
//!
//! Never in an event: passwords, tokens, codes, form values, 個人番号.
//!
//! What is deleted on purpose leaves a signed tombstone ([`bury`]); so do the oldest events of a log
//! when their time is over ([`trim`]), and the log stays verifiable behind them.
//!
//! A log stands in two places: the staff zone keeps the citizens' zone's log event by event
//! ([`mirror()`]), and the citizens' zone keeps checkpoints of the staff zone's ([`keep_anchor`]).
//!
//! Source: NF-41, NF-42, NF-43, IK-3.5.1a, MN-7.1b, SQ-5.3b.

mod chain;
mod checkpoint;
mod event;
mod mirror;
mod schema;
mod search;
mod told;
mod tombstones;
mod verify;
mod watch;

pub use chain::{Chain, record};
pub use checkpoint::{CheckpointKey, checkpoint};
pub use event::Event;
pub use mirror::{Mirrored, mirror};
pub use search::{About, Filter, Found, Log, Place, Tally, search, tally};
pub use told::{Anchor, Stretch, anchors, keep_anchor, newest, told, unanchored, untold};
pub use tombstones::{
    Going, Graves, Tombstone, Trimmed, Warrant, bury, floor, newest_tombstone, older,
    step_standing, step_tombstones, tombstones, trim,
};
pub use verify::{Reached, Step, Verdict, Walk, step_log, verify, verify_anchors, verify_mirror};
pub use watch::{Watch, walk_through, walk_tombstones, watch};

/// The tables, for a zone's first SQLite migration.
pub const SQLITE_DDL: &str = include_str!("../ddl/sqlite.sql");
/// The tables, for a zone's first PostgreSQL migration.
pub const POSTGRES_DDL: &str = include_str!("../ddl/postgres.sql");
