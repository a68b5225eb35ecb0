//! Faults on the running town, one after the other, and the ledger that says
//! whether anything was lost or doubled.
//!
//! The runner stands outside: it presses the buttons that citizens press, reads
//! the list that clerks read, and between the two does to the programs and their
//! folders what power cuts, full machines and careless movers do. A seed gives
//! the same faults again.

mod dice;
pub mod fault;
pub mod ledger;
mod runner;

pub use runner::{Trouble, run};
