//! Damage to what is packed in a stream of a PDF.

use std::io::{Read as _, Write as _};
use std::ops::Range;

use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;

use super::{MOST_BYTES, Words, plain};
use crate::dice::Dice;

/// The file with one damaged stream; `None` when no stream could be unpacked.
/// Places of later objects move, which readers must bear as well.
pub(super) fn damaged(
    file: &[u8],
    other: &[u8],
    words: &Words,
    dice: &mut Dice,
) -> Option<Vec<u8>> {
    let streams = streams(file);
    let place = dice.pick(&streams)?.clone();
    let data = file.get(place.clone())?;
    let packed = match unpacked(data) {
        Some(plain) => packed(&plain::damaged(&plain, other, words, dice))?,
        None => plain::damaged(data, other, words, dice),
    };
    let mut new = file.to_vec();
    let length = packed.len().to_string();
    new.splice(place.clone(), packed);
    if let Some(digits) = length_before(file, place.start) {
        new.splice(digits, length.into_bytes());
    }
    Some(new)
}

/// Where the data of streams lie.
fn streams(file: &[u8]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(begin) = find(file, at, b"stream") {
        let Some(end) = find(file, begin, b"endstream") else { break };
        let begin = begin + 6;
        let skip = file[begin..].iter().take(2).take_while(|it| matches!(it, b'\r' | b'\n'));
        let begin = begin + skip.count();
        found.push(begin..end.max(begin));
        at = end + 9;
    }
    found
}

/// The digits behind the last `/Length` before a stream, when they are close.
fn length_before(file: &[u8], at: usize) -> Option<Range<usize>> {
    let from = at.saturating_sub(400);
    let near = file.get(from..at)?;
    let key = near.windows(8).rposition(|it| it == b"/Length ")?;
    let digits = from + key + 8;
    let count = file[digits..].iter().take_while(|it| it.is_ascii_digit()).count();
    (count > 0).then_some(digits..digits + count)
}

fn find(file: &[u8], from: usize, word: &[u8]) -> Option<usize> {
    let at = file.get(from..)?.windows(word.len()).position(|it| it == word)?;
    Some(from + at)
}

fn unpacked(data: &[u8]) -> Option<Vec<u8>> {
    let mut plain = Vec::new();
    ZlibDecoder::new(data).take(MOST_BYTES as u64).read_to_end(&mut plain).ok()?;
    Some(plain)
}

fn packed(plain: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(plain).ok()?;
    encoder.finish().ok()
}
