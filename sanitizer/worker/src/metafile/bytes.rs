//! Little-endian numbers at known places of a record; what is not there is zero.

use hayro::kurbo::Point;

/// The bytes of a record.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields<'d>(pub &'d [u8]);

impl<'d> Fields<'d> {
    fn array<const N: usize>(self, at: usize) -> [u8; N] {
        self.slice(at, N).and_then(|it| it.try_into().ok()).unwrap_or([0; N])
    }

    /// `length` bytes from `at`.
    pub(super) fn slice(self, at: usize, length: usize) -> Option<&'d [u8]> {
        self.0.get(at..at.checked_add(length)?)
    }

    /// What follows `at`.
    pub(super) fn from(self, at: usize) -> Self {
        Self(self.0.get(at..).unwrap_or_default())
    }

    pub(super) fn u8(self, at: usize) -> u8 {
        self.0.get(at).copied().unwrap_or_default()
    }

    pub(super) fn u16(self, at: usize) -> u16 {
        u16::from_le_bytes(self.array(at))
    }

    pub(super) fn i16(self, at: usize) -> i16 {
        self.u16(at).cast_signed()
    }

    pub(super) fn u32(self, at: usize) -> u32 {
        u32::from_le_bytes(self.array(at))
    }

    pub(super) fn i32(self, at: usize) -> i32 {
        self.u32(at).cast_signed()
    }

    /// A number that counts or names a place.
    pub(super) fn size(self, at: usize) -> usize {
        usize::try_from(self.u32(at)).unwrap_or(usize::MAX)
    }

    /// A floating point number; zero when it is not finite.
    pub(super) fn f32(self, at: usize) -> f64 {
        let number = f64::from(f32::from_le_bytes(self.array(at)));
        if number.is_finite() { number } else { 0.0 }
    }

    /// A 32-bit number to compute with.
    pub(super) fn long(self, at: usize) -> f64 {
        f64::from(self.i32(at))
    }

    /// A 16-bit number to compute with.
    pub(super) fn short(self, at: usize) -> f64 {
        f64::from(self.i16(at))
    }

    /// Two 32-bit numbers.
    pub(super) fn point(self, at: usize) -> Point {
        Point::new(self.long(at), self.long(at + 4))
    }

    /// Two 16-bit numbers.
    pub(super) fn point16(self, at: usize) -> Point {
        Point::new(self.short(at), self.short(at + 2))
    }

    /// Points one after the other; fewer when the record ends early.
    pub(super) fn points(self, at: usize, count: usize, short: bool) -> Vec<Point> {
        let size = if short { 4 } else { 8 };
        let rest = self.from(at).0;
        let parts = rest.chunks_exact(size).take(count).map(Fields);
        parts.map(|it| if short { it.point16(0) } else { it.point(0) }).collect()
    }
}
