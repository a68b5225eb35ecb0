//! When each zone was at work: this one by a note every minute, the citizens' zone as it told
//! (NB-9). A stretch without a gap is one row; between two rows the zone stood still.

use bridge_contract::messages::UptimeTold;
use diesel::prelude::*;
use platform_store::{Db, Tx, time};

use crate::audit::Zone;
use crate::schema::uptime;

/// Longest time between two notes of one stretch, in microseconds: three minutes.
const GAP: i64 = 180_000_000;

/// A time in which a zone worked, in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// When it began.
    pub since: i64,
    /// The last note.
    pub until: i64,
}

/// Notes that this zone works now. A note after a gap begins a new stretch.
///
/// # Errors
/// When the database cannot be written.
pub fn note(tx: &mut Tx<'_>, now: i64) -> QueryResult<()> {
    let own = uptime::table.filter(uptime::zone.eq(Zone::Staff.key()));
    let open = own.filter(uptime::until.ge(now - GAP).and(uptime::until.le(now)));
    if diesel::update(open).set(uptime::until.eq(now)).execute(tx.db)? == 0 {
        insert(tx, Zone::Staff, Stretch { since: now, until: now })?;
    }
    Ok(())
}

/// Takes over what the citizens' zone told; a stretch never shrinks, so an old message changes
/// nothing.
///
/// # Errors
/// When the database cannot be written.
pub fn told(tx: &mut Tx<'_>, told: &UptimeTold) -> QueryResult<()> {
    for stretch in &told.stretches {
        let (since, until) = (time::to_micros(stretch.since), time::to_micros(stretch.until));
        let row = uptime::table.find((Zone::Citizens.key(), since));
        let known: Option<i64> = row.select(uptime::until).first(tx.db).optional()?;
        match known {
            None => insert(tx, Zone::Citizens, Stretch { since, until })?,
            Some(before) if before < until => {
                diesel::update(row).set(uptime::until.eq(until)).execute(tx.db)?;
            }
            Some(_) => {}
        }
    }
    Ok(())
}

fn insert(tx: &mut Tx<'_>, zone: Zone, stretch: Stretch) -> QueryResult<()> {
    diesel::insert_into(uptime::table)
        .values((
            uptime::zone.eq(zone.key()),
            uptime::since.eq(stretch.since),
            uptime::until.eq(stretch.until),
        ))
        .execute(tx.db)
        .map(drop)
}

/// The stretches of a zone that reach into the time from `from` to `until`, oldest first.
///
/// # Errors
/// When the database cannot be read.
pub fn between(db: &mut Db, zone: Zone, from: i64, until: i64) -> QueryResult<Vec<Stretch>> {
    let rows: Vec<(i64, i64)> = uptime::table
        .filter(uptime::zone.eq(zone.key()))
        .filter(uptime::until.ge(from).and(uptime::since.lt(until)))
        .order(uptime::since)
        .select((uptime::since, uptime::until))
        .load(db)?;
    Ok(rows.into_iter().map(|(since, until)| Stretch { since, until }).collect())
}

/// When the first and the last note of a zone were made; `None` when it never made one.
///
/// # Errors
/// When the database cannot be read.
pub fn known(db: &mut Db, zone: Zone) -> QueryResult<Option<Stretch>> {
    use diesel::dsl::{max, min};
    let (since, until): (Option<i64>, Option<i64>) = uptime::table
        .filter(uptime::zone.eq(zone.key()))
        .select((min(uptime::since), max(uptime::until)))
        .first(db)?;
    Ok(since.zip(until).map(|(since, until)| Stretch { since, until }))
}
