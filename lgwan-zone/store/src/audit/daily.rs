//! What the daily report to auditors counts (IK-3.5.1a).

use diesel::QueryResult;
use jiff::Timestamp;
use platform_audit::{Anchor, Log, Tally, newest, tally};
use platform_store::Db;

use crate::alerts::{self, Alert};

/// Name of the daily task, and kind of its letters.
pub const TASK: &str = "audit_report";

/// One or several days in both logs.
#[derive(Clone, Debug, Default)]
pub struct Days {
    /// In this zone's log.
    pub staff: Vec<Tally>,
    /// In the citizens' zone's log, as far as it has told.
    pub citizens: Vec<Tally>,
    /// How much was noticed and has not been answered.
    pub unanswered: i64,
    /// The oldest of it.
    pub open: Vec<Alert>,
    /// The newest signed checkpoint of this zone's log.
    pub newest: Option<Anchor>,
}

/// Counts both logs from `from` (included) to `until` (excluded).
///
/// # Errors
/// When the database cannot be read.
pub fn days(db: &mut Db, from: Timestamp, until: Timestamp) -> QueryResult<Days> {
    Ok(Days {
        staff: tally(db, Log::Own, from, until)?,
        citizens: tally(db, Log::Other, from, until)?,
        unanswered: alerts::unanswered(db)?,
        open: alerts::open(db)?,
        newest: newest(db)?,
    })
}
