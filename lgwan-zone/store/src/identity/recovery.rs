//! Codes for somebody whose authenticator app is lost (IK-3.5.2b): made anew as a whole, each works once.
//! What is stored is a keyed hash.

use diesel::prelude::*;
use platform_service::clock::Clock;
use platform_store::{Db, Tx};

use crate::letters::{self, Letter};
use crate::record::By;
use crate::schema::recovery_codes;

/// When the codes of this person were made, and how many are left; `None` when there are none.
///
/// # Errors
/// When the database cannot be read.
pub fn left(db: &mut Db, staff: &str) -> QueryResult<Option<(i64, usize)>> {
    let codes: Vec<(i64, Option<i64>)> = recovery_codes::table
        .filter(recovery_codes::staff_id.eq(staff))
        .select((recovery_codes::made_at, recovery_codes::used_at))
        .load(db)?;
    let made = codes.iter().map(|(made, _)| *made).max();
    Ok(made.map(|made| (made, codes.iter().filter(|(_, used)| used.is_none()).count())))
}

/// Gives the person who is logged in these codes instead of all before.
///
/// # Errors
/// When the database cannot be written.
pub fn make(tx: &mut Tx<'_>, by: &By, hashes: &[String]) -> QueryResult<()> {
    let own = recovery_codes::table.filter(recovery_codes::staff_id.eq(&by.staff));
    diesel::delete(own).execute(tx.db)?;
    for hash in hashes {
        diesel::insert_into(recovery_codes::table)
            .values((
                recovery_codes::staff_id.eq(&by.staff),
                recovery_codes::code_hash.eq(hash),
                recovery_codes::made_at.eq(by.at.as_microsecond()),
            ))
            .execute(tx.db)?;
    }
    by.record(tx, "identity.recovery_made", "staff", &by.staff, &hashes.len().to_string());
    Ok(())
}

/// Uses a code of this person: how many are left then; `None` when it is none of theirs or was used.
///
/// # Errors
/// When the database cannot be written.
pub fn take(tx: &mut Tx<'_>, by: &By, (staff, hash): (&str, &str)) -> QueryResult<Option<usize>> {
    let unused =
        recovery_codes::table.find((staff, hash)).filter(recovery_codes::used_at.is_null());
    let used = diesel::update(unused)
        .set(recovery_codes::used_at.eq(by.at.as_microsecond()))
        .execute(tx.db)?;
    if used == 0 {
        return Ok(None);
    }
    let left = left(tx.db, staff)?.map_or(0, |(_, left)| left);
    by.record(tx, "identity.recovery_used", "staff", staff, &format!("left={left}"));
    Ok(Some(left))
}

/// Tells the person by mail what became of their codes or their app, in the transaction of it.
///
/// # Errors
/// When the database cannot be written.
pub fn tell(tx: &mut Tx<'_>, clock: &Clock, letter: &Letter) -> QueryResult<()> {
    letters::queue(tx, clock, "recovery", letter)
}
