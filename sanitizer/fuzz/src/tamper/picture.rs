//! Chunks, blocks, segments and tags of pictures.

use super::{place_of, with};
use crate::dice::Dice;

type Change = Option<(&'static str, Vec<u8>)>;

/// A chunk of a PNG, with its check sum.
fn chunk(name: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let mut sum = flate2::Crc::new();
    sum.update(name);
    sum.update(data);
    let length = u32::try_from(data.len()).unwrap_or(0).to_be_bytes();
    [&length[..], name, data, &sum.sum().to_be_bytes()].concat()
}

/// Where chunks begin, and where the last ends.
fn chunks(file: &[u8]) -> Vec<usize> {
    let mut found = vec![8];
    let mut at = 8;
    while let Some(length) = file.get(at..at + 4) {
        at += 12 + u32::from_be_bytes([length[0], length[1], length[2], length[3]]) as usize;
        found.push(at);
    }
    found
}

pub(super) fn png(file: &[u8], dice: &mut Dice) -> Change {
    let places = chunks(file);
    let between = *places.get(1 + dice.below(places.len() - 2))?;
    let head = |at: usize, value: u8| {
        let mut data = file.get(16..29)?.to_vec();
        data[at] = value;
        with(file, 8, 25, &chunk(b"IHDR", &data))
    };
    let foreign: [(&[u8; 4], &[u8]); 6] = [
        (b"tEXt", b"Comment\0x"),
        (b"zTXt", b"a\0\0x"),
        (b"iCCP", b"a\0\0x"),
        (b"eXIf", b"MM"),
        (b"prVt", b"x"),
        (b"gAMA", b"\0\0\0\x01"),
    ];
    Some(match dice.below(11) {
        0 => {
            let (name, data) = foreign[dice.below(foreign.len())];
            ("a foreign chunk", with(file, between, 0, &chunk(name, data))?)
        }
        1 => (
            "another width",
            head(3, file.get(19)?.wrapping_add(if file[24] < 8 { 64 } else { 1 }))?,
        ),
        2 => ("another height", head(7, file.get(23)?.wrapping_add(1))?),
        3 => ("another depth", head(8, 16)?),
        4 => ("interlaced", head(12, 1)?),
        5 => {
            let end = *places.last()?;
            let at = dice.below(places.len() - 2);
            let (from, to) = (places[at], places[at + 1]);
            let kind = file.get(from + 4..from + 8)?;
            // One density or transparency less is another picture of ours.
            if matches!(kind, b"pHYs" | b"tRNS") {
                return None;
            }
            let mut less = file.get(..end)?.to_vec();
            drop(less.drain(from..to));
            ("a chunk is missing", less)
        }
        6 => ("bytes after the end", [file, b"\0"].concat()),
        7 => ("a wrong check sum", with(file, 29, 1, &[file.get(29)? ^ 1])?),
        8 => ("a chunk twice", {
            let at = dice.below(places.len() - 1);
            with(file, places[at], 0, file.get(places[at]..places[at + 1])?)?
        }),
        9 => ("an empty chunk", with(file, between, 0, &chunk(b"IDAT", b""))?),
        _ => ("a density without unit", with(file, 33, 0, &chunk(b"pHYs", &[0; 9]))?),
    })
}

pub(super) fn gif(file: &[u8], dice: &mut Dice) -> Change {
    let frame = place_of(file, b"\x21\xF9\x04", dice)?;
    Some(match dice.below(9) {
        0 => ("a comment", with(file, frame, 0, b"\x21\xFE\x03abc\0")?),
        1 => ("a text", with(file, frame, 0, b"\x21\x01\x01a\0")?),
        2 => ("another application", with(file, frame, 0, b"\x21\xFF\x0BXMP DataXMP\x01a\0")?),
        3 => ("bytes after the end", [file, b"\0"].concat()),
        4 => ("no end", file.get(..file.len() - 1)?.to_vec()),
        5 => ("an old version", with(file, 4, 1, b"7")?),
        6 => ("interlaced", with(file, frame + 17, 1, &[file.get(frame + 17)? | 0x40])?),
        7 => {
            ("a larger frame", with(file, frame + 13, 1, &[file.get(frame + 13)?.wrapping_add(1)])?)
        }
        _ => ("an empty block", with(file, file.len() - 1, 0, b"\0")?),
    })
}

pub(super) fn tiff(file: &[u8], dice: &mut Dice) -> Change {
    let at = u32::from_le_bytes(file.get(4..8)?.try_into().ok()?) as usize;
    let count = usize::from(u16::from_le_bytes(file.get(at..at + 2)?.try_into().ok()?));
    let entry = at + 2 + 12 * dice.below(count);
    Some(match dice.below(6) {
        0 => ("a foreign tag", with(file, entry, 2, &700_u16.to_le_bytes())?),
        1 => ("another kind of value", with(file, entry + 2, 1, &[file.get(entry + 2)? ^ 1])?),
        2 => ("another number of values", with(file, entry + 4, 1, &[file.get(entry + 4)? ^ 2])?),
        3 => ("bytes after the end", [file, b"\0"].concat()),
        4 => ("another directory", with(file, 4, 1, &[file.get(4)? ^ 2])?),
        _ => ("big ends first", with(file, 0, 2, b"MM")?),
    })
}

pub(super) fn jpeg(file: &[u8], dice: &mut Dice) -> Change {
    let frame = file.windows(2).position(|it| it == b"\xFF\xC0")?;
    let scan = file.windows(2).position(|it| it == b"\xFF\xDA")?;
    let segments: [&[u8]; 5] = [
        b"\xFF\xFE\0\x05abc",
        b"\xFF\xE1\0\x08Exif\0\0",
        b"\xFF\xED\0\x04ab",
        b"\xFF\xDD\0\x04\0\x01",
        b"\xFF\xE0\0\x04ab",
    ];
    let segment = segments[dice.below(segments.len())];
    Some(match dice.below(8) {
        0 => ("a foreign segment", with(file, frame, 0, segment)?),
        1 => ("a segment before the scan", with(file, scan, 0, segment)?),
        2 => ("bytes after the end", [file, b"\0"].concat()),
        3 => ("bytes before the end", with(file, file.len() - 2, 0, b"\x5A\x5A")?),
        4 => ("no end", file.get(..file.len() - 2)?.to_vec()),
        5 => ("another width", with(file, frame + 8, 1, &[file.get(frame + 8)?.wrapping_add(48)])?),
        6 => ("another frame", with(file, frame + 1, 1, b"\xC2")?),
        _ => ("a scan cut short", {
            let cut = 9.min(file.len().saturating_sub(scan + 24));
            with(file, file.len() - 2 - cut, cut, b"")?
        }),
    })
}
