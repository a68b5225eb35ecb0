//! Canonical bytes: one value, one encoding.
//!
//! Integers are big-endian and fixed; text, bytes and lists start with a u32
//! length; an option is 0, or 1 and the value; maps are lists with strictly
//! rising keys. Decoding takes every byte or fails, checks each length against
//! what is left and never panics. `docs/wire/canonical.md` draws it.

mod declare;

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;

pub(crate) use declare::{codes, private_record, record, record_wire};

/// Most entries one list or map may have.
pub const LIST_LIMIT: usize = 10_000;
/// Longest text, in bytes.
pub const TEXT_LIMIT: usize = 1 << 20;

/// Why bytes are not the canonical form of the expected value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// The bytes end inside a value.
    #[error("the bytes end too early")]
    TooShort,
    /// Bytes follow the value.
    #[error("bytes are left over after the value")]
    LeftOver,
    /// A length or count is over its limit.
    #[error("a length is over its limit")]
    TooLong,
    /// A text is not UTF-8.
    #[error("a text is not UTF-8")]
    NotUtf8,
    /// A tag or flag byte has no meaning.
    #[error("an unknown tag")]
    UnknownTag,
    /// The version of a message is not one we read.
    #[error("an unknown version")]
    UnknownVersion,
    /// The same value has another, canonical, encoding.
    #[error("not the canonical form")]
    NotCanonical,
    /// A value is outside what its type allows.
    #[error("a value out of range")]
    OutOfRange,
}

/// A value with exactly one encoding.
pub trait Wire: Sized {
    /// Appends the canonical bytes.
    fn write(&self, out: &mut Writer);
    /// Reads one value from the front.
    ///
    /// # Errors
    /// [`Malformed`] when the bytes are not the canonical form of a value.
    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed>;
}

/// The canonical bytes of a value.
#[must_use]
pub fn encode<T: Wire>(value: &T) -> Vec<u8> {
    let mut out = Writer::with_room(encoded_size(value));
    value.write(&mut out);
    out.into_bytes()
}

/// How many bytes the canonical form of a value has; makes none of them.
#[must_use]
pub fn encoded_size<T: Wire>(value: &T) -> usize {
    let mut out = Writer(To::Count(0));
    value.write(&mut out);
    out.size()
}

/// The value whose canonical bytes these are, all of them.
///
/// # Errors
/// [`Malformed`] when the bytes are not exactly one canonical value.
pub fn decode<T: Wire>(bytes: &[u8]) -> Result<T, Malformed> {
    let mut from = Reader(bytes);
    let value = T::read(&mut from)?;
    if from.0.is_empty() { Ok(value) } else { Err(Malformed::LeftOver) }
}

/// Collects canonical bytes, or counts them.
pub struct Writer(To);

enum To {
    Bytes(Vec<u8>),
    Count(usize),
}

impl Default for Writer {
    fn default() -> Self {
        Self::with_room(0)
    }
}

impl Writer {
    /// A writer that takes so many bytes before it needs more memory. What is secret is
    /// written with room for all of it: no half of it is left behind when memory moves.
    #[must_use]
    pub fn with_room(bytes: usize) -> Self {
        Self(To::Bytes(Vec::with_capacity(bytes)))
    }

    /// Appends bytes as they are, without a length.
    pub fn raw(&mut self, bytes: &[u8]) {
        match &mut self.0 {
            To::Bytes(out) => out.extend_from_slice(bytes),
            To::Count(count) => *count += bytes.len(),
        }
    }

    /// Appends a u32 length and the bytes.
    ///
    /// # Panics
    /// When the bytes are 4 GiB or more: nothing on the bridge comes near.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.length(bytes.len());
        self.raw(bytes);
    }

    /// What was written; nothing when it was only counted.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        match self.0 {
            To::Bytes(out) => out,
            To::Count(_) => Vec::new(),
        }
    }

    fn size(&self) -> usize {
        match &self.0 {
            To::Bytes(out) => out.len(),
            To::Count(count) => *count,
        }
    }

    fn length(&mut self, length: usize) {
        let length = u32::try_from(length).expect("a bridge value is shorter than 4 GiB");
        self.raw(&length.to_be_bytes());
    }
}

/// Takes canonical bytes from the front of a slice.
pub struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// A reader at the start of the bytes.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// How many bytes are left.
    #[must_use]
    pub const fn left(&self) -> usize {
        self.0.len()
    }

    /// The next byte, left where it is.
    #[must_use]
    pub fn peek(&self) -> Option<u8> {
        self.0.first().copied()
    }

    /// Takes exactly `count` bytes.
    ///
    /// # Errors
    /// [`Malformed::TooShort`] when fewer are left.
    pub fn raw(&mut self, count: usize) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(Malformed::TooShort)?;
        self.0 = rest;
        Ok(taken)
    }

    /// Takes exactly `N` bytes.
    ///
    /// # Errors
    /// [`Malformed::TooShort`] when fewer are left.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let (taken, rest) = self.0.split_first_chunk::<N>().ok_or(Malformed::TooShort)?;
        self.0 = rest;
        Ok(*taken)
    }

    /// Takes a u32 length and that many bytes.
    ///
    /// # Errors
    /// [`Malformed`] when the length is over `limit` or over what is left.
    pub fn bytes(&mut self, limit: usize) -> Result<&'a [u8], Malformed> {
        let length = self.length(limit)?;
        self.raw(length)
    }

    /// Takes a u32 count of at most `limit`.
    ///
    /// # Errors
    /// [`Malformed`] when it is over the limit or the bytes end.
    pub fn length(&mut self, limit: usize) -> Result<usize, Malformed> {
        let length = u32::from_be_bytes(self.array()?) as usize;
        if length > limit { Err(Malformed::TooLong) } else { Ok(length) }
    }
}

macro_rules! integers {
    ($($int:ty),*) => {$(
        impl Wire for $int {
            fn write(&self, out: &mut Writer) {
                out.raw(&self.to_be_bytes());
            }
            fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
                Ok(Self::from_be_bytes(from.array()?))
            }
        }
    )*};
}
// No `u8`: a `Vec<u8>` is bytes, not a list.
integers!(u16, u32, u64, i64);

impl Wire for bool {
    fn write(&self, out: &mut Writer) {
        out.raw(&[u8::from(*self)]);
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        match from.array()? {
            [0] => Ok(false),
            [1] => Ok(true),
            _ => Err(Malformed::UnknownTag),
        }
    }
}

impl Wire for String {
    fn write(&self, out: &mut Writer) {
        out.bytes(self.as_bytes());
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        let bytes = from.bytes(TEXT_LIMIT)?;
        let text = simdutf8::basic::from_utf8(bytes).map_err(|_| Malformed::NotUtf8)?;
        Ok(text.to_owned())
    }
}

impl Wire for Vec<u8> {
    fn write(&self, out: &mut Writer) {
        out.bytes(self);
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        let left = from.left();
        from.bytes(left).map(<[u8]>::to_vec)
    }
}

impl<T: Wire> Wire for Vec<T> {
    fn write(&self, out: &mut Writer) {
        out.length(self.len());
        for item in self {
            item.write(out);
        }
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        let count = from.length(LIST_LIMIT)?;
        // Every item takes at least one byte, so a forged count cannot reserve much.
        let mut items = Self::with_capacity(count.min(from.left()));
        for _ in 0..count {
            items.push(T::read(from)?);
        }
        Ok(items)
    }
}

impl<T: Wire> Wire for Option<T> {
    fn write(&self, out: &mut Writer) {
        self.is_some().write(out);
        if let Some(value) = self {
            value.write(out);
        }
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(if bool::read(from)? { Some(T::read(from)?) } else { None })
    }
}

impl<V: Wire> Wire for BTreeMap<String, V> {
    fn write(&self, out: &mut Writer) {
        out.length(self.len());
        for (key, value) in self {
            key.write(out);
            value.write(out);
        }
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        let count = from.length(LIST_LIMIT)?;
        let mut map = Self::new();
        for _ in 0..count {
            let key = String::read(from)?;
            if map.last_key_value().is_some_and(|(last, _)| *last >= key) {
                return Err(Malformed::NotCanonical);
            }
            map.insert(key, V::read(from)?);
        }
        Ok(map)
    }
}

impl<T: Wire> Wire for Box<T> {
    fn write(&self, out: &mut Writer) {
        T::write(self, out);
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        T::read(from).map(Self::new)
    }
}

/// Whole microseconds since the epoch, UTC, as i64.
impl Wire for Timestamp {
    fn write(&self, out: &mut Writer) {
        self.as_microsecond().write(out);
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        Self::from_microsecond(i64::read(from)?).map_err(|_| Malformed::OutOfRange)
    }
}

/// i16 year, u8 month, u8 day.
impl Wire for Date {
    fn write(&self, out: &mut Writer) {
        out.raw(&self.year().to_be_bytes());
        out.raw(&[self.month().unsigned_abs(), self.day().unsigned_abs()]);
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        let year = i16::from_be_bytes(from.array()?);
        let [month, day] = from.array()?;
        let small = |number: u8| i8::try_from(number).map_err(|_| Malformed::OutOfRange);
        Self::new(year, small(month)?, small(day)?).map_err(|_| Malformed::OutOfRange)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_map_out_of_order_is_not_canonical() {
        let mut out = Writer::default();
        out.length(2);
        for key in ["b", "a"] {
            key.to_owned().write(&mut out);
            1_u16.write(&mut out);
        }
        let read = decode::<BTreeMap<String, u16>>(&out.into_bytes());
        assert_eq!(read, Err(Malformed::NotCanonical));
    }

    #[test]
    fn a_forged_count_fails_without_reserving() {
        let claim = u32::try_from(LIST_LIMIT).expect("a small limit").to_be_bytes();
        assert_eq!(decode::<Vec<String>>(&claim), Err(Malformed::TooShort));
        assert_eq!(decode::<Vec<String>>(&[0xFF; 4]), Err(Malformed::TooLong));
    }

    #[test]
    fn bytes_left_over_are_an_error() {
        assert_eq!(decode::<u16>(&[0, 1, 2]), Err(Malformed::LeftOver));
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(
            map in prop::collection::btree_map(".{0,8}", prop::collection::vec(".{0,8}", 0..4), 0..8),
            bytes in prop::collection::vec(any::<u8>(), 0..100),
            maybe: Option<u64>,
            flag: bool,
        ) {
            prop_assert_eq!(decode(&encode(&map)), Ok(map));
            prop_assert_eq!(decode(&encode(&bytes)), Ok(bytes));
            prop_assert_eq!(decode(&encode(&maybe)), Ok(maybe));
            prop_assert_eq!(decode(&encode(&flag)), Ok(flag));
        }

        #[test]
        fn hostile_bytes_never_panic_and_good_ones_are_canonical(bytes: Vec<u8>) {
            if let Ok(map) = decode::<BTreeMap<String, Vec<String>>>(&bytes) {
                prop_assert_eq!(encode(&map), bytes.clone());
            }
            if let Ok(date) = decode::<Option<Date>>(&bytes) {
                prop_assert_eq!(encode(&date), bytes.clone());
            }
            if let Ok(time) = decode::<Timestamp>(&bytes) {
                prop_assert_eq!(encode(&time), bytes);
            }
        }
    }
}
