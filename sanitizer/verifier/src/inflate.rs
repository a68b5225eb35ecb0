//! Unfolding packed bytes: exactly, and never beyond what was agreed.

use flate2::{Crc, Decompress, FlushDecompress, Status};

use crate::refusal::{Refusal, must};

const DAMAGED: Refusal = Refusal::of("packed bytes that do not unfold");

/// What may still be unfolded.
pub(crate) struct Purse {
    left: usize,
}

impl Purse {
    pub(crate) const fn new(left: usize) -> Self {
        Self { left }
    }

    /// Takes from what is left.
    pub(crate) fn pay(&mut self, count: usize) -> Result<(), Refusal> {
        self.left = self.left.checked_sub(count).ok_or(Refusal::of("too much to unfold"))?;
        Ok(())
    }
}

/// Unfolds a zlib stream that fills `packed` to its last byte.
pub(crate) fn zlib(packed: &[u8], purse: &mut Purse) -> Result<Vec<u8>, Refusal> {
    unfold(packed, true, purse)
}

/// The same without a zlib head, as in a ZIP.
pub(crate) fn bare(packed: &[u8], purse: &mut Purse) -> Result<Vec<u8>, Refusal> {
    unfold(packed, false, purse)
}

/// The check sum of ZIP and PNG.
pub(crate) fn crc(parts: &[&[u8]]) -> u32 {
    let mut crc = Crc::new();
    parts.iter().for_each(|part| crc.update(part));
    crc.sum()
}

fn unfold(packed: &[u8], head: bool, purse: &mut Purse) -> Result<Vec<u8>, Refusal> {
    let mut state = Decompress::new(head);
    let mut out = Vec::new();
    loop {
        let (read, written) = (state.total_in() as usize, state.total_out() as usize);
        out.reserve(packed.len().clamp(4 * 1024, 1 << 20));
        let input = packed.get(read..).ok_or(DAMAGED)?;
        let status =
            state.decompress_vec(input, &mut out, FlushDecompress::None).map_err(|_| DAMAGED)?;
        let gained = state.total_out() as usize - written;
        purse.pay(gained)?;
        match status {
            Status::StreamEnd => break,
            Status::Ok | Status::BufError => {
                must(gained > 0 || state.total_in() as usize > read, "packed bytes without end")?;
            }
        }
    }
    must(state.total_in() as usize == packed.len(), "bytes after packed bytes")?;
    Ok(out)
}
