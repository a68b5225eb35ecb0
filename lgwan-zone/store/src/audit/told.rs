//! The second place of each zone's log: the citizens' zone's events are kept here, and the
//! citizens' zone is told this zone's checkpoints.

use bridge_contract::digest::Digest;
use bridge_contract::messages::{CheckpointTold, EventsTold, ToldEvent};
use diesel::QueryResult;
use jiff::Timestamp;
use platform_audit::{Event, Mirrored, Stretch};
use platform_store::{Db, Tx, time};

use crate::post::{self, Office};
use crate::record::By;

/// Name of the citizens' zone in its log and its hashes.
const CITIZENS: &str = "internet";
/// Highest number of an event that begins a stretch.
const HIGHEST: i64 = i64::MAX / 2;

/// Keeps events of the citizens' zone's log. A log that is another than it was before is itself
/// written into this zone's log, and the watch over both raises an alarm.
///
/// # Errors
/// When the database cannot be written.
pub fn mirror(tx: &mut Tx<'_>, by: &By, told: &EventsTold) -> QueryResult<()> {
    let events = told.events.iter().cloned().map(
        |ToldEvent { at, actor, session, ip, act, object, result, detail }| Event {
            at,
            actor,
            session,
            ip,
            act,
            object,
            result,
            detail,
        },
    );
    let stretch = Stretch {
        // However high a zone that was taken over counts, what comes behind it has a number.
        first: i64::try_from(told.first).unwrap_or(HIGHEST).min(HIGHEST),
        prev: told.prev.0.to_vec(),
        events: events.collect(),
    };
    match platform_audit::mirror(tx, CITIZENS, &stretch)? {
        Mirrored::Fits => {}
        Mirrored::Differs(seq) => {
            by.record_failed(tx, "audit.mirror_differs", "log", "", &seq.to_string());
        }
    }
    Ok(())
}

/// Tells the citizens' zone how long this zone's log is, unless it knows: the letter and the mark
/// that it was told, together. The letter leaves no event. `true` when there was something to tell.
///
/// # Errors
/// When the database cannot be used.
pub fn anchor(tx: &mut Tx<'_>, office: &Office, now: Timestamp) -> QueryResult<bool> {
    let db: &mut Db = tx.db;
    let Some(newest) = platform_audit::unanchored(db)? else { return Ok(false) };
    let letter = office.checkpoint(&CheckpointTold {
        seq: u64::try_from(newest.seq).unwrap_or_default(),
        at: time::from_micros(newest.at),
        hash: Digest(newest.hash.try_into().unwrap_or_default()),
        signature: newest.signature,
    });
    platform_audit::told(tx, newest.seq)?;
    post::put(tx, &letter, now)?;
    Ok(true)
}
