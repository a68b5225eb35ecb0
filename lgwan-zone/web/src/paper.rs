//! Issued documents designed in the system (NF-47): A4 with the embedded
//! typeface, PDF/A-2u, made from plain text.

use std::sync::Arc;

use domain::calendar::Wareki;
use jiff::civil::Date;
use krilla::configure::{Archival, ConfigurationBuilder};
use krilla::geom::{Path, PathBuilder, Point, Rect};
use krilla::metadata::{DateTime, Metadata};
use krilla::page::PageSettings;
use krilla::paint::Fill;
use krilla::surface::Surface;
use krilla::text::{Font, TextDirection};
use krilla::{Document, SerializeSettings};
use qrcode::{Color, EcLevel, QrCode};
use skrifa::instance::{LocationRef, Size};
use skrifa::{FontRef, MetadataProvider as _};

/// Points a millimetre.
const MM: f32 = 72.0 / 25.4;
const WIDTH: f32 = 210.0 * MM;
const HEIGHT: f32 = 297.0 * MM;
const MARGIN: f32 = 25.0 * MM;
const BODY: f32 = 11.0;
const TITLE: f32 = 14.0;
const LEADING: f32 = 20.0;
/// Side of the two-dimensional code, and its upper edge above the lower edge of the page.
const CODE: f32 = 20.0 * MM;
const CODE_UP: f32 = 32.0 * MM;
/// What the code takes from the text beside the margin.
const FOOT: f32 = 10.0 * MM;
const FINE: f32 = 8.5;

/// Characters that never begin a line.
const NOT_FIRST: &str =
    "、。，．・：；？！）］｝」』】〉》〕ー々ぁぃぅぇぉっゃゅょァィゥェォッャュョ,.)]}";
/// Characters that never end a line.
const NOT_LAST: &str = "（［｛「『【〈《〔([{";

/// The typeface of issued documents.
#[derive(Clone)]
pub struct Typeface {
    bytes: Arc<Vec<u8>>,
}

impl std::fmt::Debug for Typeface {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Typeface")
    }
}

/// The file is no typeface that can be embedded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the file is no OpenType typeface that can be embedded")]
pub struct NoTypeface;

/// What a document says.
#[derive(Clone, Debug)]
pub struct Paper {
    /// 文書番号, may be empty.
    pub number: String,
    /// Day of issue.
    pub date: Date,
    /// 宛名.
    pub addressee: String,
    /// 市長名.
    pub sender: String,
    /// 件名.
    pub title: String,
    /// 本文, a line break begins a paragraph.
    pub body: String,
    /// How a print-out is checked, at the foot of every page.
    pub check: Option<Check>,
}

/// What stands at the foot of a paper, so that whoever gets it can have it checked (NF-31).
#[derive(Clone, Debug)]
pub struct Check {
    /// Lines beside the two-dimensional code.
    pub lines: Vec<String>,
    /// What the two-dimensional code holds; without it none is drawn.
    pub address: Option<String>,
}

/// A document that was printed here: the only kind that is ever opened again, to be signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Printed(Vec<u8>);

impl Printed {
    /// The PDF.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Why no document could be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unprintable {
    /// The typeface has no shape for these characters.
    #[error("the typeface has no shape for {0:?}")]
    Missing(String),
    /// The document could not be built.
    #[error("the document could not be built")]
    Broken,
}

impl Typeface {
    /// Reads a typeface, to know at the start that it can be embedded.
    ///
    /// # Errors
    /// [`NoTypeface`] when it cannot.
    pub fn new(bytes: Vec<u8>) -> Result<Self, NoTypeface> {
        let face = Self { bytes: Arc::new(bytes) };
        FontRef::from_index(&face.bytes, 0).map_err(|_| NoTypeface)?;
        face.font().map(|_| face)
    }

    /// The typeface as a document takes it.
    pub(crate) fn font(&self) -> Result<Font, NoTypeface> {
        Font::new(Arc::clone(&self.bytes).into(), 0).ok_or(NoTypeface)
    }

    /// How wide text is in it.
    ///
    /// # Errors
    /// [`Unprintable::Broken`] when it cannot be read, which the start has ruled out.
    pub(crate) fn measure(&self) -> Result<Measure<'_>, Unprintable> {
        let face = FontRef::from_index(&self.bytes, 0).map_err(|_| Unprintable::Broken)?;
        Ok(Measure { face })
    }

    /// Prints a document.
    ///
    /// # Errors
    /// [`Unprintable`] names the characters the typeface does not have: a name
    /// is never printed with a hole in it.
    pub fn print(&self, paper: &Paper) -> Result<Printed, Unprintable> {
        let measure = self.measure()?;
        measure.holds(paper)?;
        let lines = lay_out(&measure, paper);
        let font = self.font().map_err(|_| Unprintable::Broken)?;
        draw(paper, &lines, &font).map(Printed).ok_or(Unprintable::Broken)
    }
}

/// How wide text is in the typeface.
pub(crate) struct Measure<'a> {
    face: FontRef<'a>,
}

impl Measure<'_> {
    fn holds(&self, paper: &Paper) -> Result<(), Unprintable> {
        let map = self.face.charmap();
        let texts = [&paper.number, &paper.addressee, &paper.sender, &paper.title, &paper.body];
        let texts = texts.into_iter().chain(paper.check.iter().flat_map(|check| &check.lines));
        let mut missing = String::new();
        for c in texts.flat_map(|text| text.chars()).filter(|c| !c.is_whitespace()) {
            if map.map(c).is_none() && !missing.contains(c) {
                missing.push(c);
            }
        }
        if missing.is_empty() { Ok(()) } else { Err(Unprintable::Missing(missing)) }
    }

    /// Whether the typeface has a shape for it.
    pub(crate) fn has(&self, c: char) -> bool {
        c.is_whitespace() || self.face.charmap().map(c).is_some()
    }

    /// Width in points.
    pub(crate) fn width(&self, text: &str, size: f32) -> f32 {
        let map = self.face.charmap();
        let metrics = self.face.glyph_metrics(Size::new(size), LocationRef::default());
        text.chars()
            .map(|c| map.map(c).and_then(|glyph| metrics.advance_width(glyph)).unwrap_or(size))
            .sum()
    }

    /// Breaks a paragraph into lines, with the two rules every reader expects.
    pub(crate) fn wrap(&self, text: &str, size: f32, room: f32) -> Vec<String> {
        let mut lines = Vec::new();
        let mut line = String::new();
        for c in text.chars() {
            line.push(c);
            if self.width(&line, size) <= room || line.chars().count() == 1 {
                continue;
            }
            // The last character does not fit: it begins the next line, and takes
            // with it what must not end this one, or what it must not leave alone.
            let mut next: Vec<char> = line.pop().into_iter().collect();
            while let Some(last) = line.chars().last() {
                let first = next.last().copied().unwrap_or(' ');
                let bound = NOT_LAST.contains(last) || NOT_FIRST.contains(first);
                if !bound || line.chars().count() == 1 || next.len() > 4 {
                    break;
                }
                next.extend(line.pop());
            }
            lines.push(std::mem::take(&mut line));
            line = next.into_iter().rev().collect();
        }
        if !line.is_empty() || lines.is_empty() {
            lines.push(line);
        }
        lines
    }
}

struct Line {
    text: String,
    size: f32,
    x: f32,
    /// Space above, points.
    above: f32,
}

fn lay_out(measure: &Measure<'_>, paper: &Paper) -> Vec<Line> {
    let room = WIDTH - 2.0 * MARGIN;
    let right = |text: String, above: f32| {
        let x = WIDTH - MARGIN - measure.width(&text, BODY).min(room);
        Line { text, size: BODY, x, above }
    };
    let mut lines = Vec::new();
    let date =
        Wareki::of(paper.date).map_or_else(|| paper.date.to_string(), |date| date.to_string());
    if !paper.number.is_empty() {
        lines.push(right(paper.number.clone(), 0.0));
    }
    lines.push(right(date, 0.0));
    for text in measure.wrap(&paper.addressee, BODY, room) {
        lines.push(Line { text, size: BODY, x: MARGIN, above: LEADING / 2.0 });
    }
    lines.push(right(paper.sender.clone(), LEADING));
    for (place, text) in measure.wrap(&paper.title, TITLE, room).into_iter().enumerate() {
        let x = MARGIN + (room - measure.width(&text, TITLE)) / 2.0;
        let above = if place == 0 { LEADING * 1.5 } else { 4.0 };
        lines.push(Line { text, size: TITLE, x, above });
    }
    for (place, paragraph) in paper.body.lines().enumerate() {
        for text in measure.wrap(paragraph, BODY, room) {
            let above = if place == 0 && lines.last().is_some_and(|l| l.size > BODY) {
                LEADING
            } else {
                0.0
            };
            lines.push(Line { text, size: BODY, x: MARGIN, above });
        }
    }
    lines
}

/// A document of the kind that is kept for long (PDF/A-2u), with pages that `draw` adds.
///
/// # Errors
/// [`Unprintable::Broken`] when it cannot be built.
pub(crate) fn archive(
    title: &str,
    day: Date,
    draw: impl FnOnce(&mut Document) -> Option<()>,
) -> Result<Vec<u8>, Unprintable> {
    let build = || {
        let configuration =
            ConfigurationBuilder::new().with_archival_validator(Archival::A2_U).finish().ok()?;
        let settings = SerializeSettings { configuration, ..Default::default() };
        let mut document = Document::new_with(settings);
        document.set_metadata(
            Metadata::new()
                .title(title.to_owned())
                .language("ja".to_owned())
                .creation_date(made_on(day))
                .document_id(title.to_owned()),
        );
        draw(&mut document)?;
        document.finish().ok()
    };
    build().ok_or(Unprintable::Broken)
}

fn draw(paper: &Paper, lines: &[Line], font: &Font) -> Option<Vec<u8>> {
    let configuration =
        ConfigurationBuilder::new().with_archival_validator(Archival::A2_U).finish().ok()?;
    let mut document =
        Document::new_with(SerializeSettings { configuration, ..Default::default() });
    document.set_metadata(metadata(paper));
    let picture = match paper.check.as_ref().and_then(|check| check.address.as_ref()) {
        Some(address) => Some(code(address)?),
        None => None,
    };
    let bottom = HEIGHT - MARGIN - if paper.check.is_some() { FOOT } else { 0.0 };
    let mut left = lines.iter().peekable();
    while left.peek().is_some() {
        let settings = PageSettings::from_wh(WIDTH, HEIGHT)?;
        let mut page = document.start_page_with(settings);
        let mut surface = page.surface();
        let mut y = MARGIN;
        while let Some(line) = left.peek() {
            let step = line.above + LEADING;
            if y + step > bottom {
                break;
            }
            y += step;
            surface.draw_text(
                Point::from_xy(line.x, y),
                font.clone(),
                line.size,
                &line.text,
                false,
                TextDirection::LeftToRight,
            );
            left.next();
        }
        if let Some(check) = &paper.check {
            draw_check(&mut surface, check, picture.as_ref(), font);
        }
        surface.finish();
        page.finish();
    }
    document.finish().ok()
}

/// A two-dimensional code: its dark stretches, row by row.
fn code(address: &str) -> Option<Path> {
    let code = QrCode::with_error_correction_level(address, EcLevel::M).ok()?;
    let width = code.width();
    #[expect(clippy::cast_precision_loss, reason = "a code has at most 177 modules a side")]
    let module = CODE / width as f32;
    let mut path = PathBuilder::new();
    for (row, cells) in code.to_colors().chunks(width).enumerate() {
        let mut at = 0;
        while at < width {
            let run = cells[at..].iter().take_while(|cell| **cell == Color::Dark).count();
            if run > 0 {
                #[expect(clippy::cast_precision_loss, reason = "the same")]
                let [x, y, w] = [at, row, run].map(|n| n as f32 * module);
                let (left, top) = (MARGIN + x, HEIGHT - CODE_UP + y);
                path.push_rect(Rect::from_xywh(left, top, w, module)?);
            }
            at += run.max(1);
        }
    }
    path.finish()
}

fn draw_check(surface: &mut Surface<'_>, check: &Check, picture: Option<&Path>, font: &Font) {
    if let Some(picture) = picture {
        surface.set_fill(Some(Fill::default()));
        surface.draw_path(picture);
    }
    let left = MARGIN + if picture.is_some() { CODE + 4.0 * MM } else { 0.0 };
    let mut y = HEIGHT - CODE_UP + 2.0 * FINE;
    for line in &check.lines {
        let at = Point::from_xy(left, y);
        surface.draw_text(at, font.clone(), FINE, line, false, TextDirection::LeftToRight);
        y += FINE * 1.6;
    }
}

fn metadata(paper: &Paper) -> Metadata {
    Metadata::new()
        .title(paper.title.clone())
        .authors(vec![paper.sender.clone()])
        .language("ja".to_owned())
        .creation_date(made_on(paper.date))
        .document_id(format!("{} {} {}", paper.number, paper.title, paper.addressee))
}

fn made_on(day: Date) -> DateTime {
    let small = |number: i8| u8::try_from(number).unwrap_or(1);
    DateTime::new(u16::try_from(day.year()).unwrap_or(0))
        .month(small(day.month()))
        .day(small(day.day()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn face() -> Typeface {
        let bytes = include_bytes!("../../fonts/NotoSansJP-Regular.otf").to_vec();
        Typeface::new(bytes).expect("the typeface of the repository")
    }

    fn paper(body: &str) -> Paper {
        Paper {
            number: "み市民第1号".to_owned(),
            date: jiff::civil::date(2026, 11, 21),
            addressee: "山田 花子 様".to_owned(),
            sender: "みらい市長 未来 太郎".to_owned(),
            title: "交付決定通知書".to_owned(),
            body: body.to_owned(),
            check: None,
        }
    }

    /// NF-47: a document is a PDF with its typeface inside, as small as its text.
    #[test]
    fn a_document_carries_the_part_of_the_typeface_it_needs() {
        let pdf = face()
            .print(&paper("申請のとおり決定しましたので、通知します。"))
            .expect("printed")
            .into_bytes();
        assert!(pdf.starts_with(b"%PDF-"));
        assert!(pdf.len() < 200_000, "{} bytes", pdf.len());
    }

    /// NF-47: a rare character is named and never printed as a hole.
    #[test]
    fn a_character_without_shape_is_named() {
        let refused = face().print(&paper("\u{E000}さん"));
        assert_eq!(refused, Err(Unprintable::Missing("\u{E000}".to_owned())));
    }

    #[test]
    fn a_long_text_goes_on_over_pages_and_lines_break_as_readers_expect() {
        let long =
            "市民の皆さまの申請について、次のとおり決定しました。「理由」は別紙のとおりです。"
                .repeat(60);
        assert!(face().print(&paper(&long)).is_ok());
        let face = face();
        let font = FontRef::from_index(&face.bytes, 0).expect("a typeface");
        let measure = Measure { face: font };
        for line in measure.wrap(&long, BODY, 300.0) {
            assert!(!line.starts_with(['、', '。', '」']), "{line}");
            assert!(!line.ends_with('「'), "{line}");
        }
    }

    /// NF-31, NF-47: what a print-out is checked by leaves the text its room, and is printed whole or not
    /// at all.
    #[test]
    fn the_foot_of_a_paper_is_printed_whole() {
        let check = |words: &str| Check {
            lines: vec![words.to_owned()],
            address: Some("https://shinsei.example/verify?number=1".to_owned()),
        };
        let long = "一行\n".repeat(60);
        let with = |words| Paper { check: Some(check(words)), ..paper(&long) };
        let without = face().print(&paper(&long)).expect("printed").into_bytes();
        let printed = face().print(&with("照合コード 7K3MP-9QA2X")).expect("printed").into_bytes();
        assert!(printed.len() > without.len());
        let refused = face().print(&with("\u{E000}"));
        assert_eq!(refused, Err(Unprintable::Missing("\u{E000}".to_owned())));
        assert!(code(&"x".repeat(5_000)).is_none(), "more than a code holds");
    }
}
