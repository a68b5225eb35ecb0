//! Date and footer of a slide. They stand apart from its shapes: the boxes that
//! show them are those of the master, and say `*`.

use crate::office::legacy::art::{Record, records};
use crate::office::legacy::bytes::{u16_at, utf16};
use crate::office::plain::slides::{Area, Content, Line, Shape};

const HELD: u16 = 0x0fd9;
const SHOWN: u16 = 0x0fda;
const TEXT: u16 = 0x0fba;
/// Which of the texts it is, the bit of the flags that shows it, and where it
/// stands, in 24ths of the width: from there, so wide.
const DATE: (u16, u16, [i64; 2]) = (0, 0x04, [1, 6]);
const FOOTER: (u16, u16, [i64; 2]) = (2, 0x20, [8, 8]);
const USUAL: (i64, i64) = (9_144_000, 6_858_000);

/// What stands below the slide, where PowerPoint has it unless a master moves it.
pub(super) fn of(slide: &Record<'_>, size: Option<(i64, i64)>) -> Vec<Shape> {
    let (width, height) = size.unwrap_or(USUAL);
    let Some(held) = records(slide.data).find(|it| it.kind == HELD) else {
        return Vec::new();
    };
    let flags = records(held.data).find(|it| it.kind == SHOWN).map_or(0, |it| u16_at(it.data, 2));
    let shown = [DATE, FOOTER].into_iter().filter(|it| flags & it.1 != 0);
    let shapes = shown.filter_map(|(which, _, [left, wide])| {
        let text = records(held.data).find(|it| it.kind == TEXT && it.instance == which)?;
        let text = utf16(text.data);
        let area = Area {
            left: width / 24 * left,
            top: height / 20 * 18,
            width: width / 24 * wide,
            height: height / 20,
        };
        let content = Content::Text(vec![Line::plain(&text)]);
        (!text.trim().is_empty()).then_some(Shape { content, area: Some(area) })
    });
    shapes.collect()
}
