//! What becomes of a generation behind server A: stored at server B, taken in,
//! or not, as a whole or record by record (IK-3.5.7b).

use std::collections::HashMap;

use diesel::dsl::{exists, not};
use diesel::prelude::*;
use platform_store::{Db, Tx};

use super::{Generation, generation_of, members};
use crate::record::By;
use crate::schema::{applications, export_generations, export_record_errors as errors};

/// Of a refused generation: server B could not show it to the business system.
pub const BY_SERVER_B: &str = "server_b";
/// Of a refused generation: the business system took it in, and said later that it failed.
pub const AFTER_TAKEN: &str = "after_taken";
/// Days for which such a generation is told when nobody puts it out again: the business system may have mended
/// it by itself.
const TOLD_DAYS: i64 = 7;
/// Generations that are told one by one.
const TOLD: i64 = 20;
/// Generations whose receipt is read again and again.
const LOOKED_AT: i64 = 500;

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

/// Notes a receipt; one that says nothing new changes nothing. `true` when it did. That it failed counts also
/// after it was taken in. What server B could not show counts as shown once it says so, unless it was put out
/// again: after a start at A or B it may look at a bundle twice. What was said before stays beside it.
///
/// # Errors
/// When the database cannot be written.
pub fn receipt(tx: &mut Tx<'_>, by: &By, of: (&str, i32), pickup: &Pickup) -> QueryResult<bool> {
    let Some(known) = generation_of(tx.db, of.0, of.1)? else { return Ok(false) };
    let is_late = known.state == "taken" && pickup.said == Said::Failed;
    let is_undelivered =
        known.state == "refused" && known.refused_by.as_deref() == Some(BY_SERVER_B);
    let is_shown_after_all =
        is_undelivered && pickup.said != Said::Undelivered && !is_out_again(tx.db, &known)?;
    let from = match (is_late, is_shown_after_all) {
        (true, _) => "taken",
        (_, true) => "refused",
        (false, false) => "waiting",
    };
    let open = export_generations::table.find(of).filter(export_generations::state.eq(from));
    let at = by.at.as_microsecond();
    let (state, refused_by) = match pickup.said {
        Said::Stored if is_shown_after_all => {
            let again = (
                export_generations::state.eq("waiting"),
                export_generations::refused_by.eq(None::<String>),
                export_generations::stored_at.eq(at),
            );
            let noted = diesel::update(open).set(again).execute(tx.db)?;
            let detail = format!("generation {} shown by {BY_SERVER_B} after all", of.1);
            by.record(tx, "exports.receipt", "export", of.0, &detail);
            return Ok(noted == 1);
        }
        Said::Stored => {
            let unstored = open.filter(export_generations::stored_at.is_null());
            let noted = diesel::update(unstored)
                .set(export_generations::stored_at.eq(at))
                .execute(tx.db)?;
            return Ok(noted == 1);
        }
        Said::Taken => ("taken", None),
        Said::Failed if is_late => ("refused", Some(AFTER_TAKEN)),
        Said::Failed => ("refused", Some("business")),
        Said::Undelivered => ("refused", Some(BY_SERVER_B)),
    };
    let both = [known.receipt.as_deref().unwrap_or_default(), &pickup.words];
    let said: Vec<&str> = both.into_iter().filter(|words| !words.is_empty()).collect();
    let words = said.join(" \u{2192} ");
    let noted = diesel::update(open)
        .set((
            export_generations::state.eq(state),
            export_generations::refused_by.eq(refused_by),
            export_generations::rows_taken.eq(pickup.rows),
            export_generations::receipt_at.eq(at),
            export_generations::receipt.eq(&words),
        ))
        .execute(tx.db)?;
    if noted == 0 {
        return Ok(false);
    }
    let failed = note_records(tx, of, at, &pickup.records)?;
    let who = refused_by.unwrap_or("business");
    let detail = format!("generation {} {state} by {who}, {failed} records not taken in", of.1);
    if is_late {
        by.record_failed(tx, "exports.receipt", "export", of.0, &detail);
    } else {
        by.record(tx, "exports.receipt", "export", of.0, &detail);
    }
    Ok(true)
}

/// The first generations that no business system has and nobody put out again: job, number, and whether the
/// business system said first that it took it in. Those are told for some days alone. What is told stays so until
/// it is settled, however many come after it.
///
/// # Errors
/// When the database cannot be read.
pub fn unsettled(db: &mut Db, now: i64) -> QueryResult<Vec<(String, i32, bool)>> {
    left(db, now.saturating_sub(TOLD_DAYS * 86_400_000_000), TOLD)
}

/// The first generations that server B could not show and nobody put out again, as (job, number).
///
/// # Errors
/// When the database cannot be read.
pub fn undelivered(db: &mut Db) -> QueryResult<Vec<(String, i32)>> {
    let all = left(db, i64::MAX, LOOKED_AT)?;
    Ok(all.into_iter().map(|(job, generation, _)| (job, generation)).collect())
}

/// The same two: those that failed after they were taken in only when that was said since a moment.
fn left(db: &mut Db, since: i64, most: i64) -> QueryResult<Vec<(String, i32, bool)>> {
    let again = diesel::alias!(export_generations as again);
    // Two questions, each along an index: of the generation itself, and of the one that it repeats.
    let repeated =
        again.filter(again.field(export_generations::job).eq(export_generations::job)).filter(
            again.field(export_generations::replaces).eq(export_generations::generation.nullable()),
        );
    let instead = again
        .filter(again.field(export_generations::job).eq(export_generations::job))
        .filter(again.field(export_generations::replaces).eq(export_generations::replaces))
        .filter(again.field(export_generations::generation).gt(export_generations::generation));
    let is_told = export_generations::refused_by.eq(BY_SERVER_B).or(export_generations::refused_by
        .eq(AFTER_TAKEN)
        .and(export_generations::receipt_at.gt(since)));
    let found: Vec<(String, i32, Option<String>)> = export_generations::table
        .filter(export_generations::state.eq("refused"))
        .filter(is_told)
        .filter(not(exists(repeated)))
        .filter(not(exists(instead)))
        .order((
            export_generations::receipt_at,
            export_generations::job,
            export_generations::generation,
        ))
        .limit(most)
        .select((
            export_generations::job,
            export_generations::generation,
            export_generations::refused_by,
        ))
        .load(db)?;
    let told = |(job, generation, by): (String, i32, Option<String>)| {
        (job, generation, by.as_deref() == Some(AFTER_TAKEN))
    };
    Ok(found.into_iter().map(told).collect())
}

/// Whether a generation was put out again, or the one that it repeats was after it.
fn is_out_again(db: &mut Db, one: &Generation) -> QueryResult<bool> {
    let of_job = || export_generations::table.filter(export_generations::job.eq(&one.job));
    let repeated = of_job().filter(export_generations::replaces.eq(one.generation));
    let instead = of_job()
        .filter(export_generations::replaces.eq(one.replaces))
        .filter(export_generations::generation.gt(one.generation));
    diesel::select(exists(repeated).or(exists(instead))).get_result(db)
}

/// Notes the records that are of this generation; others are no business of it. What was said of one last counts.
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
        diesel::delete(errors::table.find((of.0, of.1, application))).execute(tx.db)?;
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
    let since = one.finished_at.max(one.stored_at);
    one.state == "waiting" && since.zip(hours).is_some_and(|(at, hours)| late(at, hours))
}
