//! Moving a complete generation into its place on the folder of server A, which may be a Windows
//! share: a name may be held for a moment by a virus scanner, and a folder may not move at all.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::time::Duration;

use super::out::read_entry;

/// What a folder can do to a name.
pub(super) trait Names {
    /// Moves a file or a folder.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Waits before another try.
    fn wait(&self);
}

/// The folder as it is.
pub(super) struct Disk;

impl Names for Disk {
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn wait(&self) {
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Tries while somebody else holds a name.
const TRIES: u32 = 10;

/// Moves a file, however often somebody else holds it for a moment.
pub(super) fn rename(names: &impl Names, from: &Path, to: &Path) -> io::Result<()> {
    let mut tries = 1;
    loop {
        match names.rename(from, to) {
            Err(error) if tries < TRIES && is_held(&error) => {
                tries += 1;
                names.wait();
            }
            done => return done,
        }
    }
}

/// Moves a folder, or copies it where folders do not move: file by file, each compared with what
/// was written. Nobody takes it for complete before its control file is there.
pub(super) fn into_place(names: &impl Names, draft: &Path, target: &Path) -> io::Result<()> {
    let Err(error) = rename(names, draft, target) else { return Ok(()) };
    tracing::warn!(%error, "the folder of server A does not move folders; the files are copied");
    copy(draft, target)?;
    fs::remove_dir_all(draft)
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let name = entry.file_name();
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &to.join(&name))?;
            continue;
        }
        fs::copy(entry.path(), to.join(&name))?;
        File::open(to.join(&name))?.sync_all()?;
        let name = name.into_string().map_err(|_| io::ErrorKind::InvalidData)?;
        if read_entry(from, name.clone())? != read_entry(to, name)? {
            return Err(io::Error::other("a copy differs from what was written"));
        }
    }
    sync(to)
}

/// Makes the names in a folder durable; a share that cannot be asked keeps them by itself.
pub(super) fn sync(folder: &Path) -> io::Result<()> {
    match File::open(folder)?.sync_all() {
        Err(error)
            if matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) =>
        {
            Ok(())
        }
        done => done,
    }
}

fn is_held(error: &io::Error) -> bool {
    use io::ErrorKind::{ExecutableFileBusy, PermissionDenied, ResourceBusy, WouldBlock};
    matches!(error.kind(), ExecutableFileBusy | PermissionDenied | ResourceBusy | WouldBlock)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// A share that holds names for a while, or never moves a folder.
    struct Share {
        held: Cell<u32>,
        moves_folders: bool,
    }

    impl Names for Share {
        fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
            if self.held.get() > 0 {
                self.held.set(self.held.get() - 1);
                return Err(io::ErrorKind::ResourceBusy.into());
            }
            if from.is_dir() && !self.moves_folders {
                return Err(io::ErrorKind::CrossesDevices.into());
            }
            fs::rename(from, to)
        }

        fn wait(&self) {}
    }

    /// IK-3.5.7b: a generation comes whole into its place on a share that misbehaves.
    #[test]
    fn a_share_that_misbehaves_gets_the_whole_generation() {
        for (held, moves_folders) in [(0, true), (9, true), (3, false), (40, false)] {
            let folder = tempfile::tempdir().expect("a folder");
            let (draft, target) = (folder.path().join(".1.part"), folder.path().join("1"));
            fs::create_dir_all(draft.join("2026-000001-2")).expect("made");
            fs::write(draft.join("data.csv"), b"data").expect("written");
            fs::write(draft.join("2026-000001-2/01_a.pdf"), b"file").expect("written");
            let share = Share { held: Cell::new(held), moves_folders };
            into_place(&share, &draft, &target).expect("in its place");
            let read = |path: &str| fs::read(target.join(path)).expect("there");
            assert_eq!(
                (read("data.csv"), read("2026-000001-2/01_a.pdf")),
                (b"data".to_vec(), b"file".to_vec())
            );
            assert!(!draft.exists(), "{held} {moves_folders}");
        }
    }

    /// IK-3.5.7b: what stays held is told, and left for the next look.
    #[test]
    fn a_name_that_stays_held_is_told() {
        let folder = tempfile::tempdir().expect("a folder");
        let (from, to) = (folder.path().join("a"), folder.path().join("b"));
        fs::write(&from, b"1").expect("written");
        let share = Share { held: Cell::new(99), moves_folders: true };
        assert!(rename(&share, &from, &to).is_err());
        assert_eq!(share.held.get(), 89);
        assert!(from.exists() && !to.exists());
    }
}
