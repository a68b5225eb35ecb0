//! Exports to the business systems: jobs as data, generations, and the ledger
//! that lets every application leave once a job (IK-2.1.2d1, IK-3.5.7b).

mod definition;
mod found;
pub mod gaiji;
mod held;
pub(crate) mod over;
mod pickup;
pub mod repeat;
mod schedule;
pub(crate) mod waiting;

pub use definition::{BadDefinition, Definition};
pub use found::{Found, enter, take_back, unknown, write_again};
pub use held::{Held, LeftOut, held, held_elsewhere, hold, try_again};
pub(crate) use over::forget;
pub use pickup::{
    AFTER_TAKEN, BY_SERVER_B, Pickup, RecordError, Said, errors_elsewhere, overdue, receipt,
    record_errors, undelivered, unsettled,
};
pub use schedule::Schedule;
pub use waiting::{waiting, waiting_count};

use diesel::prelude::*;
use platform_store::{Db, Tx, insert_many};

use crate::applications::rows::Application;
use crate::record::By;
use crate::schema::{
    applications, export_generations, export_jobs, export_ledger, export_repeated,
};

/// A job.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = export_jobs)]
pub struct Job {
    /// Name; also the folder on server A.
    pub id: String,
    /// JSON of `domain::export`.
    pub definition: String,
    /// Whether the timer runs it.
    pub enabled: bool,
    /// Newest generation, 0 for none.
    pub generation: i32,
    /// Microseconds.
    pub updated_at: i64,
    /// Staff id.
    pub updated_by: String,
    /// The newest moment of its schedule at which it had its turn.
    pub turn: Option<String>,
}

/// One generation.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = export_generations)]
pub struct Generation {
    /// Job.
    pub job: String,
    /// Number, from 1.
    pub generation: i32,
    /// `writing`, `waiting` (未取込), `taken` (取込済) or `refused` (取込エラー).
    pub state: String,
    /// Applications in it.
    pub records: i64,
    /// Files in it.
    pub attachments: i64,
    /// Microseconds.
    pub started_at: i64,
    /// Staff id or `system`.
    pub started_by: String,
    /// When the control file was in place.
    pub finished_at: Option<i64>,
    /// SHA-256 of the control file.
    pub sha256: Option<String>,
    /// When the pick-up receipt came.
    pub receipt_at: Option<i64>,
    /// What the receipt said.
    pub receipt: Option<String>,
    /// The generation it repeats.
    pub replaces: Option<i32>,
    /// Why it was put out again.
    pub reason: Option<String>,
    /// The second person who agreed, by staff id.
    pub approved_by: Option<String>,
    /// Bytes of all its files.
    pub bytes: Option<i64>,
    /// Records with another character, or less, than was typed.
    pub changed: i64,
    /// When server B had it durably.
    pub stored_at: Option<i64>,
    /// Records the business system says it took in.
    pub rows_taken: Option<i64>,
    /// Of a refused one: `business` (取込エラー), [`AFTER_TAKEN`] (取込エラー after 取込済) or [`BY_SERVER_B`]
    /// (配信エラー).
    pub refused_by: Option<String>,
}

/// Every job, by name.
///
/// # Errors
/// When the database cannot be read.
pub fn jobs(db: &mut Db) -> QueryResult<Vec<Job>> {
    export_jobs::table.order(export_jobs::id).select(Job::as_select()).load(db)
}

/// One job.
///
/// # Errors
/// When the database cannot be read.
pub fn job(db: &mut Db, id: &str) -> QueryResult<Option<Job>> {
    export_jobs::table.find(id).select(Job::as_select()).first(db).optional()
}

/// Generations of a job, newest first.
///
/// # Errors
/// When the database cannot be read.
pub fn generations(db: &mut Db, job: &str, limit: i64) -> QueryResult<Vec<Generation>> {
    export_generations::table
        .filter(export_generations::job.eq(job))
        .order(export_generations::generation.desc())
        .limit(limit)
        .select(Generation::as_select())
        .load(db)
}

/// One generation.
///
/// # Errors
/// When the database cannot be read.
pub fn generation_of(db: &mut Db, job: &str, generation: i32) -> QueryResult<Option<Generation>> {
    export_generations::table
        .find((job, generation))
        .select(Generation::as_select())
        .first(db)
        .optional()
}

/// Generations in this state, oldest first.
///
/// # Errors
/// When the database cannot be read.
pub fn in_state(db: &mut Db, state: &str) -> QueryResult<Vec<Generation>> {
    export_generations::table
        .filter(export_generations::state.eq(state))
        .order((export_generations::job, export_generations::generation))
        .select(Generation::as_select())
        .load(db)
}

/// Applications of one generation, by number.
///
/// # Errors
/// When the database cannot be read.
pub fn members(db: &mut Db, job: &str, generation: i32) -> QueryResult<Vec<Application>> {
    if generation_of(db, job, generation)?.is_some_and(|one| one.replaces.is_some()) {
        return export_repeated::table
            .inner_join(
                applications::table.on(applications::id.eq(export_repeated::application_id)),
            )
            .filter(export_repeated::job.eq(job))
            .filter(export_repeated::generation.eq(generation))
            .order(applications::number)
            .select(Application::as_select())
            .load(db);
    }
    export_ledger::table
        .inner_join(applications::table.on(applications::id.eq(export_ledger::application_id)))
        .filter(export_ledger::job.eq(job))
        .filter(export_ledger::generation.eq(generation))
        .order(applications::number)
        .select(Application::as_select())
        .load(db)
}

/// Makes a job or replaces its definition. What it left out before waits again
/// when the definition is another one.
///
/// # Errors
/// When the definition does not read or the database cannot be written.
pub fn put_job(tx: &mut Tx<'_>, by: &By, id: &str, definition: &str) -> QueryResult<()> {
    let new: Definition = serde_json::from_str(definition)
        .map_err(|error| diesel::result::Error::SerializationError(Box::new(error)))?;
    let facts = (
        export_jobs::definition.eq(definition),
        export_jobs::updated_at.eq(by.at.as_microsecond()),
        export_jobs::updated_by.eq(&by.staff),
        // What passed before it was there, or before it had this schedule, is no turn of it.
        export_jobs::turn.eq(new.turn(by.at)),
    );
    let known = job(tx.db, id)?;
    if known.is_some() {
        diesel::update(export_jobs::table.find(id)).set(facts).execute(tx.db)?;
    } else {
        diesel::insert_into(export_jobs::table)
            .values((export_jobs::id.eq(id), facts))
            .execute(tx.db)?;
    }
    if known.is_none_or(|known| known.definition != definition) {
        waiting::redefine(tx, id, &new)?;
        held::release(tx, id)?;
    }
    by.record(tx, "exports.job_put", "export", id, "");
    Ok(())
}

/// Starts the next generation in its turn: once for each moment of the schedule, also when the service
/// was down at that moment. One that is still being written keeps the turn.
///
/// # Errors
/// When the database cannot be written.
pub fn start_in_turn(
    tx: &mut Tx<'_>,
    by: &By,
    (id, turn): (&str, &str),
    most: i64,
) -> QueryResult<Started> {
    let open = export_jobs::table
        .find(id)
        .filter(export_jobs::turn.is_null().or(export_jobs::turn.lt(turn)));
    if diesel::update(open).set(export_jobs::turn.eq(turn)).execute(tx.db)? == 0 {
        return Ok(Started::Nothing);
    }
    let started = start(tx, by, id, most)?;
    if started == Started::Busy {
        diesel::update(export_jobs::table.find(id))
            .set(export_jobs::turn.eq(None::<String>))
            .execute(tx.db)?;
    }
    Ok(started)
}

/// What came of starting a generation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Started {
    /// This generation is to be written.
    Generation(i32),
    /// No application waits.
    Nothing,
    /// The generation before is still being written.
    Busy,
    /// There is no such job.
    NoJob,
}

/// An application that a generation has.
#[derive(Insertable)]
#[diesel(table_name = export_ledger, treat_none_as_default_value = false)]
struct Taken<'a> {
    job: &'a str,
    application_id: &'a str,
    generation: i32,
}

/// Starts the next generation: takes at most `most` of the applications that
/// wait and enters them in the ledger, so that no other generation takes them.
///
/// # Errors
/// When the database cannot be written.
pub fn start(tx: &mut Tx<'_>, by: &By, id: &str, most: i64) -> QueryResult<Started> {
    let Some(known) = job(tx.db, id)? else {
        return Ok(Started::NoJob);
    };
    if is_writing(tx.db, id)? {
        return Ok(Started::Busy);
    }
    let waiting = waiting(tx.db, id, most)?;
    if waiting.is_empty() {
        return Ok(Started::Nothing);
    }
    let generation = next(tx, by, &known, waiting.len())?;
    let taken: Vec<Taken<'_>> = waiting
        .iter()
        .map(|application_id| Taken { job: id, application_id, generation })
        .collect();
    insert_many!(tx.db, export_ledger::table, taken)?;
    waiting::leave(tx, id, &waiting)?;
    let detail = format!("generation {generation}, {} records", waiting.len());
    by.record(tx, "exports.started", "export", id, &detail);
    Ok(Started::Generation(generation))
}

fn is_writing(db: &mut Db, job: &str) -> QueryResult<bool> {
    export_generations::table
        .filter(export_generations::job.eq(job))
        .filter(export_generations::state.eq("writing"))
        .count()
        .get_result::<i64>(db)
        .map(|count| count > 0)
}

/// Gives the next number to a generation of this many records.
fn next(tx: &mut Tx<'_>, by: &By, job: &Job, records: usize) -> QueryResult<i32> {
    let generation = job.generation + 1;
    diesel::update(export_jobs::table.find(&job.id))
        .set(export_jobs::generation.eq(generation))
        .execute(tx.db)?;
    diesel::insert_into(export_generations::table)
        .values((
            export_generations::job.eq(&job.id),
            export_generations::generation.eq(generation),
            export_generations::state.eq("writing"),
            export_generations::records.eq(i64::try_from(records).unwrap_or(i64::MAX)),
            export_generations::attachments.eq(0),
            export_generations::started_at.eq(by.at.as_microsecond()),
            export_generations::started_by.eq(&by.staff),
        ))
        .execute(tx.db)?;
    Ok(generation)
}

/// What a generation consists of when it is complete.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Complete {
    /// Attachments in it.
    pub attachments: i64,
    /// Bytes of all its files.
    pub bytes: i64,
    /// Records with another character, or less, than was typed.
    pub changed: i64,
    /// SHA-256 of the control file, in hexadecimal digits.
    pub sha256: String,
}

/// Notes that the generation is complete on server A.
///
/// # Errors
/// When the database cannot be written.
pub fn finish(tx: &mut Tx<'_>, by: &By, of: (&str, i32), all: &Complete) -> QueryResult<()> {
    diesel::update(export_generations::table.find(of))
        .set((
            export_generations::state.eq("waiting"),
            export_generations::attachments.eq(all.attachments),
            export_generations::bytes.eq(all.bytes),
            export_generations::changed.eq(all.changed),
            export_generations::finished_at.eq(by.at.as_microsecond()),
            export_generations::sha256.eq(&all.sha256),
        ))
        .execute(tx.db)?;
    held::written(tx, of)?;
    let Complete { attachments, changed, sha256, .. } = all;
    let detail =
        format!("generation {}, {attachments} attachments, {changed} changed, {sha256}", of.1);
    by.record(tx, "exports.finished", "export", of.0, &detail);
    Ok(())
}
