//! Turning from one seal key of a lane to the next, and knowing when one is done:
//! nothing that was sealed to it is kept here any more, because all of it is released.
//! The receiver destroys a key only on that word (`docs/wire/head.md`).

use std::time::Duration;

use bridge_contract::keys::{KeyId, KeySet};
use bridge_contract::place::Lane;
use diesel::prelude::*;
use diesel::sql_types::{Binary, Integer};
use jiff::Timestamp;
use platform_store::time::{from_micros, to_micros};
use platform_store::{Db, Tx};

use super::Sender;
use crate::fault::LaneFault;
use crate::schema::{lane_seals as seals, outbox_items as items, outbox_sealed};

/// How often finished keys are looked for, in seconds.
const LOOK: i64 = 600;
/// Where the key id stands in a sealed item, counted from 1 as the databases do.
const KEY_ID: (i32, i32) = (2, 8);

diesel::define_sql_function! {
    /// A part of a text of bytes, from a place counted from 1.
    fn substr(bytes: Binary, from: Integer, count: Integer) -> Binary;
}

/// The seal key of a lane and since when it is in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turned {
    /// The key.
    pub key: KeyId,
    /// Since when.
    pub since: Timestamp,
}

impl Sender {
    /// Brings the keys in use up to date: by the clock, by an operator's order, and
    /// by what was released.
    pub(super) async fn turn(&mut self) -> Result<(), LaneFault> {
        let listed = listed_in(&self.keys.signed(), self.lane);
        if listed.len() < 2 {
            return Ok(());
        }
        let (lane, now, after) = (self.lane, self.clock.now(), self.turn_after);
        let wanted = listed.clone();
        let known = self.store.read(move |db| in_use(db, lane, &wanted)).await?;
        let turned = match known {
            Some(turned) if !is_due(&turned, after, now) => turned,
            Some(_) | None => {
                let wanted = listed.clone();
                self.store.write(move |tx| turn_when_due(tx, lane, &wanted, after, now)).await?
            }
        };
        self.keys.turn(lane, turned.key);
        if self.looked.is_none_or(|at| (now.as_second() - at.as_second()).abs() >= LOOK) {
            self.find_done(&listed, &turned, now).await?;
            self.looked = Some(now);
        }
        Ok(())
    }

    /// Keys before the one in use that no kept item is sealed to. An item may have been
    /// sealed just before a turn and put into the outbox after it, so a key is not
    /// judged before the retention has gone by.
    async fn find_done(
        &mut self,
        listed: &[KeyId],
        turned: &Turned,
        now: Timestamp,
    ) -> Result<(), LaneFault> {
        let young = is_young(turned.since, self.retention, now);
        let before: Vec<KeyId> =
            listed.iter().copied().take_while(|key| *key != turned.key).collect();
        // The one just left may still come; those before it cannot.
        let left = before.len().saturating_sub(usize::from(young));
        let (lane, asked) = (self.lane, before[..left].to_vec());
        self.done = self
            .store
            .read(move |db| {
                let mut done = Vec::new();
                for key in asked {
                    if !anything_sealed_to(db, lane, key)? {
                        done.push(key);
                    }
                }
                Ok(done)
            })
            .await?;
        Ok(())
    }
}

/// The keys that new items of a lane may be sealed to, in their order.
#[must_use]
pub fn listed_in(signed: &KeySet, lane: Lane) -> Vec<KeyId> {
    signed.seal_keys(lane).map(|key| key.id()).collect()
}

/// The key of a lane that is in use; `None` before the first turn, or when the key set
/// lists it no more.
///
/// # Errors
/// When the database cannot be read.
pub fn in_use(db: &mut Db, lane: Lane, listed: &[KeyId]) -> QueryResult<Option<Turned>> {
    let row: Option<(Vec<u8>, i64)> = seals::table
        .find(lane.word())
        .select((seals::key_id, seals::since))
        .first(db)
        .optional()?;
    Ok(row.and_then(|(key, since)| {
        let key = KeyId(key.try_into().ok()?);
        listed.contains(&key).then_some(Turned { key, since: from_micros(since) })
    }))
}

/// Turns a lane to the key after the one in use; `None` when it is the last.
///
/// # Errors
/// When the database refuses.
pub fn turn_now(
    tx: &mut Tx<'_>,
    lane: Lane,
    listed: &[KeyId],
    now: Timestamp,
) -> QueryResult<Option<Turned>> {
    let place = match in_use(tx.db, lane, listed)? {
        Some(turned) => listed.iter().position(|key| *key == turned.key).unwrap_or(0) + 1,
        // Until now the first one was in use.
        None => 1,
    };
    let Some(key) = listed.get(place) else { return Ok(None) };
    let turned = Turned { key: *key, since: now };
    note(tx, lane, &turned)?;
    Ok(Some(turned))
}

fn turn_when_due(
    tx: &mut Tx<'_>,
    lane: Lane,
    listed: &[KeyId],
    after: Duration,
    now: Timestamp,
) -> QueryResult<Turned> {
    match in_use(tx.db, lane, listed)? {
        None => {
            let first = Turned { key: listed[0], since: now };
            note(tx, lane, &first)?;
            Ok(first)
        }
        Some(turned) if is_due(&turned, after, now) => {
            Ok(turn_now(tx, lane, listed, now)?.unwrap_or(turned))
        }
        Some(turned) => Ok(turned),
    }
}

fn note(tx: &mut Tx<'_>, lane: Lane, turned: &Turned) -> QueryResult<()> {
    diesel::delete(seals::table.find(lane.word())).execute(tx.db)?;
    diesel::insert_into(seals::table)
        .values((
            seals::lane.eq(lane.word()),
            seals::key_id.eq(turned.key.0.to_vec()),
            seals::since.eq(to_micros(turned.since)),
        ))
        .execute(tx.db)
        .map(|_| ())
}

fn is_due(turned: &Turned, after: Duration, now: Timestamp) -> bool {
    !is_young(turned.since, after, now)
}

fn is_young(since: Timestamp, age: Duration, now: Timestamp) -> bool {
    let micros = i64::try_from(age.as_micros()).unwrap_or(i64::MAX);
    to_micros(now) < to_micros(since).saturating_add(micros)
}

/// Whether an item of the lane is still kept that only this key opens.
fn anything_sealed_to(db: &mut Db, lane: Lane, key: KeyId) -> QueryResult<bool> {
    let found = items::table
        .inner_join(outbox_sealed::table)
        .filter(items::lane.eq(lane.word()))
        .filter(substr(outbox_sealed::sealed, KEY_ID.0, KEY_ID.1).eq(key.0.to_vec()))
        .select(items::id)
        .first::<i64>(db)
        .optional()?;
    Ok(found.is_some())
}
