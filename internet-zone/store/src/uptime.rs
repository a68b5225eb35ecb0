//! When this zone was at work, as it noted itself every minute in its own database (NB-9).

use bridge_contract::messages::{Uptime, UptimeTold};
use diesel::prelude::*;
use platform_store::{Db, Tx, time};

use crate::post::{self, Letter};
use crate::schema::uptime;

/// Longest time between two notes of one stretch, in microseconds: three minutes.
const GAP: i64 = 180_000_000;

/// Notes that the zone works now. A note after a gap begins a new stretch.
///
/// # Errors
/// When the database cannot be written.
pub fn note(tx: &mut Tx<'_>, now: i64) -> QueryResult<()> {
    let open = uptime::table.filter(uptime::until.ge(now - GAP).and(uptime::until.le(now)));
    if diesel::update(open).set(uptime::until.eq(now)).execute(tx.db)? == 0 {
        diesel::insert_into(uptime::table)
            .values((uptime::since.eq(now), uptime::until.eq(now)))
            .execute(tx.db)?;
    }
    Ok(())
}

/// The stretches that ended at or after `from`, oldest first.
///
/// # Errors
/// When the database cannot be read.
pub fn since(db: &mut Db, from: i64) -> QueryResult<UptimeTold> {
    let rows: Vec<(i64, i64)> =
        uptime::table.filter(uptime::until.ge(from)).order(uptime::since).load(db)?;
    let stretch = |(since, until)| Uptime {
        since: time::from_micros(since),
        until: time::from_micros(until),
    };
    Ok(UptimeTold { stretches: rows.into_iter().map(stretch).collect() })
}

/// Tells the staff zone, and forgets stretches that ended before `before`.
///
/// # Errors
/// When the database cannot be written.
pub fn tell(tx: &mut Tx<'_>, letter: Letter, at: i64, before: i64) -> QueryResult<()> {
    diesel::delete(uptime::table.filter(uptime::until.lt(before))).execute(tx.db)?;
    post::send(tx, letter, None, at)
}
