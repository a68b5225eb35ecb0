//! PNG and animated PNG.

use crate::bytes::Bytes;
use crate::inflate::{self, Purse};
use crate::refusal::{Refusal, Verdict, must};

/// Width and height of a frame and the packed bytes of its samples.
struct Frame {
    size: (usize, usize),
    packed: Vec<u8>,
}

/// A PNG from its first to its last byte.
pub(crate) fn verify(bytes: &[u8], purse: &mut Purse) -> Verdict {
    let mut from = Bytes::new(bytes);
    from.expect(b"\x89PNG\r\n\x1A\n", "no PNG")?;
    let (kind, head) = chunk(&mut from)?;
    must(kind == b"IHDR" && head.len() == 13, "no head")?;
    let mut head = Bytes::new(head);
    let size = (head.be32()?, head.be32()?);
    must(size.0 > 0 && size.1 > 0, "no size")?;
    let (depth, colour) = (usize::from(head.u8()?), head.u8()?);
    must(head.take(3)? == [0, 0, 0], "odd packing")?;
    let bits = depth * channels(colour, depth)?;
    let mut frames = vec![Frame { size, packed: Vec::new() }];
    let mut seen_data = false;
    loop {
        let (kind, data) = chunk(&mut from)?;
        match kind {
            b"IDAT" => {
                seen_data = true;
                frames[0].packed.extend_from_slice(data);
            }
            b"PLTE" => {
                must(!seen_data && data.len() <= 768 && data.len() % 3 == 0, "an odd palette")?
            }
            b"tRNS" => must(!seen_data && data.len() <= 256, "odd transparency")?,
            b"pHYs" => must(!seen_data && data.len() == 9, "an odd density")?,
            b"acTL" => must(!seen_data && data.len() == 8, "an odd animation")?,
            b"fcTL" => {
                let frame = frame(data, size)?;
                if seen_data {
                    frames.push(frame);
                } else {
                    must(frame.size == size, "an odd first frame")?;
                }
            }
            b"fdAT" => {
                must(frames.len() > 1 && data.len() >= 4, "a frame without a head")?;
                if let Some(frame) = frames.last_mut() {
                    frame.packed.extend_from_slice(&data[4..]);
                }
            }
            b"IEND" => {
                must(data.is_empty() && from.is_done(), "bytes after the picture")?;
                break;
            }
            _ => return Err(Refusal::of("a chunk that is not ours")),
        }
    }
    frames.iter().try_for_each(|frame| {
        let row = 1 + (frame.size.0 * bits).div_ceil(8);
        let unfolded = inflate::zlib(&frame.packed, purse)?;
        must(unfolded.len() == row * frame.size.1, "an odd amount of samples")
    })
}

fn channels(colour: u8, depth: usize) -> Result<usize, Refusal> {
    match (colour, depth) {
        (0 | 3, 1 | 2 | 4 | 8) => Ok(1),
        (2, 8) => Ok(3),
        (6, 8) => Ok(4),
        _ => Err(Refusal::of("odd samples")),
    }
}

fn chunk<'b>(from: &mut Bytes<'b>) -> Result<(&'b [u8], &'b [u8]), Refusal> {
    let length = from.be32()?;
    let (kind, data) = (from.take(4)?, from.take(length)?);
    must(from.be32()? == inflate::crc(&[kind, data]) as usize, "a wrong check sum")?;
    Ok((kind, data))
}

fn frame(data: &[u8], canvas: (usize, usize)) -> Result<Frame, Refusal> {
    must(data.len() == 26, "an odd frame")?;
    let mut data = Bytes::new(data);
    data.take(4)?;
    let size = (data.be32()?, data.be32()?);
    let (left, top) = (data.be32()?, data.be32()?);
    let within = left.saturating_add(size.0) <= canvas.0 && top.saturating_add(size.1) <= canvas.1;
    must(within && size.0 > 0 && size.1 > 0, "a frame outside of the canvas")?;
    Ok(Frame { size, packed: Vec::new() })
}
