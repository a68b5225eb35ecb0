//! Takes what is over away, a few at a time: each piece is one transaction with its tombstones, its
//! records and its count, so a night that breaks off goes on where it stopped.

use diesel::prelude::*;
use domain::retention::Class;
use jiff::Timestamp;
use platform_audit::{CheckpointKey, Going, Log, Trimmed, Warrant};
use platform_store::{Db, Tx, time};

use super::content::hex;
use super::rules::{self, Rule};
use super::{DELETED, Old, STONES, due};
pub use crate::applications::over::Tell;
use crate::applications::over::{self, Stretch, ends};
use crate::audit::leaving;
use crate::identity::rosters;
use crate::record::By;
use crate::schema::{daily_tasks, doomed_files};
use crate::{batches, exports};

/// Applications in one transaction: staff write in between.
const APPLICATIONS: i64 = 50;
/// Events of a log in one transaction.
const EVENTS: usize = 2_000;
/// Batches of up to 5,000 rows, lists of up to 12,000 people.
const HEAVY: i64 = 4;
/// Generations in one transaction.
const LIGHT: i64 = 200;

/// A part of a rule that is worked off from its beginning to its end.
#[derive(Clone, Debug)]
pub struct Part {
    rule: Rule,
    class: Class,
    before: Timestamp,
    stretch: Option<Stretch>,
}

/// What came of a piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// So many went; there may be more.
    Gone(i64),
    /// Nothing of this part is left.
    Finished,
    /// The log is not as it was written and stays as it is, from this event on.
    Broken(i64),
}

/// What the rules in force would delete at this moment, in parts. Nothing goes on the day on which
/// a rule was approved.
///
/// # Errors
/// When the database cannot be read.
pub fn parts(db: &mut Db, now: Timestamp) -> QueryResult<Vec<Part>> {
    let today = domain::calendar::date_in_japan(now);
    let mut all = Vec::new();
    for rule in rules::in_state(db, &["approved"])? {
        let approved = rule.decided_at.map(time::from_micros).map(domain::calendar::date_in_japan);
        let Some((class, period)) = rule.meaning().filter(|_| approved < Some(today)) else {
            continue;
        };
        let before = period.over_before(now);
        let part = Part { rule, class, before, stretch: None };
        if class != Class::Applications {
            all.push(part);
            continue;
        }
        for (procedure, _) in due::scope(db, &part.rule.procedure_id)? {
            all.extend(ends().into_iter().map(|state| Part {
                stretch: Some(Stretch {
                    procedure: procedure.clone(),
                    state,
                    before: time::to_micros(before),
                    behind: (i64::MIN, String::new()),
                }),
                ..part.clone()
            }));
        }
    }
    Ok(all)
}

/// Whether a part has something to do; a look that writes nothing.
///
/// # Errors
/// When the database cannot be read.
pub fn has_work(db: &mut Db, part: &Part) -> QueryResult<bool> {
    let before = time::to_micros(part.before);
    Ok(match (&part.stretch, part.class) {
        (Some(stretch), _) => !over::due(db, stretch, 1)?.is_empty(),
        (None, Class::StaffLog) => platform_audit::older(db, Log::Own, part.before)?.0 > 0,
        (None, Class::CitizensLog) => platform_audit::older(db, Log::Other, part.before)?.0 > 0,
        (None, Class::Exports) => exports::over::count_over(db, before)?.0 > 0,
        (None, Class::Batches) => batches::count_over(db, before)?.0 > 0,
        (None, Class::Rosters) => rosters::count_over(db, before)?.0 > 0,
        (None, Class::Applications) => false,
    })
}

/// Takes the next few of a part away, if its rule is still in force.
///
/// # Errors
/// When the database cannot be written; nothing went then.
pub fn piece(
    tx: &mut Tx<'_>,
    by: &By,
    (key, tell): (&CheckpointKey, Tell<'_>),
    part: &mut Part,
) -> QueryResult<Piece> {
    let force = rules::find(tx.db, &part.rule.id)?.is_some_and(|rule| rule.state == "approved");
    if !force {
        return Ok(Piece::Finished);
    }
    let warrant = Warrant {
        rule: part.rule.id.clone(),
        proposer: part.rule.proposed_by.clone(),
        approver: part.rule.decided_by.clone(),
        at: by.at,
    };
    let before = time::to_micros(part.before);
    let (kind, old) = match (part.class, &mut part.stretch) {
        (Class::Applications, Some(stretch)) => {
            let rows = over::due(tx.db, stretch, APPLICATIONS)?;
            let Some(last) = rows.last() else { return Ok(Piece::Finished) };
            stretch.behind = (last.updated_at, last.id.clone());
            let old: QueryResult<Vec<Old>> =
                rows.iter().map(|row| over::as_old(tx.db, row)).collect();
            over::tell(tx, by, tell, &rows)?;
            super::remember(tx, key, &rows, by.at.as_microsecond())?;
            over::delete(tx, by, &rows)?;
            ("application", old?)
        }
        (Class::StaffLog, _) => return trim(tx, by, (key, &warrant), (Log::Own, part.before)),
        (Class::CitizensLog, _) => return trim(tx, by, (key, &warrant), (Log::Other, part.before)),
        (Class::Exports, _) => {
            let old = exports::over::over(tx.db, before, LIGHT)?;
            exports::over::delete(tx, &old)?;
            ("export", old)
        }
        (Class::Batches, _) => {
            let old = batches::over(tx.db, before, HEAVY)?;
            batches::delete(tx, &old)?;
            ("batch", old)
        }
        (Class::Rosters, _) => {
            let old = rosters::over(tx.db, before, HEAVY)?;
            rosters::delete(tx, &old)?;
            ("roster", old)
        }
        (Class::Applications, None) => return Ok(Piece::Finished),
    };
    if old.is_empty() {
        return Ok(Piece::Finished);
    }
    let going = |one: &Old| Going {
        class: part.class.key(),
        object: format!("{kind}:{}", one.id),
        label: one.label.clone(),
        ended_at: one.ended_at,
        content: one.content,
    };
    let going: Vec<Going> = old.iter().map(going).collect();
    let last = platform_audit::bury(tx, key, &warrant, &going)?;
    went(tx, by, &warrant.rule, going.len() as i64, last)
}

/// Takes the oldest events of a log away.
fn trim(
    tx: &mut Tx<'_>,
    by: &By,
    (key, warrant): (&CheckpointKey, &Warrant),
    which: (Log, Timestamp),
) -> QueryResult<Piece> {
    let (log, before) = which;
    match platform_audit::trim(tx, key, warrant, which, EVENTS)? {
        Trimmed::Nothing => Ok(Piece::Finished),
        Trimmed::Broken { seq } => {
            by.record_failed(tx, "retention.kept", "log", "", &seq.to_string());
            Ok(Piece::Broken(seq))
        }
        Trimmed::Events { from, to } => {
            if log == Log::Own {
                leaving::forget(tx, time::to_micros(before))?;
            }
            let own = platform_audit::older(tx.db, Log::Own, before)?.0;
            if own == 0 && platform_audit::older(tx.db, Log::Other, before)?.0 == 0 {
                super::forget(tx, time::to_micros(before))?;
            }
            let last = platform_audit::newest_tombstone(tx.db)?;
            went(tx, by, &warrant.rule, to - from + 1, last)
        }
    }
}

/// The operation log knows number and hash of the newest tombstone, so none can be cut off unseen.
fn went(
    tx: &mut Tx<'_>,
    by: &By,
    rule: &str,
    count: i64,
    (seq, hash): (i64, Vec<u8>),
) -> QueryResult<Piece> {
    let day = domain::calendar::date_in_japan(by.at).to_string();
    rules::count(tx, rule, &day, count)?;
    let detail = format!("rule={rule} count={count} tombstone={seq} hash={}", hex(&hash));
    by.record(tx, DELETED, STONES, "", &detail);
    Ok(Piece::Gone(count))
}

/// Files whose rows are gone, at most `limit`.
///
/// # Errors
/// When the database cannot be read.
pub fn doomed(db: &mut Db, limit: i64) -> QueryResult<Vec<String>> {
    doomed_files::table.order(doomed_files::id).limit(limit).select(doomed_files::id).load(db)
}

/// Forgets files that are gone from the disk.
///
/// # Errors
/// When the database cannot be written.
pub fn buried(tx: &mut Tx<'_>, ids: &[String]) -> QueryResult<()> {
    diesel::delete(doomed_files::table.filter(doomed_files::id.eq_any(ids)))
        .execute(tx.db)
        .map(drop)
}

/// Notes that the night's work of a day is done.
///
/// # Errors
/// When the database cannot be written.
pub fn done(tx: &mut Tx<'_>, day: &str) -> QueryResult<()> {
    diesel::update(daily_tasks::table.find(super::TASK).filter(daily_tasks::day.lt(day)))
        .set(daily_tasks::day.eq(day))
        .execute(tx.db)
        .map(drop)
}
