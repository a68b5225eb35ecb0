//! The citizens' zone as one process: pages, exchange with the staff zone, jobs.
//!
//! ```text
//!  [`Config`] ─► [`Keys`], Store, Files, Shelf ─► Site ─► routes ─► public listener
//!                                                 ├─► lanes: raw out, pub in
//!                                                 ├─► jobs: mail, sweep, shelf
//!                                                 └─► ops listener
//! ```
//!
//! Everything ends together: on the signal, or when the disk or the
//! database fails. A lane that an operator must look at stops alone.

pub mod config;
mod delegates;
mod exchange;
pub mod jobs;
pub mod keys;
mod look_ahead;
mod running;

pub use config::Config;
pub use keys::Keys;
pub use running::{Ended, Running, StartError, check, open_copy, open_store, run};
