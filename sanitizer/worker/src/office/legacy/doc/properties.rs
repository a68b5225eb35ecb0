//! Properties of characters and paragraphs: pages of 512 bytes, found by where
//! the characters stand in the main stream.

use std::ops::Range;

use super::fib::{Fib, Part};
use crate::office::legacy::bytes::{slice, u8_at, u16_at, u32_at};

const PAGE: usize = 512;
/// Most stretches of a kind.
const MOST: usize = 2_000_000;

/// A stretch of the main stream with its properties.
struct Run<'m> {
    place: Range<u32>,
    /// Style number of a paragraph.
    style: u16,
    properties: &'m [u8],
}

/// All stretches, ascending.
pub(super) struct Runs<'m>(Vec<Run<'m>>);

impl<'m> Runs<'m> {
    /// Those of characters.
    pub(super) fn characters(fib: &Fib, main: &'m [u8], table: &[u8]) -> Self {
        Self::read(fib.part(table, Part::CharacterPages), main, &|page, run, count| {
            let at = usize::from(u8_at(page, (count + 1) * 4 + run)) * 2;
            let length = usize::from(u8_at(page, at));
            (0, if at == 0 { &[] } else { slice(page, at + 1, length) })
        })
    }

    /// Those of paragraphs.
    pub(super) fn paragraphs(fib: &Fib, main: &'m [u8], table: &[u8]) -> Self {
        Self::read(fib.part(table, Part::ParagraphPages), main, &|page, run, count| {
            let at = usize::from(u8_at(page, (count + 1) * 4 + run * 13)) * 2;
            if at == 0 {
                return (0, &[]);
            }
            let short = usize::from(u8_at(page, at));
            let (start, length) = match short {
                0 => (at + 2, usize::from(u8_at(page, at + 1)) * 2),
                _ => (at + 1, short * 2 - 1),
            };
            let all = slice(page, start, length);
            (u16_at(all, 0), all.get(2..).unwrap_or_default())
        })
    }

    fn read(
        list: &[u8],
        main: &'m [u8],
        each: &dyn Fn(&'m [u8], usize, usize) -> (u16, &'m [u8]),
    ) -> Self {
        let pages = list.len().saturating_sub(4) / 8;
        let mut runs = Vec::new();
        for number in 0..pages {
            let page = u32_at(list, (pages + 1) * 4 + number * 4) as usize & 0x3f_ffff;
            let page = slice(main, page.saturating_mul(PAGE), PAGE);
            let count = usize::from(u8_at(page, PAGE - 1));
            for run in 0..count {
                if runs.len() >= MOST {
                    return Self(Vec::new());
                }
                let place = u32_at(page, run * 4)..u32_at(page, run * 4 + 4);
                let (style, properties) = each(page, run, count);
                runs.push(Run { place, style, properties });
            }
        }
        runs.sort_by_key(|it| it.place.start);
        Self(runs)
    }

    /// Style number and properties of what stands here.
    pub(super) fn of(&self, place: u32) -> (u16, &'m [u8]) {
        let after = self.0.partition_point(|it| it.place.start <= place);
        let found = after.checked_sub(1).and_then(|at| self.0.get(at));
        match found.filter(|it| it.place.contains(&place)) {
            Some(run) => (run.style, run.properties),
            None => (0, &[]),
        }
    }
}

/// A change of one property: its number and its operand.
pub(super) fn each(mut properties: &[u8], mut see: impl FnMut(u16, &[u8])) {
    while properties.len() >= 3 {
        let number = u16_at(properties, 0);
        let (start, length) = match (number >> 13, number) {
            (0 | 1, _) => (2, 1),
            (2 | 4 | 5, _) => (2, 2),
            (3, _) => (2, 4),
            (7, _) => (2, 3),
            // The columns of a table may be many.
            (_, 0xd608) => (4, usize::from(u16_at(properties, 2)).saturating_sub(1)),
            _ => (3, usize::from(u8_at(properties, 2))),
        };
        see(number, slice(properties, start, length));
        properties = properties.get(start + length..).unwrap_or_default();
    }
}
