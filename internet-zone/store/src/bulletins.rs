//! News for who asked for them (IK-2.1.1a, `docs/rooms/notices.md`): a procedure that is new, or an announcement,
//! goes by mail to the accounts that wished for one of its topics before it came. A topic is
//! `category.CODE` or `life.CODE`. Each account is told of each bulletin once: how far the telling came
//! moves in the transaction that queues the mails.

use std::collections::BTreeSet;

use diesel::prelude::*;
use platform_store::{Db, Tx, each_backend};

use crate::identity::accounts::Account;
use crate::record::{Act, By, record_with};
use crate::schema::{accounts, bulletin_topics, bulletins, notice_wishes};

/// Something to tell.
#[derive(Clone, Debug)]
pub struct NewBulletin {
    /// What it is about; the same one is never told twice.
    pub id: String,
    /// Whom it concerns.
    pub topics: BTreeSet<String>,
    /// Its title in every language it has, as JSON.
    pub title: String,
    /// Where to read it.
    pub path: String,
}

/// Something to tell, as stored.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Bulletin {
    /// What it is about.
    pub id: String,
    /// Its title, as JSON.
    pub title: String,
    /// Where to read it.
    pub path: String,
    /// Since when it is to be told, microseconds.
    pub made_at: i64,
    /// The account told last; accounts are told in the order of their identifiers.
    pub told_to: String,
}

/// Notes something to tell. `false` when it was noted before, or concerns nobody.
///
/// # Errors
/// When the database cannot be written.
pub fn put(tx: &mut Tx<'_>, new: &NewBulletin, at: i64) -> QueryResult<bool> {
    if new.topics.is_empty() {
        return Ok(false);
    }
    let row = (
        bulletins::id.eq(&new.id),
        bulletins::title.eq(&new.title),
        bulletins::path.eq(&new.path),
        bulletins::made_at.eq(at),
    );
    let made = each_backend!(tx.db, conn => diesel::insert_into(bulletins::table)
        .values(row).on_conflict_do_nothing().execute(conn))?;
    if made == 0 {
        return Ok(false);
    }
    for topic in &new.topics {
        diesel::insert_into(bulletin_topics::table)
            .values((bulletin_topics::bulletin_id.eq(&new.id), bulletin_topics::topic.eq(topic)))
            .execute(tx.db)?;
    }
    Ok(true)
}

/// The oldest one of which not everybody was told.
///
/// # Errors
/// When the database cannot be read.
pub fn due(db: &mut Db) -> QueryResult<Option<Bulletin>> {
    bulletins::table
        .filter(bulletins::done_at.is_null())
        .order((bulletins::made_at, bulletins::id))
        .select((
            bulletins::id,
            bulletins::title,
            bulletins::path,
            bulletins::made_at,
            bulletins::told_to,
        ))
        .first(db)
        .optional()
}

/// The next accounts to tell: those that wished for one of its topics before it came.
///
/// # Errors
/// When the database cannot be read.
pub fn recipients(db: &mut Db, of: &Bulletin, limit: i64) -> QueryResult<Vec<Account>> {
    let topics: Vec<String> = bulletin_topics::table
        .filter(bulletin_topics::bulletin_id.eq(&of.id))
        .select(bulletin_topics::topic)
        .load(db)?;
    let ids: Vec<String> = notice_wishes::table
        .filter(notice_wishes::topic.eq_any(topics))
        .filter(notice_wishes::account_id.gt(&of.told_to))
        .filter(notice_wishes::since.le(of.made_at))
        .select(notice_wishes::account_id)
        .distinct()
        .order(notice_wishes::account_id)
        .limit(limit)
        .load(db)?;
    accounts::table
        .filter(accounts::id.eq_any(ids))
        .order(accounts::id)
        .select(Account::as_select())
        .load(db)
}

/// Notes that accounts up to `last` are told, or with `None` that everybody is. `false` when somebody
/// else did meanwhile: of two who tell at the same moment one goes on.
///
/// # Errors
/// When the database cannot be written.
pub fn advance(tx: &mut Tx<'_>, of: &Bulletin, last: Option<&str>, now: i64) -> QueryResult<bool> {
    let here = bulletins::table
        .find(&of.id)
        .filter(bulletins::told_to.eq(&of.told_to))
        .filter(bulletins::done_at.is_null());
    let moved = match last {
        Some(last) => diesel::update(here).set(bulletins::told_to.eq(last)).execute(tx.db)?,
        None => diesel::update(here).set(bulletins::done_at.eq(Some(now))).execute(tx.db)?,
    };
    Ok(moved == 1)
}

/// What it is about is gone: who was not told of it yet is not told any more.
///
/// # Errors
/// When the database cannot be written.
pub fn over(tx: &mut Tx<'_>, id: &str, at: i64) -> QueryResult<()> {
    let here = bulletins::table.find(id).filter(bulletins::done_at.is_null());
    diesel::update(here).set(bulletins::done_at.eq(Some(at))).execute(tx.db)?;
    Ok(())
}

/// What an account wishes to be told of.
///
/// # Errors
/// When the database cannot be read.
pub fn wishes(db: &mut Db, account: &str) -> QueryResult<Vec<String>> {
    notice_wishes::table
        .filter(notice_wishes::account_id.eq(account))
        .order(notice_wishes::topic)
        .select(notice_wishes::topic)
        .load(db)
}

/// Wishes for nothing any more. Whoever wished for nothing did nothing: a press again leaves no trace.
///
/// # Errors
/// When the database cannot be written.
pub fn stop(tx: &mut Tx<'_>, by: &By, account: &str) -> QueryResult<()> {
    let own = notice_wishes::table.filter(notice_wishes::account_id.eq(account));
    if diesel::delete(own).execute(tx.db)? > 0 {
        record_with(tx, by, Act::NewsChosen, account, "topics=0".to_owned());
    }
    Ok(())
}

/// Wishes for these topics and no others. Those that were wished for before stay as old as they are.
///
/// # Errors
/// When the database cannot be written.
pub fn choose(
    tx: &mut Tx<'_>,
    by: &By,
    account: &str,
    topics: &BTreeSet<String>,
) -> QueryResult<()> {
    let own = notice_wishes::table.filter(notice_wishes::account_id.eq(account));
    let kept: Vec<&String> = topics.iter().collect();
    diesel::delete(own.filter(notice_wishes::topic.ne_all(kept))).execute(tx.db)?;
    for topic in topics {
        let row = (
            notice_wishes::account_id.eq(account),
            notice_wishes::topic.eq(topic),
            notice_wishes::since.eq(by.at),
        );
        each_backend!(tx.db, conn => diesel::insert_into(notice_wishes::table)
            .values(row).on_conflict_do_nothing().execute(conn))?;
    }
    record_with(tx, by, Act::NewsChosen, account, format!("topics={}", topics.len()));
    Ok(())
}
