//! The lanes of the bridge, as the operation log knows them.

use bridge_contract::Lane;
use bridge_lanes::operate::Done;
use platform_audit::Event;
use platform_service::halts::Halt;
use platform_store::{Tx, time};

use crate::record::{Act, By, record_with};

/// Records what an operator ordered at the machine.
pub fn ordered(tx: &mut Tx<'_>, done: &Done) {
    let event = Event::new(done.at, "system:cli", done.act, &done.lane);
    platform_audit::record(tx, event.detail(done.detail.clone()));
}

/// Records that a lane stopped until an operator has looked.
pub fn stopped(tx: &mut Tx<'_>, lane: Lane, halt: &Halt) {
    let by = By::system("bridge", time::to_micros(halt.at));
    record_with(tx, &by, Act::LaneStopped, lane.word(), halt.code.to_owned());
}
