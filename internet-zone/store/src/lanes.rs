//! The lanes of the bridge, as the operation log knows them.

use bridge_contract::Lane;
use bridge_lanes::Leapt;
use bridge_lanes::operate::Done;
use diesel::QueryResult;
use platform_audit::Event;
use platform_service::halts::Halt;
use platform_store::{Tx, time};

use crate::applications::accept;
use crate::record::{Act, By, record_with};

/// Codes of a lane whose folder knows more than this database.
const SET_BACK: [&str; 2] = ["ahead_of_database", "restored"];

/// Records what an operator ordered at the machine.
pub fn ordered(tx: &mut Tx<'_>, done: &Done) {
    let event = Event::new(done.at, "system:cli", done.act, &done.lane);
    platform_audit::record(tx, event.detail(done.detail.clone()));
}

/// Records that a lane stopped until an operator has looked. When this database turns out to be an
/// older one, receipt numbers that it does not know were given: it leaps over them, and over what it may have
/// given behind an earlier leap (I14). How far it leapt, by counter; nothing when it need not.
///
/// # Errors
/// When the database refuses.
pub fn stopped(tx: &mut Tx<'_>, lane: Lane, halt: &Halt, before: &Leapt) -> QueryResult<Leapt> {
    let by = By::system("bridge", time::to_micros(halt.at));
    record_with(tx, &by, Act::LaneStopped, lane.word(), halt.code.to_owned());
    if lane == Lane::Raw && SET_BACK.contains(&halt.code) {
        return accept::leap(tx.db, halt.at, before);
    }
    Ok(Leapt::new())
}
