//! Looking events up (NF-42, MN-7.1b).

use diesel::prelude::*;
use jiff::Timestamp;
use platform_store::{Db, time};

use crate::chain::Row;
use crate::event::Event;
use crate::schema::audit_events;

/// Which events; an empty filter means all.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// From this time, included.
    pub from: Option<Timestamp>,
    /// Up to this time, excluded.
    pub until: Option<Timestamp>,
    /// This actor, whole.
    pub actor: Option<String>,
    /// This object, whole.
    pub object: Option<String>,
    /// Acts that begin with this text.
    pub act: Option<String>,
    /// Only events older than this number: the last one of the page before.
    pub before: Option<i64>,
}

/// One event that was found.
#[derive(Clone, Debug)]
pub struct Found {
    /// Its number in the log.
    pub seq: i64,
    /// The event.
    pub event: Event,
}

/// Events that fit, newest first, `limit` at most. Go on with
/// `Filter::before = last.seq`: the cost does not grow with the page number.
///
/// # Errors
/// When the database cannot be read.
pub fn search(db: &mut Db, filter: &Filter, limit: i64) -> QueryResult<Vec<Found>> {
    use audit_events as e;
    // Open ends as the widest bounds keep this one query for every filter.
    let from = filter.from.map_or(i64::MIN, time::to_micros);
    let until = filter.until.map_or(i64::MAX, time::to_micros);
    let before = filter.before.unwrap_or(i64::MAX);
    let base = e::table.filter(e::at.ge(from)).filter(e::at.lt(until)).filter(e::seq.lt(before));
    let acts = filter.act.as_deref().map(|act| escaped(act) + "%").unwrap_or("%".to_owned());
    let base = base.filter(e::act.like(acts).escape('!')).order(e::seq.desc()).limit(limit);
    let rows: Vec<Row> = match (&filter.actor, &filter.object) {
        (None, None) => base.load(db)?,
        (Some(actor), None) => base.filter(e::actor.eq(actor)).load(db)?,
        (None, Some(object)) => base.filter(e::object.eq(object)).load(db)?,
        (Some(actor), Some(object)) => {
            base.filter(e::actor.eq(actor)).filter(e::object.eq(object)).load(db)?
        }
    };
    Ok(rows.into_iter().map(|row| Found { seq: row.seq, event: row.event() }).collect())
}

fn escaped(text: &str) -> String {
    text.chars().fold(String::new(), |mut safe, letter| {
        if matches!(letter, '%' | '_' | '!') {
            safe.push('!');
        }
        safe.push(letter);
        safe
    })
}
