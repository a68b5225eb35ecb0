//! One lane's folder: whose it is, and that only one process writes a part of it.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};

use bridge_contract::bundle::parse_bundle_name;
use bridge_contract::digest::hex;
use bridge_contract::place::{Environment, Lane, Tenant};
use platform_service::ids;

use crate::durable::{rename_new, sync_dir};

/// Why a spool folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SpoolError {
    /// The disk refused.
    #[error("{what} {}: {why}", path.display())]
    Io {
        /// What was tried.
        what: &'static str,
        /// On which file.
        path: PathBuf,
        /// The system's answer.
        why: io::Error,
    },
    /// The name is taken.
    #[error("{} exists already", .0.display())]
    Exists(PathBuf),
    /// Another process holds the lock.
    #[error("{} is in use by another process", .0.display())]
    InUse(PathBuf),
    /// The folder is not the one it was, or belongs to another lane: perhaps
    /// an empty mount. The lane must stop, or it would send all anew.
    #[error("{}: expected the spool of {expected:?}, found {found:?}", path.display())]
    WrongFolder {
        /// The identity file.
        path: PathBuf,
        /// Its expected text.
        expected: String,
        /// Its text, empty when it is missing.
        found: String,
    },
    /// A file of this name exists with other bytes. A number must never mean
    /// two bundles: the lane must stop.
    #[error("{} has other bytes than the bundle of that number", .0.display())]
    Conflict(PathBuf),
}

impl SpoolError {
    pub(crate) fn io(what: &'static str, path: &Path, why: io::Error) -> Self {
        Self::Io { what, path: path.to_owned(), why }
    }
}

/// Which spool a folder must be.
#[derive(Clone, Copy, Debug)]
pub struct Identity {
    /// The town.
    pub tenant: Tenant,
    /// The kind of installation.
    pub environment: Environment,
    /// The lane.
    pub lane: Lane,
}

impl Identity {
    fn text(&self, end: &str) -> String {
        format!("madoguchi spool 1\n{} {} {} {end}\n", self.tenant, self.environment, self.lane)
    }
}

/// A lane's folder with its identity checked.
#[derive(Debug)]
pub(crate) struct Folder {
    pub(crate) root: PathBuf,
    expected: String,
    _lock: Option<Lock>,
}

impl Folder {
    /// Opens `<spool>/<lane>` and makes it, with its parts, when it is not there.
    pub(crate) fn open(
        spool: &Path,
        identity: &Identity,
        (end, lock): (&str, Option<&str>),
        parts: &[&str],
    ) -> Result<Self, SpoolError> {
        let root = spool.join(identity.lane.word());
        fs::create_dir_all(&root).map_err(|why| SpoolError::io("create", &root, why))?;
        let lock = lock.map(|name| Lock::take(&root.join(name))).transpose()?;
        for part in parts {
            let path = root.join(part);
            fs::create_dir_all(&path).map_err(|why| SpoolError::io("create", &path, why))?;
        }
        let expected = identity.text(end);
        if !root.join("id").exists() && is_unused(&root)? {
            give_identity(&root, &expected)?;
            sync_dir(spool)?;
        }
        let folder = Self { root, expected, _lock: lock };
        folder.check()?;
        Ok(folder)
    }

    /// That the folder is still the one it was; before every cycle.
    pub(crate) fn check(&self) -> Result<(), SpoolError> {
        let path = self.root.join("id");
        let found = match fs::read_to_string(&path) {
            Ok(found) => found,
            // Nothing of ours. A disk that refuses says nothing of the folder.
            Err(why) if matches!(why.kind(), ErrorKind::NotFound | ErrorKind::InvalidData) => {
                String::new()
            }
            Err(why) => return Err(SpoolError::io("read", &path, why)),
        };
        if found == self.expected {
            return Ok(());
        }
        Err(SpoolError::WrongFolder { path, expected: self.expected.clone(), found })
    }

    pub(crate) fn part(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// Deletes what a crash left half written.
    pub(crate) fn wipe(&self, part: &str) -> Result<(), SpoolError> {
        let dir = self.part(part);
        let read = |why| SpoolError::io("read", &dir, why);
        for entry in fs::read_dir(&dir).map_err(read)? {
            let path = entry.map_err(read)?.path();
            fs::remove_file(&path).map_err(|why| SpoolError::io("remove", &path, why))?;
        }
        Ok(())
    }

    /// The shelves of a part.
    pub(crate) fn shelves(&self, part: &str) -> Result<Vec<PathBuf>, SpoolError> {
        let dir = self.part(part);
        let read = |why| SpoolError::io("read", &dir, why);
        let mut found = Vec::new();
        for entry in fs::read_dir(&dir).map_err(read)? {
            let path = entry.map_err(read)?.path();
            if path.is_dir() {
                found.push(path);
            }
        }
        Ok(found)
    }

    /// Epoch and number of every bundle in a part, in order.
    pub(crate) fn bundles(&self, part: &str) -> Result<Vec<(u32, u64)>, SpoolError> {
        bundles_in(&self.part(part))
    }
}

/// Epoch and number of every bundle in a folder, in order.
pub(crate) fn bundles_in(dir: &Path) -> Result<Vec<(u32, u64)>, SpoolError> {
    let read = |why| SpoolError::io("read", dir, why);
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).map_err(read)? {
        let name = entry.map_err(read)?.file_name();
        found.extend(name.to_str().and_then(parse_bundle_name));
    }
    found.sort_unstable();
    Ok(found)
}

/// Deletes the bundles in these folders that may go and were written before a
/// moment. A crash in between leaves files for the next time, nothing else.
pub(crate) fn forget(
    dirs: &[PathBuf],
    may_go: impl Fn((u32, u64)) -> bool,
    before: SystemTime,
) -> Result<usize, SpoolError> {
    let mut gone = 0;
    for dir in dirs {
        let read = |why| SpoolError::io("read", dir, why);
        for entry in fs::read_dir(dir).map_err(read)? {
            let path = entry.map_err(read)?.path();
            let name = path.file_name().and_then(|name| name.to_str());
            if !name.and_then(parse_bundle_name).is_some_and(&may_go) {
                continue;
            }
            let about = |why| SpoolError::io("look at", &path, why);
            let written = fs::metadata(&path).and_then(|it| it.modified()).map_err(about)?;
            if written < before {
                fs::remove_file(&path).map_err(|why| SpoolError::io("remove", &path, why))?;
                gone += 1;
            }
        }
    }
    Ok(gone)
}

/// `<part>/<seq÷1000>`, so that no folder grows without end.
pub(crate) fn shelf(seq: u64) -> String {
    format!("{:013}", seq / 1000)
}

/// Whether the folder holds no bundle yet, so that it may be given its identity.
fn is_unused(root: &Path) -> Result<bool, SpoolError> {
    for part in ["ready", "sent", "fetched", "done"] {
        let path = root.join(part);
        match fs::read_dir(&path) {
            Ok(mut entries) => {
                if entries.next().is_some() {
                    return Ok(false);
                }
            }
            Err(why) if why.kind() == io::ErrorKind::NotFound => {}
            Err(why) => return Err(SpoolError::io("read", &path, why)),
        }
    }
    Ok(true)
}

/// Both ends may start at the same moment, so each has a draft of its own.
fn give_identity(root: &Path, text: &str) -> Result<(), SpoolError> {
    let draft = root.join(format!("id.{}", hex(&ids::random::<8>())));
    fs::write(&draft, text)
        .and_then(|()| File::open(&draft)?.sync_all())
        .map_err(|why| SpoolError::io("write", &draft, why))?;
    match rename_new(&draft, &root.join("id")) {
        Ok(()) => sync_dir(root),
        Err(SpoolError::Exists(_)) => {
            fs::remove_file(&draft).map_err(|why| SpoolError::io("remove", &draft, why))
        }
        Err(error) => Err(error),
    }
}

/// That this process alone writes a part of the folder. Given back by word and not by
/// closing the file: a program that another thread is just starting holds the file open
/// until it begins, and would hold the lock with it.
#[derive(Debug)]
struct Lock(File);

/// How long a lock is waited for: one that ended by a fault gave nothing back, and a program it was just starting may
/// hold the lock until it begins.
const PATIENCE: Duration = Duration::from_secs(2);
const AGAIN: Duration = Duration::from_millis(20);

impl Lock {
    fn take(path: &Path) -> Result<Self, SpoolError> {
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(|why| SpoolError::io("open", path, why))?;
        let until = Instant::now() + PATIENCE;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self(file)),
                Err(TryLockError::WouldBlock) if Instant::now() < until => sleep(AGAIN),
                Err(TryLockError::WouldBlock) => return Err(SpoolError::InUse(path.to_owned())),
                Err(TryLockError::Error(why)) => return Err(SpoolError::io("lock", path, why)),
            }
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // What cannot be given back here ends with the file.
        let _ = self.0.unlock();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// I16: a copy of the open file, as a program has that is just being started, does not
    /// hold the lock of one that ended.
    #[test]
    fn a_lock_ends_with_its_owner_alone() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("lock");
        let lock = Lock::take(&path).expect("free");
        let _copy = lock.0.try_clone().expect("copied");
        assert!(matches!(Lock::take(&path), Err(SpoolError::InUse(_))));
        drop(lock);
        Lock::take(&path).expect("free again");

        let held = Lock::take(&path).expect("free");
        let begins = std::thread::spawn(move || {
            sleep(AGAIN * 5);
            drop(held);
        });
        Lock::take(&path).expect("waited for");
        begins.join().expect("it began");
    }
}
