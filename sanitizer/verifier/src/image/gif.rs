//! GIF.

use crate::bytes::Bytes;
use crate::refusal::{Refusal, Verdict, must};

/// A GIF from its first to its last byte.
pub(crate) fn verify(bytes: &[u8]) -> Verdict {
    let mut from = Bytes::new(bytes);
    from.expect(b"GIF89a", "no GIF")?;
    let canvas = (from.le16()?, from.le16()?);
    let flags = from.u8()?;
    from.take(2)?;
    palette(&mut from, flags)?;
    let mut frames = 0;
    loop {
        match from.u8()? {
            0x21 => extension(&mut from)?,
            0x2C => {
                frames += 1;
                frame(&mut from, canvas)?;
            }
            0x3B => return must(frames > 0 && from.is_done(), "bytes after the picture"),
            _ => return Err(Refusal::of("a block that is not ours")),
        }
    }
}

fn palette(from: &mut Bytes<'_>, flags: u8) -> Verdict {
    if flags & 0x80 != 0 {
        from.take(3 << ((flags & 7) + 1))?;
    }
    Ok(())
}

/// How a frame is shown, or how often all of them.
fn extension(from: &mut Bytes<'_>) -> Verdict {
    match from.u8()? {
        0xF9 => {
            must(from.u8()? == 4, "an odd extension")?;
            from.take(4)?;
            must(from.u8()? == 0, "an odd extension")
        }
        0xFF => {
            from.expect(b"\x0BNETSCAPE2.0\x03\x01", "an extension that is not ours")?;
            from.take(2)?;
            must(from.u8()? == 0, "an odd extension")
        }
        _ => Err(Refusal::of("an extension that is not ours")),
    }
}

fn frame(from: &mut Bytes<'_>, canvas: (usize, usize)) -> Verdict {
    let (left, top, width, height) = (from.le16()?, from.le16()?, from.le16()?, from.le16()?);
    must(left + width <= canvas.0 && top + height <= canvas.1, "a frame outside of the canvas")?;
    let flags = from.u8()?;
    must(flags & 0x40 == 0, "odd rows")?;
    palette(from, flags)?;
    must(matches!(from.u8()?, 2..=8), "an odd code size")?;
    loop {
        let length = usize::from(from.u8()?);
        if length == 0 {
            return Ok(());
        }
        from.take(length)?;
    }
}
