//! GIF: the canvas, how often it repeats, then frames, each with its own
//! palette and with codes for just its pixels.

use super::bits::Low;
use crate::bytes::Bytes;
use crate::refusal::{Refusal, Verdict, must};

const ODD: Refusal = Refusal::of("odd codes");
/// Codes have at most twelve bits.
const MOST_CODES: usize = 1 << 12;

/// A GIF from its first to its last byte.
pub(crate) fn verify(bytes: &[u8]) -> Verdict {
    let mut from = Bytes::new(bytes);
    from.expect(b"GIF89a", "no GIF")?;
    let canvas = (from.le16()?, from.le16()?);
    // An empty palette for all.
    from.expect(b"\x80\0\0\0\0\0\0\0\0", "an odd canvas")?;
    let repeats = from.rest().starts_with(b"\x21\xFF");
    if repeats {
        from.expect(b"\x21\xFF\x0BNETSCAPE2.0\x03\x01", "an extension that is not ours")?;
        from.take(2)?;
        must(from.u8()? == 0, "an odd extension")?;
    }
    let mut frames = 0;
    while from.rest().first() != Some(&0x3B) {
        frame(&mut from, canvas, frames == 0)?;
        frames += 1;
    }
    must(repeats == (frames > 1) && frames > 0, "an odd number of frames")?;
    must(from.rest().len() == 1, "bytes after the picture")
}

fn frame(from: &mut Bytes<'_>, canvas: (usize, usize), first: bool) -> Verdict {
    from.expect(b"\x21\xF9\x04", "an extension that is not ours")?;
    let flags = from.u8()?;
    must(flags & !1 == 1 << 2 || flags & !1 == 2 << 2, "an odd frame")?;
    from.take(2)?;
    let clear = from.u8()?;
    must(flags & 1 == 1 || clear == 0, "an odd frame")?;
    from.expect(b"\0\x2C", "a block that is not ours")?;
    let (left, top, width, height) = (from.le16()?, from.le16()?, from.le16()?, from.le16()?);
    must(left + width <= canvas.0 && top + height <= canvas.1, "a frame outside of the canvas")?;
    must(width > 0 && height > 0, "no size")?;
    must(!first || (width, height) == canvas, "an odd first frame")?;
    let palette = from.u8()?;
    must(palette & !7 == 0x80, "an odd palette")?;
    let colours = 2 << (palette & 7);
    from.take(3 * colours)?;
    must(usize::from(clear) < colours, "an odd palette")?;
    let width_of_codes = u32::from(from.u8()?);
    must((2..=8).contains(&width_of_codes), "an odd code size")?;
    pixels(&blocks(from)?, width_of_codes, colours, width * height)
}

/// The bytes of full blocks and a last one.
fn blocks(from: &mut Bytes<'_>) -> Result<Vec<u8>, Refusal> {
    let mut data = Vec::new();
    let mut last = false;
    loop {
        let length = usize::from(from.u8()?);
        if length == 0 {
            return Ok(data);
        }
        must(!last, "blocks cut in an odd way")?;
        last = length < 255;
        data.extend_from_slice(from.take(length)?);
    }
}

/// What a code stands for: how many pixels, the first and the greatest.
#[derive(Clone, Copy)]
struct Run {
    length: usize,
    first: usize,
    greatest: usize,
}

/// Codes for just `count` pixels, all within the palette.
fn pixels(data: &[u8], width: u32, colours: usize, count: usize) -> Verdict {
    let (clear, end) = (1_usize << width, (1_usize << width) + 1);
    let base: Vec<Run> =
        (0..end + 1).map(|it| Run { length: 1, first: it, greatest: it }).collect();
    let mut runs = base.clone();
    let mut bits = Low::new(data);
    let mut before: Option<Run> = None;
    let (mut done, mut wide) = (0, width + 1);
    must(bits.take(wide)? as usize == clear, ODD.what())?;
    loop {
        let code = bits.take(wide)? as usize;
        if code == end {
            break;
        }
        if code == clear {
            must(before.is_some(), ODD.what())?;
            (before, wide) = (None, width + 1);
            runs.truncate(base.len());
            continue;
        }
        let now = match before {
            None => *runs.get(code).filter(|_| code < clear).ok_or(ODD)?,
            Some(last) => {
                let first =
                    if code == runs.len() { last.first } else { runs.get(code).ok_or(ODD)?.first };
                if runs.len() < MOST_CODES {
                    let greatest = last.greatest.max(first);
                    runs.push(Run { length: last.length + 1, first: last.first, greatest });
                }
                *runs.get(code).ok_or(ODD)?
            }
        };
        must(now.greatest < colours, ODD.what())?;
        done += now.length;
        must(done <= count, ODD.what())?;
        if runs.len() == 1 << wide && wide < 12 {
            wide += 1;
        }
        before = Some(now);
    }
    must(done == count, "an odd amount of samples")?;
    bits.end()
}
