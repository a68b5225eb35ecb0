//! Where objects are: every save adds a list, the latest counts.

use std::collections::HashMap;

use sanitizer_intermediate::HoldReason;

use super::DOCUMENT;
use crate::office::legacy::art::{Record, records};
use crate::office::legacy::bytes::{u16_at, u32_at, usize_at};

const ENCRYPTED_USER: u32 = 0xf3d1_c4df;
const EDIT: u16 = 0x0ff5;
const DIRECTORY: u16 = 0x1772;
/// An edit of this length names a key.
const ENCRYPTED_EDIT: usize = 32;
const MAX_EDITS: usize = 1_000;
const MAX_OBJECTS: usize = 200_000;

/// Offsets of objects by their numbers.
pub(super) struct Persist {
    offsets: HashMap<u32, usize>,
    document: u32,
}

impl Persist {
    /// Follows the saves from the last to the first.
    ///
    /// # Errors
    /// [`HoldReason::Encrypted`] when the file needs a password.
    pub(super) fn read(user: &[u8], stream: &[u8]) -> Result<Self, HoldReason> {
        if u32_at(user, 12) == ENCRYPTED_USER {
            return Err(HoldReason::Encrypted);
        }
        let mut found = Self { offsets: HashMap::new(), document: 0 };
        let mut at = usize_at(user, 16);
        for _ in 0..MAX_EDITS {
            let Some(edit) = at_offset(stream, at).filter(|it| it.kind == EDIT) else {
                break;
            };
            if edit.data.len() >= ENCRYPTED_EDIT {
                return Err(HoldReason::Encrypted);
            }
            if found.document == 0 {
                found.document = u32_at(edit.data, 16);
            }
            if let Some(list) = at_offset(stream, usize_at(edit.data, 12)) {
                found.add(&list)?;
            }
            let before = usize_at(edit.data, 8);
            if before == 0 || before >= at {
                break;
            }
            at = before;
        }
        Ok(found)
    }

    fn add(&mut self, list: &Record<'_>) -> Result<(), HoldReason> {
        if list.kind != DIRECTORY {
            return Ok(());
        }
        let mut at = 0;
        while at + 4 <= list.data.len() {
            let head = u32_at(list.data, at);
            let (first, count) = (head & 0xf_ffff, head >> 20);
            at += 4;
            for number in first..first.saturating_add(count) {
                if at + 4 > list.data.len() {
                    return Ok(());
                }
                if self.offsets.len() >= MAX_OBJECTS {
                    return Err(HoldReason::TooComplex);
                }
                self.offsets.entry(number).or_insert_with(|| usize_at(list.data, at));
                at += 4;
            }
        }
        Ok(())
    }

    /// The record of an object.
    pub(super) fn object<'s>(&self, stream: &'s [u8], number: u32) -> Option<Record<'s>> {
        at_offset(stream, *self.offsets.get(&number)?)
    }

    /// The document; the first there is when the saves do not lead to it.
    pub(super) fn document<'s>(&self, stream: &'s [u8]) -> Option<Record<'s>> {
        self.object(stream, self.document)
            .filter(|it| it.kind == DOCUMENT)
            .or_else(|| records(stream).find(|it| it.kind == DOCUMENT))
    }
}

fn at_offset(stream: &[u8], at: usize) -> Option<Record<'_>> {
    let bytes = stream.get(at..)?;
    let length = usize_at(bytes, 4);
    let whole = bytes.get(..8_usize.checked_add(length)?)?;
    (u16_at(whole, 2) != 0).then(|| records(whole).next()).flatten()
}
