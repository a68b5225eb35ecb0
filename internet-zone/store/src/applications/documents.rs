//! Issued documents: the bytes lie sealed in the folder, the row says whose.

use diesel::prelude::*;
use platform_store::{Db, Tx};

use crate::post::{self, Letter};
use crate::record::{Act, By, record};
use crate::schema::documents;

/// A document for the citizen.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Document {
    /// Identifier.
    pub id: String,
    /// The application it belongs to.
    pub application_id: String,
    /// Sealed name.
    pub name_sealed: Vec<u8>,
    /// Media type.
    pub media: String,
    /// Bytes.
    pub size: i64,
    /// Name in the folder.
    pub file_id: String,
    /// When it arrived, microseconds.
    pub issued_at: i64,
    /// When the citizen first opened it, microseconds.
    pub opened_at: Option<i64>,
    /// SHA-256 of its bytes; `None` for one that arrived before it was kept.
    pub sha256: Option<Vec<u8>>,
    /// What staff wrote that it came with; `None` for one that was issued.
    pub message_id: Option<String>,
}

macro_rules! columns {
    () => {
        (
            documents::id,
            documents::application_id,
            documents::name_sealed,
            documents::media,
            documents::size,
            documents::file_id,
            documents::issued_at,
            documents::opened_at,
            documents::sha256,
            documents::message_id,
        )
    };
}

/// The documents that were issued for an application, oldest first.
///
/// # Errors
/// When the database cannot be read.
pub fn of(db: &mut Db, application_id: &str) -> QueryResult<Vec<Document>> {
    documents::table
        .filter(documents::application_id.eq(application_id))
        .filter(documents::message_id.is_null())
        .order((documents::issued_at, documents::id))
        .select(columns!())
        .load(db)
}

/// The files that staff sent with messages about an application, oldest first.
///
/// # Errors
/// When the database cannot be read.
pub fn of_messages(db: &mut Db, application_id: &str) -> QueryResult<Vec<Document>> {
    documents::table
        .filter(documents::application_id.eq(application_id))
        .filter(documents::message_id.is_not_null())
        .order((documents::issued_at, documents::id))
        .select(columns!())
        .load(db)
}

/// One document, issued or sent with a message.
///
/// # Errors
/// When the database cannot be read.
pub fn find(db: &mut Db, id: &str) -> QueryResult<Option<Document>> {
    documents::table.find(id).select(columns!()).first(db).optional()
}

/// Records that the citizen opened a document; the first time is told to the
/// staff zone by `told` in the same transaction. `true` when it was the first time.
///
/// # Errors
/// When the database cannot be written.
pub fn opened(tx: &mut Tx<'_>, by: &By, id: &str, told: Letter) -> QueryResult<bool> {
    let first = diesel::update(documents::table.find(id).filter(documents::opened_at.is_null()))
        .set(documents::opened_at.eq(Some(by.at)))
        .execute(tx.db)?
        == 1;
    if first {
        post::send(tx, told, None, by.at)?;
    }
    record(tx, by, Act::DocumentOpened, id);
    Ok(first)
}
