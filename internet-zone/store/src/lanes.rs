//! The lanes of the bridge, as the operation log knows them.

use bridge_contract::Lane;
use platform_service::halts::Halt;
use platform_store::{Tx, time};

use crate::record::{Act, By, record_with};

/// Records that a lane stopped until an operator has looked.
pub fn stopped(tx: &mut Tx<'_>, lane: Lane, halt: &Halt) {
    let by = By::system("bridge", time::to_micros(halt.at));
    record_with(tx, &by, Act::LaneStopped, lane.word(), halt.code.to_owned());
}
