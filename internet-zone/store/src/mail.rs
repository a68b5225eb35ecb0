//! Mails to send. Recipient and words are sealed; the row is deleted when the
//! mail server took the mail.

use diesel::prelude::*;
use platform_store::{Db, Tx};

use crate::record::{Act, By, record_with};
use crate::schema::mail_queue;

/// A mail to send, sealed already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewLetter {
    /// Row identifier; the letter is sealed for it.
    pub id: String,
    /// Recipient, template and its arguments.
    pub letter_sealed: Vec<u8>,
}

/// A mail whose time has come.
#[derive(Clone, Debug, Queryable)]
pub struct Due {
    /// Row identifier.
    pub id: String,
    /// Sealed letter.
    pub letter_sealed: Vec<u8>,
    /// Tries so far.
    pub attempts: i64,
    /// When it was queued, microseconds.
    pub created_at: i64,
}

/// Queues a mail in the transaction of the change it tells of (NF-29).
///
/// # Errors
/// When the database cannot be written.
pub fn queue(tx: &mut Tx<'_>, letter: &NewLetter, now: i64) -> QueryResult<()> {
    diesel::insert_into(mail_queue::table)
        .values((
            mail_queue::id.eq(&letter.id),
            mail_queue::letter_sealed.eq(&letter.letter_sealed),
            mail_queue::next_at.eq(now),
            mail_queue::created_at.eq(now),
        ))
        .execute(tx.db)?;
    Ok(())
}

/// Mails to send now, oldest first.
///
/// # Errors
/// When the database cannot be read.
pub fn due(db: &mut Db, now: i64, limit: i64) -> QueryResult<Vec<Due>> {
    mail_queue::table
        .filter(mail_queue::next_at.le(now))
        .order(mail_queue::next_at)
        .limit(limit)
        .select((
            mail_queue::id,
            mail_queue::letter_sealed,
            mail_queue::attempts,
            mail_queue::created_at,
        ))
        .load(db)
}

/// Takes a mail for sending until `until`, so that two senders do not both send
/// it. `false` when another one has it.
///
/// # Errors
/// When the database cannot be written.
pub fn lease(tx: &mut Tx<'_>, due: &Due, now: i64, until: i64) -> QueryResult<bool> {
    diesel::update(mail_queue::table.find(&due.id).filter(mail_queue::next_at.le(now)))
        .set((mail_queue::next_at.eq(until), mail_queue::attempts.eq(mail_queue::attempts + 1)))
        .execute(tx.db)
        .map(|changed| changed == 1)
}

/// Forgets a mail that is never sent. The log keeps which words it had and `why`, without the address.
///
/// # Errors
/// When the database cannot be written.
pub fn give_up(tx: &mut Tx<'_>, by: &By, id: &str, why: &str) -> QueryResult<()> {
    record_with(tx, by, Act::MailGivenUp, id, why.to_owned());
    forget(tx, id)
}

/// Forgets a mail that was sent.
///
/// # Errors
/// When the database cannot be written.
pub fn forget(tx: &mut Tx<'_>, id: &str) -> QueryResult<()> {
    diesel::delete(mail_queue::table.find(id)).execute(tx.db)?;
    Ok(())
}

/// Puts a mail off until `next_at`; `why` is the server's answer without addresses.
///
/// # Errors
/// When the database cannot be written.
pub fn put_off(tx: &mut Tx<'_>, id: &str, next_at: i64, why: &str) -> QueryResult<()> {
    diesel::update(mail_queue::table.find(id))
        .set((mail_queue::next_at.eq(next_at), mail_queue::last_error.eq(Some(why))))
        .execute(tx.db)?;
    Ok(())
}

/// Mails waiting, for the metrics.
///
/// # Errors
/// When the database cannot be read.
pub fn waiting(db: &mut Db) -> QueryResult<i64> {
    mail_queue::table.count().get_result(db)
}
