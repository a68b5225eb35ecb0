//! Keys of business systems: the secret is kept as a hash, and shown once when it is made.

use diesel::prelude::*;
use platform_store::{Db, Tx};

use crate::record::By;
use crate::schema::api_keys;

/// One key. Times are microseconds; lists are JSON.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = api_keys)]
pub struct Key {
    /// Identifier.
    pub id: String,
    /// Name of the business system, as histories show it.
    pub name: String,
    /// What it is for.
    pub purpose: String,
    /// What it may do, JSON list.
    pub scopes: String,
    /// Ids of the departments it meets, JSON list.
    pub departments: String,
    /// Ids of the procedures it meets, JSON list; all when empty.
    pub procedures: String,
    /// Networks it is used from, JSON list; any when empty.
    pub networks: String,
    /// Requests a minute.
    pub per_minute: i32,
    /// Lower-case hex SHA-256 of the secret.
    pub secret_hash: String,
    /// When it was made.
    pub made_at: i64,
    /// By which administrator.
    pub made_by: String,
    /// Until when it is valid.
    pub expires_at: i64,
    /// When it was ended before that.
    pub revoked_at: Option<i64>,
    /// By whom.
    pub revoked_by: Option<String>,
    /// When it was used last, to a minute.
    pub used_at: Option<i64>,
    /// From where.
    pub used_from: Option<String>,
}

/// Every key, newest first.
///
/// # Errors
/// When the database cannot be read.
pub fn all(db: &mut Db) -> QueryResult<Vec<Key>> {
    api_keys::table
        .order((api_keys::made_at.desc(), api_keys::id.desc()))
        .select(Key::as_select())
        .load(db)
}

/// One key.
///
/// # Errors
/// When the database cannot be read.
pub fn find(db: &mut Db, id: &str) -> QueryResult<Option<Key>> {
    api_keys::table.find(id).select(Key::as_select()).first(db).optional()
}

/// The key with this secret, valid or not.
///
/// # Errors
/// When the database cannot be read.
pub fn by_hash(db: &mut Db, hash: &str) -> QueryResult<Option<Key>> {
    let found = api_keys::table.filter(api_keys::secret_hash.eq(hash));
    found.select(Key::as_select()).first(db).optional()
}

/// Id and name of these keys.
///
/// # Errors
/// When the database cannot be read.
pub fn names(db: &mut Db, ids: &[String]) -> QueryResult<Vec<(String, String)>> {
    let some = api_keys::table.filter(api_keys::id.eq_any(ids));
    some.select((api_keys::id, api_keys::name)).load(db)
}

/// Makes a key. A second press of the same button makes no second one: `false`.
///
/// # Errors
/// When the database cannot be written.
pub fn make(tx: &mut Tx<'_>, by: &By, key: &Key) -> QueryResult<bool> {
    if find(tx.db, &key.id)?.is_some() {
        return Ok(false);
    }
    diesel::insert_into(api_keys::table).values(key).execute(tx.db)?;
    by.record(tx, "api.key_made", "key", &key.id, &key.scopes);
    Ok(true)
}

/// Ends a key at once; `false` when it had ended before or there is none.
///
/// # Errors
/// When the database cannot be written.
pub fn revoke(tx: &mut Tx<'_>, by: &By, id: &str) -> QueryResult<bool> {
    let open = api_keys::table.find(id).filter(api_keys::revoked_at.is_null());
    let ended = diesel::update(open)
        .set((api_keys::revoked_at.eq(by.at.as_microsecond()), api_keys::revoked_by.eq(&by.staff)))
        .execute(tx.db)?;
    if ended == 1 {
        by.record(tx, "api.key_revoked", "key", id, "");
    }
    Ok(ended == 1)
}

/// Notes that a key is used.
///
/// # Errors
/// When the database cannot be written.
pub fn used(tx: &mut Tx<'_>, id: &str, at: i64, from: &str) -> QueryResult<()> {
    diesel::update(api_keys::table.find(id))
        .set((api_keys::used_at.eq(at), api_keys::used_from.eq(from)))
        .execute(tx.db)
        .map(drop)
}

/// A list that is stored as JSON.
fn listed(stored: &str) -> Vec<String> {
    serde_json::from_str(stored).unwrap_or_default()
}

/// The keys that are not ended and meet this department.
fn meeting(db: &mut Db, department: &str) -> QueryResult<Vec<Key>> {
    let mut open: Vec<Key> = api_keys::table
        .filter(api_keys::revoked_at.is_null())
        .order((api_keys::name, api_keys::id))
        .select(Key::as_select())
        .load(db)?;
    open.retain(|key| listed(&key.departments).iter().any(|one| one == department));
    Ok(open)
}

/// Names of the keys, not ended, that meet one of these departments.
///
/// # Errors
/// When the database cannot be read.
pub fn reaching(db: &mut Db, departments: &[String]) -> QueryResult<Vec<String>> {
    let mut names = Vec::new();
    for department in departments {
        names.extend(meeting(db, department)?.into_iter().map(|key| key.name));
    }
    names.sort_unstable();
    names.dedup();
    Ok(names)
}

/// What a department, or one procedure of it, hands on stays within reach of the keys that met it: they
/// meet the heir too, and a department that closes no more. Their webhooks go with them.
///
/// # Errors
/// When the database cannot be written.
pub fn hand(
    tx: &mut Tx<'_>,
    by: &By,
    (from, to): (&str, &str),
    procedure: Option<&str>,
) -> QueryResult<()> {
    for key in meeting(tx.db, from)? {
        let procedures = listed(&key.procedures);
        let meets = |id: &str| procedures.is_empty() || procedures.iter().any(|one| one == id);
        if procedure.is_some_and(|id| !meets(id)) {
            continue;
        }
        let mut departments = listed(&key.departments);
        departments.retain(|one| procedure.is_some() || one != from);
        if !departments.iter().any(|one| one == to) {
            departments.push(to.to_owned());
        }
        let list = serde_json::to_string(&departments)
            .map_err(|error| diesel::result::Error::SerializationError(Box::new(error)))?;
        diesel::update(api_keys::table.find(&key.id))
            .set(api_keys::departments.eq(list))
            .execute(tx.db)?;
        by.record(tx, "api.key_handed", "key", &key.id, &format!("from={from} to={to}"));
    }
    Ok(())
}
