//! Reads the pieces into paragraphs.

use std::collections::HashMap;

use encoding_rs::{Encoding, WINDOWS_1252};
use sanitizer_intermediate::image::Picture;
use sanitizer_intermediate::{Findings, HoldReason, Limits, Place, RemovedKind};

use super::fonts;
use super::lists::{Asked, Lists};
use super::state::{Destination, State};
use super::tokens::{Token, Tokens};
use crate::office::plain::Pictures;
use crate::office::plain::word::{
    Align, Block, Cell, Inline, Page, Paragraph, Raised, Table, Text, emu,
};

/// Deepest nesting of groups.
const MAX_GROUPS: usize = 1_000;
/// Most paragraphs, those of cells among them: some 2 000 pages.
const MAX_PARAGRAPHS: usize = 120_000;

/// A story in the making: the body, a header, a note.
#[derive(Default)]
struct Story {
    blocks: Vec<Block>,
    paragraph: Paragraph,
    rows: Vec<Vec<Cell>>,
    row: Vec<Cell>,
    cell: Vec<Block>,
    kind: StoryKind,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum StoryKind {
    #[default]
    Body,
    Header,
    Footer,
    Note,
    Remark,
}

/// A cell as the row announces it.
#[derive(Debug, Clone, Copy, Default)]
struct Announced {
    right: i32,
    starts: bool,
    continues: bool,
    joins_left: bool,
}

#[derive(Default)]
struct PictureData {
    bytes: Vec<u8>,
    half: Option<u8>,
    goal: (i64, i64),
    scale: (i64, i64),
}

/// Reads one file.
pub(super) struct Reader<'l> {
    pub findings: Findings,
    limits: &'l Limits,
    pictures: Pictures,
    states: Vec<State>,
    stories: Vec<Story>,
    text: Text,
    fonts: HashMap<i32, &'static Encoding>,
    colours: Vec<[u8; 3]>,
    colour: [u8; 3],
    usual: &'static Encoding,
    /// Bytes of text that are not decoded yet.
    pending: Vec<u8>,
    /// The first half of a character given by its number.
    high: Option<u16>,
    to_skip: usize,
    total: usize,
    paragraphs: usize,
    instruction: String,
    picture: PictureData,
    lists: Lists,
    announced: Vec<Announced>,
    next: Announced,
    /// The next word begins a destination that may be passed over.
    optional: bool,
}

impl<'l> Reader<'l> {
    pub(super) fn new(pictures: Pictures, limits: &'l Limits) -> Self {
        Self {
            findings: Findings::default(),
            limits,
            pictures,
            states: vec![State::new(WINDOWS_1252)],
            stories: vec![Story::default()],
            text: Text::default(),
            fonts: HashMap::new(),
            colours: Vec::new(),
            colour: [0; 3],
            usual: WINDOWS_1252,
            pending: Vec::new(),
            high: None,
            to_skip: 0,
            total: 0,
            paragraphs: 0,
            instruction: String::new(),
            picture: PictureData::default(),
            lists: Lists::default(),
            announced: Vec::new(),
            next: Announced::default(),
            optional: false,
        }
    }

    /// Reads all of it.
    ///
    /// # Errors
    /// [`HoldReason`] when it is nested too deep or too long.
    pub(super) fn read(&mut self, bytes: &[u8]) -> Result<(), HoldReason> {
        for token in Tokens::new(bytes) {
            let optional = std::mem::take(&mut self.optional);
            match token {
                Token::Open => self.open()?,
                Token::Close => self.close(),
                Token::Sign(sign) => self.sign(sign),
                Token::Byte(byte) => self.byte(byte)?,
                Token::Data(data) => self.data(data),
                Token::Word(word, number) => {
                    self.flush();
                    self.word(word, number, optional);
                }
            }
            if self.paragraphs > MAX_PARAGRAPHS {
                return Err(HoldReason::TooComplex);
            }
        }
        self.flush();
        Ok(())
    }

    /// What was noted so far.
    pub(super) fn findings(&mut self) -> Findings {
        self.pictures.note(&mut self.findings);
        std::mem::take(&mut self.findings)
    }

    /// The text and its pictures.
    pub(super) fn finish(mut self) -> (Text, Vec<Picture>) {
        while self.stories.len() > 1 {
            self.end_story();
        }
        if let Some(mut body) = self.stories.pop() {
            body.end();
            self.text.blocks = body.blocks;
            self.text.lists = self.lists.made;
        }
        (self.text, self.pictures.pictures)
    }

    fn state(&mut self) -> &mut State {
        if self.states.is_empty() {
            self.states.push(State::new(self.usual));
        }
        let last = self.states.len() - 1;
        &mut self.states[last]
    }

    fn story(&mut self) -> &mut Story {
        if self.stories.is_empty() {
            self.stories.push(Story::default());
        }
        let last = self.stories.len() - 1;
        &mut self.stories[last]
    }

    fn open(&mut self) -> Result<(), HoldReason> {
        self.flush();
        if self.states.len() >= MAX_GROUPS {
            return Err(HoldReason::TooComplex);
        }
        let mut inner = self.state().clone();
        inner.ends_story = false;
        self.states.push(inner);
        self.to_skip = 0;
        Ok(())
    }

    fn close(&mut self) {
        self.flush();
        self.to_skip = 0;
        let Some(closed) = self.states.pop() else {
            return;
        };
        let around = self.states.last().map(|it| it.destination);
        if closed.destination == Destination::Picture && around != Some(Destination::Picture) {
            self.end_picture();
        }
        if closed.destination == Destination::Instruction
            && around != Some(Destination::Instruction)
        {
            self.end_instruction();
        }
        if closed.destination == Destination::LevelText && around != Some(Destination::LevelText) {
            self.lists.end_text(closed.encoding);
        }
        if closed.destination == Destination::Counting && around != Some(Destination::Counting) {
            // What the group says holds for the paragraph around it.
            let list = self.lists.end_paragraph();
            self.state().list = list.map(|it| (it, 0));
        }
        if closed.ends_story {
            self.end_story();
        }
    }

    fn sign(&mut self, sign: u8) {
        self.flush();
        match sign {
            b'*' => self.optional = true,
            b'~' => self.put("\u{a0}"),
            b'_' => self.put("\u{2011}"),
            _ => {}
        }
    }

    fn byte(&mut self, byte: u8) -> Result<(), HoldReason> {
        if self.to_skip > 0 {
            self.to_skip -= 1;
            return Ok(());
        }
        let destination = self.state().destination;
        match destination {
            Destination::Text => {
                self.total += 1;
                if self.total > self.limits.text_bytes as usize {
                    return Err(HoldReason::TooLarge);
                }
                self.pending.push(byte);
            }
            Destination::Instruction if self.instruction.len() < 4_000 => {
                self.instruction.push(char::from(byte));
            }
            Destination::Picture => self.picture_digit(byte),
            Destination::Before | Destination::After => self.pending.push(byte),
            Destination::LevelText => {
                let encoding = self.state().encoding;
                self.lists.byte(byte, encoding);
            }
            Destination::Colours if byte == b';' => {
                if self.colours.len() < 10_000 {
                    self.colours.push(std::mem::take(&mut self.colour));
                }
            }
            Destination::Instruction
            | Destination::Colours
            | Destination::Fonts
            | Destination::Lists
            | Destination::Counting
            | Destination::Skipped => {}
        }
        Ok(())
    }

    /// Decodes the bytes of text so far.
    fn flush(&mut self) {
        if self.pending.is_empty() {
            return;
        }
        let bytes = std::mem::take(&mut self.pending);
        let encoding = self.state().encoding;
        let (text, _) = encoding.decode_without_bom_handling(&bytes);
        self.put(&text);
    }

    fn put(&mut self, text: &str) {
        let encoding = self.state().encoding;
        match self.state().destination {
            Destination::Text => {
                let look = self.state().look.clone();
                self.story().paragraph.text(text, &look);
            }
            Destination::LevelText => {
                text.chars().for_each(|it| self.lists.character(it, encoding));
            }
            Destination::Before => self.lists.paragraph_text(text, false),
            Destination::After => self.lists.paragraph_text(text, true),
            Destination::Skipped
            | Destination::Fonts
            | Destination::Colours
            | Destination::Picture
            | Destination::Instruction
            | Destination::Lists
            | Destination::Counting => {}
        }
    }

    fn push(&mut self, inline: Inline) {
        if self.state().destination == Destination::Text {
            let look = self.state().look.clone();
            self.story().paragraph.push(inline, &look);
        }
    }

    fn unit(&mut self, number: i32) {
        let unit = u16::try_from(number.rem_euclid(0x1_0000)).unwrap_or_default();
        self.to_skip = self.state().stand_ins;
        let pair = match self.high.take() {
            Some(high) => vec![high, unit],
            None if (0xd800..0xdc00).contains(&unit) => {
                self.high = Some(unit);
                return;
            }
            None => vec![unit],
        };
        let text: String = char::decode_utf16(pair).map(|it| it.unwrap_or('\u{fffd}')).collect();
        self.put(&text);
    }

    fn word(&mut self, word: &str, number: Option<i32>, optional: bool) {
        let on = number != Some(0);
        let value = number.unwrap_or_default();
        if self.begins(word, optional) {
            return;
        }
        match self.state().destination {
            Destination::Fonts => return self.font_word(word, value),
            Destination::Colours => return self.colour_word(word, value),
            Destination::Picture => return self.picture_word(word, value),
            Destination::Lists | Destination::Counting => return self.list_word(word, value),
            Destination::Text
            | Destination::Skipped
            | Destination::Instruction
            | Destination::LevelText
            | Destination::Before
            | Destination::After => {}
        }
        match word {
            "u" => self.unit(value),
            "uc" => self.state().stand_ins = usize::try_from(value).unwrap_or(1).min(100),
            "ansicpg" => {
                self.usual = fonts::of_page(value);
                let usual = self.usual;
                self.states.iter_mut().for_each(|it| it.encoding = usual);
            }
            "mac" => self.state().encoding = encoding_rs::MACINTOSH,
            "f" => {
                let encoding = self.fonts.get(&value).copied().unwrap_or(self.usual);
                self.state().encoding = encoding;
            }
            "par" => self.end_paragraph(),
            "line" => self.push(Inline::Line),
            "tab" => self.push(Inline::Tab),
            "page" => self.push(Inline::Page),
            "column" => self.push(Inline::Column),
            "chpgn" => self.push(Inline::PageNumber),
            "sect" => {
                self.end_paragraph();
                self.push(Inline::Page);
            }
            "emdash" => self.put("—"),
            "endash" => self.put("–"),
            "lquote" => self.put("‘"),
            "rquote" => self.put("’"),
            "ldblquote" => self.put("“"),
            "rdblquote" => self.put("”"),
            "bullet" => self.put("•"),
            "emspace" => self.put("\u{2003}"),
            "enspace" => self.put("\u{2002}"),
            "paperw" => self.text.page = Page { width: paper(value), ..self.text.page },
            "paperh" => self.text.page = Page { height: paper(value), ..self.text.page },
            "object" => self.findings.remove(RemovedKind::OleObjects, 1, Place::Document),
            "trowd" | "cell" | "nestcell" | "row" | "cellx" | "clvmgf" | "clvmrg" | "clmrg" => {
                self.table_word(word, value);
            }
            _ => self.look_word(word, on, value),
        }
    }

    fn look_word(&mut self, word: &str, on: bool, value: i32) {
        let colour = usize::try_from(value).ok().and_then(|it| self.colours.get(it)).copied();
        if word == "ls" {
            // Number 0 takes an entry out of its list.
            let list = (value != 0).then(|| self.lists.of(value));
            let state = self.state();
            state.list = list.map(|it| (it, state.level));
            return;
        }
        let state = self.state();
        let look = &mut state.look;
        match word {
            "plain" => *look = Default::default(),
            "b" => look.bold = on,
            "i" => look.italic = on,
            "strike" => look.strike = on,
            "v" => look.hidden = on,
            "ulnone" => look.underline = false,
            "ul" | "uld" | "uldb" | "ulw" => look.underline = on,
            "fs" => look.size = u16::try_from(value).ok(),
            "cf" => look.colour = colour.filter(|it| *it != [0; 3]),
            "super" => look.raised = on.then_some(Raised::Above),
            "sub" => look.raised = on.then_some(Raised::Below),
            "nosupersub" => look.raised = None,
            "pard" => state.reset_paragraph(),
            "ql" => state.align = Some(Align::Left),
            "qc" => state.align = Some(Align::Centre),
            "qr" => state.align = Some(Align::Right),
            "qj" => state.align = Some(Align::Both),
            "li" => state.indent = value.clamp(-20_000, 20_000),
            "ilvl" => {
                state.level = u8::try_from(value).unwrap_or_default();
                state.list = state.list.map(|(kind, _)| (kind, state.level));
            }
            "outlinelevel" => {
                state.heading = u8::try_from(value).ok().filter(|it| *it < 9).map(|it| it + 1);
            }
            "intbl" => state.in_table = true,
            _ => {}
        }
    }

    /// Whether the word begins a destination; the group goes there then.
    fn begins(&mut self, word: &str, optional: bool) -> bool {
        let around = self.state().destination;
        if matches!(around, Destination::Lists | Destination::Counting) {
            return false;
        }
        if around == Destination::Skipped {
            // Within what is passed over only shown results are looked for.
            if matches!(word, "result" | "shptxt" | "fldrslt") && self.may_show() {
                self.state().destination = Destination::Text;
                return true;
            }
            return !matches!(word, "u" | "uc");
        }
        let destination = match word {
            "fonttbl" => Destination::Fonts,
            "colortbl" => Destination::Colours,
            "pict" => {
                self.picture = PictureData { scale: (100, 100), ..PictureData::default() };
                Destination::Picture
            }
            "fldinst" => Destination::Instruction,
            "listtable" => Destination::Lists,
            "listoverridetable" => {
                self.lists.begin_uses();
                Destination::Lists
            }
            "pn" => {
                self.lists.begin_paragraph();
                Destination::Counting
            }
            "shppict" | "shpinst" | "shp" | "fldrslt" | "field" | "result" | "shptxt"
            | "shpgrp" => return true,
            "header" | "headerr" | "headerl" | "headerf" => {
                return self.begin_story(StoryKind::Header);
            }
            "footer" | "footerr" | "footerl" | "footerf" => {
                return self.begin_story(StoryKind::Footer);
            }
            "footnote" => return self.begin_story(StoryKind::Note),
            "info" => {
                self.findings.remove(RemovedKind::Properties, 1, Place::Document);
                Destination::Skipped
            }
            "template" => {
                self.findings.remove(RemovedKind::ExternalReferences, 1, Place::Document);
                Destination::Skipped
            }
            "annotation" => return self.begin_story(StoryKind::Remark),
            "atnid" | "atnauthor" | "atndate" | "atntime" | "atnref" | "atnicn" | "atnparent"
            | "atrfstart" | "atrfend" | "stylesheet" | "listtext" | "pntext" | "pnseclvl"
            | "objdata" | "objclass" | "objname" | "nonshppict" | "sp" | "revtbl" | "rsidtbl"
            | "generator" | "themedata" | "colorschememapping" | "datastore" | "latentstyles"
            | "xmlnstbl" | "pgptbl" | "filetbl" | "ftnsep" | "ftnsepc" | "aftnsep" | "aftnsepc"
            | "bkmkstart" | "bkmkend" | "xe" | "tc" | "deleted" | "upr" | "private" => {
                Destination::Skipped
            }
            _ if optional => Destination::Skipped,
            _ => return false,
        };
        self.state().destination = destination;
        true
    }

    /// A word of the tables of lists, or of how a paragraph counts.
    fn list_word(&mut self, word: &str, value: i32) {
        let asked = if self.state().destination == Destination::Lists {
            self.lists.word(word, value)
        } else {
            self.lists.paragraph_word(word, value)
        };
        self.state().destination = match asked {
            Asked::Nothing => return,
            Asked::LevelText => Destination::LevelText,
            Asked::Skip => Destination::Skipped,
            Asked::Before => Destination::Before,
            Asked::After => Destination::After,
        };
    }

    /// Whether a shown result within something passed over is part of the text.
    fn may_show(&self) -> bool {
        let outer = self.states.iter().rev().find(|it| it.destination != Destination::Skipped);
        outer.is_some_and(|it| it.destination == Destination::Text)
    }

    fn begin_story(&mut self, kind: StoryKind) -> bool {
        if self.stories.len() > 8 {
            self.state().destination = Destination::Skipped;
            return true;
        }
        if kind == StoryKind::Note {
            let number = u32::try_from(self.text.notes.len()).unwrap_or(u32::MAX);
            self.push(Inline::Note(number));
            // Its place is kept for it: notes within notes come after.
            self.text.notes.push(Vec::new());
        }
        if kind == StoryKind::Remark {
            let number = u32::try_from(self.text.remarks.len()).unwrap_or(u32::MAX);
            self.push(Inline::Remark(number));
            self.text.remarks.push(Vec::new());
            self.state().look.hidden = false;
        }
        self.stories.push(Story { kind, ..Story::default() });
        self.state().ends_story = true;
        self.state().reset_paragraph();
        true
    }

    fn end_story(&mut self) {
        if self.stories.len() < 2 {
            return;
        }
        let Some(mut story) = self.stories.pop() else {
            return;
        };
        story.end();
        match story.kind {
            StoryKind::Header if self.text.header.is_empty() => self.text.header = story.blocks,
            StoryKind::Footer if self.text.footer.is_empty() => self.text.footer = story.blocks,
            StoryKind::Note => {
                if let Some(place) = self.text.notes.iter_mut().rev().find(|it| it.is_empty()) {
                    *place = story.blocks;
                }
            }
            StoryKind::Remark => {
                if let Some(place) = self.text.remarks.iter_mut().rev().find(|it| it.is_empty()) {
                    *place = story.blocks;
                }
            }
            StoryKind::Header | StoryKind::Footer | StoryKind::Body => {}
        }
    }

    fn end_paragraph(&mut self) {
        if self.state().destination != Destination::Text {
            return;
        }
        self.paragraphs += 1;
        let state = self.state().clone();
        if state.list.is_none() {
            self.lists.interrupt();
        }
        let story = self.story();
        let mut paragraph = std::mem::take(&mut story.paragraph);
        paragraph.align = state.align;
        paragraph.indent = state.indent;
        paragraph.list = state.list;
        paragraph.heading = state.heading;
        if state.in_table {
            story.cell.push(Block::Paragraph(paragraph));
        } else {
            story.end_table();
            story.blocks.push(Block::Paragraph(paragraph));
        }
    }

    fn table_word(&mut self, word: &str, value: i32) {
        if self.state().destination != Destination::Text {
            return;
        }
        match word {
            "trowd" => {
                self.announced.clear();
                self.next = Announced::default();
            }
            "clvmgf" => self.next.starts = true,
            "clvmrg" => self.next.continues = true,
            "clmrg" => self.next.joins_left = true,
            "cellx" if self.announced.len() < 200 => {
                self.announced.push(Announced { right: value, ..std::mem::take(&mut self.next) });
            }
            "cell" => {
                self.state().in_table = true;
                self.end_paragraph();
                let story = self.story();
                let blocks = std::mem::take(&mut story.cell);
                story.row.push(Cell { blocks, span: 1, ..Cell::default() });
            }
            // Cells of inner tables stay in the outer one, a paragraph each.
            "nestcell" => {
                self.state().in_table = true;
                self.end_paragraph();
            }
            "row" => {
                let announced = self.announced.clone();
                let story = self.story();
                let row = joined(std::mem::take(&mut story.row), &announced);
                if !row.is_empty() {
                    story.rows.push(row);
                }
            }
            _ => {}
        }
    }

    fn font_word(&mut self, word: &str, value: i32) {
        match word {
            "f" => self.state().font = value,
            "fcharset" => {
                let font = self.state().font;
                if let Some(encoding) = fonts::of_charset(value)
                    && self.fonts.len() < 10_000
                {
                    self.fonts.insert(font, encoding);
                }
            }
            _ => {}
        }
    }

    fn colour_word(&mut self, word: &str, value: i32) {
        let value = u8::try_from(value).unwrap_or_default();
        match word {
            "red" => self.colour[0] = value,
            "green" => self.colour[1] = value,
            "blue" => self.colour[2] = value,
            _ => {}
        }
    }

    fn picture_word(&mut self, word: &str, value: i32) {
        let value = i64::from(value);
        match word {
            "picwgoal" => self.picture.goal.0 = value,
            "pichgoal" => self.picture.goal.1 = value,
            "picscalex" => self.picture.scale.0 = value,
            "picscaley" => self.picture.scale.1 = value,
            _ => {}
        }
    }

    fn picture_digit(&mut self, byte: u8) {
        let digit = char::from(byte).to_digit(16).and_then(|it| u8::try_from(it).ok());
        let Some(digit) = digit else {
            return;
        };
        match self.picture.half.take() {
            Some(high) => self.picture.bytes.push(high << 4 | digit),
            None => self.picture.half = Some(digit),
        }
    }

    fn data(&mut self, data: &[u8]) {
        if self.state().destination == Destination::Picture {
            self.picture.bytes.extend(data);
        }
    }

    fn end_picture(&mut self) {
        let picture = std::mem::take(&mut self.picture);
        let number = self.pictures.add(&picture.bytes, self.limits);
        let Some(number) = number else {
            return self.findings.remove(RemovedKind::Pictures, 1, Place::Document);
        };
        let side = |goal: i64, scale: i64| emu(goal.clamp(0, 40_000) * scale.clamp(1, 1_000) / 100);
        let own = (side(picture.goal.0, picture.scale.0), side(picture.goal.1, picture.scale.1));
        let size = if own.0 > 0 && own.1 > 0 { own } else { self.pictures.size(number) };
        self.push(Inline::Picture(number, size));
    }

    fn end_instruction(&mut self) {
        let instruction = std::mem::take(&mut self.instruction);
        let verb = instruction.split_whitespace().next().unwrap_or_default().to_uppercase();
        let kind = match verb.as_str() {
            "HYPERLINK" => RemovedKind::Links,
            "DDE" | "DDEAUTO" => RemovedKind::Dde,
            "MACROBUTTON" => RemovedKind::MacroCalls,
            "INCLUDETEXT" | "INCLUDEPICTURE" | "IMPORT" | "LINK" | "DATABASE" | "CONTROL" => {
                RemovedKind::ActiveFields
            }
            _ => return,
        };
        self.findings.remove(kind, 1, Place::Document);
    }
}

impl Story {
    fn end(&mut self) {
        if !self.paragraph.runs.is_empty() {
            let paragraph = std::mem::take(&mut self.paragraph);
            if self.cell.is_empty() && self.row.is_empty() {
                self.end_table();
                self.blocks.push(Block::Paragraph(paragraph));
            } else {
                self.cell.push(Block::Paragraph(paragraph));
            }
        }
        self.end_table();
    }

    fn end_table(&mut self) {
        if !self.cell.is_empty() {
            let blocks = std::mem::take(&mut self.cell);
            self.row.push(Cell { blocks, span: 1, ..Cell::default() });
        }
        if !self.row.is_empty() {
            self.rows.push(std::mem::take(&mut self.row));
        }
        if !self.rows.is_empty() {
            self.blocks.push(Block::Table(Table { rows: std::mem::take(&mut self.rows) }));
        }
    }
}

/// The cells of a row as it announced them.
fn joined(cells: Vec<Cell>, announced: &[Announced]) -> Vec<Cell> {
    let mut row: Vec<Cell> = Vec::new();
    let mut left = 0;
    for (at, mut cell) in cells.into_iter().enumerate() {
        let about = announced.get(at).copied().unwrap_or_default();
        let width = u32::try_from(about.right.saturating_sub(left)).unwrap_or_default();
        left = about.right;
        match row.last_mut() {
            Some(before) if about.joins_left => {
                before.span += 1;
                before.width = before.width.map(|it| it.saturating_add(width));
            }
            _ => {
                cell.starts = about.starts;
                cell.continues = about.continues;
                cell.width = (width > 0 && width < 32_000).then_some(width);
                row.push(cell);
            }
        }
    }
    row
}

fn paper(twips: i32) -> u32 {
    u32::try_from(twips).unwrap_or_default().clamp(1_440, 31_680)
}
