//! Archives: UTF-8 names, no extra fields, no descriptors, one fixed time.
//!
//! ```text
//!  local header · name · data │ … │ central header · name │ … │ end
//! ```

use std::io::Write as _;

use flate2::Compression;
use flate2::write::DeflateEncoder;

use super::BuildError;

/// Names are UTF-8.
const FLAGS: u16 = 0x0800;
/// Unpacking needs version 2.0.
const VERSION: u16 = 20;
/// 1 January 1980, midnight.
const DATE: u16 = 0x0021;
const STORED: u16 = 0;
const DEFLATED: u16 = 8;

/// An archive in the making.
#[derive(Default)]
pub struct Zip {
    bytes: Vec<u8>,
    directory: Vec<u8>,
    count: u16,
}

impl Zip {
    /// Adds a file; a name that ends with `/` is a folder.
    ///
    /// # Errors
    /// [`BuildError::TooLarge`] beyond 65 534 files or 4 GiB.
    pub fn add(&mut self, name: &str, bytes: &[u8]) -> Result<(), BuildError> {
        self.put(name, bytes, packed(bytes)?)
    }

    /// Adds a file that is packed within, as pictures are.
    ///
    /// # Errors
    /// As [`Zip::add`].
    pub fn add_stored(&mut self, name: &str, bytes: &[u8]) -> Result<(), BuildError> {
        self.put(name, bytes, None)
    }

    fn put(&mut self, name: &str, bytes: &[u8], packed: Option<Vec<u8>>) -> Result<(), BuildError> {
        let (method, data) = match &packed {
            Some(packed) => (DEFLATED, packed.as_slice()),
            None => (STORED, bytes),
        };
        let mut crc = flate2::Crc::new();
        crc.update(bytes);
        let start = size(self.bytes.len())?;
        let mut header = Vec::with_capacity(26);
        for half in [VERSION, FLAGS, method, 0, DATE] {
            header.extend(half.to_le_bytes());
        }
        for whole in [crc.sum(), size(data.len())?, size(bytes.len())?] {
            header.extend(whole.to_le_bytes());
        }
        let length = u16::try_from(name.len()).map_err(|_| BuildError::TooLarge)?;
        header.extend(length.to_le_bytes());
        header.extend([0; 2]);

        self.bytes.extend(b"PK\x03\x04");
        self.bytes.extend(&header);
        self.bytes.extend(name.as_bytes());
        self.bytes.extend(data);
        self.directory.extend(b"PK\x01\x02");
        self.directory.extend(VERSION.to_le_bytes());
        self.directory.extend(&header);
        // No comment, first disk, no attributes.
        self.directory.extend([0; 10]);
        self.directory.extend(start.to_le_bytes());
        self.directory.extend(name.as_bytes());
        self.count =
            self.count.checked_add(1).filter(|it| *it < u16::MAX).ok_or(BuildError::TooLarge)?;
        Ok(())
    }

    /// The archive.
    ///
    /// # Errors
    /// [`BuildError::TooLarge`] beyond 4 GiB.
    pub fn finish(mut self) -> Result<Vec<u8>, BuildError> {
        let start = size(self.bytes.len())?;
        let length = size(self.directory.len())?;
        size(self.bytes.len() + self.directory.len())?;
        self.bytes.extend(&self.directory);
        self.bytes.extend(b"PK\x05\x06\0\0\0\0");
        self.bytes.extend(self.count.to_le_bytes());
        self.bytes.extend(self.count.to_le_bytes());
        self.bytes.extend(length.to_le_bytes());
        self.bytes.extend(start.to_le_bytes());
        self.bytes.extend([0; 2]);
        Ok(self.bytes)
    }
}

fn size(bytes: usize) -> Result<u32, BuildError> {
    u32::try_from(bytes).ok().filter(|it| *it < u32::MAX).ok_or(BuildError::TooLarge)
}

/// The bytes packed, when that makes them fewer.
fn packed(bytes: &[u8]) -> Result<Option<Vec<u8>>, BuildError> {
    let mut packer = DeflateEncoder::new(Vec::new(), Compression::default());
    let failed = |error: std::io::Error| BuildError::Fault(error.to_string());
    packer.write_all(bytes).map_err(failed)?;
    let packed = packer.finish().map_err(failed)?;
    Ok((packed.len() < bytes.len()).then_some(packed))
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Read as _};

    use super::*;

    #[test]
    fn others_read_what_was_written() {
        let mut zip = Zip::default();
        zip.add("表/", b"").expect("a folder");
        zip.add("表/一覧.txt", &[b'a'; 1_000]).expect("a file");
        zip.add("b.bin", b"\x01").expect("a file");
        let bytes = zip.finish().expect("an archive");
        assert!(bytes.len() < 500);

        let mut archive = ::zip::ZipArchive::new(Cursor::new(bytes)).expect("an archive");
        let names: Vec<_> = archive.file_names().flatten().map(|it| it.to_string()).collect();
        assert_eq!(names, ["表/", "表/一覧.txt", "b.bin"]);
        let mut text = String::new();
        archive.by_name("表/一覧.txt").expect("a file").read_to_string(&mut text).expect("text");
        assert_eq!(text, "a".repeat(1_000));
    }
}
