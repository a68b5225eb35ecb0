//! Log-in: failed attempts, codes that work once, password change (IK-3.5.2b).

use diesel::prelude::*;
use platform_store::Tx;

use super::sessions::{self, NewSession};
use crate::record::By;
use crate::schema::staff;

/// Counts a failed attempt; `failures` is the new number in a row, 0 leaves it.
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
