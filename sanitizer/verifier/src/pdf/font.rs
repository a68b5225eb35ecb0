//! Font programs: outlines and numbers, no instructions.

use crate::bytes::Bytes;
use crate::refusal::{Refusal, Verdict, must};

const TABLES: [&[u8]; 6] = [b"glyf", b"head", b"hhea", b"hmtx", b"loca", b"maxp"];

/// TrueType: six tables, one after the other, glyphs without instructions.
pub(super) fn true_type(data: &[u8]) -> Verdict {
    let mut from = Bytes::new(data);
    from.expect(b"\0\x01\0\0", "no TrueType")?;
    from.expect(b"\0\x06\0\x40\0\x02\0\x20", "an odd number of tables")?;
    let mut at = 12 + TABLES.len() * 16;
    let mut tables: Vec<&[u8]> = Vec::new();
    for wanted in TABLES {
        must(from.take(4)? == wanted, "a table that is not ours")?;
        let sum = from.be32()?;
        let (offset, length) = (from.be32()?, from.be32()?);
        must(offset == at, "a table elsewhere")?;
        let end = at.checked_add(length).ok_or(Refusal::of("an odd table"))?;
        let table = data.get(at..end).ok_or(Refusal::of("an odd table"))?;
        must(check_sum(table) == sum, "a wrong check sum")?;
        tables.push(table);
        at = end.next_multiple_of(4);
        let spare = data.get(end..at).ok_or(Refusal::of("an odd table"))?;
        must(spare.iter().all(|it| *it == 0), "bytes between tables")?;
    }
    must(data.len() == at, "bytes after the font")?;
    numbers(&tables)?;
    glyphs(tables[0], tables[4])
}

fn check_sum(table: &[u8]) -> usize {
    let word = |part: &[u8]| {
        part.iter().chain(&[0; 3]).take(4).fold(0, |sum: u32, it| sum << 8 | u32::from(*it))
    };
    table.chunks(4).fold(0_u32, |sum, part| sum.wrapping_add(word(part))) as usize
}

/// What the tables besides the outlines say, but for measures.
fn numbers(tables: &[&[u8]]) -> Verdict {
    let odd = Refusal::of("odd numbers of a font");
    let [_, head, hhea, hmtx, loca, maxp] = tables else { return Err(odd) };
    let mut from = Bytes::new(head);
    from.expect(b"\0\x01\0\0\0\x01\0\0\0\0\0\0\x5F\x0F\x3C\xF5\0\0", odd.what())?;
    must(from.be16()? > 0, odd.what())?;
    from.expect(&[0; 16], odd.what())?;
    from.take(8)?;
    must(from.rest() == [0, 0, 0, 8, 0, 2, 0, 1, 0, 0], odd.what())?;
    let mut from = Bytes::new(hhea);
    from.expect(&[0, 1, 0, 0], odd.what())?;
    from.take(4)?;
    from.expect(b"\0\0\xFF\xFF\0\0\0\0\0\0\0\x01\0\0\0\0", odd.what())?;
    from.expect(&[0; 10], odd.what())?;
    let count = from.be16()?;
    must(from.is_done() && hmtx.len() == count * 4, odd.what())?;
    must(loca.len() == (count + 1) * 4 && maxp.len() == 32, odd.what())?;
    let mut from = Bytes::new(maxp);
    from.expect(&[0, 1, 0, 0], odd.what())?;
    must(from.be16()? == count, odd.what())?;
    from.take(4)?;
    from.expect(&[0, 0, 0, 0, 0, 2], odd.what())?;
    must(from.rest().iter().all(|it| *it == 0), odd.what())
}

fn glyphs(glyf: &[u8], loca: &[u8]) -> Verdict {
    let mut places = Bytes::new(loca);
    let mut before = places.be32()?;
    must(before == 0, "glyphs elsewhere")?;
    while !places.is_done() {
        let next = places.be32()?;
        let glyph = glyf.get(before..next).ok_or(Refusal::of("glyphs elsewhere"))?;
        if !glyph.is_empty() {
            outline(Bytes::new(glyph))?;
        }
        before = next;
    }
    must(before == glyf.len(), "bytes after the glyphs")
}

/// Contours of points, each with its flag and its steps, and no more.
fn outline(mut glyph: Bytes<'_>) -> Verdict {
    let odd = "an odd glyph";
    let contours = glyph.be16()?;
    must((1..0x8000).contains(&contours), "a glyph made of glyphs")?;
    glyph.take(8)?;
    let mut points = 0;
    for _ in 0..contours {
        let last = glyph.be16()?;
        must(last >= points, odd)?;
        points = last + 1;
    }
    must(glyph.be16()? == 0, "instructions")?;
    let (mut seen, mut steps) = (0, 0);
    while seen < points {
        let flag = glyph.u8()?;
        must(flag & 0xC0 == 0, odd)?;
        let times = if flag & 8 == 0 { 1 } else { 1 + usize::from(glyph.u8()?) };
        let width = |short: u8, same: u8| match (flag & short, flag & same) {
            (0, 0) => 2,
            (0, _) => 0,
            _ => 1,
        };
        (seen, steps) = (seen + times, steps + times * (width(2, 16) + width(4, 32)));
    }
    glyph.take(steps)?;
    let spare = glyph.rest();
    must(seen == points && spare.len() < 4 && spare.iter().all(|it| *it == 0), odd)
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
