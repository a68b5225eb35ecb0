//! What a delegate began for somebody else. Drafts, places in a line and applications all
//! remember the draft they come from, so one row by draft tells of each of them (NF-16).

use diesel::prelude::*;
use domain::identity::Mandate;
use platform_store::{Db, Tx};

use super::accounts::{self, Account};
use super::mandates;
use crate::schema::{applications, represented_drafts, waiting};

/// Who began a draft, and for whom.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Represented {
    /// The draft.
    pub draft_id: String,
    /// Whose it is.
    pub principal_id: String,
    /// Who began it.
    pub delegate_id: String,
}

macro_rules! columns {
    () => {
        (
            represented_drafts::draft_id,
            represented_drafts::principal_id,
            represented_drafts::delegate_id,
        )
    };
}

/// Notes that a draft is begun by a delegate, in the transaction that begins it.
///
/// # Errors
/// When the database cannot be written.
pub fn begin(tx: &mut Tx<'_>, new: &Represented, at: i64) -> QueryResult<()> {
    diesel::insert_into(represented_drafts::table)
        .values((
            represented_drafts::draft_id.eq(&new.draft_id),
            represented_drafts::principal_id.eq(&new.principal_id),
            represented_drafts::delegate_id.eq(&new.delegate_id),
            represented_drafts::begun_at.eq(at),
        ))
        .execute(tx.db)?;
    Ok(())
}

/// Forgets a draft that became nothing.
pub(crate) fn forget(tx: &mut Tx<'_>, draft_id: &str) -> QueryResult<usize> {
    diesel::delete(represented_drafts::table.find(draft_id)).execute(tx.db)
}

/// Who began this draft for somebody else, if anybody did.
///
/// # Errors
/// When the database cannot be read.
pub fn of_draft(db: &mut Db, draft_id: &str) -> QueryResult<Option<Represented>> {
    represented_drafts::table.find(draft_id).select(columns!()).first(db).optional()
}

/// The same for an application, arrived or waiting.
///
/// # Errors
/// When the database cannot be read.
pub fn of_application(db: &mut Db, id: &str) -> QueryResult<Option<Represented>> {
    draft_of(db, id)?.map_or(Ok(None), |draft| of_draft(db, &draft))
}

/// The draft that an application was, arrived or waiting.
pub(crate) fn draft_of(db: &mut Db, id: &str) -> QueryResult<Option<String>> {
    let arrived: Option<String> =
        applications::table.find(id).select(applications::draft_id).first(db).optional()?;
    match arrived {
        Some(draft) => Ok(Some(draft)),
        None => waiting::table.find(id).select(waiting::draft_id).first(db).optional(),
    }
}

/// The delegates who began what lies behind these ids of drafts and applications: `(id, delegate)`.
///
/// # Errors
/// When the database cannot be read.
pub fn among(db: &mut Db, ids: &[String]) -> QueryResult<Vec<(String, String)>> {
    let mut pairs: Vec<(String, String)> = applications::table
        .filter(applications::id.eq_any(ids))
        .select((applications::id, applications::draft_id))
        .load(db)?;
    pairs.extend(ids.iter().map(|id| (id.clone(), id.clone())));
    let drafts: Vec<&String> = pairs.iter().map(|(_, draft)| draft).collect();
    let begun: Vec<(String, String)> = represented_drafts::table
        .filter(represented_drafts::draft_id.eq_any(drafts))
        .select((represented_drafts::draft_id, represented_drafts::delegate_id))
        .load(db)?;
    let delegate = |draft: &String| begun.iter().find(|(one, _)| one == draft);
    let of = |(id, draft)| delegate(&draft).map(|(_, delegate)| (id, delegate.clone()));
    Ok(pairs.into_iter().filter_map(of).collect())
}

/// What `delegate` began for the principals of these mandates, newest first.
///
/// # Errors
/// When the database cannot be read.
pub fn begun_by(
    db: &mut Db,
    delegate: &str,
    mandates: &[Mandate],
    limit: i64,
) -> QueryResult<Vec<Represented>> {
    let principals: Vec<&str> = mandates.iter().map(|one| one.principal.as_str()).collect();
    represented_drafts::table
        .filter(represented_drafts::delegate_id.eq(delegate))
        .filter(represented_drafts::principal_id.eq_any(principals))
        .order((represented_drafts::begun_at.desc(), represented_drafts::draft_id.desc()))
        .limit(limit)
        .select(columns!())
        .load(db)
}

/// What was begun, the right by which somebody may go on with it, and both people.
#[derive(Clone, Debug)]
pub struct Begun {
    /// What was begun.
    pub begun: Represented,
    /// The delegate's right at this moment; `None` for everybody else.
    pub right: Option<Mandate>,
    /// Whose it is.
    pub principal: Option<Account>,
    /// Who began it.
    pub delegate: Option<Account>,
}

/// Reads that for `account`, who asks; it is of `procedure`.
///
/// # Errors
/// When the database cannot be read.
pub fn read(
    db: &mut Db,
    begun: Option<Represented>,
    (account, procedure): (Option<&str>, &str),
    now: i64,
) -> QueryResult<Option<Begun>> {
    let Some(begun) = begun else { return Ok(None) };
    Ok(Some(Begun {
        right: right_of(db, &begun, (account, procedure), now)?,
        principal: accounts::find(db, &begun.principal_id)?,
        delegate: accounts::find(db, &begun.delegate_id)?,
        begun,
    }))
}

/// The right by which `account` may go on with what was begun in `procedure`; `None` when there is none
/// or the account did not begin it.
///
/// # Errors
/// When the database cannot be read.
pub fn right_of(
    db: &mut Db,
    begun: &Represented,
    (account, procedure): (Option<&str>, &str),
    now: i64,
) -> QueryResult<Option<Mandate>> {
    if account != Some(begun.delegate_id.as_str()) {
        return Ok(None);
    }
    mandates::live(db, (&begun.principal_id, &begun.delegate_id), procedure, now)
}
