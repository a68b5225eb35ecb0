//! Word 97 to 2003.
//!
//! ```text
//!  WordDocument │ FIB: where everything is │ characters │ pages of properties │
//!  1Table       │ pieces: which characters stand where │ stories │
//! ```
//! All stories are one run of characters: body, footnotes, headers, comments,
//! endnotes, text boxes.

mod fib;
mod lists;
mod locked;
mod look;
mod pieces;
mod properties;
mod story;

pub(in crate::office) use story::symbol;

use sanitizer_intermediate::office::Word;
use sanitizer_intermediate::{ChangedKind, Findings, HoldReason, Limits, Password, Place};

use super::art;
use super::bytes::u32_at;
use super::ole::Ole;
use crate::crypt;
use crate::office::plain::Pictures;
use crate::office::plain::word::Text;
use fib::{Fib, Part};
use pieces::Pieces;
use properties::Runs;
use story::{Source, Stories};

/// Reads the document.
///
/// # Errors
/// [`HoldReason`] when it must not cross.
pub(super) fn read(
    ole: &mut Ole<'_>,
    limits: &Limits,
    password: Option<&Password>,
    findings: &mut Findings,
) -> Result<Word, HoldReason> {
    let mut main = ole.stream("/WordDocument")?.ok_or(HoldReason::Broken)?;
    let mut table = ole.stream(fib::table(&main))?.ok_or(HoldReason::Broken)?;
    let mut data = ole.stream("/Data")?.unwrap_or_default();
    if locked::open([&mut main, &mut table, &mut data], password)? {
        crypt::note(findings);
    }
    let fib = Fib::read(&main)?;
    let pieces = Pieces::read(&fib, &main, &table, limits)?;
    let characters = Runs::characters(&fib, &main, &table);
    let paragraphs = Runs::paragraphs(&fib, &main, &table);
    let (lists, uses) = lists::read(&fib, &table);
    let mut stories = Stories {
        lists: uses,
        source: Source { pieces: &pieces, characters, paragraphs },
        pictures: Pictures::new(limits.answer_bytes),
        data: &data,
        limits,
        notes: fib.places(&table, Part::NoteReferences),
        remarks: remark_places(&fib, &table),
        findings,
    };
    let mut text = Text { blocks: stories.read(fib.body()), lists, ..Text::default() };
    let notes = fib.places(&table, Part::NoteTexts);
    for pair in notes.windows(2).take(stories.notes.len()) {
        let start = fib.footnotes().start;
        text.notes.push(stories.read(start + pair[0]..start + pair[1]));
    }
    remarks(&fib, &table, &mut stories, &mut text);
    headers(&fib, &table, &mut stories, &mut text);
    for extra in [fib.endnotes(), fib.boxes()] {
        let blocks = stories.read(extra);
        if !blocks.is_empty() {
            text.blocks.extend(blocks);
            stories.findings.change(ChangedKind::LayoutSimplified, 1, Place::Document);
        }
    }
    stories.pictures.note(stories.findings);
    let pictures = stories.pictures.pictures;
    text.finish(pictures)
}

/// The streams a password locked, open.
///
/// # Errors
/// [`HoldReason`] when they do not open.
pub(super) fn opened(
    ole: &mut Ole<'_>,
    password: Option<&Password>,
) -> Result<Vec<(&'static str, Vec<u8>)>, HoldReason> {
    let mut main = ole.stream("/WordDocument")?.ok_or(HoldReason::Broken)?;
    let name = fib::table(&main);
    let mut table = ole.stream(name)?.ok_or(HoldReason::Broken)?;
    let mut data = ole.stream("/Data")?.unwrap_or_default();
    locked::open([&mut main, &mut table, &mut data], password)?;
    Ok(vec![("/WordDocument", main), (name, table), ("/Data", data)])
}

/// Where remarks stand in the body; the last place is its end.
fn remark_places(fib: &Fib, table: &[u8]) -> Vec<usize> {
    let mut places = fib.places(table, Part::RemarkReferences);
    places.pop();
    places
}

/// What people wrote beside the text. A story nothing divides is one remark.
fn remarks(fib: &Fib, table: &[u8], stories: &mut Stories<'_>, text: &mut Text) {
    let all = fib.comments();
    let ends = fib.places(table, Part::RemarkTexts);
    for pair in ends.windows(2).take(stories.remarks.len()) {
        text.remarks.push(stories.read(all.start + pair[0]..(all.start + pair[1]).min(all.end)));
    }
    if text.remarks.is_empty() && !all.is_empty() {
        text.remarks.push(stories.read(all));
    }
}

/// The header and footer most pages show.
fn headers(fib: &Fib, table: &[u8], stories: &mut Stories<'_>, text: &mut Text) {
    let places = fib.places(table, Part::Headers);
    let start = fib.headers().start;
    let mut story = |number: usize| {
        let (from, to) = (places.get(number)?, places.get(number + 1)?);
        let blocks = stories.read(start + from..start + to);
        let said = blocks.iter().any(story::says_something);
        said.then_some(blocks)
    };
    // Six separators come first, then six stories for each section: of even,
    // odd and first pages, headers and footers in turn.
    let sections = places.len().saturating_sub(7) / 6;
    for section in 0..sections {
        let first = 6 + section * 6;
        for (number, is_header) in
            [(1, true), (4, true), (0, true), (3, false), (5, false), (2, false)]
        {
            let place = if is_header { &mut text.header } else { &mut text.footer };
            if place.is_empty() {
                *place = story(first + number).unwrap_or_default();
            }
        }
    }
}

/// The picture that starts at this place of the data stream, and its size in twips.
fn picture(data: &[u8], at: usize) -> Option<(Vec<u8>, (i64, i64))> {
    let length = u32_at(data, at) as usize;
    let all = data.get(at..at.checked_add(length)?)?;
    let header = usize::from(super::bytes::u16_at(all, 4));
    let goal = |at: usize, scale: usize| {
        let size = i64::from(super::bytes::u16_at(all, at));
        let scale = i64::from(super::bytes::u16_at(all, scale));
        if scale == 0 { size } else { size * scale / 1_000 }
    };
    let size = (goal(0x1c, 0x20), goal(0x1e, 0x22));
    let data = all.get(header..)?;
    // Older Word kept a bare metafile here; its units are those of a mapping mode.
    let is_metafile = (1..=8).contains(&super::bytes::u16_at(all, 6));
    let bytes = if is_metafile { data.to_vec() } else { art::first_picture(data)? };
    Some((bytes, size))
}
