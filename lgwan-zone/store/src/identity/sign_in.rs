//! Log-in: failed attempts, codes that work once, password change (IK-3.5.2b).

use diesel::prelude::*;
use platform_store::{Db, Tx, each_backend};

use super::sessions::{self, NewSession};
use crate::record::By;
use crate::schema::{sign_in_failures, staff};

/// Quiet time after which failures at an address are forgotten, microseconds.
const FORGET: i64 = 24 * 60 * 60 * 1_000_000;

/// Wrong passwords of this account from this address in a row, and when the last one was,
/// microseconds.
///
/// # Errors
/// When the database cannot be read.
pub fn failures_from(db: &mut Db, staff_id: &str, address: &str) -> QueryResult<(i32, i64)> {
    let found = sign_in_failures::table
        .find((staff_id, address))
        .select((sign_in_failures::failures, sign_in_failures::last_at))
        .first(db)
        .optional()?;
    Ok(found.unwrap_or_default())
}

/// Counts a wrong password for the address it came from: somebody who types wrong passwords for
/// others keeps nobody out but themselves.
///
/// # Errors
/// When the database cannot be written.
pub fn mistyped(tx: &mut Tx<'_>, by: &By, staff_id: &str) -> QueryResult<()> {
    let now = by.at.as_microsecond();
    let old = sign_in_failures::table.filter(sign_in_failures::last_at.le(now - FORGET));
    diesel::delete(old).execute(tx.db)?;
    // Added up here, so that attempts at the same moment all count.
    each_backend!(tx.db, conn => diesel::insert_into(sign_in_failures::table)
        .values((
            sign_in_failures::staff_id.eq(staff_id),
            sign_in_failures::address.eq(&by.ip),
            sign_in_failures::failures.eq(1),
            sign_in_failures::last_at.eq(now),
        ))
        .on_conflict((sign_in_failures::staff_id, sign_in_failures::address))
        .do_update()
        .set((
            sign_in_failures::failures.eq(sign_in_failures::failures + 1),
            sign_in_failures::last_at.eq(now),
        ))
        .execute(conn))?;
    by.record_refused(tx, "identity.login", "staff", staff_id, "wrong password");
    Ok(())
}

/// Counts a failed attempt of a person who got past the first step; `failures` is the new number in a row, 0 leaves it.
/// `staff_id` is `None` when nobody has this login id; the record then keeps no
/// name, because a typing error may be a password.
///
/// # Errors
/// When the database cannot be written.
pub fn failed(
    tx: &mut Tx<'_>,
    by: &By,
    staff_id: Option<&str>,
    why: &str,
    failures: i32,
) -> QueryResult<()> {
    if let Some(id) = staff_id
        && failures > 0
    {
        let person = staff::table.find(id);
        // Added up here, so that attempts at the same moment all count; 1 means
        // that the ones before were long ago.
        if failures == 1 {
            diesel::update(person).set(staff::failures.eq(1)).execute(tx.db)?;
        } else {
            diesel::update(person).set(staff::failures.eq(staff::failures + 1)).execute(tx.db)?;
        }
        diesel::update(person)
            .set(staff::last_failure_at.eq(by.at.as_microsecond()))
            .execute(tx.db)?;
    }
    by.record_refused(tx, "identity.login", "staff", staff_id.unwrap_or(""), why);
    Ok(())
}

/// Opens the session of somebody whose password, and code where the role needs
/// one, were right, or whom the identity provider signed in. `whole` is true when nothing more is asked.
///
/// # Errors
/// When the database cannot be written.
pub fn passed(
    tx: &mut Tx<'_>,
    by: &By,
    session: &NewSession,
    replacing: Option<&str>,
    whole: bool,
) -> QueryResult<()> {
    sessions::open(tx, by, session, replacing)?;
    let forgiven = sign_in_failures::table.find((&session.staff_id, &by.ip));
    diesel::delete(forgiven).execute(tx.db)?;
    if whole {
        let person = staff::table.find(&session.staff_id);
        diesel::update(person)
            .set((
                staff::previous_login_at.eq(staff::last_login_at),
                staff::previous_login_ip.eq(staff::last_login_ip),
                staff::failures.eq(0),
            ))
            .execute(tx.db)?;
        diesel::update(staff::table.find(&session.staff_id))
            .set((staff::last_login_at.eq(by.at.as_microsecond()), staff::last_login_ip.eq(&by.ip)))
            .execute(tx.db)?;
    }
    let detail = session.stage.code();
    by.record(tx, session.entrance.by.act(), "staff", &session.staff_id, detail);
    Ok(())
}

/// Uses the code of one time step; `false` when it was used before (A5).
///
/// # Errors
/// When the database cannot be written.
pub fn use_code(tx: &mut Tx<'_>, staff_id: &str, step: i64) -> QueryResult<bool> {
    let unused = staff::table.find(staff_id).filter(staff::totp_last_step.lt(step));
    let used = diesel::update(unused).set(staff::totp_last_step.eq(step)).execute(tx.db)?;
    Ok(used == 1)
}

/// Registers an authenticator app that has just proved itself with a code.
///
/// # Errors
/// When the database cannot be written.
pub fn enrol(tx: &mut Tx<'_>, by: &By, secret: &str, step: i64) -> QueryResult<()> {
    diesel::update(staff::table.find(&by.staff))
        .set((
            staff::totp_secret.eq(secret),
            staff::totp_confirmed_at.eq(by.at.as_microsecond()),
            staff::totp_last_step.eq(step),
        ))
        .execute(tx.db)?;
    by.record(tx, "identity.code_enrolled", "staff", &by.staff, "");
    Ok(())
}

/// Replaces the password of the person who is logged in and ends the person's
/// other sessions.
///
/// # Errors
/// When the database cannot be written.
pub fn change_password(tx: &mut Tx<'_>, by: &By, hash: &str) -> QueryResult<()> {
    diesel::update(staff::table.find(&by.staff))
        .set((
            staff::password_hash.eq(hash),
            staff::password_changed_at.eq(by.at.as_microsecond()),
            staff::must_change_password.eq(false),
        ))
        .execute(tx.db)?;
    sessions::keep_only(tx, &by.staff, &by.session)?;
    by.record(tx, "identity.password_changed", "staff", &by.staff, "");
    Ok(())
}
