//! Webhooks: a business system is told when an application within the reach of its key comes into a
//! state (`docs/decisions/0079`). What is told is kept in the transaction of the step, goes out in the
//! order of each application, and stays until it was taken.

use diesel::dsl::{exists, not};
use diesel::prelude::*;
use domain::applications::State;
use domain::procedures::is_trial;
use jiff::Timestamp;
use platform_store::{Db, Tx, each_backend, time};
use serde_json::json;

use crate::applications::rows::Application;
use crate::record::By;
use crate::schema::{api_keys, webhook_deliveries, webhooks};

/// Tries of one delivery before it is left to a person.
pub const TRIES: i32 = 20;

/// How long what was taken stays in the list, microseconds: 30 days.
const KEPT: i64 = 30 * 86_400 * 1_000_000;

const WAITING: &str = "waiting";
const SENT: &str = "sent";
const GIVEN_UP: &str = "given_up";

/// How a webhook stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is told.
    On,
    /// Somebody stopped it; what happens waits.
    Stopped,
    /// It failed too often in a row; what happens waits.
    Halted,
    /// It is over.
    Ended,
}

impl Standing {
    /// The stored word.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::On => "on",
            Self::Stopped => "stopped",
            Self::Halted => "halted",
            Self::Ended => "ended",
        }
    }

    /// Reads [`code`](Self::code).
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        let all = [Self::On, Self::Stopped, Self::Halted, Self::Ended];
        all.into_iter().find(|one| one.code() == word)
    }
}

/// One webhook. Times are microseconds.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = webhooks)]
pub struct Webhook {
    /// Identifier.
    pub id: String,
    /// Whose: departments and procedures are those of the key.
    pub key_id: String,
    /// Where it is told.
    pub url: String,
    /// States it is told of, JSON list of keys; all when empty.
    pub events: String,
    /// [`Standing`].
    pub state: String,
    /// Tries that failed in a row.
    pub failures: i32,
    /// Nothing is tried before.
    pub next_at: i64,
    /// When it was made.
    pub made_at: i64,
    /// By whom.
    pub made_by: String,
    /// When something was taken last.
    pub sent_at: Option<i64>,
    /// Why the last try failed; empty after one that did not.
    pub last_error: String,
    /// When a second person released it; before that it is told nothing.
    pub released_at: Option<i64>,
    /// By whom; nobody for one of before.
    pub released_by: Option<String>,
}

impl Webhook {
    /// Whether it waits for a second person.
    #[must_use]
    pub fn waits(&self) -> bool {
        self.released_at.is_none() && self.state != Standing::Ended.code()
    }
}

/// One thing told.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = webhook_deliveries)]
pub struct Delivery {
    /// To whom.
    pub webhook_id: String,
    /// Of which application.
    pub application_id: String,
    /// Version it came into; with the application this is the event.
    pub version: i32,
    /// When.
    pub at: i64,
    /// What is sent, word for word at every try.
    pub body: String,
    /// `waiting`, `sent` or `given_up`.
    pub state: String,
    /// Tries so far.
    pub attempts: i32,
    /// Not before.
    pub next_at: i64,
    /// When it was taken.
    pub sent_at: Option<i64>,
    /// Status or fault of the last try.
    pub answer: String,
}

impl Delivery {
    fn key(&self) -> (&str, &str, i32) {
        (&self.webhook_id, &self.application_id, self.version)
    }

    /// The identifier of the event: the same at every try.
    #[must_use]
    pub fn event(&self) -> String {
        event(&self.application_id, self.version)
    }
}

fn event(application: &str, version: i32) -> String {
    format!("{application}-{version}")
}

/// Proposes a webhook: it is told nothing until somebody else releases it. A second press of the same button
/// makes no second one: `false`.
///
/// # Errors
/// When the database cannot be written.
pub fn make(tx: &mut Tx<'_>, by: &By, new: &Webhook) -> QueryResult<bool> {
    let made = each_backend!(tx.db, conn => diesel::insert_into(webhooks::table)
        .values(new).on_conflict_do_nothing().execute(conn))?;
    if made == 1 {
        by.record(tx, "api.webhook_made", "webhook", &new.id, &format!("key={}", new.key_id));
    }
    Ok(made == 1)
}

/// Releases or refuses a webhook that somebody else proposed; `false` when it does not wait, or for who
/// proposed it.
///
/// # Errors
/// When the database cannot be written.
pub fn decide(tx: &mut Tx<'_>, by: &By, id: &str, release: bool) -> QueryResult<bool> {
    let waiting = webhooks::table
        .find(id)
        .filter(webhooks::released_at.is_null())
        .filter(webhooks::state.ne(Standing::Ended.code()))
        .filter(webhooks::made_by.ne(&by.staff));
    let decided = if release {
        let at = by.at.as_microsecond();
        diesel::update(waiting)
            .set((webhooks::released_at.eq(at), webhooks::released_by.eq(&by.staff)))
            .execute(tx.db)?
    } else {
        diesel::update(waiting).set(webhooks::state.eq(Standing::Ended.code())).execute(tx.db)?
    };
    if decided == 1 && release {
        by.record(tx, "api.webhook_released", "webhook", id, "");
    } else if decided == 1 {
        by.record(tx, "api.webhook_refused", "webhook", id, "");
    }
    Ok(decided == 1)
}

/// Every webhook with the name of its key, the newest first.
///
/// # Errors
/// When the database cannot be read.
pub fn all(db: &mut Db) -> QueryResult<Vec<(Webhook, String)>> {
    webhooks::table
        .inner_join(api_keys::table.on(api_keys::id.eq(webhooks::key_id)))
        .order((webhooks::made_at.desc(), webhooks::id.desc()))
        .select((Webhook::as_select(), api_keys::name))
        .load(db)
}

/// One webhook with the name of its key.
///
/// # Errors
/// When the database cannot be read.
pub fn find(db: &mut Db, id: &str) -> QueryResult<Option<(Webhook, String)>> {
    webhooks::table
        .inner_join(api_keys::table.on(api_keys::id.eq(webhooks::key_id)))
        .filter(webhooks::id.eq(id))
        .select((Webhook::as_select(), api_keys::name))
        .first(db)
        .optional()
}

/// How many wait, and how many were left to a person.
///
/// # Errors
/// When the database cannot be read.
pub fn left(db: &mut Db, id: &str) -> QueryResult<(i64, i64)> {
    let count = |db: &mut Db, state: &str| {
        webhook_deliveries::table
            .filter(webhook_deliveries::webhook_id.eq(id).and(webhook_deliveries::state.eq(state)))
            .count()
            .get_result(db)
    };
    Ok((count(db, WAITING)?, count(db, GIVEN_UP)?))
}

/// The newest deliveries; only those that were not taken when `left` is set.
///
/// # Errors
/// When the database cannot be read.
pub fn newest(db: &mut Db, id: &str, left: bool, most: i64) -> QueryResult<Vec<Delivery>> {
    let mut query = webhook_deliveries::table
        .filter(webhook_deliveries::webhook_id.eq(id))
        .order((webhook_deliveries::at.desc(), webhook_deliveries::application_id.desc()))
        .limit(most)
        .select(Delivery::as_select())
        .into_boxed();
    if left {
        query = query.filter(webhook_deliveries::state.ne(SENT));
    }
    query.load(db)
}

/// Stops a webhook, lets it go on, or ends it; `false` when it cannot from where it stands. One that waits for
/// its release is only ended.
///
/// # Errors
/// When the database cannot be written.
pub fn turn(tx: &mut Tx<'_>, by: &By, id: &str, to: Standing) -> QueryResult<bool> {
    let from: &[Standing] = match to {
        Standing::On => &[Standing::Stopped, Standing::Halted],
        Standing::Stopped => &[Standing::On, Standing::Halted],
        Standing::Ended => &[Standing::On, Standing::Stopped, Standing::Halted],
        Standing::Halted => &[Standing::On],
    };
    let from: Vec<&str> = from.iter().map(|one| one.code()).collect();
    let there = webhooks::table.find(id).filter(webhooks::state.eq_any(from));
    let state = webhooks::state.eq(to.code());
    let turned = if to == Standing::Ended {
        diesel::update(there).set(state).execute(tx.db)?
    } else {
        diesel::update(there.filter(webhooks::released_at.is_not_null()))
            .set(state)
            .execute(tx.db)?
    };
    if turned == 1 {
        // Whoever lets it go on begins anew; until then the page says how often it failed.
        if to == Standing::On {
            diesel::update(webhooks::table.find(id))
                .set((webhooks::failures.eq(0), webhooks::next_at.eq(0)))
                .execute(tx.db)?;
        }
        match to {
            Standing::On => by.record(tx, "api.webhook_resumed", "webhook", id, ""),
            Standing::Stopped => by.record(tx, "api.webhook_stopped", "webhook", id, ""),
            Standing::Ended => by.record(tx, "api.webhook_ended", "webhook", id, ""),
            Standing::Halted => by.record_failed(tx, "api.webhook_halted", "webhook", id, ""),
        }
    }
    Ok(turned == 1)
}

/// Sends something once more; `false` when there is no such delivery or it waits already.
///
/// # Errors
/// When the database cannot be written.
pub fn resend(
    tx: &mut Tx<'_>,
    by: &By,
    (webhook, application, version): (&str, &str, i32),
) -> QueryResult<bool> {
    let told = webhook_deliveries::table
        .find((webhook, application, version))
        .filter(webhook_deliveries::state.ne(WAITING));
    let again = diesel::update(told)
        .set((
            webhook_deliveries::state.eq(WAITING),
            webhook_deliveries::attempts.eq(0),
            webhook_deliveries::next_at.eq(by.at.as_microsecond()),
        ))
        .execute(tx.db)?;
    if again == 1 {
        let what = event(application, version);
        by.record(tx, "api.webhook_resent", "webhook", webhook, &what);
    }
    Ok(again == 1)
}

/// An application that came into a state.
pub(crate) struct Came<'a> {
    pub(crate) row: &'a Application,
    pub(crate) state: &'a str,
    pub(crate) version: i32,
}

/// Keeps what webhooks are told of a state, in the transaction that brings it. Nothing is told of a trial.
pub(crate) fn tell(tx: &mut Tx<'_>, came: &Came<'_>, at: Timestamp) -> QueryResult<()> {
    if is_trial(&came.row.procedure_id) {
        return Ok(());
    }
    let now = at.as_microsecond();
    let open: Vec<(String, String, String, String)> = webhooks::table
        .inner_join(api_keys::table.on(api_keys::id.eq(webhooks::key_id)))
        .filter(webhooks::state.ne(Standing::Ended.code()))
        .filter(webhooks::released_at.is_not_null())
        .filter(api_keys::revoked_at.is_null().and(api_keys::expires_at.gt(now)))
        .select((webhooks::id, webhooks::events, api_keys::departments, api_keys::procedures))
        .load(tx.db)?;
    for (webhook, events, departments, procedures) in open {
        let wanted = |list: &str, one: &str, or_all: bool| {
            let list: Vec<String> = serde_json::from_str(list).unwrap_or_default();
            (or_all && list.is_empty()) || list.iter().any(|known| known == one)
        };
        let reached = wanted(&departments, &came.row.department_id, false)
            && wanted(&procedures, &came.row.procedure_id, true)
            && wanted(&events, kind(came.state), true);
        if !reached {
            continue;
        }
        let new = Delivery {
            webhook_id: webhook,
            application_id: came.row.id.clone(),
            version: came.version,
            at: now,
            body: body(came, now),
            state: WAITING.to_owned(),
            attempts: 0,
            next_at: now,
            sent_at: None,
            answer: String::new(),
        };
        each_backend!(tx.db, conn => diesel::insert_into(webhook_deliveries::table)
            .values(&new).on_conflict_do_nothing().execute(conn))?;
    }
    Ok(())
}

/// The event of a state: what stands before the colon, `correction` of `correction:reviewing`.
fn kind(state: &str) -> &str {
    state.split(':').next().unwrap_or(state)
}

/// The events a webhook can be told of, in the order of the way.
#[must_use]
pub fn kinds() -> Vec<&'static str> {
    let mut all: Vec<&str> = Vec::new();
    for state in State::ALL {
        let one = kind(state.key());
        if !all.contains(&one) {
            all.push(one);
        }
    }
    all
}

/// What is sent: identifiers, state and version; no name and no answer.
fn body(came: &Came<'_>, at: i64) -> String {
    json!({
        "event": event(&came.row.id, came.version),
        "type": format!("application.{}", kind(came.state)),
        "occurred_at": time::from_micros(at).to_string(),
        "application": {
            "id": came.row.id,
            "number": came.row.number,
            "procedure": came.row.procedure_id,
            // The word of the interface: a correction is one state wherever it was asked from.
            "state": kind(came.state),
            "version": came.version,
        },
    })
    .to_string()
}

/// Webhooks that may be told something now.
///
/// # Errors
/// When the database cannot be read.
pub fn open(db: &mut Db, now: i64) -> QueryResult<Vec<Webhook>> {
    webhooks::table
        .inner_join(api_keys::table.on(api_keys::id.eq(webhooks::key_id)))
        .filter(webhooks::state.eq(Standing::On.code()).and(webhooks::next_at.le(now)))
        .filter(webhooks::released_at.is_not_null())
        .filter(api_keys::revoked_at.is_null().and(api_keys::expires_at.gt(now)))
        .select(Webhook::as_select())
        .load(db)
}

/// Webhooks that failed too often, with the names of their keys.
///
/// # Errors
/// When the database cannot be read.
pub fn halted(db: &mut Db) -> QueryResult<Vec<(String, String, String)>> {
    webhooks::table
        .inner_join(api_keys::table.on(api_keys::id.eq(webhooks::key_id)))
        .filter(webhooks::state.eq(Standing::Halted.code()))
        .select((webhooks::id, api_keys::name, webhooks::last_error))
        .load(db)
}

/// What is to be sent now: of each application the oldest that waits.
///
/// # Errors
/// When the database cannot be read.
pub fn due(db: &mut Db, webhook: &str, now: i64, most: i64) -> QueryResult<Vec<Delivery>> {
    let earlier = diesel::alias!(webhook_deliveries as earlier);
    let before = earlier
        .filter(earlier.field(webhook_deliveries::webhook_id).eq(webhook_deliveries::webhook_id))
        .filter(
            earlier
                .field(webhook_deliveries::application_id)
                .eq(webhook_deliveries::application_id),
        )
        .filter(earlier.field(webhook_deliveries::version).lt(webhook_deliveries::version))
        .filter(earlier.field(webhook_deliveries::state).eq(WAITING));
    webhook_deliveries::table
        .filter(webhook_deliveries::webhook_id.eq(webhook))
        .filter(webhook_deliveries::state.eq(WAITING))
        .filter(webhook_deliveries::next_at.le(now))
        .filter(not(exists(before)))
        .order((
            webhook_deliveries::next_at,
            webhook_deliveries::application_id,
            webhook_deliveries::version,
        ))
        .limit(most)
        .select(Delivery::as_select())
        .load(db)
}

/// A delivery was taken.
///
/// # Errors
/// When the database cannot be written.
pub fn taken(tx: &mut Tx<'_>, told: &Delivery, at: i64, answer: &str) -> QueryResult<()> {
    diesel::update(webhook_deliveries::table.find(told.key()))
        .set((
            webhook_deliveries::state.eq(SENT),
            webhook_deliveries::attempts.eq(told.attempts + 1),
            webhook_deliveries::sent_at.eq(at),
            webhook_deliveries::answer.eq(answer),
        ))
        .execute(tx.db)?;
    diesel::update(webhooks::table.find(&told.webhook_id))
        .set((webhooks::failures.eq(0), webhooks::sent_at.eq(at), webhooks::last_error.eq("")))
        .execute(tx.db)
        .map(drop)
}

/// Takes away what is over: what was taken and is no longer in the list, what a person left alone for
/// 90 days, and what waits for a webhook that is told nothing any more, 30 days after it happened.
/// What waits for a stopped or halted one stays. Returns how many.
///
/// # Errors
/// When the database cannot be written.
pub fn sweep(tx: &mut Tx<'_>, now: i64) -> QueryResult<usize> {
    let taken = webhook_deliveries::table
        .filter(webhook_deliveries::state.eq(SENT))
        .filter(webhook_deliveries::sent_at.lt(now - KEPT));
    let mut gone = diesel::delete(taken).execute(tx.db)?;
    let left = webhook_deliveries::table
        .filter(webhook_deliveries::state.eq(GIVEN_UP))
        .filter(webhook_deliveries::at.lt(now - 3 * KEPT));
    gone += diesel::delete(left).execute(tx.db)?;
    let over: Vec<String> = webhooks::table
        .inner_join(api_keys::table.on(api_keys::id.eq(webhooks::key_id)))
        .filter(
            webhooks::state
                .eq(Standing::Ended.code())
                .or(api_keys::revoked_at.is_not_null())
                .or(api_keys::expires_at.le(now)),
        )
        .select(webhooks::id)
        .load(tx.db)?;
    let never = webhook_deliveries::table
        .filter(webhook_deliveries::webhook_id.eq_any(over))
        .filter(webhook_deliveries::at.lt(now - KEPT));
    gone += diesel::delete(never).execute(tx.db)?;
    Ok(gone)
}

/// A try failed: it is put off, the webhook with it, and after `most` failures in a row the webhook
/// halts. `true` when it did.
///
/// # Errors
/// When the database cannot be written.
pub fn failed(
    tx: &mut Tx<'_>,
    by: &By,
    (told, answer): (&Delivery, &str),
    most: i32,
) -> QueryResult<bool> {
    let now = by.at.as_microsecond();
    let attempts = told.attempts + 1;
    let state = if attempts >= TRIES { GIVEN_UP } else { WAITING };
    diesel::update(webhook_deliveries::table.find(told.key()))
        .set((
            webhook_deliveries::state.eq(state),
            webhook_deliveries::attempts.eq(attempts),
            webhook_deliveries::next_at.eq(now + pause(attempts, HOUR)),
            webhook_deliveries::answer.eq(answer),
        ))
        .execute(tx.db)?;
    let hook = || webhooks::table.find(&told.webhook_id);
    let failures: i32 = hook().select(webhooks::failures).first(tx.db)?;
    let failures = failures + 1;
    diesel::update(hook())
        .set((
            webhooks::failures.eq(failures),
            webhooks::next_at.eq(now + pause(failures, 5 * MINUTE)),
            webhooks::last_error.eq(answer),
        ))
        .execute(tx.db)?;
    if failures < most {
        return Ok(false);
    }
    turn(tx, by, &told.webhook_id, Standing::Halted)
}

const SECOND: i64 = 1_000_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;

/// The pause after so many failures: 5, 10, 20 seconds and so on, to `most`.
fn pause(failures: i32, most: i64) -> i64 {
    let doubled = u32::try_from(failures - 1).unwrap_or(0).min(20);
    (5 * SECOND).saturating_mul(1_i64 << doubled).min(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pauses grow to their bound, and no state is without an event.
    #[test]
    fn pauses_grow_and_every_state_has_an_event() {
        let seconds = |failures| pause(failures, HOUR) / SECOND;
        assert_eq!([1, 2, 3, 10, 11, 2_000_000].map(seconds), [5, 10, 20, 2_560, 3_600, 3_600]);
        assert_eq!(kinds().len(), 11);
        for state in State::ALL {
            assert!(kinds().contains(&kind(state.key())), "{state}");
        }
    }
}
