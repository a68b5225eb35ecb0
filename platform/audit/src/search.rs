//! Looking events up (NF-41, NF-42, MN-7.1b).

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Text;
use jiff::Timestamp;
use platform_store::{Db, time};

use crate::chain::Row;
use crate::event::Event;
use crate::schema::{audit_events, audit_mirror};

/// Which log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Log {
    /// That of this zone.
    Own,
    /// That of the other zone, as far as it was told.
    Other,
}

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
    /// Done by one of these actors, or to one of these objects.
    pub about: Option<About>,
    /// Acts that begin with this text.
    pub act: Option<String>,
    /// This result.
    pub result: Option<String>,
    /// Only events behind this place: the last one of the page before.
    pub before: Option<Place>,
}

impl Filter {
    /// Whether an index leads along a person or a thing. Whatever else is asked for is looked at row by row then.
    const fn is_narrow(&self) -> bool {
        self.actor.is_some() || self.object.is_some() || self.about.is_some()
    }

    /// The letters by which an index finds the room of an act, where no person or thing is asked for.
    fn room(&self) -> Option<String> {
        let act = self.act.as_ref().filter(|_| !self.is_narrow())?;
        let room: String = act.chars().take(ROOM).collect();
        (room.chars().count() == ROOM).then_some(room)
    }
}

/// Letters of an act that tell its room; [`ROOM_RESULT`] and the indexes over it take as many.
const ROOM: usize = 4;

/// What an index knows of an event: its room and how it ended.
const ROOM_RESULT: &str = "(substr(act, 1, 4) || result)";

/// One or several things and people.
#[derive(Clone, Debug, Default)]
pub struct About {
    /// Actors, whole.
    pub actors: Vec<String>,
    /// Objects, whole.
    pub objects: Vec<String>,
}

/// A place in the order of [`search`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Microseconds.
    pub at: i64,
    /// Number in its log.
    pub seq: i64,
}

/// One event that was found.
#[derive(Clone, Debug)]
pub struct Found {
    /// Its number in the log.
    pub seq: i64,
    /// The event.
    pub event: Event,
}

macro_rules! found {
    ($table:ident, $db:expr, $filter:expr, $limit:expr) => {{
        use $table as e;
        let filter: &Filter = $filter;
        let from = filter.from.map_or(i64::MIN, time::to_micros);
        let until = filter.until.map_or(i64::MAX, time::to_micros);
        let mut query = e::table
            .filter(e::at.ge(from).and(e::at.lt(until)))
            .order((e::at.desc(), e::seq.desc()))
            .limit($limit)
            .into_boxed();
        if let Some(Place { at, seq }) = filter.before {
            query = query.filter(e::at.lt(at).or(e::at.eq(at).and(e::seq.lt(seq))));
            // Says the same as an end of the range, which an index can use.
            query = query.filter(e::at.le(at));
        }
        if let Some(actor) = &filter.actor {
            query = query.filter(e::actor.eq(actor));
        }
        if let Some(object) = &filter.object {
            query = query.filter(e::object.eq(object));
        }
        if let Some(About { actors, objects }) = &filter.about {
            query = query.filter(e::actor.eq_any(actors).or(e::object.eq_any(objects)));
        }
        if let Some(act) = &filter.act {
            query = query.filter(e::act.like(escaped(act) + "%").escape('!'));
        }
        query = match (&filter.result, filter.room()) {
            (None, _) => query,
            (Some(result), Some(room)) => {
                query.filter(sql::<Text>(ROOM_RESULT).eq(format!("{room}{result}")))
            }
            // Said so that no index leads along the results in place of the person or the thing.
            (Some(result), None) if filter.is_narrow() => {
                query.filter(e::result.like(escaped(result)).escape('!'))
            }
            (Some(result), None) => query.filter(e::result.eq(result)),
        };
        query.load::<Row>($db)?
    }};
}

/// Most things that one statement asks for; a database takes 32,766 values.
const ASKED: usize = 10_000;

/// Events that fit, newest first, `limit` at most. Go on with the last one's place as
/// `Filter::before`: the cost does not grow with the page number, nor with the log where a person, a thing,
/// a room or a result is asked for. Very many things, and a room, are asked for in several statements.
///
/// # Errors
/// When the database cannot be read.
pub fn search(db: &mut Db, log: Log, filter: &Filter, limit: i64) -> QueryResult<Vec<Found>> {
    let parts = parts(db, log, filter)?;
    if let [whole] = parts.as_slice() {
        return at_once(db, log, whole, limit);
    }
    let mut found = Vec::new();
    for part in &parts {
        found.extend(at_once(db, log, part, limit)?);
    }
    found.sort_by(|a, b| b.event.at.cmp(&a.event.at).then(b.seq.cmp(&a.seq)));
    if filter.about.is_some() {
        // What a person did to a thing of theirs is found twice.
        found.dedup_by(|a, b| a.seq == b.seq && a.event == b.event);
    }
    found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(found)
}

/// The same search in pieces that a statement each answers along one index.
fn parts(db: &mut Db, log: Log, filter: &Filter) -> QueryResult<Vec<Filter>> {
    let many = filter.about.as_ref().filter(|about| about.objects.len() > ASKED);
    if let Some(About { actors, objects }) = many {
        let mut actors = actors.clone();
        let part = |some: &[String]| {
            let about = About { actors: std::mem::take(&mut actors), objects: some.to_vec() };
            Filter { about: Some(about), ..filter.clone() }
        };
        return Ok(objects.chunks(ASKED).map(part).collect());
    }
    if filter.result.is_some() || filter.room().is_none() {
        return Ok(vec![filter.clone()]);
    }
    let part = |result: String| Filter { result: Some(result), ..filter.clone() };
    let results = results(db, log)?;
    if results.len() > MOST_RESULTS {
        return Ok(vec![filter.clone()]);
    }
    Ok(results.into_iter().map(part).collect())
}

macro_rules! next_result {
    ($table:ident, $db:expr, $last:expr) => {{
        use $table as e;
        e::table
            .filter(e::result.gt($last))
            .order(e::result.asc())
            .select(e::result)
            .first::<String>($db)
            .optional()?
    }};
}

/// Results that are asked for one by one. A log with more of them was written by a zone that was taken over: it is
/// walked by time.
const MOST_RESULTS: usize = 20;

/// The results that stand in a log, whatever the other zone wrote there: one step of an index each. Where they are
/// more than [`MOST_RESULTS`], one more than that.
fn results(db: &mut Db, log: Log) -> QueryResult<Vec<String>> {
    let mut last = String::new();
    let mut all = Vec::new();
    loop {
        let next = match log {
            Log::Own => next_result!(audit_events, db, &last),
            Log::Other => next_result!(audit_mirror, db, &last),
        };
        all.push(last);
        match next {
            Some(result) if all.len() <= MOST_RESULTS => last = result,
            Some(_) | None => return Ok(all),
        }
    }
}

fn at_once(db: &mut Db, log: Log, filter: &Filter, limit: i64) -> QueryResult<Vec<Found>> {
    let rows = match log {
        Log::Own => found!(audit_events, db, filter, limit),
        Log::Other => found!(audit_mirror, db, filter, limit),
    };
    Ok(rows.into_iter().map(|row| Found { seq: row.seq, event: row.event() }).collect())
}

/// How often an act had a result.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Tally {
    /// `room.verb`.
    pub act: String,
    /// `ok`, `refused` or `failed`.
    pub result: String,
    /// How often.
    pub count: i64,
}

macro_rules! tallied {
    ($table:ident, $db:expr, $from:expr, $until:expr) => {{
        use $table as e;
        e::table
            .filter(e::at.ge($from).and(e::at.lt($until)))
            .group_by((e::act, e::result))
            .order((e::act, e::result))
            .select((e::act, e::result, diesel::dsl::count_star()))
            .load($db)
    }};
}

/// Counts the events from `from` (included) to `until` (excluded) by act and result.
///
/// # Errors
/// When the database cannot be read.
pub fn tally(db: &mut Db, log: Log, from: Timestamp, until: Timestamp) -> QueryResult<Vec<Tally>> {
    let (from, until) = (time::to_micros(from), time::to_micros(until));
    match log {
        Log::Own => tallied!(audit_events, db, from, until),
        Log::Other => tallied!(audit_mirror, db, from, until),
    }
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
