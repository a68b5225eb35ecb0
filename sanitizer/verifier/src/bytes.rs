//! Reading numbers from bytes, never beyond their end.

use crate::refusal::{Refusal, Verdict, must};

const SHORT: Refusal = Refusal::of("it ends too early");

/// A place in bytes.
#[derive(Clone)]
pub(crate) struct Bytes<'b> {
    all: &'b [u8],
    at: usize,
}

impl<'b> Bytes<'b> {
    pub(crate) const fn new(all: &'b [u8]) -> Self {
        Self { all, at: 0 }
    }

    pub(crate) const fn at(&self) -> usize {
        self.at
    }

    pub(crate) fn rest(&self) -> &'b [u8] {
        self.all.get(self.at..).unwrap_or_default()
    }

    pub(crate) fn is_done(&self) -> bool {
        self.rest().is_empty()
    }

    pub(crate) fn take(&mut self, count: usize) -> Result<&'b [u8], Refusal> {
        let taken = self.rest().get(..count).ok_or(SHORT)?;
        self.at += count;
        Ok(taken)
    }

    pub(crate) fn expect(&mut self, wanted: &[u8], what: &'static str) -> Verdict {
        must(self.rest().starts_with(wanted), what)?;
        self.at += wanted.len();
        Ok(())
    }

    pub(crate) fn u8(&mut self) -> Result<u8, Refusal> {
        Ok(self.take(1)?[0])
    }

    pub(crate) fn be16(&mut self) -> Result<usize, Refusal> {
        Ok(self.be(2)? as usize)
    }

    pub(crate) fn be32(&mut self) -> Result<usize, Refusal> {
        Ok(self.be(4)? as usize)
    }

    pub(crate) fn le16(&mut self) -> Result<usize, Refusal> {
        Ok(self.le(2)? as usize)
    }

    pub(crate) fn le32(&mut self) -> Result<usize, Refusal> {
        Ok(self.le(4)? as usize)
    }

    pub(crate) fn be(&mut self, count: usize) -> Result<u64, Refusal> {
        Ok(self.take(count)?.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)))
    }

    fn le(&mut self, count: usize) -> Result<u64, Refusal> {
        Ok(self.take(count)?.iter().rev().fold(0, |sum, byte| sum << 8 | u64::from(*byte)))
    }
}
