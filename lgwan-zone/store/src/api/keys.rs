//! Keys of business systems: the secret is kept as a hash, and shown once when it is made.

use diesel::prelude::*;
use domain::identity::KeyScope;
use platform_store::time::from_micros;
use platform_store::{Db, Tx};

use crate::record::By;
use crate::schema::{api_former_secrets, api_keys};

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
    /// When it became valid; before that a second person has to release it.
    pub released_at: Option<i64>,
    /// By whom; nobody for a key that needs no second person.
    pub released_by: Option<String>,
    /// When its secret was made and shown.
    pub shown_at: Option<i64>,
}

impl Key {
    /// Whether a business system may ask with it at this moment (microseconds).
    #[must_use]
    pub fn is_valid(&self, now: i64) -> bool {
        self.released_at.is_some() && self.is_standing(now)
    }

    /// Whether it is neither ended nor over, released or not.
    #[must_use]
    pub fn is_standing(&self, now: i64) -> bool {
        self.revoked_at.is_none() && now < self.expires_at
    }

    /// Whether this administrator may give it another secret: of a key that two people made who proposed
    /// it, of one that needs no second person everybody. One of before that would need a second one keeps
    /// its secret: nobody alone comes to see one that reads applications.
    #[must_use]
    pub fn is_turned_by(&self, staff: &str) -> bool {
        if self.released_by.is_some() {
            return self.made_by == staff;
        }
        let scopes = listed(&self.scopes);
        !scopes.iter().filter_map(|one| KeyScope::parse(one)).any(KeyScope::needs_two)
    }
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

/// The key with this secret, valid or not: its present one, or the one before as long as that is taken.
///
/// # Errors
/// When the database cannot be read.
pub fn by_hash(db: &mut Db, hash: &str, now: i64) -> QueryResult<Option<Key>> {
    let present = api_keys::table.filter(api_keys::secret_hash.eq(hash));
    let found = present.select(Key::as_select()).first(db).optional()?;
    if found.is_some() {
        return Ok(found);
    }
    let former: Option<String> = api_former_secrets::table
        .filter(api_former_secrets::secret_hash.eq(hash))
        .filter(api_former_secrets::until_at.gt(now))
        .select(api_former_secrets::key_id)
        .first(db)
        .optional()?;
    former.map_or(Ok(None), |id| find(db, &id))
}

/// Until when the secret before the present one is taken, in microseconds; `None` when it is over.
///
/// # Errors
/// When the database cannot be read.
pub fn former_until(db: &mut Db, id: &str, now: i64) -> QueryResult<Option<i64>> {
    api_former_secrets::table
        .find(id)
        .filter(api_former_secrets::until_at.gt(now))
        .select(api_former_secrets::until_at)
        .first(db)
        .optional()
}

/// Id and name of these keys.
///
/// # Errors
/// When the database cannot be read.
pub fn names(db: &mut Db, ids: &[String]) -> QueryResult<Vec<(String, String)>> {
    let some = api_keys::table.filter(api_keys::id.eq_any(ids));
    some.select((api_keys::id, api_keys::name)).load(db)
}

/// Makes a key, or proposes it when somebody else has to release it. A second press of the same button
/// makes no second one: `false`.
///
/// # Errors
/// When the database cannot be written.
pub fn make(tx: &mut Tx<'_>, by: &By, key: &Key) -> QueryResult<bool> {
    if find(tx.db, &key.id)?.is_some() {
        return Ok(false);
    }
    diesel::insert_into(api_keys::table).values(key).execute(tx.db)?;
    if key.released_at.is_some() {
        by.record(tx, "api.key_made", "key", &key.id, &key.scopes);
    } else {
        by.record(tx, "api.key_proposed", "key", &key.id, &key.scopes);
    }
    Ok(true)
}

/// Releases or refuses a key that somebody else proposed; `false` when it does not wait, or for who
/// proposed it.
///
/// # Errors
/// When the database cannot be written.
pub fn decide(tx: &mut Tx<'_>, by: &By, id: &str, release: bool) -> QueryResult<bool> {
    let at = by.at.as_microsecond();
    let waiting = api_keys::table
        .find(id)
        .filter(api_keys::released_at.is_null())
        .filter(api_keys::revoked_at.is_null())
        .filter(api_keys::made_by.ne(&by.staff));
    let decided = if release {
        diesel::update(waiting)
            .set((api_keys::released_at.eq(at), api_keys::released_by.eq(&by.staff)))
            .execute(tx.db)?
    } else {
        diesel::update(waiting)
            .set((api_keys::revoked_at.eq(at), api_keys::revoked_by.eq(&by.staff)))
            .execute(tx.db)?
    };
    if decided == 1 && release {
        by.record(tx, "api.key_released", "key", id, "");
    } else if decided == 1 {
        by.record(tx, "api.key_refused", "key", id, "");
    }
    Ok(decided == 1)
}

/// Gives a released key the secret with this hash, which who proposed it sees once; `false` for others,
/// or when it was seen.
///
/// # Errors
/// When the database cannot be written.
pub fn reveal(tx: &mut Tx<'_>, by: &By, id: &str, hash: &str) -> QueryResult<bool> {
    let unseen = api_keys::table
        .find(id)
        .filter(api_keys::released_at.is_not_null())
        .filter(api_keys::shown_at.is_null())
        .filter(api_keys::revoked_at.is_null())
        .filter(api_keys::made_by.eq(&by.staff));
    let shown = diesel::update(unseen)
        .set((api_keys::secret_hash.eq(hash), api_keys::shown_at.eq(by.at.as_microsecond())))
        .execute(tx.db)?;
    if shown == 1 {
        by.record(tx, "api.key_shown", "key", id, "");
    }
    Ok(shown == 1)
}

/// Gives a key another secret; the one it had is taken until a moment, one before that no longer. `seen`
/// begins the hash of the secret it is thought to have. `false` when it has another one, is over, waits
/// for somebody, or is not there; and for who may not turn it ([`Key::is_turned_by`]).
///
/// # Errors
/// When the database cannot be written.
pub fn turn(
    tx: &mut Tx<'_>,
    by: &By,
    (id, seen): (&str, &str),
    (hash, until): (&str, i64),
) -> QueryResult<bool> {
    let now = by.at.as_microsecond();
    let known = find(tx.db, id)?.filter(|key| key.is_turned_by(&by.staff));
    let Some(key) = known.filter(|key| !seen.is_empty() && key.secret_hash.starts_with(seen))
    else {
        return Ok(false);
    };
    let open = api_keys::table
        .find(id)
        .filter(api_keys::shown_at.is_not_null())
        .filter(api_keys::secret_hash.eq(&key.secret_hash))
        .filter(api_keys::revoked_at.is_null().and(api_keys::expires_at.gt(now)));
    if diesel::update(open).set(api_keys::secret_hash.eq(hash)).execute(tx.db)? == 0 {
        return Ok(false);
    }
    diesel::delete(api_former_secrets::table.find(id)).execute(tx.db)?;
    if until > now {
        diesel::insert_into(api_former_secrets::table)
            .values((
                api_former_secrets::key_id.eq(id),
                api_former_secrets::secret_hash.eq(&key.secret_hash),
                api_former_secrets::until_at.eq(until),
            ))
            .execute(tx.db)?;
    }
    let former = from_micros(until);
    by.record(tx, "api.key_turned", "key", id, &format!("former_until={former}"));
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
