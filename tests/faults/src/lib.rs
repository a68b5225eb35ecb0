//! Faults on the running town, one after the other, and the ledger that says
//! whether anything was lost, doubled or mixed up.
//!
//! The runner stands outside: it presses the buttons that citizens press, reads
//! the list that clerks read, and between the two does to the programs and their
//! folders what power cuts, failing and full disks, wrong clocks, restored backups
//! and careless or hostile movers do. After each fault it looks into both databases
//! and every folder and checks the invariants. A seed gives the same faults again.
//!
//! | Module | |
//! |---|---|
//! | [`fault`] | what can happen |
//! | [`every`] | a walk over every call instead of chance |
//! | [`means`] | what this machine lets the runner do |
//! | [`ledger`] | what citizens were promised, and what the desk has |
//! | [`proof`] | the invariants, by the databases and the folders |
//! | [`outbound`] | generations from server A to server B |
//! | [`stranger`] | a peer that means harm |

mod dice;
pub mod every;
pub mod fault;
pub mod ledger;
mod leftover;
pub mod means;
pub mod outbound;
pub mod proof;
mod runner;
pub mod stranger;

pub use runner::{Scene, Trial, Trouble, run};
