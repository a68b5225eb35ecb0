//! How much a file may cost.

use std::time::Duration;

use crate::codec::{Decode, DecodeError, Encode, Reader, Writer};

/// Upper bounds for one file. Readers answer
/// [`TooLarge`](crate::HoldReason::TooLarge) or
/// [`TooComplex`](crate::HoldReason::TooComplex) when they meet one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the file itself.
    pub input_bytes: u64,
    /// Bytes of the answer the worker may write.
    pub answer_bytes: u64,
    /// Bytes all compressed parts together may expand to.
    pub decoded_bytes: u64,
    /// Pixels of one picture, width × height.
    pub pixels: u64,
    /// Frames of an animation or pages of a TIFF.
    pub frames: u32,
    /// Pages, sheets or slides.
    pub pages: u32,
    /// Objects of a PDF, or XML elements of an Office document.
    pub objects: u32,
    /// Parts (zip members) of an Office document.
    pub parts: u32,
    /// Cells of a workbook or a CSV.
    pub cells: u32,
    /// Bytes of text, as UTF-8.
    pub text_bytes: u32,
    /// Nesting of arrays, dictionaries, elements, forms.
    pub depth: u16,
    /// CPU seconds of the worker.
    pub cpu_seconds: u32,
    /// Address space of the worker in bytes.
    pub memory_bytes: u64,
    /// Wall time every file gets, in milliseconds.
    pub wall_ms: u32,
    /// Wall time added for each started megabyte of the file, in milliseconds.
    pub wall_ms_per_mb: u32,
    /// Pages of a PDF are read as pictures with their text behind, and as nothing else.
    pub page_pictures: bool,
    /// What a password opens is answered, too: there are scanners to show it to.
    pub show_opened: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            input_bytes: 64 << 20,
            answer_bytes: 256 << 20,
            decoded_bytes: 192 << 20,
            pixels: 50_000_000,
            frames: 500,
            pages: 2_000,
            objects: 2_000_000,
            parts: 10_000,
            cells: 2_000_000,
            text_bytes: 32 << 20,
            depth: 64,
            cpu_seconds: 60,
            memory_bytes: 768 << 20,
            wall_ms: 20_000,
            wall_ms_per_mb: 4_000,
            page_pictures: false,
            show_opened: false,
        }
    }
}

impl Limits {
    /// Wall time for a file of this many bytes: a base and a share per megabyte.
    #[must_use]
    pub fn wall_for(&self, bytes: usize) -> Duration {
        let megabytes = bytes.div_ceil(1 << 20) as u64;
        Duration::from_millis(
            u64::from(self.wall_ms) + megabytes.saturating_mul(u64::from(self.wall_ms_per_mb)),
        )
    }
}

impl Encode for Limits {
    fn encode(&self, to: &mut Writer<'_>) {
        to.u64(self.input_bytes);
        to.u64(self.answer_bytes);
        to.u64(self.decoded_bytes);
        to.u64(self.pixels);
        to.u32(self.frames);
        to.u32(self.pages);
        to.u32(self.objects);
        to.u32(self.parts);
        to.u32(self.cells);
        to.u32(self.text_bytes);
        to.u16(self.depth);
        to.u32(self.cpu_seconds);
        to.u64(self.memory_bytes);
        to.u32(self.wall_ms);
        to.u32(self.wall_ms_per_mb);
        to.bool(self.page_pictures);
        to.bool(self.show_opened);
    }
}

impl Decode for Limits {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            input_bytes: from.u64()?,
            answer_bytes: from.u64()?,
            decoded_bytes: from.u64()?,
            pixels: from.u64()?,
            frames: from.u32()?,
            pages: from.u32()?,
            objects: from.u32()?,
            parts: from.u32()?,
            cells: from.u32()?,
            text_bytes: from.u32()?,
            depth: from.u16()?,
            cpu_seconds: from.u32()?,
            memory_bytes: from.u64()?,
            wall_ms: from.u32()?,
            wall_ms_per_mb: from.u32()?,
            page_pictures: from.bool()?,
            show_opened: from.bool()?,
        })
    }
}
