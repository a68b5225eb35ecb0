//! What a rule would delete now, and what keeps it from going.

use diesel::prelude::*;
use domain::procedures::TRIALS;
use domain::retention::Class;
use jiff::Timestamp;
use platform_audit::{Log, floor, older};
use platform_store::{Db, time};

use super::Old;
use crate::applications::over::{self, Stretch, ends};
use crate::identity::rosters;
use crate::schema::{procedures, retention_rules as rules};
use crate::{batches, exports};

/// Lines of a preview at most.
const LINES: usize = 200;

/// What a rule would delete.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preview {
    /// How many are over, those that are kept included.
    pub count: i64,
    /// End of the one that is over longest, microseconds.
    pub oldest: Option<i64>,
    /// End of the one that is over shortest.
    pub newest: Option<i64>,
    /// How many of them somebody holds (保存延長).
    pub held: i64,
    /// How many a business system has not taken yet.
    pub waiting: i64,
    /// Of which procedures: title and number of applications.
    pub piles: Vec<(String, i64)>,
    /// Numbers of the first and last event, of a log.
    pub events: Option<(i64, i64)>,
    /// The first of those that would go, the longest over first.
    pub lines: Vec<Line>,
    /// Whether there are more of them.
    pub more: bool,
}

/// One that would go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Number or name.
    pub label: String,
    /// Title of the procedure; empty for what is no application.
    pub procedure: String,
    /// Microseconds.
    pub ended_at: i64,
}

/// Procedures a rule is for: one, or all that never had a rule of their own. Trials end by themselves.
///
/// # Errors
/// When the database cannot be read.
pub(super) fn scope(db: &mut Db, procedure: &str) -> QueryResult<Vec<(String, String)>> {
    let titles = procedures::table
        .filter(procedures::id.not_like(TRIALS))
        .select((procedures::id, procedures::title));
    if !procedure.is_empty() {
        return titles.filter(procedures::id.eq(procedure)).load(db);
    }
    let own = rules::table
        .filter(rules::class.eq(Class::Applications.key()))
        .filter(rules::state.eq_any(["approved", "stopped"]))
        .select(rules::procedure_id);
    titles.filter(procedures::id.ne_all(own)).order(procedures::id).load(db)
}

/// What a period for a class, or for one procedure of it, would delete.
///
/// # Errors
/// When the database cannot be read.
pub fn preview(
    db: &mut Db,
    class: Class,
    procedure: &str,
    before: Timestamp,
) -> QueryResult<Preview> {
    let micros = time::to_micros(before);
    let most = i64::try_from(LINES + 1).unwrap_or(i64::MAX);
    match class {
        Class::Applications => applications(db, procedure, micros),
        Class::StaffLog => log(db, Log::Own, before),
        Class::CitizensLog => log(db, Log::Other, before),
        Class::Exports => {
            let lines = exports::over::over(db, micros, most)?;
            Ok(rows(exports::over::count_over(db, micros)?, lines))
        }
        Class::Batches => Ok(rows(batches::count_over(db, micros)?, Vec::new())),
        Class::Rosters => Ok(rows(rosters::count_over(db, micros)?, Vec::new())),
    }
}

fn rows((count, oldest, newest): (i64, Option<i64>, Option<i64>), old: Vec<Old>) -> Preview {
    let more = old.len() > LINES;
    let line =
        |one: Old| Line { label: one.label, procedure: String::new(), ended_at: one.ended_at };
    let lines = old.into_iter().take(LINES).map(line).collect();
    Preview { count, oldest, newest, lines, more, ..Preview::default() }
}

fn log(db: &mut Db, log: Log, before: Timestamp) -> QueryResult<Preview> {
    let (count, ends) = older(db, log, before)?;
    if count == 0 {
        return Ok(Preview::default());
    }
    let first = floor(db, log)?.seq + 1;
    Ok(Preview {
        count,
        oldest: ends.map(|(oldest, _)| oldest),
        newest: ends.map(|(_, newest)| newest),
        events: Some((first, first + count - 1)),
        ..Preview::default()
    })
}

fn applications(db: &mut Db, procedure: &str, before: i64) -> QueryResult<Preview> {
    let mut all = Preview::default();
    let most = i64::try_from(LINES + 1).unwrap_or(i64::MAX);
    for (id, title) in scope(db, procedure)? {
        let (count, oldest, newest) = over::count(db, &id, before)?;
        if count == 0 {
            continue;
        }
        let (held, waiting) = over::kept(db, &id, before)?;
        all.count += count;
        all.held += held;
        all.waiting += waiting;
        all.oldest = [all.oldest, oldest].into_iter().flatten().min();
        all.newest = all.newest.max(newest);
        for state in ends() {
            let (procedure, behind) = (id.clone(), (i64::MIN, String::new()));
            let stretch = Stretch { procedure, state, before, behind };
            let line = |row: crate::applications::rows::Application| Line {
                label: row.number,
                procedure: title.clone(),
                ended_at: row.updated_at,
            };
            all.lines.extend(over::due(db, &stretch, most)?.into_iter().map(line));
        }
        all.lines.sort_by(|a, b| (a.ended_at, &a.label).cmp(&(b.ended_at, &b.label)));
        all.more |= all.lines.len() > LINES;
        all.lines.truncate(LINES);
        all.piles.push((title, count));
    }
    Ok(all)
}
