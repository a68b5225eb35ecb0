//! Codes of Huffman tables.

use super::bits::High;
use crate::bytes::Bytes;
use crate::refusal::{Refusal, must};

/// What each sixteen bits begin with: a symbol and the bits of its code.
pub(super) struct Codes {
    of: Vec<(u8, u8)>,
}

impl Codes {
    /// From how many codes there are of each length, and their symbols, which
    /// fill `from` to its end.
    pub(super) fn read(mut from: Bytes<'_>) -> Result<Self, Refusal> {
        let counts = from.take(16)?;
        let mut of = vec![(0, 0); 1 << 16];
        let mut next = 0_usize;
        for (width, count) in (1_u8..).zip(counts) {
            for symbol in from.take(usize::from(*count))? {
                let span = 1 << (16 - width);
                let taken = of.get_mut(next..next + span).ok_or(Refusal::of("odd codes"))?;
                taken.fill((*symbol, width));
                next += span;
            }
        }
        must(from.is_done(), "odd codes")?;
        Ok(Self { of })
    }

    /// The next symbol.
    pub(super) fn symbol(&self, bits: &mut High<'_>) -> Result<u8, Refusal> {
        let (symbol, width) = self.of[usize::from(bits.peek())];
        must(width > 0, "a code of nothing")?;
        bits.skip(u32::from(width))?;
        Ok(symbol)
    }
}
