//! What can happen to a program or to a folder that a mover fills.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use bridge_contract::bundle::bundle_name;
use rustix::process::{Pid, Signal, kill_process};
use town::Town;

use crate::dice::Dice;

/// Programs between a citizen and the desk.
const PROGRAMS: [&str; 5] = ["internet-zone", "outer", "relay", "inner", "lgwan-zone"];

/// Receiving folders: host and lane.
const PLACES: [(&str, &str); 5] =
    [("s", "raw"), ("l", "in"), ("s", "pub.ctl"), ("i", "pub.ctl"), ("i", "pub.doc")];

/// One fault.
#[derive(Clone, Copy, Debug)]
pub enum Fault {
    /// A program dies at once and starts again.
    Kill(&'static str),
    /// Two programs die together and start again.
    KillTwo(&'static str, &'static str),
    /// A program stands still for so many milliseconds.
    Freeze(&'static str, u64),
    /// Bytes that nobody signed wait under the next number.
    Garbage((&'static str, &'static str), u64),
    /// The last bundle comes again under the next number, cut short.
    Torn((&'static str, &'static str), u64),
    /// The last bundle comes again under the next number, whole.
    Renumbered((&'static str, &'static str)),
    /// The last bundle comes again.
    Again((&'static str, &'static str)),
    /// One bit of the last bundle is changed, under its own number.
    Bent((&'static str, &'static str), u64),
    /// Everything that was fetched and not yet taken in is gone.
    Emptied((&'static str, &'static str)),
    /// The note of how far the lane was taken in is gone.
    Forgotten((&'static str, &'static str)),
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kill(name) => write!(out, "kill {name}"),
            Self::KillTwo(one, other) => write!(out, "kill {one} and {other}"),
            Self::Freeze(name, time) => write!(out, "freeze {name} for {time} ms"),
            Self::Garbage((host, lane), size) => {
                write!(out, "{size} foreign bytes in {host}/{lane}")
            }
            Self::Torn((host, lane), part) => {
                write!(out, "torn bundle in {host}/{lane} ({part} %)")
            }
            Self::Renumbered((host, lane)) => write!(out, "renumbered bundle in {host}/{lane}"),
            Self::Again((host, lane)) => write!(out, "the same bundle again in {host}/{lane}"),
            Self::Bent((host, lane), at) => write!(out, "bent bundle in {host}/{lane} (byte {at})"),
            Self::Emptied((host, lane)) => write!(out, "emptied {host}/{lane}"),
            Self::Forgotten((host, lane)) => write!(out, "forgotten watermark of {host}/{lane}"),
        }
    }
}

impl Fault {
    /// The next fault of a sequence.
    pub fn next(dice: &mut Dice) -> Self {
        match dice.below(10) {
            0 | 1 => Self::Kill(dice.one_of(&PROGRAMS)),
            2 => Self::KillTwo(dice.one_of(&PROGRAMS[..3]), dice.one_of(&PROGRAMS[3..])),
            3 => Self::Freeze(dice.one_of(&PROGRAMS), dice.below(400)),
            4 => Self::Garbage(dice.one_of(&PLACES), dice.below(5_000)),
            5 => Self::Torn(dice.one_of(&PLACES), dice.below(100)),
            6 => Self::Renumbered(dice.one_of(&PLACES)),
            7 if dice.below(2) == 0 => Self::Again(dice.one_of(&PLACES)),
            7 => Self::Bent(dice.one_of(&PLACES), dice.roll()),
            8 => Self::Emptied(dice.one_of(&PLACES)),
            _ => Self::Forgotten(dice.one_of(&PLACES)),
        }
    }

    /// Does it.
    ///
    /// # Errors
    /// When a program does not start again, or a folder cannot be written.
    pub fn strike(self, town: &mut Town) -> io::Result<()> {
        match self {
            Self::Kill(name) => town.kill_and_restart(name),
            Self::KillTwo(one, other) => {
                let (one, other) = (town.kill(one)?, town.kill(other)?);
                town.revive(&one)?;
                town.revive(&other)
            }
            Self::Freeze(name, time) => {
                let id = town.id_of(name).and_then(|id| Pid::from_raw(id.cast_signed()));
                let id = id.ok_or_else(|| io::Error::other(format!("no program {name}")))?;
                kill_process(id, Signal::STOP)?;
                sleep(Duration::from_millis(time));
                Ok(kill_process(id, Signal::CONT)?)
            }
            Self::Garbage(place, size) => {
                let size = usize::try_from(size).unwrap_or(0);
                Spool::of(town, place).bring(1, &vec![0x5a; size])
            }
            Self::Torn(place, part) => {
                let spool = Spool::of(town, place);
                let Some(last) = spool.last()? else { return Ok(()) };
                let part = usize::try_from(part).unwrap_or(0);
                spool.bring(1, &last[..last.len() * part / 100])
            }
            Self::Renumbered(place) => {
                let spool = Spool::of(town, place);
                spool.last()?.map_or(Ok(()), |last| spool.bring(1, &last))
            }
            Self::Again(place) => {
                let spool = Spool::of(town, place);
                spool.last()?.map_or(Ok(()), |last| spool.bring(0, &last))
            }
            Self::Bent(place, at) => {
                let spool = Spool::of(town, place);
                let Some(mut last) = spool.last()? else { return Ok(()) };
                let at = usize::try_from(at % last.len() as u64).unwrap_or(0);
                last[at] ^= 1;
                spool.bring(0, &last)
            }
            Self::Emptied(place) => Spool::of(town, place).empty(),
            Self::Forgotten(place) => Spool::of(town, place).forget(),
        }
    }
}

/// A receiving folder, as a mover sees it.
struct Spool(PathBuf);

impl Spool {
    fn of(town: &Town, (host, lane): (&str, &str)) -> Self {
        Self(town.plan.root.join(host).join("spool").join(lane))
    }

    /// How far it was taken in: epoch and number, when anything was.
    fn at(&self) -> Option<(u32, u64)> {
        let text = fs::read_to_string(self.0.join("ingested")).ok()?;
        let mut words = text.split_whitespace();
        Some((words.next()?.parse().ok()?, words.next()?.parse().ok()?))
    }

    /// The bundle that was taken in last.
    fn last(&self) -> io::Result<Option<Vec<u8>>> {
        let Some((epoch, seq)) = self.at() else { return Ok(None) };
        find(&self.0.join("done"), &bundle_name(epoch, seq)).map(fs::read).transpose()
    }

    /// Lays a file down under the number `ahead` of the last, as a mover does.
    fn bring(&self, ahead: u64, bytes: &[u8]) -> io::Result<()> {
        let (epoch, seq) = self.at().unwrap_or((1, 0));
        let (part, fetched) = (self.0.join("part/foreign"), self.0.join("fetched"));
        fs::write(&part, bytes)?;
        fs::rename(part, fetched.join(bundle_name(epoch, seq + ahead)))
    }

    fn empty(&self) -> io::Result<()> {
        for folder in ["fetched", "part"] {
            for file in fs::read_dir(self.0.join(folder))? {
                gone(fs::remove_file(file?.path()))?;
            }
        }
        Ok(())
    }

    fn forget(&self) -> io::Result<()> {
        gone(fs::remove_file(self.0.join("ingested")))
    }
}

/// It may have been taken in meanwhile.
fn gone(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

fn find(folder: &Path, name: &str) -> Option<PathBuf> {
    let shelves = fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path().join(name));
    shelves.into_iter().find(|path| path.exists())
}
