//! Values made from bytes: the same bytes make the same value, fewer bytes a
//! smaller one, so that what fails can be made small.

/// Characters of every length in UTF-8, and those that markup treats apart.
const LETTERS: [char; 16] =
    ['a', 'Z', '0', ' ', '<', '&', '"', '\'', ']', 'é', 'あ', '髙', '・', '𠮷', '\t', '\n'];

/// Bytes to decide by; when there are no more, everything is as small as can be.
pub(crate) struct Dice<'e> {
    left: &'e [u8],
}

impl<'e> Dice<'e> {
    pub(crate) fn new(entropy: &'e [u8]) -> Self {
        Self { left: entropy }
    }

    pub(crate) fn byte(&mut self) -> u8 {
        match self.left.split_first() {
            Some((first, rest)) => {
                self.left = rest;
                *first
            }
            None => 0,
        }
    }

    pub(crate) fn flag(&mut self) -> bool {
        self.byte() & 1 == 1
    }

    /// A number below `most`, which is at least 1.
    pub(crate) fn below(&mut self, most: usize) -> usize {
        let high = if most > 256 { usize::from(self.byte()) << 8 } else { 0 };
        (high | usize::from(self.byte())) % most
    }

    pub(crate) fn u16(&mut self) -> u16 {
        u16::from_be_bytes([self.byte(), self.byte()])
    }

    pub(crate) fn i16(&mut self) -> i16 {
        self.u16().cast_signed()
    }

    pub(crate) fn u32(&mut self) -> u32 {
        u32::from(self.u16()) << 16 | u32::from(self.u16())
    }

    pub(crate) fn u64(&mut self) -> u64 {
        u64::from(self.u32()) << 32 | u64::from(self.u32())
    }

    /// A number that a page may have.
    pub(crate) fn number(&mut self) -> f32 {
        f32::from(self.i16()) / 8.0
    }

    /// From 0 to 1.
    pub(crate) fn share(&mut self) -> f32 {
        f32::from(self.byte()) / 255.0
    }

    pub(crate) fn numbers<const N: usize>(&mut self) -> [f32; N] {
        std::array::from_fn(|_| self.number())
    }

    pub(crate) fn places<const N: usize>(&mut self) -> [i16; N] {
        std::array::from_fn(|_| self.i16())
    }

    pub(crate) fn rgb(&mut self) -> [u8; 3] {
        std::array::from_fn(|_| self.byte())
    }

    /// Characters, at most so many bytes of them.
    pub(crate) fn text(&mut self, most: usize) -> String {
        let mut text = String::new();
        for _ in 0..self.below(12) {
            let letter = LETTERS[self.below(LETTERS.len())];
            if text.len() + letter.len_utf8() <= most {
                text.push(letter);
            }
        }
        text
    }

    pub(crate) fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    pub(crate) fn option<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        self.flag().then(|| make(self))
    }

    pub(crate) fn list<T>(&mut self, most: usize, mut make: impl FnMut(&mut Self) -> T) -> Vec<T> {
        (0..self.below(most + 1)).map(|_| make(self)).collect()
    }
}
