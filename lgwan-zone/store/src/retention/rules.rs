//! Rules: how long a class is kept, proposed by one person and approved by another (IK-3.5.1a).

use diesel::prelude::*;
use domain::retention::{Class, Period};
use platform_store::{Db, Tx};

use crate::record::By;
use crate::schema::{retention_rules as rules, retention_runs as runs};

/// A rule as stored. Times are microseconds.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = crate::schema::retention_rules)]
pub struct Rule {
    /// Identifier.
    pub id: String,
    /// Key of a [`Class`].
    pub class: String,
    /// The procedure whose applications it is for; empty for a whole class.
    pub procedure_id: String,
    /// Whole months.
    pub months: i32,
    /// Why, as the proposer wrote it.
    pub reason: String,
    /// `proposed`, `approved`, `returned`, `withdrawn`, `replaced` or `stopped`.
    pub state: String,
    /// When it was proposed.
    pub proposed_at: i64,
    /// By whom, staff id.
    pub proposed_by: String,
    /// Their name.
    pub proposer: String,
    /// When it was approved, sent back or taken back.
    pub decided_at: Option<i64>,
    /// Who did, staff id.
    pub decided_by: String,
    /// Their name.
    pub decider: String,
    /// What they wrote.
    pub remark: String,
    /// When it was replaced or stopped.
    pub ended_at: Option<i64>,
}

impl Rule {
    /// Its class and period; none when the row says nonsense, and nothing goes by it then.
    #[must_use]
    pub fn meaning(&self) -> Option<(Class, Period)> {
        let class = Class::parse(&self.class)?;
        let months = u16::try_from(self.months).ok()?;
        Some((class, Period::of(class, months).ok()?))
    }
}

/// A wish for a rule.
#[derive(Clone, Debug)]
pub struct New {
    /// Identifier.
    pub id: String,
    /// Which class.
    pub class: Class,
    /// Which procedure; empty for a whole class.
    pub procedure_id: String,
    /// How long.
    pub period: Period,
    /// Why.
    pub reason: String,
}

/// What came of a wish to change a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moved {
    /// It is done.
    Done,
    /// Nobody approves what they proposed; the attempt is in the log.
    SamePerson,
    /// Somebody else did something first.
    Overtaken,
}

/// Proposes a rule. While another one for the same thing waits, that one is decided first.
///
/// # Errors
/// When the database cannot be written.
pub fn propose(tx: &mut Tx<'_>, by: &By, new: &New) -> QueryResult<Moved> {
    let waits = rules::table
        .filter(rules::class.eq(new.class.key()))
        .filter(rules::procedure_id.eq(&new.procedure_id))
        .filter(rules::state.eq("proposed"));
    if waits.count().get_result::<i64>(tx.db)? > 0 {
        return Ok(Moved::Overtaken);
    }
    diesel::insert_into(rules::table)
        .values((
            (rules::id.eq(&new.id), rules::class.eq(new.class.key())),
            rules::procedure_id.eq(&new.procedure_id),
            rules::months.eq(i32::from(new.period.months())),
            (rules::reason.eq(&new.reason), rules::state.eq("proposed")),
            rules::proposed_at.eq(by.at.as_microsecond()),
            (rules::proposed_by.eq(&by.staff), rules::proposer.eq(&by.name)),
        ))
        .execute(tx.db)?;
    by.record(tx, "retention.proposed", "rule", &new.id, &told(new));
    Ok(Moved::Done)
}

fn told(new: &New) -> String {
    let procedure = match new.procedure_id.as_str() {
        "" => String::new(),
        id => format!(" procedure={id}"),
    };
    format!("class={} months={}{procedure}", new.class.key(), new.period.months())
}

/// One rule.
///
/// # Errors
/// When the database cannot be read.
pub fn find(db: &mut Db, id: &str) -> QueryResult<Option<Rule>> {
    rules::table.find(id).select(Rule::as_select()).first(db).optional()
}

/// Rules in this state: all in force or waiting, the newest hundred of those that are past.
///
/// # Errors
/// When the database cannot be read.
pub fn in_state(db: &mut Db, states: &[&str]) -> QueryResult<Vec<Rule>> {
    let all = rules::table
        .filter(rules::state.eq_any(states))
        .order((rules::proposed_at.desc(), rules::id))
        .select(Rule::as_select());
    if states.contains(&"approved") || states.contains(&"proposed") {
        return all.load(db);
    }
    all.limit(100).load(db)
}

/// Approves what somebody else proposed; it takes the place of the rule that was in force.
///
/// # Errors
/// When the database cannot be written.
pub fn approve(tx: &mut Tx<'_>, by: &By, id: &str) -> QueryResult<Moved> {
    let open = find(tx.db, id)?.filter(|rule| rule.state == "proposed");
    let Some(rule) = open else { return Ok(Moved::Overtaken) };
    if rule.proposed_by == by.staff {
        by.record_refused(tx, "retention.approved", "rule", id, "same person");
        return Ok(Moved::SamePerson);
    }
    let now = by.at.as_microsecond();
    let before = rules::table
        .filter(rules::class.eq(&rule.class))
        .filter(rules::procedure_id.eq(&rule.procedure_id))
        .filter(rules::state.eq("approved"));
    diesel::update(before)
        .set((
            rules::state.eq("replaced"),
            (rules::ended_at.eq(now), rules::ended_by.eq(&by.staff)),
        ))
        .execute(tx.db)?;
    let waits = rules::table.find(id).filter(rules::state.eq("proposed"));
    let done = diesel::update(waits.filter(rules::proposed_by.ne(&by.staff)))
        .set(decided("approved", by, ""))
        .execute(tx.db)?;
    if done != 1 {
        // The rule in force stays in force.
        return Err(diesel::result::Error::RollbackTransaction);
    }
    let detail = format!("class={} months={}", rule.class, rule.months);
    by.record(tx, "retention.approved", "rule", id, &detail);
    Ok(Moved::Done)
}

type Decided = (
    diesel::dsl::Eq<rules::state, String>,
    diesel::dsl::Eq<rules::decided_at, i64>,
    diesel::dsl::Eq<rules::decided_by, String>,
    diesel::dsl::Eq<rules::decider, String>,
    diesel::dsl::Eq<rules::remark, String>,
);

fn decided(state: &str, by: &By, remark: &str) -> Decided {
    (
        rules::state.eq(state.to_owned()),
        rules::decided_at.eq(by.at.as_microsecond()),
        rules::decided_by.eq(by.staff.clone()),
        rules::decider.eq(by.name.clone()),
        rules::remark.eq(remark.to_owned()),
    )
}

/// Sends back what somebody else proposed.
///
/// # Errors
/// When the database cannot be written.
pub fn send_back(tx: &mut Tx<'_>, by: &By, id: &str, remark: &str) -> QueryResult<Moved> {
    let waits = rules::table.find(id).filter(rules::state.eq("proposed"));
    let done = diesel::update(waits.filter(rules::proposed_by.ne(&by.staff)))
        .set(decided("returned", by, remark))
        .execute(tx.db)?;
    Ok(noted(tx, by, "retention.returned", id, done))
}

/// Takes an own proposal back.
///
/// # Errors
/// When the database cannot be written.
pub fn take_back(tx: &mut Tx<'_>, by: &By, id: &str) -> QueryResult<Moved> {
    let waits = rules::table.find(id).filter(rules::state.eq("proposed"));
    let done = diesel::update(waits.filter(rules::proposed_by.eq(&by.staff)))
        .set(decided("withdrawn", by, ""))
        .execute(tx.db)?;
    Ok(noted(tx, by, "retention.withdrawn", id, done))
}

/// Stops a rule: from now on nothing goes by it. One person is enough, for nothing is lost by
/// keeping. Applications of a procedure whose rule was stopped stay until it has another one.
///
/// # Errors
/// When the database cannot be written.
pub fn stop(tx: &mut Tx<'_>, by: &By, id: &str) -> QueryResult<Moved> {
    let force = rules::table.find(id).filter(rules::state.eq("approved"));
    let done = diesel::update(force)
        .set((
            rules::state.eq("stopped"),
            rules::ended_at.eq(by.at.as_microsecond()),
            rules::ended_by.eq(&by.staff),
        ))
        .execute(tx.db)?;
    Ok(noted(tx, by, "retention.stopped", id, done))
}

fn noted(tx: &mut Tx<'_>, by: &By, act: &str, id: &str, done: usize) -> Moved {
    if done == 0 {
        return Moved::Overtaken;
    }
    by.record(tx, act, "rule", id, "");
    Moved::Done
}

/// What rules deleted, newest day first: rule, day, how many.
///
/// # Errors
/// When the database cannot be read.
pub fn newest_runs(db: &mut Db, limit: i64) -> QueryResult<Vec<(String, String, i64)>> {
    runs::table
        .order((runs::day.desc(), runs::rule_id))
        .limit(limit)
        .select((runs::rule_id, runs::day, runs::deleted))
        .load(db)
}

/// Counts what a rule deleted on a day.
pub(super) fn count(tx: &mut Tx<'_>, rule: &str, day: &str, deleted: i64) -> QueryResult<()> {
    let known = diesel::update(runs::table.find((rule, day)))
        .set(runs::deleted.eq(runs::deleted + deleted))
        .execute(tx.db)?;
    if known == 0 {
        diesel::insert_into(runs::table)
            .values((runs::rule_id.eq(rule), runs::day.eq(day), runs::deleted.eq(deleted)))
            .execute(tx.db)?;
    }
    Ok(())
}
