//! Words for which searches of citizens found nothing (NF-9). Each was missed at several places
//! before it was told; nothing says by whom.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use platform_store::{Db, Tx};

use crate::numbers::MOST;
use crate::schema::missed_words::dsl;

/// Takes over how often a word was missed on a day so far: a count never falls, so an old message
/// changes nothing.
///
/// # Errors
/// When the database cannot be written.
pub fn told(tx: &mut Tx<'_>, day: &str, word: &str, total: i64) -> QueryResult<()> {
    let total = total.min(MOST);
    let row = dsl::missed_words.find((day, word));
    let known: Option<i64> = row.select(dsl::total).first(tx.db).optional()?;
    match known {
        None => diesel::insert_into(dsl::missed_words)
            .values((dsl::day.eq(day), dsl::word.eq(word), dsl::total.eq(total)))
            .execute(tx.db)
            .map(drop),
        Some(before) if before < total => {
            diesel::update(row).set(dsl::total.eq(total)).execute(tx.db).map(drop)
        }
        Some(_) => Ok(()),
    }
}

/// The words missed most from `since` to `until` (ISO days, both included), and how often.
///
/// # Errors
/// When the database cannot be read.
pub fn most(
    db: &mut Db,
    (since, until): (&str, &str),
    limit: i64,
) -> QueryResult<Vec<(String, i64)>> {
    dsl::missed_words
        .filter(dsl::day.ge(since).and(dsl::day.le(until)))
        .group_by(dsl::word)
        .select((dsl::word, sql::<BigInt>("cast(sum(total) as bigint)")))
        .order((sql::<BigInt>("cast(sum(total) as bigint)").desc(), dsl::word))
        .limit(limit)
        .load(db)
}
