//! The data of a record, field by field; what is not there is zero or empty.

use crate::office::legacy::bytes::{f64_at, u8_at, u16_at, u32_at, utf16};
use crate::office::tokens::{Place, area};

/// Steps over fields.
#[derive(Clone, Copy)]
pub(super) struct Fields<'b> {
    rest: &'b [u8],
}

impl<'b> Fields<'b> {
    pub(super) const fn new(rest: &'b [u8]) -> Self {
        Self { rest }
    }

    pub(super) fn take(&mut self, bytes: usize) -> &'b [u8] {
        let (taken, rest) = self.rest.split_at_checked(bytes).unwrap_or_default();
        self.rest = rest;
        taken
    }

    pub(super) const fn is_done(&self) -> bool {
        self.rest.is_empty()
    }

    pub(super) fn u8(&mut self) -> u8 {
        u8_at(self.take(1), 0)
    }

    pub(super) fn u16(&mut self) -> u16 {
        u16_at(self.take(2), 0)
    }

    pub(super) fn u32(&mut self) -> u32 {
        u32_at(self.take(4), 0)
    }

    pub(super) fn f64(&mut self) -> f64 {
        f64_at(self.take(8), 0)
    }

    /// A text after the number of its characters.
    pub(super) fn text(&mut self) -> String {
        self.text_or_none().unwrap_or_default()
    }

    /// A text that may not be there.
    pub(super) fn text_or_none(&mut self) -> Option<String> {
        const NONE: u32 = u32::MAX;
        match self.u32() {
            NONE => None,
            characters => {
                let bytes = usize::try_from(characters).unwrap_or(usize::MAX).saturating_mul(2);
                Some(utf16(self.take(bytes)))
            }
        }
    }

    /// First and last row, first and last column.
    pub(super) fn range(&mut self) -> [Place; 2] {
        let (top, bottom, left, right) = (self.u32(), self.u32(), self.u32(), self.u32());
        [Place { row: top, column: left }, Place { row: bottom, column: right }]
    }

    /// The same as `A1:B2`.
    pub(super) fn range_text(&mut self) -> String {
        let [first, last] = self.range();
        area(first, last)
    }

    /// Tokens of a formula and what stands behind them.
    pub(super) fn formula(&mut self) -> (&'b [u8], &'b [u8]) {
        let mut part = || {
            let bytes = usize::try_from(self.u32()).unwrap_or(usize::MAX);
            self.take(bytes)
        };
        (part(), part())
    }
}
