//! Conditions of the list that a person keeps under a name (保存した条件).

use diesel::prelude::*;
use platform_store::{Db, Tx};

use crate::record::By;
use crate::schema::{saved_filters, staff};

/// Most a person keeps.
pub const MOST: i64 = 20;

/// Longest name in characters.
pub const LONGEST: usize = 40;

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = saved_filters)]
pub struct Saved {
    /// Identifier.
    pub id: String,
    /// Whose.
    pub staff_id: String,
    /// What they call it.
    pub name: String,
    /// The conditions as the address of the list has them: `?state=arrived`.
    pub query: String,
    /// When, microseconds.
    pub saved_at: i64,
}

/// What came of keeping conditions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// Under a new name.
    New,
    /// In the place of those of the same name.
    Replaced,
    /// There are [`MOST`] already.
    Full,
}

/// What this person keeps, by name.
///
/// # Errors
/// When the database cannot be read.
pub fn of(db: &mut Db, staff: &str) -> QueryResult<Vec<Saved>> {
    saved_filters::table
        .filter(saved_filters::staff_id.eq(staff))
        .order((saved_filters::name, saved_filters::id))
        .select(Saved::as_select())
        .load(db)
}

/// Keeps conditions; those of the same name give way.
///
/// # Errors
/// When the database cannot be written.
pub fn keep(tx: &mut Tx<'_>, by: &By, new: &Saved) -> QueryResult<Kept> {
    // The person's row is held: two windows keep one after the other.
    diesel::update(staff::table.find(&new.staff_id))
        .set(staff::email.eq(staff::email))
        .execute(tx.db)?;
    let own = of(tx.db, &new.staff_id)?;
    if let Some(before) = own.iter().find(|one| one.name == new.name) {
        diesel::update(saved_filters::table.find(&before.id))
            .set((saved_filters::query.eq(&new.query), saved_filters::saved_at.eq(new.saved_at)))
            .execute(tx.db)?;
        by.record(tx, "applications.filter_kept", "staff", &new.staff_id, &before.id);
        return Ok(Kept::Replaced);
    }
    if i64::try_from(own.len()).is_ok_and(|own| own >= MOST) {
        return Ok(Kept::Full);
    }
    diesel::insert_into(saved_filters::table).values(new).execute(tx.db)?;
    by.record(tx, "applications.filter_kept", "staff", &new.staff_id, &new.id);
    Ok(Kept::New)
}

/// Drops conditions of this person; `false` when they have none of this id.
///
/// # Errors
/// When the database cannot be written.
pub fn drop_it(tx: &mut Tx<'_>, by: &By, id: &str) -> QueryResult<bool> {
    let own = saved_filters::table.find(id).filter(saved_filters::staff_id.eq(&by.staff));
    let dropped = diesel::delete(own).execute(tx.db)? == 1;
    if dropped {
        by.record(tx, "applications.filter_dropped", "staff", &by.staff, id);
    }
    Ok(dropped)
}
