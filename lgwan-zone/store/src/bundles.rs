//! Signed bundles of procedures that other cities sent (NF-66).

use diesel::prelude::*;
use jiff::SignedDuration;
use platform_store::{Db, Tx};

use crate::designs::{self, Step};
use crate::record::By;
use crate::schema::procedure_bundles;

/// How long one is kept that became no design.
const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// A bundle as it came.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = procedure_bundles)]
pub struct Bundle {
    /// Identifier.
    pub id: String,
    /// Name of the file it came in.
    pub file_name: String,
    /// The file.
    pub bundle: String,
    /// Microseconds.
    pub brought_at: i64,
    /// Staff id.
    pub brought_by: String,
    /// The design it became; empty until then.
    pub design_id: String,
}

/// Keeps one to be looked at. Old ones that became nothing go.
///
/// # Errors
/// When the database cannot be written.
pub fn bring(tx: &mut Tx<'_>, by: &By, bundle: &Bundle, city: &str) -> QueryResult<()> {
    let old = by.at.saturating_sub(KEPT).map_or(i64::MIN, |at| at.as_microsecond());
    let stale = procedure_bundles::table.filter(procedure_bundles::brought_at.lt(old));
    diesel::delete(stale.filter(procedure_bundles::design_id.eq(""))).execute(tx.db)?;
    diesel::insert_into(procedure_bundles::table).values(bundle).execute(tx.db)?;
    by.record(tx, "procedures.bundle_brought", "bundle", &bundle.id, city);
    Ok(())
}

/// A bundle.
///
/// # Errors
/// When the database cannot be read.
pub fn find(db: &mut Db, id: &str) -> QueryResult<Option<Bundle>> {
    procedure_bundles::table.find(id).select(Bundle::as_select()).first(db).optional()
}

/// Begins the design a bundle becomes; `false` when it became one before.
///
/// # Errors
/// When the database cannot be written.
pub fn begin(
    tx: &mut Tx<'_>,
    by: &By,
    bundle: &str,
    (design, procedure): (&str, &str),
    first: &Step,
) -> QueryResult<bool> {
    let fresh = procedure_bundles::table.find(bundle).filter(procedure_bundles::design_id.eq(""));
    let taken = diesel::update(fresh).set(procedure_bundles::design_id.eq(design));
    if taken.execute(tx.db)? == 0 {
        return Ok(false);
    }
    designs::begin(tx, by, (design, procedure), 0, first)?;
    by.record(tx, "procedures.bundle_taken", "bundle", bundle, &first.title);
    Ok(true)
}

/// Notes that a procedure went out in a bundle.
///
/// # Errors
/// When the database cannot be written.
pub fn made(tx: &mut Tx<'_>, by: &By, procedure: &str, revision: u32) {
    by.record(tx, "procedures.bundle_made", "procedure", procedure, &revision.to_string());
}
