//! What A may forget: bundles of generations that a business system picked up, and receipts
//! that are filed, once they are old enough. Nothing goes before (I13, decision 0046).

use std::fs;
use std::path::Path;
use std::time::SystemTime;

use bridge_contract::messages::Held;
use bridge_contract::place::Lane;
use bridge_spool::Ingested;

use super::pack::Packer;
use super::receipt::{Outcome, Receipt};
use crate::faults::RoleFault;
use crate::generation::Generation;
use crate::own_lane::settle;

/// In which bundles a generation travelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bundles {
    pub(super) epoch: u32,
    pub(super) first: u64,
    pub(super) last: u64,
}

impl Bundles {
    pub(super) fn text(&self) -> String {
        format!("{} {} {}\n", self.epoch, self.first, self.last)
    }

    fn read(text: &str) -> Option<Self> {
        let mut words = text.split_whitespace();
        let epoch = words.next()?.parse().ok()?;
        let (first, last) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
        Some(Self { epoch, first, last })
    }
}

/// What A has of the receipts: filed beside their generations.
pub(super) const fn taken_in(at: &Ingested) -> Held {
    Held { lane: Lane::Exr, epoch: at.epoch, ingested: at.seq, kept: at.seq }
}

impl Packer {
    /// Blocking.
    pub(super) fn forget(&mut self) -> Result<(), RoleFault> {
        let old = SystemTime::from(self.clock.now()).checked_sub(self.retention);
        let old = old.unwrap_or(SystemTime::UNIX_EPOCH);
        let (epoch, kept) = kept(&self.packed, &self.folder, self.own.last())
            .map_err(RoleFault::disk(self.packed.display().to_string()))?;
        let held = Held { lane: Lane::Exp, epoch, ingested: kept, kept };
        settle(&self.own.folder(), &held, old)?;
        if let Some(at) = self.receipts.ingested() {
            self.receipts.forget((at.epoch, at.seq), old)?;
        }
        Ok(())
    }
}

/// Up to which bundle every generation was picked up. What no generation names was sent again
/// under later numbers.
fn kept(packed: &Path, folder: &Path, last: (u32, u64)) -> std::io::Result<(u32, u64)> {
    let mut kept = last;
    for job in fs::read_dir(packed)? {
        let job = job?;
        for note in fs::read_dir(job.path())? {
            let note = note?;
            let names = (job.file_name(), note.file_name());
            let names = names.0.to_str().zip(names.1.to_str());
            let Some(generation) = names.and_then(|(job, name)| Generation::of(job, name)) else {
                continue;
            };
            if is_picked_up(&generation.dir(folder)) {
                continue;
            }
            kept = match Bundles::read(&fs::read_to_string(note.path())?) {
                Some(bundles) => kept.min((bundles.epoch, bundles.first.saturating_sub(1))),
                // Nobody knows where it is.
                None => (0, 0),
            };
        }
    }
    Ok(kept)
}

/// The zone deletes a generation only when it was picked up.
fn is_picked_up(dir: &Path) -> bool {
    if !dir.exists() {
        return true;
    }
    match Receipt::read(dir).map(|receipt| receipt.outcome) {
        Some(Outcome::Done | Outcome::Error) => true,
        Some(Outcome::Stored | Outcome::Refused) | None => false,
    }
}
