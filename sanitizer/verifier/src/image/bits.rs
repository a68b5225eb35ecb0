//! Codes of some bits, either end first.

use crate::refusal::{Refusal, Verdict, must};

const SHORT: Refusal = Refusal::of("codes that end too early");

/// Bits from the lowest of each byte on, as GIF has them.
pub(super) struct Low<'b> {
    bytes: &'b [u8],
    held: u32,
    count: u32,
}

impl<'b> Low<'b> {
    pub(super) const fn new(bytes: &'b [u8]) -> Self {
        Self { bytes, held: 0, count: 0 }
    }

    pub(super) fn take(&mut self, width: u32) -> Result<u32, Refusal> {
        while self.count < width {
            let (first, rest) = self.bytes.split_first().ok_or(SHORT)?;
            self.held |= u32::from(*first) << self.count;
            (self.bytes, self.count) = (rest, self.count + 8);
        }
        let taken = self.held & ((1 << width) - 1);
        (self.held, self.count) = (self.held >> width, self.count - width);
        Ok(taken)
    }

    /// The rest is the unused part of the last byte.
    pub(super) fn end(&self) -> Verdict {
        must(self.bytes.is_empty() && self.held == 0 && self.count < 8, "bytes after codes")
    }
}

/// Bits from the highest of each byte on, as a scan of a JPEG has them: a byte
/// of ones is followed by one of zeros, and a marker ends the scan.
pub(super) struct High<'b> {
    bytes: &'b [u8],
    at: usize,
    held: u64,
    count: u32,
}

impl<'b> High<'b> {
    pub(super) const fn new(bytes: &'b [u8]) -> Self {
        Self { bytes, at: 0, held: 0, count: 0 }
    }

    fn fill(&mut self) {
        while self.count <= 48 {
            let (byte, step) = match self.bytes.get(self.at..) {
                Some([0xFF, 0, ..]) => (0xFF, 2),
                Some([0xFF, ..] | []) | None => return,
                Some([byte, ..]) => (*byte, 1),
            };
            self.at += step;
            self.held = self.held << 8 | u64::from(byte);
            self.count += 8;
        }
    }

    /// The next sixteen bits; ones where there are no more.
    pub(super) fn peek(&mut self) -> u16 {
        if self.count < 16 {
            self.fill();
        }
        match self.count.checked_sub(16) {
            Some(after) => (self.held >> after) as u16,
            None => {
                let missing = 16 - self.count;
                ((self.held << missing) | ((1 << missing) - 1)) as u16
            }
        }
    }

    pub(super) fn skip(&mut self, width: u32) -> Verdict {
        if self.count < width {
            self.fill();
        }
        self.count = self.count.checked_sub(width).ok_or(SHORT)?;
        self.held &= (1 << self.count) - 1;
        Ok(())
    }

    /// Ends at the next whole byte, with ones up to it; gives where that is.
    pub(super) fn end(mut self) -> Result<usize, Refusal> {
        self.fill();
        let ones = self.held == (1 << self.count) - 1;
        must(self.count < 8 && ones, "bytes after codes")?;
        Ok(self.at)
    }
}
