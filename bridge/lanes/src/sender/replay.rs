//! What an operator asked to make available again: every bundle of a range is
//! rebuilt when its file is gone, and lies in `ready/` for an hour, where every
//! mover finds it. They keep their numbers, so the far end takes nothing in twice. What was in
//! a raw bundle of which S could not open an item gets new ones: S never takes a number again, and
//! L takes in by id.

use std::collections::BTreeSet;
use std::sync::Arc;

use bridge_contract::place::Lane;
use diesel::prelude::*;
use jiff::{SignedDuration, Timestamp};
use platform_store::time::to_micros;
use platform_store::{Db, Tx, each_backend};

use super::Sender;
use super::allocate::{self, Row};
use super::reconcile::restore;
use crate::epochs;
use crate::fault::{LaneFault, blocking};
use crate::numbers::{big, index, number, small};
use crate::receipts;
use crate::schema::{lane_replays as replays, outbox_bundles as bundles};

/// How long a bundle stays in `ready/` although the far end has it.
const STAYS: SignedDuration = SignedDuration::from_hours(1);

/// Bundles to make available again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Range {
    pub(crate) epoch: u32,
    pub(crate) first: u64,
    pub(crate) last: u64,
}

/// A range that lies in `ready/` for a while.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shown {
    range: Range,
    until: Timestamp,
}

impl Shown {
    pub(super) fn holds(&self, (epoch, seq): (u32, u64), now: Timestamp) -> bool {
        let Range { epoch: ours, first, last } = self.range;
        now < self.until && epoch == ours && (first..=last).contains(&seq)
    }
}

impl Sender {
    /// Works off what was asked for.
    pub(super) async fn replay(&mut self) -> Result<(), LaneFault> {
        let lane = self.lane;
        for range in self.store.read(move |db| asked(db, lane)).await? {
            let rows = self.store.read(move |db| allocate::sent_in(db, lane, &range)).await?;
            for row in rows {
                self.show_again(row).await?;
            }
            self.delete(self.store.read(move |db| emptied(db, lane, &range)).await?).await?;
            let until = self.clock.now().checked_add(STAYS).unwrap_or(Timestamp::MAX);
            let now = self.clock.now();
            self.shown.retain(|shown| now < shown.until);
            self.shown.push(Shown { range, until });
            self.store.write(move |tx| done(tx, lane, &range)).await?;
            tracing::info!(%lane, ?range, "bundles are available again");
        }
        Ok(())
    }

    async fn show_again(&self, row: Row) -> Result<(), LaneFault> {
        let (lane, epoch, seq) = (self.lane, row.allocated.epoch, row.allocated.seq);
        let Some(envelope) = row.envelope else { return Ok(()) };
        let items = self.store.read(move |db| allocate::members(db, lane, epoch, seq)).await?;
        if items.is_empty() {
            // They were taken out meanwhile.
            return Ok(());
        }
        let spool = Arc::clone(&self.spool);
        blocking(lane, move || {
            restore(&spool, &envelope, &items)?;
            Ok::<_, LaneFault>(spool.unshelve(epoch, seq)?)
        })
        .await
    }
}

fn asked(db: &mut Db, lane: Lane) -> QueryResult<Vec<Range>> {
    let rows: Vec<(i32, i64, i64)> = replays::table
        .filter(replays::lane.eq(lane.word()))
        .order((replays::asked_at, replays::epoch, replays::first_seq))
        .select((replays::epoch, replays::first_seq, replays::last_seq))
        .load(db)?;
    let range = |(epoch, first, last)| Range {
        epoch: index(epoch),
        first: number(first),
        last: number(last),
    };
    Ok(rows.into_iter().map(range).collect())
}

/// Bundles of a range whose items go out under other numbers: nobody wants their files any more.
fn emptied(db: &mut Db, lane: Lane, range: &Range) -> QueryResult<Vec<(u32, u64)>> {
    let rows: Vec<(i32, i64)> = bundles::table
        .filter(bundles::lane.eq(lane.word()).and(bundles::epoch.eq(small(range.epoch))))
        .filter(bundles::seq.between(big(range.first), big(range.last)))
        .filter(bundles::entries.is_not_null())
        .select((bundles::epoch, bundles::seq))
        .load(db)?;
    Ok(rows.into_iter().map(|(epoch, seq)| (index(epoch), number(seq))).collect())
}

fn done(tx: &mut Tx<'_>, lane: Lane, range: &Range) -> QueryResult<()> {
    let row = (lane.word(), small(range.epoch), big(range.first), big(range.last));
    diesel::delete(replays::table.find(row)).execute(tx.db).map(|_| ())
}

/// Makes one bundle available to the far end again, for an hour. `false` when there is
/// none of this number, or it was released.
///
/// # Errors
/// When the database cannot be written.
pub fn replay(
    tx: &mut Tx<'_>,
    lane: Lane,
    (epoch, seq): (u32, u64),
    at: Timestamp,
) -> QueryResult<bool> {
    let wish = Range { epoch, first: seq, last: seq };
    let Some(range) = available(tx.db, lane, &wish)? else { return Ok(false) };
    ask(tx, lane, &range, at)?;
    Ok(true)
}

/// Asks the lane's sender; it looks every two seconds. Gives the bundles whose items go out under
/// new numbers.
pub(crate) fn ask(
    tx: &mut Tx<'_>,
    lane: Lane,
    range: &Range,
    at: Timestamp,
) -> QueryResult<Vec<u64>> {
    let anew = send_anew(tx, lane, range, at)?;
    let row = (
        replays::lane.eq(lane.word()),
        replays::epoch.eq(small(range.epoch)),
        replays::first_seq.eq(big(range.first)),
        replays::last_seq.eq(big(range.last)),
        replays::asked_at.eq(to_micros(at)),
    );
    each_backend!(tx.db, conn => diesel::insert_into(replays::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(conn))?;
    Ok(anew)
}

/// Gives what is in raw bundles new numbers, where the last receipt names an item that S could not
/// open. What the far end has of them it knows by its id.
fn send_anew(tx: &mut Tx<'_>, lane: Lane, range: &Range, at: Timestamp) -> QueryResult<Vec<u64>> {
    let mut anew = Vec::new();
    // What a zone itself sets aside it keeps, and drives again.
    let Some(receipt) = receipts::last(tx.db, lane)?.filter(|_| lane == Lane::Raw) else {
        return Ok(anew);
    };
    let named = receipt.quarantined.iter().filter(|it| it.epoch == range.epoch).map(|it| it.seq);
    let named: BTreeSet<u64> =
        named.filter(|seq| (range.first..=range.last).contains(seq)).collect();
    for seq in named {
        let place = (small(range.epoch), big(seq));
        let row = bundles::table.find((lane.word(), place.0, place.1));
        let over = diesel::update(row.filter(bundles::state.eq("ingested")))
            .set((bundles::state.eq("released"), bundles::released_at.eq(to_micros(at))))
            .execute(tx.db)?;
        if over == 1 {
            epochs::take_out(tx, lane, place)?;
            anew.push(seq);
        }
    }
    Ok(anew)
}

/// The part of a range that can be made available: bundles that exist and are not
/// released. `None` when there is none.
pub(crate) fn available(db: &mut Db, lane: Lane, wish: &Range) -> QueryResult<Option<Range>> {
    let rows = bundles::table
        .filter(bundles::lane.eq(lane.word()).and(bundles::epoch.eq(small(wish.epoch))))
        .filter(bundles::seq.between(big(wish.first), big(wish.last)))
        .filter(bundles::state.ne("released").and(bundles::hash.is_not_null()));
    let (first, last): (Option<i64>, Option<i64>) =
        rows.select((diesel::dsl::min(bundles::seq), diesel::dsl::max(bundles::seq))).first(db)?;
    Ok(first.zip(last).map(|(first, last)| Range {
        epoch: wish.epoch,
        first: number(first),
        last: number(last),
    }))
}

/// What the far end took in since a moment, or never did, and everything after, of one epoch or of each: a far end
/// that was restored may be in an older one.
pub(crate) fn available_since(
    db: &mut Db,
    lane: Lane,
    epoch: Option<u32>,
    since: Timestamp,
) -> QueryResult<Vec<Range>> {
    let (oldest, newest) = epoch.map_or((0, i32::MAX), |one| (small(one), small(one)));
    let young = bundles::ingested_at.is_null().or(bundles::ingested_at.ge(to_micros(since)));
    let firsts: Vec<(i32, Option<i64>)> = bundles::table
        .filter(bundles::lane.eq(lane.word()).and(bundles::epoch.between(oldest, newest)))
        .filter(young.assume_not_null())
        .group_by(bundles::epoch)
        .select((bundles::epoch, diesel::dsl::min(bundles::seq)))
        .order(bundles::epoch)
        .load(db)?;
    let mut ranges = Vec::new();
    for (epoch, first) in firsts {
        let first = first.map_or(0, number);
        let wish = Range { epoch: index(epoch), first, last: u64::MAX };
        ranges.extend(available(db, lane, &wish)?);
    }
    Ok(ranges)
}
