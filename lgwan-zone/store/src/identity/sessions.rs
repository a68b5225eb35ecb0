//! Sessions. Only the SHA-256 of a session id is stored, so a stolen database
//! logs nobody in (A8).

use diesel::prelude::*;
use platform_store::{Db, Tx};

use super::staff::Staff;
use crate::record::By;
use crate::schema::{departments, staff, staff_departments, staff_sessions};

/// How far a log-in has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The password was right; the code of the authenticator app is missing.
    Code,
    /// The role needs an authenticator app and none is registered.
    Enrol,
    /// The initial password must be replaced.
    Password,
    /// Logged in.
    Open,
}

impl Stage {
    /// The stored word.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Enrol => "enrol",
            Self::Password => "password",
            Self::Open => "open",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        [Self::Code, Self::Enrol, Self::Password, Self::Open]
            .into_iter()
            .find(|stage| stage.code() == word)
    }
}

/// What a log-in began with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entered {
    /// A password.
    Password,
    /// A password, while everybody else signs in at the identity provider.
    BreakGlass,
    /// A sign-in at the city's identity provider.
    SingleSignOn,
}

impl Entered {
    /// The stored word.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::BreakGlass => "break_glass",
            Self::SingleSignOn => "sso",
        }
    }

    /// Reads [`code`](Self::code).
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Password, Self::BreakGlass, Self::SingleSignOn]
            .into_iter()
            .find(|one| one.code() == word)
    }

    /// How the operation log names the log-in.
    #[must_use]
    pub const fn act(self) -> &'static str {
        match self {
            Self::Password => "identity.login",
            Self::BreakGlass => "identity.break_glass_login",
            Self::SingleSignOn => "identity.sso_login",
        }
    }
}

/// How somebody came in and where to; it stays with the log-in through all its steps.
#[derive(Clone, Debug)]
pub struct Entrance {
    /// What the log-in began with.
    pub by: Entered,
    /// The page the person wanted to see; empty for none.
    pub goal: String,
}

/// A new session.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// Lower-case hex SHA-256 of the session id in the cookie.
    pub id_hash: String,
    /// Whose it is.
    pub staff_id: String,
    /// How far the log-in has come.
    pub stage: Stage,
    /// Microseconds; the session ends then whatever happens.
    pub ends_at: i64,
    /// How the person came in.
    pub entrance: Entrance,
    /// When the person proved who they are, microseconds; 0 when that is not known.
    pub proved_at: i64,
}

/// A session with its owner.
#[derive(Clone, Debug)]
pub struct Session {
    /// Hash of the session id.
    pub id_hash: String,
    /// How far the log-in has come.
    pub stage: Stage,
    /// Last request, microseconds.
    pub last_seen_at: i64,
    /// Absolute end, microseconds.
    pub ends_at: i64,
    /// How the person came in.
    pub entrance: Entrance,
    /// When the person proved last who they are, microseconds; 0 when that is not known.
    pub proved_at: i64,
    /// From which address.
    pub proved_ip: String,
    /// Whose it is.
    pub owner: Staff,
    /// Departments of the owner: `(id, name)` in list order.
    pub departments: Vec<(String, String)>,
    /// Departments of the owner with the roles named for them.
    pub memberships: Vec<(String, Option<String>)>,
}

/// Opens a session in place of the one whose hash is `replacing`.
///
/// # Errors
/// When the database cannot be written.
pub fn open(
    tx: &mut Tx<'_>,
    by: &By,
    new: &NewSession,
    replacing: Option<&str>,
) -> QueryResult<()> {
    if let Some(old) = replacing {
        diesel::delete(staff_sessions::table.find(old)).execute(tx.db)?;
    }
    let now = by.at.as_microsecond();
    diesel::delete(staff_sessions::table.filter(staff_sessions::ends_at.lt(now))).execute(tx.db)?;
    diesel::insert_into(staff_sessions::table)
        .values((
            staff_sessions::id_hash.eq(&new.id_hash),
            staff_sessions::staff_id.eq(&new.staff_id),
            staff_sessions::stage.eq(new.stage.code()),
            staff_sessions::ip.eq(&by.ip),
            staff_sessions::created_at.eq(now),
            staff_sessions::last_seen_at.eq(now),
            staff_sessions::ends_at.eq(new.ends_at),
            staff_sessions::entered.eq(new.entrance.by.code()),
            staff_sessions::goal.eq(&new.entrance.goal),
            staff_sessions::proved_at.eq(new.proved_at),
            staff_sessions::proved_ip.eq(&by.ip),
        ))
        .execute(tx.db)?;
    Ok(())
}

/// Keeps with the session of the person who is logged in when they proved anew who they are.
///
/// # Errors
/// When the database cannot be written.
pub fn prove(tx: &mut Tx<'_>, by: &By, at: i64) -> QueryResult<()> {
    diesel::update(staff_sessions::table.find(&by.session))
        .set((staff_sessions::proved_at.eq(at), staff_sessions::proved_ip.eq(&by.ip)))
        .execute(tx.db)?;
    by.record(tx, "identity.proved", "staff", &by.staff, "");
    Ok(())
}

/// The session with this hash, when its owner may still use it.
///
/// # Errors
/// When the database cannot be read.
pub fn find(db: &mut Db, id_hash: &str) -> QueryResult<Option<Session>> {
    let row = staff_sessions::table
        .inner_join(staff::table.on(staff::id.eq(staff_sessions::staff_id)))
        .filter(staff_sessions::id_hash.eq(id_hash))
        .filter(staff::disabled_at.is_null())
        .select((
            staff_sessions::stage,
            staff_sessions::last_seen_at,
            staff_sessions::ends_at,
            staff_sessions::entered,
            staff_sessions::goal,
            (staff_sessions::proved_at, staff_sessions::proved_ip),
            Staff::as_select(),
        ))
        .first::<(String, i64, i64, String, String, (i64, String), Staff)>(db)
        .optional()?;
    let Some((stage, last_seen_at, ends_at, entered, goal, proved, owner)) = row else {
        return Ok(None);
    };
    let (proved_at, proved_ip) = proved;
    let (Some(stage), Some(by)) = (Stage::parse(&stage), Entered::parse(&entered)) else {
        return Ok(None);
    };
    let own: Vec<(String, String, Option<String>)> = staff_departments::table
        .inner_join(departments::table.on(departments::id.eq(staff_departments::department_id)))
        .filter(staff_departments::staff_id.eq(&owner.id))
        .order((departments::sort, departments::code))
        .select((departments::id, departments::name, staff_departments::role))
        .load(db)?;
    Ok(Some(Session {
        id_hash: id_hash.to_owned(),
        stage,
        last_seen_at,
        ends_at,
        entrance: Entrance { by, goal },
        proved_at,
        proved_ip,
        owner,
        memberships: own.iter().map(|(id, _, role)| (id.clone(), role.clone())).collect(),
        departments: own.into_iter().map(|(id, name, _)| (id, name)).collect(),
    }))
}

/// A log-in as lists show it. Times are microseconds.
#[derive(Clone, Debug, Queryable)]
pub struct Open {
    /// Hash of the session id.
    pub id_hash: String,
    /// Whose.
    pub staff_id: String,
    /// Their log-in id.
    pub login_id: String,
    /// Their name.
    pub name: String,
    /// Their role.
    pub role: String,
    /// From where.
    pub ip: String,
    /// [`Entered`].
    pub entered: String,
    /// Since when.
    pub created_at: i64,
    /// Last request.
    pub last_seen_at: i64,
    /// Absolute end.
    pub ends_at: i64,
}

/// Whole log-ins with their owners.
macro_rules! listed {
    () => {
        staff_sessions::table
            .inner_join(staff::table.on(staff::id.eq(staff_sessions::staff_id)))
            .filter(staff_sessions::stage.eq(Stage::Open.code()))
            .filter(staff::disabled_at.is_null())
            .order(staff_sessions::created_at.desc())
            .select((
                staff_sessions::id_hash,
                staff_sessions::staff_id,
                staff::login_id,
                staff::display_name,
                staff::role,
                staff_sessions::ip,
                staff_sessions::entered,
                staff_sessions::created_at,
                staff_sessions::last_seen_at,
                staff_sessions::ends_at,
            ))
    };
}

/// The log-ins of one person, the newest first.
///
/// # Errors
/// When the database cannot be read.
pub fn of(db: &mut Db, staff_id: &str) -> QueryResult<Vec<Open>> {
    listed!().filter(staff_sessions::staff_id.eq(staff_id)).load(db)
}

/// Everybody's log-ins that did not end and were used after `since`, the newest first.
///
/// # Errors
/// When the database cannot be read.
pub fn open_now(db: &mut Db, now: i64, since: i64, most: i64) -> QueryResult<Vec<Open>> {
    listed!()
        .filter(staff_sessions::ends_at.gt(now))
        .filter(staff_sessions::last_seen_at.gt(since))
        .limit(most)
        .load(db)
}

/// Ends the other log-ins of the person who is logged in.
///
/// # Errors
/// When the database cannot be written.
pub fn end_others(tx: &mut Tx<'_>, by: &By) -> QueryResult<()> {
    let ended = ended(tx, &by.staff, &by.session)?;
    by.record(tx, "identity.sessions_ended", "staff", &by.staff, &ended.to_string());
    Ok(())
}

/// Ends every log-in of somebody else.
///
/// # Errors
/// When the database cannot be written.
pub fn end_of(tx: &mut Tx<'_>, by: &By, staff_id: &str) -> QueryResult<()> {
    let ended = ended(tx, staff_id, "")?;
    by.record(tx, "identity.sessions_ended", "staff", staff_id, &ended.to_string());
    Ok(())
}

fn ended(tx: &mut Tx<'_>, staff_id: &str, but: &str) -> QueryResult<usize> {
    let others = staff_sessions::table
        .filter(staff_sessions::staff_id.eq(staff_id))
        .filter(staff_sessions::id_hash.ne(but));
    diesel::delete(others).execute(tx.db)
}

/// Notes that the session was used.
///
/// # Errors
/// When the database cannot be written.
pub fn touch(tx: &mut Tx<'_>, id_hash: &str, now: i64) -> QueryResult<()> {
    diesel::update(staff_sessions::table.find(id_hash))
        .filter(staff_sessions::last_seen_at.lt(now))
        .set(staff_sessions::last_seen_at.eq(now))
        .execute(tx.db)
        .map(drop)
}

/// Ends one session (logout).
///
/// # Errors
/// When the database cannot be written.
pub fn end(tx: &mut Tx<'_>, by: &By, id_hash: &str) -> QueryResult<()> {
    diesel::delete(staff_sessions::table.find(id_hash)).execute(tx.db)?;
    by.record(tx, "identity.logged_out", "staff", &by.staff, "");
    Ok(())
}

/// Ends every session of one person.
///
/// # Errors
/// When the database cannot be written.
pub(crate) fn end_all(tx: &mut Tx<'_>, staff_id: &str) -> QueryResult<()> {
    diesel::delete(staff_sessions::table.filter(staff_sessions::staff_id.eq(staff_id)))
        .execute(tx.db)
        .map(drop)
}

/// Ends every other session of one person.
///
/// # Errors
/// When the database cannot be written.
pub(crate) fn keep_only(tx: &mut Tx<'_>, staff_id: &str, id_hash: &str) -> QueryResult<()> {
    diesel::delete(
        staff_sessions::table
            .filter(staff_sessions::staff_id.eq(staff_id))
            .filter(staff_sessions::id_hash.ne(id_hash)),
    )
    .execute(tx.db)
    .map(drop)
}
