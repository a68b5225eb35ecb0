//! Published procedures: every revision that arrived, and which one is shown.

use bridge_contract::messages::Usage;
use diesel::prelude::*;
use platform_store::{Db, Tx, each_backend};

use crate::applications::{seats, told, trials, waiting};
use crate::record::{Act, By, record, record_with};
use crate::schema::{
    counters, departments, form_downloads, procedure_closings as closings, procedure_files,
    procedure_revisions, procedures,
};
use crate::usage;

/// Seats of a pool without a limit: more than anybody asks for, and far from the end of the numbers.
const UNLIMITED: i64 = i64::MAX / 2;

/// A revision as it arrived, already read and checked by the caller.
#[derive(Clone, Debug)]
pub struct NewRevision {
    /// The procedure.
    pub procedure_id: String,
    /// Counts up with each publication.
    pub revision: i64,
    /// Last part of the procedure's address.
    pub slug: String,
    /// SHA-256 of `document`.
    pub sha256: Vec<u8>,
    /// The canonical JSON bytes.
    pub document: Vec<u8>,
    /// Files that came beside the document.
    pub files: Vec<FormFile>,
    /// Pools of seats.
    pub pools: Vec<NewPool>,
    /// Microseconds.
    pub at: i64,
}

/// A pool of seats to offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPool {
    /// `FIELD.CODE`, or `procedure` for the whole of it.
    pub pool: String,
    /// How many there are.
    pub capacity: i64,
    /// How many applications may wait for one.
    pub waitlist: i64,
}

impl From<(String, i64)> for NewPool {
    fn from((pool, capacity): (String, i64)) -> Self {
        Self { pool, capacity, waitlist: 0 }
    }
}

/// A file that came beside a document.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct FormFile {
    /// Its key in the document.
    pub id: String,
    /// Name under which it is saved.
    pub name: String,
    /// Media type.
    pub media: String,
    /// The bytes.
    pub content: Vec<u8>,
}

/// What became of a revision that arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Published {
    /// Citizens see it from now on.
    Shown,
    /// A newer one is shown already; this one is only kept.
    Kept,
    /// It was closed, or its trial ended, before it came.
    Closed,
    /// Another document came under this number before; that one stays, and nothing is changed.
    OtherWords,
}

/// Keeps a revision and shows it unless a newer one is shown (NF-23), or it was closed (see [`close`]). Of a
/// trial that ended nothing is kept. What a number once stood for it stands for always: applications were made
/// with it.
///
/// # Errors
/// When the database cannot be written, or another procedure has the slug.
pub fn publish(tx: &mut Tx<'_>, by: &By, new: &NewRevision) -> QueryResult<Published> {
    if trials::went(tx.db, &new.procedure_id)? {
        return Ok(Published::Closed);
    }
    if keep(tx.db, new)? == 1 {
        keep_files(tx.db, new)?;
        told::came(tx, &new.procedure_id, new.revision)?;
    } else if !is_kept(tx.db, new)? {
        return Ok(Published::OtherWords);
    }
    let shown: Option<i64> = procedures::table
        .find(&new.procedure_id)
        .select(procedures::revision)
        .first(tx.db)
        .optional()?;
    if shown.is_some_and(|shown| shown > new.revision) {
        return Ok(Published::Kept);
    }
    let closed_at: Option<i64> = closings::table
        .find(&new.procedure_id)
        .filter(closings::revision.ge(new.revision))
        .select(closings::closed_at)
        .first(tx.db)
        .optional()?;
    show(tx.db, new, shown.is_some(), closed_at)?;
    changed(tx.db)?;
    seats::lock(tx.db, &new.procedure_id)?;
    offer_seats(tx.db, new)?;
    lift_limits(tx.db, new)?;
    // Where there are more seats now, those who waited have their turn.
    waiting::promote(tx, &new.procedure_id, new.at)?;
    let detail = format!("revision={}", new.revision);
    record_with(tx, by, Act::ProcedurePublished, &new.procedure_id, detail);
    Ok(if closed_at.is_some() { Published::Closed } else { Published::Shown })
}

fn keep(db: &mut Db, new: &NewRevision) -> QueryResult<usize> {
    let row = (
        procedure_revisions::procedure_id.eq(&new.procedure_id),
        procedure_revisions::revision.eq(new.revision),
        procedure_revisions::sha256.eq(&new.sha256),
        procedure_revisions::document.eq(&new.document),
        procedure_revisions::received_at.eq(new.at),
    );
    each_backend!(db, conn => diesel::insert_into(procedure_revisions::table)
        .values(row).on_conflict_do_nothing().execute(conn))
}

/// Whether what is kept under the number is this very document.
fn is_kept(db: &mut Db, new: &NewRevision) -> QueryResult<bool> {
    let kept: Vec<u8> = procedure_revisions::table
        .find((&new.procedure_id, new.revision))
        .select(procedure_revisions::sha256)
        .first(db)?;
    Ok(kept == new.sha256)
}

fn keep_files(db: &mut Db, new: &NewRevision) -> QueryResult<()> {
    for file in &new.files {
        diesel::insert_into(procedure_files::table)
            .values((
                procedure_files::procedure_id.eq(&new.procedure_id),
                procedure_files::revision.eq(new.revision),
                procedure_files::id.eq(&file.id),
                procedure_files::name.eq(&file.name),
                procedure_files::media.eq(&file.media),
                procedure_files::content.eq(&file.content),
            ))
            .execute(db)?;
    }
    Ok(())
}

/// A file that came beside a revision.
///
/// # Errors
/// When the database cannot be read.
pub fn file(
    db: &mut Db,
    procedure_id: &str,
    revision: i64,
    id: &str,
) -> QueryResult<Option<FormFile>> {
    procedure_files::table
        .find((procedure_id, revision, id))
        .select((
            procedure_files::id,
            procedure_files::name,
            procedure_files::media,
            procedure_files::content,
        ))
        .first(db)
        .optional()
}

fn show(db: &mut Db, new: &NewRevision, known: bool, closed_at: Option<i64>) -> QueryResult<usize> {
    if known {
        return diesel::update(procedures::table.find(&new.procedure_id))
            .set((
                procedures::slug.eq(&new.slug),
                procedures::revision.eq(new.revision),
                procedures::closed_at.eq(closed_at),
                procedures::published_at.eq(new.at),
            ))
            .execute(db);
    }
    diesel::insert_into(procedures::table)
        .values((
            procedures::id.eq(&new.procedure_id),
            procedures::slug.eq(&new.slug),
            procedures::revision.eq(new.revision),
            procedures::closed_at.eq(closed_at),
            procedures::published_at.eq(new.at),
        ))
        .execute(db)
}

/// Seats taken stay taken when a revision changes how many there are.
fn offer_seats(db: &mut Db, new: &NewRevision) -> QueryResult<()> {
    use crate::schema::seats;
    for NewPool { pool, capacity, waitlist } in &new.pools {
        let row = (
            seats::procedure_id.eq(&new.procedure_id),
            seats::pool.eq(pool),
            seats::capacity.eq(capacity),
            seats::taken.eq(0),
            seats::waitlist.eq(waitlist),
        );
        each_backend!(db, conn => diesel::insert_into(seats::table)
            .values(row)
            .on_conflict((seats::procedure_id, seats::pool))
            .do_update()
            .set((seats::capacity.eq(capacity), seats::waitlist.eq(waitlist)))
            .execute(conn))?;
    }
    Ok(())
}

/// A limit that is taken away keeps nobody waiting. The row stays: seats of it are held, and
/// are counted again should the limit come back.
fn lift_limits(db: &mut Db, new: &NewRevision) -> QueryResult<usize> {
    use crate::schema::seats;
    let offered: Vec<&String> = new.pools.iter().map(|pool| &pool.pool).collect();
    let gone = seats::table
        .filter(seats::procedure_id.eq(&new.procedure_id))
        .filter(seats::pool.ne_all(offered));
    diesel::update(gone).set((seats::capacity.eq(UNLIMITED), seats::waitlist.eq(0))).execute(db)
}

/// Takes a procedure away from the citizens as far as it was published until `revision`; without one, until the
/// one that is shown. Closings and publications may come in any order: the greater revision decides, so a later
/// one stays open and an earlier one that comes late stays closed. `false` when nothing was shown of it.
///
/// # Errors
/// When the database cannot be written.
pub fn close(
    tx: &mut Tx<'_>,
    by: &By,
    (procedure_id, revision): (&str, Option<i64>),
    at: i64,
) -> QueryResult<bool> {
    let shown = || procedures::table.find(procedure_id);
    let revision = match revision {
        Some(revision) => Some(revision),
        None => shown().select(procedures::revision).first(tx.db).optional()?,
    };
    let mut closed = 0;
    if let Some(revision) = revision {
        note_closing(tx.db, (procedure_id, revision), at)?;
        closed = diesel::update(shown().filter(procedures::revision.le(revision)))
            .set(procedures::closed_at.eq(Some(at)))
            .execute(tx.db)?;
    }
    changed(tx.db)?;
    record(tx, by, Act::ProcedureClosed, procedure_id);
    Ok(closed == 1)
}

/// Keeps the greatest revision until which a procedure was closed.
fn note_closing(db: &mut Db, (procedure_id, revision): (&str, i64), at: i64) -> QueryResult<usize> {
    let row = (
        closings::procedure_id.eq(procedure_id),
        closings::revision.eq(revision),
        closings::closed_at.eq(at),
    );
    let new = each_backend!(db, conn => diesel::insert_into(closings::table)
        .values(row).on_conflict_do_nothing().execute(conn))?;
    if new == 1 {
        return Ok(1);
    }
    let older = closings::table.find(procedure_id).filter(closings::revision.lt(revision));
    diesel::update(older)
        .set((closings::revision.eq(revision), closings::closed_at.eq(at)))
        .execute(db)
}

/// Whether citizens ever saw a procedure.
///
/// # Errors
/// When the database cannot be read.
pub fn is_known(db: &mut Db, procedure_id: &str) -> QueryResult<bool> {
    procedures::table.find(procedure_id).count().get_result(db).map(|known: i64| known > 0)
}

/// Counts what changes the procedures and departments that citizens see.
const CHANGES: &str = "shown";

pub(crate) fn changed(db: &mut Db) -> QueryResult<usize> {
    let row = (counters::name.eq(CHANGES), counters::value.eq(1));
    each_backend!(db, conn => diesel::insert_into(counters::table)
        .values(row)
        .on_conflict(counters::name)
        .do_update()
        .set(counters::value.eq(counters::value + 1))
        .execute(conn))
}

/// How often something that citizens see was changed: one row, asked twice a second.
///
/// # Errors
/// When the database cannot be read.
pub fn changes(db: &mut Db) -> QueryResult<i64> {
    let found = counters::table.find(CHANGES).select(counters::value).first(db).optional()?;
    Ok(found.unwrap_or_default())
}

/// Which revision of each procedure is shown: `(id, revision, published_at, closed_at)`.
pub type Shown = (String, i64, i64, Option<i64>);

/// Lists what is shown now.
///
/// # Errors
/// When the database cannot be read.
pub fn shown(db: &mut Db) -> QueryResult<Vec<Shown>> {
    procedures::table
        .order(procedures::id)
        .select((
            procedures::id,
            procedures::revision,
            procedures::published_at,
            procedures::closed_at,
        ))
        .load(db)
}

/// The document of one revision, if it ever arrived.
///
/// # Errors
/// When the database cannot be read.
pub fn document(db: &mut Db, procedure_id: &str, revision: i64) -> QueryResult<Option<Vec<u8>>> {
    procedure_revisions::table
        .find((procedure_id, revision))
        .select(procedure_revisions::document)
        .first(db)
        .optional()
}

/// One pool of seats.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Pool {
    /// `"FIELD.CODE"`, or `"procedure"` for the whole of it.
    pub pool: String,
    /// How many there are.
    pub capacity: i64,
    /// How many are taken, those kept for drafts included.
    pub taken: i64,
    /// How many applications may wait.
    pub waitlist: i64,
    /// How many wait.
    pub waiting: i64,
}

impl Pool {
    /// Whether nobody can take a seat now (NF-49).
    #[must_use]
    pub const fn is_full(&self) -> bool {
        self.taken >= self.capacity || self.waiting > 0
    }

    /// Whether its limit was taken away: nothing is said of what is left, not even in an older revision.
    #[must_use]
    pub const fn is_unlimited(&self) -> bool {
        self.capacity >= UNLIMITED
    }

    /// Whether there is room for one more who waits.
    #[must_use]
    pub const fn may_wait(&self) -> bool {
        self.waiting < self.waitlist
    }
}

/// The pools of one procedure.
///
/// # Errors
/// When the database cannot be read.
pub fn pools(db: &mut Db, procedure_id: &str) -> QueryResult<Vec<Pool>> {
    use crate::schema::seats;
    seats::table
        .filter(seats::procedure_id.eq(procedure_id))
        .order(seats::pool)
        .select((seats::pool, seats::capacity, seats::taken, seats::waitlist, seats::waiting))
        .load(db)
}

/// Counts one download of a form on `day` (ISO date in Japan) (NF-25).
///
/// # Errors
/// When the database cannot be written.
pub fn count_download(
    tx: &mut Tx<'_>,
    procedure_id: &str,
    file: &str,
    day: &str,
) -> QueryResult<()> {
    let row = (
        form_downloads::procedure_id.eq(procedure_id),
        form_downloads::file.eq(file),
        form_downloads::day.eq(day),
        form_downloads::fetched.eq(1),
    );
    each_backend!(tx.db, conn => diesel::insert_into(form_downloads::table)
        .values(row)
        .on_conflict((form_downloads::procedure_id, form_downloads::file, form_downloads::day))
        .do_update()
        .set(form_downloads::fetched.eq(form_downloads::fetched + 1))
        .execute(conn))?;
    usage::add(tx, &(day.to_owned(), procedure_id.to_owned(), Usage::Download), 1)
}

/// Downloads of a procedure's forms so far.
///
/// # Errors
/// When the database cannot be read.
pub fn downloads(db: &mut Db, procedure_id: &str) -> QueryResult<i64> {
    let days: Vec<i64> = form_downloads::table
        .filter(form_downloads::procedure_id.eq(procedure_id))
        .select(form_downloads::fetched)
        .load(db)?;
    Ok(days.into_iter().sum())
}

/// A department as citizens see it.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Department {
    /// Identifier.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its telephone number, may be empty.
    pub phone: String,
    /// Where to find it, may be empty.
    pub place: String,
}

/// Replaces the list of departments.
///
/// # Errors
/// When the database cannot be written.
pub fn replace_departments(tx: &mut Tx<'_>, list: &[Department]) -> QueryResult<()> {
    changed(tx.db)?;
    diesel::delete(departments::table).execute(tx.db)?;
    for (position, department) in (0_i64..).zip(list) {
        diesel::insert_into(departments::table)
            .values((
                departments::id.eq(&department.id),
                departments::name.eq(&department.name),
                departments::phone.eq(&department.phone),
                departments::place.eq(&department.place),
                departments::position.eq(position),
            ))
            .execute(tx.db)?;
    }
    Ok(())
}

/// All departments in their order.
///
/// # Errors
/// When the database cannot be read.
pub fn departments(db: &mut Db) -> QueryResult<Vec<Department>> {
    departments::table
        .order(departments::position)
        .select((departments::id, departments::name, departments::phone, departments::place))
        .load(db)
}
