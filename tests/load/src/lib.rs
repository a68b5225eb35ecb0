//! Load on the town's own programs, on loopback, bounded in count.
//!
//! `cargo xtask bench` builds and runs the binary. Every figure is printed with
//! its ratio to a bare floor that is measured in the same run.

pub mod client;
pub mod floor;
