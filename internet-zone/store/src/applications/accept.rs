//! The arrival (到達): number, time, seats, outbox, log and the end of the draft
//! in one transaction. Everything costly (checks, sealing) happened before.
//!
//! The same draft never arrives twice: the draft's row goes in the transaction
//! that makes the application, and the application remembers the draft. A second
//! try finds it and shows the same receipt (W13).

use std::collections::BTreeSet;

use bridge_lanes::Leapt;
use diesel::prelude::*;
use domain::applications::{ReceiptNumber, State};
use domain::procedures::is_trial;
use platform_service::clock::Clock;
use platform_store::{Db, StoreError, Tx, each_backend, time};

use super::seats::Seat;
use super::together::{self, Share};
use super::{charges, cosigns, drafts, holds, seats, waiting};
use crate::identity::Owner;
use crate::invitations;
use crate::mail::{self, NewLetter};
use crate::post::{self, Letter};
use crate::record::{Act, By, record_with};
use crate::schema::{applications, counters, once_keys, session_grants};

/// More than a city is sent between two backups.
const LEAP: i64 = 1_000_000;
/// No leap goes out from behind this number: a zone that is started again and again while its lane is held
/// leaps each time, and behind 800 million begin the numbers of trials.
const LEAPS_END: i64 = 700_000_000;
/// The same for trials; those of the staff zone begin behind 50 million.
const TRIAL_LEAPS_END: i64 = 40_000_000;

/// An application that passed every check and is sealed for the other side.
#[derive(Clone, Debug)]
pub struct NewApplication {
    /// Identifier, also of the item that crosses.
    pub id: String,
    /// The draft it comes from.
    pub draft_id: String,
    /// The version of the draft that was checked and sealed.
    pub draft_version: i64,
    /// The procedure.
    pub procedure_id: String,
    /// The revision the answers were checked with.
    pub revision: i64,
    /// Who applies; `None` when the procedure asks for nobody.
    pub owner: Option<Owner>,
    /// The session that may see the receipt although nobody owns the application.
    pub grant_to: Option<Vec<u8>>,
    /// Sealed address for mails to a guest.
    pub contact_sealed: Option<Vec<u8>>,
    /// For guests: sealed secret (shown again on a second try) and its keyed hash.
    pub secret: Option<(Vec<u8>, Vec<u8>)>,
    /// Seats to take, sorted by pool.
    pub seats: Vec<Seat>,
    /// What it costs, sealed for the receipt; `None` when nothing was told.
    pub charged_sealed: Option<Vec<u8>>,
    /// Whether the applicant agreed to wait when there are not enough.
    pub waits: bool,
    /// Keyed hash that may occur once, and the microseconds until which it counts.
    pub once: Option<(Vec<u8>, Option<i64>)>,
    /// Under which the same person would be known by an account that is closed (`closing`).
    pub left: Option<Vec<u8>>,
    /// The first moment at which it is too late, microseconds.
    pub closes_at: Option<i64>,
    /// The first moment at which nobody takes a seat it wants any more, microseconds.
    pub seat_ends_at: Option<i64>,
    /// What it lays into drafts begun together with it.
    pub shares: Vec<Share>,
    /// Who agreed to it, where that is needed (連署).
    pub cosigned: Option<Cosigned>,
    /// The sealed submission.
    pub letter: Letter,
    /// Sealed: at which counter terminal it is sent.
    pub terminal: Option<Letter>,
    /// The invitation it is sent by, where one is needed, and what staff are told of it.
    pub invitation: Option<(String, Letter)>,
}

/// Who must have agreed, and to what.
#[derive(Clone, Debug)]
pub struct Cosigned {
    /// The rows of [`cosigns`].
    pub ids: Vec<String>,
    /// Digest of what is sent.
    pub content: Vec<u8>,
}

/// What became of a submission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Accepted {
    /// It arrived.
    Arrived(Receipt),
    /// It had arrived before; nothing was done.
    Before(Receipt),
    /// This pool has not enough seats left; the draft is as it was.
    Full(String),
    /// The same, and there is room on the waiting list for whoever agrees to wait.
    MayWait(String),
    /// It waits for seats and has not arrived; the draft is gone.
    Waits(Receipt),
    /// The same person has applied already; the draft is as it was.
    Twice,
    /// The invitation was used up, ended or was revoked meanwhile; the draft is as it was.
    Uninvited,
    /// Somebody who must agree did not, or not to this; the draft is as it was.
    Unsigned,
    /// The period ended before the arrival; the draft is as it was.
    TooLate,
    /// The draft changed since it was checked, or is gone.
    Outdated,
}

/// Proof of arrival.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The application.
    pub application_id: String,
    /// Its number.
    pub number: String,
    /// Microseconds.
    pub arrived_at: i64,
}

/// The letters to queue once the number is known, and whether the application waits.
pub type Announce = Box<dyn FnOnce(&Receipt, bool) -> Vec<NewLetter> + Send>;

/// Accepts an application. Returns after nothing or everything is done.
///
/// # Errors
/// When the database cannot be written; a unique violation means that another
/// process accepted the same draft at the same moment: ask [`receipt_of_draft`].
pub fn accept(
    tx: &mut Tx<'_>,
    by: &By,
    clock: &Clock,
    new: NewApplication,
    announce: Announce,
) -> QueryResult<Accepted> {
    if !new.seats.is_empty() {
        // Before the draft is looked at: another process may be turning the same
        // draft into an application or a place in the line.
        seats::lock(tx.db, &new.procedure_id)?;
    }
    let files = match drafts::standing(tx.db, &new.draft_id)? {
        Some((version, files)) if version == new.draft_version => files,
        _ => return before(tx.db, &new.draft_id),
    };
    // A save of another process waits from here on, or was there first.
    if !drafts::hold(tx, &new.draft_id, new.draft_version)? {
        return before(tx.db, &new.draft_id);
    }
    if let Some(cosigned) = &new.cosigned
        && !cosigns::settle(tx, &new.draft_id, (&cosigned.ids, &cosigned.content))?
    {
        return Ok(Accepted::Unsigned);
    }
    let now = clock.now();
    let arrived_at = time::to_micros(now);
    if new.closes_at.is_some_and(|end| arrived_at >= end) {
        return Ok(Accepted::TooLate);
    }
    let seated = seat(tx, &new, arrived_at)?;
    let short = match &seated {
        Ok(_) => BTreeSet::new(),
        Err(short) => {
            let first = short.first().cloned().unwrap_or_default();
            if !waiting::has_room(tx.db, &new.procedure_id, short)? {
                return Ok(Accepted::Full(first));
            }
            if !new.waits {
                return Ok(Accepted::MayWait(first));
            }
            short.clone()
        }
    };
    if let Some(refused) = alone(tx, &new, arrived_at)? {
        seats::undo(tx, &new.procedure_id, seated.as_deref().unwrap_or_default())?;
        return Ok(refused);
    }
    if let Some(cosigned) = &new.cosigned {
        cosigns::keep_only(tx, &new.draft_id, &cosigned.ids)?;
    }
    let number = next_number(tx.db, &new.procedure_id, now)?;
    let receipt =
        Receipt { application_id: new.id.clone(), number: number.to_string(), arrived_at };
    if let Some(letter) = new.terminal.clone() {
        post::send(tx, letter, None, arrived_at)?;
    }
    if let Some((_, letter)) = new.invitation.clone() {
        post::send(tx, letter, None, arrived_at)?;
    }
    if let Some(sealed) = &new.charged_sealed {
        charges::put(tx, &new.id, sealed)?;
    }
    if !short.is_empty() {
        return wait(tx, (by, &files), (new, &short), receipt, announce);
    }
    let row = Row {
        draft_id: &new.draft_id,
        procedure_id: &new.procedure_id,
        revision: new.revision,
        owner: new.owner.clone(),
        contact_sealed: new.contact_sealed.clone(),
        secret: new.secret.clone(),
    };
    insert(tx, &row, &receipt)?;
    if let Some(session) = &new.grant_to {
        diesel::insert_into(session_grants::table)
            .values((
                session_grants::session_hash.eq(session),
                session_grants::application_id.eq(&new.id),
            ))
            .execute(tx.db)?;
    }
    if !new.seats.is_empty() {
        let surplus = holds::consume(tx, (&new.draft_id, &new.procedure_id), &new.seats)?;
        seats::hold(tx, &new.id, &new.procedure_id, &new.seats)?;
        if surplus {
            waiting::promote(tx, &new.procedure_id, arrived_at)?;
        }
    }
    drafts::remove_with(tx, &new.draft_id, &files)?;
    together::share(tx, &new.shares)?;
    for letter in announce(&receipt, false) {
        mail::queue(tx, &letter, arrived_at)?;
    }
    let by = By { at: arrived_at, ..by.clone() };
    record_with(tx, &by, Act::Arrived, &new.id, detail(&by, &new, &receipt.number));
    post::send(tx, new.letter, Some(&receipt.number), arrived_at)?;
    Ok(Accepted::Arrived(receipt))
}

/// The number, and whose it is when somebody else sent it.
fn detail(by: &By, new: &NewApplication, number: &str) -> String {
    match &new.owner {
        Some(owner @ Owner::Account(_)) if owner.name() != by.actor => {
            format!("number={number} for={}", owner.name())
        }
        Some(Owner::Account(_) | Owner::Guest(_)) | None => format!("number={number}"),
    }
}

/// Takes the seats beyond those kept for the draft, or names what is short.
fn seat(
    tx: &mut Tx<'_>,
    new: &NewApplication,
    now: i64,
) -> QueryResult<Result<Vec<Seat>, BTreeSet<String>>> {
    if new.seats.is_empty() {
        return Ok(Ok(Vec::new()));
    }
    let kept = holds::kept(tx.db, &new.draft_id)?;
    seats::take_all(tx, &new.procedure_id, &new.seats, (&kept, &new.draft_id, now))
}

/// Puts the application on the waiting list: the draft goes, nothing arrives.
fn wait(
    tx: &mut Tx<'_>,
    (by, files): (&By, &[String]),
    (new, short): (NewApplication, &BTreeSet<String>),
    receipt: Receipt,
    announce: Announce,
) -> QueryResult<Accepted> {
    let now = receipt.arrived_at;
    waiting::join(tx, by, (&new, short), &receipt.number, now)?;
    holds::drop_of(tx, &new.draft_id, now)?;
    drafts::remove_with(tx, &new.draft_id, files)?;
    together::share(tx, &new.shares)?;
    for letter in announce(&receipt, true) {
        mail::queue(tx, &letter, now)?;
    }
    Ok(Accepted::Waits(receipt))
}

/// What to answer when the draft is no longer what was checked: the earlier
/// receipt, if that is why.
fn before(db: &mut Db, draft_id: &str) -> QueryResult<Accepted> {
    if let Some(before) = receipt_of_draft(db, draft_id)? {
        return Ok(Accepted::Before(before));
    }
    let waits = waiting::of_draft(db, draft_id)?;
    let waits = waits.map(|id| waiting::find(db, &id)).transpose()?.flatten();
    Ok(waits.map_or(Accepted::Outdated, |one| {
        Accepted::Waits(Receipt {
            application_id: one.id,
            number: one.number,
            arrived_at: one.since,
        })
    }))
}

/// Whether a failed [`accept`] means that another process took the same draft at
/// the same moment: ask [`receipt_of_draft`] then.
#[must_use]
pub fn is_race(error: &StoreError) -> bool {
    use diesel::result::{DatabaseErrorKind, Error};
    matches!(
        error,
        StoreError::Query(Error::DatabaseError(
            DatabaseErrorKind::UniqueViolation | DatabaseErrorKind::SerializationFailure,
            _
        ))
    )
}

/// The receipt of a draft that arrived.
///
/// # Errors
/// When the database cannot be read.
pub fn receipt_of_draft(db: &mut Db, draft_id: &str) -> QueryResult<Option<Receipt>> {
    let row: Option<(String, String, i64)> = applications::table
        .filter(applications::draft_id.eq(draft_id))
        .select((applications::id, applications::number, applications::arrived_at))
        .first(db)
        .optional()?;
    Ok(row.map(|(application_id, number, arrived_at)| Receipt {
        application_id,
        number,
        arrived_at,
    }))
}

/// Takes what is there for one application: the invitation, and being the person's first. Says what is
/// missing; nothing is taken then.
fn alone(tx: &mut Tx<'_>, new: &NewApplication, now: i64) -> QueryResult<Option<Accepted>> {
    let invitation = new.invitation.as_ref().map(|(invitation, _)| invitation);
    if let Some(invitation) = invitation
        && !invitations::take(tx, invitation, now)?
    {
        return Ok(Some(Accepted::Uninvited));
    }
    if first_time(tx.db, new, now)? {
        return Ok(None);
    }
    if let Some(invitation) = invitation {
        invitations::put_back(tx, invitation)?;
    }
    Ok(Some(Accepted::Twice))
}

/// Whether a person's key is there and still counts.
///
/// # Errors
/// When the database cannot be read.
pub fn is_taken(db: &mut Db, procedure_id: &str, key: &[u8], now: i64) -> QueryResult<bool> {
    let until: Option<Option<i64>> = once_keys::table
        .find((procedure_id, key))
        .select(once_keys::expires_at)
        .first(db)
        .optional()?;
    Ok(until.is_some_and(|until| until.is_none_or(|until| until > now)))
}

/// Enters the person's key; `false` when it is there and still counts (NF-64).
fn first_time(db: &mut Db, new: &NewApplication, now: i64) -> QueryResult<bool> {
    let Some((key, until)) = &new.once else { return Ok(true) };
    if let Some(left) = &new.left
        && is_taken(db, &new.procedure_id, left, now)?
    {
        return Ok(false);
    }
    diesel::delete(
        once_keys::table.find((&new.procedure_id, key)).filter(once_keys::expires_at.le(now)),
    )
    .execute(db)?;
    let row = (
        once_keys::procedure_id.eq(&new.procedure_id),
        once_keys::key_hash.eq(key),
        once_keys::application_id.eq(&new.id),
        once_keys::expires_at.eq(until),
    );
    let entered = each_backend!(db, conn => diesel::insert_into(once_keys::table)
        .values(row).on_conflict_do_nothing().execute(conn))?;
    Ok(entered == 1)
}

/// The next number of the fiscal year, without gaps among committed ones.
fn next_number(
    db: &mut Db,
    procedure_id: &str,
    now: jiff::Timestamp,
) -> QueryResult<ReceiptNumber> {
    let trial = is_trial(procedure_id);
    let (year, name) = counter(now, trial);
    let next: Option<i64> = diesel::update(counters::table.find(&name))
        .set(counters::value.eq(counters::value + 1))
        .returning(counters::value)
        .get_result(db)
        .optional()?;
    let serial = match next {
        Some(serial) => serial,
        None => count_on(db, &name, 1)?,
    };
    let serial = u64::try_from(serial).unwrap_or_default();
    let number = match trial {
        true => ReceiptNumber::on_trial(year, serial),
        false => ReceiptNumber::new(year, serial),
    };
    number.ok_or(diesel::result::Error::RollbackTransaction)
}

/// Numbers of this fiscal year go on a million further. A database that was set back does not know
/// which were given after its backup, and no number may belong to two applications: the other side
/// would set the second one aside (I1, I14). `before` knows leaps that this database may not: set back twice to
/// one backup it goes behind what it gave in between.
pub(crate) fn leap(db: &mut Db, now: jiff::Timestamp, before: &Leapt) -> QueryResult<Leapt> {
    let mut leapt = Leapt::new();
    for (trial, end) in [(false, LEAPS_END), (true, TRIAL_LEAPS_END)] {
        let (_, name) = counter(now, trial);
        let given = counters::table.filter(counters::name.eq(&name)).select(counters::value);
        let given = given.first::<i64>(db).optional()?.unwrap_or_default();
        let known = before.get(&name).copied().unwrap_or_default().max(given);
        let to = if known < end { known + LEAP } else { known };
        let last = count_on(db, &name, to - given)?;
        leapt.insert(name, last);
    }
    Ok(leapt)
}

/// The fiscal year, and the name of its counter: trials have one of their own, so they take no number of
/// the others.
fn counter(now: jiff::Timestamp, trial: bool) -> (i16, String) {
    let year = domain::calendar::fiscal_year(domain::calendar::date_in_japan(now));
    let of = if trial { "trial-number" } else { "number" };
    (year, format!("{of}:{year}"))
}

/// Adds to a counter, which begins with 0 when it is new.
fn count_on(db: &mut Db, name: &str, by: i64) -> QueryResult<i64> {
    let row = (counters::name.eq(name), counters::value.eq(by));
    each_backend!(db, conn => diesel::insert_into(counters::table)
        .values(row)
        .on_conflict(counters::name)
        .do_update()
        .set(counters::value.eq(counters::value + by))
        .returning(counters::value)
        .get_result(conn))
}

/// The row of an application that arrives.
pub(super) struct Row<'a> {
    pub(super) draft_id: &'a str,
    pub(super) procedure_id: &'a str,
    pub(super) revision: i64,
    pub(super) owner: Option<Owner>,
    pub(super) contact_sealed: Option<Vec<u8>>,
    pub(super) secret: Option<(Vec<u8>, Vec<u8>)>,
}

/// Makes the row.
pub(super) fn insert(tx: &mut Tx<'_>, new: &Row<'_>, receipt: &Receipt) -> QueryResult<()> {
    let (secret_sealed, secret_hash) = new.secret.as_ref().map(|(s, h)| (s, h)).unzip();
    diesel::insert_into(applications::table)
        .values((
            applications::id.eq(&receipt.application_id),
            applications::number.eq(&receipt.number),
            applications::draft_id.eq(new.draft_id),
            applications::procedure_id.eq(new.procedure_id),
            applications::revision.eq(new.revision),
            applications::account_id.eq(new.owner.as_ref().and_then(Owner::account)),
            applications::guest_id.eq(new.owner.as_ref().and_then(Owner::guest)),
            applications::contact_sealed.eq(&new.contact_sealed),
            applications::secret_sealed.eq(secret_sealed),
            applications::secret_hash.eq(secret_hash),
            applications::arrived_at.eq(receipt.arrived_at),
            applications::state.eq(State::Arrived.key()),
            applications::state_at.eq(receipt.arrived_at),
        ))
        .execute(tx.db)?;
    Ok(())
}
