//! Applications a generation could not write: named with their reason until a
//! later generation takes them (IK-3.5.7b).

use diesel::prelude::*;
use platform_store::{Db, Tx};

use super::{repeat, waiting};
use crate::record::By;
use crate::schema::{applications, export_generations, export_held, export_ledger, export_waiting};

/// An application that is left out of the generation being written.
#[derive(Clone, Debug)]
pub struct LeftOut {
    /// Which one.
    pub application: String,
    /// The version whose answers were looked at.
    pub version: i32,
    /// Which characters of which column, for staff.
    pub why: String,
}

/// An application that was left out, as staff see it.
#[derive(Clone, Debug)]
pub struct Held {
    /// Which one.
    pub application: String,
    /// Its receipt number.
    pub number: String,
    /// The last generation that left it out.
    pub generation: i32,
    /// Which characters of which column.
    pub why: String,
    /// Whether the next generation tries again: something changed.
    pub waits: bool,
}

/// Leaves applications out of a generation before its files are complete. They
/// are free to leave with a later one once they, or the job, changed.
///
/// # Errors
/// When the database cannot be written.
pub fn hold(tx: &mut Tx<'_>, by: &By, of: (&str, i32), out: &[LeftOut]) -> QueryResult<()> {
    let (job, generation) = of;
    for one in out {
        let taken = export_ledger::table.find((job, &one.application));
        diesel::delete(taken.filter(export_ledger::generation.eq(generation))).execute(tx.db)?;
        if repeat::leave_out(tx, of, one, by.at.as_microsecond())? {
            continue;
        }
        diesel::delete(export_held::table.find((job, &one.application))).execute(tx.db)?;
        diesel::insert_into(export_held::table)
            .values((
                export_held::job.eq(job),
                export_held::application_id.eq(&one.application),
                export_held::generation.eq(generation),
                export_held::why.eq(&one.why),
                export_held::held_at.eq(by.at.as_microsecond()),
            ))
            .execute(tx.db)?;
        // Changed since it was looked at: no later step would let it wait.
        let changed = applications::table
            .find(&one.application)
            .filter(applications::version.ne(one.version))
            .count()
            .get_result::<i64>(tx.db)?;
        if changed == 1 {
            waiting::place(tx, &one.application)?;
        }
    }
    let count = i64::try_from(out.len()).unwrap_or(i64::MAX);
    diesel::update(export_generations::table.find(of))
        .set(export_generations::records.eq(export_generations::records - count))
        .execute(tx.db)?;
    let detail = format!("generation {generation}, {count} applications");
    by.record(tx, "exports.held", "export", job, &detail);
    Ok(())
}

/// What a job leaves out at present, by number: of these departments, or of all.
///
/// # Errors
/// When the database cannot be read.
pub fn held(
    db: &mut Db,
    job: &str,
    departments: Option<&[String]>,
    limit: i64,
) -> QueryResult<Vec<Held>> {
    let retried = export_waiting::table
        .filter(export_waiting::job.eq(export_held::job))
        .filter(export_waiting::application_id.eq(export_held::application_id));
    let mut query = export_held::table
        .inner_join(applications::table.on(applications::id.eq(export_held::application_id)))
        .filter(export_held::job.eq(job.to_owned()))
        .order(applications::number)
        .limit(limit)
        .select((
            export_held::application_id,
            applications::number,
            export_held::generation,
            export_held::why,
            diesel::dsl::exists(retried),
        ))
        .into_boxed();
    if let Some(departments) = departments {
        query = query.filter(applications::department_id.eq_any(departments.to_vec()));
    }
    let rows: Vec<(String, String, i32, String, bool)> = query.load(db)?;
    let held = rows.into_iter().map(|(application, number, generation, why, waits)| Held {
        application,
        number,
        generation,
        why,
        waits,
    });
    Ok(held.collect())
}

/// How many applications a job leaves out at present that lie with none of these departments.
///
/// # Errors
/// When the database cannot be read.
pub fn held_elsewhere(db: &mut Db, job: &str, departments: &[String]) -> QueryResult<i64> {
    export_held::table
        .inner_join(applications::table.on(applications::id.eq(export_held::application_id)))
        .filter(export_held::job.eq(job))
        .filter(applications::department_id.ne_all(departments))
        .count()
        .get_result(db)
}

/// Lets everything a job left out wait again, because staff put the reason right without a
/// step of the applications. Returns how many there are.
///
/// # Errors
/// When the database cannot be written.
pub fn try_again(tx: &mut Tx<'_>, by: &By, job: &str) -> QueryResult<i64> {
    let count =
        export_held::table.filter(export_held::job.eq(job)).count().get_result::<i64>(tx.db)?;
    release(tx, job)?;
    by.record(tx, "exports.held_again", "export", job, &format!("{count} applications"));
    Ok(count)
}

/// Lets everything a job left out wait again: its definition changed.
pub(super) fn release(tx: &mut Tx<'_>, job: &str) -> QueryResult<()> {
    let out: Vec<String> = export_held::table
        .filter(export_held::job.eq(job))
        .select(export_held::application_id)
        .load(tx.db)?;
    out.iter().try_for_each(|application| waiting::place(tx, application))
}

/// Forgets what this generation has written after all.
pub(super) fn written(tx: &mut Tx<'_>, of: (&str, i32)) -> QueryResult<()> {
    let members = export_ledger::table
        .filter(export_ledger::job.eq(of.0))
        .filter(export_ledger::generation.eq(of.1))
        .select(export_ledger::application_id);
    let gone = export_held::table
        .filter(export_held::job.eq(of.0))
        .filter(export_held::application_id.eq_any(members));
    diesel::delete(gone).execute(tx.db).map(drop)
}
