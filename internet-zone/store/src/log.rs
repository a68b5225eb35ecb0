//! The operation log's second place: what the staff zone is told of this zone's log, and what
//! this zone keeps of the staff zone's (NF-41, NF-43).

use bridge_contract::digest::Digest;
use bridge_contract::messages::{CheckpointTold, EventsTold, ToldEvent};
use diesel::QueryResult;
use jiff::Timestamp;
use platform_audit::{Anchor, Event, Stretch, keep_anchor};
use platform_store::{Db, Tx, time};

use crate::post::{self, Letter};

/// The oldest events the staff zone was not told of, `most` at most.
///
/// # Errors
/// When the database cannot be read.
pub fn untold(db: &mut Db, most: i64) -> QueryResult<Option<EventsTold>> {
    let Some(Stretch { first, prev, events }) = platform_audit::untold(db, most)? else {
        return Ok(None);
    };
    let events =
        events.into_iter().map(|Event { at, actor, session, ip, act, object, result, detail }| {
            ToldEvent { at, actor, session, ip, act, object, result, detail }
        });
    Ok(Some(EventsTold {
        first: u64::try_from(first).unwrap_or_default(),
        prev: Digest(prev.try_into().unwrap_or_default()),
        events: events.collect(),
    }))
}

/// Tells the staff zone: the letter and the mark that it was told, together. The letter itself
/// leaves no event, or there would always be one more to tell.
///
/// # Errors
/// When the database cannot be written.
pub fn tell(tx: &mut Tx<'_>, told: &EventsTold, letter: Letter, at: i64) -> QueryResult<()> {
    let last = told.first.saturating_add(told.events.len() as u64).saturating_sub(1);
    platform_audit::told(tx, i64::try_from(last).unwrap_or(i64::MAX))?;
    post::send(tx, letter, None, at)
}

/// Keeps a checkpoint of the staff zone's log.
///
/// # Errors
/// When the database cannot be written.
pub fn anchored(tx: &mut Tx<'_>, told: &CheckpointTold, now: Timestamp) -> QueryResult<()> {
    let anchor = Anchor {
        seq: i64::try_from(told.seq).unwrap_or(i64::MAX),
        at: time::to_micros(told.at),
        hash: told.hash.0.to_vec(),
        signature: told.signature.clone(),
    };
    keep_anchor(tx, &anchor, now)
}
