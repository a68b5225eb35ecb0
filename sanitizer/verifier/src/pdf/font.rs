//! Font programs: outlines and numbers, no instructions.

use crate::bytes::Bytes;
use crate::refusal::{Refusal, Verdict, must};

const TABLES: [&[u8]; 6] = [b"glyf", b"head", b"hhea", b"hmtx", b"loca", b"maxp"];

/// TrueType: six tables, one after the other, glyphs without instructions.
pub(super) fn true_type(data: &[u8]) -> Verdict {
    let mut from = Bytes::new(data);
    from.expect(b"\0\x01\0\0", "no TrueType")?;
    must(from.be16()? == TABLES.len(), "an odd number of tables")?;
    from.take(6)?;
    let mut at = 12 + TABLES.len() * 16;
    let mut tables: Vec<&[u8]> = Vec::new();
    for wanted in TABLES {
        must(from.take(4)? == wanted, "a table that is not ours")?;
        from.take(4)?;
        let (offset, length) = (from.be32()?, from.be32()?);
        must(offset == at, "a table elsewhere")?;
        let end = at.checked_add(length).ok_or(Refusal::of("an odd table"))?;
        tables.push(data.get(at..end).ok_or(Refusal::of("an odd table"))?);
        at = end.next_multiple_of(4);
    }
    must(data.len() == at, "bytes after the font")?;
    glyphs(tables[0], tables[4])
}

fn glyphs(glyf: &[u8], loca: &[u8]) -> Verdict {
    let mut places = Bytes::new(loca);
    let mut before = places.be32()?;
    must(before == 0, "glyphs elsewhere")?;
    while !places.is_done() {
        let next = places.be32()?;
        let glyph = glyf.get(before..next).ok_or(Refusal::of("glyphs elsewhere"))?;
        if !glyph.is_empty() {
            let mut glyph = Bytes::new(glyph);
            let contours = glyph.be16()?;
            must(contours < 0x8000, "a glyph made of glyphs")?;
            glyph.take(8 + contours * 2)?;
            must(glyph.be16()? == 0, "instructions")?;
        }
        before = next;
    }
    must(before == glyf.len(), "bytes after the glyphs")
}

/// CFF: one font keyed by CID, its parts one after the other.
pub(super) fn cff(data: &[u8]) -> Verdict {
    let mut from = Bytes::new(data);
    from.expect(&[1, 0, 4, 4], "no CFF")?;
    must(index(&mut from)?.len() == 1, "an odd number of fonts")?;
    must(index(&mut from)?.len() == 1, "an odd number of fonts")?;
    must(index(&mut from)? == [&b"Adobe"[..], b"Identity"], "odd strings")?;
    must(index(&mut from)?.is_empty(), "subroutines")?;
    must(from.u8()? == 2, "an odd character set")?;
    // One range, unless there is only the first glyph.
    if !from.rest().starts_with(&[3, 0, 1, 0, 0, 0, 0, 1]) {
        from.expect(&[0, 1], "an odd character set")?;
        from.take(2)?;
    }
    from.expect(&[3, 0, 1, 0, 0, 0], "an odd choice of fonts")?;
    let count = from.be16()?;
    let glyphs = index(&mut from)?;
    must(glyphs.len() == count, "an odd number of glyphs")?;
    glyphs.into_iter().try_for_each(charstring)?;
    from.expect(&[29, 0, 0, 0, 0, 20, 29, 0, 0, 0, 0, 21], "an odd private part")?;
    must(index(&mut from)?.len() == 1 && from.is_done(), "bytes after the font")
}

fn index<'b>(from: &mut Bytes<'b>) -> Result<Vec<&'b [u8]>, Refusal> {
    let count = from.be16()?;
    if count == 0 {
        return Ok(Vec::new());
    }
    let size = usize::from(from.u8()?);
    must(matches!(size, 1..=4), "an odd list")?;
    let places: Result<Vec<u64>, _> = (0..=count).map(|_| from.be(size)).collect();
    let places = places?;
    must(places[0] == 1, "an odd list")?;
    places
        .windows(2)
        .map(|pair| {
            let length = pair[1].checked_sub(pair[0]).ok_or(Refusal::of("an odd list"))?;
            from.take(usize::try_from(length).map_err(|_| Refusal::of("an odd list"))?)
        })
        .collect()
}

/// Lines and curves; no subroutines, no arithmetic, no hints.
fn charstring(code: &[u8]) -> Verdict {
    let mut from = Bytes::new(code);
    let mut ended = false;
    while !from.is_done() {
        must(!ended, "bytes after a glyph")?;
        match from.u8()? {
            28 => drop(from.take(2)?),
            247..=254 => drop(from.take(1)?),
            255 => drop(from.take(4)?),
            32..=246 => {}
            4 | 5 | 6 | 7 | 8 | 21 | 22 | 24 | 25 | 26 | 27 | 30 | 31 => {}
            14 => ended = true,
            _ => return Err(Refusal::of("an operator of a glyph that is not ours")),
        }
    }
    must(ended, "a glyph without end")
}
