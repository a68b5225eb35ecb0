//! The chain as the store's journal: a batch's events go in with one statement.

use diesel::prelude::*;
use platform_store::{Db, Journal, JournalEntry, Tx, insert_many, time};

use crate::event::{Event, HASH, link, link_parts};
use crate::schema::{audit_events, audit_head};

/// Records an event in the transaction of the change it tells of.
pub fn record(tx: &mut Tx<'_>, event: Event) {
    tx.journal(Box::new(event));
}

/// Links the events of one zone; give it to `Store::open`.
#[derive(Debug)]
pub struct Chain {
    zone: &'static str,
}

impl Chain {
    /// The chain of a zone, named in every event and hash.
    #[must_use]
    pub const fn new(zone: &'static str) -> Self {
        Self { zone }
    }
}

#[derive(Clone, Insertable, Queryable)]
#[diesel(table_name = audit_events, treat_none_as_default_value = false)]
pub(crate) struct Row {
    pub(crate) seq: i64,
    pub(crate) at: i64,
    pub(crate) zone: String,
    pub(crate) actor: String,
    pub(crate) session: String,
    pub(crate) ip: String,
    pub(crate) act: String,
    pub(crate) object: String,
    pub(crate) result: String,
    pub(crate) detail: String,
    pub(crate) prev: Vec<u8>,
    pub(crate) hash: Vec<u8>,
}

impl Journal for Chain {
    fn flush(&mut self, db: &mut Db, rows: Vec<JournalEntry>) -> QueryResult<()> {
        let events: Vec<Event> =
            rows.into_iter().filter_map(|row| row.downcast().ok()).map(|event| *event).collect();
        if events.is_empty() {
            return Ok(());
        }
        let count = i64::try_from(events.len()).unwrap_or(i64::MAX);
        // Taking the numbers also locks the head against other processes.
        let (last, mut prev): (i64, Vec<u8>) = diesel::update(audit_head::table.find(1))
            .set(audit_head::seq.eq(audit_head::seq + count))
            .returning((audit_head::seq, audit_head::hash))
            .get_result(db)?;
        let mut linked = Vec::with_capacity(events.len());
        for (seq, event) in (last - count + 1..).zip(events) {
            let hash = link(self.zone, seq, &event, &prev).to_vec();
            let row = row(self.zone, seq, event, prev, hash.clone());
            prev = hash;
            linked.push(row);
        }
        insert_many!(db, audit_events::table, linked)?;
        diesel::update(audit_head::table.find(1)).set(audit_head::hash.eq(prev)).execute(db)?;
        Ok(())
    }
}

pub(crate) fn row(zone: &str, seq: i64, event: Event, prev: Vec<u8>, hash: Vec<u8>) -> Row {
    let Event { at, actor, session, ip, act, object, result, detail } = event;
    let (at, zone) = (time::to_micros(at), zone.to_owned());
    Row { seq, at, zone, actor, session, ip, act, object, result, detail, prev, hash }
}

impl Row {
    /// The hash this row must have behind the event hashed `prev`.
    pub(crate) fn link(&self, prev: &[u8]) -> [u8; HASH] {
        let Self { seq, at, zone, actor, session, ip, act, object, result, detail, .. } = self;
        let texts = [actor, session, ip, act, object, result, detail].map(String::as_str);
        link_parts(zone, *seq, *at, texts, prev)
    }

    /// The row as one of the other zone's log.
    pub(crate) fn mirrored(&self) -> Mirrored<'_> {
        let Self { seq, at, zone, actor, session, ip, act, object, result, detail, prev, hash } =
            self;
        let (seq, at) = (*seq, *at);
        Mirrored { seq, at, zone, actor, session, ip, act, object, result, detail, prev, hash }
    }

    /// The event without its place in the chain.
    pub(crate) fn event(self) -> Event {
        let Self { at, actor, session, ip, act, object, result, detail, .. } = self;
        Event { at: time::from_micros(at), actor, session, ip, act, object, result, detail }
    }
}

/// A [`Row`] on its way into the mirror.
#[derive(Insertable)]
#[diesel(table_name = crate::schema::audit_mirror, treat_none_as_default_value = false)]
pub(crate) struct Mirrored<'a> {
    seq: i64,
    at: i64,
    zone: &'a str,
    actor: &'a str,
    session: &'a str,
    ip: &'a str,
    act: &'a str,
    object: &'a str,
    result: &'a str,
    detail: &'a str,
    prev: &'a [u8],
    hash: &'a [u8],
}
