//! How far the lanes are, for the page of operators; lanes that stopped.

use bridge_contract::messages::{BULK_KIND, ToCitizen, ToStaff, UNREADABLE_KIND};
use bridge_lanes::Leapt;
use bridge_lanes::operate::Done;
use diesel::QueryResult;
use platform_service::halts::Halt;
use platform_store::Tx;

use crate::applications::entered;
use crate::record::By;

pub use bridge_contract::digest::hex;
pub use bridge_contract::messages::Position;
pub use bridge_contract::place::Lane;
pub use bridge_lanes::Redriven;
pub use bridge_lanes::status::{
    Before, OneBundle, Quarantined, ReceivedBundle, Receiving, Sending, SentBundle, Status, bundle,
    quarantined, received_before, sent_before, set_aside, status,
};

/// Records what an operator ordered at the machine.
pub fn ordered(tx: &mut Tx<'_>, done: &Done) {
    By::cli(done.at).record(tx, done.act, "lane", &done.lane, &done.detail);
}

/// Codes of a lane whose folder knows more than this database.
const SET_BACK: [&str; 2] = ["ahead_of_database", "restored"];

/// Records that a lane stopped until an operator has looked. When this database turns out to be an
/// older one, numbers of the desk that it does not know were given: it leaps over them, and over what it may
/// have given behind an earlier leap (I14). Any lane that this zone sends may find it out. How far it leapt, by
/// counter; nothing when it need not.
///
/// # Errors
/// When the database refuses.
pub fn stopped(tx: &mut Tx<'_>, lane: Lane, halt: &Halt, before: &Leapt) -> QueryResult<Leapt> {
    By::system(halt.at).record_failed(tx, "bridge.lane_stopped", "lane", lane.word(), halt.code);
    if SET_BACK.contains(&halt.code) {
        return entered::leap(tx, halt.at, before);
    }
    Ok(Leapt::new())
}

/// The word of a message's kind on a lane: `submission`; `None` for one this version
/// does not know.
#[must_use]
pub fn kind_word(lane: Lane, kind: u16) -> Option<&'static str> {
    let known = match lane {
        Lane::Raw | Lane::In | Lane::InBulk => ToStaff::KINDS,
        Lane::PubCtl | Lane::PubDoc => ToCitizen::KINDS,
        Lane::Exp | Lane::Exr => &[],
    };
    let between = [(BULK_KIND, "large_file"), (UNREADABLE_KIND, "unreadable")];
    let mut all = known.iter().copied().chain(between);
    all.find(|(number, _)| *number == kind).map(|(_, word)| word)
}

/// Shows a sent bundle to the other side for another hour (再送). `false` when there is
/// none, or it was released.
///
/// # Errors
/// When the database cannot be written.
pub fn replay(tx: &mut Tx<'_>, by: &By, lane: Lane, (epoch, seq): (u32, u64)) -> QueryResult<bool> {
    let asked = bridge_lanes::replay(tx, lane, (epoch, seq), by.at)?;
    if asked {
        by.record(tx, "bridge.replay", "lane", lane.word(), &format!("e{epoch} {seq} to {seq}"));
    }
    Ok(asked)
}

/// Takes an item in again that was set aside.
///
/// # Errors
/// When the database cannot be written.
pub fn redrive(tx: &mut Tx<'_>, by: &By, lane: Lane, at: Position) -> QueryResult<Redriven> {
    let done = bridge_lanes::redrive(tx, lane, at, by.at)?;
    if done == Redriven::Done {
        by.record(tx, "bridge.redrive", "lane", lane.word(), &words(at));
    }
    Ok(done)
}

/// Gives an item up that was set aside; the log keeps its id, its hash and the reason.
/// `false` when it is not there.
///
/// # Errors
/// When the database cannot be written.
pub fn discard(tx: &mut Tx<'_>, by: &By, lane: Lane, at: Position, why: &str) -> QueryResult<bool> {
    let Some((uuid, hash)) = bridge_lanes::discard(tx, lane, at, by.at)? else { return Ok(false) };
    let detail = format!("{}: uuid {uuid} sha256 {hash}: {why}", words(at));
    by.record(tx, "bridge.discard", "lane", lane.word(), &detail);
    Ok(true)
}

fn words(at: Position) -> String {
    format!("e{}-{} item {}", at.epoch, at.seq, at.idx)
}
