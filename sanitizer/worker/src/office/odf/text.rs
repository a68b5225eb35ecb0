//! Texts: paragraphs, lists, tables, notes, pictures.

use sanitizer_intermediate::office::Word;
use sanitizer_intermediate::{ChangedKind, HoldReason, RemovedKind};

use super::measure::emu;
use super::{Odf, cells};
use crate::office::plain::word::{
    Block, Cell, Inline, List as Counting, ListKind, Look, Page, Paragraph, Table, Text,
};
use crate::office::xml::{Content, Element};

/// Deepest nesting of sections, lists and tables.
const MAX_DEPTH: u32 = 20;

/// Reads the text.
///
/// # Errors
/// [`HoldReason`] when it is damaged or too deep.
pub(super) fn read(
    odf: &mut Odf<'_>,
    root: &Element,
    styles: Option<&Element>,
) -> Result<Word, HoldReason> {
    let mut reader = Reader {
        odf,
        notes: Vec::new(),
        remarks: Vec::new(),
        after: Vec::new(),
        lists: Vec::new(),
        counted: Vec::new(),
    };
    let mut text = Text { blocks: reader.blocks(root, None, 0)?, ..Text::default() };
    let master = styles.and_then(|it| it.child("master-styles")?.child("master-page"));
    for (name, place) in [("header", &mut text.header), ("footer", &mut text.footer)] {
        if let Some(story) = master.and_then(|it| it.child(name)) {
            *place = reader.blocks(story, None, 0)?;
        }
    }
    text.notes = reader.notes;
    text.remarks = reader.remarks;
    text.lists = reader.lists;
    if let Some((width, height)) = reader.odf.styles.page {
        let side = |emu: i64| u32::try_from(emu / 635).unwrap_or_default().clamp(1_440, 31_680);
        text.page = Page { width: side(width), height: side(height), ..Page::default() };
    }
    reader.odf.pictures.note(&mut reader.odf.findings);
    let pictures = std::mem::take(&mut reader.odf.pictures.pictures);
    text.finish(pictures)
}

struct Reader<'r, 'f> {
    odf: &'r mut Odf<'f>,
    notes: Vec<Vec<Block>>,
    remarks: Vec<Vec<Block>>,
    /// Blocks of text boxes, to stand after the paragraph they belong to.
    after: Vec<Block>,
    /// Lists that count, and the style of each.
    lists: Vec<Counting>,
    counted: Vec<String>,
}

/// Most lists that count on their own.
const MAX_LISTS: usize = 2_000;

/// A list around paragraphs: its style, how deep, and its number when it counts.
#[derive(Clone, Copy)]
struct List<'s> {
    style: &'s str,
    level: u8,
    own: Option<u32>,
}

impl Reader<'_, '_> {
    fn blocks(
        &mut self,
        group: &Element,
        list: Option<List<'_>>,
        depth: u32,
    ) -> Result<Vec<Block>, HoldReason> {
        let mut blocks = Vec::new();
        if depth > MAX_DEPTH {
            return Err(HoldReason::TooComplex);
        }
        for element in group.elements() {
            match &*element.name {
                "p" | "h" => {
                    blocks.push(Block::Paragraph(self.paragraph(element, list, depth)?));
                    blocks.append(&mut self.after);
                }
                "list" => {
                    let style = element.attribute("style-name").or(list.map(|it| it.style));
                    let level = list.map_or(0, |it| it.level.saturating_add(1));
                    let style = style.unwrap_or_default();
                    let own = match list {
                        Some(outer) => outer.own,
                        None => self.count(element, style),
                    };
                    let inner = List { style, level, own };
                    for item in element.elements() {
                        blocks.extend(self.blocks(item, Some(inner), depth + 1)?);
                    }
                }
                "table" => blocks.push(Block::Table(self.table(element, depth)?)),
                "frame" | "g" | "custom-shape" | "rect" | "text-box" => {
                    let mut paragraph = Paragraph::default();
                    self.drawing(element, &mut paragraph, &Look::default(), depth + 1)?;
                    if !paragraph.runs.is_empty() {
                        blocks.push(Block::Paragraph(paragraph));
                    }
                    blocks.append(&mut self.after);
                }
                "section" | "index-body" | "index-title" | "table-of-content"
                | "alphabetical-index" | "illustration-index" | "table-index" | "object-index"
                | "user-index" | "bibliography" | "numbered-paragraph" => {
                    blocks.extend(self.blocks(element, list, depth + 1)?);
                }
                _ => {}
            }
        }
        Ok(blocks)
    }

    /// The number of a list that counts: its own, or that of the one it goes on.
    fn count(&mut self, list: &Element, style: &str) -> Option<u32> {
        let levels = self.odf.styles.counting(style)?;
        let goes_on = list.attribute("continue-list").is_some()
            || list.attribute("continue-numbering") == Some("true");
        let before = self.counted.iter().rposition(|it| goes_on && it == style);
        let number = before.unwrap_or(self.lists.len());
        if before.is_none() {
            if number >= MAX_LISTS {
                return u32::try_from(number - 1).ok();
            }
            self.lists.push(Counting { levels: levels.to_vec() });
            self.counted.push(style.to_owned());
        }
        u32::try_from(number).ok()
    }

    fn paragraph(
        &mut self,
        element: &Element,
        list: Option<List<'_>>,
        depth: u32,
    ) -> Result<Paragraph, HoldReason> {
        let style = element.attribute("style-name").unwrap_or_default();
        let (align, indent) = self.odf.styles.paragraph(style);
        let heading = (&*element.name == "h").then(|| {
            element.attribute("outline-level").and_then(|it| it.parse().ok()).unwrap_or(1_u8)
        });
        let kind = |it: List<'_>| (it.own.map_or(ListKind::Bullets, ListKind::Own), it.level);
        let list = list.filter(|_| heading.is_none()).map(kind);
        let mut paragraph = Paragraph { heading, align, list, indent, runs: Vec::new() };
        let look = self.odf.styles.look("paragraph", style, &Look::default());
        let look = if heading.is_some() { Look { size: None, ..look } } else { look };
        if self.odf.styles.breaks_page(style) {
            paragraph.push(Inline::Page, &look);
        }
        self.inline(element, &mut paragraph, &look, depth + 1)?;
        Ok(paragraph)
    }

    fn inline(
        &mut self,
        element: &Element,
        paragraph: &mut Paragraph,
        look: &Look,
        depth: u32,
    ) -> Result<(), HoldReason> {
        if depth > MAX_DEPTH * 2 {
            return Err(HoldReason::TooComplex);
        }
        for content in &element.content {
            let it = match content {
                Content::Text(text) => {
                    let mut out = String::new();
                    cells::collapsed(text, &mut out);
                    paragraph.text(&out, look);
                    continue;
                }
                Content::Element(it) => it,
            };
            match &*it.name {
                "s" => {
                    let count = it.attribute("c").and_then(|it| it.parse().ok()).unwrap_or(1_usize);
                    paragraph.text(&" ".repeat(count.min(1_000)), look);
                }
                "tab" => paragraph.push(Inline::Tab, look),
                "line-break" => paragraph.push(Inline::Line, look),
                "page-number" => paragraph.push(Inline::PageNumber, look),
                "page-count" => paragraph.push(Inline::PageCount, look),
                "span" => {
                    let style = it.attribute("style-name").unwrap_or_default();
                    let inner = self.odf.styles.look("text", style, look);
                    self.inline(it, paragraph, &inner, depth + 1)?;
                }
                "a" => {
                    self.odf.findings.remove(RemovedKind::Links, 1, self.odf.place);
                    self.inline(it, paragraph, look, depth + 1)?;
                }
                "note" => self.note(it, paragraph, look, depth)?,
                "annotation" => self.remark(it, paragraph, look, depth)?,
                "annotation-end" | "tracked-changes" | "script" => {}
                "ruby-text" => {
                    paragraph.text("(", look);
                    self.inline(it, paragraph, look, depth + 1)?;
                    paragraph.text(")", look);
                }
                "frame" | "g" | "custom-shape" | "rect" | "text-box" => {
                    self.drawing(it, paragraph, look, depth + 1)?;
                }
                _ => self.inline(it, paragraph, look, depth + 1)?,
            }
        }
        Ok(())
    }

    fn note(
        &mut self,
        note: &Element,
        paragraph: &mut Paragraph,
        look: &Look,
        depth: u32,
    ) -> Result<(), HoldReason> {
        let Some(body) = note.child("note-body") else {
            return Ok(());
        };
        let held = std::mem::take(&mut self.after);
        let blocks = self.blocks(body, None, depth + 1)?;
        self.after = held;
        let number = u32::try_from(self.notes.len()).unwrap_or(u32::MAX);
        self.notes.push(blocks);
        paragraph.push(Inline::Note(number), look);
        Ok(())
    }

    /// What somebody wrote beside the text; who and when stays behind.
    fn remark(
        &mut self,
        remark: &Element,
        paragraph: &mut Paragraph,
        look: &Look,
        depth: u32,
    ) -> Result<(), HoldReason> {
        let held = std::mem::take(&mut self.after);
        let blocks = self.blocks(remark, None, depth + 1)?;
        self.after = held;
        let number = u32::try_from(self.remarks.len()).unwrap_or(u32::MAX);
        self.remarks.push(blocks);
        self.odf.remarks += 1;
        paragraph.push(Inline::Remark(number), look);
        Ok(())
    }

    /// A frame: a picture stands in the line, a text box after the paragraph.
    fn drawing(
        &mut self,
        frame: &Element,
        paragraph: &mut Paragraph,
        look: &Look,
        depth: u32,
    ) -> Result<(), HoldReason> {
        if depth > MAX_DEPTH * 2 {
            return Err(HoldReason::TooComplex);
        }
        if let Some(number) = self.odf.picture(frame)? {
            let side = |name: &str| frame.attribute(name).and_then(emu).filter(|it| *it > 0);
            let own = side("width").zip(side("height"));
            let size = own.unwrap_or_else(|| self.odf.pictures.size(number));
            paragraph.push(Inline::Picture(number, size), look);
        }
        if matches!(&*frame.name, "custom-shape" | "rect" | "text-box") {
            let blocks = self.blocks(frame, None, depth.min(MAX_DEPTH))?;
            self.after.extend(blocks);
            self.odf.findings.change(ChangedKind::LayoutSimplified, 1, self.odf.place);
        }
        for inner in frame.elements() {
            if matches!(&*inner.name, "text-box" | "frame" | "g" | "custom-shape" | "rect") {
                self.drawing(inner, paragraph, look, depth + 1)?;
            }
        }
        Ok(())
    }

    fn table(&mut self, element: &Element, depth: u32) -> Result<Table, HoldReason> {
        let mut table = Table::default();
        self.rows(element, &mut table, depth + 1)?;
        Ok(table)
    }

    fn rows(&mut self, group: &Element, table: &mut Table, depth: u32) -> Result<(), HoldReason> {
        if depth > MAX_DEPTH {
            return Err(HoldReason::TooComplex);
        }
        for element in group.elements() {
            match &*element.name {
                "table-row" => {
                    let row = self.row(element, depth)?;
                    table.rows.push(row);
                }
                "table-header-rows" | "table-rows" | "table-row-group" => {
                    self.rows(element, table, depth + 1)?;
                }
                _ => {}
            }
        }
        join_upward(table);
        Ok(())
    }

    fn row(&mut self, element: &Element, depth: u32) -> Result<Vec<Cell>, HoldReason> {
        let mut row: Vec<Cell> = Vec::new();
        let mut covered = 0;
        for cell in element.elements() {
            let count =
                |name: &str| cell.attribute(name).and_then(|it| it.parse().ok()).unwrap_or(1_u32);
            match &*cell.name {
                "covered-table-cell" if covered > 0 => covered -= 1,
                "covered-table-cell" => {
                    row.push(Cell { continues: true, span: 1, ..Cell::default() });
                }
                "table-cell" => {
                    let span = count("number-columns-spanned").clamp(1, 63);
                    covered = span - 1;
                    let starts = count("number-rows-spanned") > 1;
                    let blocks = self.blocks(cell, None, depth + 1)?;
                    for _ in 0..count("number-columns-repeated").clamp(1, 63) - 1 {
                        row.push(Cell { span: 1, ..Cell::default() });
                    }
                    row.push(Cell { blocks, span, starts, ..Cell::default() });
                }
                _ => {}
            }
        }
        Ok(row)
    }
}

/// A covered cell continues the one above only where one above starts or
/// continues; elsewhere it is a cell of its own.
fn join_upward(table: &mut Table) {
    let mut above: Vec<bool> = Vec::new();
    for row in &mut table.rows {
        let mut own = Vec::new();
        for cell in row.iter_mut() {
            let at = own.len();
            let joined = above.get(at).copied().unwrap_or_default();
            cell.continues &= joined;
            let goes_on = cell.continues || cell.starts;
            own.extend(std::iter::repeat_n(goes_on, cell.span.max(1) as usize));
        }
        above = own;
    }
}
