//! Damage to chunks of a PNG, whose check sums stay right.

use std::io::{Read as _, Write as _};

use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;

use super::{MOST_BYTES, Words, plain};
use crate::dice::Dice;

const SIGNATURE: usize = 8;

type Chunks = Vec<(Vec<u8>, Vec<u8>)>;

/// The picture with one damaged, moved or foreign chunk; `None` when it has none.
pub(super) fn damaged(
    file: &[u8],
    other: &[u8],
    words: &Words,
    dice: &mut Dice,
) -> Option<Vec<u8>> {
    let mut chunks = chunks(file);
    if chunks.is_empty() {
        return None;
    }
    let at = dice.below(chunks.len());
    match dice.below(8) {
        0 => drop(chunks.remove(at)),
        1 => chunks.push(chunks.get(at)?.clone()),
        2 => {
            let foreign = self::chunks(other);
            chunks.insert(at, dice.pick(&foreign)?.clone());
        }
        3 => {
            let to = dice.below(chunks.len());
            chunks.swap(at, to);
        }
        _ => {
            let (_, data) = chunks.get_mut(at)?;
            *data = match unpacked(data) {
                Some(plain) => packed(&plain::damaged(&plain, other, words, dice))?,
                None => plain::damaged(data, other, words, dice),
            };
        }
    }
    Some(written(file.get(..SIGNATURE)?, &chunks))
}

fn chunks(file: &[u8]) -> Chunks {
    let mut chunks = Vec::new();
    let mut rest = file.get(SIGNATURE..).unwrap_or_default();
    while let Some((head, body)) = rest.split_at_checked(8) {
        let length = u32::from_be_bytes([head[0], head[1], head[2], head[3]]) as usize;
        let Some(data) = body.get(..length) else { break };
        chunks.push((head[4..].to_vec(), data.to_vec()));
        rest = body.get(length + 4..).unwrap_or_default();
    }
    chunks
}

fn written(signature: &[u8], chunks: &Chunks) -> Vec<u8> {
    let mut file = signature.to_vec();
    for (name, data) in chunks {
        let length = u32::try_from(data.len()).unwrap_or(0);
        file.extend(length.to_be_bytes());
        let mut sum = flate2::Crc::new();
        sum.update(name);
        sum.update(data);
        file.extend(name);
        file.extend(data);
        file.extend(sum.sum().to_be_bytes());
    }
    file
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
