//! Reads values from a pipe, believing no length it is told.

use std::io::Read;

use super::{Decode, MAX_DEPTH};

/// Items or bytes reserved ahead of what has arrived.
const AHEAD: usize = 64 * 1024;

/// Why a message is not one of ours. Deliberately without any of its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The message stopped in the middle of a value.
    #[error("the message ends early")]
    Ended,
    /// A length or count exceeds the limit, or the message as a whole does.
    #[error("a value is longer than allowed")]
    TooLong,
    /// Values contain each other deeper than [`MAX_DEPTH`].
    #[error("values are nested too deep")]
    TooDeep,
    /// Bytes follow the message.
    #[error("bytes follow the message")]
    LeftOver,
    /// The bytes are not a value of the named type.
    #[error("not a valid {0}")]
    Invalid(&'static str),
}

/// Takes values from an input in the order they were written.
pub struct Reader<'r> {
    input: &'r mut dyn Read,
    left: u64,
    depth: u16,
}

impl<'r> Reader<'r> {
    /// Starts on a message of at most `limit` bytes. `input` should be
    /// buffered: many values are one byte.
    pub fn new(input: &'r mut dyn Read, limit: u64) -> Self {
        Self { input, left: limit, depth: 0 }
    }

    /// Ends the message.
    ///
    /// # Errors
    /// [`DecodeError::LeftOver`] when the input has one more byte.
    pub fn finish(self) -> Result<(), DecodeError> {
        match self.input.read(&mut [0]) {
            Ok(0) => Ok(()),
            Ok(_) => Err(DecodeError::LeftOver),
            Err(_) => Err(DecodeError::Ended),
        }
    }

    /// One byte.
    ///
    /// # Errors
    /// As every method of the reader: [`DecodeError`] when there is no such value.
    pub fn u8(&mut self) -> Result<u8, DecodeError> {
        self.fixed().map(|[byte]| byte)
    }

    /// Two bytes.
    ///
    /// # Errors
    /// [`DecodeError`] when there is no such value.
    pub fn u16(&mut self) -> Result<u16, DecodeError> {
        self.fixed().map(u16::from_be_bytes)
    }

    /// Four bytes.
    ///
    /// # Errors
    /// [`DecodeError`] when there is no such value.
    pub fn u32(&mut self) -> Result<u32, DecodeError> {
        self.fixed().map(u32::from_be_bytes)
    }

    /// Eight bytes.
    ///
    /// # Errors
    /// [`DecodeError`] when there is no such value.
    pub fn u64(&mut self) -> Result<u64, DecodeError> {
        self.fixed().map(u64::from_be_bytes)
    }

    /// Eight bytes, signed.
    ///
    /// # Errors
    /// [`DecodeError`] when there is no such value.
    pub fn i64(&mut self) -> Result<i64, DecodeError> {
        self.fixed().map(i64::from_be_bytes)
    }

    /// A finite number of four bytes.
    ///
    /// # Errors
    /// [`DecodeError`] when there is no such value.
    pub fn f32(&mut self) -> Result<f32, DecodeError> {
        let number = self.fixed().map(f32::from_be_bytes)?;
        if number.is_finite() { Ok(number) } else { Err(DecodeError::Invalid("f32")) }
    }

    /// A finite number of eight bytes.
    ///
    /// # Errors
    /// [`DecodeError`] when there is no such value.
    pub fn f64(&mut self) -> Result<f64, DecodeError> {
        let number = self.fixed().map(f64::from_be_bytes)?;
        if number.is_finite() { Ok(number) } else { Err(DecodeError::Invalid("f64")) }
    }

    /// 0 or 1.
    ///
    /// # Errors
    /// [`DecodeError`] when there is no such value.
    pub fn bool(&mut self) -> Result<bool, DecodeError> {
        match self.u8()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(DecodeError::Invalid("bool")),
        }
    }

    /// UTF-8 of at most `max` bytes.
    ///
    /// # Errors
    /// [`DecodeError`] when there is no such value.
    pub fn str(&mut self, max: usize) -> Result<String, DecodeError> {
        String::from_utf8(self.bytes(max)?).map_err(|_| DecodeError::Invalid("str"))
    }

    /// At most `max` bytes.
    ///
    /// # Errors
    /// [`DecodeError`] when there is no such value.
    pub fn bytes(&mut self, max: usize) -> Result<Vec<u8>, DecodeError> {
        let length = self.length(max)?;
        self.spend(length as u64)?;
        let mut data = Vec::with_capacity(length.min(AHEAD));
        let mut chunk = self.input.take(length as u64);
        chunk.read_to_end(&mut data).map_err(|_| DecodeError::Ended)?;
        if data.len() == length { Ok(data) } else { Err(DecodeError::Ended) }
    }

    /// At most `max` items.
    ///
    /// # Errors
    /// [`DecodeError`] when there is no such value.
    pub fn list<T: Decode>(&mut self, max: usize) -> Result<Vec<T>, DecodeError> {
        let count = self.length(max)?;
        let mut items = Vec::with_capacity(count.min(AHEAD / size_of::<T>().max(1)));
        for _ in 0..count {
            items.push(T::decode(self)?);
        }
        Ok(items)
    }

    /// A value that may be absent.
    ///
    /// # Errors
    /// [`DecodeError`] when there is no such value.
    pub fn option<T: Decode>(&mut self) -> Result<Option<T>, DecodeError> {
        if self.bool()? { T::decode(self).map(Some) } else { Ok(None) }
    }

    /// A nested value.
    ///
    /// # Errors
    /// [`DecodeError`] when there is no such value.
    pub fn value<T: Decode>(&mut self) -> Result<T, DecodeError> {
        T::decode(self)
    }

    /// Reads a value that may contain values of its own type.
    ///
    /// # Errors
    /// [`DecodeError::TooDeep`] beyond [`MAX_DEPTH`] levels.
    pub fn nest<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, DecodeError>,
    ) -> Result<T, DecodeError> {
        if self.depth == MAX_DEPTH {
            return Err(DecodeError::TooDeep);
        }
        self.depth += 1;
        let value = read(self);
        self.depth -= 1;
        value
    }

    fn length(&mut self, max: usize) -> Result<usize, DecodeError> {
        let length = usize::try_from(self.u32()?).map_err(|_| DecodeError::TooLong)?;
        if length > max { Err(DecodeError::TooLong) } else { Ok(length) }
    }

    fn fixed<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        self.spend(N as u64)?;
        let mut bytes = [0; N];
        self.input.read_exact(&mut bytes).map_err(|_| DecodeError::Ended)?;
        Ok(bytes)
    }

    fn spend(&mut self, bytes: u64) -> Result<(), DecodeError> {
        self.left = self.left.checked_sub(bytes).ok_or(DecodeError::TooLong)?;
        Ok(())
    }
}
