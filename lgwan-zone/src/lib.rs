//! The staff service: pages, database, ingest of what citizens sent,
//! publications back, exports to server A.
//!
//! | Module | Does |
//! |---|---|
//! | [`config`] | the settings file |
//! | [`run`] | starts everything and stops it |
//! | [`exchange`] | takes in what crossed the bridge |
//! | [`exports`] | writes generations, reads pick-up receipts |
//! | [`rosters`] | takes over lists of staff on their day |
//! | [`commands`] | what an operator does at the machine itself |

mod alarm_mails;
pub mod commands;
pub mod config;
pub mod exchange;
pub mod exports;
mod mails;
mod parts;
pub mod rosters;
mod running;

pub use config::Config;
pub use parts::{StartError, check};
pub use parts::{open_copy, open_store};
pub use running::{Running, run};
