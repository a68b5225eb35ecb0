//! A part as records: kind and length in one to four bytes of seven bits, data.

use sanitizer_intermediate::HoldReason;

/// Records between these are a later program's, with others in their place.
const FUTURE: (u16, u16) = (35, 36);
const ADDED: (u16, u16) = (37, 38);
/// Deepest nesting of those.
const MAX_DEPTH: u32 = 64;

/// A record.
#[derive(Clone, Copy)]
pub(super) struct Record<'b> {
    pub kind: u16,
    pub data: &'b [u8],
}

/// Steps over records.
pub(super) struct Records<'b> {
    rest: &'b [u8],
    depth: u32,
}

impl<'b> Records<'b> {
    pub(super) const fn new(rest: &'b [u8]) -> Self {
        Self { rest, depth: 0 }
    }

    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    fn record(&mut self) -> Option<Record<'b>> {
        let first = self.byte()?;
        let kind = if first & 0x80 == 0 {
            u16::from(first)
        } else {
            u16::from(first & 0x7f) | u16::from(self.byte()? & 0x7f) << 7
        };
        let mut length = 0_usize;
        for step in 0..4 {
            let byte = self.byte()?;
            length |= usize::from(byte & 0x7f) << (7 * step);
            if byte & 0x80 == 0 {
                break;
            }
        }
        let (data, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(Record { kind, data })
    }
}

impl<'b> Iterator for Records<'b> {
    type Item = Result<Record<'b>, HoldReason>;

    /// The next record; broken where one is cut off.
    fn next(&mut self) -> Option<Self::Item> {
        while !self.rest.is_empty() {
            let Some(record) = self.record() else {
                self.rest = &[];
                return Some(Err(HoldReason::Broken));
            };
            let (opens, closes) = (
                [FUTURE.0, ADDED.0].contains(&record.kind),
                [FUTURE.1, ADDED.1].contains(&record.kind),
            );
            if opens {
                self.depth += 1;
                if self.depth > MAX_DEPTH {
                    self.rest = &[];
                    return Some(Err(HoldReason::TooComplex));
                }
            } else if closes {
                self.depth = self.depth.saturating_sub(1);
            } else if self.depth == 0 {
                return Some(Ok(record));
            }
        }
        None
    }
}
