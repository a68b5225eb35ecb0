//! A text document as plain data.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use sanitizer_intermediate::HoldReason;
use sanitizer_intermediate::image::Picture;
use sanitizer_intermediate::office::{Story, StoryKind, Word};

use super::{EMU_PER_TWIP, escaped, made};

/// Word's names of formats by their numbers.
const FORMATS: [&str; 23] = [
    "decimal",
    "upperRoman",
    "lowerRoman",
    "upperLetter",
    "lowerLetter",
    "ordinal",
    "cardinalText",
    "ordinalText",
    "hex",
    "chicago",
    "ideographDigital",
    "japaneseCounting",
    "aiueo",
    "iroha",
    "decimalFullWidth",
    "decimalHalfWidth",
    "japaneseLegal",
    "japaneseDigitalTenThousand",
    "decimalEnclosedCircle",
    "decimalFullWidth2",
    "aiueoFullWidth",
    "irohaFullWidth",
    "decimalZero",
];

/// A text document.
#[derive(Debug, Default)]
pub(in crate::office) struct Text {
    pub blocks: Vec<Block>,
    pub header: Vec<Block>,
    pub footer: Vec<Block>,
    /// Footnotes, named by [`Inline::Note`] by their position.
    pub notes: Vec<Vec<Block>>,
    /// Remarks beside the text, named by [`Inline::Remark`] by their position.
    pub remarks: Vec<Vec<Block>>,
    /// Lists that paragraphs name.
    pub lists: Vec<List>,
    pub page: Page,
}

/// Size and margins of the pages in twips.
#[derive(Debug, Clone, Copy)]
pub(in crate::office) struct Page {
    pub width: u32,
    pub height: u32,
    pub margin: u32,
}

impl Default for Page {
    /// A4 with an inch around.
    fn default() -> Self {
        Self { width: 11_906, height: 16_838, margin: 1_440 }
    }
}

/// A paragraph or table.
#[derive(Debug)]
pub(in crate::office) enum Block {
    Paragraph(Paragraph),
    Table(Table),
}

/// A paragraph.
#[derive(Debug, Default)]
pub(in crate::office) struct Paragraph {
    /// 1 to 9 for a heading.
    pub heading: Option<u8>,
    pub align: Option<Align>,
    /// An entry of a list, and how deep.
    pub list: Option<(ListKind, u8)>,
    /// Left indent in twips.
    pub indent: i32,
    pub runs: Vec<Run>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::office) enum Align {
    Left,
    Centre,
    Right,
    Both,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::office) enum ListKind {
    Bullets,
    /// A list of [`Text::lists`] by its position.
    Own(u32),
}

/// A list with levels of its own, outermost first.
#[derive(Debug, Default)]
pub(in crate::office) struct List {
    pub levels: Vec<Level>,
}

/// How the entries of a level count.
#[derive(Debug, Clone)]
pub(in crate::office) struct Level {
    /// A format of Word's.
    pub format: &'static str,
    /// What stands before an entry; `%1` is the number of the first level.
    pub text: String,
    pub start: u32,
}

/// The name of a format of numbers by the number that files give it.
pub(in crate::office) fn number_format(code: u8) -> &'static str {
    const BULLET: u8 = 23;
    const NOTHING: u8 = 255;
    match code {
        BULLET => "bullet",
        NOTHING => "none",
        _ => FORMATS.get(usize::from(code)).copied().unwrap_or("decimal"),
    }
}

/// Something in one look.
#[derive(Debug, Clone)]
pub(in crate::office) struct Run {
    pub inline: Inline,
    pub look: Look,
}

#[derive(Debug, Clone, PartialEq)]
pub(in crate::office) enum Inline {
    Text(String),
    Tab,
    Line,
    Page,
    Column,
    /// A picture by its number, with its width and height in EMU.
    Picture(u32, (i64, i64)),
    Note(u32),
    Remark(u32),
    PageNumber,
    PageCount,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub(in crate::office) struct Look {
    pub bold: bool,
    pub italic: bool,
    pub underline: bool,
    pub strike: bool,
    pub hidden: bool,
    /// Half points.
    pub size: Option<u16>,
    pub colour: Option<[u8; 3]>,
    pub font: Option<String>,
    /// Above or below the line.
    pub raised: Option<Raised>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::office) enum Raised {
    Above,
    Below,
}

#[derive(Debug, Default)]
pub(in crate::office) struct Table {
    pub rows: Vec<Vec<Cell>>,
}

#[derive(Debug, Default)]
pub(in crate::office) struct Cell {
    pub blocks: Vec<Block>,
    /// Columns it takes, 1 or more.
    pub span: u32,
    /// It continues the cell above.
    pub continues: bool,
    /// Cells below continue it.
    pub starts: bool,
    /// Twips.
    pub width: Option<u32>,
}

impl Paragraph {
    pub(in crate::office) fn push(&mut self, inline: Inline, look: &Look) {
        if let Inline::Text(more) = &inline
            && let Some(Run { inline: Inline::Text(text), look: last }) = self.runs.last_mut()
            && last == look
        {
            text.push_str(more);
            return;
        }
        self.runs.push(Run { inline, look: look.clone() });
    }

    pub(in crate::office) fn text(&mut self, text: &str, look: &Look) {
        if !text.is_empty() {
            self.push(Inline::Text(text.to_owned()), look);
        }
    }
}

const STYLES: &str = include_str!("styles.xml");
const LISTS: usize = 9;

impl Text {
    /// The document in the shapes of Word.
    ///
    /// # Errors
    /// [`HoldReason`] when it is nested too deep.
    pub(in crate::office) fn finish(self, pictures: Vec<Picture>) -> Result<Word, HoldReason> {
        let mut word = Word { styles: made("w:styles", STYLES)?, pictures, ..Word::default() };
        word.numbering = Some(made("w:numbering", &numbering(&self.lists))?);
        let mut writer = Writer { remarks: self.remarks.len(), ..Writer::default() };
        // Word takes remarks in the body and in notes alone.
        for (id, blocks) in self.remarks.iter().enumerate() {
            let story = writer.story(blocks);
            let name = format!("w:comment w:id=\"{id}\" w:author=\"\"");
            word.comments.push(made(&name, &story)?);
        }
        let mut references = String::new();
        for (blocks, kind) in [(&self.header, StoryKind::Header), (&self.footer, StoryKind::Footer)]
        {
            if !blocks.is_empty() {
                let _ = write!(
                    references,
                    "<w:{}Reference w:type=\"default\" r:id=\"{}\"/>",
                    kind.code(),
                    word.stories.len()
                );
                let content = made("w:blocks", &writer.story(blocks))?;
                word.stories.push(Story { kind, content });
            }
        }
        writer.takes_remarks = true;
        for (at, blocks) in self.notes.iter().enumerate() {
            let story = writer.story(blocks);
            word.footnotes.push(made(&format!("w:footnote w:id=\"{}\"", at + 1), &story)?);
        }
        let mut body = writer.story(&self.blocks);
        writer.rest_of_remarks(&mut body);
        word.body = made("w:blocks", &body)?;
        let Page { width, height, margin } = self.page;
        let orient = if width > height { " w:orient=\"landscape\"" } else { "" };
        let section = format!(
            "{references}<w:pgSz w:w=\"{width}\" w:h=\"{height}\"{orient}/>\
             <w:pgMar w:top=\"{margin}\" w:right=\"{margin}\" w:bottom=\"{margin}\" \
             w:left=\"{margin}\" w:header=\"720\" w:footer=\"720\" w:gutter=\"0\"/>"
        );
        word.section = Some(made("w:sectPr", &section)?);
        Ok(word)
    }
}

/// The numbers of the list of bullets and of the first of [`Text::lists`].
const BULLETS: u32 = 1;
const FIRST_OWN: u32 = 2;

/// Bullets and the document's own lists, of nine levels each.
fn numbering(own: &[List]) -> String {
    let mut out = String::new();
    let _ = write!(out, "<w:abstractNum w:abstractNumId=\"{BULLETS}\">");
    for at in 0..LISTS {
        level(at, &Level { format: "bullet", text: "•".to_owned(), start: 1 }, &mut out);
    }
    out.push_str("</w:abstractNum>");
    for (id, list) in (FIRST_OWN..).zip(own) {
        let _ = write!(out, "<w:abstractNum w:abstractNumId=\"{id}\">");
        for (at, it) in list.levels.iter().enumerate().take(LISTS) {
            level(at, it, &mut out);
        }
        out.push_str("</w:abstractNum>");
    }
    for (id, _) in (BULLETS..).zip(0..=own.len()) {
        let _ = write!(out, "<w:num w:numId=\"{id}\"><w:abstractNumId w:val=\"{id}\"/></w:num>");
    }
    out
}

fn level(at: usize, it: &Level, out: &mut String) {
    let Level { format, text, start } = it;
    let (left, text) = (420 * (at + 1), escaped(text));
    let _ = write!(
        out,
        "<w:lvl w:ilvl=\"{at}\"><w:start w:val=\"{start}\"/><w:numFmt w:val=\"{format}\"/>\
         <w:lvlText w:val=\"{text}\"/><w:lvlJc w:val=\"left\"/><w:pPr>\
         <w:ind w:left=\"{left}\" w:hanging=\"420\"/></w:pPr></w:lvl>"
    );
}

#[derive(Default)]
struct Writer {
    drawings: u32,
    /// How many remarks there are, which of them have their place, and whether
    /// one may stand here.
    remarks: usize,
    placed: BTreeSet<u32>,
    takes_remarks: bool,
}

impl Writer {
    /// Blocks, the last of them a paragraph, as a story or cell must end.
    fn story(&mut self, blocks: &[Block]) -> String {
        let mut out = String::new();
        for block in blocks {
            match block {
                Block::Paragraph(it) => self.paragraph(it, &mut out),
                Block::Table(it) => self.table(it, &mut out),
            }
        }
        if !matches!(blocks.last(), Some(Block::Paragraph(_))) {
            out.push_str("<w:p/>");
        }
        out
    }

    fn paragraph(&mut self, it: &Paragraph, out: &mut String) {
        out.push_str("<w:p><w:pPr>");
        if let Some(level) = it.heading {
            let _ = write!(out, "<w:pStyle w:val=\"Heading{}\"/>", level.clamp(1, 9));
        }
        if let Some((kind, level)) = it.list {
            let id = match kind {
                ListKind::Bullets => BULLETS,
                ListKind::Own(number) => FIRST_OWN + number,
            };
            let level = level.min(8);
            let _ = write!(
                out,
                "<w:numPr><w:ilvl w:val=\"{level}\"/><w:numId w:val=\"{id}\"/></w:numPr>"
            );
        } else if it.indent != 0 {
            let _ = write!(out, "<w:ind w:left=\"{}\"/>", it.indent);
        }
        if let Some(align) = it.align {
            let align = match align {
                Align::Left => "left",
                Align::Centre => "center",
                Align::Right => "right",
                Align::Both => "both",
            };
            let _ = write!(out, "<w:jc w:val=\"{align}\"/>");
        }
        out.push_str("</w:pPr>");
        for run in &it.runs {
            self.run(run, out);
        }
        out.push_str("</w:p>");
    }

    fn run(&mut self, run: &Run, out: &mut String) {
        out.push_str("<w:r>");
        look(&run.look, out);
        match &run.inline {
            Inline::Text(text) => {
                let _ = write!(out, "<w:t>{}</w:t>", escaped(text));
            }
            Inline::Tab => out.push_str("<w:tab/>"),
            Inline::Line => out.push_str("<w:br/>"),
            Inline::Page => out.push_str("<w:br w:type=\"page\"/>"),
            Inline::Column => out.push_str("<w:br w:type=\"column\"/>"),
            Inline::Picture(number, size) => self.picture(*number, *size, out),
            Inline::Note(number) => {
                let _ = write!(out, "<w:footnoteReference w:id=\"{}\"/>", number + 1);
            }
            Inline::Remark(number) => self.remark(*number, out),
            Inline::PageNumber => field("PAGE", out),
            Inline::PageCount => field("NUMPAGES", out),
        }
        out.push_str("</w:r>");
    }

    /// The place of a remark, which is one place only.
    fn remark(&mut self, number: u32, out: &mut String) {
        let known = usize::try_from(number).is_ok_and(|it| it < self.remarks);
        if known && self.takes_remarks && self.placed.insert(number) {
            let _ = write!(out, "<w:commentReference w:id=\"{number}\"/>");
        }
    }

    /// Remarks that stand nowhere come at the end.
    fn rest_of_remarks(&mut self, out: &mut String) {
        let rest = (0..).take(self.remarks).filter(|it| !self.placed.contains(it));
        let rest: Vec<u32> = rest.collect();
        if rest.is_empty() {
            return;
        }
        out.push_str("<w:p>");
        for number in rest {
            out.push_str("<w:r>");
            self.remark(number, out);
            out.push_str("</w:r>");
        }
        out.push_str("</w:p>");
    }

    fn picture(&mut self, number: u32, (width, height): (i64, i64), out: &mut String) {
        self.drawings += 1;
        let id = self.drawings;
        let (width, height) = (width.max(1), height.max(1));
        let _ = write!(
            out,
            "<w:drawing><wp:inline distT=\"0\" distB=\"0\" distL=\"0\" distR=\"0\">\
             <wp:extent cx=\"{width}\" cy=\"{height}\"/><wp:docPr id=\"{id}\" name=\"{id}\"/>\
             <a:graphic><a:graphicData uri=\"http://schemas.openxmlformats.org/drawingml/2006/picture\">\
             <pic:pic><pic:nvPicPr><pic:cNvPr id=\"{id}\" name=\"{id}\"/><pic:cNvPicPr/></pic:nvPicPr>\
             <pic:blipFill><a:blip r:embed=\"{number}\"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>\
             <pic:spPr><a:xfrm><a:off x=\"0\" y=\"0\"/><a:ext cx=\"{width}\" cy=\"{height}\"/></a:xfrm>\
             <a:prstGeom prst=\"rect\"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic>\
             </wp:inline></w:drawing>"
        );
    }

    fn table(&mut self, table: &Table, out: &mut String) {
        let columns = table.rows.iter().map(|row| row.iter().map(|it| it.span.max(1)).sum());
        let columns: u32 = columns.max().unwrap_or(1);
        out.push_str("<w:tbl><w:tblPr><w:tblW w:w=\"0\" w:type=\"auto\"/><w:tblBorders>");
        for side in ["top", "left", "bottom", "right", "insideH", "insideV"] {
            let _ = write!(
                out,
                "<w:{side} w:val=\"single\" w:sz=\"4\" w:space=\"0\" w:color=\"auto\"/>"
            );
        }
        out.push_str("</w:tblBorders></w:tblPr><w:tblGrid>");
        for _ in 0..columns {
            let _ = write!(out, "<w:gridCol w:w=\"{}\"/>", 9_026 / columns.max(1));
        }
        out.push_str("</w:tblGrid>");
        for row in &table.rows {
            out.push_str("<w:tr>");
            for cell in row {
                out.push_str("<w:tc><w:tcPr>");
                if let Some(width) = cell.width {
                    let _ = write!(out, "<w:tcW w:w=\"{width}\" w:type=\"dxa\"/>");
                }
                if cell.span > 1 {
                    let _ = write!(out, "<w:gridSpan w:val=\"{}\"/>", cell.span);
                }
                if cell.continues {
                    out.push_str("<w:vMerge/>");
                } else if cell.starts {
                    out.push_str("<w:vMerge w:val=\"restart\"/>");
                }
                out.push_str("</w:tcPr>");
                out.push_str(&self.story(&cell.blocks));
                out.push_str("</w:tc>");
            }
            out.push_str("</w:tr>");
        }
        out.push_str("</w:tbl>");
    }
}

fn field(verb: &str, out: &mut String) {
    let _ = write!(
        out,
        "<w:fldChar w:fldCharType=\"begin\"/><w:instrText> {verb} </w:instrText>\
         <w:fldChar w:fldCharType=\"separate\"/><w:t>1</w:t><w:fldChar w:fldCharType=\"end\"/>"
    );
}

fn look(it: &Look, out: &mut String) {
    if *it == Look::default() {
        return;
    }
    out.push_str("<w:rPr>");
    if let Some(font) = it.font.as_deref().map(escaped).filter(|it| !it.is_empty()) {
        let _ = write!(
            out,
            "<w:rFonts w:ascii=\"{font}\" w:hAnsi=\"{font}\" w:eastAsia=\"{font}\" w:cs=\"{font}\"/>"
        );
    }
    for (on, name) in
        [(it.bold, "b"), (it.italic, "i"), (it.strike, "strike"), (it.hidden, "vanish")]
    {
        if on {
            let _ = write!(out, "<w:{name}/>");
        }
    }
    if let Some([red, green, blue]) = it.colour {
        let _ = write!(out, "<w:color w:val=\"{red:02X}{green:02X}{blue:02X}\"/>");
    }
    if let Some(size) = it.size.filter(|it| (2..=3_276).contains(it)) {
        let _ = write!(out, "<w:sz w:val=\"{size}\"/><w:szCs w:val=\"{size}\"/>");
    }
    if it.underline {
        out.push_str("<w:u w:val=\"single\"/>");
    }
    if let Some(raised) = it.raised {
        let place = if raised == Raised::Above { "superscript" } else { "subscript" };
        let _ = write!(out, "<w:vertAlign w:val=\"{place}\"/>");
    }
    out.push_str("</w:rPr>");
}

/// A length in twips as EMU.
pub(in crate::office) fn emu(twips: i64) -> i64 {
    twips.saturating_mul(EMU_PER_TWIP)
}
