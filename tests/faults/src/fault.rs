//! What can happen to a program, to a disk, or to a folder that a mover fills.

mod alarms;
mod clock;
mod copies;
pub(crate) mod disk;
mod folder;
mod full;
mod order;
mod restored;
pub(crate) mod steps;
mod stolen;
mod twice;
mod visitor;

use std::fmt;
use std::io;
use std::thread::sleep;
use std::time::{Duration, Instant};

use platform_testkit::PATIENCE;
use rustix::process::{Pid, Signal, kill_process};
use town::Town;

use crate::dice::Dice;
use crate::means::{self, Means};
use crate::runner::Scene;
use disk::Blow;
use folder::{Place, Spoiled};
use restored::Zone;

/// Programs between a citizen and the desk.
const CROSSING: [&str; 5] = ["internet-zone", "outer", "relay", "inner", "lgwan-zone"];
/// Programs between a citizen and the desk, and between A and B.
pub const PROGRAMS: [&str; 7] =
    ["internet-zone", "outer", "relay", "inner", "lgwan-zone", "export", "drop"];
/// What a trial says whose call did not come.
pub const NOT_MET: &str = "not met";
/// I22: from kill to ready. Only an optimised build is measured; what a debug build beside other work
/// needs says nothing.
const READY_WITHIN: Duration =
    if cfg!(debug_assertions) { PATIENCE } else { Duration::from_secs(5) };

/// One fault.
#[derive(Clone, Copy, Debug)]
pub enum Fault {
    /// A program dies at once and starts again.
    Kill(&'static str),
    /// Two programs die together and start again.
    KillTwo(&'static str, &'static str),
    /// A program stands still for so many milliseconds.
    Freeze(&'static str, u64),
    /// Something is wrong with what a mover brought into a receiving folder.
    Spoiled(Place, Spoiled),
    /// A mover copies the files of a lane while its carrier stands still: in any
    /// order, some twice, some torn, some not at all.
    Copied(Place, u64),
    /// A system call of a program on its files fails.
    Disk(Blow),
    /// A folder that is a disk of its own is full for so many milliseconds.
    Full(&'static str, u64),
    /// A host's spool is an empty mount for a while.
    LostMount(&'static str),
    /// A second instance of a program is started beside the first.
    Twice(&'static str),
    /// A zone gets an older copy of its database back.
    Restored(Zone),
    /// A sender forgets every receipt it got.
    LostReceipts(Zone),
    /// A program comes up with a clock that is so many seconds wrong.
    Clock(&'static str, i64),
    /// The clock of a running program is suddenly so many seconds wrong, and as suddenly right
    /// again when everything has crossed.
    Jump(&'static str, i64),
    /// Somebody dials, and answers, with the transport key of S and no other key.
    StolenKey(u64),
    /// Nothing; every file that becomes visible is watched (I6).
    Watched(&'static str),
    /// A bundle is lost between S and L until operators are told (I21).
    Lost,
    /// A part stops until operators are told (I21).
    Stopped(&'static str),
    /// Nothing, while the calls of programs are counted.
    Undisturbed,
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kill(name) => write!(out, "kill {name}"),
            Self::KillTwo(one, other) => write!(out, "kill {one} and {other}"),
            Self::Freeze(name, time) => write!(out, "freeze {name} for {time} ms"),
            Self::Spoiled(place, what) => write!(out, "{what} in {place}"),
            Self::Copied(place, seed) => write!(out, "copied in disorder into {place} ({seed})"),
            Self::Disk(blow) => blow.fmt(out),
            Self::Full(place, time) => write!(out, "full disk of {place} for {time} ms"),
            Self::LostMount(host) => write!(out, "empty mount at {host}"),
            Self::Twice(name) => write!(out, "a second {name}"),
            Self::Restored(zone) => write!(out, "an older database of {zone}"),
            Self::LostReceipts(zone) => write!(out, "receipts lost at {zone}"),
            Self::Clock(name, seconds) => write!(out, "clock of {name} wrong by {seconds} s"),
            Self::Jump(name, seconds) => {
                write!(out, "clock of {name} jumps by {seconds} s while it runs")
            }
            Self::StolenKey(seed) => write!(out, "stolen transport key ({seed})"),
            Self::Watched(name) => write!(out, "order of writes of {name}"),
            Self::Lost => out.write_str("a bundle lost in s/in"),
            Self::Stopped(name) => write!(out, "{name} stopped"),
            Self::Undisturbed => out.write_str("undisturbed"),
        }
    }
}

impl Fault {
    /// The fault of a trial: two of a hundred wait until operators are told, two are the mounts of A
    /// and B, the others are the next of a sequence that this machine allows.
    pub fn of(trial: usize, dice: &mut Dice, means: &Means) -> Self {
        match trial % 100 {
            20 => Self::Lost,
            45 => Self::Stopped(alarms::any_part(dice)),
            // What is drawn is let go, so that the trials behind stay what they were under every seed.
            33 => Self::lost_mount("a", Self::next(dice, means), means),
            36 => Self::lost_mount("b", Self::next(dice, means), means),
            _ => Self::next(dice, means),
        }
    }

    fn lost_mount(host: &'static str, otherwise: Self, means: &Means) -> Self {
        if means.mounts() { Self::LostMount(host) } else { otherwise }
    }

    fn next(dice: &mut Dice, means: &Means) -> Self {
        loop {
            let fault = Self::any(dice);
            let possible = match fault {
                Self::Disk(_) | Self::Watched(_) => means.strace,
                Self::Full(..) | Self::LostMount(_) => means.mounts(),
                Self::Clock(..) | Self::Jump(..) => means.faketime.is_some(),
                Self::Kill(_)
                | Self::KillTwo(..)
                | Self::Freeze(..)
                | Self::Spoiled(..)
                | Self::Copied(..)
                | Self::Twice(_)
                | Self::Restored(_)
                | Self::LostReceipts(_)
                | Self::StolenKey(_)
                | Self::Lost
                | Self::Stopped(_)
                | Self::Undisturbed => true,
            };
            if possible {
                return fault;
            }
        }
    }

    fn any(dice: &mut Dice) -> Self {
        match dice.below(32) {
            0..=3 => Self::Kill(dice.one_of(&PROGRAMS)),
            4 | 5 => Self::KillTwo(dice.one_of(&CROSSING[..3]), dice.one_of(&CROSSING[3..])),
            6 | 7 => Self::Freeze(dice.one_of(&PROGRAMS), dice.below(400)),
            8..=14 => Self::Spoiled(Place::any(dice), Spoiled::any(dice)),
            15 | 16 => Self::Copied(Place::carried(dice), dice.roll()),
            17..=22 => Self::Disk(Blow::any(dice)),
            23 | 24 => Self::Full(dice.one_of(&means::MOUNTS), 200 + dice.below(1_500)),
            25 => Self::LostMount(dice.one_of(&["i", "s", "l"])),
            26 => Self::Twice(dice.one_of(&PROGRAMS)),
            27 => Self::Restored(Zone::any(dice)),
            28 => Self::LostReceipts(Zone::any(dice)),
            29 => clock::any(dice),
            30 => Self::StolenKey(dice.roll()),
            _ => Self::Watched(dice.one_of(&CROSSING)),
        }
    }

    /// Its kind, for a count at the end of a run.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Kill(_) | Self::KillTwo(..) => "death",
            Self::Freeze(..) => "stand-still",
            Self::Spoiled(..) => "spoiled folder",
            Self::Copied(..) => "disorderly mover",
            Self::Disk(_) => "failing disk",
            Self::Full(..) => "full disk",
            Self::LostMount(_) => "empty mount",
            Self::Twice(_) => "second instance",
            Self::Restored(_) => "older database",
            Self::LostReceipts(_) => "lost receipts",
            Self::Clock(..) => "wrong clock",
            Self::Jump(..) => "jumping clock",
            Self::StolenKey(_) => "stolen key",
            Self::Watched(_) => "order of writes",
            Self::Lost => "lost bundle",
            Self::Stopped(_) => "stopped part",
            Self::Undisturbed => "undisturbed",
        }
    }

    /// Whether a program may end because of it, some time later, and be started again.
    #[must_use]
    pub const fn may_end_programs(self) -> bool {
        matches!(self, Self::Disk(_) | Self::Full(..))
    }

    /// How long people wait with their forms filled in, so that it is there when they press.
    #[must_use]
    pub const fn head_start(self) -> Duration {
        match self {
            Self::Disk(blow) => blow.head_start(),
            _ => Duration::ZERO,
        }
    }

    /// Whether somebody may be told that a page could not be read.
    #[must_use]
    pub fn breaks_reads(self) -> bool {
        matches!(self, Self::Disk(blow) if blow.breaks_reads())
    }

    /// What is done before people fill in their forms.
    ///
    /// # Errors
    /// When a program does not start again, or a folder cannot be written.
    pub fn before(self, scene: &mut Scene) -> io::Result<()> {
        match self {
            Self::Restored(zone) => restored::keep_a_copy(&mut scene.place.town, zone),
            Self::Clock(name, seconds) => clock::set(scene, name, seconds),
            Self::Jump(name, seconds) => clock::prepare(scene, name, seconds),
            // A minute is measured: nothing else is wrong meanwhile.
            Self::Lost | Self::Stopped(_) => clock::right(&mut scene.place.town),
            _ => Ok(()),
        }
    }

    /// What is done while people press. Says in a word what came of it, when that is
    /// worth telling.
    ///
    /// # Errors
    /// When a program does not start again, a folder cannot be written, or something
    /// happened that must not.
    pub fn strike(self, scene: &mut Scene) -> io::Result<&'static str> {
        let town = &mut scene.place.town;
        match self {
            Self::Kill(name) => {
                let since = Instant::now();
                town.kill_and_restart(name)?;
                if since.elapsed() > READY_WITHIN {
                    return Err(io::Error::other(format!("I22: {:?} to ready", since.elapsed())));
                }
            }
            Self::KillTwo(one, other) => {
                let (one, other) = (town.kill(one)?, town.kill(other)?);
                town.revive(&one)?;
                town.revive(&other)?;
            }
            Self::Freeze(name, time) => {
                let frozen = Frozen::new(town, name)?;
                sleep(Duration::from_millis(time));
                drop(frozen);
            }
            Self::Spoiled(place, what) => what.strike(town, place)?,
            Self::Copied(place, seed) => copies::strike(town, place, seed)?,
            Self::Disk(blow) => return blow.strike(town),
            Self::Full(place, time) => return full::strike(town, place, time),
            Self::LostMount(host) => return full::lose(town, host),
            Self::Twice(name) => return twice::strike(town, name),
            Self::LostReceipts(zone) => restored::forget_receipts(town, zone)?,
            Self::StolenKey(seed) => stolen::strike(town, seed)?,
            Self::Jump(name, seconds) => clock::jump(town, name, seconds)?,
            Self::Watched(name) => return order::watch(town, name),
            Self::Lost => return alarms::lose(town),
            Self::Undisturbed => disk::traffic(town)?,
            Self::Restored(_) | Self::Clock(..) | Self::Stopped(_) => {}
        }
        Ok("")
    }

    /// What is done when everything has crossed.
    ///
    /// # Errors
    /// When something happened that must not.
    pub async fn after(self, scene: &mut Scene) -> io::Result<&'static str> {
        match self {
            Self::Restored(zone) => restored::bring_back(scene, zone).await,
            Self::Jump(name, _) => {
                clock::jump(&scene.place.town, name, 0)?;
                Ok("there and back")
            }
            // Nobody presses any more: a citizens' zone that is away refuses nobody.
            Self::Stopped(name) => {
                tokio::task::block_in_place(|| alarms::stop(&mut scene.place.town, name))
            }
            _ => Ok(""),
        }
    }
}

/// A program that stands still as long as this lives.
struct Frozen(Pid);

impl Frozen {
    fn new(town: &Town, name: &str) -> io::Result<Self> {
        let id = town.id_of(name).and_then(|id| Pid::from_raw(id.cast_signed()));
        let id = id.ok_or_else(|| io::Error::other(format!("no program {name}")))?;
        kill_process(id, Signal::STOP)?;
        Ok(Self(id))
    }
}

impl Drop for Frozen {
    fn drop(&mut self) {
        // It may have been killed meanwhile; then there is nothing to wake.
        let _ = kill_process(self.0, Signal::CONT);
    }
}
