//! TIFF: pages one after the other, each strips, then directory, then long
//! values; every byte belongs to one of them.

use crate::bytes::Bytes;
use crate::inflate::{self, Purse};
use crate::refusal::{Refusal, Verdict, must};

use super::{fax, jpeg};

const MOST_TAGS: usize = 16;
const MOST_PAGES: usize = 5_000;

/// What the directory of a page says.
#[derive(Default)]
struct Page {
    /// Tag, kind and values.
    tags: Vec<(usize, usize, Vec<usize>)>,
    /// Where its strips begin and where it ends with its long values.
    end: usize,
    next: usize,
}

/// A TIFF from its first to its last byte.
pub(crate) fn verify(bytes: &[u8], purse: &mut Purse) -> Verdict {
    let mut head = Bytes::new(bytes);
    head.expect(b"II*\0", "no TIFF")?;
    let mut directory = head.le32()?;
    let mut covered = 8;
    for _ in 0..MOST_PAGES {
        let page = read(bytes, directory)?;
        let after = strips(bytes, &page, covered, purse)?;
        must(after.next_multiple_of(2) == directory, "bytes between pages")?;
        must(bytes[after..directory].iter().all(|byte| *byte == 0), "bytes between pages")?;
        covered = page.end;
        if page.next == 0 {
            return must(covered == bytes.len(), "bytes after the picture");
        }
        directory = page.next;
    }
    Err(Refusal::of("too many pages"))
}

fn read(bytes: &[u8], at: usize) -> Result<Page, Refusal> {
    let mut from = Bytes::new(bytes);
    from.take(at)?;
    let count = from.le16()?;
    must(count < MOST_TAGS, "too many tags")?;
    let mut long_at = at + 2 + count * 12 + 4;
    let mut page = Page::default();
    let mut before = 0;
    for _ in 0..count {
        let tag = from.le16()?;
        must(tag > before, "tags out of order")?;
        before = tag;
        let (kind, count) = (from.le16()?, from.le32()?);
        let width = match kind {
            3 => 2,
            4 => 4,
            5 => 8,
            _ => return Err(Refusal::of("an odd value")),
        };
        let length = count.checked_mul(width).ok_or(Refusal::of("an odd value"))?;
        let mut values = if length <= 4 {
            let here = from.take(4)?;
            must(here[length..].iter().all(|it| *it == 0), "an odd value")?;
            Bytes::new(here)
        } else {
            must(from.le32()? == long_at, "a value elsewhere")?;
            let mut there = Bytes::new(bytes);
            there.take(long_at)?;
            let taken = there.take(length)?;
            long_at += length.next_multiple_of(2);
            let spare = there.rest().first().is_none_or(|it| *it == 0);
            must(length % 2 == 0 || spare, "an odd value")?;
            Bytes::new(taken)
        };
        let parts = if kind == 5 { count * 2 } else { count };
        let values = (0..parts).map(|_| if kind == 3 { values.le16() } else { values.le32() });
        page.tags.push((tag, kind, values.collect::<Result<_, _>>()?));
    }
    page.next = from.le32()?;
    page.end = long_at;
    Ok(page)
}

impl Page {
    fn values(&self, tag: usize) -> Result<&[usize], Refusal> {
        let found = self.tags.iter().find(|it| it.0 == tag);
        found.map(|it| it.2.as_slice()).ok_or(Refusal::of("a tag is missing"))
    }

    fn one(&self, tag: usize) -> Result<usize, Refusal> {
        self.values(tag)?.first().copied().ok_or(Refusal::of("a value is missing"))
    }
}

/// Tags that are one number, of the kind of short or long numbers.
const SHORT: usize = 3;
const LONG: usize = 4;
const RATIONAL: usize = 5;

impl Page {
    /// Just the tags such a page has, with as many values of just this kind.
    fn is_exact(&self, bits: usize, samples: usize, strips: usize) -> Verdict {
        let packing = self.one(259)?;
        let light = self.one(262)?;
        let mut wanted = vec![
            (256, LONG, 1),
            (257, LONG, 1),
            (258, SHORT, samples),
            (259, SHORT, 1),
            (262, SHORT, 1),
            (273, LONG, strips),
            (277, SHORT, 1),
            (278, LONG, 1),
            (279, LONG, strips),
        ];
        if self.values(282).is_ok() {
            wanted.extend([(282, RATIONAL, 2), (283, RATIONAL, 2), (296, SHORT, 1)]);
            must(self.one(296)? == 2, "an odd density")?;
            let whole = |tag| self.values(tag).is_ok_and(|it| matches!(it, [_, 1]));
            must(whole(282) && whole(283), "an odd density")?;
        }
        if packing == 8 && bits == 8 {
            wanted.push((317, SHORT, 1));
            must(self.one(317)? == 2, "an odd prediction")?;
        }
        if samples == 4 {
            wanted.push((338, SHORT, 1));
            must(self.one(338)? == 2, "an odd fourth sample")?;
        }
        if light == 6 {
            wanted.push((530, SHORT, 2));
            must(matches!(self.values(530)?, [1, 1] | [2, 2]), "odd halves")?;
        }
        let given = self.tags.iter().map(|it| (it.0, it.1, it.2.len()));
        must(given.eq(wanted), "tags that are not ours")?;
        must(self.values(258)?.iter().all(|it| *it == bits), "odd samples")?;
        let fits = match packing {
            4 => (bits, light) == (1, 0),
            7 => bits == 8 && (samples, light) == (1, 1) || (samples, light) == (3, 6),
            _ => (samples < 3 && light == 1) || (samples >= 3 && light == 2),
        };
        must(fits && (packing == 8 || strips == 1), "odd samples")
    }
}

/// Strips without gaps from `at` on; gives where they end.
fn strips(bytes: &[u8], page: &Page, mut at: usize, purse: &mut Purse) -> Result<usize, Refusal> {
    let (offsets, lengths) = (page.values(273)?, page.values(279)?);
    must(offsets.len() == lengths.len(), "strips without lengths")?;
    let (width, height, rows) = (page.one(256)?, page.one(257)?, page.one(278)?);
    let (bits, samples) = (page.one(258)?, page.one(277)?);
    must(matches!((bits, samples), (1, 1) | (8, 1 | 3 | 4)), "odd samples")?;
    page.is_exact(bits, samples, offsets.len())?;
    must(rows > 0 && height.div_ceil(rows) == offsets.len(), "an odd number of strips")?;
    let row = width.checked_mul(bits * samples).ok_or(Refusal::of("too wide"))?.div_ceil(8);
    let mut left = height;
    for (offset, length) in offsets.iter().zip(lengths) {
        must(*offset == at, "a strip elsewhere")?;
        let end = at.checked_add(*length).ok_or(Refusal::of("an odd strip"))?;
        let data = bytes.get(at..end).ok_or(Refusal::of("an odd strip"))?;
        match page.one(259)? {
            4 => fax(data, width, height, purse)?,
            7 => {
                let shape = jpeg(data)?;
                let wanted = (width, height, samples, page.one(530).is_ok_and(|it| it == 2));
                let given = (shape.width, shape.height, shape.parts, shape.halved);
                must(given == wanted, "an odd picture")?;
            }
            8 => {
                let unfolded = inflate::zlib(data, purse)?;
                let wanted = row.checked_mul(rows.min(left));
                must(wanted == Some(unfolded.len()), "an odd amount of samples")?;
            }
            _ => return Err(Refusal::of("an odd way of packing")),
        }
        left = left.saturating_sub(rows);
        at = end;
    }
    Ok(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NF-32: whatever a directory says, the answer is a word. A density that is
    /// one number instead of two once ended the verifier.
    #[test]
    fn a_density_of_one_number_is_refused() {
        let density = |values: &[usize]| {
            let one = |tag, value| (tag, SHORT, vec![value]);
            let tags = vec![
                one(259, 8),
                one(262, 1),
                (282, LONG, values.to_vec()),
                (283, LONG, values.to_vec()),
                one(296, 2),
            ];
            Page { tags, ..Page::default() }
        };
        for values in [&[][..], &[72], &[72, 1]] {
            assert!(density(values).is_exact(8, 1, 1).is_err(), "{values:?}");
        }
    }
}
