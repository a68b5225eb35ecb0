//! Presentations: pages of frames.

use sanitizer_intermediate::office::{Remark, Slides};
use sanitizer_intermediate::{HoldReason, Place, RemovedKind};

use super::measure::emu;
use super::{Odf, cells};
use crate::office::plain::slides::{Area, Content, Deck, Frame, Line, Run, Shape};
use crate::office::plain::word::Look;
use crate::office::xml::{Content as Inner, Element};

const MAX_DEPTH: u32 = 20;

/// Reads the presentation.
///
/// # Errors
/// [`HoldReason`] when it is damaged, too deep or too long.
pub(super) fn read(odf: &mut Odf<'_>, root: &Element) -> Result<Slides, HoldReason> {
    let mut deck = Deck { size: odf.styles.page, slides: Vec::new() };
    for page in root.elements().filter(|it| &*it.name == "page") {
        if deck.slides.len() >= odf.limits.pages as usize {
            return Err(HoldReason::TooComplex);
        }
        odf.place = Place::Slide(u32::try_from(deck.slides.len() + 1).unwrap_or(u32::MAX));
        let mut frame = Frame::default();
        shapes(odf, page, &mut frame.shapes, 0)?;
        remarks(odf, page, &mut frame.remarks);
        if let Some(notes) = page.child("notes") {
            frame.notes = noted(notes);
        }
        deck.slides.push(frame);
    }
    let limits = odf.limits;
    odf.pictures.note(&mut odf.findings);
    deck.finish(std::mem::take(&mut odf.pictures.pictures), &limits)
}

/// What people wrote about the slide.
fn remarks(odf: &mut Odf<'_>, page: &Element, found: &mut Vec<Remark>) {
    for annotation in page.elements().filter(|it| &*it.name == "annotation") {
        let side = |name: &str| annotation.attribute(name).and_then(emu).unwrap_or_default();
        found.push(Remark::at(side("x"), side("y"), &cells::remark(annotation)));
        odf.remarks += 1;
    }
}

fn noted(notes: &Element) -> Vec<String> {
    let boxes = notes.elements().filter(|it| it.attribute("class") == Some("notes"));
    let mut found = Vec::new();
    for element in boxes.filter_map(|it| it.child("text-box")) {
        let mut lines = Vec::new();
        paragraphs(None, element, 0, false, &mut lines, 0);
        found.extend(
            lines
                .into_iter()
                .filter(|it| !it.is_empty())
                .map(|it| it.runs.into_iter().map(|run| run.text).collect::<String>()),
        );
    }
    found
}

fn shapes(
    odf: &mut Odf<'_>,
    group: &Element,
    found: &mut Vec<Shape>,
    depth: u32,
) -> Result<(), HoldReason> {
    if depth > MAX_DEPTH {
        return Err(HoldReason::TooComplex);
    }
    for element in group.elements() {
        match &*element.name {
            "g" | "a" => shapes(odf, element, found, depth + 1)?,
            "frame" => frame(odf, element, found)?,
            "custom-shape" | "rect" | "ellipse" | "line" | "connector" | "polygon" | "path"
            | "polyline" | "caption" | "circle" => {
                let mut lines = Vec::new();
                paragraphs(Some(odf), element, 0, false, &mut lines, 0);
                if lines.iter().any(|it| !it.is_empty()) {
                    found.push(Shape { content: Content::Text(lines), area: area(element) });
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn frame(odf: &mut Odf<'_>, element: &Element, found: &mut Vec<Shape>) -> Result<(), HoldReason> {
    let area = area(element);
    if let Some(table) = element.child("table") {
        let mut rows = Vec::new();
        table_rows(odf, table, &mut rows, 0);
        found.push(Shape { content: Content::Table(rows), area });
        return Ok(());
    }
    if let Some(text) = element.child("text-box") {
        let class = element.attribute("class").unwrap_or_default();
        let is_list = matches!(class, "outline");
        let mut lines = Vec::new();
        paragraphs(Some(odf), text, 0, is_list, &mut lines, 0);
        let first = !found.iter().any(|it| matches!(it.content, Content::Title(_)));
        let content =
            if class == "title" && first { Content::Title(lines) } else { Content::Text(lines) };
        found.push(Shape { content, area });
    }
    if let Some(number) = odf.picture(element)? {
        let said = odf.pictures.said(number);
        found.push(Shape { content: Content::Picture(number, said), area });
    }
    Ok(())
}

fn table_rows(odf: &mut Odf<'_>, table: &Element, rows: &mut Vec<Vec<Vec<Line>>>, depth: u32) {
    for element in table.elements() {
        match &*element.name {
            "table-row" => {
                let cells = element.elements().filter(|it| it.name.ends_with("table-cell"));
                let read = |cell: &Element| {
                    let mut lines = Vec::new();
                    paragraphs(Some(odf), cell, 0, false, &mut lines, 0);
                    lines
                };
                rows.push(cells.map(read).collect());
            }
            "table-header-rows" | "table-rows" if depth < MAX_DEPTH => {
                table_rows(odf, element, rows, depth + 1);
            }
            _ => {}
        }
    }
}

/// Paragraphs and lists as lines.
fn paragraphs(
    mut odf: Option<&mut Odf<'_>>,
    group: &Element,
    level: u8,
    bullet: bool,
    lines: &mut Vec<Line>,
    depth: u32,
) {
    if depth > MAX_DEPTH {
        return;
    }
    for element in group.elements() {
        match &*element.name {
            "p" | "h" => {
                let mut line = Line { runs: Vec::new(), level, bullet };
                runs(odf.as_deref_mut(), element, &Look::default(), &mut line, 0);
                line.bullet &= !line.is_empty();
                lines.push(line);
            }
            "list" => {
                let inner = if depth == 0 { level } else { level.saturating_add(1) };
                for item in element.elements() {
                    paragraphs(odf.as_deref_mut(), item, inner, true, lines, depth + 1);
                }
            }
            "section" | "list-item" => {
                paragraphs(odf.as_deref_mut(), element, level, bullet, lines, depth + 1);
            }
            _ => {}
        }
    }
}

fn runs(
    mut odf: Option<&mut Odf<'_>>,
    element: &Element,
    look: &Look,
    line: &mut Line,
    depth: u32,
) {
    for content in &element.content {
        let mut text = String::new();
        match content {
            Inner::Text(own) => cells::collapsed(own, &mut text),
            Inner::Element(it) => match &*it.name {
                "s" => {
                    let count = it.attribute("c").and_then(|it| it.parse().ok()).unwrap_or(1_usize);
                    text.push_str(&" ".repeat(count.min(1_000)));
                }
                "tab" => text.push('\t'),
                "line-break" => text.push('\u{b}'),
                "annotation" | "note" => {}
                "span" | "a" if depth < MAX_DEPTH => {
                    let style = it.attribute("style-name").unwrap_or_default();
                    let inner = match &mut odf {
                        Some(odf) => {
                            if &*it.name == "a" {
                                odf.findings.remove(RemovedKind::Links, 1, odf.place);
                            }
                            odf.styles.look("text", style, look)
                        }
                        None => look.clone(),
                    };
                    runs(odf.as_deref_mut(), it, &inner, line, depth + 1);
                }
                _ => cells::inline(it, &mut text, depth),
            },
        }
        if !text.is_empty() {
            line.runs.push(Run {
                text,
                bold: look.bold,
                italic: look.italic,
                underline: look.underline,
                size: look.size.map(|it| u32::from(it) * 50),
            });
        }
    }
}

fn area(element: &Element) -> Option<Area> {
    let side = |name: &str| element.attribute(name).and_then(emu);
    Some(Area { left: side("x")?, top: side("y")?, width: side("width")?, height: side("height")? })
}
