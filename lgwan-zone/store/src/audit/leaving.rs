//! Whose data left with which list: noted piece by piece before a piece goes, so that somebody who asks
//! can be told (NF-41, NF-42). It is kept as long as the operation log.

use std::collections::BTreeSet;

use diesel::prelude::*;
use platform_store::{Db, Tx, insert_many};

use crate::record::By;
use crate::schema::{
    applications, export_generations as generations, export_ledger as ledger,
    export_repeated as repeated, list_export_applications as held, list_exports as lists,
};

/// The list of what the departments are asked (意見照会).
pub const INQUIRIES: &str = "inquiries";
/// A list that a business system read; who took it is its name.
pub const API: &str = "api";

/// With what an application left.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// A list that a person took.
    List {
        /// Who took it: their name then.
        by: String,
        /// What kind of file: `utf8`, `cp932`, `xlsx`, `zip`; [`INQUIRIES`] or [`API`].
        shape: String,
    },
    /// A generation of a business system.
    Generation {
        /// Of which export.
        job: String,
        /// Its number.
        number: i32,
    },
}

/// That an application left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// When, microseconds.
    pub at: i64,
    /// With what.
    pub way: Way,
    /// Receipt number of the application; empty of one that is deleted.
    pub number: String,
}

/// Notes that a list is about to leave.
///
/// # Errors
/// When the database cannot be written.
pub fn begin(tx: &mut Tx<'_>, by: &By, id: &str, shape: &str) -> QueryResult<()> {
    diesel::insert_into(lists::table)
        .values((
            lists::id.eq(id),
            lists::at.eq(by.at.as_microsecond()),
            lists::staff_id.eq(&by.staff),
            lists::staff_name.eq(&by.name),
            lists::shape.eq(shape),
        ))
        .execute(tx.db)
        .map(drop)
}

/// One application in a list.
#[derive(Insertable)]
#[diesel(table_name = held, treat_none_as_default_value = false)]
struct Member<'a> {
    export_id: &'a str,
    application_id: &'a str,
}

/// Applications that one statement asks for.
const PIECE: usize = 1_000;

/// Notes whose data is in the next piece of it, a thousand with one statement: a list of many applications
/// waits for none of them. Noting one twice changes nothing.
///
/// # Errors
/// When the database cannot be written.
pub fn put(tx: &mut Tx<'_>, id: &str, ids: &[String]) -> QueryResult<()> {
    for piece in ids.chunks(PIECE) {
        let known: BTreeSet<String> = held::table
            .filter(held::export_id.eq(id))
            .filter(held::application_id.eq_any(piece))
            .select(held::application_id)
            .load(tx.db)?
            .into_iter()
            .collect();
        let new: BTreeSet<&str> =
            piece.iter().filter(|one| !known.contains(*one)).map(String::as_str).collect();
        let rows: Vec<Member<'_>> = new
            .into_iter()
            .map(|application_id| Member { export_id: id, application_id })
            .collect();
        insert_many!(tx.db, held::table, rows)?;
    }
    Ok(())
}

/// Notes a list that leaves in one piece, with whose data is in it; nothing of an empty one.
///
/// # Errors
/// When the database cannot be written.
pub fn whole(
    tx: &mut Tx<'_>,
    by: &By,
    (id, shape): (&str, &str),
    ids: &[String],
) -> QueryResult<()> {
    if ids.is_empty() {
        return Ok(());
    }
    begin(tx, by, id, shape)?;
    put(tx, id, ids)
}

/// The finished generations that hold these applications: those they left with first (`ledger`), or those
/// that put them out again (`repeated`).
macro_rules! generations_with {
    ($table:ident, $db:expr, $some:expr, $times:expr, $limit:expr) => {{
        let (from, before): (i64, i64) = $times;
        $table::table
            .inner_join(
                generations::table.on(generations::job
                    .eq($table::job)
                    .and(generations::generation.eq($table::generation))),
            )
            .filter($table::application_id.eq_any($some))
            .filter(generations::sha256.is_not_null())
            .filter(generations::started_at.ge(from).and(generations::started_at.lt(before)))
            .order((generations::started_at.desc(), $table::application_id))
            .limit($limit)
            .select((
                generations::started_at,
                $table::job,
                $table::generation,
                $table::application_id,
            ))
            .load::<(i64, String, i32, String)>($db)?
    }};
}

/// The lists and generations in which these applications left from one moment on and before another
/// (microseconds), newest first; at most `most`.
///
/// # Errors
/// When the database cannot be read.
pub fn of(
    db: &mut Db,
    ids: &[String],
    (from, before): (i64, i64),
    most: usize,
) -> QueryResult<Vec<Left>> {
    let limit = i64::try_from(most).unwrap_or(i64::MAX);
    let mut all = Vec::new();
    for some in ids.chunks(500) {
        let rows: Vec<(i64, String, String, String)> = held::table
            .inner_join(lists::table.on(lists::id.eq(held::export_id)))
            .filter(held::application_id.eq_any(some))
            .filter(lists::at.ge(from).and(lists::at.lt(before)))
            .order((lists::at.desc(), held::application_id))
            .limit(limit)
            .select((lists::at, lists::staff_name, lists::shape, held::application_id))
            .load(db)?;
        let numbers: Vec<(String, String)> = applications::table
            .filter(applications::id.eq_any(some))
            .select((applications::id, applications::number))
            .load(db)?;
        let number = |id: &str| {
            let known = numbers.iter().find(|(known, _)| known == id);
            known.map(|(_, number)| number.clone()).unwrap_or_default()
        };
        all.extend(rows.into_iter().map(|(at, by, shape, id)| {
            let way = Way::List { by, shape };
            Left { at, way, number: number(&id) }
        }));
        let mut made = generations_with!(ledger, db, some, (from, before), limit);
        made.extend(generations_with!(repeated, db, some, (from, before), limit));
        all.extend(made.into_iter().map(|(at, job, generation, id)| {
            let way = Way::Generation { job, number: generation };
            Left { at, way, number: number(&id) }
        }));
    }
    all.sort_by(|a, b| (b.at, &a.number, &a.way).cmp(&(a.at, &b.number, &b.way)));
    all.truncate(most);
    Ok(all)
}

/// Forgets what left before a moment, with the events of that time.
///
/// # Errors
/// When the database cannot be written.
pub(crate) fn forget(tx: &mut Tx<'_>, before: i64) -> QueryResult<()> {
    let old = || lists::table.filter(lists::at.lt(before));
    let theirs = held::export_id.eq_any(old().select(lists::id));
    diesel::delete(held::table.filter(theirs)).execute(tx.db)?;
    diesel::delete(old()).execute(tx.db).map(drop)
}
