//! Who agreed to which version of the terms of use, and when (NF-62).

use diesel::prelude::*;
use platform_store::{Db, Tx};

use super::Owner;
use crate::record::{Act, By, record};
use crate::schema::consents;

/// The version a person agrees to.
#[derive(Clone, Debug)]
pub struct Agreement {
    /// Row identifier.
    pub id: String,
    /// Version of the terms.
    pub version: String,
    /// SHA-256 of the words that were shown.
    pub sha256: Vec<u8>,
}

/// Records that `owner` agreed.
///
/// # Errors
/// When the database cannot be written.
pub fn agree(tx: &mut Tx<'_>, by: &By, owner: &Owner, agreement: &Agreement) -> QueryResult<()> {
    diesel::insert_into(consents::table)
        .values((
            consents::id.eq(&agreement.id),
            consents::account_id.eq(owner.account()),
            consents::guest_id.eq(owner.guest()),
            consents::terms_version.eq(&agreement.version),
            consents::terms_sha256.eq(&agreement.sha256),
            consents::agreed_at.eq(by.at),
        ))
        .execute(tx.db)?;
    record(tx, by, Act::TermsAgreed, &agreement.version);
    Ok(())
}

/// Whether `owner` agreed to this version.
///
/// # Errors
/// When the database cannot be read.
pub fn agreed(db: &mut Db, owner: &Owner, version: &str) -> QueryResult<bool> {
    let found: Option<String> = match owner {
        Owner::Account(id) => consents::table
            .filter(consents::account_id.eq(id))
            .filter(consents::terms_version.eq(version))
            .select(consents::id)
            .first(db)
            .optional()?,
        Owner::Guest(id) => consents::table
            .filter(consents::guest_id.eq(id))
            .filter(consents::terms_version.eq(version))
            .select(consents::id)
            .first(db)
            .optional()?,
    };
    Ok(found.is_some())
}
