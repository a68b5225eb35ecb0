//! The mask of old workbooks: sixteen bytes from the password, over and over.

use encoding_rs::SHIFT_JIS;
use sanitizer_intermediate::{HoldReason, Password};

use crate::crypt::refused;

/// Fills up what a password lacks to sixteen bytes.
const PADDING: [u8; 15] =
    [0xbb, 0xff, 0xff, 0xba, 0xff, 0xff, 0xb9, 0x80, 0x00, 0xbe, 0x0f, 0x00, 0xbf, 0x0f, 0x00];

/// The mask.
pub(in crate::office::legacy) struct Mask([u8; 16]);

impl Mask {
    /// The mask of a key and a check, when a password fits.
    ///
    /// # Errors
    /// [`HoldReason`] when none fits.
    pub(in crate::office::legacy) fn read(
        key: u16,
        check: u16,
        password: Option<&Password>,
    ) -> Result<Self, HoldReason> {
        let given = password.ok_or(refused(password))?;
        let tried = SHIFT_JIS.encode(given.reveal()).0;
        let tried = tried.get(..15).unwrap_or(&tried);
        if checked(tried) == check { Ok(Self(mask(tried, key))) } else { Err(refused(password)) }
    }

    /// Opens the data of a record, whose first byte is at `at` of the stream.
    pub(in crate::office::legacy) fn open(&self, data: &mut [u8], at: usize, from: usize) {
        let start = at + data.len();
        for (place, byte) in data.iter_mut().enumerate().skip(from) {
            *byte = (*byte ^ self.0[(start + place) % 16]).rotate_right(5);
        }
    }
}

/// The sixteen bits a password is checked by.
fn checked(password: &[u8]) -> u16 {
    let length = u8::try_from(password.len()).unwrap_or(u8::MAX);
    let bytes = std::iter::once(&length).chain(password).rev();
    let sum = bytes.fold(0_u16, |sum, byte| {
        let turned = (sum << 1) & 0x7fff | sum >> 14 & 1;
        turned ^ u16::from(*byte)
    });
    sum ^ 0xce4b
}

fn mask(password: &[u8], key: u16) -> [u8; 16] {
    let [low, high] = key.to_le_bytes();
    let mut mask = [0; 16];
    let filled = password.iter().chain(&PADDING);
    for ((place, byte), from) in mask.iter_mut().enumerate().zip(filled) {
        let with = if place % 2 == 0 { low } else { high };
        *byte = (from ^ with).rotate_right(1);
    }
    mask
}
