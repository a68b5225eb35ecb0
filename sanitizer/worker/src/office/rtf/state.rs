//! What holds within a group.

use encoding_rs::Encoding;

use crate::office::plain::word::{Align, ListKind, Look};

/// Where text of a group goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Destination {
    /// The body, or the story that is being read.
    Text,
    /// Nowhere.
    Skipped,
    /// The table of fonts, of colours.
    Fonts,
    Colours,
    /// The data of a picture.
    Picture,
    /// The instruction of a field.
    Instruction,
    /// The tables of lists, and the text of a level there.
    Lists,
    LevelText,
    /// How a paragraph of an old file counts, and the texts around its number.
    Counting,
    Before,
    After,
}

/// A group's state; an inner group begins with a copy.
#[derive(Debug, Clone)]
pub(super) struct State {
    pub destination: Destination,
    pub look: Look,
    pub encoding: &'static Encoding,
    /// Bytes that stand in for a character given by its number.
    pub stand_ins: usize,
    pub align: Option<Align>,
    pub indent: i32,
    pub list: Option<(ListKind, u8)>,
    /// How deep an entry of a list is.
    pub level: u8,
    pub heading: Option<u8>,
    pub in_table: bool,
    /// The group ends a story of its own.
    pub ends_story: bool,
    /// The font that is being described, by its number.
    pub font: i32,
}

impl State {
    pub(super) fn new(encoding: &'static Encoding) -> Self {
        Self {
            destination: Destination::Text,
            look: Look::default(),
            encoding,
            stand_ins: 1,
            align: None,
            indent: 0,
            list: None,
            level: 0,
            heading: None,
            in_table: false,
            ends_story: false,
            font: 0,
        }
    }

    /// What `\pard` resets.
    pub(super) fn reset_paragraph(&mut self) {
        self.align = None;
        self.indent = 0;
        self.list = None;
        self.level = 0;
        self.heading = None;
        self.in_table = false;
    }
}
