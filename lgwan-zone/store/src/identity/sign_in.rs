//! Log-in: failed attempts, codes that work once, password change (IK-3.5.2b).

use diesel::prelude::*;
use domain::identity::Attempts;
use platform_store::{Db, Tx, each_backend, time};

use super::sessions::{self, NewSession};
use crate::record::By;
use crate::schema::{sign_in_failures, staff};

/// Quiet time after which failures at an address are forgotten, microseconds.
const FORGET: i64 = 24 * 60 * 60 * 1_000_000;
/// Wrong passwords of an account in a day, from all addresses together (A4).
const A_DAY: i64 = 100;

/// What came of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attempted {
    /// It was right.
    Right,
    /// It was wrong, and counts.
    Wrong,
    /// After failures it came too early: right or wrong, nothing of it counts.
    TooEarly,
}

/// An attempt with the password of an account; whether it is right was worked out before and is told to
/// nobody who may not try. It is counted for the address it came from, in one conditional statement, so
/// that attempts at the same moment cannot pass together; [`passed`] forgets it when it was right.
///
/// Somebody who types wrong passwords for others keeps nobody out but themselves: past `A_DAY`
/// failures in all, the account opens from the addresses of its last log-ins only.
///
/// # Errors
/// When the database cannot be written.
pub fn typed(tx: &mut Tx<'_>, by: &By, staff_id: &str, right: bool) -> QueryResult<Attempted> {
    let now = by.at.as_microsecond();
    let old = sign_in_failures::table.filter(sign_in_failures::last_at.le(now - FORGET));
    diesel::delete(old).execute(tx.db)?;
    let here = sign_in_failures::table.find((staff_id, &by.ip));
    let seen: Option<(i32, i64)> = here
        .select((sign_in_failures::failures, sign_in_failures::last_at))
        .first(tx.db)
        .optional()?;
    let before = counted(seen.unwrap_or_default());
    if before.may_try(by.at).is_err() || worn_out(tx.db, by, staff_id)? {
        return Ok(too_early(tx, by, staff_id));
    }
    let next = i32::try_from(before.failed(by.at).failures).unwrap_or(i32::MAX);
    let kept = if let Some((failures, last)) = seen {
        let same = here
            .filter(sign_in_failures::failures.eq(failures))
            .filter(sign_in_failures::last_at.eq(last));
        diesel::update(same)
            .set((sign_in_failures::failures.eq(next), sign_in_failures::last_at.eq(now)))
            .execute(tx.db)?
    } else {
        let row = (
            sign_in_failures::staff_id.eq(staff_id),
            sign_in_failures::address.eq(&by.ip),
            sign_in_failures::failures.eq(next),
            sign_in_failures::last_at.eq(now),
        );
        each_backend!(tx.db, conn => diesel::insert_into(sign_in_failures::table)
            .values(row).on_conflict_do_nothing().execute(conn))?
    };
    if kept == 0 {
        return Ok(too_early(tx, by, staff_id));
    }
    if right {
        return Ok(Attempted::Right);
    }
    refused(tx, by, Some(staff_id), "wrong password");
    Ok(Attempted::Wrong)
}

/// Whether an account had [`A_DAY`] wrong passwords and this is not where its person works.
fn worn_out(db: &mut Db, by: &By, staff_id: &str) -> QueryResult<bool> {
    let failures: Vec<i32> = sign_in_failures::table
        .filter(sign_in_failures::staff_id.eq(staff_id))
        .select(sign_in_failures::failures)
        .load(db)?;
    if failures.into_iter().map(i64::from).sum::<i64>() < A_DAY {
        return Ok(false);
    }
    let (last, previous): (Option<String>, Option<String>) = staff::table
        .find(staff_id)
        .select((staff::last_login_ip, staff::previous_login_ip))
        .first(db)?;
    Ok(![last, previous].into_iter().flatten().any(|address| address == by.ip))
}

/// An attempt of a person who got past the first step: a code, a recovery code, the current password.
/// It is counted before it is looked at, in one conditional statement, and given back when `prove`
/// finds it right, so that guesses sent at the same moment are counted one by one.
///
/// # Errors
/// When the database cannot be written.
pub fn step(
    tx: &mut Tx<'_>,
    by: &By,
    (staff_id, why): (&str, &str),
    prove: impl FnOnce(&mut Tx<'_>) -> QueryResult<bool>,
) -> QueryResult<Attempted> {
    let person = staff::table.find(staff_id);
    let seen: (i32, i64) = person.select((staff::failures, staff::last_failure_at)).first(tx.db)?;
    let before = counted(seen);
    if before.may_try(by.at).is_err() {
        return Ok(too_early(tx, by, staff_id));
    }
    let next = i32::try_from(before.failed(by.at).failures).unwrap_or(i32::MAX);
    let same = person.filter(staff::failures.eq(seen.0)).filter(staff::last_failure_at.eq(seen.1));
    let kept = diesel::update(same)
        .set((staff::failures.eq(next), staff::last_failure_at.eq(by.at.as_microsecond())))
        .execute(tx.db)?;
    if kept == 0 {
        return Ok(too_early(tx, by, staff_id));
    }
    if !prove(tx)? {
        refused(tx, by, Some(staff_id), why);
        return Ok(Attempted::Wrong);
    }
    diesel::update(person)
        .set((staff::failures.eq(seen.0), staff::last_failure_at.eq(seen.1)))
        .execute(tx.db)?;
    Ok(Attempted::Right)
}

fn counted((failures, last): (i32, i64)) -> Attempts {
    Attempts {
        failures: u32::try_from(failures).unwrap_or(0),
        last: (last > 0).then(|| time::from_micros(last)),
    }
}

fn too_early(tx: &mut Tx<'_>, by: &By, staff_id: &str) -> Attempted {
    refused(tx, by, Some(staff_id), "too early");
    Attempted::TooEarly
}

/// Notes a refused attempt. `staff_id` is `None` when nobody has this login id; the record then keeps no
/// name, because a typing error may be a password.
pub fn refused(tx: &mut Tx<'_>, by: &By, staff_id: Option<&str>, why: &str) {
    by.record_refused(tx, "identity.login", "staff", staff_id.unwrap_or(""), why);
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
            staff::must_enrol.eq(false),
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
