//! The citizens' zone as one process: pages, exchange with the staff zone, jobs.
//!
//! ```text
//!  [`Config`] ─► [`Keys`], Store, Files, Shelf ─► Site ─► routes ─► public listener
//!                                                 ├─► lanes: raw out, pub in
//!                                                 ├─► jobs: mail, sweep, shelf
//!                                                 └─► ops listener
//! ```
//!
//! Everything ends together: on the signal, or when a lane or the database fails.

pub mod config;
mod exchange;
pub mod jobs;
pub mod keys;
mod running;

pub use config::Config;
pub use keys::Keys;
pub use running::{Ended, Running, StartError, check, open_store, run};
