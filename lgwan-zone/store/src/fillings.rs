//! How forms are filled in, as the citizens' zone tells it, and how long decisions take, counted in the
//! transaction of the decision (NF-25, IK-2.1.3).

use std::collections::BTreeMap;

use bridge_contract::messages::FillingCounted;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use domain::calendar::date_in_japan;
use domain::procedures::is_trial;
use jiff::Timestamp;
use platform_store::{Db, Tx, time};

use crate::numbers::MOST;
use crate::schema::{fillings, lead_days};

pub use bridge_contract::messages::Filling;

/// Longest time to a decision that is told apart, in days; longer ones count as this.
const LONGEST: i32 = 1_000;

/// Longest id of a page that is counted: forms have shorter ones.
const LONGEST_PAGE: usize = 100;

/// Days are added up by the database: what is read does not grow with the period.
const SUM: &str = "cast(sum(total) as bigint)";

/// Counts of a period: by page, empty for the whole form, and what happened.
pub type Counts = BTreeMap<(String, Filling), i64>;

/// Takes over what the citizens' zone counted on a day so far: a count never falls, so an old message
/// changes nothing.
///
/// # Errors
/// When the database cannot be written.
pub fn told(tx: &mut Tx<'_>, told: &FillingCounted) -> QueryResult<()> {
    let day = told.day.to_string();
    let counts = told.counts.iter().filter(|one| !is_trial(one.procedure_id.as_str()));
    for one in counts.filter(|one| one.page.len() <= LONGEST_PAGE) {
        let total = i64::try_from(one.count).unwrap_or(MOST).min(MOST);
        let key = (&day, one.procedure_id.as_str(), &one.page, one.what.word());
        let row = fillings::table.find(key);
        let known: Option<i64> = row.select(fillings::total).first(tx.db).optional()?;
        match known {
            None => diesel::insert_into(fillings::table)
                .values((
                    fillings::day.eq(&day),
                    fillings::procedure_id.eq(one.procedure_id.as_str()),
                    fillings::page.eq(&one.page),
                    fillings::what.eq(one.what.word()),
                    fillings::total.eq(total),
                ))
                .execute(tx.db)?,
            Some(before) if before < total => {
                diesel::update(row).set(fillings::total.eq(total)).execute(tx.db)?
            }
            Some(_) => 0,
        };
    }
    Ok(())
}

/// Counts of the days from `since` to `until`, both included, by procedure.
///
/// # Errors
/// When the database cannot be read.
pub fn between(db: &mut Db, since: &str, until: &str) -> QueryResult<BTreeMap<String, Counts>> {
    let rows: Vec<(String, String, String, i64)> = fillings::table
        .filter(fillings::day.ge(since).and(fillings::day.le(until)))
        .group_by((fillings::procedure_id, fillings::page, fillings::what))
        .select((fillings::procedure_id, fillings::page, fillings::what, sql::<BigInt>(SUM)))
        .load(db)?;
    let mut all: BTreeMap<String, Counts> = BTreeMap::new();
    for (procedure, page, what, total) in rows {
        if let Some(what) = Filling::from_word(&what) {
            *all.entry(procedure).or_default().entry((page, what)).or_default() += total;
        }
    }
    Ok(all)
}

/// Counts a decision on an application that arrived at `arrived_at`, by the days from one to the other.
pub(crate) fn decided(
    tx: &mut Tx<'_>,
    at: Timestamp,
    procedure_id: &str,
    arrived_at: i64,
) -> QueryResult<()> {
    if is_trial(procedure_id) {
        return Ok(());
    }
    let (from, to) = (date_in_japan(time::from_micros(arrived_at)), date_in_japan(at));
    let days = from.until(to).map_or(0, |span| span.get_days()).clamp(0, LONGEST);
    let day = to.to_string();
    let row = lead_days::table.find((&day, procedure_id, days));
    let known =
        diesel::update(row).set(lead_days::total.eq(lead_days::total + 1)).execute(tx.db)?;
    if known == 0 {
        diesel::insert_into(lead_days::table)
            .values((
                lead_days::day.eq(&day),
                lead_days::procedure_id.eq(procedure_id),
                lead_days::days.eq(days),
                lead_days::total.eq(1_i64),
            ))
            .execute(tx.db)?;
    }
    Ok(())
}

/// How long decisions took.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lead(BTreeMap<i32, i64>);

impl Lead {
    /// Adds decisions that took so many days.
    pub fn add(&mut self, days: i32, times: i64) {
        *self.0.entry(days).or_default() += times;
    }

    /// How many decisions there were.
    #[must_use]
    pub fn decisions(&self) -> i64 {
        self.0.values().sum()
    }

    /// Days within which so many of a hundred were decided; `None` without decisions.
    #[must_use]
    pub fn within(&self, of_hundred: i64) -> Option<i32> {
        let all = self.decisions();
        let mut so_far = 0;
        self.0.iter().find_map(|(days, times)| {
            so_far += times;
            (all > 0 && so_far * 100 >= all * of_hundred).then_some(*days)
        })
    }

    /// The mean in tenths of days; `None` without decisions.
    #[must_use]
    pub fn mean_tenths(&self) -> Option<i64> {
        let all = self.decisions();
        let sum: i64 = self.0.iter().map(|(days, times)| i64::from(*days) * times).sum();
        (all > 0).then(|| sum * 10 / all)
    }
}

/// How long the decisions of the days from `since` to `until` took, by procedure.
///
/// # Errors
/// When the database cannot be read.
pub fn leads(db: &mut Db, since: &str, until: &str) -> QueryResult<BTreeMap<String, Lead>> {
    let rows: Vec<(String, i32, i64)> = lead_days::table
        .filter(lead_days::day.ge(since).and(lead_days::day.le(until)))
        .group_by((lead_days::procedure_id, lead_days::days))
        .select((lead_days::procedure_id, lead_days::days, sql::<BigInt>(SUM)))
        .load(db)?;
    let mut all: BTreeMap<String, Lead> = BTreeMap::new();
    for (procedure, days, times) in rows {
        all.entry(procedure).or_default().add(days, times);
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NF-25, IK-2.1.3: one late decision moves the mean, not the median.
    #[test]
    fn the_median_is_not_moved_by_one_late_decision() {
        let mut lead = Lead::default();
        assert_eq!((lead.within(50), lead.mean_tenths()), (None, None));
        for (days, times) in [(2, 8), (3, 1), (91, 1)] {
            lead.add(days, times);
        }
        assert_eq!((lead.decisions(), lead.within(50), lead.within(90)), (10, Some(2), Some(3)));
        assert_eq!(lead.mean_tenths(), Some(110));
    }
}
