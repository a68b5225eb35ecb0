//! JPEG: JFIF head, one frame, its tables, scans, the end; in this order and
//! nothing between.

use super::codes::Codes;
use super::scan::{self, Part};
use crate::bytes::Bytes;
use crate::refusal::{Refusal, Verdict, must};

/// What a picture says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) width: usize,
    pub(crate) height: usize,
    /// 1 is gray, 3 is colour.
    pub(crate) parts: usize,
    /// Colours have half the samples in both directions.
    pub(crate) halved: bool,
}

/// A baseline JPEG from its first to its last byte.
pub(crate) fn verify(bytes: &[u8]) -> Result<Shape, Refusal> {
    let mut from = Bytes::new(bytes);
    from.expect(b"\xFF\xD8\xFF\xE0\x00\x10JFIF\0\x01\x02", "no JFIF head")?;
    must(from.u8()? <= 1, "an odd density")?;
    must(from.be16()? > 0 && from.be16()? > 0, "an odd density")?;
    from.expect(b"\0\0", "a preview picture")?;
    let shape = frame(segment(&mut from, 0xC0)?)?;
    for number in [0, 1] {
        let table = segment(&mut from, 0xDB)?;
        must(table.len() == 65 && table[0] == number && !table[1..].contains(&0), "an odd table")?;
    }
    let mut codes = Vec::new();
    let names: &[u8] = if shape.parts == 1 { &[0, 0x10] } else { &[0, 0x10, 1, 0x11] };
    for name in names {
        let mut table = Bytes::new(segment(&mut from, 0xC4)?);
        must(table.u8()? == *name, "an odd table")?;
        codes.push(Codes::read(table)?);
    }
    scans(&mut from, shape, &codes)?;
    from.expect(b"\xFF\xD9", "no end where one should be")?;
    must(from.is_done(), "bytes after the picture")?;
    Ok(shape)
}

fn segment<'b>(from: &mut Bytes<'b>, marker: u8) -> Result<&'b [u8], Refusal> {
    from.expect(&[0xFF, marker], "a segment that is not ours")?;
    let length = from.be16()?.checked_sub(2).ok_or(Refusal::of("an odd segment"))?;
    from.take(length)
}

fn frame(head: &[u8]) -> Result<Shape, Refusal> {
    let mut head = Bytes::new(head);
    must(head.u8()? == 8, "an odd depth")?;
    let (height, width) = (head.be16()?, head.be16()?);
    must(width > 0 && height > 0, "no size")?;
    let (parts, halved) = match head.rest() {
        [1, 0, 0x11, 0] => (1, false),
        [3, 0, 0x11, 0, 1, 0x11, 1, 2, 0x11, 1] => (3, false),
        [3, 0, 0x22, 0, 1, 0x11, 1, 2, 0x11, 1] => (3, true),
        _ => return Err(Refusal::of("odd components")),
    };
    Ok(Shape { width, height, parts, halved })
}

/// One scan of all components, or one of each.
fn scans(from: &mut Bytes<'_>, shape: Shape, codes: &[Codes]) -> Verdict {
    let part = |component: usize, blocks| {
        let first = if component == 0 { 0 } else { 2 };
        Part { steady: &codes[first], varying: &codes[first + 1], blocks }
    };
    let across = |side: usize, unit: usize| side.div_ceil(unit);
    let unit = if shape.halved { 16 } else { 8 };
    if from.rest().starts_with(b"\xFF\xDA\0\x0C\x03") {
        must(shape.parts == 3, "an odd scan")?;
        from.expect(b"\xFF\xDA\0\x0C\x03\0\0\x01\x11\x02\x11\0\x3F\0", "an odd scan")?;
        let parts = [part(0, if shape.halved { 4 } else { 1 }), part(1, 1), part(2, 1)];
        let units = across(shape.width, unit) * across(shape.height, unit);
        let length = scan::verify(from.rest(), &parts, units)?;
        return from.take(length).map(|_| ());
    }
    for component in 0..shape.parts {
        let table = if component == 0 { 0 } else { 0x11 };
        let name = u8::try_from(component).unwrap_or(u8::MAX);
        from.expect(&[0xFF, 0xDA, 0, 8, 1, name, table, 0, 0x3F, 0], "an odd scan")?;
        let unit = if component == 0 { 8 } else { unit };
        let units = across(shape.width, unit) * across(shape.height, unit);
        let length = scan::verify(from.rest(), &[part(component, 1)], units)?;
        from.take(length)?;
    }
    Ok(())
}
