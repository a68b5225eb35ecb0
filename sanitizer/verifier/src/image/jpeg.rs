//! JPEG: JFIF head, tables, one frame, scans, the end.

use crate::bytes::Bytes;
use crate::refusal::{Refusal, Verdict, must};

/// A baseline JPEG from its first to its last byte.
pub(crate) fn verify(bytes: &[u8]) -> Verdict {
    let mut from = Bytes::new(bytes);
    from.expect(b"\xFF\xD8\xFF\xE0\x00\x10JFIF\0\x01", "no JFIF head")?;
    from.take(6)?;
    must(from.take(2)? == [0, 0], "a preview picture")?;
    let mut framed = false;
    loop {
        must(from.u8()? == 0xFF, "no segment where one should be")?;
        match from.u8()? {
            0xDB | 0xC4 => {
                segment(&mut from)?;
            }
            0xC0 => {
                must(!framed, "two frames")?;
                framed = true;
                frame(segment(&mut from)?)?;
            }
            0xDA => {
                must(framed, "a scan before the frame")?;
                let head = segment(&mut from)?;
                must(head.len() <= 12, "an odd scan")?;
                scan(&mut from)?;
            }
            0xD9 => {
                must(framed && from.is_done(), "bytes after the picture")?;
                return Ok(());
            }
            _ => return Err(Refusal::of("a segment that is not ours")),
        }
    }
}

fn segment<'b>(from: &mut Bytes<'b>) -> Result<&'b [u8], Refusal> {
    let length = from.be16()?.checked_sub(2).ok_or(Refusal::of("an odd segment"))?;
    from.take(length)
}

fn frame(head: &[u8]) -> Verdict {
    let mut head = Bytes::new(head);
    must(head.u8()? == 8, "an odd depth")?;
    must(head.be16()? > 0 && head.be16()? > 0, "no size")?;
    let parts = usize::from(head.u8()?);
    must(matches!(parts, 1 | 3) && head.rest().len() == parts * 3, "odd components")
}

/// Passes over the codes of a scan: a marker ends it.
fn scan(from: &mut Bytes<'_>) -> Verdict {
    let rest = from.rest();
    let ends = |pair: &[u8]| pair[0] == 0xFF && pair[1] != 0;
    let end = rest.windows(2).position(ends).ok_or(Refusal::of("a scan without end"))?;
    from.take(end)?;
    Ok(())
}
