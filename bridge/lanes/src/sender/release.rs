//! RELEASED: a bundle that the far end holds in two verified backups, and that is
//! old enough, may be forgotten: its sealed items and its file. Header, signature and
//! hash stay for ever (I13).

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use bridge_contract::place::Lane;
use diesel::prelude::*;
use jiff::Timestamp;
use platform_store::time::to_micros;
use platform_store::{Db, Tx};

use super::Sender;
use crate::fault::{LaneFault, blocking};
use crate::numbers::{big, index, number, small};
use crate::receipts;
use crate::schema::{outbox_bundles as bundles, outbox_items as items, outbox_sealed};

/// Most bundles released in one transaction.
const AT_ONCE: i64 = 64;
/// Most released bundles whose files are looked for at a start.
const LOOK_BACK: i64 = 10_000;

impl Sender {
    /// Forgets what may be forgotten, a little at a time.
    pub(super) async fn release(&self) -> Result<(), LaneFault> {
        let (lane, now) = (self.lane, self.clock.now());
        let before = released_before(now, self.retention);
        let ripe = self.store.read(move |db| ripe(db, lane, before)).await?;
        if ripe.is_empty() {
            return Ok(());
        }
        let done = ripe.clone();
        self.store.write(move |tx| release(tx, lane, &done, now)).await?;
        self.delete(ripe).await
    }

    /// Deletes files whose bundles were released before a crash.
    pub(super) async fn delete_released(&self) -> Result<(), LaneFault> {
        let lane = self.lane;
        let released = self.store.read(move |db| released(db, lane)).await?;
        self.delete(released).await
    }

    pub(super) async fn delete(&self, bundles: Vec<(u32, u64)>) -> Result<(), LaneFault> {
        let spool = Arc::clone(&self.spool);
        blocking(self.lane, move || {
            bundles.into_iter().try_for_each(|(epoch, seq)| spool.delete(epoch, seq))
        })
        .await
    }
}

fn released_before(now: Timestamp, retention: Duration) -> i64 {
    let micros = i64::try_from(retention.as_micros()).unwrap_or(i64::MAX);
    to_micros(now).saturating_sub(micros)
}

/// Bundles in two verified backups of the far end, and there long enough.
fn ripe(db: &mut Db, lane: Lane, before: i64) -> QueryResult<Vec<(u32, u64)>> {
    let Some(receipt) = receipts::last(db, lane)? else { return Ok(Vec::new()) };
    let kept = receipt.backup_seq.min(receipt.ingested_seq);
    // What is set aside over there may have its only copy here; a full list names
    // not all of it.
    if kept == 0 || receipt.quarantined.len() >= receipts::NAMED {
        return Ok(Vec::new());
    }
    let aside: BTreeSet<(u32, u64)> =
        receipt.quarantined.iter().map(|at| (at.epoch, at.seq)).collect();
    // A backup that holds something of this epoch holds all that was taken in before it.
    let epoch = small(receipt.epoch);
    let held =
        bundles::epoch.lt(epoch).or(bundles::epoch.eq(epoch).and(bundles::seq.le(big(kept))));
    let rows: Vec<(i32, i64)> = bundles::table
        .filter(bundles::lane.eq(lane.word()).and(bundles::state.eq("ingested")))
        .filter(held)
        .filter(bundles::ingested_at.le(before))
        .order((bundles::epoch, bundles::seq))
        .select((bundles::epoch, bundles::seq))
        .limit(AT_ONCE + i64::try_from(aside.len()).unwrap_or(0))
        .load(db)?;
    let at = |(epoch, seq)| (index(epoch), number(seq));
    Ok(rows.into_iter().map(at).filter(|at| !aside.contains(at)).collect())
}

fn release(tx: &mut Tx<'_>, lane: Lane, ripe: &[(u32, u64)], now: Timestamp) -> QueryResult<()> {
    for (epoch, seq) in ripe {
        let (epoch, seq) = (small(*epoch), big(*seq));
        let row = bundles::table.find((lane.word(), epoch, seq));
        diesel::update(row.filter(bundles::state.eq("ingested")))
            .set((bundles::state.eq("released"), bundles::released_at.eq(to_micros(now))))
            .execute(tx.db)?;
        let members = items::table
            .filter(items::lane.eq(lane.word()))
            .filter(items::epoch.eq(epoch).and(items::seq.eq(seq)))
            .select(items::id);
        diesel::delete(outbox_sealed::table.filter(outbox_sealed::item.eq_any(members)))
            .execute(tx.db)?;
    }
    Ok(())
}

fn released(db: &mut Db, lane: Lane) -> QueryResult<Vec<(u32, u64)>> {
    let rows: Vec<(i32, i64)> = bundles::table
        .filter(bundles::lane.eq(lane.word()).and(bundles::state.eq("released")))
        .order((bundles::epoch.desc(), bundles::seq.desc()))
        .select((bundles::epoch, bundles::seq))
        .limit(LOOK_BACK)
        .load(db)?;
    Ok(rows.into_iter().map(|(epoch, seq)| (index(epoch), number(seq))).collect())
}
