//! Pictures in the drawing records that Word and PowerPoint share.

use std::io::Read as _;

use super::bytes::{slice, u8_at, u16_at, u32_at, usize_at};

/// A record that contains records.
const CONTAINER: u16 = 0x0f;
/// An entry of the store of pictures.
pub(super) const ENTRY: u16 = 0xf007;
const EMF: u16 = 0xf01a;
const WMF: u16 = 0xf01b;
const JPEG: u16 = 0xf01d;
const PNG: u16 = 0xf01e;
const BITMAP: u16 = 0xf01f;
const TIFF: u16 = 0xf029;
const CMYK_JPEG: u16 = 0xf02a;
/// Largest drawing, unpacked.
const MAX_DRAWING: u64 = 64 << 20;
/// Deepest nesting looked into.
const MAX_DEPTH: u32 = 20;

/// A record of the drawing language.
#[derive(Debug, Clone, Copy)]
pub(super) struct Record<'d> {
    pub version: u16,
    pub instance: u16,
    pub kind: u16,
    pub data: &'d [u8],
}

/// The records of a container, one after the other.
pub(super) fn records(mut bytes: &[u8]) -> impl Iterator<Item = Record<'_>> {
    std::iter::from_fn(move || {
        if bytes.len() < 8 {
            return None;
        }
        let head = u16_at(bytes, 0);
        let length = usize_at(bytes, 4).min(bytes.len() - 8);
        let record = Record {
            version: head & 0x0f,
            instance: head >> 4,
            kind: u16_at(bytes, 2),
            data: slice(bytes, 8, length),
        };
        bytes = bytes.get(8 + length..).unwrap_or_default();
        Some(record)
    })
}

impl<'d> Record<'d> {
    /// Whether it contains records.
    pub(super) const fn is_container(&self) -> bool {
        self.version == CONTAINER
    }

    /// The first record of this kind within, at any depth.
    pub(super) fn find(self, kind: u16) -> Option<Record<'d>> {
        find(self.data, kind, 0)
    }
}

fn find(bytes: &[u8], kind: u16, depth: u32) -> Option<Record<'_>> {
    records(bytes).find_map(|it| {
        if it.kind == kind {
            Some(it)
        } else if it.is_container() && depth < MAX_DEPTH {
            find(it.data, kind, depth + 1)
        } else {
            None
        }
    })
}

/// The bytes of a picture file in a record; `None` for kinds that are not rebuilt.
pub(super) fn picture(record: &Record<'_>) -> Option<Vec<u8>> {
    // One or two check sums and a mark come first.
    let two = record.instance & 1 != 0;
    let start = if two { 33 } else { 17 };
    match record.kind {
        EMF | WMF => metafile(record.data.get(start - 1..)?),
        JPEG | PNG | TIFF | CMYK_JPEG => Some(record.data.get(start..)?.to_vec()),
        BITMAP => bitmap(record.data.get(start..)?),
        _ => None,
    }
}

/// A drawing follows its size and how it is packed.
fn metafile(data: &[u8]) -> Option<Vec<u8>> {
    const HEADER: usize = 34;
    const DEFLATED: u8 = 0;
    let packed = data.get(HEADER..)?;
    if u8_at(data, 32) != DEFLATED {
        return Some(packed.to_vec());
    }
    let most = u64::from(u32_at(data, 0)).min(MAX_DRAWING);
    let mut plain = Vec::new();
    flate2::read::ZlibDecoder::new(packed).take(most).read_to_end(&mut plain).ok()?;
    Some(plain)
}

/// A device independent bitmap becomes a file by its head.
fn bitmap(data: &[u8]) -> Option<Vec<u8>> {
    let header = u32_at(data, 0);
    let depth = u16_at(data, 14);
    let used = u32_at(data, 32);
    let colours = if used == 0 && depth <= 8 { 1_u32 << depth } else { used };
    let masks = if header == 40 && u32_at(data, 16) == 3 { 12 } else { 0 };
    let pixels = 14 + header.checked_add(colours.checked_mul(4)?)? + masks;
    let length = u32::try_from(data.len()).ok()?.checked_add(14)?;
    let mut file = b"BM".to_vec();
    file.extend(length.to_le_bytes());
    file.extend([0; 4]);
    file.extend(pixels.to_le_bytes());
    file.extend(data);
    Some(file)
}

/// The picture in an entry of the store, which follows the entry's own 36
/// bytes and its name.
pub(super) fn in_entry(entry: &Record<'_>) -> Option<Vec<u8>> {
    let name = usize::from(u8_at(entry.data, 33));
    first(entry.data.get(36 + name..)?, 1)
}

/// The first picture within these records that can be shown.
pub(super) fn first_picture(bytes: &[u8]) -> Option<Vec<u8>> {
    first(bytes, 0)
}

fn first(bytes: &[u8], depth: u32) -> Option<Vec<u8>> {
    records(bytes).find_map(|it| {
        picture(&it).or_else(|| {
            if it.kind == ENTRY {
                in_entry(&it)
            } else if it.is_container() && depth < MAX_DEPTH {
                first(it.data, depth + 1)
            } else {
                None
            }
        })
    })
}
