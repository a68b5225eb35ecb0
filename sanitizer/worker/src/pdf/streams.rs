//! Decodes streams without being flooded.

use std::io::Read;

use hayro::hayro_syntax::object::{Array, Name, Stream};
use sanitizer_intermediate::HoldReason;

use super::book::{Book, Halt};

/// Deflate cannot do better than this.
const MOST_PER_BYTE: u64 = 1_040;
/// Filters one after the other.
const CHAIN: usize = 8;

impl Book<'_> {
    /// Checks that a stream does not decode to more than is left to spend.
    /// `Ok(false)` when it is not worth decoding.
    pub(super) fn affords(&mut self, stream: &Stream<'_>) -> Result<bool, Halt> {
        let raw = stream.raw_data();
        let filters = filters(stream);
        if filters.len() > CHAIN {
            return Ok(false);
        }
        let growing = filters.iter().filter(|name| grows(name)).count();
        let worst = match growing {
            0 => raw.len() as u64,
            1 => measured(&raw, &filters, self.decoded_left),
            _ => measured_chain(&raw, &filters, self.decoded_left),
        };
        self.decoded_left =
            self.decoded_left.checked_sub(worst).ok_or(Halt::Hold(HoldReason::TooLarge))?;
        Ok(true)
    }

    /// Whether a picture's stream stays within a size of its own; pictures are
    /// not counted against the other streams.
    pub(super) fn picture_fits(stream: &Stream<'_>, most: u64) -> bool {
        let filters = filters(stream);
        let growing = filters.iter().filter(|name| grows(name)).count();
        let raw = stream.raw_data();
        filters.len() <= CHAIN
            && match growing {
                0 => true,
                1 => measured(&raw, &filters, most) <= most,
                _ => measured_chain(&raw, &filters, most) <= most,
            }
    }

    /// The decoded stream; `None` when it is damaged.
    pub(super) fn decode(&mut self, stream: &Stream<'_>) -> Result<Option<Vec<u8>>, Halt> {
        if !self.affords(stream)? {
            return Ok(None);
        }
        Ok(stream.decoded_data().ok().map(std::borrow::Cow::into_owned))
    }
}

/// The names of the filters, first to last.
pub(super) fn filters(stream: &Stream<'_>) -> Vec<Vec<u8>> {
    let dict = stream.dict();
    for key in [&b"Filter"[..], b"F"] {
        if let Some(name) = dict.get::<Name<'_>>(key) {
            return vec![name.as_ref().to_vec()];
        }
        if let Some(names) = dict.get::<Array<'_>>(key) {
            return names.iter::<Name<'_>>().map(|name| name.as_ref().to_vec()).collect();
        }
    }
    Vec::new()
}

fn grows(filter: &[u8]) -> bool {
    matches!(filter, b"FlateDecode" | b"Fl" | b"LZWDecode" | b"LZW" | b"RunLengthDecode" | b"RL")
}

fn is_flate(filter: &[u8]) -> bool {
    matches!(filter, b"FlateDecode" | b"Fl")
}

/// Counts what inflates, up to `most` and one; other filters are estimated.
fn measured(raw: &[u8], filters: &[Vec<u8>], most: u64) -> u64 {
    match filters.first() {
        Some(first) if is_flate(first) => inflated(raw, most),
        _ => (raw.len() as u64).saturating_mul(128).min(most),
    }
}

/// Two packings inside each other are how bombs are built: the first is undone
/// here, the rest is taken at its worst.
fn measured_chain(raw: &[u8], filters: &[Vec<u8>], most: u64) -> u64 {
    match filters.first() {
        Some(first) if is_flate(first) => {
            let mut inner = Vec::new();
            let cap = most.min(16 << 20);
            let mut reader = flate2::read::ZlibDecoder::new(raw).take(cap + 1);
            if reader.read_to_end(&mut inner).is_err() && inner.is_empty() {
                return 0;
            }
            if inner.len() as u64 > cap {
                return most.saturating_add(1);
            }
            match filters.get(1) {
                Some(second) if is_flate(second) => inflated(&inner, most),
                _ => (inner.len() as u64).saturating_mul(128),
            }
        }
        _ => (raw.len() as u64).saturating_mul(MOST_PER_BYTE),
    }
}

fn inflated(raw: &[u8], most: u64) -> u64 {
    if (raw.len() as u64).saturating_mul(MOST_PER_BYTE) <= 8 << 20 {
        return raw.len() as u64;
    }
    let mut reader = flate2::read::ZlibDecoder::new(raw).take(most.saturating_add(1));
    let mut chunk = vec![0; 1 << 16];
    let mut total = 0;
    while let Ok(read @ 1..) = reader.read(&mut chunk) {
        total += read as u64;
    }
    total
}
