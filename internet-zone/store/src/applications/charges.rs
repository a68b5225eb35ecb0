//! What applications were told to pay, sealed: this zone has no answers after the arrival, and the
//! receipt shows the amounts.

use diesel::prelude::*;
use platform_store::{Db, Tx, each_backend};

use crate::schema::charges;

/// Keeps the amounts of an application, in place of earlier ones.
pub(super) fn put(tx: &mut Tx<'_>, application_id: &str, sealed: &[u8]) -> QueryResult<()> {
    let row = (charges::application_id.eq(application_id), charges::amounts_sealed.eq(sealed));
    each_backend!(tx.db, conn => diesel::insert_into(charges::table)
        .values(row)
        .on_conflict(charges::application_id)
        .do_update()
        .set(charges::amounts_sealed.eq(sealed))
        .execute(conn))?;
    Ok(())
}

/// The sealed amounts of an application; `None` when it costs nothing that was told.
///
/// # Errors
/// When the database cannot be read.
pub fn of(db: &mut Db, application_id: &str) -> QueryResult<Option<Vec<u8>>> {
    charges::table.find(application_id).select(charges::amounts_sealed).first(db).optional()
}

/// Forgets the amounts of what never arrives.
pub(super) fn forget(tx: &mut Tx<'_>, application_id: &str) -> QueryResult<()> {
    diesel::delete(charges::table.find(application_id)).execute(tx.db)?;
    Ok(())
}
