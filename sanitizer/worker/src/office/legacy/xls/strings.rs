//! Texts: Unicode of one or two bytes a character, cut by records anywhere.

use sanitizer_intermediate::{HoldReason, Limits};

use crate::office::legacy::bytes::{latin, slice, u8_at, utf16};

const WIDE: u8 = 0x01;
const EXTENDED: u8 = 0x04;
const RICH: u8 = 0x08;

/// The table of texts.
///
/// # Errors
/// [`HoldReason`] when it is longer than allowed.
pub(super) fn table(pieces: &[&[u8]], limits: &Limits) -> Result<Vec<String>, HoldReason> {
    let mut from = Pieces { pieces, piece: 0, at: 8 };
    let mut texts = Vec::new();
    let mut total = 0;
    while let Some(text) = from.text() {
        total += text.len();
        if total > limits.text_bytes as usize || texts.len() >= limits.cells as usize {
            return Err(HoldReason::TooComplex);
        }
        texts.push(text);
    }
    Ok(texts)
}

/// A text of this many characters, with its flags before it, in one piece.
pub(super) fn unicode(data: &[u8], characters: usize) -> String {
    if u8_at(data, 0) & WIDE != 0 {
        let most = characters.saturating_mul(2).min(data.len().saturating_sub(1));
        utf16(slice(data, 1, most))
    } else {
        latin(slice(data, 1, characters.min(data.len().saturating_sub(1))))
    }
}

struct Pieces<'p> {
    pieces: &'p [&'p [u8]],
    piece: usize,
    at: usize,
}

impl<'p> Pieces<'p> {
    /// The next text; none at the end.
    fn text(&mut self) -> Option<String> {
        let characters = usize::from(self.u16()?);
        let mut flags = self.u8()?;
        let runs = if flags & RICH != 0 { usize::from(self.u16()?) } else { 0 };
        let extension = if flags & EXTENDED != 0 {
            usize::from(self.u16()?) | usize::from(self.u16()?) << 16
        } else {
            0
        };
        let mut text = String::new();
        let mut left = characters;
        while left > 0 {
            let width = if flags & WIDE != 0 { 2 } else { 1 };
            let rest = self.rest()?;
            let here = left.min(rest.len() / width);
            let bytes = slice(rest, 0, here * width);
            text.push_str(&if width == 2 { utf16(bytes) } else { latin(bytes) });
            self.at += here * width;
            left -= here;
            if left > 0 {
                self.next_piece()?;
                flags = self.u8()?;
            }
        }
        self.skip(runs * 4 + extension)?;
        Some(text)
    }

    fn rest(&self) -> Option<&'p [u8]> {
        self.pieces.get(self.piece)?.get(self.at..)
    }

    fn next_piece(&mut self) -> Option<()> {
        self.piece += 1;
        self.at = 0;
        self.pieces.get(self.piece).map(|_| ())
    }

    fn u8(&mut self) -> Option<u8> {
        while self.rest()?.is_empty() {
            self.next_piece()?;
        }
        let byte = u8_at(self.rest()?, 0);
        self.at += 1;
        Some(byte)
    }

    fn u16(&mut self) -> Option<u16> {
        Some(u16::from_le_bytes([self.u8()?, self.u8()?]))
    }

    fn skip(&mut self, mut bytes: usize) -> Option<()> {
        while bytes > 0 {
            let here = bytes.min(self.rest()?.len());
            self.at += here;
            bytes -= here;
            if bytes > 0 && self.next_piece().is_none() {
                // What is cut off belongs to no text.
                return Some(());
            }
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_goes_on_in_the_next_record_with_its_own_width() {
        let first: &[u8] = &[2, 0, 0, 0, 2, 0, 0, 0, 4, 0, 0, b'a', b'b'];
        let second: &[u8] = &[1, 0x42, 0x30, b'c', 0, 1, 0, 0, b'z'];
        let texts = table(&[first, second], &Limits::default());
        assert_eq!(texts, Ok(vec!["abあc".to_owned(), "z".to_owned()]));
    }
}
