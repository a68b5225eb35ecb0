//! Decodes streams without being flooded.

use std::io::Read;

use hayro::hayro_syntax::object::{Array, Name, Stream};
use sanitizer_intermediate::HoldReason;

use super::book::{Book, Halt};

/// Deflate cannot do better than this.
const MOST_PER_BYTE: u64 = 1_040;
/// Streams that cannot become larger than this are not measured.
const SMALL: u64 = 4 << 20;
/// Bytes held between two packings inside each other.
const INNER: u64 = 16 << 20;
/// Filters one after the other.
const CHAIN: usize = 8;

impl Book<'_> {
    /// Checks that a stream does not decode to more than is left to spend.
    /// `Ok(false)` when it is not worth decoding.
    pub(super) fn affords(&mut self, stream: &Stream<'_>) -> Result<bool, Halt> {
        let filters = filters(stream);
        if filters.len() > CHAIN {
            return Ok(false);
        }
        let size = decoded_size(&stream.raw_data(), &filters, self.decoded_left);
        self.decoded_left =
            self.decoded_left.checked_sub(size).ok_or(Halt::Hold(HoldReason::TooLarge))?;
        Ok(true)
    }

    /// Whether a picture's stream stays within a size of its own; pictures are
    /// not counted against the other streams.
    pub(super) fn picture_fits(stream: &Stream<'_>, most: u64) -> bool {
        let mut filters = filters(stream);
        // What picture codecs make is bounded by the picture's size.
        filters.retain(|filter| factor(filter).is_some());
        filters.len() <= CHAIN && decoded_size(&stream.raw_data(), &filters, most) <= most
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

/// How many bytes one byte usually becomes at most; `None` for filters that
/// are no packings.
fn factor(filter: &[u8]) -> Option<u64> {
    match filter {
        b"FlateDecode" | b"Fl" => Some(MOST_PER_BYTE),
        b"LZWDecode" | b"LZW" | b"RunLengthDecode" | b"RL" => Some(64),
        b"ASCII85Decode" | b"A85" => Some(4),
        b"ASCIIHexDecode" | b"AHx" => Some(1),
        _ => None,
    }
}

/// The size a stream decodes to, or a number above `most`. Deflate, of which
/// bombs are made, is really undone; the others are taken at their worst.
fn decoded_size(raw: &[u8], filters: &[Vec<u8>], most: u64) -> u64 {
    let mut inner: Option<Vec<u8>> = None;
    for (place, filter) in filters.iter().enumerate() {
        let data = inner.as_deref().unwrap_or(raw);
        let worst = (data.len() as u64).saturating_mul(factor(filter).unwrap_or(1));
        let rest = &filters[place + 1..];
        let flate = matches!(filter.as_slice(), b"FlateDecode" | b"Fl");
        if rest.iter().all(|next| factor(next).is_none_or(|factor| factor == 1)) {
            return if flate && worst > SMALL { inflated(data, most) } else { worst };
        }
        if !flate {
            // Something packed is yet to come, and this is not undone here.
            let more = rest.iter().filter_map(|next| factor(next)).product::<u64>();
            return worst.saturating_mul(more.min(MOST_PER_BYTE));
        }
        match inflated_to(data, most.min(INNER)) {
            Some(unpacked) => inner = Some(unpacked),
            None => return most.saturating_add(1),
        }
    }
    inner.as_deref().unwrap_or(raw).len() as u64
}

fn inflated(data: &[u8], most: u64) -> u64 {
    let mut reader = flate2::read::ZlibDecoder::new(data).take(most.saturating_add(1));
    let mut chunk = vec![0; 1 << 16];
    let mut total = 0;
    while let Ok(read @ 1..) = reader.read(&mut chunk) {
        total += read as u64;
    }
    total
}

/// What deflate packed, as far as it is whole; `None` beyond `most`.
fn inflated_to(data: &[u8], most: u64) -> Option<Vec<u8>> {
    let mut unpacked = Vec::new();
    let mut reader = flate2::read::ZlibDecoder::new(data).take(most.saturating_add(1));
    // A damaged end is cut off, as the decoder does.
    let _ = reader.read_to_end(&mut unpacked);
    (unpacked.len() as u64 <= most).then_some(unpacked)
}
