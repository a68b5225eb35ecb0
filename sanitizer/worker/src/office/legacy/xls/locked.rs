//! Workbooks under a password: the records after the one that says so are
//! encrypted, all but their heads.

use sanitizer_intermediate::{HoldReason, Password};

use super::{BOF, FILE_PASS, SHEET, VERSION_8};
use crate::office::legacy::bytes::{slice, u16_at};
use crate::office::legacy::crypt::mask::Mask;
use crate::office::legacy::crypt::{Cipher, Keystream};

/// Bytes with one keystream.
const BLOCK: usize = 1024;
/// Records that stay readable: who has the file open, and the like.
const OPEN: [u16; 7] = [BOF, FILE_PASS, 0xe1, 0x0194, 0x0195, 0x0196, 0x0138];
/// The place of a sheet stays readable.
const SHEET_PLACE: usize = 4;

enum Lock {
    Mask(Mask),
    Cipher(Box<Cipher>),
}

/// Opens the stream; `false` when it is open.
///
/// # Errors
/// [`HoldReason`] when no password fits.
pub(super) fn open(stream: &mut [u8], password: Option<&Password>) -> Result<bool, HoldReason> {
    let is_8 = u16_at(stream, 4) == VERSION_8;
    let Some(info) = find(stream) else {
        return Ok(false);
    };
    let lock = match (is_8, u16_at(info, 0)) {
        (false, _) => Lock::Mask(Mask::read(u16_at(info, 0), u16_at(info, 2), password)?),
        (true, 0) => Lock::Mask(Mask::read(u16_at(info, 2), u16_at(info, 4), password)?),
        (true, 1) => {
            Lock::Cipher(Box::new(Cipher::read(info.get(2..).unwrap_or_default(), password)?))
        }
        (true, _) => return Err(HoldReason::Encrypted),
    };
    match &lock {
        Lock::Mask(mask) => {
            each(stream, |kind, at, data| mask.open(data, at, closed_from(kind, data.len())));
        }
        Lock::Cipher(cipher) => {
            let mut keys = Keystream::new(cipher, BLOCK);
            let mut done = 0;
            each(stream, |kind, at, data| {
                let from = closed_from(kind, data.len());
                keys.skip(at - done + from);
                done = at + data.len();
                keys.apply(&mut data[from..]);
            });
        }
    }
    Ok(true)
}

/// Where in the data of a record the closed part starts.
fn closed_from(kind: u16, length: usize) -> usize {
    match kind {
        SHEET => SHEET_PLACE.min(length),
        kind if OPEN.contains(&kind) => length,
        _ => 0,
    }
}

/// What the record says that says so; it comes soon after the first.
fn find(stream: &[u8]) -> Option<&[u8]> {
    let mut records = super::Records::new(stream, 0);
    records.by_ref().take(20).find(|it| it.kind == FILE_PASS).map(|it| it.data)
}

/// Every record of the stream: kind, where its data is, its data.
fn each(stream: &mut [u8], mut open: impl FnMut(u16, usize, &mut [u8])) {
    let mut at = 0_usize;
    while let Some(head) = at.checked_add(4).filter(|it| *it <= stream.len()) {
        let (kind, length) = (u16_at(stream, at), usize::from(u16_at(stream, at + 2)));
        if slice(stream, head, length).len() < length {
            return;
        }
        if let Some(data) = stream.get_mut(head..head + length) {
            open(kind, head, data);
        }
        at = head + length;
    }
}
