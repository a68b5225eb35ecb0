//! The question bank: questions kept beside the procedures, and where copies of them went (NF-37).

use diesel::prelude::*;
use domain::text::search_key;
use platform_store::{Db, Tx};

use crate::record::By;
use crate::schema::{bank_items, bank_uses};

/// Something that was kept: a question, or several that belong together.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = crate::schema::bank_items)]
pub struct Item {
    /// Identifier.
    pub id: String,
    /// What staff call it.
    pub name: String,
    /// Whose it is: only this department changes it.
    pub department_id: String,
    /// JSON list of the questions.
    pub fields: String,
    /// Procedure it came from.
    pub procedure_id: String,
    /// Revision of it.
    pub revision: i32,
    /// Microseconds.
    pub kept_at: i64,
    /// Staff id.
    pub kept_by: String,
}

/// Where a copy went.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Use {
    /// Procedure.
    pub procedure_id: String,
    /// Id of the first question there.
    pub field_id: String,
    /// Microseconds.
    pub taken_at: i64,
}

/// Keeps questions; `labels` are found by the search as well.
///
/// # Errors
/// When the database cannot be written.
pub fn put(tx: &mut Tx<'_>, by: &By, item: &Item, labels: &str) -> QueryResult<()> {
    diesel::insert_into(bank_items::table)
        .values((item, bank_items::search.eq(search_text(&item.name, labels))))
        .execute(tx.db)?;
    by.record(tx, "procedures.bank_kept", "bank", &item.id, &item.name);
    Ok(())
}

fn search_text(name: &str, labels: &str) -> String {
    search_key(&format!("{name} {labels}"))
}

/// Items whose name or questions hold the words, by name; at most `rows` behind the place
/// `(name, id)`.
///
/// # Errors
/// When the database cannot be read.
pub fn find(
    db: &mut Db,
    words: &str,
    after: Option<&(String, String)>,
    rows: i64,
) -> QueryResult<Vec<Item>> {
    let key = search_key(words).replace(['%', '_', '\\'], "");
    let mut found = bank_items::table
        .filter(bank_items::retired_at.is_null())
        .filter(bank_items::search.like(format!("%{key}%")))
        .order((bank_items::name, bank_items::id))
        .limit(rows)
        .select(Item::as_select())
        .into_boxed();
    if let Some((name, id)) = after {
        let same = bank_items::name.eq(name).and(bank_items::id.gt(id));
        found = found.filter(bank_items::name.gt(name).or(same));
    }
    found.load(db)
}

/// One item that is still offered.
///
/// # Errors
/// When the database cannot be read.
pub fn item(db: &mut Db, id: &str) -> QueryResult<Option<Item>> {
    bank_items::table
        .find(id)
        .filter(bank_items::retired_at.is_null())
        .select(Item::as_select())
        .first(db)
        .optional()
}

/// Where copies of it went, newest first; at most `rows`.
///
/// # Errors
/// When the database cannot be read.
pub fn uses(db: &mut Db, id: &str, rows: i64) -> QueryResult<Vec<Use>> {
    bank_uses::table
        .filter(bank_uses::item_id.eq(id))
        .order((bank_uses::taken_at.desc(), bank_uses::procedure_id, bank_uses::field_id))
        .limit(rows)
        .select((bank_uses::procedure_id, bank_uses::field_id, bank_uses::taken_at))
        .load(db)
}

/// Notes that a copy went into a procedure, where its first question has this id; `false` when the
/// item is no longer offered. Noting it twice changes nothing.
///
/// # Errors
/// When the database cannot be written.
pub fn take(
    tx: &mut Tx<'_>,
    by: &By,
    id: &str,
    (procedure, field): (&str, &str),
) -> QueryResult<bool> {
    if item(tx.db, id)?.is_none() {
        return Ok(false);
    }
    let place = bank_uses::table.find((id, procedure, field));
    let known: i64 = place.count().get_result(tx.db)?;
    if known == 0 {
        diesel::insert_into(bank_uses::table)
            .values((
                bank_uses::item_id.eq(id),
                bank_uses::procedure_id.eq(procedure),
                bank_uses::field_id.eq(field),
                bank_uses::taken_at.eq(by.at.as_microsecond()),
                bank_uses::taken_by.eq(&by.staff),
            ))
            .execute(tx.db)?;
        by.record(tx, "procedures.bank_taken", "bank", id, procedure);
    }
    Ok(true)
}

/// Calls it something else; `false` when it is no longer offered.
///
/// # Errors
/// When the database cannot be written.
pub fn rename(
    tx: &mut Tx<'_>,
    by: &By,
    id: &str,
    (name, labels): (&str, &str),
) -> QueryResult<bool> {
    let offered = bank_items::table.find(id).filter(bank_items::retired_at.is_null());
    let done = diesel::update(offered)
        .set((bank_items::name.eq(name), bank_items::search.eq(search_text(name, labels))))
        .execute(tx.db)?;
    if done == 1 {
        by.record(tx, "procedures.bank_renamed", "bank", id, name);
    }
    Ok(done == 1)
}

/// Offers it no longer; copies of it stay as they are. `false` when it was not offered.
///
/// # Errors
/// When the database cannot be written.
pub fn retire(tx: &mut Tx<'_>, by: &By, id: &str) -> QueryResult<bool> {
    let offered = bank_items::table.find(id).filter(bank_items::retired_at.is_null());
    let done = diesel::update(offered)
        .set(bank_items::retired_at.eq(by.at.as_microsecond()))
        .execute(tx.db)?;
    if done == 1 {
        by.record(tx, "procedures.bank_retired", "bank", id, "");
    }
    Ok(done == 1)
}
