//! Which characters stand where: the table of pieces.

use encoding_rs::WINDOWS_1252;
use sanitizer_intermediate::{HoldReason, Limits};

use super::fib::{Fib, Part};
use crate::office::legacy::bytes::{slice, u8_at, u16_at, u32_at};

const PROPERTIES: u8 = 1;
const TABLE: u8 = 2;
/// One byte a character, and half the offset.
const NARROW: u32 = 0x4000_0000;

/// All characters in their order.
pub(super) struct Pieces {
    /// UTF-16 units.
    units: Vec<u16>,
    /// Where each stands in the main stream.
    offsets: Vec<u32>,
}

impl Pieces {
    /// Reads the table.
    ///
    /// # Errors
    /// [`HoldReason`] when it is damaged or the text too long.
    pub(super) fn read(
        fib: &Fib,
        main: &[u8],
        table: &[u8],
        limits: &Limits,
    ) -> Result<Self, HoldReason> {
        let bytes = pieces(fib.part(table, Part::Pieces)).ok_or(HoldReason::Broken)?;
        let count = bytes.len().saturating_sub(4) / 12;
        let mut all = Self { units: Vec::new(), offsets: Vec::new() };
        // Some programs count a character more at the very end.
        let most = fib.all().saturating_add(1);
        for piece in 0..count {
            let (from, to) = (u32_at(bytes, piece * 4), u32_at(bytes, piece * 4 + 4));
            let length = to.checked_sub(from).ok_or(HoldReason::Broken)? as usize;
            if all.units.len() != from as usize {
                return Err(HoldReason::Broken);
            }
            if all.units.len().saturating_add(length) > limits.text_bytes as usize {
                return Err(HoldReason::TooLarge);
            }
            let place = u32_at(bytes, (count + 1) * 4 + piece * 8 + 2);
            all.take(main, place, length.min(most.saturating_sub(from as usize)));
        }
        if all.units.is_empty() { Err(HoldReason::Broken) } else { Ok(all) }
    }

    fn take(&mut self, main: &[u8], place: u32, length: usize) {
        if place & NARROW == 0 {
            let bytes = slice(main, place as usize, length * 2);
            self.units.extend(bytes.chunks_exact(2).map(|it| u16::from_le_bytes([it[0], it[1]])));
            self.offsets.extend((place..).step_by(2).take(bytes.len() / 2));
        } else {
            let place = (place & !NARROW) / 2;
            let bytes = slice(main, place as usize, length);
            for byte in bytes {
                let narrow = [*byte];
                let (text, _, _) = WINDOWS_1252.decode(&narrow);
                let mut unit = [0; 2];
                let first = text.chars().next().unwrap_or(' ').encode_utf16(&mut unit)[0];
                // Marks of Word are below the letters.
                self.units.push(if *byte < 0x20 { u16::from(*byte) } else { first });
            }
            self.offsets.extend((place..).take(bytes.len()));
        }
    }

    /// A unit and its place in the main stream.
    pub(super) fn at(&self, number: usize) -> Option<(u16, u32)> {
        Some((*self.units.get(number)?, *self.offsets.get(number)?))
    }
}

/// The table of pieces, after changes that were saved fast.
fn pieces(mut bytes: &[u8]) -> Option<&[u8]> {
    loop {
        match u8_at(bytes, 0) {
            PROPERTIES if !bytes.is_empty() => {
                bytes = bytes.get(3 + usize::from(u16_at(bytes, 1))..)?;
            }
            TABLE => {
                let length = u32_at(bytes, 1) as usize;
                return bytes.get(5..5_usize.checked_add(length)?);
            }
            _ => return None,
        }
    }
}
