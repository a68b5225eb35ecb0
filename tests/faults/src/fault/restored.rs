//! A zone that gets an older database back, or loses the receipts it had (I14).

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use town::Town;

use crate::dice::Dice;
use crate::proof;
use crate::runner::Scene;

/// Time in which a zone says that its lane is halted.
const LOUD: Duration = Duration::from_secs(15);

/// A zone with a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Zone {
    /// The citizens' side.
    Internet,
    /// The staff's side.
    Lgwan,
}

impl fmt::Display for Zone {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.program())
    }
}

impl Zone {
    pub(super) fn any(dice: &mut Dice) -> Self {
        dice.one_of(&[Self::Internet, Self::Lgwan])
    }

    const fn program(self) -> &'static str {
        match self {
            Self::Internet => "internet-zone",
            Self::Lgwan => "lgwan-zone",
        }
    }

    fn url(self, town: &Town) -> &str {
        match self {
            Self::Internet => &town.databases()[0],
            Self::Lgwan => &town.databases()[1],
        }
    }

    fn file(self, town: &Town) -> PathBuf {
        PathBuf::from(self.url(town).trim_start_matches("sqlite:"))
    }
}

/// Copies the database of a zone that stands still.
pub(super) fn keep_a_copy(town: &mut Town, zone: Zone) -> io::Result<()> {
    let program = town.kill(zone.program())?;
    copy(&zone.file(town), &town.plan.root.join("older.db"))?;
    town.revive(&program)
}

/// Brings the copy back: what the zone sends must halt loudly, because its folder is
/// ahead, and what it receives must come in again, once. Then the newest database
/// comes back, and everything goes on.
pub(super) async fn bring_back(scene: &mut Scene, zone: Zone) -> io::Result<&'static str> {
    let town = &mut scene.place.town;
    let (file, root) = (zone.file(town), town.plan.root.clone());
    let program = town.kill(zone.program())?;
    copy(&file, &root.join("newest.db"))?;
    copy(&root.join("older.db"), &file)?;
    town.revive(&program)?;
    let until = Instant::now() + LOUD;
    loop {
        let says = town.program(zone.program()).map_or(String::new(), |one| one.says());
        if says.contains("stopped: lane") {
            break;
        }
        if Instant::now() > until {
            return Err(io::Error::other(format!("I14: {zone} says only {says:?}")));
        }
        sleep(Duration::from_millis(20));
    }
    if zone == Zone::Lgwan {
        scene.ledger.compare(&scene.place).await?;
    }
    let town = &mut scene.place.town;
    let program = town.kill(zone.program())?;
    copy(&root.join("newest.db"), &file)?;
    town.revive(&program)?;
    Ok("halted loudly")
}

/// The zone stands still while every receipt it got is lost.
pub(super) fn forget_receipts(town: &mut Town, zone: Zone) -> io::Result<()> {
    let program = town.kill(zone.program())?;
    proof::forget_receipts(zone.url(town))?;
    town.revive(&program)
}

/// A database file and its log, or their absence.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    for end in ["", "-wal", "-shm"] {
        let [from, to] = [from, to].map(|path| PathBuf::from(format!("{}{end}", path.display())));
        let _ = fs::remove_file(&to);
        if from.exists() {
            fs::copy(from, to)?;
        }
    }
    Ok(())
}
