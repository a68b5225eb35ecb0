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
const LOUD: Duration = platform_testkit::PATIENCE;

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

    fn data(self, town: &Town) -> Data {
        let url = self.url(town);
        let server = url.strip_prefix("postgres:///").and_then(|rest| rest.split_once('?'));
        match server {
            Some((name, place)) => Data::Server {
                admin: format!("postgres:///postgres?{place}"),
                name: name.to_owned(),
            },
            None => Data::File {
                file: PathBuf::from(url.trim_start_matches("sqlite:")),
                root: town.plan.root.clone(),
            },
        }
    }
}

/// A zone's database, which nobody uses at the moment.
enum Data {
    /// A file; copies lie below `root`.
    File { file: PathBuf, root: PathBuf },
    /// One of a server; copies are databases beside it.
    Server { admin: String, name: String },
}

impl Data {
    /// Keeps it as it is now, for later.
    fn keep_older(&self) -> io::Result<()> {
        match self {
            Self::File { file, root } => copy(file, &root.join("older.db")),
            Self::Server { admin, name } => {
                proof::run(admin, &format!("drop database if exists older_{name}"))?;
                leave(admin, name)?;
                proof::run(admin, &format!("create database older_{name} template {name}"))
            }
        }
    }

    /// Puts what was kept in its place, and this one aside.
    fn set_back(&self) -> io::Result<()> {
        match self {
            Self::File { file, root } => {
                copy(file, &root.join("newest.db"))?;
                copy(&root.join("older.db"), file)
            }
            Self::Server { admin, name } => {
                leave(admin, name)?;
                proof::run(admin, &format!("alter database {name} rename to newest_{name}"))?;
                proof::run(admin, &format!("alter database older_{name} rename to {name}"))
            }
        }
    }

    /// Takes what was put aside again.
    fn set_forward(&self) -> io::Result<()> {
        match self {
            Self::File { file, root } => copy(&root.join("newest.db"), file),
            Self::Server { admin, name } => {
                proof::run(admin, &format!("drop database {name} with (force)"))?;
                proof::run(admin, &format!("alter database newest_{name} rename to {name}"))
            }
        }
    }
}

/// Ends what a killed program's connections still do; the server waits for them to go.
fn leave(admin: &str, name: &str) -> io::Result<()> {
    let ended = "select pg_terminate_backend(pid) from pg_stat_activity where datname =";
    proof::run(admin, &format!("{ended} '{name}'"))
}

/// Copies the database of a zone that stands still.
pub(super) fn keep_a_copy(town: &mut Town, zone: Zone) -> io::Result<()> {
    let program = town.kill(zone.program())?;
    zone.data(town).keep_older()?;
    town.revive(&program)
}

/// Brings the copy back: what the zone sends must halt loudly, because its folder is
/// ahead, and what it receives must come in again, once. Then the newest database
/// comes back, and everything goes on.
pub(super) async fn bring_back(scene: &mut Scene, zone: Zone) -> io::Result<&'static str> {
    let town = &mut scene.place.town;
    let data = zone.data(town);
    let program = town.kill(zone.program())?;
    data.set_back()?;
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
    data.set_forward()?;
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
