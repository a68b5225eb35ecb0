//! The bounded binary form of everything that crosses the worker's pipes.
//!
//! Integers are big-endian and of fixed width. `bytes` and `str` are a `u32`
//! length and the data, a list is a `u32` count and its items, an option is
//! one byte 0 or 1 and the value. A reader names a limit for everything whose
//! size the other side chooses, and a message must be consumed to its last
//! byte.

mod reader;
mod writer;

pub use reader::{DecodeError, Reader};
pub use writer::Writer;

/// How deep values may contain each other, for example tables within tables.
pub const MAX_DEPTH: u16 = 64;

/// A value that can be written in the binary form.
pub trait Encode {
    /// Appends this value. Never fails: see [`Writer::finish`].
    fn encode(&self, to: &mut Writer<'_>);
}

/// A value that can be read back from the binary form.
pub trait Decode: Sized {
    /// Reads one value and checks every rule of its type.
    ///
    /// # Errors
    /// [`DecodeError`] when the bytes are not such a value. The caller treats
    /// the worker as broken then; nothing of the message may be used.
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError>;
}

impl Encode for String {
    fn encode(&self, to: &mut Writer<'_>) {
        to.str(self);
    }
}

impl Encode for u32 {
    fn encode(&self, to: &mut Writer<'_>) {
        to.u32(*self);
    }
}

impl Decode for u32 {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        from.u32()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut Writer<'_>)) -> Vec<u8> {
        let mut sink = Vec::new();
        let mut writer = Writer::new(&mut sink);
        write(&mut writer);
        writer.finish().expect("writing to memory");
        sink
    }

    #[test]
    fn every_primitive_comes_back() {
        let bytes = written(|to| {
            to.u8(7);
            to.u16(700);
            to.u32(70_000);
            to.u64(1 << 40);
            to.i64(-5);
            to.f32(1.5);
            to.f64(-2.25);
            to.bool(true);
            to.str("市民");
            to.bytes(&[1, 2, 3]);
            to.list(&[4_u32, 5]);
            to.option(Some(&6_u32));
            to.option::<u32>(None);
        });
        let mut input = bytes.as_slice();
        let mut from = Reader::new(&mut input, 1000);
        assert_eq!(from.u8(), Ok(7));
        assert_eq!(from.u16(), Ok(700));
        assert_eq!(from.u32(), Ok(70_000));
        assert_eq!(from.u64(), Ok(1 << 40));
        assert_eq!(from.i64(), Ok(-5));
        assert_eq!(from.f32(), Ok(1.5));
        assert_eq!(from.f64(), Ok(-2.25));
        assert_eq!(from.bool(), Ok(true));
        assert_eq!(from.str(6).as_deref(), Ok("市民"));
        assert_eq!(from.bytes(3), Ok(vec![1, 2, 3]));
        assert_eq!(from.list::<u32>(2), Ok(vec![4, 5]));
        assert_eq!(from.option::<u32>(), Ok(Some(6)));
        assert_eq!(from.option::<u32>(), Ok(None));
        assert_eq!(from.finish(), Ok(()));
    }

    /// NF-32: a worker cannot make its reader reserve memory it never sends.
    #[test]
    fn a_length_beyond_the_limit_is_refused_before_reading() {
        let bytes = written(|to| to.u32(u32::MAX));
        let mut input = bytes.as_slice();
        assert_eq!(Reader::new(&mut input, 100).bytes(10), Err(DecodeError::TooLong));
        let mut input = bytes.as_slice();
        assert_eq!(Reader::new(&mut input, 100).bytes(usize::MAX), Err(DecodeError::TooLong));
        let mut input = bytes.as_slice();
        assert_eq!(Reader::new(&mut input, u64::MAX).bytes(usize::MAX), Err(DecodeError::Ended));
    }

    #[test]
    fn bytes_left_over_are_refused() {
        let mut input: &[u8] = &[1, 2];
        let mut from = Reader::new(&mut input, 100);
        assert_eq!(from.u8(), Ok(1));
        assert_eq!(from.finish(), Err(DecodeError::LeftOver));
    }

    #[test]
    fn values_nested_too_deep_are_refused() {
        fn dive(from: &mut Reader<'_>) -> Result<(), DecodeError> {
            from.nest(dive)
        }
        let mut input: &[u8] = &[];
        assert_eq!(dive(&mut Reader::new(&mut input, 0)), Err(DecodeError::TooDeep));
    }

    #[test]
    fn numbers_that_are_not_finite_are_refused() {
        let bytes = written(|to| to.f32(f32::NAN));
        let mut input = bytes.as_slice();
        assert_eq!(Reader::new(&mut input, 4).f32(), Err(DecodeError::Invalid("f32")));
    }
}
