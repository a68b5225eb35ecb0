//! People who apply without an account.

use diesel::prelude::*;
use platform_store::{Db, Tx};

use super::Owner;
use crate::applications::drafts::{self as unsent, Draft};
use crate::applications::status::{self, Application};
use crate::applications::waiting::{self as in_line, Waiting};
use crate::record::{Act, By, record_with};
use crate::schema::{
    accounts, applications, consents, drafts, guests, session_grants, sessions, terminal_drafts,
    waiting,
};

/// Applications of one guest that a list shows.
const MOST: i64 = 100;

/// A guest to remember; the address parts only when it was proven by mail.
#[derive(Clone, Debug)]
pub struct NewGuest {
    /// Identifier.
    pub id: String,
    /// Keyed hash and sealed form of the proven address.
    pub email: Option<(Vec<u8>, Vec<u8>)>,
    /// Microseconds.
    pub at: i64,
}

/// Remembers a guest. The same proven address is the same guest: returns the
/// identifier to use, so that unsent answers are found again.
///
/// # Errors
/// When the database cannot be written.
pub fn admit(tx: &mut Tx<'_>, new: &NewGuest) -> QueryResult<String> {
    if let Some((index, _)) = &new.email {
        let known: Option<String> = guests::table
            .filter(guests::email_index.eq(index))
            .select(guests::id)
            .first(tx.db)
            .optional()?;
        if let Some(id) = known {
            // Whoever looks for guests that are needed no more looks again.
            diesel::update(guests::table.find(&id))
                .set(guests::created_at.eq(new.at))
                .execute(tx.db)?;
            return Ok(id);
        }
    }
    let (index, sealed) = new.email.clone().unzip();
    diesel::insert_into(guests::table)
        .values((
            guests::id.eq(&new.id),
            guests::email_index.eq(index),
            guests::email_sealed.eq(sealed),
            guests::created_at.eq(new.at),
        ))
        .execute(tx.db)?;
    Ok(new.id.clone())
}

/// `(row id it was sealed for, sealed address)` of a guest with a proven address.
///
/// # Errors
/// When the database cannot be read.
pub fn email(db: &mut Db, id: &str) -> QueryResult<Option<Vec<u8>>> {
    let row: Option<Option<Vec<u8>>> =
        guests::table.find(id).select(guests::email_sealed).first(db).optional()?;
    Ok(row.flatten())
}

/// What somebody without an account sent with a proven address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Earlier {
    /// What arrived, newest first.
    pub applications: Vec<Application>,
    /// What waits for seats.
    pub waiting: Vec<Waiting>,
}

impl Earlier {
    /// Whether there is nothing.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.applications.is_empty() && self.waiting.is_empty()
    }

    /// The identifiers of all.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        let arrived = self.applications.iter().map(|one| one.id.as_str());
        arrived.chain(self.waiting.iter().map(|one| one.id.as_str()))
    }
}

/// Who proved an address, by its keyed hash.
///
/// # Errors
/// When the database cannot be read.
pub fn of_address(db: &mut Db, email_index: &[u8]) -> QueryResult<Option<String>> {
    guests::table
        .filter(guests::email_index.eq(email_index))
        .select(guests::id)
        .first(db)
        .optional()
}

/// What was sent with an address, found by its keyed hash.
///
/// # Errors
/// When the database cannot be read.
pub fn earlier(db: &mut Db, email_index: &[u8]) -> QueryResult<Earlier> {
    let Some(guest) = of_address(db, email_index)? else { return Ok(Earlier::default()) };
    Ok(Earlier {
        waiting: in_line::of_guest(db, &guest)?,
        applications: status::of(db, &Owner::Guest(guest), MOST, 0)?,
    })
}

/// The same for the address an account proved.
///
/// # Errors
/// When the database cannot be read.
pub fn earlier_of(db: &mut Db, account: &str) -> QueryResult<Earlier> {
    let index: Option<Vec<u8>> =
        accounts::table.find(account).select(accounts::email_index).first(db).optional()?;
    index.map_or_else(|| Ok(Earlier::default()), |index| earlier(db, &index))
}

/// What was begun with the address an account proved, and not sent yet. What corrects or writes about
/// something sent goes with that.
///
/// # Errors
/// When the database cannot be read.
pub fn begun_of(db: &mut Db, account: &str, now: i64) -> QueryResult<Vec<Draft>> {
    let index: Option<Vec<u8>> =
        accounts::table.find(account).select(accounts::email_index).first(db).optional()?;
    let Some(index) = index else { return Ok(Vec::new()) };
    let Some(guest) = of_address(db, &index)? else { return Ok(Vec::new()) };
    let mut begun = unsent::of(db, &Owner::Guest(guest), now)?;
    begun.retain(|draft| draft.correction.is_none());
    Ok(begun)
}

/// Gives everything that was sent or begun with the account's own address to the account (NF-17). From
/// then on it is opened by signing in, and by no number. Returns how many applications.
///
/// # Errors
/// When the database cannot be written.
pub fn take_over(tx: &mut Tx<'_>, by: &By, account: &str) -> QueryResult<usize> {
    // Whoever closes it in another window waits here, or was first.
    let there = diesel::update(accounts::table.find(account))
        .set(accounts::mandates.eq(accounts::mandates))
        .execute(tx.db)?;
    if there == 0 {
        return Ok(0);
    }
    let index: Vec<u8> =
        accounts::table.find(account).select(accounts::email_index).first(tx.db)?;
    let Some(guest) = of_address(tx.db, &index)? else { return Ok(0) };
    let sent: Vec<String> = applications::table
        .filter(applications::guest_id.eq(&guest))
        .select(applications::id)
        .load(tx.db)?;
    let waits: Vec<String> =
        waiting::table.filter(waiting::guest_id.eq(&guest)).select(waiting::id).load(tx.db)?;
    let moved = diesel::update(applications::table.filter(applications::guest_id.eq(&guest)))
        .set((
            applications::account_id.eq(Some(account)),
            applications::guest_id.eq(None::<String>),
            applications::contact_sealed.eq(None::<Vec<u8>>),
            applications::secret_sealed.eq(None::<Vec<u8>>),
            applications::secret_hash.eq(None::<Vec<u8>>),
        ))
        .execute(tx.db)?;
    let in_line = diesel::update(waiting::table.filter(waiting::guest_id.eq(&guest)))
        .set((
            waiting::account_id.eq(Some(account)),
            waiting::guest_id.eq(None::<String>),
            waiting::contact_sealed.eq(None::<Vec<u8>>),
            waiting::secret_sealed.eq(None::<Vec<u8>>),
            waiting::secret_hash.eq(None::<Vec<u8>>),
        ))
        .execute(tx.db)?;
    let begun = diesel::update(drafts::table.filter(drafts::guest_id.eq(&guest)))
        .set((drafts::account_id.eq(Some(account)), drafts::guest_id.eq(None::<String>)))
        .execute(tx.db)?;
    diesel::delete(terminal_drafts::table.filter(terminal_drafts::guest_id.eq(&guest)))
        .execute(tx.db)?;
    for ids in [&sent, &waits] {
        diesel::delete(session_grants::table.filter(session_grants::application_id.eq_any(ids)))
            .execute(tx.db)?;
    }
    if moved + in_line + begun > 0 {
        let detail = format!("applications={moved} waiting={in_line} drafts={begun}");
        record_with(tx, by, Act::EarlierTaken, account, detail);
    }
    Ok(moved + in_line)
}

/// Guests remembered before `before`, by identifier after `after`.
///
/// # Errors
/// When the database cannot be read.
pub fn old(db: &mut Db, after: &str, before: i64, limit: i64) -> QueryResult<Vec<String>> {
    guests::table
        .filter(guests::id.gt(after))
        .filter(guests::created_at.lt(before))
        .order(guests::id)
        .limit(limit)
        .select(guests::id)
        .load(db)
}

/// Forgets those of these guests, their addresses and consents, who have no session, nothing unsent,
/// nothing sent and wait for nothing; returns how many.
///
/// # Errors
/// When the database cannot be written.
pub fn forget_unneeded(tx: &mut Tx<'_>, ids: &[String], before: i64) -> QueryResult<usize> {
    use diesel::dsl::{exists, not};
    let mut gone = 0;
    for id in ids {
        let unneeded = guests::table
            .find(id)
            .filter(guests::created_at.lt(before))
            .filter(not(exists(sessions::table.filter(sessions::guest_id.eq(id)))))
            .filter(not(exists(drafts::table.filter(drafts::guest_id.eq(id)))))
            .filter(not(exists(applications::table.filter(applications::guest_id.eq(id)))))
            .filter(not(exists(waiting::table.filter(waiting::guest_id.eq(id)))));
        if diesel::delete(unneeded).execute(tx.db)? == 1 {
            diesel::delete(consents::table.filter(consents::guest_id.eq(id))).execute(tx.db)?;
            gone += 1;
        }
    }
    Ok(gone)
}
