//! Writes of business systems, each done once however often it is sent.

use diesel::prelude::*;
use platform_store::{Db, Tx};

use crate::schema::api_calls;

/// How long an answer is kept, microseconds: a week. A business system that was away longer reads
/// the application anew.
const KEPT: i64 = 7 * 86_400 * 1_000_000;

/// One write that was done.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = api_calls)]
pub struct Call {
    /// Whose.
    pub key_id: String,
    /// Chosen by the business system.
    pub idempotency_key: String,
    /// When, microseconds.
    pub at: i64,
    /// Hash of what was asked for.
    pub request: String,
    /// Version of the application behind it.
    pub version: i32,
    /// The body of the answer: ids, states and versions only.
    pub answer: String,
}

/// Whether a write was sent before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known {
    /// Never.
    New,
    /// It was done; this was the answer.
    Done(Call),
    /// Another write had the same key.
    Other,
}

/// What is known of a write.
///
/// # Errors
/// When the database cannot be read.
pub fn look(db: &mut Db, (key, idempotency): (&str, &str), request: &str) -> QueryResult<Known> {
    let found = api_calls::table.find((key, idempotency)).select(Call::as_select());
    Ok(match found.first(db).optional()? {
        None => Known::New,
        Some(call) if call.request == request => Known::Done(call),
        Some(_) => Known::Other,
    })
}

/// Keeps the answer in the transaction of the write, and drops those whose time is over.
///
/// # Errors
/// When the database cannot be written.
pub fn keep(tx: &mut Tx<'_>, call: &Call) -> QueryResult<()> {
    let old = api_calls::table.filter(api_calls::at.lt(call.at - KEPT));
    diesel::delete(old).execute(tx.db)?;
    diesel::insert_into(api_calls::table).values(call).execute(tx.db).map(drop)
}
