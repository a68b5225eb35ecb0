//! What the other zone is told of this zone's log, so that each log stands in two places.

use diesel::prelude::*;
use jiff::Timestamp;
use platform_store::{Db, Tx, each_backend, time};

use crate::chain::Row;
use crate::event::{Event, HASH};
use crate::schema::{audit_anchors, audit_checkpoints, audit_events, audit_told};

/// Events of one log in a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// Number of the first event.
    pub first: i64,
    /// Hash of the event before it; 32 zero bytes at the beginning of the log.
    pub prev: Vec<u8>,
    /// The events, at least one.
    pub events: Vec<Event>,
}

impl Stretch {
    /// Number of the last event.
    #[must_use]
    pub fn last(&self) -> i64 {
        self.first + i64::try_from(self.events.len()).unwrap_or(i64::MAX) - 1
    }
}

/// The oldest events the other zone was not told of, `most` at most.
///
/// # Errors
/// When the database cannot be read.
pub fn untold(db: &mut Db, most: i64) -> QueryResult<Option<Stretch>> {
    let told: i64 = audit_told::table.find(1).select(audit_told::seq).first(db)?;
    let rows: Vec<Row> = audit_events::table
        .filter(audit_events::seq.gt(told))
        .order(audit_events::seq)
        .limit(most)
        .load(db)?;
    let Some((first, prev)) = rows.first().map(|row| (row.seq, row.prev.clone())) else {
        return Ok(None);
    };
    Ok(Some(Stretch { first, prev, events: rows.into_iter().map(Row::event).collect() }))
}

/// Notes that the other zone is told up to event `seq`; in the transaction of the message.
///
/// # Errors
/// When the database cannot be written.
pub fn told(tx: &mut Tx<'_>, seq: i64) -> QueryResult<()> {
    diesel::update(audit_told::table.find(1)).set(audit_told::seq.eq(seq)).execute(tx.db).map(drop)
}

/// A signed checkpoint, as it stands in the zone whose log it is, and as an anchor in the other.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Anchor {
    /// How many events the log had.
    pub seq: i64,
    /// Microseconds.
    pub at: i64,
    /// Hash of the last of them.
    pub hash: Vec<u8>,
    /// Ed25519 over number, time and hash.
    pub signature: Vec<u8>,
}

/// The newest checkpoint, unless the other zone has it or nothing happened since.
///
/// # Errors
/// When the database cannot be read.
pub fn unanchored(db: &mut Db) -> QueryResult<Option<Anchor>> {
    use audit_checkpoints as c;
    let told: i64 = audit_told::table.find(1).select(audit_told::seq).first(db)?;
    c::table
        .filter(c::seq.gt(told))
        .order(c::seq.desc())
        .select((c::seq, c::at, c::hash, c::signature))
        .first(db)
        .optional()
}

/// The newest checkpoint of this zone's log.
///
/// # Errors
/// When the database cannot be read.
pub fn newest(db: &mut Db) -> QueryResult<Option<Anchor>> {
    use audit_checkpoints as c;
    c::table
        .order(c::seq.desc())
        .select((c::seq, c::at, c::hash, c::signature))
        .first(db)
        .optional()
}

/// Keeps a checkpoint of the other zone; one that is known changes nothing.
///
/// # Errors
/// When the database cannot be written.
pub fn keep_anchor(tx: &mut Tx<'_>, anchor: &Anchor, now: Timestamp) -> QueryResult<()> {
    let row = (
        audit_anchors::seq.eq(anchor.seq),
        audit_anchors::hash.eq(&anchor.hash),
        audit_anchors::at.eq(anchor.at),
        audit_anchors::signature.eq(&anchor.signature),
        audit_anchors::told_at.eq(time::to_micros(now)),
    );
    each_backend!(tx.db, conn => {
        diesel::insert_into(audit_anchors::table)
            .values(row)
            .on_conflict_do_nothing()
            .execute(conn)?
    });
    Ok(())
}

/// The checkpoints of the other zone that are kept here, oldest first.
///
/// # Errors
/// When the database cannot be read.
pub fn anchors(db: &mut Db) -> QueryResult<Vec<Anchor>> {
    use audit_anchors as a;
    a::table.order((a::seq, a::at)).select((a::seq, a::at, a::hash, a::signature)).load(db)
}

impl Anchor {
    /// One line of a file of anchors: number, microseconds, hash and signature in hexadecimal.
    #[must_use]
    pub fn line(&self) -> String {
        format!("{} {} {} {}", self.seq, self.at, hex(&self.hash), hex(&self.signature))
    }

    /// Reads [`Anchor::line`].
    #[must_use]
    pub fn parse(line: &str) -> Option<Self> {
        let mut parts = line.split_ascii_whitespace();
        let anchor = Self {
            seq: parts.next()?.parse().ok()?,
            at: parts.next()?.parse().ok()?,
            hash: unhex(parts.next()?)?,
            signature: unhex(parts.next()?)?,
        };
        (parts.next().is_none() && anchor.hash.len() == HASH).then_some(anchor)
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes().chunks(2);
    digits
        .map(|pair| {
            let pair = std::str::from_utf8(pair).ok().filter(|pair| pair.len() == 2)?;
            u8::from_str_radix(pair, 16).ok()
        })
        .collect()
}
