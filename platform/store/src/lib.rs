//! How a zone keeps its data: one database, SQLite or PostgreSQL, behind one
//! type; one writer thread that lets many writes share one durable commit.
//!
//! ```text
//!  requests ──► Store::write ──► channel ──► writer thread ──► BEGIN
//!                                             job, job, job      savepoint each
//!                                             journal rows       once a batch
//!                                                               COMMIT (fsync)
//!           ◄── results ◄──────────────────── only now
//!  requests ──► Store::read  ──► reader pool
//! ```
//!
//! | Module | Gives |
//! |---|---|
//! | [`Db`], [`each_backend!`] | one connection type over both engines |
//! | [`insert_many!`] | rows of a struct, many with a statement |
//! | [`Store`] | `read`, `write`, health |
//! | [`Tx`], [`Journal`] | what a write sees; rows written once a batch |
//! | [`backup`] | generations of the database and its files, and their way back |
//! | [`files`] | a folder of files with opaque names, durable before use |
//! | [`orphans`] | deletes the files of the folder that no row names |
//! | [`shape`] | tables of a database, comparable between the engines |
//! | [`time`] | `Timestamp` to and from the stored number |

pub mod backup;
mod db;
pub mod files;
mod migrate;
pub mod orphans;
mod reader;
pub mod shape;
mod store;
pub mod time;
mod writer;

pub use db::{Db, ROWS};
pub use migrate::Migrations;
pub use store::{Store, StoreConfig, StoreError};
pub use writer::{Journal, JournalEntry, NoJournal, Tx};

// The build script of each is what makes the engines part of the binary.
use libsqlite3_sys as _;
use pq_sys as _;
