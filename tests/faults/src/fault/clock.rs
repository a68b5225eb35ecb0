//! Hosts whose clocks are wrong (I15). A library that is loaded before the others
//! tells one program another time; timers, which count, are left alone. It reads in a file by how
//! much, at every look at the clock: so the clock of a running program jumps. The file lies in the
//! spool of the host, where every role may read behind its walls.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use town::{Running, Town};

use super::{Fault, PROGRAMS, full};
use crate::dice::Dice;
use crate::runner::Scene;

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;
/// By how many seconds; sometimes right again.
const JUMPS: [i64; 9] = [0, 1, -1, HOUR, -HOUR, 3 * DAY, -3 * DAY, 400 * DAY, -400 * DAY];
const HOSTS: [&str; 5] = ["i", "s", "l", "a", "b"];
/// It keeps what is filled in for some days: who has a form open while its clock jumps may be refused,
/// and rightly. So it jumps before people fill in.
const KEEPS_FORMS: &str = "internet-zone";

/// A clock that is wrong from the start of its program, or one that jumps while it runs.
pub(super) fn any(dice: &mut Dice) -> Fault {
    let (name, seconds) = (dice.one_of(&PROGRAMS), dice.one_of(&JUMPS));
    // The next number is looked at and not taken, so that the trials behind stay what they were
    // under every seed.
    let runs = dice.clone().below(2) == 0;
    if runs && seconds != 0 { Fault::Jump(name, seconds) } else { Fault::Clock(name, seconds) }
}

/// The program starts anew with a wrong clock, and keeps it until the next time.
pub(super) fn set(scene: &mut Scene, name: &str, seconds: i64) -> io::Result<()> {
    let Some(library) = &scene.means.faketime else { return Ok(()) };
    let town = &mut scene.place.town;
    let environment = match seconds {
        0 => Vec::new(),
        _ => preloaded(library, &tell(town, name, seconds)?),
    };
    restart(town, name, environment)
}

/// The program runs with the right time, in such a way that its clock can jump.
pub(super) fn prepare(scene: &mut Scene, name: &str, seconds: i64) -> io::Result<()> {
    let Some(library) = &scene.means.faketime else { return Ok(()) };
    let town = &mut scene.place.town;
    let file = tell(town, name, 0)?;
    if !town.program(name).is_some_and(Running::has_environment) {
        restart(town, name, preloaded(library, &file))?;
    }
    if name == KEEPS_FORMS { jump(town, name, seconds) } else { Ok(()) }
}

/// The clock of the running program is wrong by so many seconds from now on.
pub(super) fn jump(town: &Town, name: &str, seconds: i64) -> io::Result<()> {
    tell(town, name, seconds).map(drop)
}

/// Writes what the library reads for a program; returns where. Nobody sees half of it.
fn tell(town: &Town, name: &str, seconds: i64) -> io::Result<PathBuf> {
    let host = HOSTS.into_iter().find(|host| full::programs(host).contains(&name));
    let host = host.ok_or_else(|| io::Error::other(format!("no program {name}")))?;
    let file = town.plan.root.join(host).join("spool").join(format!("clock-{name}"));
    let draft = file.with_extension("new");
    fs::write(&draft, format!("{seconds:+}\n"))?;
    fs::rename(draft, &file)?;
    Ok(file)
}

/// What a program is started with whose clock goes by this file.
fn preloaded(library: &Path, clock: &Path) -> Vec<(String, String)> {
    [
        ("LD_PRELOAD", library.display().to_string()),
        ("FAKETIME_TIMESTAMP_FILE", clock.display().to_string()),
        // It would look into the file every ten seconds otherwise.
        ("FAKETIME_NO_CACHE", "1".to_owned()),
        ("DONT_FAKE_MONOTONIC", "1".to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .to_vec()
}

fn restart(town: &mut Town, name: &str, environment: Vec<(String, String)>) -> io::Result<()> {
    let mut program = town.kill(name)?;
    program.environment = environment;
    town.revive(&program)
}

/// Every program has the right time again.
pub(super) fn right(town: &mut Town) -> io::Result<()> {
    let wrong: Vec<&str> = town
        .names()
        .filter(|name| town.program(name).is_some_and(Running::has_environment))
        .collect();
    wrong.into_iter().try_for_each(|name| restart(town, name, Vec::new()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// I15: clocks are wrong from a start and jump while programs run, and no seed draws other faults
    /// behind them than it did when there was one of the two.
    #[test]
    fn both_kinds_are_drawn_from_the_same_two_numbers() {
        let mut kinds = BTreeSet::new();
        for seed in 0..64 {
            let mut dice = Dice::new(seed);
            let mut two_rolled = dice.clone();
            kinds.insert(any(&mut dice).kind());
            two_rolled.roll();
            two_rolled.roll();
            assert_eq!(dice.roll(), two_rolled.roll(), "seed {seed}");
        }
        assert_eq!(kinds, BTreeSet::from(["jumping clock", "wrong clock"]));
    }
}
