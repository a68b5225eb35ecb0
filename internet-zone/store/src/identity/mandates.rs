//! Who may act for whom (委任, NF-16). A mandate is offered to an address, accepted by
//! the account that proved that address, and ended by either side or by time.

use std::collections::BTreeSet;

use diesel::prelude::*;
use domain::identity::{Mandate, Scope, Standing};
use domain::ids::{AccountId, ProcedureId};
use platform_store::{Db, Tx};

use crate::record::{Act, By, record, record_with};
use crate::schema::{accounts, mandate_procedures, mandates};

/// Mandates an account may have given at a time, offered ones included.
pub const MOST: i64 = 10;

/// A mandate as stored.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Row {
    /// Identifier.
    pub id: String,
    /// Who is acted for.
    pub principal_id: String,
    /// Who acts; `None` before it is accepted.
    pub delegate_id: Option<String>,
    /// Keyed hash of the address it was offered to.
    pub delegate_index: Vec<u8>,
    /// That address, sealed.
    pub delegate_sealed: Vec<u8>,
    /// 1: every procedure that takes delegates; 0: those named.
    pub every_procedure: i64,
    /// 1: issued documents too.
    pub documents: i64,
    /// Microseconds.
    pub offered_at: i64,
    /// Microseconds.
    pub accepted_at: Option<i64>,
    /// First moment after its time, microseconds.
    pub expires_at: i64,
    /// Microseconds.
    pub ended_at: Option<i64>,
}

macro_rules! columns {
    () => {
        (
            mandates::id,
            mandates::principal_id,
            mandates::delegate_id,
            mandates::delegate_index,
            mandates::delegate_sealed,
            mandates::every_procedure,
            mandates::documents,
            mandates::offered_at,
            mandates::accepted_at,
            mandates::expires_at,
            mandates::ended_at,
        )
    };
}

impl Row {
    /// Where it stands at `now`, microseconds.
    #[must_use]
    pub const fn standing(&self, now: i64) -> Standing {
        Standing::of(self.accepted_at, self.ended_at, self.expires_at, now)
    }
}

/// A mandate to offer.
#[derive(Clone, Debug)]
pub struct Offer {
    /// Identifier.
    pub id: String,
    /// Who is acted for.
    pub principal_id: String,
    /// Keyed hash of the address.
    pub delegate_index: Vec<u8>,
    /// The address, sealed.
    pub delegate_sealed: Vec<u8>,
    /// The procedures; `None` is every one that takes delegates.
    pub procedures: Option<BTreeSet<String>>,
    /// Whether issued documents may be received too.
    pub documents: bool,
    /// First moment after its time, microseconds.
    pub expires_at: i64,
}

/// What became of an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offered {
    /// It is open now.
    Yes,
    /// The same address has one that is offered or in force.
    Before,
    /// The account has given as many as it may.
    TooMany,
}

/// Offers a mandate. The count of the account is its limit and its lock.
///
/// # Errors
/// When the database cannot be written.
pub fn offer(tx: &mut Tx<'_>, by: &By, new: &Offer) -> QueryResult<Offered> {
    let room = accounts::table.find(&new.principal_id).filter(accounts::mandates.lt(MOST));
    let taken =
        diesel::update(room).set(accounts::mandates.eq(accounts::mandates + 1)).execute(tx.db)?;
    if taken == 0 {
        return Ok(Offered::TooMany);
    }
    end_stale(tx, by, new)?;
    let before: i64 = mandates::table
        .filter(mandates::principal_id.eq(&new.principal_id))
        .filter(mandates::delegate_index.eq(&new.delegate_index))
        .filter(mandates::ended_at.is_null())
        .count()
        .get_result(tx.db)?;
    if before > 0 {
        give_back(tx, &new.principal_id)?;
        return Ok(Offered::Before);
    }
    diesel::insert_into(mandates::table)
        .values((
            mandates::id.eq(&new.id),
            mandates::principal_id.eq(&new.principal_id),
            mandates::delegate_index.eq(&new.delegate_index),
            mandates::delegate_sealed.eq(&new.delegate_sealed),
            mandates::every_procedure.eq(i64::from(new.procedures.is_none())),
            mandates::documents.eq(i64::from(new.documents)),
            mandates::offered_at.eq(by.at),
            mandates::expires_at.eq(new.expires_at),
        ))
        .execute(tx.db)?;
    for procedure in new.procedures.iter().flatten() {
        diesel::insert_into(mandate_procedures::table)
            .values((
                mandate_procedures::mandate_id.eq(&new.id),
                mandate_procedures::procedure_id.eq(procedure),
            ))
            .execute(tx.db)?;
    }
    let procedures = new.procedures.as_ref().map_or("all".to_owned(), |p| p.len().to_string());
    let detail = format!("procedures={procedures} documents={}", new.documents);
    record_with(tx, by, Act::MandateOffered, &new.id, detail);
    Ok(Offered::Yes)
}

/// Ends what the same address had and whose time is over.
fn end_stale(tx: &mut Tx<'_>, by: &By, new: &Offer) -> QueryResult<()> {
    let stale: Vec<String> = mandates::table
        .filter(mandates::principal_id.eq(&new.principal_id))
        .filter(mandates::delegate_index.eq(&new.delegate_index))
        .filter(mandates::ended_at.is_null())
        .filter(mandates::expires_at.le(by.at))
        .select(mandates::id)
        .load(tx.db)?;
    for id in stale {
        end(tx, &By::system("mandates", by.at), &id)?;
    }
    Ok(())
}

/// One place of the account's limit is free again.
fn give_back(tx: &mut Tx<'_>, principal: &str) -> QueryResult<usize> {
    diesel::update(accounts::table.find(principal).filter(accounts::mandates.gt(0)))
        .set(accounts::mandates.eq(accounts::mandates - 1))
        .execute(tx.db)
}

/// Accepts an offer for `delegate`; `false` when it is not open any more. Pressing
/// twice is one acceptance.
///
/// # Errors
/// When the database cannot be written.
pub fn accept(tx: &mut Tx<'_>, by: &By, id: &str, delegate: &str) -> QueryResult<bool> {
    let open = mandates::table
        .find(id)
        .filter(mandates::accepted_at.is_null())
        .filter(mandates::ended_at.is_null())
        .filter(mandates::expires_at.gt(by.at));
    let accepted = diesel::update(open)
        .set((mandates::delegate_id.eq(delegate), mandates::accepted_at.eq(by.at)))
        .execute(tx.db)?;
    if accepted == 1 {
        record(tx, by, Act::MandateAccepted, id);
    }
    Ok(accepted == 1)
}

/// Ends a mandate, offered or in force; `false` when it has ended before.
///
/// # Errors
/// When the database cannot be written.
pub fn end(tx: &mut Tx<'_>, by: &By, id: &str) -> QueryResult<bool> {
    let open = mandates::table.find(id).filter(mandates::ended_at.is_null());
    let ended = diesel::update(open).set(mandates::ended_at.eq(by.at)).execute(tx.db)?;
    if ended == 0 {
        return Ok(false);
    }
    let principal: String = mandates::table.find(id).select(mandates::principal_id).first(tx.db)?;
    give_back(tx, &principal)?;
    record(tx, by, Act::MandateEnded, id);
    Ok(true)
}

/// Mandates whose time is over and that nobody has ended.
///
/// # Errors
/// When the database cannot be read.
pub fn expired(db: &mut Db, now: i64, limit: i64) -> QueryResult<Vec<Row>> {
    mandates::table
        .filter(mandates::ended_at.is_null())
        .filter(mandates::expires_at.le(now))
        .order(mandates::expires_at)
        .limit(limit)
        .select(columns!())
        .load(db)
}

/// One mandate.
///
/// # Errors
/// When the database cannot be read.
pub fn find(db: &mut Db, id: &str) -> QueryResult<Option<Row>> {
    mandates::table.find(id).select(columns!()).first(db).optional()
}

/// What an account has given and not ended, oldest first.
///
/// # Errors
/// When the database cannot be read.
pub fn given(db: &mut Db, principal: &str, now: i64) -> QueryResult<Vec<Row>> {
    mandates::table
        .filter(mandates::principal_id.eq(principal))
        .filter(mandates::ended_at.is_null())
        .filter(mandates::expires_at.gt(now))
        .order(mandates::offered_at)
        .limit(MOST)
        .select(columns!())
        .load(db)
}

/// What an account gave or accepted and nobody has ended, whatever its time.
pub(crate) fn open_of(db: &mut Db, account: &str) -> QueryResult<Vec<Row>> {
    mandates::table
        .filter(mandates::principal_id.eq(account).or(mandates::delegate_id.eq(account)))
        .filter(mandates::ended_at.is_null())
        .order(mandates::offered_at)
        .select(columns!())
        .load(db)
}

/// What is offered to an address.
///
/// # Errors
/// When the database cannot be read.
pub fn offered_to(db: &mut Db, index: &[u8], now: i64) -> QueryResult<Vec<Row>> {
    mandates::table
        .filter(mandates::delegate_index.eq(index))
        .filter(mandates::ended_at.is_null())
        .filter(mandates::accepted_at.is_null())
        .filter(mandates::expires_at.gt(now))
        .order(mandates::offered_at)
        .limit(100)
        .select(columns!())
        .load(db)
}

/// What an account has accepted and may use now.
///
/// # Errors
/// When the database cannot be read.
pub fn accepted_by(db: &mut Db, delegate: &str, now: i64) -> QueryResult<Vec<Row>> {
    mandates::table
        .filter(mandates::delegate_id.eq(delegate))
        .filter(mandates::ended_at.is_null())
        .filter(mandates::expires_at.gt(now))
        .order(mandates::offered_at)
        .limit(100)
        .select(columns!())
        .load(db)
}

/// The procedures a mandate names; `None` is every one.
///
/// # Errors
/// When the database cannot be read.
pub fn procedures(db: &mut Db, row: &Row) -> QueryResult<Option<Vec<String>>> {
    if row.every_procedure != 0 {
        return Ok(None);
    }
    mandate_procedures::table
        .filter(mandate_procedures::mandate_id.eq(&row.id))
        .order(mandate_procedures::procedure_id)
        .select(mandate_procedures::procedure_id)
        .load(db)
        .map(Some)
}

/// The right of `delegate` to act for `principal` in a procedure at `now`, if there is one. The words
/// of the law on it are `domain::identity::authorize`. A delegate whose address changed may have been
/// asked at both: of several rights it is one that covers the procedure, with documents where one has
/// them.
///
/// # Errors
/// When the database cannot be read.
pub fn live(
    db: &mut Db,
    (principal, delegate): (&str, &str),
    procedure: &str,
    now: i64,
) -> QueryResult<Option<Mandate>> {
    let rows: Vec<Row> = mandates::table
        .filter(mandates::principal_id.eq(principal))
        .filter(mandates::delegate_id.eq(delegate))
        .filter(mandates::ended_at.is_null())
        .filter(mandates::expires_at.gt(now))
        .order((mandates::documents.desc(), mandates::offered_at, mandates::id))
        .limit(MOST)
        .select(columns!())
        .load(db)?;
    let mut rights = Vec::new();
    for row in &rows {
        rights.extend(mandate(db, row)?);
    }
    let procedure = ProcedureId::parse(procedure).ok();
    let covers = |right: &Mandate| procedure.as_ref().is_some_and(|one| right.scope.covers(one));
    let best = rights.iter().position(covers).unwrap_or(0);
    Ok(rights.into_iter().nth(best))
}

/// What a stored mandate allows; `None` when nobody has accepted it.
///
/// # Errors
/// When the database cannot be read.
pub fn mandate(db: &mut Db, row: &Row) -> QueryResult<Option<Mandate>> {
    let scope = match procedures(db, row)? {
        None => Scope::All,
        // An id that does not read is a procedure nobody can name: it covers nothing.
        Some(named) => {
            Scope::Only(named.iter().filter_map(|id| ProcedureId::parse(id).ok()).collect())
        }
    };
    let delegate = row.delegate_id.as_deref().and_then(|id| AccountId::parse(id).ok());
    let principal = AccountId::parse(&row.principal_id).ok();
    Ok(principal.zip(delegate).map(|(principal, delegate)| Mandate {
        principal,
        delegate,
        scope,
        documents: row.documents != 0,
    }))
}
