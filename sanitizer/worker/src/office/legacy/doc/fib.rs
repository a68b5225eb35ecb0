//! The head of the file: what is where.

use std::ops::Range;

use sanitizer_intermediate::HoldReason;

use crate::office::legacy::bytes::{slice, u16_at, u32_at, usize_at};

const MAGIC: u16 = 0xa5ec;
/// Word 97; earlier files have another head.
const WORD_97: u16 = 0x00c1;
const FLAGS: usize = 0x0a;
const ENCRYPTED: u16 = 0x0100;
const MASKED: u16 = 0x8000;
const SECOND_TABLE: u16 = 0x0200;
/// Where the lengths of the stories are, and where the list of parts is.
const LENGTHS: usize = 0x4c;
const PARTS: usize = 0x9a;

/// Parts of the table stream by their number in the list.
#[derive(Clone, Copy)]
pub(super) enum Part {
    NoteReferences = 2,
    NoteTexts = 3,
    RemarkReferences = 4,
    RemarkTexts = 5,
    Headers = 11,
    CharacterPages = 12,
    ParagraphPages = 13,
    Pieces = 33,
    Lists = 73,
    ListUses = 74,
}

/// The name of the table stream.
pub(super) fn table(main: &[u8]) -> &'static str {
    if u16_at(main, FLAGS) & SECOND_TABLE != 0 { "/1Table" } else { "/0Table" }
}

/// Whether a password protects the document.
pub(super) fn is_encrypted(main: &[u8]) -> bool {
    u16_at(main, FLAGS) & ENCRYPTED != 0
}

/// Whether it does so by a mask instead of a cipher.
pub(super) fn is_masked(main: &[u8]) -> bool {
    u16_at(main, FLAGS) & MASKED != 0
}

/// Bytes of the table stream that say how.
pub(super) fn description(main: &[u8]) -> usize {
    usize_at(main, 0x0e)
}

/// The head.
pub(super) struct Fib {
    /// Characters of each story, in their order in the file.
    lengths: [usize; 8],
    parts: Vec<(usize, usize)>,
}

impl Fib {
    /// Reads the head of the main stream.
    ///
    /// # Errors
    /// [`HoldReason`] when it is damaged or of an older Word.
    pub(super) fn read(main: &[u8]) -> Result<Self, HoldReason> {
        if u16_at(main, 0) != MAGIC {
            return Err(HoldReason::Broken);
        }
        if u16_at(main, 2) < WORD_97 {
            return Err(HoldReason::Unsupported);
        }
        let mut lengths = [0; 8];
        for (at, length) in lengths.iter_mut().enumerate() {
            *length = usize_at(main, LENGTHS + at * 4).min(main.len());
        }
        let count = usize::from(u16_at(main, PARTS - 2)).min(400);
        let part = |at: usize| (usize_at(main, PARTS + at * 8), usize_at(main, PARTS + at * 8 + 4));
        Ok(Self { lengths, parts: (0..count).map(part).collect() })
    }

    /// The bytes of a part; none when it is not there.
    pub(super) fn part<'t>(&self, table: &'t [u8], part: Part) -> &'t [u8] {
        self.parts.get(part as usize).map_or(&[], |(at, length)| slice(table, *at, *length))
    }

    /// What follows a part in the table stream.
    pub(super) fn after<'t>(&self, table: &'t [u8], part: Part) -> &'t [u8] {
        let end = self.parts.get(part as usize).and_then(|(at, length)| at.checked_add(*length));
        end.and_then(|end| table.get(end..)).unwrap_or_default()
    }

    /// A part that begins with places of characters: all of these.
    pub(super) fn places(&self, table: &[u8], part: Part) -> Vec<usize> {
        let bytes = self.part(table, part);
        let each = match part {
            Part::NoteReferences => 6,
            Part::RemarkReferences => 34,
            Part::NoteTexts | Part::RemarkTexts | Part::Headers => 4,
            Part::CharacterPages | Part::ParagraphPages => 8,
            Part::Pieces => 12,
            Part::Lists => 28,
            Part::ListUses => 16,
        };
        let count = bytes.len().saturating_sub(4) / each;
        let count = if bytes.len() < 4 { 0 } else { count + 1 };
        (0..count).map(|at| u32_at(bytes, at * 4) as usize).collect()
    }

    fn story(&self, number: usize) -> Range<usize> {
        let start = self.lengths[..number].iter().sum();
        start..start + self.lengths[number]
    }

    pub(super) fn body(&self) -> Range<usize> {
        self.story(0)
    }

    pub(super) fn footnotes(&self) -> Range<usize> {
        self.story(1)
    }

    pub(super) fn headers(&self) -> Range<usize> {
        self.story(2)
    }

    pub(super) fn comments(&self) -> Range<usize> {
        self.story(4)
    }

    pub(super) fn endnotes(&self) -> Range<usize> {
        self.story(5)
    }

    pub(super) fn boxes(&self) -> Range<usize> {
        self.story(6)
    }

    /// Characters of all stories.
    pub(super) fn all(&self) -> usize {
        self.lengths.iter().sum()
    }
}
