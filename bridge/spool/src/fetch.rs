//! The receiving end of a lane's folder, for the process that fetches.

use std::fs;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use bridge_contract::bundle::bundle_name;
use bridge_contract::carrier::Fetched;

use crate::durable::{again_if_gone, swap, write_new};
use crate::folder::Folder;
use crate::inbox::{Ingested, set_aside};
use crate::syncs::Told;
use crate::{Identity, SpoolError, Watch};

/// The one fetcher of a lane. Holds its lock.
#[derive(Debug)]
pub struct ReceiverSpool {
    folder: Folder,
    /// One bundle is written at a time: whoever brings it again while it is written waits until
    /// it is durable (I6).
    writing: Mutex<()>,
    told: Told,
}

impl ReceiverSpool {
    /// Opens the folder, takes its lock and wipes half-fetched files.
    ///
    /// # Errors
    /// [`SpoolError`] when another process holds it, it is another lane's, or
    /// the disk refuses.
    pub fn open(spool: &Path, identity: &Identity) -> Result<Self, SpoolError> {
        let parts = ["part", "fetched", "done", "rejected"];
        let folder = Folder::open(spool, identity, ("receiver", Some("lock")), &parts)?;
        folder.wipe("part")?;
        Ok(Self { folder, writing: Mutex::new(()), told: Told::default() })
    }

    /// Keeps a fetched bundle. Durable when this returns; a bundle that is
    /// here already stays as it is, also when the new bytes differ (the
    /// ingester decides about the first, and a rejected one is fetched again).
    ///
    /// # Errors
    /// [`SpoolError`] when the disk refuses or the folder is not the one it was.
    pub fn store(&self, (epoch, seq): (u32, u64), bytes: &[u8]) -> Result<(), SpoolError> {
        let _one = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        self.folder.check()?;
        let (part, fetched) = (self.folder.part("part"), self.folder.part("fetched"));
        match write_new(&part, &fetched, &bundle_name(epoch, seq), bytes) {
            Ok(()) | Err(SpoolError::Exists(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Keeps bytes that are no acceptable bundle, for operators; bounded.
    ///
    /// # Errors
    /// [`SpoolError::Io`] when the disk refuses.
    pub fn reject(&self, (epoch, seq): (u32, u64), bytes: &[u8]) -> Result<(), SpoolError> {
        let path = self.folder.part("part").join(bundle_name(epoch, seq));
        again_if_gone(|| {
            fs::write(&path, bytes).map_err(|why| SpoolError::io("write", &path, why))?;
            set_aside(&self.folder, &path)
        })
    }

    /// How far the lane is durable here without a gap. The next bundle wanted
    /// is the one after.
    ///
    /// # Errors
    /// [`SpoolError`] when the folder is not the one it was or cannot be read.
    pub fn fetched(&self) -> Result<Fetched, SpoolError> {
        self.folder.check()?;
        let ingested = Ingested::read(&self.folder.root);
        let (epoch, mut seq) = ingested.map_or((1, 0), |at| (at.epoch, at.seq));
        for (_, found) in self.folder.bundles("fetched")?.into_iter().filter(|(e, _)| *e == epoch) {
            if found == seq + 1 {
                seq = found;
            }
        }
        Ok(Fetched { epoch, seq })
    }

    /// Whether this bundle comes after one that is here or was taken in: said without a look
    /// at all that waits. One that is missing further back is asked for by the next question.
    ///
    /// # Errors
    /// [`SpoolError`] when the folder is not the one it was.
    pub fn follows(&self, (epoch, seq): (u32, u64)) -> Result<bool, SpoolError> {
        self.folder.check()?;
        let at = Ingested::read(&self.folder.root).map_or((1, 0), |at| (at.epoch, at.seq));
        let before = seq.checked_sub(1).filter(|before| epoch == at.0 && *before >= at.1);
        let fetched = self.folder.part("fetched");
        Ok(before.is_some_and(|before| {
            before == at.1 || fetched.join(bundle_name(epoch, before)).exists()
        }))
    }

    /// Keeps the newest head of the sender for operators; the same once more is not written
    /// again, so that the age of the file is that of the sender's word, also where somebody
    /// between the two goes on showing an old one. Not synced.
    ///
    /// # Errors
    /// [`SpoolError::Io`] when the disk refuses.
    pub fn note_head(&self, head: &[u8]) -> Result<(), SpoolError> {
        let path = self.folder.part("head");
        if fs::read(&path).is_ok_and(|known| known == head) {
            return Ok(());
        }
        let part = self.folder.part("part");
        swap(&part, &path, head)?;
        self.told.tell(&part, &self.folder.root);
        Ok(())
    }

    /// Tells when the ingester moved on or rejected something.
    #[must_use]
    pub fn watch(&self) -> Watch {
        Watch::of(&self.folder.root)
    }
}
