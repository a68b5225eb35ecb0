//! What the town means: states, rules, amounts and forms. No I/O, no clock, no framework.
//!
//! A tour, in the order an application travels:
//!
//! - [`procedures`]: which procedures are listed, open and found;
//! - [`forms`]: the published document of a procedure, its expressions, and the checks of what a
//!   citizen fills in;
//! - [`applications`]: the receipt number, the states after arrival and who sees what of them;
//! - [`identity`]: who may do what, attempts and passwords;
//! - [`export`]: how a finished application leaves for the business system;
//! - [`retention`]: how long what is over is kept;
//! - [`speed`]: how long pages take, as a service level counts it;
//! - [`text`], [`calendar`], [`digits`], [`postal`], [`cp932`], [`spreadsheet`]: the rules of
//!   Japanese text, dates, check digits, addresses, Shift_JIS files and tables of spreadsheets that
//!   the others stand on;
//! - [`ids`]: the names of things.
//!
//! Words for people live in catalogues; this package answers with codes and arguments. The era
//! names and the way a date or an address is written are the exception: they are rules.

pub mod applications;
pub mod calendar;
mod codes;
pub mod cp932;
pub mod digits;
pub mod export;
pub mod forms;
pub mod identity;
pub mod ids;
pub mod postal;
pub mod procedures;
pub mod retention;
pub mod speed;
pub mod spreadsheet;
pub mod text;
