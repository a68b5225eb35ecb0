//! Tables of replacements for characters a business system does not know
//! (IK-2.1.2d1). An upload makes a new version; a version never changes.

use diesel::prelude::*;
use platform_store::{Db, Tx};

use crate::record::By;
use crate::schema::gaiji_tables as tables;

/// One version of a table.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = tables)]
pub struct Version {
    /// Name of the table, as layouts give it.
    pub name: String,
    /// From 1.
    pub version: i32,
    /// The file, as text.
    pub content: String,
    /// Characters it replaces.
    pub characters: i64,
    /// Microseconds.
    pub uploaded_at: i64,
    /// Staff id.
    pub uploaded_by: String,
}

/// The newest version of every table, by name.
///
/// # Errors
/// When the database cannot be read.
pub fn newest(db: &mut Db) -> QueryResult<Vec<Version>> {
    let all: Vec<Version> = tables::table
        .order((tables::name, tables::version.desc()))
        .select(Version::as_select())
        .load(db)?;
    let mut newest: Vec<Version> = Vec::new();
    for one in all {
        if newest.last().is_none_or(|last| last.name != one.name) {
            newest.push(one);
        }
    }
    Ok(newest)
}

/// The newest version of one table.
///
/// # Errors
/// When the database cannot be read.
pub fn find(db: &mut Db, name: &str) -> QueryResult<Option<Version>> {
    tables::table
        .filter(tables::name.eq(name))
        .order(tables::version.desc())
        .select(Version::as_select())
        .first(db)
        .optional()
}

/// Takes a new version in and returns its number.
///
/// # Errors
/// When the database cannot be written.
pub fn put(
    tx: &mut Tx<'_>,
    by: &By,
    name: &str,
    (content, characters): (&str, i64),
) -> QueryResult<i32> {
    let version = find(tx.db, name)?.map_or(0, |known| known.version) + 1;
    diesel::insert_into(tables::table)
        .values((
            tables::name.eq(name),
            tables::version.eq(version),
            tables::content.eq(content),
            tables::characters.eq(characters),
            tables::uploaded_at.eq(by.at.as_microsecond()),
            tables::uploaded_by.eq(&by.staff),
        ))
        .execute(tx.db)?;
    let detail = format!("version {version}, {characters} characters");
    by.record(tx, "exports.gaiji_put", "gaiji_table", name, &detail);
    Ok(version)
}
