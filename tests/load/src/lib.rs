//! Load on the town's own programs, on loopback, bounded in count.

pub mod client;
