//! Receiving folders as a mover sees them, and what a careless one does there.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use bridge_contract::bundle::bundle_name;
use town::Town;

use crate::dice::Dice;

/// A receiving folder: host and lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub(super) host: &'static str,
    pub(super) lane: &'static str,
    /// The host it comes from.
    pub(super) from: &'static str,
    /// The program that fetches it, when it is fetched.
    pub(super) fetcher: &'static str,
}

const fn place(
    host: &'static str,
    lane: &'static str,
    from: &'static str,
    fetcher: &'static str,
) -> Place {
    Place { host, lane, from, fetcher }
}

const PLACES: [Place; 6] = [
    place("s", "raw", "i", "relay"),
    place("l", "in", "s", "inner"),
    place("s", "pub.ctl", "l", "inner"),
    place("i", "pub.ctl", "s", ""),
    place("i", "pub.doc", "s", ""),
    place("b", "exp", "a", "export"),
];

impl Place {
    pub(super) fn any(dice: &mut Dice) -> Self {
        dice.one_of(&PLACES)
    }

    /// A place whose sender's own files can be carried there.
    pub(super) fn carried(dice: &mut Dice) -> Self {
        dice.one_of(&PLACES[..3])
    }
}

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}", self.host, self.lane)
    }
}

/// What is wrong there.
#[derive(Clone, Copy, Debug)]
pub enum Spoiled {
    /// So many bytes that nobody signed wait under the next number.
    Garbage(u64),
    /// The last bundle comes again under the next number, cut to so many percent.
    Torn(u64),
    /// The last bundle comes again under the next number, whole.
    Renumbered,
    /// The last bundle comes again.
    Again,
    /// One bit of the last bundle is changed, under its own number.
    Bent(u64),
    /// Everything that was fetched and not yet taken in is gone.
    Emptied,
    /// The note of how far the lane was taken in is gone.
    Forgotten,
}

impl fmt::Display for Spoiled {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Garbage(size) => write!(out, "{size} foreign bytes"),
            Self::Torn(part) => write!(out, "torn bundle ({part} %)"),
            Self::Renumbered => out.write_str("renumbered bundle"),
            Self::Again => out.write_str("the same bundle again"),
            Self::Bent(at) => write!(out, "bent bundle (byte {at})"),
            Self::Emptied => out.write_str("all gone"),
            Self::Forgotten => out.write_str("forgotten watermark"),
        }
    }
}

impl Spoiled {
    pub(super) fn any(dice: &mut Dice) -> Self {
        match dice.below(7) {
            0 => Self::Garbage(dice.below(5_000)),
            1 => Self::Torn(dice.below(100)),
            2 => Self::Renumbered,
            3 => Self::Again,
            4 => Self::Bent(dice.roll()),
            5 => Self::Emptied,
            _ => Self::Forgotten,
        }
    }

    pub(super) fn strike(self, town: &Town, place: Place) -> io::Result<()> {
        let spool = Spool::of(town, place);
        let last = spool.last()?;
        match (self, last) {
            (Self::Garbage(size), _) => {
                spool.bring(1, &vec![0x5a; usize::try_from(size).unwrap_or(0)])
            }
            (Self::Emptied, _) => spool.empty(),
            (Self::Forgotten, _) => gone(fs::remove_file(spool.0.join("ingested"))),
            (Self::Torn(part), Some(last)) => {
                let part = usize::try_from(part).unwrap_or(0);
                spool.bring(1, &last[..last.len() * part / 100])
            }
            (Self::Renumbered, Some(last)) => spool.bring(1, &last),
            (Self::Again, Some(last)) => spool.bring(0, &last),
            (Self::Bent(at), Some(mut last)) => {
                let at = usize::try_from(at % last.len() as u64).unwrap_or(0);
                last[at] ^= 1;
                spool.bring(0, &last)
            }
            // Nothing was taken in yet that could be spoiled.
            (Self::Torn(_) | Self::Renumbered | Self::Again | Self::Bent(_), None) => Ok(()),
        }
    }
}

/// A receiving folder, as a mover sees it.
struct Spool(PathBuf);

impl Spool {
    fn of(town: &Town, place: Place) -> Self {
        Self(town.plan.root.join(place.host).join("spool").join(place.lane))
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
        lay_down(&self.0, &bundle_name(epoch, seq + ahead), bytes)
    }

    fn empty(&self) -> io::Result<()> {
        for folder in ["fetched", "part"] {
            for file in fs::read_dir(self.0.join(folder))? {
                gone(fs::remove_file(file?.path()))?;
            }
        }
        Ok(())
    }
}

/// Lays a file down among the fetched ones, whatever is there.
pub(super) fn lay_down(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let draft = folder.join("part/foreign");
    // A role that starts wipes drafts, also this one.
    gone(
        fs::write(&draft, bytes)
            .and_then(|()| fs::rename(&draft, folder.join("fetched").join(name))),
    )
}

/// It may have been taken in meanwhile.
pub(super) fn gone(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

fn find(folder: &Path, name: &str) -> Option<PathBuf> {
    let shelves = fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path().join(name));
    shelves.into_iter().find(|path| path.exists())
}
