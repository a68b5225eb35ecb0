//! What happened on which day: counted in the transaction in which it happens, so that a table of
//! any period is read from one row a day, procedure and kind (NF-25, IK-2.1.3).

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use domain::applications::{Channel, State};
use domain::calendar::date_in_japan;
use domain::procedures::is_trial;
use domain::speed::Speed;
use jiff::Timestamp;
use platform_store::{Db, Tx};

use crate::schema::numbers::dsl;

/// Days are added up by the database: what is read does not grow with the period.
const SUM: &str = "cast(sum(total) as bigint)";

/// More of one thing cannot happen on one day. Whatever a citizens' zone that was taken over tells, sums of
/// years stay numbers.
pub(crate) const MOST: i64 = 1_000_000_000;

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// The citizens' start page was opened.
    Visit,
    /// The page of a procedure was opened.
    View,
    /// An application was begun.
    Start,
    /// A form was downloaded.
    Download,
    /// An application arrived.
    Arrived,
    /// An application was sent at a counter terminal in the town hall.
    Terminal,
    /// Of these: entered by staff, sent by post (IK-2.1.2a3).
    Post,
    /// Of these: entered by staff, told by phone.
    Phone,
    /// Of these: entered by staff, handed in at the counter.
    Counter,
    /// Of these: entered by staff, sent by fax.
    Fax,
    /// Of these: of a member of staff, for an internal procedure (NB-2.1).
    Staff,
    /// An application was decided on with a result.
    Done,
    /// An application ended without one: rejected, refused at entry, withdrawn.
    Ended,
    /// A correction was asked for.
    Correction,
    /// Minutes from arrival to the end of the applications that are done.
    Minutes,
    /// Pages of citizens that were answered so fast (NB-9).
    Answered(Speed),
}

impl What {
    /// Everything that is counted.
    pub const ALL: [Self; 24] = [
        Self::Visit,
        Self::View,
        Self::Start,
        Self::Download,
        Self::Arrived,
        Self::Terminal,
        Self::Post,
        Self::Phone,
        Self::Counter,
        Self::Fax,
        Self::Staff,
        Self::Done,
        Self::Ended,
        Self::Correction,
        Self::Minutes,
        Self::Answered(Speed::Ms100),
        Self::Answered(Speed::Ms300),
        Self::Answered(Speed::Ms500),
        Self::Answered(Speed::Ms1000),
        Self::Answered(Speed::Ms2000),
        Self::Answered(Speed::Ms3000),
        Self::Answered(Speed::Ms5000),
        Self::Answered(Speed::Ms10000),
        Self::Answered(Speed::Slower),
    ];

    /// How it is stored.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Visit => "visit",
            Self::View => "view",
            Self::Start => "start",
            Self::Download => "download",
            Self::Arrived => "arrived",
            Self::Terminal => "terminal",
            Self::Post => "post",
            Self::Phone => "phone",
            Self::Counter => "counter",
            Self::Fax => "fax",
            Self::Staff => "staff",
            Self::Done => "done",
            Self::Ended => "ended",
            Self::Correction => "correction",
            Self::Minutes => "minutes",
            Self::Answered(speed) => speed.key(),
        }
    }

    /// What an application that came this way counts as beside [`Self::Arrived`]. Those of the
    /// citizens' pages are the rest.
    #[must_use]
    pub const fn of(channel: Channel) -> Self {
        match channel {
            Channel::Online => Self::Arrived,
            Channel::Post => Self::Post,
            Channel::Phone => Self::Phone,
            Channel::Counter => Self::Counter,
            Channel::Fax => Self::Fax,
            Channel::Staff => Self::Staff,
        }
    }

    /// Reads [`Self::key`].
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|what| what.key() == key)
    }
}

/// A count of one day. `procedure_id` is empty for what belongs to no procedure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Number {
    /// The day in Japan, ISO.
    pub day: String,
    /// The procedure.
    pub procedure_id: String,
    /// What was counted.
    pub what: What,
    /// How much.
    pub total: i64,
}

/// Adds to a count of the day of `at`. Trials are counted nowhere.
///
/// # Errors
/// When the database cannot be written.
pub(crate) fn add(
    tx: &mut Tx<'_>,
    at: Timestamp,
    procedure_id: &str,
    what: What,
    by: i64,
) -> QueryResult<()> {
    if is_trial(procedure_id) {
        return Ok(());
    }
    let day = date_in_japan(at).to_string();
    let row = dsl::numbers.find((&day, procedure_id, what.key()));
    let known = diesel::update(row).set(dsl::total.eq(dsl::total + by)).execute(tx.db)?;
    if known == 0 {
        insert(tx, &day, procedure_id, what, by)?;
    }
    Ok(())
}

/// Counts a step of an application that arrived at `arrived_at`.
pub(crate) fn step(
    tx: &mut Tx<'_>,
    at: Timestamp,
    procedure_id: &str,
    to: &str,
    arrived_at: i64,
) -> QueryResult<()> {
    let Ok(state) = State::parse(to) else { return Ok(()) };
    match state {
        State::Done => {
            let taken = at.as_microsecond().saturating_sub(arrived_at).max(0);
            add(tx, at, procedure_id, What::Minutes, taken / 60_000_000)?;
            add(tx, at, procedure_id, What::Done, 1)
        }
        State::Rejected
        | State::Withdrawn
        | State::RefusedEntry
        | State::Expired(_)
        | State::Closed => add(tx, at, procedure_id, What::Ended, 1),
        State::Correction(_) => add(tx, at, procedure_id, What::Correction, 1),
        State::Arrived | State::Accepted | State::Reviewing | State::Notified => Ok(()),
    }
}

/// Takes back what [`step`] counted when an application came to its end at `at` (一括操作の取消).
pub(crate) fn undone(
    tx: &mut Tx<'_>,
    at: i64,
    procedure_id: &str,
    arrived_at: i64,
) -> QueryResult<()> {
    let taken = at.saturating_sub(arrived_at).max(0);
    let day = platform_store::time::from_micros(at);
    add(tx, day, procedure_id, What::Minutes, -(taken / 60_000_000))?;
    add(tx, day, procedure_id, What::Done, -1)
}

/// Takes over what the citizens' zone counted on a day so far: a count never falls, so an old
/// message changes nothing.
///
/// # Errors
/// When the database cannot be written.
pub fn told(
    tx: &mut Tx<'_>,
    day: &str,
    procedure_id: &str,
    what: What,
    total: i64,
) -> QueryResult<()> {
    if is_trial(procedure_id) {
        return Ok(());
    }
    let total = total.min(MOST);
    let row = dsl::numbers.find((day, procedure_id, what.key()));
    let known: Option<i64> = row.select(dsl::total).first(tx.db).optional()?;
    match known {
        None => insert(tx, day, procedure_id, what, total),
        Some(before) if before < total => {
            diesel::update(row).set(dsl::total.eq(total)).execute(tx.db).map(drop)
        }
        Some(_) => Ok(()),
    }
}

fn insert(
    tx: &mut Tx<'_>,
    day: &str,
    procedure_id: &str,
    what: What,
    total: i64,
) -> QueryResult<()> {
    diesel::insert_into(dsl::numbers)
        .values((
            dsl::day.eq(day),
            dsl::procedure_id.eq(procedure_id),
            dsl::what.eq(what.key()),
            dsl::total.eq(total),
        ))
        .execute(tx.db)
        .map(drop)
}

/// Sums over the days from `since` to `until`, both included, for each procedure; `day` is empty.
///
/// # Errors
/// When the database cannot be read.
pub fn by_procedure(db: &mut Db, since: &str, until: &str) -> QueryResult<Vec<Number>> {
    let rows: Vec<(String, String, i64)> = dsl::numbers
        .filter(dsl::day.ge(since).and(dsl::day.le(until)))
        .group_by((dsl::procedure_id, dsl::what))
        .order((dsl::procedure_id, dsl::what))
        .select((dsl::procedure_id, dsl::what, sql::<BigInt>(SUM)))
        .load(db)?;
    let number = |(procedure_id, what, total): (String, String, i64)| {
        Some(Number { day: String::new(), procedure_id, what: What::parse(&what)?, total })
    };
    Ok(rows.into_iter().filter_map(number).collect())
}

/// Sums over all procedures for each day from `since` to `until`, both included; `procedure_id` is
/// empty.
///
/// # Errors
/// When the database cannot be read.
pub fn by_day(db: &mut Db, since: &str, until: &str) -> QueryResult<Vec<Number>> {
    let rows: Vec<(String, String, i64)> = dsl::numbers
        .filter(dsl::day.ge(since).and(dsl::day.le(until)))
        .group_by((dsl::day, dsl::what))
        .order((dsl::day, dsl::what))
        .select((dsl::day, dsl::what, sql::<BigInt>(SUM)))
        .load(db)?;
    let number = |(day, what, total): (String, String, i64)| {
        Some(Number { day, procedure_id: String::new(), what: What::parse(&what)?, total })
    };
    Ok(rows.into_iter().filter_map(number).collect())
}

/// Every count of the days from `since` to `until`, both included, by day: for periods as short as a
/// month.
///
/// # Errors
/// When the database cannot be read.
pub fn between(db: &mut Db, since: &str, until: &str) -> QueryResult<Vec<Number>> {
    let rows: Vec<(String, String, String, i64)> = dsl::numbers
        .filter(dsl::day.ge(since).and(dsl::day.le(until)))
        .order((dsl::day, dsl::procedure_id, dsl::what))
        .load(db)?;
    let number = |(day, procedure_id, what, total): (String, String, String, i64)| {
        Some(Number { day, procedure_id, what: What::parse(&what)?, total })
    };
    Ok(rows.into_iter().filter_map(number).collect())
}
