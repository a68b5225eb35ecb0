//! 認証アプリの初期化: for somebody who lost the authenticator app and has no recovery code. One administrator
//! asks, another releases; neither may hand out a password to that person on the same day, and who asked not
//! before the person registered a new app, so that nobody becomes somebody else alone (IK-3.5.2b).

use diesel::prelude::*;
use platform_store::{Db, Tx, each_backend};

use super::sessions;
use crate::record::By;
use crate::schema::{app_resets, recovery_codes, staff};

/// So long app and password of a person are in different hands, microseconds.
const APART: i64 = 24 * 60 * 60 * 1_000_000;
/// What nobody released within a week is asked for anew, microseconds.
const LONG: i64 = 7 * APART;

/// The last reset of somebody's app, asked for or done. Times are microseconds.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = app_resets)]
pub struct Reset {
    /// Whose app.
    pub staff_id: String,
    /// Who asked.
    pub asked_by: String,
    /// When.
    pub asked_at: i64,
    /// How the administrator made sure who asks for it.
    pub reason: String,
    /// Who released it; nobody as long as it waits.
    pub released_by: Option<String>,
    /// When.
    pub released_at: Option<i64>,
}

impl Reset {
    /// Whether somebody may still release it at this moment (microseconds).
    #[must_use]
    pub const fn waits(&self, now: i64) -> bool {
        self.released_at.is_none() && now < self.asked_at + LONG
    }
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turned {
    /// It is done.
    Done,
    /// This administrator handed the person a password within a day, or the one that is still unchanged.
    HandedPassword,
    /// It does not stand like that any more; for who asked, it is somebody else who releases.
    Late,
}

/// The last reset of this person's app.
///
/// # Errors
/// When the database cannot be read.
pub fn find(db: &mut Db, staff_id: &str) -> QueryResult<Option<Reset>> {
    app_resets::table.find(staff_id).select(Reset::as_select()).first(db).optional()
}

/// Id and name of the people whose reset waits for a second administrator.
///
/// # Errors
/// When the database cannot be read.
pub fn waiting(db: &mut Db, now: i64) -> QueryResult<Vec<(String, String)>> {
    app_resets::table
        .inner_join(staff::table.on(staff::id.eq(app_resets::staff_id)))
        .filter(app_resets::released_at.is_null())
        .filter(app_resets::asked_at.gt(now - LONG))
        .order(app_resets::asked_at)
        .select((staff::id, staff::display_name))
        .load(db)
}

/// Whether this administrator handed the person a password within a day, or one that the person has not
/// changed since: it is known to both.
fn handed(db: &mut Db, by: &By, staff_id: &str) -> QueryResult<bool> {
    let found = staff::table
        .find(staff_id)
        .select((staff::handed_by, staff::handed_at, staff::must_change_password))
        .first::<(Option<String>, Option<i64>, bool)>(db)
        .optional()?;
    let Some((Some(hand), at, unchanged)) = found else { return Ok(false) };
    let near = at.is_some_and(|at| at > by.at.as_microsecond() - APART);
    Ok(hand == by.staff && (unchanged || near))
}

/// Whether this administrator may not hand the person a password: they asked for a reset of the app that
/// still waits, or asked for or released one within a day; or asked for the one after which the person has
/// registered no app yet.
///
/// # Errors
/// When the database cannot be read.
pub fn bars(db: &mut Db, by: &By, staff_id: &str) -> QueryResult<bool> {
    let now = by.at.as_microsecond();
    let Some(reset) = find(db, staff_id)? else { return Ok(false) };
    let asked = reset.asked_by == by.staff;
    let own = asked || reset.released_by.as_deref() == Some(by.staff.as_str());
    let near = reset.waits(now) || reset.released_at.is_some_and(|at| now < at + APART);
    let unset: bool = staff::table.find(staff_id).select(staff::must_enrol).first(db)?;
    Ok((own && near) || (asked && unset))
}

/// Asks for a reset of somebody's app, with how it was made sure who wants it.
///
/// # Errors
/// When the database cannot be written.
pub fn ask(tx: &mut Tx<'_>, by: &By, staff_id: &str, reason: &str) -> QueryResult<Turned> {
    if handed(tx.db, by, staff_id)? {
        return Ok(Turned::HandedPassword);
    }
    let now = by.at.as_microsecond();
    let app = staff::table.find(staff_id).filter(staff::totp_secret.is_not_null());
    if app.count().get_result::<i64>(tx.db)? == 0 {
        return Ok(Turned::Late);
    }
    let over = app_resets::released_at.is_not_null().or(app_resets::asked_at.le(now - LONG));
    diesel::delete(app_resets::table.find(staff_id).filter(over)).execute(tx.db)?;
    let row = (
        app_resets::staff_id.eq(staff_id),
        app_resets::asked_by.eq(&by.staff),
        app_resets::asked_at.eq(now),
        app_resets::reason.eq(reason),
    );
    let asked = each_backend!(tx.db, conn => diesel::insert_into(app_resets::table)
        .values(row).on_conflict_do_nothing().execute(conn))?;
    if asked == 0 {
        return Ok(Turned::Late);
    }
    by.record(tx, "identity.app_asked", "staff", staff_id, reason);
    Ok(Turned::Done)
}

/// Releases what another administrator asked for: app and recovery codes are void, every log-in ends, and
/// the next one begins with a new app.
///
/// # Errors
/// When the database cannot be written.
pub fn release(tx: &mut Tx<'_>, by: &By, staff_id: &str) -> QueryResult<Turned> {
    if handed(tx.db, by, staff_id)? {
        return Ok(Turned::HandedPassword);
    }
    let now = by.at.as_microsecond();
    let waiting = app_resets::table
        .find(staff_id)
        .filter(app_resets::released_at.is_null())
        .filter(app_resets::asked_at.gt(now - LONG))
        .filter(app_resets::asked_by.ne(&by.staff));
    let released = diesel::update(waiting)
        .set((app_resets::released_by.eq(&by.staff), app_resets::released_at.eq(now)))
        .execute(tx.db)?;
    if released == 0 {
        return Ok(Turned::Late);
    }
    diesel::update(staff::table.find(staff_id))
        .set((
            staff::totp_secret.eq(None::<String>),
            staff::totp_confirmed_at.eq(None::<i64>),
            staff::must_enrol.eq(true),
        ))
        .execute(tx.db)?;
    let codes = recovery_codes::table.filter(recovery_codes::staff_id.eq(staff_id));
    diesel::delete(codes).execute(tx.db)?;
    sessions::end_all(tx, staff_id)?;
    by.record(tx, "identity.app_reset", "staff", staff_id, "");
    Ok(Turned::Done)
}

/// Drops what waits: who asked thought better of it, or another administrator does not agree.
///
/// # Errors
/// When the database cannot be written.
pub fn drop_it(tx: &mut Tx<'_>, by: &By, staff_id: &str) -> QueryResult<Turned> {
    let waiting = app_resets::table.find(staff_id).filter(app_resets::released_at.is_null());
    if diesel::delete(waiting).execute(tx.db)? == 0 {
        return Ok(Turned::Late);
    }
    by.record(tx, "identity.app_kept", "staff", staff_id, "");
    Ok(Turned::Done)
}
