//! Trials of designs (試験公開, NB-2.5): the very document that would be published, used by citizens and
//! staff as it will be, and counted nowhere (`docs/decisions/0113`).
//!
//! ```text
//!  begin ──► open ── end ──► everything goes that was sent to it, here and in the citizens' zone
//!              └─ promise ─► publish of the same bytes closes the design ── over ──► end
//! ```

use diesel::prelude::*;
use domain::procedures::{TRIAL_DAYS, TRIALS};
use platform_store::{Db, Tx, each_backend};

use crate::applications::rows::Application;
use crate::applications::{entries, over};
use crate::designs::{self, Changed};
use crate::post::{self, Sealed};
use crate::procedures::Procedure;
use crate::record::By;
use crate::schema::{
    applications, designs as design_rows, procedure_revisions, procedures, retention_holds,
    trial_gone, trial_imports, trials,
};

/// Microseconds of a day.
const DAY: i64 = 24 * 3_600_000_000;

/// A trial.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = trials)]
pub struct Trial {
    /// Identifier; as a procedure it has the same.
    pub id: String,
    /// The design it was made of.
    pub design_id: String,
    /// The procedure the document is of.
    pub procedure_id: String,
    /// The revision it would be.
    pub revision: i32,
    /// Lower-case hex SHA-256 of the document.
    pub sha256: String,
    /// Microseconds.
    pub began_at: i64,
    /// Staff id.
    pub began_by: String,
    /// When it ends by itself, microseconds.
    pub until_at: i64,
}

/// A trial to begin.
#[derive(Clone, Debug)]
pub struct NewTrial {
    /// Identifier of the trial.
    pub id: String,
    /// Last part of its address.
    pub slug: String,
    /// Name, marked as a trial's.
    pub title: String,
    /// Whose it is.
    pub department_id: String,
    /// Whether staff apply, in this zone (NB-2.1).
    pub internal: bool,
    /// The procedure the document is of.
    pub procedure_id: String,
    /// The revision it would be.
    pub revision: i32,
    /// Canonical JSON, byte for byte what would be published.
    pub document: String,
    /// Lower-case hex SHA-256 of `document`.
    pub sha256: String,
    /// The publication under the trial's identifier, sealed.
    pub message: Sealed,
    /// The trial of this design that ends with it, and the message that says so.
    pub instead: Option<(String, Sealed)>,
}

/// Why a trial ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// Somebody ended it.
    Ended,
    /// Another one of the same design began.
    Anew,
    /// Its time was over, or its design was published or thrown away.
    Over,
}

impl How {
    const fn word(self) -> &'static str {
        match self {
            Self::Ended => "ended",
            Self::Anew => "anew",
            Self::Over => "over",
        }
    }
}

/// The trial of a design that is open.
///
/// # Errors
/// When the database cannot be read.
pub fn of_design(db: &mut Db, design: &str) -> QueryResult<Option<Trial>> {
    trials::table
        .filter(trials::design_id.eq(design))
        .filter(trials::ended_at.is_null())
        .select(Trial::as_select())
        .first(db)
        .optional()
}

/// Begins a trial of a design nobody changed since `seen`: rows, message and audit record stand or fall
/// together. One that is open of the same design ends.
///
/// # Errors
/// When the database cannot be written.
pub fn begin(
    tx: &mut Tx<'_>,
    by: &By,
    (design, seen): (&str, i32),
    new: &NewTrial,
) -> QueryResult<Changed> {
    let open = of_design(tx.db, design)?.map(|one| one.id);
    if open.as_ref() != new.instead.as_ref().map(|(id, _)| id) {
        return Ok(Changed::Overtaken);
    }
    let offered = designs::offer(tx, (design, seen), &new.sha256)?;
    if offered != Changed::Done(seen) {
        return Ok(offered);
    }
    if let Some((id, message)) = &new.instead {
        end(tx, by, id, How::Anew, message)?;
    }
    let now = by.at.as_microsecond();
    diesel::insert_into(trials::table)
        .values((
            (trials::id.eq(&new.id), trials::design_id.eq(design)),
            (trials::procedure_id.eq(&new.procedure_id), trials::revision.eq(new.revision)),
            trials::sha256.eq(&new.sha256),
            (trials::began_at.eq(now), trials::began_by.eq(&by.staff)),
            (trials::until_at.eq(now + TRIAL_DAYS * DAY), trials::ended_how.eq("")),
        ))
        .execute(tx.db)?;
    diesel::insert_into(procedures::table)
        .values((
            (procedures::id.eq(&new.id), procedures::slug.eq(&new.slug)),
            // Closed: whatever goes over what is published leaves it alone.
            (procedures::title.eq(&new.title), procedures::state.eq("closed")),
            (
                procedures::department_id.eq(&new.department_id),
                procedures::internal.eq(new.internal),
            ),
            procedures::revision.eq(new.revision),
            (procedures::created_at.eq(now), procedures::updated_at.eq(now)),
        ))
        .execute(tx.db)?;
    diesel::insert_into(procedure_revisions::table)
        .values((
            procedure_revisions::procedure_id.eq(&new.id),
            procedure_revisions::revision.eq(new.revision),
            procedure_revisions::document.eq(&new.document),
            procedure_revisions::sha256.eq(&new.sha256),
            procedure_revisions::published_at.eq(now),
            procedure_revisions::published_by.eq(&by.staff),
        ))
        .execute(tx.db)?;
    post::put(tx, &new.message, by.at)?;
    let detail = format!("trial {} revision {} {}", new.id, new.revision, new.sha256);
    by.record(tx, "procedures.trial_begun", "procedure", &new.procedure_id, &detail);
    Ok(Changed::Done(seen))
}

/// Notes that a trial was handed over as this definition: it is published as it was tried, or not at all.
/// `false` when the trial is over.
///
/// # Errors
/// When the database cannot be written.
pub fn promise(tx: &mut Tx<'_>, by: &By, trial: &str, import: &str) -> QueryResult<bool> {
    let open: i64 =
        trials::table.find(trial).filter(trials::ended_at.is_null()).count().get_result(tx.db)?;
    if open == 0 {
        return Ok(false);
    }
    diesel::insert_into(trial_imports::table)
        .values((trial_imports::import_id.eq(import), trial_imports::trial_id.eq(trial)))
        .execute(tx.db)?;
    by.record(tx, "procedures.trial_handed_over", "import", import, trial);
    Ok(true)
}

/// The hash a definition was tried with and must be published with; `None` when no trial was handed
/// over as it.
///
/// # Errors
/// When the database cannot be read.
pub(crate) fn promised(db: &mut Db, import: &str) -> QueryResult<Option<String>> {
    let trial: Option<String> =
        trial_imports::table.find(import).select(trial_imports::trial_id).first(db).optional()?;
    let Some(trial) = trial else { return Ok(None) };
    trials::table.find(trial).select(trials::sha256).first(db).map(Some)
}

/// Ends a trial: everything goes that was sent to it, and the citizens' zone is told to do the same. How
/// many applications went; `None` when it was over before.
///
/// # Errors
/// When the database cannot be written.
pub fn end(
    tx: &mut Tx<'_>,
    by: &By,
    trial: &str,
    how: How,
    message: &Sealed,
) -> QueryResult<Option<usize>> {
    let now = by.at.as_microsecond();
    let open = trials::table.find(trial).filter(trials::ended_at.is_null());
    let ended = diesel::update(open)
        .set((trials::ended_at.eq(now), trials::ended_how.eq(how.word())))
        .execute(tx.db)?;
    if ended == 0 {
        return Ok(None);
    }
    let sent: Vec<Application> = applications::table
        .filter(applications::procedure_id.eq(trial))
        .select(Application::as_select())
        .load(tx.db)?;
    for one in &sent {
        let row = (trial_gone::id.eq(&one.id), trial_gone::gone_at.eq(now));
        diesel::insert_into(trial_gone::table).values(row).execute(tx.db)?;
        let held = retention_holds::table.filter(retention_holds::application_id.eq(&one.id));
        diesel::delete(held).execute(tx.db)?;
    }
    entries::forget_trial(tx, trial)?;
    over::delete(tx, by, &sent)?;
    diesel::delete(procedure_revisions::table.filter(procedure_revisions::procedure_id.eq(trial)))
        .execute(tx.db)?;
    diesel::delete(procedures::table.find(trial)).execute(tx.db)?;
    post::put(tx, message, by.at)?;
    let detail = format!("{} applications {}", how.word(), sent.len());
    by.record(tx, "procedures.trial_ended", "procedure", trial, &detail);
    Ok(Some(sent.len()))
}

/// Trials that are to end: their time is over, or their design is no longer open.
///
/// # Errors
/// When the database cannot be read.
pub fn due(db: &mut Db, now: i64) -> QueryResult<Vec<String>> {
    let open = design_rows::table.filter(design_rows::state.eq("open")).select(design_rows::id);
    trials::table
        .filter(trials::ended_at.is_null())
        .filter(trials::until_at.le(now).or(trials::design_id.ne_all(open)))
        .order(trials::id)
        .select(trials::id)
        .load(db)
}

/// Whether an application went with its trial.
///
/// # Errors
/// When the database cannot be read.
pub fn went(db: &mut Db, application: &str) -> QueryResult<bool> {
    trial_gone::table.find(application).count().get_result(db).map(|known: i64| known > 0)
}

/// Notes an application that came after the end of its trial, so that what follows it is not kept either.
///
/// # Errors
/// When the database cannot be written.
pub fn missed(tx: &mut Tx<'_>, by: &By, application: &str) -> QueryResult<()> {
    let row = (trial_gone::id.eq(application), trial_gone::gone_at.eq(by.at.as_microsecond()));
    each_backend!(tx.db, conn => diesel::insert_into(trial_gone::table)
        .values(row).on_conflict_do_nothing().execute(conn))?;
    by.record(tx, "applications.trial_over", "application", application, "");
    Ok(())
}

/// Forgets applications that went before a moment: nothing of them is on its way any more.
///
/// # Errors
/// When the database cannot be written.
pub fn sweep(tx: &mut Tx<'_>, before: i64) -> QueryResult<usize> {
    diesel::delete(trial_gone::table.filter(trial_gone::gone_at.lt(before))).execute(tx.db)
}

/// How many applications were sent to a trial.
///
/// # Errors
/// When the database cannot be read.
pub fn sent(db: &mut Db, trial: &str) -> QueryResult<i64> {
    applications::table.filter(applications::procedure_id.eq(trial)).count().get_result(db)
}

/// Open trials of these departments, and those of which applications lie with them, by title: what the
/// list at the desk can be narrowed to.
///
/// # Errors
/// When the database cannot be read.
pub fn offered(db: &mut Db, departments: &[String]) -> QueryResult<Vec<Procedure>> {
    let mut all: Vec<Procedure> = procedures::table
        .filter(procedures::id.like(TRIALS))
        .order((procedures::title, procedures::id))
        .select(Procedure::as_select())
        .load(db)?;
    let mut here = Vec::new();
    for one in &all {
        // Joined with nothing, the department leads no planner to an index of another order.
        let department = applications::department_id.concat("");
        let some: i64 = applications::table
            .filter(applications::procedure_id.eq(&one.id))
            .filter(department.eq_any(departments.to_vec()))
            .count()
            .get_result(db)?;
        if some > 0 || departments.contains(&one.department_id) {
            here.push(one.id.clone());
        }
    }
    all.retain(|one| here.contains(&one.id));
    Ok(all)
}
