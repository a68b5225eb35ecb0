//! Walks the log and names the first event that is not as it was written.

use diesel::prelude::*;
use platform_store::Db;

use crate::chain::Row;
use crate::checkpoint::{CheckpointKey, first_bad};
use crate::event::{HASH, link};
use crate::schema::{audit_events, audit_head};

/// What the walk found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Every event is as it was written.
    Whole {
        /// Number of events.
        events: i64,
        /// Hash of the last one.
        head: Vec<u8>,
    },
    /// The first event that is altered, missing or out of place.
    Broken {
        /// Its number.
        seq: i64,
        /// What does not fit, in words for the operator.
        why: &'static str,
    },
}

const PAGE: i64 = 10_000;

/// Walks the whole log in one pass with constant memory. With a key, the signed
/// checkpoints are checked too, which finds a log that was rewritten whole.
///
/// # Errors
/// When the database cannot be read.
pub fn verify(db: &mut Db, key: Option<&CheckpointKey>) -> QueryResult<Verdict> {
    let (head_seq, head): (i64, Vec<u8>) =
        audit_head::table.find(1).select((audit_head::seq, audit_head::hash)).first(db)?;
    let (mut prev, mut last) = (vec![0; HASH], 0);
    let broken = |seq, why| Ok(Verdict::Broken { seq, why });
    loop {
        let rows: Vec<Row> = audit_events::table
            .filter(audit_events::seq.gt(last))
            .filter(audit_events::seq.le(head_seq))
            .order(audit_events::seq)
            .limit(PAGE)
            .load(db)?;
        if rows.is_empty() {
            break;
        }
        for row in rows {
            if row.seq != last + 1 {
                return broken(last + 1, "the event is missing");
            }
            let (seq, zone, stored) = (row.seq, row.zone.clone(), row.hash.clone());
            if row.prev != prev {
                return broken(seq, "the event does not follow the one before it");
            }
            if link(&zone, seq, &row.event(), &prev)[..] != stored[..] {
                return broken(seq, "the event was altered");
            }
            (prev, last) = (stored, seq);
        }
    }
    if last != head_seq {
        return broken(last + 1, "the end of the log is missing");
    }
    if prev != head {
        return broken(last, "the head does not match the last event");
    }
    if let Some((seq, why)) = first_bad(db, key)? {
        return broken(seq, why);
    }
    Ok(Verdict::Whole { events: last, head })
}
