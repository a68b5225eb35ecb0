//! Who is asked to agree to an application before it is sent, and what they answered (連署). A row
//! names the draft, which place in line and application remember too. Everything that changes a
//! row holds the draft first, so asking, answering, saving and sending wait for each other.

use diesel::prelude::*;
use domain::applications::{Cosign as State, Sign};
use platform_store::{Db, Tx};

use super::drafts;
use crate::identity::accounts::{self, Account};
use crate::identity::represented;
use crate::mail::{self, NewLetter};
use crate::record::{Act, By, record, record_with};
use crate::schema::{cosigns, drafts as unsent};

/// Rows of one account that a list looks at.
const MOST: i64 = 100;

/// Somebody asked to agree.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Cosign {
    /// Identifier.
    pub id: String,
    /// The draft, also of what it becomes.
    pub draft_id: String,
    /// Which of the procedure's co-signers.
    pub kind: String,
    /// The how manieth of its kind, from 1.
    pub place: i64,
    /// What the applicant calls them, sealed.
    pub name_sealed: Vec<u8>,
    /// Keyed hash of the address the request went to.
    pub email_index: Vec<u8>,
    /// That address, sealed.
    pub email_sealed: Vec<u8>,
    /// Where it stands, see [`Cosign::standing`].
    pub state: String,
    /// When they were asked last, microseconds.
    pub asked_at: i64,
    /// First moment at which it is too late to answer, microseconds.
    pub expires_at: i64,
    /// The account that answered.
    pub account_id: Option<String>,
    /// Microseconds.
    pub answered_at: Option<i64>,
    /// Digest of what was agreed to.
    pub content: Option<Vec<u8>>,
    /// Why not, sealed.
    pub reason_sealed: Option<Vec<u8>>,
}

impl Cosign {
    /// Where it stands at `now`, when `content` is the digest of what would be sent: an agreement to
    /// something else is none.
    #[must_use]
    pub fn standing(&self, content: &[u8], now: i64) -> State {
        match State::parse(&self.state) {
            Some(State::Agreed) if self.content.as_deref() != Some(content) => State::Void,
            Some(State::Asked) if self.expires_at <= now => State::Expired,
            Some(state) => state,
            None => State::Void,
        }
    }

    /// Whether this account agreed, to whatever it was.
    #[must_use]
    pub fn agreed_by(&self, account: &str) -> bool {
        self.state == State::Agreed.key() && self.account_id.as_deref() == Some(account)
    }
}

/// Somebody to ask.
#[derive(Clone, Debug)]
pub struct NewCosign {
    /// Identifier.
    pub id: String,
    /// Which of the procedure's co-signers.
    pub kind: String,
    /// The how manieth of its kind, from 1.
    pub place: i64,
    /// What the applicant calls them, sealed.
    pub name_sealed: Vec<u8>,
    /// Keyed hash of the address.
    pub email_index: Vec<u8>,
    /// The address, sealed.
    pub email_sealed: Vec<u8>,
    /// The mail that asks.
    pub letter: NewLetter,
}

/// What became of asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// The mails are on their way.
    Yes,
    /// The draft changed meanwhile, or is gone: nobody was asked.
    Changed,
    /// One of the addresses or places has somebody already: nobody was asked.
    Before,
}

/// Asks people to agree to a draft. It then lives at least as long as they may answer.
///
/// # Errors
/// When the database cannot be written.
pub fn ask(
    tx: &mut Tx<'_>,
    by: &By,
    (draft_id, version): (&str, i64),
    (new, expires_at): (&[NewCosign], i64),
) -> QueryResult<Asked> {
    if !drafts::hold(tx, draft_id, version)? {
        return Ok(Asked::Changed);
    }
    let known = of_draft(tx.db, draft_id)?;
    let taken = |one: &NewCosign| {
        let same = |other: &Cosign| {
            other.email_index == one.email_index
                || (other.kind == one.kind && other.place == one.place)
        };
        known.iter().any(same)
    };
    if new.iter().any(taken) {
        return Ok(Asked::Before);
    }
    drafts::prolong(tx, draft_id, expires_at)?;
    for one in new {
        diesel::insert_into(cosigns::table)
            .values((
                cosigns::id.eq(&one.id),
                cosigns::draft_id.eq(draft_id),
                cosigns::kind.eq(&one.kind),
                cosigns::place.eq(one.place),
                cosigns::name_sealed.eq(&one.name_sealed),
                cosigns::email_index.eq(&one.email_index),
                cosigns::email_sealed.eq(&one.email_sealed),
                cosigns::state.eq(State::Asked.key()),
                cosigns::asked_at.eq(by.at),
                cosigns::expires_at.eq(expires_at),
            ))
            .execute(tx.db)?;
        mail::queue(tx, &one.letter, by.at)?;
        record_with(tx, by, Act::CosignAsked, draft_id, format!("cosign={}", one.id));
    }
    Ok(Asked::Yes)
}

/// Asks somebody again; an earlier answer goes. `false` when that person agreed meanwhile or is not
/// asked any more.
///
/// # Errors
/// When the database cannot be written.
pub fn ask_again(
    tx: &mut Tx<'_>,
    by: &By,
    cosign: &Cosign,
    (expires_at, letter): (i64, &NewLetter),
) -> QueryResult<bool> {
    let target = cosigns::table
        .find(&cosign.id)
        .filter(cosigns::state.eq(&cosign.state))
        .filter(cosigns::asked_at.eq(cosign.asked_at));
    let asked = diesel::update(target)
        .set((
            cosigns::state.eq(State::Asked.key()),
            cosigns::asked_at.eq(by.at),
            cosigns::expires_at.eq(expires_at),
            cosigns::account_id.eq(None::<String>),
            cosigns::answered_at.eq(None::<i64>),
            cosigns::content.eq(None::<Vec<u8>>),
            cosigns::reason_sealed.eq(None::<Vec<u8>>),
        ))
        .execute(tx.db)?;
    if asked == 0 {
        return Ok(false);
    }
    drafts::prolong(tx, &cosign.draft_id, expires_at)?;
    mail::queue(tx, letter, by.at)?;
    let detail = format!("cosign={} again", cosign.id);
    record_with(tx, by, Act::CosignAsked, &cosign.draft_id, detail);
    Ok(true)
}

/// Asks somebody no more, so that another one can be; `letter` tells them. `false` when nobody was.
///
/// # Errors
/// When the database cannot be written.
pub fn take_back(
    tx: &mut Tx<'_>,
    by: &By,
    cosign: &Cosign,
    letter: &NewLetter,
) -> QueryResult<bool> {
    // Once it is sent, who agreed to it stays.
    let waits: i64 = unsent::table.find(&cosign.draft_id).count().get_result(tx.db)?;
    if waits == 0 || diesel::delete(cosigns::table.find(&cosign.id)).execute(tx.db)? == 0 {
        return Ok(false);
    }
    mail::queue(tx, letter, by.at)?;
    let detail = format!("cosign={}", cosign.id);
    record_with(tx, by, Act::CosignTakenBack, &cosign.draft_id, detail);
    Ok(true)
}

/// What somebody answers.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The row.
    pub id: String,
    /// The draft, and the version that was read.
    pub draft: (String, i64),
    /// The account that answers.
    pub account: String,
    /// Digest of what it saw.
    pub content: Vec<u8>,
    /// Why not, sealed; `None` is agreement.
    pub declines: Option<Vec<u8>>,
    /// Tells the applicants.
    pub letters: Vec<NewLetter>,
}

/// What became of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answered {
    /// It counts.
    Yes,
    /// The same answer stood already; nothing was done.
    Before,
    /// The draft was saved meanwhile: look again.
    Changed,
    /// It is too late, taken back, void or sent.
    Over,
    /// It is the account's own application, or one it fills in for somebody.
    Own,
    /// The account agreed in another place of the same application.
    Twice,
}

/// Answers. The draft gets a new version: a save that read it before looks again.
///
/// # Errors
/// When the database cannot be written.
pub fn answer(tx: &mut Tx<'_>, by: &By, new: &Answer) -> QueryResult<Answered> {
    let (draft_id, version) = (&new.draft.0, new.draft.1);
    let Some(row) = find(tx.db, &new.id)? else { return Ok(Answered::Over) };
    if !drafts::hold(tx, draft_id, version)? {
        let there: i64 = unsent::table.find(draft_id).count().get_result(tx.db)?;
        return Ok(if there == 0 { Answered::Over } else { Answered::Changed });
    }
    if is_applicant(tx.db, draft_id, &new.account)? {
        return Ok(Answered::Own);
    }
    let known = of_draft(tx.db, draft_id)?;
    if known.iter().any(|one| one.id != new.id && one.account_id.as_ref() == Some(&new.account)) {
        return Ok(Answered::Twice);
    }
    let same =
        |row: &Cosign| row.agreed_by(&new.account) && row.content.as_ref() == Some(&new.content);
    if new.declines.is_none() && same(&row) {
        return Ok(Answered::Before);
    }
    let sign = if new.declines.is_some() { Sign::Decline } else { Sign::Agree };
    let open = cosigns::table
        .find(&new.id)
        .filter(cosigns::state.eq_any(State::before(sign)))
        .filter(cosigns::state.ne(State::Asked.key()).or(cosigns::expires_at.gt(by.at)));
    let state = if new.declines.is_some() { State::Declined } else { State::Agreed };
    let answered = diesel::update(open)
        .set((
            cosigns::state.eq(state.key()),
            cosigns::account_id.eq(&new.account),
            cosigns::answered_at.eq(by.at),
            cosigns::content.eq(&new.content),
            cosigns::reason_sealed.eq(&new.declines),
        ))
        .execute(tx.db)?;
    if answered == 0 {
        return Ok(Answered::Over);
    }
    drafts::turn(tx, draft_id)?;
    for letter in &new.letters {
        mail::queue(tx, letter, by.at)?;
    }
    let act = if new.declines.is_some() { Act::CosignDeclined } else { Act::CosignAgreed };
    record_with(tx, by, act, draft_id, format!("cosign={}", new.id));
    Ok(Answered::Yes)
}

/// Whether an account owns a draft or fills it in for its owner.
fn is_applicant(db: &mut Db, draft_id: &str, account: &str) -> QueryResult<bool> {
    let owner: Option<Option<String>> =
        unsent::table.find(draft_id).select(unsent::account_id).first(db).optional()?;
    let delegate = represented::of_draft(db, draft_id)?.map(|begun| begun.delegate_id);
    Ok(owner.flatten().as_deref() == Some(account) || delegate.as_deref() == Some(account))
}

/// What a save does to agreements: those to something else than `content` are void.
#[derive(Clone, Debug)]
pub struct Voids {
    /// Who saves.
    pub by: By,
    /// Digest of what would be sent now.
    pub content: Vec<u8>,
    /// Tells each one who agreed, by row.
    pub letters: Vec<(String, NewLetter)>,
}

/// Makes the agreements void that are to something else; part of every save. Returns how many.
pub(super) fn void(tx: &mut Tx<'_>, draft_id: &str, voids: &Voids) -> QueryResult<usize> {
    let mut voided = 0;
    for (id, letter) in &voids.letters {
        let other = cosigns::table
            .find(id)
            .filter(cosigns::state.eq_any(State::before(Sign::Change)))
            .filter(cosigns::content.ne(&voids.content));
        let changed = diesel::update(other)
            .set((cosigns::state.eq(State::Void.key()), cosigns::account_id.eq(None::<String>)))
            .execute(tx.db)?;
        if changed == 1 {
            mail::queue(tx, letter, voids.by.at)?;
            let detail = format!("cosign={id}");
            record_with(tx, &voids.by, Act::CosignVoid, draft_id, detail);
        }
        voided += changed;
    }
    Ok(voided)
}

/// Makes the agreements void that went stale without a save, and tells the applicants by `letters`.
/// `false` when there were none, or the draft was saved since it was read: that save looks itself.
///
/// # Errors
/// When the database cannot be written.
pub fn void_stale(
    tx: &mut Tx<'_>,
    (draft_id, version): (&str, i64),
    voids: &Voids,
    letters: &[NewLetter],
) -> QueryResult<bool> {
    if !drafts::hold(tx, draft_id, version)? || void(tx, draft_id, voids)? == 0 {
        return Ok(false);
    }
    for letter in letters {
        mail::queue(tx, letter, voids.by.at)?;
    }
    Ok(true)
}

/// What an account answered to forms that are not sent, whatever it was.
pub(crate) fn answered_by(db: &mut Db, account: &str) -> QueryResult<Vec<Cosign>> {
    cosigns::table
        .inner_join(unsent::table.on(unsent::id.eq(cosigns::draft_id)))
        .filter(cosigns::account_id.eq(account))
        .order(cosigns::draft_id)
        .select(cosigns::all_columns)
        .load(db)
}

/// Takes an account that is closed out of a form that is not sent: an agreement is void, any other
/// answer stays without it. Whether it had agreed.
pub(crate) fn leave(tx: &mut Tx<'_>, by: &By, id: &str, account: &str) -> QueryResult<bool> {
    let Some(row) = find(tx.db, id)? else { return Ok(false) };
    // Once it is sent, who agreed to it stays.
    if drafts::turn(tx, &row.draft_id)? == 0 {
        return Ok(false);
    }
    let own = || cosigns::table.find(id).filter(cosigns::account_id.eq(account));
    let agreed = own().filter(cosigns::state.eq(State::Agreed.key()));
    let voided = diesel::update(agreed)
        .set((cosigns::state.eq(State::Void.key()), cosigns::account_id.eq(None::<String>)))
        .execute(tx.db)?;
    diesel::update(own()).set(cosigns::account_id.eq(None::<String>)).execute(tx.db)?;
    if voided == 1 {
        record_with(tx, by, Act::CosignVoid, &row.draft_id, format!("cosign={id} closed"));
    }
    Ok(voided == 1)
}

/// Drafts not sent to which somebody agreed and their versions, by identifier after `after`.
///
/// # Errors
/// When the database cannot be read.
pub fn signed_drafts(db: &mut Db, after: &str, limit: i64) -> QueryResult<Vec<(String, i64)>> {
    cosigns::table
        .inner_join(unsent::table.on(unsent::id.eq(cosigns::draft_id)))
        .filter(cosigns::state.eq(State::Agreed.key()))
        .filter(cosigns::draft_id.gt(after))
        .order(cosigns::draft_id)
        .limit(limit)
        .select((cosigns::draft_id, unsent::version))
        .distinct()
        .load(db)
}

/// Whether all of these agreed to just this; everybody else of the draft is asked no more. Part of
/// the arrival, which holds the draft.
pub(super) fn settle(
    tx: &mut Tx<'_>,
    draft_id: &str,
    (ids, content): (&[String], &[u8]),
) -> QueryResult<bool> {
    let agreed: i64 = cosigns::table
        .filter(cosigns::id.eq_any(ids))
        .filter(cosigns::draft_id.eq(draft_id))
        .filter(cosigns::state.eq(State::Agreed.key()))
        .filter(cosigns::content.eq(content))
        .count()
        .get_result(tx.db)?;
    Ok(usize::try_from(agreed) == Ok(ids.len()))
}

/// Forgets whom else was asked, once it is sent.
pub(super) fn keep_only(tx: &mut Tx<'_>, draft_id: &str, ids: &[String]) -> QueryResult<usize> {
    let others = cosigns::table.filter(cosigns::draft_id.eq(draft_id));
    diesel::delete(others.filter(cosigns::id.ne_all(ids))).execute(tx.db)
}

/// Forgets a draft that became nothing.
pub(super) fn forget(tx: &mut Tx<'_>, draft_id: &str) -> QueryResult<usize> {
    diesel::delete(cosigns::table.filter(cosigns::draft_id.eq(draft_id))).execute(tx.db)
}

/// Requests whose time is over and that nobody answered.
///
/// # Errors
/// When the database cannot be read.
pub fn over(db: &mut Db, now: i64, limit: i64) -> QueryResult<Vec<Cosign>> {
    cosigns::table
        .filter(cosigns::state.eq(State::Asked.key()))
        .filter(cosigns::expires_at.le(now))
        .order(cosigns::expires_at)
        .limit(limit)
        .load(db)
}

/// Notes that nobody answered in time; `false` when somebody did.
///
/// # Errors
/// When the database cannot be written.
pub fn expire(tx: &mut Tx<'_>, by: &By, cosign: &Cosign) -> QueryResult<bool> {
    let late = cosigns::table
        .find(&cosign.id)
        .filter(cosigns::state.eq_any(State::before(Sign::Expire)))
        .filter(cosigns::expires_at.le(by.at));
    let expired =
        diesel::update(late).set(cosigns::state.eq(State::Expired.key())).execute(tx.db)?;
    if expired == 1 {
        record(tx, by, Act::CosignExpired, &cosign.draft_id);
    }
    Ok(expired == 1)
}

/// One row.
///
/// # Errors
/// When the database cannot be read.
pub fn find(db: &mut Db, id: &str) -> QueryResult<Option<Cosign>> {
    cosigns::table.find(id).first(db).optional()
}

/// Everybody asked to agree to a draft, or to what it became.
///
/// # Errors
/// When the database cannot be read.
pub fn of_draft(db: &mut Db, draft_id: &str) -> QueryResult<Vec<Cosign>> {
    cosigns::table
        .filter(cosigns::draft_id.eq(draft_id))
        .order((cosigns::kind, cosigns::place))
        .load(db)
}

/// A row with the account that answered.
#[derive(Clone, Debug)]
pub struct Signed {
    /// The row.
    pub cosign: Cosign,
    /// The account; `None` while nobody answered.
    pub account: Option<Account>,
}

/// Who agreed to an application, arrived or waiting.
///
/// # Errors
/// When the database cannot be read.
pub fn of_application(db: &mut Db, id: &str) -> QueryResult<Vec<Signed>> {
    let Some(draft) = represented::draft_of(db, id)? else { return Ok(Vec::new()) };
    let rows = of_draft(db, &draft)?;
    with_accounts(db, rows)
}

/// These rows with the accounts that answered.
///
/// # Errors
/// When the database cannot be read.
pub fn with_accounts(db: &mut Db, rows: Vec<Cosign>) -> QueryResult<Vec<Signed>> {
    let mut signed = Vec::new();
    for cosign in rows {
        let account = cosign.account_id.as_deref().map(|id| accounts::find(db, id));
        signed.push(Signed { account: account.transpose()?.flatten(), cosign });
    }
    Ok(signed)
}

/// Requests to an address that wait for an answer or can still be answered, newest first, with the
/// account whose draft it is.
///
/// # Errors
/// When the database cannot be read.
pub fn asked_of(db: &mut Db, index: &[u8], now: i64) -> QueryResult<Vec<(Cosign, String)>> {
    let rows: Vec<(Cosign, Option<String>)> = cosigns::table
        .inner_join(unsent::table.on(unsent::id.eq(cosigns::draft_id)))
        .filter(cosigns::email_index.eq(index))
        .filter(cosigns::state.eq_any(State::before(Sign::Agree)))
        .filter(cosigns::state.ne(State::Asked.key()).or(cosigns::expires_at.gt(now)))
        .filter(unsent::expires_at.gt(now))
        .order(cosigns::asked_at.desc())
        .limit(MOST)
        .select((cosigns::all_columns, unsent::account_id))
        .load(db)?;
    Ok(rows.into_iter().filter_map(|(row, owner)| Some((row, owner?))).collect())
}

/// Drafts, sent or not, to which an account agreed, newest first.
///
/// # Errors
/// When the database cannot be read.
pub fn agreed_by(db: &mut Db, account: &str) -> QueryResult<Vec<String>> {
    cosigns::table
        .filter(cosigns::account_id.eq(account))
        .filter(cosigns::state.eq(State::Agreed.key()))
        .order(cosigns::answered_at.desc())
        .limit(MOST)
        .select(cosigns::draft_id)
        .load(db)
}
