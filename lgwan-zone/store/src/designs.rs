//! Procedures that are being designed (NB-2.5): every change is kept at once, can be undone, and is
//! never made over somebody else's.
//!
//! ```text
//!  begin ──► open ── change / undo / redo ──► open        version + 1, only where it was as seen
//!              └──── finish ──────────────► published, discarded
//! ```

use diesel::prelude::*;
use platform_store::{Db, Tx};

use crate::proposals;
use crate::record::By;
use crate::schema::{design_changes, design_steps, designs};

/// Steps that can be undone.
const MOST_STEPS: i32 = 100;
/// Bytes of all steps of a design beyond which older ones are dropped; documents that carry files
/// are large.
const MOST_BYTES: usize = 48 * 1024 * 1024;
/// Changes that are told to whoever comes back.
const MOST_CHANGES: i32 = 500;

/// A design.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = crate::schema::designs)]
pub struct Design {
    /// Identifier.
    pub id: String,
    /// The procedure it becomes a revision of.
    pub procedure_id: String,
    /// Whose it is.
    pub department_id: String,
    /// What it is called now.
    pub title: String,
    /// The revision it goes on from; 0 for a new procedure.
    pub based_on: i32,
    /// `open`, `published`, `discarded`.
    pub state: String,
    /// Counts every change.
    pub version: i32,
    /// The step that counts now.
    pub step: i32,
    /// Number of the next id of a question.
    pub next_number: i32,
    /// Microseconds.
    pub begun_at: i64,
    /// Staff id.
    pub begun_by: String,
    /// Microseconds.
    pub changed_at: i64,
    /// Staff id.
    pub changed_by: String,
}

/// The document of a step, with what lists show of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Whose it is.
    pub department_id: String,
    /// What it is called.
    pub title: String,
    /// JSON.
    pub document: String,
    /// Number of the next id.
    pub next_number: i32,
    /// Translations of an older Japanese text, JSON.
    pub stale: String,
}

/// A design with its document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// The design.
    pub design: Design,
    /// JSON of the step that counts.
    pub document: String,
    /// Translations of an older Japanese text, JSON.
    pub stale: String,
    /// Whether there is a step to go back to.
    pub can_undo: bool,
    /// Whether there is a step to take again.
    pub can_redo: bool,
}

/// One change, for whoever comes back.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = crate::schema::design_changes)]
pub struct Change {
    /// The version it made.
    pub version: i32,
    /// What was done, a word.
    pub what: String,
    /// To what.
    pub label: String,
    /// Name of who did it.
    pub name: String,
    /// Microseconds.
    pub at: i64,
}

/// How a change is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// As a step that is taken back by itself.
    Next,
    /// In the place of the last step, when the same person took it and did the same there: what is
    /// typed in one go is taken back in one go.
    Same,
}

/// What came of a wish to change a design.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changed {
    /// It is now this version.
    Done(i32),
    /// Somebody else changed it in between, or it is no longer open.
    Overtaken,
    /// There is no step before or behind.
    NoStep,
}

/// Begins a design.
///
/// # Errors
/// When the database cannot be written.
pub fn begin(
    tx: &mut Tx<'_>,
    by: &By,
    (id, procedure): (&str, &str),
    based_on: i32,
    first: &Step,
) -> QueryResult<()> {
    let now = by.at.as_microsecond();
    diesel::insert_into(designs::table)
        .values((
            (designs::id.eq(id), designs::procedure_id.eq(procedure)),
            (designs::department_id.eq(&first.department_id), designs::title.eq(&first.title)),
            (designs::based_on.eq(based_on), designs::state.eq("open")),
            (designs::version.eq(1), designs::step.eq(1)),
            designs::next_number.eq(first.next_number),
            (designs::begun_at.eq(now), designs::begun_by.eq(&by.staff)),
            (designs::changed_at.eq(now), designs::changed_by.eq(&by.staff)),
        ))
        .execute(tx.db)?;
    put_step(tx, id, 1, first)?;
    by.record(tx, "procedures.design_begun", "design", id, &first.title);
    Ok(())
}

/// Open designs of these departments, the one changed last first; at most 200.
///
/// # Errors
/// When the database cannot be read.
pub fn list(db: &mut Db, departments: &[String]) -> QueryResult<Vec<Design>> {
    designs::table
        .filter(designs::state.eq("open"))
        .filter(designs::department_id.eq_any(departments))
        .order((designs::changed_at.desc(), designs::id))
        .limit(200)
        .select(Design::as_select())
        .load(db)
}

/// The open design of a procedure, if there is one.
///
/// # Errors
/// When the database cannot be read.
pub fn open_of(db: &mut Db, procedure: &str) -> QueryResult<Option<Design>> {
    designs::table
        .filter(designs::procedure_id.eq(procedure))
        .filter(designs::state.eq("open"))
        .order(designs::changed_at.desc())
        .select(Design::as_select())
        .first(db)
        .optional()
}

/// A design with its document.
///
/// # Errors
/// When the database cannot be read.
pub fn opened(db: &mut Db, id: &str) -> QueryResult<Option<Opened>> {
    let design: Option<Design> =
        designs::table.find(id).select(Design::as_select()).first(db).optional()?;
    let Some(design) = design else { return Ok(None) };
    let (document, stale) = design_steps::table
        .find((id, design.step))
        .select((design_steps::document, design_steps::stale))
        .first::<(String, String)>(db)?;
    let beside = [design.step - 1, design.step + 1];
    let steps: Vec<i32> = design_steps::table
        .filter(design_steps::design_id.eq(id))
        .filter(design_steps::step.eq_any(beside))
        .select(design_steps::step)
        .load(db)?;
    let [can_undo, can_redo] = beside.map(|step| steps.contains(&step));
    Ok(Some(Opened { design, document, stale, can_undo, can_redo }))
}

/// What was changed after a version, oldest first.
///
/// # Errors
/// When the database cannot be read.
pub fn changes(db: &mut Db, id: &str, after: i32) -> QueryResult<Vec<Change>> {
    design_changes::table
        .filter(design_changes::design_id.eq(id))
        .filter(design_changes::version.gt(after))
        .order(design_changes::version)
        .select(Change::as_select())
        .load(db)
}

/// Puts the next step, when nobody changed the design since `seen`; what was undone is gone then.
///
/// # Errors
/// When the database cannot be written.
pub fn change(
    tx: &mut Tx<'_>,
    by: &By,
    (id, seen): (&str, i32),
    (new, keep): (&Step, Keep),
    (what, label): (&str, &str),
) -> QueryResult<Changed> {
    let same = keep == Keep::Same && goes_on(tx.db, by, (id, seen), what)?;
    let steps = i32::from(!same);
    let Some(step) = turn(tx, by, (id, seen), steps)? else { return Ok(Changed::Overtaken) };
    diesel::delete(
        design_steps::table
            .filter(design_steps::design_id.eq(id))
            .filter(design_steps::step.ge(step)),
    )
    .execute(tx.db)?;
    put_step(tx, id, step, new)?;
    diesel::update(designs::table.find(id))
        .set((
            designs::department_id.eq(&new.department_id),
            designs::title.eq(&new.title),
            designs::next_number.eq(new.next_number),
        ))
        .execute(tx.db)?;
    let bytes = i32::try_from(MOST_BYTES / new.document.len().max(1)).unwrap_or(MOST_STEPS);
    let oldest = step - bytes.clamp(2, MOST_STEPS);
    diesel::delete(
        design_steps::table
            .filter(design_steps::design_id.eq(id))
            .filter(design_steps::step.le(oldest)),
    )
    .execute(tx.db)?;
    if same {
        diesel::delete(design_changes::table.find((id, seen))).execute(tx.db)?;
    }
    note(tx, by, (id, seen + 1), (what, label))
}

/// Whether the version was made by the same person doing the same.
fn goes_on(db: &mut Db, by: &By, (id, seen): (&str, i32), what: &str) -> QueryResult<bool> {
    let last: Option<(String, String)> = design_changes::table
        .find((id, seen))
        .select((design_changes::staff_id, design_changes::what))
        .first(db)
        .optional()?;
    Ok(last.is_some_and(|(staff, did)| staff == by.staff && did == what))
}

/// Goes back a step, or takes the next one again; `what` is the word it is told with.
///
/// # Errors
/// When the database cannot be written.
pub fn travel(
    tx: &mut Tx<'_>,
    by: &By,
    (id, seen): (&str, i32),
    back: bool,
    what: &str,
) -> QueryResult<Changed> {
    let Some(design) = opened(tx.db, id)? else { return Ok(Changed::Overtaken) };
    if !(if back { design.can_undo } else { design.can_redo }) {
        return Ok(Changed::NoStep);
    }
    let Some(step) = turn(tx, by, (id, seen), if back { -1 } else { 1 })? else {
        return Ok(Changed::Overtaken);
    };
    let (department, title): (String, String) = design_steps::table
        .find((id, step))
        .select((design_steps::department_id, design_steps::title))
        .first(tx.db)?;
    diesel::update(designs::table.find(id))
        .set((designs::department_id.eq(department), designs::title.eq(title)))
        .execute(tx.db)?;
    note(tx, by, (id, seen + 1), (what, ""))
}

/// Closes a design: it was published, or is thrown away. Its steps go, the row stays.
///
/// # Errors
/// When the database cannot be written.
pub fn finish(
    tx: &mut Tx<'_>,
    by: &By,
    (id, seen): (&str, i32),
    published: bool,
) -> QueryResult<Changed> {
    let state = if published { "published" } else { "discarded" };
    let open = designs::table.find(id).filter(designs::version.eq(seen));
    let closed = diesel::update(open.filter(designs::state.eq("open")))
        .set((designs::state.eq(state), designs::changed_at.eq(by.at.as_microsecond())))
        .execute(tx.db)?;
    if closed == 0 {
        return Ok(Changed::Overtaken);
    }
    proposals::void_of_design(tx, by, id)?;
    let last: i32 = designs::table.find(id).select(designs::step).first(tx.db)?;
    let steps = design_steps::table.filter(design_steps::design_id.eq(id));
    diesel::delete(steps.filter(design_steps::step.ne(last))).execute(tx.db)?;
    if published {
        by.record(tx, "procedures.design_published", "design", id, "");
    } else {
        by.record(tx, "procedures.design_discarded", "design", id, "");
    }
    Ok(Changed::Done(seen))
}

/// Notes the document that is looked at before it is published; its publication closes the design.
///
/// # Errors
/// When the database cannot be written.
pub fn offer(tx: &mut Tx<'_>, (id, seen): (&str, i32), sha256: &str) -> QueryResult<Changed> {
    let as_seen = designs::table.find(id).filter(designs::version.eq(seen));
    let noted = diesel::update(as_seen.filter(designs::state.eq("open")))
        .set(designs::offered.eq(sha256))
        .execute(tx.db)?;
    Ok(if noted == 1 { Changed::Done(seen) } else { Changed::Overtaken })
}

/// Closes the designs whose document was published; one that was changed since it was looked at
/// stays open.
///
/// # Errors
/// When the database cannot be written.
pub(crate) fn settle(
    tx: &mut Tx<'_>,
    by: &By,
    procedure: &str,
    (sha256, revision): (&str, i32),
) -> QueryResult<()> {
    let open = designs::table
        .filter(designs::procedure_id.eq(procedure))
        .filter(designs::state.eq("open"))
        .filter(designs::offered.eq(sha256))
        .select((designs::id, designs::version));
    for (id, version) in open.load::<(String, i32)>(tx.db)? {
        diesel::update(designs::table.find(&id))
            .set(designs::based_on.eq(revision))
            .execute(tx.db)?;
        finish(tx, by, (&id, version), true)?;
    }
    Ok(())
}

/// The next version in one statement; the step it is at then, `None` when it is not as it was seen.
fn turn(tx: &mut Tx<'_>, by: &By, (id, seen): (&str, i32), steps: i32) -> QueryResult<Option<i32>> {
    let as_seen = designs::table.find(id).filter(designs::version.eq(seen));
    let turned = diesel::update(as_seen.filter(designs::state.eq("open")))
        .set((
            designs::version.eq(designs::version + 1),
            designs::step.eq(designs::step + steps),
            designs::offered.eq(""),
            designs::changed_at.eq(by.at.as_microsecond()),
            designs::changed_by.eq(&by.staff),
        ))
        .execute(tx.db)?;
    if turned == 0 {
        return Ok(None);
    }
    proposals::void_of_design(tx, by, id)?;
    designs::table.find(id).select(designs::step).first(tx.db).map(Some)
}

fn put_step(tx: &mut Tx<'_>, id: &str, step: i32, new: &Step) -> QueryResult<()> {
    diesel::insert_into(design_steps::table)
        .values((
            design_steps::design_id.eq(id),
            design_steps::step.eq(step),
            design_steps::department_id.eq(&new.department_id),
            design_steps::title.eq(&new.title),
            design_steps::document.eq(&new.document),
            design_steps::stale.eq(&new.stale),
        ))
        .execute(tx.db)?;
    Ok(())
}

fn note(
    tx: &mut Tx<'_>,
    by: &By,
    (id, version): (&str, i32),
    (what, label): (&str, &str),
) -> QueryResult<Changed> {
    diesel::insert_into(design_changes::table)
        .values((
            design_changes::design_id.eq(id),
            design_changes::version.eq(version),
            design_changes::what.eq(what),
            design_changes::label.eq(label),
            design_changes::staff_id.eq(&by.staff),
            design_changes::name.eq(&by.name),
            design_changes::at.eq(by.at.as_microsecond()),
        ))
        .execute(tx.db)?;
    diesel::delete(
        design_changes::table
            .filter(design_changes::design_id.eq(id))
            .filter(design_changes::version.le(version - MOST_CHANGES)),
    )
    .execute(tx.db)?;
    by.record(tx, "procedures.designed", "design", id, what);
    Ok(Changed::Done(version))
}
