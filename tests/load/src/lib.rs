//! Load on the town's own programs, on loopback, bounded in count.
//!
//! `cargo xtask bench` builds and runs the binary. Every figure is printed with
//! its ratio to a bare floor that is measured in the same run.

pub mod accept;
pub mod bridge;
pub mod client;
pub mod cross;
pub mod design;
pub mod desk;
pub mod exports;
pub mod files;
pub mod fill;
pub mod floor;
pub mod form;
pub mod inbox;
pub mod line;
pub mod log;
pub mod memory;
pub mod page;
pub mod person;
pub mod place;
pub mod processor;
pub mod search;
pub mod survey;
