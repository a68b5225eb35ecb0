//! A mover that carries a lane's files instead of the carrier, badly.

use std::fs;
use std::io;
use std::thread::sleep;
use std::time::Duration;

use bridge_contract::bundle::parse_bundle_name;
use town::Town;

use super::Frozen;
use super::folder::{Place, lay_down};
use crate::dice::Dice;

/// Time in which bundles gather while the carrier stands still.
const GATHER: Duration = Duration::from_millis(200);
/// Newest bundles that are carried.
const CARRIED: usize = 12;

/// Stops the fetcher, lets bundles gather, and carries the newest in any order: some
/// twice, some torn, some not at all. Then the fetcher goes on.
pub(super) fn strike(town: &Town, place: Place, seed: u64) -> io::Result<()> {
    let mut dice = Dice::new(seed);
    let _frozen = Frozen::new(town, place.fetcher)?;
    sleep(GATHER);
    let root = &town.plan.root;
    let from = root.join(place.from).join("spool").join(place.lane).join("ready");
    let to = root.join(place.host).join("spool").join(place.lane);
    let mut files = Vec::new();
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let name = entry.file_name().into_string().unwrap_or_default();
        if let Some(at) = parse_bundle_name(&name) {
            files.push((at, name, entry.path()));
        }
    }
    files.sort();
    let mut files = files.split_off(files.len().saturating_sub(CARRIED));
    for place in (1..files.len()).rev() {
        let other = usize::try_from(dice.below(place as u64 + 1)).unwrap_or(0);
        files.swap(place, other);
    }
    for (_, name, path) in files {
        // It may be put on the shelf of sent ones meanwhile.
        let Ok(bytes) = fs::read(path) else { continue };
        let half = bytes.len() / 2;
        match dice.below(5) {
            0 => {}
            1 => lay_down(&to, &name, &bytes[..half])?,
            2 => {
                lay_down(&to, &name, &bytes)?;
                lay_down(&to, &name, &bytes)?;
            }
            _ => lay_down(&to, &name, &bytes)?,
        }
    }
    Ok(())
}
