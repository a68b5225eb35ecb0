//! The staff service: pages, database, ingest of what citizens sent,
//! publications back, exports to server A.
//!
//! | Module | Does |
//! |---|---|
//! | [`config`] | the settings file |
//! | [`run`] | starts everything and stops it |
//! | [`exchange`] | takes in what crossed the bridge |
//! | [`detection`] | looks into the operation logs for what is worth an alert |
//! | [`entries`] | drops what staff began to enter and left |
//! | [`evidence`] | notes the hours, tells the other zone of the operation log |
//! | [`exports`] | writes generations, reads pick-up receipts |
//! | [`reforms`] | moves departments and all they have on the day of a reform |
//! | [`reminders`] | tells staff every day what is left to do |
//! | [`retention`] | deletes what is over, by the rules two people made |
//! | [`rosters`] | takes over lists of staff on their day |
//! | [`commands`] | what an operator does at the machine itself |

mod alarm_mails;
pub mod audit_report;
mod batches;
pub mod commands;
pub mod config;
pub mod detection;
pub mod entries;
pub mod evidence;
pub mod exchange;
pub mod exports;
mod mails;
pub mod orphans;
mod parts;
pub mod reforms;
pub mod reminders;
pub mod retention;
pub mod rosters;
mod running;
mod webhooks;

pub use config::Config;
pub use parts::{StartError, bundle_key, check};
pub use parts::{open_copy, open_store};
pub use running::{Running, run};
