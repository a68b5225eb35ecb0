//! Publishing by two people (NB-2.5): one proposes a revision, another releases it or sends it back.
//!
//! ```text
//!  propose ──► open ── publish, by another person ──► released
//!               ├──── send_back, with a reason ─────► returned   ─┐
//!               ├──── take_back, by the proposer ───► withdrawn  ─┴► open, proposed again
//!               └──── the design changes, another revision goes out, another proposal ──► void
//! ```
//! A proposal is of one definition that was brought in, whose words never change, and holds the hash
//! of what would be published. Every way out is one conditional statement.

use diesel::prelude::*;
use domain::identity::Role;
use platform_service::clock::Clock;
use platform_store::{Db, Tx};

use crate::letters::{self, Letter};
use crate::record::By;
use crate::schema::{designs, procedure_proposals as proposals, staff, staff_departments};

/// Kind of the letters that tell who proposed.
const LETTERS: &str = "proposals";

/// A revision that was proposed.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = crate::schema::procedure_proposals)]
pub struct Proposal {
    /// The definition as it was brought in or designed.
    pub import_id: String,
    /// The procedure.
    pub procedure_id: String,
    /// Whose it is.
    pub department_id: String,
    /// Title of the procedure.
    pub title: String,
    /// The revision it becomes.
    pub revision: i32,
    /// Lower-case hex SHA-256 of the document as it would be published.
    pub sha256: String,
    /// `open`, `released`, `returned`, `withdrawn`, `void`.
    pub state: String,
    /// Microseconds.
    pub proposed_at: i64,
    /// Staff id.
    pub proposed_by: String,
    /// Name.
    pub proposer: String,
    /// Microseconds.
    pub closed_at: Option<i64>,
    /// Name of who released it or sent it back.
    pub closer: String,
    /// Why it was sent back.
    pub reason: String,
}

/// A wish to propose.
#[derive(Clone, Debug)]
pub struct New {
    /// The definition.
    pub import_id: String,
    /// The procedure.
    pub procedure_id: String,
    /// Whose it is.
    pub department_id: String,
    /// Title.
    pub title: String,
    /// The revision it becomes.
    pub revision: i32,
    /// Hash of the document as it would be published.
    pub sha256: String,
}

/// What came of a wish to change a proposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moved {
    /// It is done.
    Done,
    /// Somebody else did something first, or it is void.
    Overtaken,
}

/// Proposes a revision; another open proposal for the same procedure is void then. What was sent
/// back or taken back may be proposed again, what is void not.
///
/// # Errors
/// When the database cannot be written.
pub fn propose(
    tx: &mut Tx<'_>,
    by: &By,
    new: &New,
    (clock, letters): (&Clock, &[Letter]),
) -> QueryResult<Moved> {
    void(tx, by, &new.procedure_id, &new.import_id)?;
    let before = proposals::table.find(&new.import_id);
    diesel::delete(before.filter(proposals::state.eq_any(["returned", "withdrawn"])))
        .execute(tx.db)?;
    if let Some(known) = find(tx.db, &new.import_id)? {
        // Who presses the button once more is told the same.
        let same = known.state == "open" && known.sha256 == new.sha256;
        let again = same && known.proposed_by == by.staff;
        return Ok(if again { Moved::Done } else { Moved::Overtaken });
    }
    let design: Option<String> = designs::table
        .filter(designs::procedure_id.eq(&new.procedure_id))
        .filter(designs::state.eq("open"))
        .filter(designs::offered.eq(&new.sha256))
        .select(designs::id)
        .first(tx.db)
        .optional()?;
    diesel::insert_into(proposals::table)
        .values((
            (proposals::import_id.eq(&new.import_id), proposals::state.eq("open")),
            (proposals::procedure_id.eq(&new.procedure_id), proposals::title.eq(&new.title)),
            proposals::department_id.eq(&new.department_id),
            (proposals::revision.eq(new.revision), proposals::sha256.eq(&new.sha256)),
            proposals::design_id.eq(design),
            proposals::proposed_at.eq(by.at.as_microsecond()),
            (proposals::proposed_by.eq(&by.staff), proposals::proposer.eq(&by.name)),
        ))
        .execute(tx.db)?;
    let detail = format!("revision {} {}", new.revision, new.sha256);
    by.record(tx, "procedures.proposed", "procedure", &new.procedure_id, &detail);
    letters::queue_all(tx, clock, LETTERS, letters)?;
    Ok(Moved::Done)
}

/// Addresses of those who may release what this person proposes: who leads the department, by the role
/// named for it or else by that of the account, and has one.
///
/// # Errors
/// When the database cannot be read.
pub fn releasers(db: &mut Db, department: &str, proposer: &str) -> QueryResult<Vec<String>> {
    let leads = Role::ProcedureManager.key();
    let unnamed = staff_departments::role.is_null().and(staff::role.eq(leads));
    staff::table
        .inner_join(staff_departments::table.on(staff_departments::staff_id.eq(staff::id)))
        .filter(staff_departments::department_id.eq(department))
        // A role that is named counts for an account of a department only (`Role::there`).
        .filter(staff::role.eq_any(Role::OF_A_DEPARTMENT.map(Role::key)))
        .filter(staff_departments::role.eq(leads).or(unnamed))
        .filter(staff::disabled_at.is_null().and(staff::email.ne("")).and(staff::id.ne(proposer)))
        .order(staff::email)
        .select(staff::email)
        .distinct()
        .load(db)
}

/// The proposal of a definition that was brought in.
///
/// # Errors
/// When the database cannot be read.
pub fn find(db: &mut Db, import: &str) -> QueryResult<Option<Proposal>> {
    proposals::table.find(import).select(Proposal::as_select()).first(db).optional()
}

/// Open proposals of these departments, oldest first; at most 200.
///
/// # Errors
/// When the database cannot be read.
pub fn waiting(db: &mut Db, departments: &[String]) -> QueryResult<Vec<Proposal>> {
    proposals::table
        .filter(proposals::state.eq("open"))
        .filter(proposals::department_id.eq_any(departments))
        .order((proposals::proposed_at, proposals::import_id))
        .limit(200)
        .select(Proposal::as_select())
        .load(db)
}

/// What became of the proposals this person made since `after` (microseconds), newest first.
///
/// # Errors
/// When the database cannot be read.
pub fn closed_of(db: &mut Db, staff: &str, after: i64) -> QueryResult<Vec<Proposal>> {
    proposals::table
        .filter(proposals::proposed_by.eq(staff))
        .filter(proposals::state.eq_any(["released", "returned", "void"]))
        .filter(proposals::closed_at.ge(after))
        .order((proposals::closed_at.desc(), proposals::import_id))
        .limit(50)
        .select(Proposal::as_select())
        .load(db)
}

/// Sends a proposal of somebody else back, and tells them by mail when there is a letter.
///
/// # Errors
/// When the database cannot be written.
pub fn send_back(
    tx: &mut Tx<'_>,
    by: &By,
    (import, reason): (&str, &str),
    letter: Option<(&Clock, &Letter)>,
) -> QueryResult<Moved> {
    let open = proposals::table.find(import).filter(proposals::state.eq("open"));
    let others = open.filter(proposals::proposed_by.ne(&by.staff));
    let done = diesel::update(others)
        .set((
            (proposals::state.eq("returned"), proposals::reason.eq(reason)),
            proposals::closed_at.eq(by.at.as_microsecond()),
            (proposals::closed_by.eq(&by.staff), proposals::closer.eq(&by.name)),
        ))
        .execute(tx.db)?;
    if done == 0 {
        return Ok(Moved::Overtaken);
    }
    tell(tx, letter)?;
    noted(tx, by, "procedures.proposal_returned", import)
}

/// Takes an own proposal back.
///
/// # Errors
/// When the database cannot be written.
pub fn take_back(tx: &mut Tx<'_>, by: &By, import: &str) -> QueryResult<Moved> {
    let open = proposals::table.find(import).filter(proposals::state.eq("open"));
    let own = open.filter(proposals::proposed_by.eq(&by.staff));
    let done = diesel::update(own)
        .set((
            proposals::state.eq("withdrawn"),
            proposals::closed_at.eq(by.at.as_microsecond()),
            (proposals::closed_by.eq(&by.staff), proposals::closer.eq(&by.name)),
        ))
        .execute(tx.db)?;
    if done == 0 {
        return Ok(Moved::Overtaken);
    }
    noted(tx, by, "procedures.proposal_withdrawn", import)
}

/// Queues the letter to who proposed.
///
/// # Errors
/// When the database cannot be written.
pub fn tell(tx: &mut Tx<'_>, letter: Option<(&Clock, &Letter)>) -> QueryResult<()> {
    match letter {
        Some((clock, letter)) => letters::queue(tx, clock, LETTERS, letter),
        None => Ok(()),
    }
}

/// Takes an open proposal of somebody else, of these very words; `false` when there is none. Of two
/// who release it one gets `true`.
pub(crate) fn take(tx: &mut Tx<'_>, by: &By, import: &str, sha256: &str) -> QueryResult<bool> {
    let open = proposals::table.find(import).filter(proposals::state.eq("open"));
    let same = open.filter(proposals::sha256.eq(sha256));
    let taken = diesel::update(same.filter(proposals::proposed_by.ne(&by.staff)))
        .set((
            proposals::state.eq("released"),
            proposals::closed_at.eq(by.at.as_microsecond()),
            (proposals::closed_by.eq(&by.staff), proposals::closer.eq(&by.name)),
        ))
        .execute(tx.db)?;
    Ok(taken == 1)
}

/// Open proposals for a procedure are void, but for the one of `import`.
pub(crate) fn void(tx: &mut Tx<'_>, by: &By, procedure: &str, import: &str) -> QueryResult<()> {
    let all = proposals::table
        .filter(proposals::procedure_id.eq(procedure))
        .filter(proposals::import_id.ne(import))
        .filter(proposals::state.eq("open"));
    let voided = diesel::update(all).set(void_at(by)).execute(tx.db)?;
    if voided > 0 {
        by.record(tx, "procedures.proposal_voided", "procedure", procedure, "overtaken");
    }
    Ok(())
}

/// The proposal made of a design is void: the design is no longer what was proposed.
pub(crate) fn void_of_design(tx: &mut Tx<'_>, by: &By, design: &str) -> QueryResult<()> {
    let all = proposals::table
        .filter(proposals::design_id.eq(design))
        .filter(proposals::state.eq("open"));
    let voided = diesel::update(all).set(void_at(by)).execute(tx.db)?;
    if voided > 0 {
        by.record(tx, "procedures.proposal_voided", "design", design, "changed");
    }
    Ok(())
}

type Void = (
    diesel::dsl::Eq<proposals::state, &'static str>,
    diesel::dsl::Eq<proposals::closed_at, i64>,
    diesel::dsl::Eq<proposals::closer, String>,
);

fn void_at(by: &By) -> Void {
    (
        proposals::state.eq("void"),
        proposals::closed_at.eq(by.at.as_microsecond()),
        proposals::closer.eq(by.name.clone()),
    )
}

fn noted(tx: &mut Tx<'_>, by: &By, act: &str, import: &str) -> QueryResult<Moved> {
    let (procedure, revision): (String, i32) = proposals::table
        .find(import)
        .select((proposals::procedure_id, proposals::revision))
        .first(tx.db)?;
    by.record(tx, act, "procedure", &procedure, &format!("revision {revision}"));
    Ok(Moved::Done)
}
