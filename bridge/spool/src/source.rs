//! A sender's folder as seen by the process that serves or pushes it.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::Path;

use bridge_contract::bundle::bundle_name;

use crate::folder::{Folder, shelf};
use crate::{Identity, SpoolError, Watch};

/// Reads a sender's folder; takes no lock and writes nothing.
#[derive(Debug)]
pub struct Source {
    folder: Folder,
}

impl Source {
    /// Opens the folder; makes it when the sender has not started yet.
    ///
    /// # Errors
    /// [`SpoolError`] when it is another lane's or cannot be read.
    pub fn open(spool: &Path, identity: &Identity) -> Result<Self, SpoolError> {
        let parts = ["tmp", "ready", "sent"];
        let folder = Folder::open(spool, identity, ("sender", None), &parts)?;
        Ok(Self { folder })
    }

    /// The signed head as the sender left it; `None` before the first.
    ///
    /// # Errors
    /// [`SpoolError`] when the folder is not the one it was.
    pub fn head(&self) -> Result<Option<Vec<u8>>, SpoolError> {
        self.folder.check()?;
        let path = self.folder.part("head");
        match std::fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(why) if why.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(why) => Err(SpoolError::io("read", &path, why)),
        }
    }

    /// Up to `limit` bytes of a bundle from `offset`, and its whole size;
    /// `None` when it is not here.
    ///
    /// # Errors
    /// [`SpoolError::Io`] when it cannot be read.
    pub fn read(
        &self,
        (epoch, seq): (u32, u64),
        offset: u64,
        limit: u64,
    ) -> Result<Option<(Vec<u8>, u64)>, SpoolError> {
        let name = bundle_name(epoch, seq);
        let sent = self.folder.part("sent").join(shelf(seq));
        // It may move from `ready` to `sent` between two looks.
        for dir in [self.folder.part("ready"), sent, self.folder.part("ready")] {
            let path = dir.join(&name);
            match piece(&path, offset, limit) {
                Ok(found) => return Ok(Some(found)),
                Err(why) if why.kind() == io::ErrorKind::NotFound => {}
                Err(why) => return Err(SpoolError::io("read", &path, why)),
            }
        }
        Ok(None)
    }

    /// Tells when the head changes.
    #[must_use]
    pub fn watch(&self) -> Watch {
        Watch::of(&self.folder.root)
    }
}

fn piece(path: &Path, offset: u64, limit: u64) -> io::Result<(Vec<u8>, u64)> {
    let mut file = File::open(path)?;
    let size = file.metadata()?.len();
    let room = size.saturating_sub(offset).min(limit);
    let mut bytes = Vec::with_capacity(usize::try_from(room).unwrap_or(0));
    if offset < size {
        file.seek(SeekFrom::Start(offset))?;
        file.take(limit).read_to_end(&mut bytes)?;
    }
    Ok((bytes, size))
}
