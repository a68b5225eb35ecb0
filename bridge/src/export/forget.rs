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
/// under later numbers. A folder without any of them is a share that is away, and says nothing.
fn kept(packed: &Path, folder: &Path, last: (u32, u64)) -> std::io::Result<(u32, u64)> {
    let (mut kept, mut any_packed, mut any_here) = (last, false, false);
    for job in fs::read_dir(packed)? {
        let job = job?;
        for note in fs::read_dir(job.path())? {
            let note = note?;
            let names = (job.file_name(), note.file_name());
            let names = names.0.to_str().zip(names.1.to_str());
            let Some(generation) = names.and_then(|(job, name)| Generation::of(job, name)) else {
                continue;
            };
            let dir = generation.dir(folder);
            let is_here = dir.try_exists()?;
            (any_packed, any_here) = (true, any_here || is_here);
            // What an operator took away is done with, too.
            if !is_here || is_picked_up(&dir) {
                continue;
            }
            kept = match Bundles::read(&fs::read_to_string(note.path())?) {
                Some(bundles) => kept.min((bundles.epoch, bundles.first.saturating_sub(1))),
                // Nobody knows where it is.
                None => (0, 0),
            };
        }
    }
    Ok(if any_packed && !any_here { (0, 0) } else { kept })
}

fn is_picked_up(dir: &Path) -> bool {
    match Receipt::read(dir).map(|receipt| receipt.outcome) {
        Some(Outcome::Done | Outcome::Error) => true,
        Some(Outcome::Stored | Outcome::Refused) | None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// I13, IK-3.5.7b: what waits to be picked up is kept with all after it; a share that is away is no
    /// pick-up.
    #[test]
    fn a_share_that_is_away_lets_nothing_go() {
        let dir = tempfile::tempdir().expect("a folder");
        let (packed, folder) = (dir.path().join("packed"), dir.path().join("server-a"));
        for (generation, bundles) in [("000001", "1 1 2\n"), ("000002", "1 3 4\n")] {
            fs::create_dir_all(packed.join("job")).expect("made");
            fs::create_dir_all(folder.join("job").join(generation)).expect("made");
            fs::write(packed.join("job").join(generation), bundles).expect("written");
        }
        let now = || kept(&packed, &folder, (1, 4)).expect("readable");
        assert_eq!(now(), (1, 0), "nothing was picked up");
        let done = r#"{"job":"job","generation":"000001","outcome":"done",
            "at":"2026-11-20T03:04:05Z","detail":""}"#;
        fs::write(folder.join("job/000001/receipt.json"), done).expect("written");
        assert_eq!(now(), (1, 2));
        fs::rename(folder.join("job"), dir.path().join("away")).expect("unmounted");
        assert_eq!(now(), (0, 0));
        fs::rename(dir.path().join("away"), folder.join("job")).expect("mounted");
        fs::remove_dir(folder.join("job/000002")).expect("taken away by an operator");
        assert_eq!(now(), (1, 4));
    }
}
