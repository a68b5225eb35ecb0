//! 列のひな形: which columns the list of a procedure's applications has when it is taken out.

use diesel::prelude::*;
use platform_store::{Db, Tx, each_backend};

use crate::record::By;
use crate::schema::column_sets;

/// Most of a procedure.
pub const MOST: usize = 30;
/// Longest name in characters.
pub const LONGEST: usize = 40;

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = column_sets)]
pub struct ColumnSet {
    /// Identifier.
    pub id: String,
    /// Of which procedure.
    pub procedure_id: String,
    /// What staff call it.
    pub name: String,
    /// Names of columns in order, one a line.
    pub names: String,
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
    /// The procedure has another one of this name.
    NameTaken,
    /// It has [`MOST`] already.
    Full,
}

/// Those of a procedure, by name.
///
/// # Errors
/// When the database cannot be read.
pub fn of(db: &mut Db, procedure: &str) -> QueryResult<Vec<ColumnSet>> {
    column_sets::table
        .filter(column_sets::procedure_id.eq(procedure))
        .order((column_sets::name, column_sets::id))
        .select(ColumnSet::as_select())
        .load(db)
}

/// One of them.
///
/// # Errors
/// When the database cannot be read.
pub fn find(db: &mut Db, id: &str) -> QueryResult<Option<ColumnSet>> {
    column_sets::table.find(id).select(ColumnSet::as_select()).first(db).optional()
}

/// Keeps a new one, or one that was changed.
///
/// # Errors
/// When the database cannot be written.
pub fn keep(tx: &mut Tx<'_>, by: &By, new: &ColumnSet) -> QueryResult<Kept> {
    let there = of(tx.db, &new.procedure_id)?;
    if there.iter().any(|one| one.name == new.name && one.id != new.id) {
        return Ok(Kept::NameTaken);
    }
    if there.iter().any(|one| one.id == new.id) {
        diesel::update(column_sets::table.find(&new.id)).set(new).execute(tx.db)?;
    } else if there.len() >= MOST {
        return Ok(Kept::Full);
    } else {
        let kept = each_backend!(tx.db, conn => diesel::insert_into(column_sets::table)
            .values(new).on_conflict_do_nothing().execute(conn))?;
        if kept == 0 {
            return Ok(Kept::NameTaken);
        }
    }
    by.record(tx, "columns.kept", "procedure", &new.procedure_id, &new.name);
    Ok(Kept::Done)
}

/// Drops one.
///
/// # Errors
/// When the database cannot be written.
pub fn drop_it(tx: &mut Tx<'_>, by: &By, set: &ColumnSet) -> QueryResult<()> {
    if diesel::delete(column_sets::table.find(&set.id)).execute(tx.db)? == 1 {
        by.record(tx, "columns.dropped", "procedure", &set.procedure_id, &set.name);
    }
    Ok(())
}
