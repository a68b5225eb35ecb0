//! The stream as records: kind, length, data.

use crate::office::legacy::bytes::{slice, u16_at};

const CONTINUE: u16 = 0x3c;

/// A record.
#[derive(Clone, Copy)]
pub(super) struct Record<'s> {
    pub kind: u16,
    pub data: &'s [u8],
}

/// Steps over records.
pub(super) struct Records<'s> {
    stream: &'s [u8],
    at: usize,
}

impl<'s> Records<'s> {
    /// From a place in the stream.
    pub(super) fn new(stream: &'s [u8], at: usize) -> Self {
        Self { stream, at }
    }

    /// Where in the stream the next record is.
    pub(super) const fn place(&self) -> usize {
        self.at
    }

    /// The data of a record and of those that continue it.
    pub(super) fn with_continued(&mut self, record: &Record<'s>) -> Vec<&'s [u8]> {
        let mut pieces = vec![record.data];
        while u16_at(self.stream, self.at) == CONTINUE {
            let Some(record) = self.next() else {
                break;
            };
            pieces.push(record.data);
        }
        pieces
    }
}

impl<'s> Iterator for Records<'s> {
    type Item = Record<'s>;

    /// The next record; none at the end or where one is cut off.
    fn next(&mut self) -> Option<Record<'s>> {
        let header = self.stream.get(self.at..self.at.checked_add(4)?)?;
        let (kind, length) = (u16_at(header, 0), usize::from(u16_at(header, 2)));
        let start = self.at + 4;
        let data = slice(self.stream, start, length);
        if data.len() < length {
            return None;
        }
        self.at = start + length;
        Some(Record { kind, data })
    }
}
