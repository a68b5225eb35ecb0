//! The sending end of a lane's folder.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use bridge_contract::bundle::{bundle_name, parse_bundle_name};

use crate::durable::{rename_new, swap, sync_dir, write_new};
use crate::folder::{Folder, bundles_in, forget, shelf};
use crate::syncs::Told;
use crate::{Identity, SpoolError};

/// What publishing a bundle found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Published {
    /// The file is new and durable.
    New,
    /// The same bytes were there before.
    Before,
}

/// The one writer of a lane's outgoing folder. Holds its lock.
#[derive(Debug)]
pub struct SenderSpool {
    folder: Folder,
    told: Told,
}

impl SenderSpool {
    /// Opens the folder, takes its lock and wipes half-written files.
    ///
    /// # Errors
    /// [`SpoolError`] when another process holds it, it is another lane's, or
    /// the disk refuses.
    pub fn open(spool: &Path, identity: &Identity) -> Result<Self, SpoolError> {
        let parts = ["tmp", "ready", "sent"];
        let folder = Folder::open(spool, identity, ("sender", Some("lock")), &parts)?;
        folder.wipe("tmp")?;
        Ok(Self { folder, told: Told::default() })
    }

    /// Makes a bundle visible. Durable when this returns.
    ///
    /// # Errors
    /// [`SpoolError::Conflict`] when the number is taken by other bytes;
    /// [`SpoolError::Io`] when the disk refuses: the process must stop then.
    pub fn publish(&self, epoch: u32, seq: u64, bytes: &[u8]) -> Result<Published, SpoolError> {
        self.folder.check()?;
        if let Some(path) = self.path(epoch, seq) {
            return same(path, bytes);
        }
        let (tmp, ready) = (self.folder.part("tmp"), self.folder.part("ready"));
        match write_new(&tmp, &ready, &bundle_name(epoch, seq), bytes) {
            Ok(()) => Ok(Published::New),
            Err(SpoolError::Exists(path)) => same(path, bytes),
            Err(error) => Err(error),
        }
    }

    /// Shows how far the lane is. Not synced: a lost head is written anew.
    ///
    /// # Errors
    /// [`SpoolError::Io`] when the disk refuses.
    pub fn write_head(&self, head: &[u8]) -> Result<(), SpoolError> {
        self.folder.check()?;
        let tmp = self.folder.part("tmp");
        swap(&tmp, &self.folder.part("head"), head)?;
        self.told.tell(&tmp, &self.folder.root);
        Ok(())
    }

    /// The head as it was last shown; `None` before the first.
    ///
    /// # Errors
    /// [`SpoolError::Io`] when it cannot be read.
    pub fn head(&self) -> Result<Option<Vec<u8>>, SpoolError> {
        let path = self.folder.part("head");
        match fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(why) if why.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(why) => Err(SpoolError::io("read", &path, why)),
        }
    }

    /// Puts a bundle that the far end has on the shelf of sent ones.
    ///
    /// # Errors
    /// [`SpoolError::Io`] when the disk refuses.
    pub fn shelve(&self, epoch: u32, seq: u64) -> Result<(), SpoolError> {
        let name = bundle_name(epoch, seq);
        let (from, to) = (self.folder.part("ready").join(&name), self.sent(seq));
        if !from.exists() {
            return Ok(());
        }
        fs::create_dir_all(&to).map_err(|why| SpoolError::io("create", &to, why))?;
        match rename_new(&from, &to.join(&name)) {
            Ok(()) | Err(SpoolError::Exists(_)) => sync_dir(&to),
            Err(error) => Err(error),
        }
    }

    /// Puts a bundle back where every mover finds it.
    ///
    /// # Errors
    /// [`SpoolError::Io`] when the disk refuses.
    pub fn unshelve(&self, epoch: u32, seq: u64) -> Result<(), SpoolError> {
        self.folder.check()?;
        let (name, ready) = (bundle_name(epoch, seq), self.folder.part("ready"));
        let from = self.sent(seq).join(&name);
        if !from.exists() {
            return Ok(());
        }
        match rename_new(&from, &ready.join(&name)) {
            Ok(()) | Err(SpoolError::Exists(_)) => sync_dir(&ready),
            Err(error) => Err(error),
        }
    }

    /// Deletes the file of a bundle that is released: the only way a bundle goes.
    ///
    /// # Errors
    /// [`SpoolError`] when the folder is not the one it was or the disk refuses.
    pub fn delete(&self, epoch: u32, seq: u64) -> Result<(), SpoolError> {
        self.folder.check()?;
        while let Some(path) = self.path(epoch, seq) {
            fs::remove_file(&path).map_err(|why| SpoolError::io("remove", &path, why))?;
        }
        Ok(())
    }

    /// The mark of the sender's last start; `None` when the folder is new.
    ///
    /// # Errors
    /// [`SpoolError::Io`] when it cannot be read.
    pub fn life(&self) -> Result<Option<String>, SpoolError> {
        Ok(self.note("life")?.map(|text| text.trim().to_owned()))
    }

    /// Leaves the mark of this start. Durable when this returns.
    ///
    /// # Errors
    /// [`SpoolError`] when the folder is not the one it was or the disk refuses.
    pub fn set_life(&self, life: &str) -> Result<(), SpoolError> {
        self.set_note("life", &format!("{life}\n"))
    }

    /// The record of the lane's seal keys, of a sender without a database; `None` when
    /// there is none.
    ///
    /// # Errors
    /// [`SpoolError::Io`] when it cannot be read.
    pub fn seals(&self) -> Result<Option<String>, SpoolError> {
        self.note("seals")
    }

    /// Replaces that record. Durable when this returns.
    ///
    /// # Errors
    /// [`SpoolError`] when the folder is not the one it was or the disk refuses.
    pub fn set_seals(&self, text: &str) -> Result<(), SpoolError> {
        self.set_note("seals", text)
    }

    fn note(&self, name: &str) -> Result<Option<String>, SpoolError> {
        let path = self.folder.part(name);
        match fs::read_to_string(&path) {
            Ok(text) => Ok(Some(text)),
            Err(why) if why.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(why) => Err(SpoolError::io("read", &path, why)),
        }
    }

    fn set_note(&self, name: &str, text: &str) -> Result<(), SpoolError> {
        self.folder.check()?;
        let (path, draft) = (self.folder.part(name), self.folder.part("tmp").join(name));
        fs::write(&draft, text)
            .and_then(|()| fs::File::open(&draft)?.sync_all())
            .and_then(|()| fs::rename(&draft, &path))
            .map_err(|why| SpoolError::io("write", &path, why))?;
        sync_dir(&self.folder.root)
    }

    /// Deletes every file up to a number that was written before a moment, except the
    /// newest, which says where the lane goes on. Returns how many.
    ///
    /// # Errors
    /// [`SpoolError`] when the folder is not the one it was or the disk refuses.
    pub fn forget(&self, upto: (u32, u64), before: SystemTime) -> Result<usize, SpoolError> {
        self.folder.check()?;
        let newest = self.last()?.unwrap_or_default();
        let may_go = |at| at <= upto && at < newest;
        forget(&[self.folder.part("ready")], may_go, before)
            .and_then(|ready| Ok(ready + forget(&self.folder.shelves("sent")?, may_go, before)?))
    }

    /// The bytes of a bundle, wherever it is; `None` when it is not here.
    ///
    /// # Errors
    /// [`SpoolError::Io`] when it cannot be read.
    pub fn read(&self, epoch: u32, seq: u64) -> Result<Option<Vec<u8>>, SpoolError> {
        self.path(epoch, seq)
            .map(|path| fs::read(&path).map_err(|why| SpoolError::io("read", &path, why)))
            .transpose()
    }

    /// The first bytes of a bundle, wherever it is; `None` when it is not here.
    ///
    /// # Errors
    /// [`SpoolError::Io`] when it cannot be read.
    pub fn beginning(
        &self,
        epoch: u32,
        seq: u64,
        bytes: u64,
    ) -> Result<Option<Vec<u8>>, SpoolError> {
        let Some(path) = self.path(epoch, seq) else { return Ok(None) };
        let mut found = Vec::new();
        fs::File::open(&path)
            .and_then(|file| file.take(bytes).read_to_end(&mut found))
            .map_err(|why| SpoolError::io("read", &path, why))?;
        Ok(Some(found))
    }

    /// Whether a bundle is here, wherever it is.
    #[must_use]
    pub fn has(&self, epoch: u32, seq: u64) -> bool {
        self.path(epoch, seq).is_some()
    }

    /// Epoch and number of the newest bundle here.
    ///
    /// # Errors
    /// [`SpoolError::Io`] when the folder cannot be read.
    pub fn last(&self) -> Result<Option<(u32, u64)>, SpoolError> {
        let ready = self.folder.bundles("ready")?.pop();
        Ok(ready.max(self.last_sent()?))
    }

    /// Epoch and number of the oldest bundle here.
    ///
    /// # Errors
    /// [`SpoolError::Io`] when the folder cannot be read.
    pub fn first(&self) -> Result<Option<(u32, u64)>, SpoolError> {
        let mut first = self.folder.bundles("ready")?.into_iter().next();
        for dir in self.folder.shelves("sent")? {
            let oldest = bundles_in(&dir)?.into_iter().next();
            first = first.into_iter().chain(oldest).min();
        }
        Ok(first)
    }

    /// Epoch and number of every bundle that the far end is not known to have.
    ///
    /// # Errors
    /// [`SpoolError::Io`] when the folder cannot be read.
    pub fn unsent(&self) -> Result<Vec<(u32, u64)>, SpoolError> {
        self.folder.bundles("ready")
    }

    fn last_sent(&self) -> Result<Option<(u32, u64)>, SpoolError> {
        let dir = self.folder.part("sent");
        let mut last = None;
        for shelf in names(&dir)? {
            for name in names(&dir.join(shelf))? {
                last = last.max(parse_bundle_name(&name));
            }
        }
        Ok(last)
    }

    fn path(&self, epoch: u32, seq: u64) -> Option<PathBuf> {
        let name = bundle_name(epoch, seq);
        [self.folder.part("ready").join(&name), self.sent(seq).join(&name)]
            .into_iter()
            .find(|path| path.exists())
    }

    fn sent(&self, seq: u64) -> PathBuf {
        self.folder.part("sent").join(shelf(seq))
    }
}

fn same(path: PathBuf, bytes: &[u8]) -> Result<Published, SpoolError> {
    let found = fs::read(&path).map_err(|why| SpoolError::io("read", &path, why))?;
    if found == bytes { Ok(Published::Before) } else { Err(SpoolError::Conflict(path)) }
}

fn names(dir: &Path) -> Result<Vec<String>, SpoolError> {
    let read = |why| SpoolError::io("read", dir, why);
    let mut names = Vec::new();
    for entry in fs::read_dir(dir).map_err(read)? {
        names.extend(entry.map_err(read)?.file_name().into_string());
    }
    Ok(names)
}
