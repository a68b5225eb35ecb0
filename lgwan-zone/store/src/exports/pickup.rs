//! What becomes of a generation behind server A: stored at server B, taken in,
//! or not, as a whole or record by record (IK-3.5.7b).

use std::collections::HashMap;

use diesel::prelude::*;
use platform_store::{Db, Tx};

use super::{Generation, members};
use crate::record::By;
use crate::schema::{applications, export_generations, export_record_errors as errors};

/// What a receipt says of a generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// Complete and durable at server B.
    Stored,
    /// The business system took it in (取込済).
    Taken,
    /// The business system did not take it in (取込エラー).
    Failed,
    /// Server B could not show it to the business system (配信エラー).
    Undelivered,
}

/// A receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pickup {
    /// What became of the generation.
    pub said: Said,
    /// Words with it, for staff.
    pub words: String,
    /// Records taken in, when it says.
    pub rows: Option<i64>,
    /// Receipt number and reason of every record that was not taken in.
    pub records: Vec<(String, String)>,
}

/// A record the business system did not take in.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct RecordError {
    /// Which application.
    pub application: String,
    /// Its receipt number.
    pub number: String,
    /// Why.
    pub why: String,
}

/// Notes a receipt; one that says nothing new changes nothing. `true` when it did.
///
/// # Errors
/// When the database cannot be written.
pub fn receipt(tx: &mut Tx<'_>, by: &By, of: (&str, i32), pickup: &Pickup) -> QueryResult<bool> {
    let open = export_generations::table.find(of).filter(export_generations::state.eq("waiting"));
    let at = by.at.as_microsecond();
    let (state, refused_by) = match pickup.said {
        Said::Stored => {
            let unstored = open.filter(export_generations::stored_at.is_null());
            let noted = diesel::update(unstored)
                .set(export_generations::stored_at.eq(at))
                .execute(tx.db)?;
            return Ok(noted == 1);
        }
        Said::Taken => ("taken", None),
        Said::Failed => ("refused", Some("business")),
        Said::Undelivered => ("refused", Some("server_b")),
    };
    let noted = diesel::update(open)
        .set((
            export_generations::state.eq(state),
            export_generations::refused_by.eq(refused_by),
            export_generations::rows_taken.eq(pickup.rows),
            export_generations::receipt_at.eq(at),
            export_generations::receipt.eq(&pickup.words),
        ))
        .execute(tx.db)?;
    if noted == 0 {
        return Ok(false);
    }
    let failed = note_records(tx, of, at, &pickup.records)?;
    let who = refused_by.unwrap_or("business");
    let detail = format!("generation {} {state} by {who}, {failed} records not taken in", of.1);
    by.record(tx, "exports.receipt", "export", of.0, &detail);
    Ok(true)
}

/// Notes the records that are of this generation; others are no business of it.
fn note_records(
    tx: &mut Tx<'_>,
    of: (&str, i32),
    at: i64,
    records: &[(String, String)],
) -> QueryResult<usize> {
    if records.is_empty() {
        return Ok(0);
    }
    let known: HashMap<String, String> =
        members(tx.db, of.0, of.1)?.into_iter().map(|one| (one.number, one.id)).collect();
    let mut noted = 0;
    for (number, why) in records {
        let Some(application) = known.get(number) else { continue };
        noted += diesel::insert_into(errors::table)
            .values((
                errors::job.eq(of.0),
                errors::generation.eq(of.1),
                errors::application_id.eq(application),
                errors::why.eq(why),
                errors::noted_at.eq(at),
            ))
            .execute(tx.db)?;
    }
    Ok(noted)
}

/// Records of a generation that were not taken in, by number: of these departments, or of all.
///
/// # Errors
/// When the database cannot be read.
pub fn record_errors(
    db: &mut Db,
    (job, generation): (&str, i32),
    departments: Option<&[String]>,
    limit: i64,
) -> QueryResult<Vec<RecordError>> {
    let mut query = errors::table
        .inner_join(applications::table.on(applications::id.eq(errors::application_id)))
        .filter(errors::job.eq(job.to_owned()).and(errors::generation.eq(generation)))
        .order(applications::number)
        .limit(limit)
        .select((errors::application_id, applications::number, errors::why))
        .into_boxed();
    if let Some(departments) = departments {
        query = query.filter(applications::department_id.eq_any(departments.to_vec()));
    }
    query.load(db)
}

/// How many records of a generation that lie with none of these departments were not taken in.
///
/// # Errors
/// When the database cannot be read.
pub fn errors_elsewhere(
    db: &mut Db,
    (job, generation): (&str, i32),
    departments: &[String],
) -> QueryResult<i64> {
    errors::table
        .inner_join(applications::table.on(applications::id.eq(errors::application_id)))
        .filter(errors::job.eq(job).and(errors::generation.eq(generation)))
        .filter(applications::department_id.ne_all(departments))
        .count()
        .get_result(db)
}

/// Whether nobody picked a generation up in the hours its job allows.
#[must_use]
pub fn overdue(one: &Generation, hours: Option<u32>, now: i64) -> bool {
    let hour = 3_600_000_000;
    let late = |at: i64, hours: u32| now.saturating_sub(at) > i64::from(hours) * hour;
    one.state == "waiting" && one.finished_at.zip(hours).is_some_and(|(at, hours)| late(at, hours))
}
