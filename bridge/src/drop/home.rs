//! Whether the folder of B is the one it was. An empty mount looks like a folder from which everything was
//! taken, and what is laid down there is seen by nobody.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use platform_service::clock::Clock;
use platform_service::ids;

use crate::disk::mark;

/// Names the folder, in it and among the notes.
const FOLDER: &str = ".folder";

/// The folder of B by its name of its own.
pub(super) struct Home {
    here: PathBuf,
    known: PathBuf,
    clock: Clock,
    /// It gets one name, whoever looks first.
    naming: Mutex<()>,
}

impl Home {
    /// `reported` has the notes, on the disk of the spool.
    pub(super) fn new(folder: &Path, reported: &Path, clock: Clock) -> Self {
        let (here, known) = (folder.join(FOLDER), reported.join(FOLDER));
        Self { here, known, clock, naming: Mutex::default() }
    }

    /// Whether the folder is the one in which the notes were made. Where there is no note, one is made, of
    /// the name that the folder has: it is the spool that may be an empty mount.
    pub(super) fn is_there(&self) -> io::Result<bool> {
        let _one = self.naming.lock().unwrap_or_else(PoisonError::into_inner);
        let id = self.noted()?;
        // A note that a power cut left empty names no folder either.
        if id.is_empty() {
            mark(&self.known, self.name()?)?;
            return Ok(true);
        }
        Ok(self.has(&id))
    }

    /// Whether it is known to be another folder. Where there is no note none is made: before the first
    /// generation comes, the mount may still be on its way.
    pub(super) fn is_away(&self) -> io::Result<bool> {
        let _one = self.naming.lock().unwrap_or_else(PoisonError::into_inner);
        let id = self.noted()?;
        Ok(!id.is_empty() && !self.has(&id))
    }

    /// The name among the notes; empty where there is none.
    fn noted(&self) -> io::Result<Vec<u8>> {
        match fs::read(&self.known) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            known => known,
        }
    }

    fn has(&self, id: &[u8]) -> bool {
        fs::read(&self.here).is_ok_and(|here| here == id)
    }

    /// The name that the folder has; a new one gets one.
    fn name(&self) -> io::Result<Vec<u8>> {
        let name = match fs::read(&self.here) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            name => name?,
        };
        if !name.is_empty() {
            return Ok(name);
        }
        let name = ids::new(&self.clock).into_bytes();
        mark(&self.here, &name)?;
        Ok(name)
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    /// IK-3.5.7b: another folder under the same name is told from the one it was, and the same again; notes
    /// that went away do not give the folder another name.
    #[test]
    fn an_empty_mount_is_not_the_folder_it_was() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = |name: &str| dir.path().join(name);
        fs::create_dir(path("drop")).expect("made");
        let clock = Clock::fixed(Timestamp::UNIX_EPOCH);
        let home = Home::new(&path("drop"), &path("reported"), clock);
        let (is_there, is_away) =
            (|| home.is_there().expect("readable"), || home.is_away().expect("readable"));
        assert!(!is_away() && !path("drop/.folder").exists(), "nothing came yet, nothing is named");
        assert!(is_there() && is_there() && !is_away());
        fs::rename(path("drop"), path("away")).expect("unmounted");
        fs::create_dir(path("drop")).expect("made");
        assert!(!is_there() && is_away());
        fs::remove_dir(path("drop")).expect("ours");
        fs::rename(path("away"), path("drop")).expect("mounted");
        assert!(is_there() && !is_away());
        fs::rename(path("reported"), path("away")).expect("the spool is unmounted");
        assert!(is_there());
        fs::remove_dir_all(path("reported")).expect("ours");
        fs::rename(path("away"), path("reported")).expect("mounted");
        assert!(is_there());
    }
}
