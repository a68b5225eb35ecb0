//! Hosts whose clocks are wrong (I15). A library that is loaded before the others
//! tells one program another time; timers, which count, are left alone.

use std::io;

use town::{Running, Town};

use crate::dice::Dice;
use crate::runner::Scene;

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

/// By how many seconds; sometimes right again.
pub(super) fn jump(dice: &mut Dice) -> i64 {
    dice.one_of(&[0, 1, -1, HOUR, -HOUR, 3 * DAY, -3 * DAY, 400 * DAY, -400 * DAY])
}

/// The program starts anew with a wrong clock, and keeps it until the next time.
pub(super) fn set(scene: &mut Scene, name: &str, seconds: i64) -> io::Result<()> {
    let Some(library) = &scene.means.faketime else { return Ok(()) };
    let library = library.display().to_string();
    let mut program = scene.place.town.kill(name)?;
    program.environment = match seconds {
        0 => Vec::new(),
        _ => [
            ("LD_PRELOAD", library),
            ("FAKETIME", format!("{seconds:+}")),
            ("DONT_FAKE_MONOTONIC", "1".to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .to_vec(),
    };
    scene.place.town.revive(&program)
}

/// Every program has the right time again.
pub(super) fn right(town: &mut Town) -> io::Result<()> {
    let wrong: Vec<&str> = town
        .names()
        .filter(|name| town.program(name).is_some_and(Running::has_environment))
        .collect();
    for name in wrong {
        let mut program = town.kill(name)?;
        program.environment.clear();
        town.revive(&program)?;
    }
    Ok(())
}
