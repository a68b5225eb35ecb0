//! The index of a bundle: one entry an item, in the order of the items.

use super::{Header, STAMP_LIMIT, UUID_LIMIT, merkle};
use crate::digest::Digest;
use crate::wire::{Malformed, Reader, Wire, Writer};

/// What the bundle says in the clear about one item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexEntry {
    /// The item's own id, given when it was sealed.
    pub uuid: String,
    /// The kind number of the message inside.
    pub kind: u16,
    /// Signed, clear bytes known only when the item was accepted.
    pub stamp: Vec<u8>,
    /// Length of the sealed item in bytes.
    pub size: u32,
    /// SHA-256 of the sealed item.
    pub sha256: Digest,
}

impl Wire for IndexEntry {
    fn write(&self, out: &mut Writer) {
        self.uuid.write(out);
        self.kind.write(out);
        self.stamp.write(out);
        self.size.write(out);
        self.sha256.write(out);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        let uuid = std::str::from_utf8(from.bytes(UUID_LIMIT)?)
            .map_err(|_| Malformed::NotUtf8)?
            .to_owned();
        Ok(Self {
            uuid,
            kind: u16::read(from)?,
            stamp: from.bytes(STAMP_LIMIT)?.to_vec(),
            size: u32::read(from)?,
            sha256: Digest::read(from)?,
        })
    }
}

/// The index as it stands in a bundle: what both ends keep as evidence after the
/// items are gone.
#[must_use]
pub fn index_bytes<'a>(entries: impl IntoIterator<Item = &'a IndexEntry>) -> Vec<u8> {
    let mut out = Writer::default();
    for entry in entries {
        entry.write(&mut out);
    }
    out.into_bytes()
}

/// Reads an index that was kept; `None` when it is not the one the header signs.
#[must_use]
pub fn read_index(bytes: &[u8], header: &Header) -> Option<Vec<IndexEntry>> {
    let mut from = Reader::new(bytes);
    let entries: Vec<IndexEntry> =
        (0..header.items).map(|_| IndexEntry::read(&mut from).ok()).collect::<Option<_>>()?;
    (from.left() == 0 && merkle::root(&entries) == header.merkle_root).then_some(entries)
}
