//! What was deleted on purpose: a signed, chained row for each thing that went, so that nothing goes
//! unseen, and the log stays verifiable when its oldest events are gone (IK-3.5.1a, NF-43).

use diesel::prelude::*;
use jiff::Timestamp;
use platform_store::{Db, Tx, each_backend, time};
use ring::digest::{Context, SHA256};

use crate::checkpoint::{CheckpointKey, is_signed};
use crate::event::{HASH, text};
use crate::schema::{audit_checkpoints, audit_events, audit_mirror, audit_tombstones};
use crate::search::Log;
use crate::verify::{Reached, Step, Verdict, follow, page, step_log};

/// A row that tells of something that went.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = audit_tombstones)]
pub struct Tombstone {
    /// From 1, without a hole.
    pub seq: i64,
    /// When it went, microseconds.
    pub at: i64,
    /// What kind of thing it was.
    pub class: String,
    /// Which one, `kind:ID`.
    pub object: String,
    /// Its number or name, by which people know it; nothing of a person.
    pub label: String,
    /// From when on it was over, microseconds.
    pub ended_at: i64,
    /// Number of the first event that went; 0 when it was no event.
    pub from_event: i64,
    /// Number of the last event that went; 0 when it was no event.
    pub to_event: i64,
    /// The rule by which it went.
    pub rule: String,
    /// Who proposed the rule.
    pub proposer: String,
    /// Who approved it, somebody else.
    pub approver: String,
    /// Hash of what it was; of a log the hash of the last event that went.
    pub content: Vec<u8>,
    /// Hash of the tombstone before it; 32 zero bytes at the first.
    pub prev: Vec<u8>,
    /// Hash of this one.
    pub hash: Vec<u8>,
    /// Ed25519 over the hash, with the key of the checkpoints.
    pub signature: Vec<u8>,
}

/// By which rule something goes, and when.
#[derive(Clone, Debug)]
pub struct Warrant {
    /// The rule.
    pub rule: String,
    /// Who proposed it.
    pub proposer: String,
    /// Who approved it.
    pub approver: String,
    /// When it goes.
    pub at: Timestamp,
}

/// Something that goes.
#[derive(Clone, Debug)]
pub struct Going {
    /// What kind of thing.
    pub class: &'static str,
    /// Which one, `kind:ID`.
    pub object: String,
    /// Its number or name; nothing of a person.
    pub label: String,
    /// From when on it was over, microseconds.
    pub ended_at: i64,
    /// Hash of what it was.
    pub content: [u8; HASH],
}

/// What came of trimming a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trimmed {
    /// Nothing is old enough.
    Nothing,
    /// These events went.
    Events {
        /// The first.
        from: i64,
        /// The last.
        to: i64,
    },
    /// This event is not as it was written: a log that was tampered with is kept.
    Broken {
        /// Its number.
        seq: i64,
    },
}

/// The class of the tombstones of a log; the triggers of the tables know these words.
const fn class_of(log: Log) -> &'static str {
    match log {
        Log::Own => "staff_log",
        Log::Other => "citizens_log",
    }
}

/// SHA-256 over: tag, numbers and times big-endian, texts behind their length (u32), both hashes.
fn link(stone: &Tombstone) -> [u8; HASH] {
    let mut hash = Context::new(&SHA256);
    hash.update(b"madoguchi.audit.tombstone.v1");
    for number in [stone.seq, stone.at, stone.ended_at, stone.from_event, stone.to_event] {
        hash.update(&number.to_be_bytes());
    }
    let texts = [&stone.class, &stone.object, &stone.label, &stone.rule, &stone.proposer];
    for part in texts.into_iter().chain([&stone.approver]) {
        text(&mut hash, part);
    }
    hash.update(&stone.content);
    hash.update(&stone.prev);
    let mut bytes = [0; HASH];
    bytes.copy_from_slice(hash.finish().as_ref());
    bytes
}

fn words(hash: &[u8]) -> Vec<u8> {
    [b"madoguchi.audit.tombstone.v1", hash].concat()
}

/// Writes a tombstone for each thing that goes, in the transaction in which it goes. Gives the
/// number and hash of the last.
///
/// # Errors
/// When the database cannot be written.
pub fn bury(
    tx: &mut Tx<'_>,
    key: &CheckpointKey,
    warrant: &Warrant,
    going: &[Going],
) -> QueryResult<(i64, Vec<u8>)> {
    let mut last = newest_tombstone(tx.db)?;
    for one in going {
        let Going { class, object, label, ended_at, content } = one.clone();
        let range = (0, 0);
        let thing = (class, object, label, ended_at, content.to_vec());
        last = lay(tx, key, warrant, last, thing, range)?;
    }
    Ok(last)
}

/// Number and hash of the newest tombstone; 0 and zero bytes when there is none.
///
/// # Errors
/// When the database cannot be read.
pub fn newest_tombstone(db: &mut Db) -> QueryResult<(i64, Vec<u8>)> {
    use audit_tombstones as t;
    let last = t::table.order(t::seq.desc()).select((t::seq, t::hash)).first(db).optional()?;
    Ok(last.unwrap_or_else(|| (0, vec![0; HASH])))
}

type Thing = (&'static str, String, String, i64, Vec<u8>);

fn lay(
    tx: &mut Tx<'_>,
    key: &CheckpointKey,
    warrant: &Warrant,
    (seq, prev): (i64, Vec<u8>),
    (class, object, label, ended_at, content): Thing,
    (from_event, to_event): (i64, i64),
) -> QueryResult<(i64, Vec<u8>)> {
    use audit_tombstones as t;
    let mut stone = Tombstone {
        seq: seq + 1,
        at: time::to_micros(warrant.at),
        class: class.to_owned(),
        object,
        label,
        ended_at,
        from_event,
        to_event,
        rule: warrant.rule.clone(),
        proposer: warrant.proposer.clone(),
        approver: warrant.approver.clone(),
        content,
        prev,
        hash: Vec::new(),
        signature: Vec::new(),
    };
    stone.hash = link(&stone).to_vec();
    stone.signature = key.sign(&words(&stone.hash));
    each_backend!(tx.db, conn => {
        diesel::insert_into(t::table)
            .values((
                (t::seq.eq(stone.seq), t::at.eq(stone.at), t::class.eq(&stone.class)),
                (t::object.eq(&stone.object), t::label.eq(&stone.label)),
                (t::ended_at.eq(stone.ended_at), t::from_event.eq(from_event)),
                (t::to_event.eq(to_event), t::rule.eq(&stone.rule)),
                (t::proposer.eq(&stone.proposer), t::approver.eq(&stone.approver)),
                (t::content.eq(&stone.content), t::prev.eq(&stone.prev)),
                (t::hash.eq(&stone.hash), t::signature.eq(&stone.signature)),
            ))
            .execute(conn)?
    });
    Ok((stone.seq, stone.hash))
}

/// Takes the oldest events of a log away, `most` at most, those that were written before `before`.
/// They are verified first, and the tombstone holds the hash of the last of them, behind which the
/// log goes on.
///
/// # Errors
/// When the database cannot be written.
pub fn trim(
    tx: &mut Tx<'_>,
    key: &CheckpointKey,
    warrant: &Warrant,
    (log, before): (Log, Timestamp),
    most: usize,
) -> QueryResult<Trimmed> {
    let before = time::to_micros(before);
    let from = floor(tx.db, log)?;
    let first = from.seq + 1;
    let mut rows = page(tx.db, log, from.seq, i64::MAX)?;
    rows.truncate(most);
    let old = rows.iter().take_while(|row| row.at < before).count();
    // Twins of one number go together or stay together.
    let twins = |at: usize| at > 0 && rows.get(at).is_some_and(|row| row.seq == rows[at - 1].seq);
    let old = (0..=old).rev().find(|at| !twins(*at)).unwrap_or(0);
    rows.truncate(old);
    let reached = match follow(rows, from, log) {
        Ok(reached) => reached,
        Err(Verdict::Broken { seq, .. }) => return Ok(Trimmed::Broken { seq }),
        Err(Verdict::Whole { .. }) => return Ok(Trimmed::Nothing),
    };
    if reached.seq < first {
        return Ok(Trimmed::Nothing);
    }
    let (to, at) = (reached.seq, at_of(tx.db, log, reached.seq)?);
    let (label, object) = (format!("{first}-{to}"), "log".to_owned());
    let thing = (class_of(log), object, label, at, reached.hash);
    let last = newest_tombstone(tx.db)?;
    lay(tx, key, warrant, last, thing, (first, to))?;
    match log {
        Log::Own => {
            let old = audit_checkpoints::table.filter(audit_checkpoints::seq.le(to));
            diesel::delete(old).execute(tx.db)?;
            diesel::delete(audit_events::table.filter(audit_events::seq.le(to))).execute(tx.db)?;
        }
        Log::Other => {
            diesel::delete(audit_mirror::table.filter(audit_mirror::seq.le(to))).execute(tx.db)?;
        }
    }
    Ok(Trimmed::Events { from: first, to })
}

fn at_of(db: &mut Db, log: Log, seq: i64) -> QueryResult<i64> {
    use {audit_events as e, audit_mirror as m};
    match log {
        Log::Own => e::table.find(seq).select(e::at).first(db),
        Log::Other => m::table.filter(m::seq.eq(seq)).select(m::at).first(db),
    }
}

/// Where a log begins: behind the last event that was taken away.
///
/// # Errors
/// When the database cannot be read.
pub fn floor(db: &mut Db, log: Log) -> QueryResult<Reached> {
    use audit_tombstones as t;
    let last: Option<(i64, Vec<u8>)> = t::table
        .filter(t::class.eq(class_of(log)))
        .order(t::to_event.desc())
        .select((t::to_event, t::content))
        .first(db)
        .optional()?;
    Ok(last.map_or_else(Reached::default, |(seq, hash)| Reached { seq, hash }))
}

/// Walks a stretch of a log from which the oldest events are taken away, since an earlier step came to `from`:
/// what was taken away since then is not missing.
///
/// # Errors
/// When the database cannot be read.
pub fn step_standing(
    db: &mut Db,
    key: Option<&CheckpointKey>,
    log: Log,
    from: Reached,
) -> QueryResult<Step> {
    let floor = floor(db, log)?;
    step_log(db, key, log, if floor.seq > from.seq { floor } else { from })
}

/// What of a log is older than `before`: how many events, and the times of the first and last.
///
/// # Errors
/// When the database cannot be read.
pub fn older(db: &mut Db, log: Log, before: Timestamp) -> QueryResult<(i64, Option<(i64, i64)>)> {
    use {audit_events as e, audit_mirror as m};
    let before = time::to_micros(before);
    let from = floor(db, log)?.seq;
    // Numbers grow with time, so two looks at an index tell as much as a count.
    let (first, last): (Option<i64>, Option<(i64, i64)>) = match log {
        Log::Own => (
            e::table.order(e::seq).select(e::at).first(db).optional()?,
            e::table
                .filter(e::at.lt(before))
                .order((e::at.desc(), e::seq.desc()))
                .select((e::seq, e::at))
                .first(db)
                .optional()?,
        ),
        Log::Other => (
            m::table.order(m::seq).select(m::at).first(db).optional()?,
            m::table
                .filter(m::at.lt(before))
                .order((m::at.desc(), m::seq.desc()))
                .select((m::seq, m::at))
                .first(db)
                .optional()?,
        ),
    };
    Ok(match (first, last) {
        (Some(first), Some((seq, at))) => ((seq - from).max(0), Some((first, at))),
        _ => (0, None),
    })
}

/// Tombstones read at once.
const PAGE: i64 = 5_000;

/// Walks a page of the tombstones behind those an earlier step came to: numbers, chain, signatures, that the
/// ranges of each log follow each other, and in the end that no event stands that a tombstone says went. `told`
/// is a number and hash that the log says there was, so that tombstones that were cut off at the end are missed.
///
/// # Errors
/// When the database cannot be read.
pub fn step_tombstones(
    db: &mut Db,
    key: Option<&CheckpointKey>,
    told: Option<&(i64, Vec<u8>)>,
    from: Reached,
) -> QueryResult<Step> {
    use audit_tombstones as t;
    let broken = |seq, why| Ok(Step::End(Verdict::Broken { seq, why }));
    let Reached { seq: mut last, hash: mut prev } = from;
    let mut reached = [Log::Own, Log::Other].map(|log| (log, 0));
    for (log, to) in &mut reached {
        *to = gone_until(db, *log, last)?;
    }
    let stones: Vec<Tombstone> = t::table
        .filter(t::seq.gt(last))
        .order(t::seq)
        .limit(PAGE)
        .select(Tombstone::as_select())
        .load(db)?;
    if stones.is_empty() {
        if told.is_some_and(|(seq, _)| *seq > last) {
            return broken(last + 1, "the end of the tombstones is missing");
        }
        for (log, to) in reached {
            if let Some(row) = page(db, log, 0, to)?.first() {
                return broken(row.seq, "an event that went stands again");
            }
        }
        return Ok(Step::End(Verdict::Whole { events: last, head: prev }));
    }
    for stone in stones {
        if stone.seq != last + 1 {
            return broken(last + 1, "the tombstone is missing");
        }
        if stone.prev != prev || link(&stone)[..] != stone.hash[..] {
            return broken(stone.seq, "the tombstone was altered");
        }
        if !is_signed(key, &words(&stone.hash), &stone.signature) {
            return broken(stone.seq, "the tombstone's signature is false");
        }
        if told.is_some_and(|(seq, hash)| *seq == stone.seq && *hash != stone.hash) {
            return broken(stone.seq, "the log tells of another tombstone");
        }
        for (log, to) in &mut reached {
            if stone.class == class_of(*log) {
                if stone.from_event != *to + 1 || stone.to_event < stone.from_event {
                    return broken(stone.seq, "the events do not follow the ones before");
                }
                *to = stone.to_event;
            }
        }
        (last, prev) = (stone.seq, stone.hash);
    }
    Ok(Step::On(Reached { seq: last, hash: prev }))
}

/// The last event of a log that went with the tombstones up to this one; 0 when none did.
fn gone_until(db: &mut Db, log: Log, stone: i64) -> QueryResult<i64> {
    use audit_tombstones as t;
    let last: Option<i64> = t::table
        .filter(t::class.eq(class_of(log)).and(t::seq.le(stone)))
        .order(t::to_event.desc())
        .select(t::to_event)
        .first(db)
        .optional()?;
    Ok(last.unwrap_or(0))
}

/// Which tombstones.
#[derive(Clone, Debug, Default)]
pub struct Graves {
    /// With this label, whole.
    pub label: Option<String>,
    /// Only those before this number: the last one of the page before.
    pub before: Option<i64>,
}

/// Tombstones, newest first, `limit` at most.
///
/// # Errors
/// When the database cannot be read.
pub fn tombstones(db: &mut Db, which: &Graves, limit: i64) -> QueryResult<Vec<Tombstone>> {
    use audit_tombstones as t;
    let mut query =
        t::table.order(t::seq.desc()).limit(limit).select(Tombstone::as_select()).into_boxed();
    if let Some(label) = &which.label {
        query = query.filter(t::label.eq(label));
    }
    if let Some(before) = which.before {
        query = query.filter(t::seq.lt(before));
    }
    query.load(db)
}
