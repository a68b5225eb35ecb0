//! A file of a generation that is being written: counted and hashed on its way.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::path::Path;

use bridge_contract::digest::Running;
use domain::export::FileEntry;

/// A file on its way.
pub(super) struct Out {
    path: String,
    file: File,
    digest: Running,
    bytes: u64,
}

impl Out {
    pub(super) fn create(folder: &Path, path: String) -> io::Result<Self> {
        let file = File::create_new(folder.join(&path))?;
        Ok(Self { path, file, digest: Running::new(), bytes: 0 })
    }

    pub(super) fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.digest.update(bytes);
        self.bytes += bytes.len() as u64;
        self.file.write_all(bytes)
    }

    /// Makes it durable.
    pub(super) fn finish(self) -> io::Result<FileEntry> {
        self.file.sync_all()?;
        Ok(FileEntry { path: self.path, bytes: self.bytes, sha256: self.digest.finish().0 })
    }
}

/// The entry of a file that somebody else wrote.
pub(super) fn read_entry(folder: &Path, path: String) -> io::Result<FileEntry> {
    let mut file = File::open(folder.join(&path))?;
    let (mut digest, mut bytes, mut piece) = (Running::new(), 0, vec![0; 1 << 16]);
    loop {
        let count = file.read(&mut piece)?;
        if count == 0 {
            return Ok(FileEntry { path, bytes, sha256: digest.finish().0 });
        }
        digest.update(&piece[..count]);
        bytes += count as u64;
    }
}
