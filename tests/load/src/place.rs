//! A town of its own for a measurement, in a folder that goes with it.

use std::io;
use std::path::Path;

use tempfile::TempDir;
use town::{Database, Plan, Ports, Town};

/// A running town.
#[derive(Debug)]
pub struct Place {
    /// The programs.
    pub town: Town,
    folder: TempDir,
}

impl Place {
    /// Opens a town with the programs beside this one (or this test).
    ///
    /// # Errors
    /// With the words of the program that did not start.
    pub fn open(database: Database) -> io::Result<Self> {
        Self::prepared(database, |_| Ok(()))
    }

    /// The same in a folder that somebody prepares before the town moves in.
    ///
    /// # Errors
    /// As [`Place::open`], and what `prepare` says.
    pub fn prepared(
        database: Database,
        prepare: impl FnOnce(&Path) -> io::Result<()>,
    ) -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("load-").tempdir()?;
        // A database server that runs as another user must reach it.
        let everybody = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(folder.path(), everybody)?;
        let own = std::env::current_exe()?;
        // A test lies one folder deeper than the programs.
        let programs = own.ancestors().skip(1).find(|folder| !folder.ends_with("deps"));
        let programs = programs.ok_or_else(|| io::Error::other("no folder of programs"))?;
        let house = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2);
        let house = house.ok_or_else(|| io::Error::other("the load lies in the repository"))?;
        let plan = Plan {
            root: folder.path().join("town"),
            programs: programs.to_owned(),
            house: house.to_owned(),
            ports: Ports::free()?,
            database,
            look_ahead: true,
        };
        prepare(&plan.root)?;
        Ok(Self { town: Town::start(plan)?, folder })
    }

    /// Closes the town politely.
    ///
    /// # Errors
    /// When a program does not stop well.
    pub fn close(self) -> io::Result<()> {
        self.close_after(())
    }

    /// The same when something stands in the folder, such as a mounted file system: it goes when
    /// the programs have ended and before the folder does.
    ///
    /// # Errors
    /// As [`Place::close`].
    pub fn close_after<T>(self, standing: T) -> io::Result<()> {
        let stopped = self.town.stop();
        drop(standing);
        stopped?;
        self.folder.close()
    }

    /// Name and password of an account of the sample city.
    ///
    /// # Errors
    /// When there is no such account.
    pub fn password(&self, login_id: &str) -> io::Result<String> {
        let facts = self.town.facts()?;
        let accounts = facts["accounts"].as_array();
        accounts
            .into_iter()
            .flatten()
            .find(|one| one["login_id"] == login_id)
            .and_then(|one| one["password"].as_str())
            .map(str::to_owned)
            .ok_or_else(|| io::Error::other(format!("no account {login_id}")))
    }
}
