//! How far the lanes are, for the page of operators.

pub use bridge_contract::place::Lane;
pub use bridge_lanes::status::{Receiving, Sending, Status, status};
