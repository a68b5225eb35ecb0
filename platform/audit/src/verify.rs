//! Walks a log and names the first event that is not as it was written.

use std::sync::mpsc::{Receiver, sync_channel};

use diesel::prelude::*;
use jiff::SignedDuration;
use platform_store::Db;

use crate::chain::Row;
use crate::checkpoint::{CheckpointKey, first_bad, first_bad_anchor};
use crate::event::HASH;
use crate::schema::{audit_events, audit_head, audit_mirror};
use crate::search::Log;
use crate::told::Anchor;

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

/// Up to where a walk came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reached {
    /// Number of the last event.
    pub seq: i64,
    /// Its hash.
    pub hash: Vec<u8>,
}

impl Default for Reached {
    fn default() -> Self {
        Self { seq: 0, hash: vec![0; HASH] }
    }
}

/// Longest time that told events may overtake one that is on its way.
const ON_ITS_WAY: SignedDuration = SignedDuration::from_hours(1);

const MISSING: &str = "the event is missing";

/// Rows read at once; two such pages are in memory at most besides the one being hashed.
const PAGE: i64 = 5_000;

/// Events that one step walks. A job sees one state of the database, and as long as it lasts SQLite keeps
/// every change that was made meanwhile: a long log is walked in many jobs.
const STRETCH: i64 = 20_000;

/// What a step found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Everything is as it was written up to here, and there may be more.
    On(Reached),
    /// The walk is over.
    End(Verdict),
}

/// Walks a stretch of a log from where an earlier step came to: [`step_log`], or
/// [`step_standing`](crate::step_standing) in a zone that takes the oldest events away.
pub type Walk = fn(&mut Db, Option<&CheckpointKey>, Log, Reached) -> QueryResult<Step>;

/// Walks the whole log in one job with constant memory. With a key, the signed
/// checkpoints are checked too, which finds a log that was rewritten whole.
///
/// # Errors
/// When the database cannot be read.
pub fn verify(db: &mut Db, key: Option<&CheckpointKey>) -> QueryResult<Verdict> {
    in_one_job(db, key, Log::Own, Reached::default())
}

/// Walks the other zone's log as far as it was told without a hole: what is missing behind that
/// may still be on its way. A hole that stays while later events go on for an hour is none
/// of these: something was taken out.
///
/// # Errors
/// When the database cannot be read.
pub fn verify_mirror(db: &mut Db, from: Reached) -> QueryResult<Verdict> {
    in_one_job(db, None, Log::Other, from)
}

fn in_one_job(
    db: &mut Db,
    key: Option<&CheckpointKey>,
    log: Log,
    mut from: Reached,
) -> QueryResult<Verdict> {
    loop {
        match step_log(db, key, log, from)? {
            Step::On(reached) => from = reached,
            Step::End(verdict) => return Ok(verdict),
        }
    }
}

/// Walks a stretch of what was written to either log since an earlier step came to `from`.
///
/// # Errors
/// When the database cannot be read.
pub fn step_log(
    db: &mut Db,
    key: Option<&CheckpointKey>,
    log: Log,
    from: Reached,
) -> QueryResult<Step> {
    match log {
        Log::Own => step_own(db, key, from),
        Log::Other => step_other(db, from),
    }
}

fn step_own(db: &mut Db, key: Option<&CheckpointKey>, from: Reached) -> QueryResult<Step> {
    let (head_seq, head): (i64, Vec<u8>) =
        audit_head::table.find(1).select((audit_head::seq, audit_head::hash)).first(db)?;
    let (begun, until) = (from.seq, head_seq.min(from.seq.saturating_add(STRETCH)));
    let reached = match walk(db, Log::Own, from, until)? {
        Ok(reached) => reached,
        Err(broken) => return Ok(Step::End(broken)),
    };
    let more = until < head_seq;
    if reached.seq != until {
        let why = if more { MISSING } else { "the end of the log is missing" };
        return broken(reached.seq + 1, why);
    }
    if !more && reached.hash != head {
        return broken(reached.seq, "the head does not match the last event");
    }
    let checked = if more { until } else { i64::MAX };
    if let Some((seq, why)) = first_bad(db, key, (begun, checked))? {
        return broken(seq, why);
    }
    if more {
        return Ok(Step::On(reached));
    }
    Ok(Step::End(Verdict::Whole { events: reached.seq, head }))
}

fn step_other(db: &mut Db, from: Reached) -> QueryResult<Step> {
    let until = from.seq.saturating_add(STRETCH);
    let reached = match walk(db, Log::Other, from, until)? {
        Ok(reached) => reached,
        Err(broken) => return Ok(Step::End(broken)),
    };
    if reached.seq == until {
        return Ok(Step::On(reached));
    }
    if stays_open(db, &reached)? {
        return broken(reached.seq + 1, "the event is missing, and later ones were told");
    }
    Ok(Step::End(Verdict::Whole { events: reached.seq, head: reached.hash }))
}

/// Whether events stand behind the end of a walk, and how long they have been going on.
fn stays_open(db: &mut Db, end: &Reached) -> QueryResult<bool> {
    use audit_mirror as m;
    let behind = || m::table.filter(m::seq.gt(end.seq)).select(m::at);
    let first: Option<i64> = behind().order(m::seq).first(db).optional()?;
    let last: Option<i64> = behind().order(m::seq.desc()).first(db).optional()?;
    let open = first.zip(last).map_or(0, |(first, last)| last - first);
    Ok(i128::from(open) >= ON_ITS_WAY.as_micros())
}

/// Checks that the log has what its checkpoints said when they were anchored in the other zone.
/// This finds a log that was rewritten whole, checkpoints and all, by somebody with the key. The
/// log begins behind `floor`.
///
/// # Errors
/// When the database cannot be read.
pub fn verify_anchors(
    db: &mut Db,
    key: Option<&CheckpointKey>,
    anchors: &[Anchor],
    floor: &Reached,
) -> QueryResult<Option<Verdict>> {
    let bad = first_bad_anchor(db, key, anchors, floor)?;
    Ok(bad.map(|(seq, why)| Verdict::Broken { seq, why }))
}

#[expect(clippy::unnecessary_wraps, reason = "it ends a walk")]
fn broken(seq: i64, why: &'static str) -> QueryResult<Step> {
    Ok(Step::End(Verdict::Broken { seq, why }))
}

/// Reads pages here, while another thread hashes them.
fn walk(db: &mut Db, log: Log, from: Reached, until: i64) -> QueryResult<Result<Reached, Verdict>> {
    let mut last = from.seq;
    std::thread::scope(|threads| {
        let (pages, ready) = sync_channel::<Vec<Row>>(1);
        let hashing = threads.spawn(move || hash_all(ready, from, log));
        loop {
            let rows = page(db, log, last, until)?;
            let Some(newest) = rows.last().map(|row| row.seq) else { break };
            let full = i64::try_from(rows.len()).is_ok_and(|rows| rows == PAGE);
            // Twins of one number must not be cut apart.
            last = if full && log == Log::Other { newest - 1 } else { newest };
            // A walk that ended early has its answer already.
            if pages.send(rows).is_err() || !full {
                break;
            }
        }
        drop(pages);
        let lost = || diesel::result::Error::RollbackTransaction;
        hashing.join().map_err(|_| lost())
    })
}

pub(crate) fn page(db: &mut Db, log: Log, last: i64, until: i64) -> QueryResult<Vec<Row>> {
    use {audit_events as e, audit_mirror as m};
    match log {
        Log::Own => e::table
            .filter(e::seq.gt(last).and(e::seq.le(until)))
            .order(e::seq)
            .limit(PAGE)
            .load(db),
        Log::Other => m::table
            .filter(m::seq.gt(last).and(m::seq.le(until)))
            .order((m::seq, m::hash))
            .limit(PAGE)
            .load(db),
    }
}

fn hash_all(pages: Receiver<Vec<Row>>, from: Reached, log: Log) -> Result<Reached, Verdict> {
    follow(pages.into_iter().flatten(), from, log)
}

/// Follows the chain through rows in order.
pub(crate) fn follow(
    rows: impl IntoIterator<Item = Row>,
    from: Reached,
    log: Log,
) -> Result<Reached, Verdict> {
    let Reached { seq: mut last, hash: mut prev } = from;
    let broken = |seq, why| Err(Verdict::Broken { seq, why });
    for row in rows {
        match (row.seq - last, log) {
            (1, Log::Own | Log::Other) => {}
            (0, Log::Other) if row.hash == prev => continue,
            (0, Log::Other) => return broken(row.seq, "another event had this number before"),
            (_, Log::Other) => return Ok(Reached { seq: last, hash: prev }),
            (_, Log::Own) => return broken(last + 1, MISSING),
        }
        if row.prev != prev {
            return broken(row.seq, "the event does not follow the one before it");
        }
        if row.link(&prev)[..] != row.hash[..] {
            return broken(row.seq, "the event was altered");
        }
        (prev, last) = (row.hash, row.seq);
    }
    Ok(Reached { seq: last, hash: prev })
}
