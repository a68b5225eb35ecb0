//! What must hold, and whether it does.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use bridge_contract::bundle::{Expect, verify};
use bridge_contract::messages::Receipt;
use bridge_contract::reset::ResetDocument;
use diesel::prelude::*;

use super::world::{KEYS, LANE, World};
use crate::numbers::{index, number};
use crate::schema::{inbox_bundles, lane_gaps, lane_watermarks, outbox_bundles};

/// Epoch and number of a bundle.
pub(super) type At = (u32, u64);

/// What is known of the lane from outside.
#[derive(Default)]
pub(super) struct Model {
    /// Every message that was ever committed, and whether nobody can take it in.
    pub(super) ever: BTreeMap<String, bool>,
    /// Those that the sender's database of today has, in order.
    pub(super) committed: Vec<String>,
    /// Every bundle that was ever visible.
    pub(super) made: BTreeMap<At, Vec<u8>>,
    /// Files of the sender that were taken away.
    pub(super) lost: BTreeSet<At>,
    /// Every bundle that was ever taken in.
    pub(super) ever_in: BTreeSet<At>,
    pub(super) receipts: Vec<Receipt>,
    pub(super) resets: Vec<ResetDocument>,
    /// What somebody with a stolen key signed.
    pub(super) forks: Vec<Vec<u8>>,
    /// The newest backup of each end, and what the sender's had.
    pub(super) sender_copy: Option<(PathBuf, Vec<String>)>,
    pub(super) receiver_copy: Option<PathBuf>,
    /// Backups that were made.
    pub(super) copies: usize,
    /// The sender's database was restored, and the sender did not go on since.
    pub(super) restored: bool,
    /// Something was set back once: the order of what arrived is not promised any more.
    pub(super) set_back: bool,
}

fn must(holds: bool, what: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(what()) }
}

impl World {
    /// What must hold at any moment.
    pub(super) async fn check(&mut self) -> Result<(), String> {
        self.check_files()?;
        // What was taken in is noted first: the sender may know of it already.
        self.check_receiver().await?;
        self.check_sender().await
    }

    /// I4: one number, one content, wherever it lies.
    fn check_files(&mut self) -> Result<(), String> {
        for (at, path) in self.l.bundles(&["ready", "sent"]) {
            let bytes = fs::read(&path).expect("readable");
            let first = self.model.made.entry(at).or_insert_with(|| bytes.clone());
            must(*first == bytes, || format!("I4: two contents of {at:?} at the sender"))?;
        }
        for (at, path) in self.i.bundles(&["done"]) {
            let bytes = fs::read(&path).expect("readable");
            let known =
                self.model.made.get(&at) == Some(&bytes) || self.model.forks.contains(&bytes);
            must(known, || format!("I4: {at:?} was taken in with another content"))?;
        }
        Ok(())
    }

    /// I6: nothing is told that is not so. I13: what is not released is there.
    async fn check_sender(&self) -> Result<(), String> {
        let there: BTreeSet<At> =
            self.l.bundles(&["ready", "sent"]).into_iter().map(|(at, _)| at).collect();
        for (at, state) in self.states().await {
            let told = state != "ingested" && state != "stored";
            must(told || self.model.ever_in.contains(&at), || {
                format!("I6: {at:?} is {state} and was never taken in")
            })?;
            let kept = ["allocated", "released"].contains(&state.as_str())
                || self.model.restored
                || self.model.lost.contains(&at)
                || there.contains(&at);
            must(kept, || format!("I13: the file of {at:?} ({state}) is gone"))?;
        }
        Ok(())
    }

    /// I1, I2: nothing comes twice, and nothing that nobody said. I3: the watermark counts
    /// the bundles. I17: only what nobody can take in is set aside.
    async fn check_receiver(&mut self) -> Result<(), String> {
        let taken: Vec<(i32, i64)> = self
            .i
            .read(|db| {
                inbox_bundles::table
                    .filter(inbox_bundles::lane.eq(LANE.word()))
                    .select((inbox_bundles::epoch, inbox_bundles::seq))
                    .load(db)
            })
            .await;
        let taken: Vec<At> = taken.into_iter().map(|(e, s)| (index(e), number(s))).collect();
        let (epoch, seq) = self.watermark().await;
        let counted = taken.iter().filter(|at| at.0 == epoch).count() as u64;
        must(counted == seq, || format!("I3: {counted} bundles, the watermark says {seq}"))?;
        self.model.ever_in.extend(taken);
        let (seen, aside) = self.arrived().await;
        let mut once = BTreeSet::new();
        for (uuid, said) in &seen {
            must(once.insert(uuid.clone()), || format!("I1: {uuid} came twice"))?;
            must(*said == words(uuid, false), || format!("I1: {uuid} says {said}"))?;
            must(self.model.ever.get(uuid) == Some(&false), || format!("I2: nobody said {uuid}"))?;
        }
        aside.iter().try_for_each(|uuid| {
            must(self.model.ever.get(uuid) == Some(&true), || format!("I17: {uuid} is set aside"))
        })
    }

    /// I1: what the sender's database has is at the far end, once, or set aside, or listed as
    /// missing. In the order in which it was said, when nothing was set back.
    pub(super) async fn check_all_is_in(&self) -> Result<(), String> {
        let (seen, aside) = self.arrived().await;
        let missing = self.missing().await;
        for uuid in &self.model.committed {
            let here = seen.iter().any(|(known, _)| known == uuid) || aside.contains(uuid);
            must(here || missing.contains(uuid), || format!("I1: {uuid} is nowhere"))?;
        }
        if !self.model.set_back {
            let good = |uuid: &&String| self.model.ever.get(*uuid) == Some(&false);
            let wanted: Vec<&String> = self.model.committed.iter().filter(good).collect();
            let found: Vec<&String> = seen.iter().map(|(uuid, _)| uuid).collect();
            must(wanted == found, || format!("in another order: {found:?}"))?;
        }
        Ok(())
    }

    /// Messages in bundles that the far end lists as missing.
    async fn missing(&self) -> BTreeSet<String> {
        let gaps: Vec<(i32, i64, i64)> = self
            .i
            .read(|db| {
                lane_gaps::table
                    .filter(lane_gaps::lane.eq(LANE.word()))
                    .select((lane_gaps::epoch, lane_gaps::first_seq, lane_gaps::last_seq))
                    .load(db)
            })
            .await;
        let mut missing = BTreeSet::new();
        for (epoch, first, last) in gaps {
            for seq in number(first)..=number(last) {
                let Some(bytes) = self.model.made.get(&(index(epoch), seq)) else { continue };
                let bundle = verify(bytes, &Expect { lane: LANE, keys: KEYS.l.set() });
                let items = bundle.expect("our own").items;
                missing.extend(items.into_iter().map(|item| item.entry.uuid));
            }
        }
        missing
    }

    /// Where the receiver is.
    pub(super) async fn watermark(&self) -> At {
        let (epoch, seq): (i32, i64) = self
            .i
            .read(|db| {
                lane_watermarks::table
                    .find(LANE.word())
                    .select((lane_watermarks::epoch, lane_watermarks::seq))
                    .first(db)
            })
            .await;
        (index(epoch), number(seq))
    }

    /// The sender's bundles and their states.
    pub(super) async fn states(&self) -> Vec<(At, String)> {
        let rows: Vec<(i32, i64, String)> = self
            .l
            .read(|db| {
                outbox_bundles::table
                    .filter(outbox_bundles::lane.eq(LANE.word()))
                    .order((outbox_bundles::epoch, outbox_bundles::seq))
                    .select((outbox_bundles::epoch, outbox_bundles::seq, outbox_bundles::state))
                    .load(db)
            })
            .await;
        rows.into_iter().map(|(epoch, seq, state)| ((index(epoch), number(seq)), state)).collect()
    }
}

/// What a message says.
pub(super) fn words(uuid: &str, poison: bool) -> String {
    if poison { format!("poison {uuid}") } else { format!("says {uuid}") }
}
