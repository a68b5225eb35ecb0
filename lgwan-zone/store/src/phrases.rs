//! 定型文: words a department writes to applicants again and again.

use diesel::prelude::*;
use platform_store::{Db, Tx, each_backend};

use crate::record::By;
use crate::schema::phrases;

/// Most of a department.
pub const MOST: usize = 100;
/// Longest title in characters.
pub const LONGEST_TITLE: usize = 40;

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = phrases)]
pub struct Phrase {
    /// Identifier.
    pub id: String,
    /// Whose.
    pub department_id: String,
    /// What staff call it.
    pub title: String,
    /// The words; `{number}` and `{procedure}` are filled in.
    pub words: String,
    /// When it was changed last, microseconds.
    pub changed_at: i64,
    /// By whom.
    pub changed_by: String,
}

/// What came of keeping one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// It is kept.
    Done,
    /// The department has another one of this title.
    TitleTaken,
    /// It has [`MOST`] already.
    Full,
}

/// Those of these departments, by title.
///
/// # Errors
/// When the database cannot be read.
pub fn of(db: &mut Db, departments: &[String]) -> QueryResult<Vec<Phrase>> {
    phrases::table
        .filter(phrases::department_id.eq_any(departments))
        .order((phrases::department_id, phrases::title))
        .select(Phrase::as_select())
        .load(db)
}

/// One of them.
///
/// # Errors
/// When the database cannot be read.
pub fn find(db: &mut Db, id: &str) -> QueryResult<Option<Phrase>> {
    phrases::table.find(id).select(Phrase::as_select()).first(db).optional()
}

/// Keeps a new one, or one that was changed.
///
/// # Errors
/// When the database cannot be written.
pub fn keep(tx: &mut Tx<'_>, by: &By, new: &Phrase) -> QueryResult<Kept> {
    let there = of(tx.db, std::slice::from_ref(&new.department_id))?;
    if there.iter().any(|one| one.title == new.title && one.id != new.id) {
        return Ok(Kept::TitleTaken);
    }
    if there.iter().any(|one| one.id == new.id) {
        diesel::update(phrases::table.find(&new.id)).set(new).execute(tx.db)?;
    } else if there.len() >= MOST {
        return Ok(Kept::Full);
    } else {
        let kept = each_backend!(tx.db, conn => diesel::insert_into(phrases::table)
            .values(new).on_conflict_do_nothing().execute(conn))?;
        if kept == 0 {
            return Ok(Kept::TitleTaken);
        }
    }
    by.record(tx, "phrases.kept", "phrase", &new.id, &new.title);
    Ok(Kept::Done)
}

/// Drops one.
///
/// # Errors
/// When the database cannot be written.
pub fn drop_it(tx: &mut Tx<'_>, by: &By, phrase: &Phrase) -> QueryResult<()> {
    if diesel::delete(phrases::table.find(&phrase.id)).execute(tx.db)? == 1 {
        by.record(tx, "phrases.dropped", "phrase", &phrase.id, &phrase.title);
    }
    Ok(())
}

/// Takes those of a department over to another with all it has; one of the same title there stays.
pub(crate) fn hand(tx: &mut Tx<'_>, from: &str, to: &str) -> QueryResult<()> {
    let there = of(tx.db, &[to.to_owned()])?;
    for phrase in of(tx.db, &[from.to_owned()])? {
        if there.iter().any(|one| one.title == phrase.title) {
            diesel::delete(phrases::table.find(&phrase.id)).execute(tx.db)?;
        } else {
            diesel::update(phrases::table.find(&phrase.id))
                .set(phrases::department_id.eq(to))
                .execute(tx.db)?;
        }
    }
    Ok(())
}
