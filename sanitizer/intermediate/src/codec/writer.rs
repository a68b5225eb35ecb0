//! Writes values to a pipe without holding the whole message in memory.

use std::io;

use super::Encode;

/// Bytes gathered before they are handed to the sink.
const CHUNK: usize = 64 * 1024;

/// Appends values to a sink. An I/O error is remembered and reported once, by
/// [`Writer::finish`], so that encoding code stays free of `?`.
pub struct Writer<'w> {
    sink: &'w mut dyn io::Write,
    pending: Vec<u8>,
    outcome: io::Result<()>,
}

impl<'w> Writer<'w> {
    /// Starts a message.
    pub fn new(sink: &'w mut dyn io::Write) -> Self {
        Self { sink, pending: Vec::new(), outcome: Ok(()) }
    }

    /// Hands the rest to the sink.
    ///
    /// # Errors
    /// The first error the sink gave; the message is incomplete then.
    pub fn finish(mut self) -> io::Result<()> {
        self.flush();
        self.outcome?;
        self.sink.flush()
    }

    /// One byte.
    pub fn u8(&mut self, value: u8) {
        self.raw(&[value]);
    }

    /// Two bytes, big-endian.
    pub fn u16(&mut self, value: u16) {
        self.raw(&value.to_be_bytes());
    }

    /// Four bytes, big-endian.
    pub fn u32(&mut self, value: u32) {
        self.raw(&value.to_be_bytes());
    }

    /// Eight bytes, big-endian.
    pub fn u64(&mut self, value: u64) {
        self.raw(&value.to_be_bytes());
    }

    /// Eight bytes, big-endian, two's complement.
    pub fn i64(&mut self, value: i64) {
        self.raw(&value.to_be_bytes());
    }

    /// Four bytes, IEEE 754. A number that is not finite cannot be read back.
    pub fn f32(&mut self, value: f32) {
        self.raw(&value.to_be_bytes());
    }

    /// Eight bytes, IEEE 754. A number that is not finite cannot be read back.
    pub fn f64(&mut self, value: f64) {
        self.raw(&value.to_be_bytes());
    }

    /// One byte, 0 or 1.
    pub fn bool(&mut self, value: bool) {
        self.u8(u8::from(value));
    }

    /// Length and UTF-8.
    pub fn str(&mut self, value: &str) {
        self.bytes(value.as_bytes());
    }

    /// Length and data.
    pub fn bytes(&mut self, value: &[u8]) {
        self.count(value.len());
        self.raw(value);
    }

    /// Count and items.
    pub fn list<T: Encode>(&mut self, items: &[T]) {
        self.count(items.len());
        for item in items {
            item.encode(self);
        }
    }

    /// One byte 0 or 1, then the value.
    pub fn option<T: Encode>(&mut self, value: Option<&T>) {
        self.bool(value.is_some());
        if let Some(value) = value {
            value.encode(self);
        }
    }

    /// A nested value.
    pub fn value<T: Encode>(&mut self, value: &T) {
        value.encode(self);
    }

    fn count(&mut self, count: usize) {
        match u32::try_from(count) {
            Ok(count) => self.u32(count),
            Err(_) => self.fail(io::Error::other("a list or text of 4 GiB or more")),
        }
    }

    /// Values that were written before, as they are.
    pub(crate) fn packed(&mut self, values: &[u8]) {
        self.raw(values);
    }

    fn raw(&mut self, data: &[u8]) {
        if self.pending.len() + data.len() > CHUNK {
            self.flush();
        }
        if data.len() > CHUNK {
            self.pass(data);
        } else {
            self.pending.extend_from_slice(data);
        }
    }

    fn flush(&mut self) {
        let pending = std::mem::take(&mut self.pending);
        self.pass(&pending);
        self.pending = pending;
        self.pending.clear();
    }

    fn pass(&mut self, data: &[u8]) {
        if self.outcome.is_ok()
            && let Err(error) = self.sink.write_all(data)
        {
            self.fail(error);
        }
    }

    fn fail(&mut self, error: io::Error) {
        if self.outcome.is_ok() {
            self.outcome = Err(error);
        }
    }
}
