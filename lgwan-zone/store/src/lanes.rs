//! How far the lanes are, for the page of operators; lanes that stopped.

use bridge_lanes::operate::Done;
use platform_service::halts::Halt;
use platform_store::Tx;

use crate::record::By;

pub use bridge_contract::place::Lane;
pub use bridge_lanes::status::{Receiving, Sending, Status, status};

/// Records what an operator ordered at the machine.
pub fn ordered(tx: &mut Tx<'_>, done: &Done) {
    By::cli(done.at).record(tx, done.act, "lane", &done.lane, &done.detail);
}

/// Records that a lane stopped until an operator has looked.
pub fn stopped(tx: &mut Tx<'_>, lane: Lane, halt: &Halt) {
    By::system(halt.at).record_failed(tx, "bridge.lane_stopped", "lane", lane.word(), halt.code);
}
