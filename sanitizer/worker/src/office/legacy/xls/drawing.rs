//! What lies on a sheet: pictures, texts, charts, notes on cells, and the
//! controls of forms, of which caption and tick stay.
//!
//! ```text
//! DRAWING shape │ OBJECT │ DRAWING shape │ OBJECT │ (chart) │ DRAWING shape │ OBJECT │ DRAWING │ TEXT …
//! ```
//! The drawings of a sheet are one, cut at its objects; the first shape with
//! data belongs to the first object, the first with a text to the first text.

use std::collections::HashMap;

use sanitizer_intermediate::office::{CellNote, CellText};
use sanitizer_intermediate::{ChangedKind, Findings, RemovedKind};

use super::Globals;
use super::grid::Grid;
use super::strings::unicode;
use crate::office::legacy::art::{self, records};
use crate::office::legacy::bytes::{u16_at, u32_at};
use crate::office::plain::cleaned;
use crate::office::plain::sheet::drawing::{Area, Corner, Lying, What};
use crate::office::plain::sheet::{Book, Page};

const SHAPE: u16 = 0xf004;
const GROUP: u16 = 0xf003;
const GROUP_AREA: u16 = 0xf009;
const OPTIONS: u16 = 0xf00b;
const AREA: u16 = 0xf010;
const CHILD_AREA: u16 = 0xf00f;
const DATA: u16 = 0xf011;
const TEXT: u16 = 0xf00d;
/// The option that names a picture.
const PICTURE: u16 = 0x0104;
/// Kinds of objects.
const CHART: u16 = 0x05;
const BUTTON: u16 = 0x07;
const TICK: u16 = 0x0b;
const CHOICE: u16 = 0x0c;
const NOTE: u16 = 0x19;
/// Button, tick, choice, box, label, dialog, spinner, bar, list, group, drop-down.
const CONTROLS: std::ops::RangeInclusive<u16> = 0x0b..=0x14;
const MAX_DEPTH: u32 = 20;
const MOST: usize = 20_000;
/// Longest drawing of a sheet.
const MAX_BYTES: usize = 64 << 20;

/// What was met of a sheet's drawing.
#[derive(Default)]
pub(super) struct Drawing {
    shapes: Vec<u8>,
    objects: Vec<Object>,
    texts: Vec<String>,
    /// Row, column and the number of the object with the text.
    notes: Vec<(u32, u32, u16)>,
}

struct Object {
    kind: u16,
    id: u16,
    ticked: bool,
    chart: Option<u32>,
}

/// A shape as far as it is needed.
#[derive(Default)]
struct Shape {
    area: Option<Area>,
    picture: Option<u32>,
    object: Option<usize>,
    text: Option<usize>,
}

/// How the measure of a group lies on the sheet, in EMU.
#[derive(Clone, Copy)]
struct Frames {
    inner: [f64; 4],
    outer: [f64; 4],
}

impl Drawing {
    /// A piece of the drawing.
    pub(super) fn shapes(&mut self, pieces: &[&[u8]]) {
        for piece in pieces {
            if self.shapes.len() + piece.len() <= MAX_BYTES {
                self.shapes.extend(*piece);
            }
        }
    }

    /// An object.
    pub(super) fn object(&mut self, data: &[u8]) {
        if self.objects.len() < MOST {
            let (kind, id) = (u16_at(data, 4), u16_at(data, 6));
            self.objects.push(Object { kind, id, ticked: is_ticked(data), chart: None });
        }
    }

    /// The chart of the last object.
    pub(super) fn chart(&mut self, number: Option<u32>) {
        if let Some(object) = self.objects.last_mut().filter(|it| it.kind == CHART) {
            object.chart = number;
        }
    }

    /// A text, in the records that continue its head.
    pub(super) fn text(&mut self, pieces: &[&[u8]]) {
        let mut left = usize::from(u16_at(pieces.first().copied().unwrap_or_default(), 10));
        let mut text = String::new();
        for piece in pieces.iter().skip(1) {
            if left == 0 {
                break;
            }
            let wide = usize::from(piece.first().is_some_and(|it| it & 1 != 0));
            let here = left.min(piece.len().saturating_sub(1) >> wide);
            text.push_str(&unicode(piece, here));
            left -= here;
        }
        if self.texts.len() < MOST {
            self.texts.push(text);
        }
    }

    /// A note on a cell.
    pub(super) fn note(&mut self, data: &[u8]) {
        if self.notes.len() < MOST {
            let (row, column) = (u32::from(u16_at(data, 0)) + 1, u32::from(u16_at(data, 2)) + 1);
            self.notes.push((row, column, u16_at(data, 6)));
        }
    }

    /// Lays what there is on the page.
    pub(super) fn finish(
        self,
        globals: &Globals,
        book: &mut Book,
        page: &mut Page,
        findings: &mut Findings,
        place: sanitizer_intermediate::Place,
    ) {
        if self.shapes.is_empty() {
            return;
        }
        let grid = Grid::of(page);
        let mut shapes = Vec::new();
        let mut counts = (0, 0);
        walk(&self.shapes, None, &grid, 0, &mut counts, &mut shapes);
        let (mut lost, mut controls, mut shown) = (0_u32, 0_u32, 0_u32);
        let mut texts: HashMap<u16, String> = HashMap::new();
        for shape in shapes {
            let object = shape.object.and_then(|it| self.objects.get(it));
            let text = shape.text.and_then(|it| self.texts.get(it)).map(|it| lined(it));
            let kind = object.map_or(0, |it| it.kind);
            let is_control = kind == BUTTON || CONTROLS.contains(&kind);
            controls += u32::from(is_control);
            if kind == NOTE {
                if let (Some(object), Some(text)) = (object, text) {
                    texts.insert(object.id, text);
                }
                continue;
            }
            let what = if let Some(number) = object.and_then(|it| it.chart) {
                Some(What::Chart(number))
            } else if let Some(number) = shape.picture {
                globals.store.picture(number, book).map(What::Picture)
            } else {
                let ticked = object.is_some_and(|it| it.ticked);
                words(kind, ticked, text).map(|it| What::Text(it, !is_control))
            };
            match (what, shape.area) {
                (Some(what), Some(area)) => {
                    shown += u32::from(is_control);
                    page.lying.push(Lying { area, what });
                }
                (None, _) if is_control => {}
                _ => lost += u32::from(shape.picture.is_some() || kind == CHART),
            }
        }
        for (row, column, id) in self.notes {
            if let Some(text) = texts.remove(&id) {
                page.notes.push(CellNote { row, column, text: CellText::Plain(text) });
            }
        }
        findings.remove(RemovedKind::ActiveX, controls, place);
        findings.change(ChangedKind::ControlsAsText, shown, place);
        findings.remove(RemovedKind::Pictures, lost, place);
    }
}

/// A text whose lines end as lines do.
fn lined(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let lines: Vec<String> = text.split('\n').map(cleaned).collect();
    lines.join("\n")
}

/// The lines a shape shows; ticks stand before their captions.
fn words(kind: u16, ticked: bool, text: Option<String>) -> Option<Vec<String>> {
    let text = text.unwrap_or_default();
    let text = match (kind, ticked) {
        (TICK, false) => format!("☐ {text}"),
        (TICK, true) => format!("☑ {text}"),
        (CHOICE, false) => format!("○ {text}"),
        (CHOICE, true) => format!("◉ {text}"),
        _ => text,
    };
    let lines: Vec<String> = text.trim_end().lines().map(str::to_owned).collect();
    (!lines.is_empty()).then_some(lines)
}

/// Whether a control is ticked, by the data of its object.
fn is_ticked(mut data: &[u8]) -> bool {
    const TICKS: u16 = 0x0a;
    const TICKED: u16 = 1;
    while data.len() >= 4 {
        let (kind, length) = (u16_at(data, 0), usize::from(u16_at(data, 2)));
        if kind == TICKS {
            return u16_at(data, 4) == TICKED;
        }
        data = data.get(4 + length..).unwrap_or_default();
    }
    false
}

/// Shapes in the order of their records; groups lay theirs out themselves.
fn walk(
    bytes: &[u8],
    frames: Option<Frames>,
    grid: &Grid,
    depth: u32,
    counts: &mut (usize, usize),
    found: &mut Vec<Shape>,
) {
    let mut frames = frames;
    for (number, record) in records(bytes).enumerate() {
        match record.kind {
            SHAPE if found.len() < MOST => {
                let (shape, inner) = shape(record.data, frames, grid, counts);
                // The first shape of a group is the group itself.
                if number == 0 && depth > 0 && inner.is_some() {
                    frames = inner;
                }
                found.push(shape);
            }
            GROUP if depth < MAX_DEPTH => {
                walk(record.data, frames, grid, depth + 1, counts, found);
            }
            GROUP => {}
            _ if record.is_container() && depth < MAX_DEPTH => {
                walk(record.data, frames, grid, depth, counts, found);
            }
            _ => {}
        }
    }
}

fn shape(
    bytes: &[u8],
    frames: Option<Frames>,
    grid: &Grid,
    counts: &mut (usize, usize),
) -> (Shape, Option<Frames>) {
    let mut shape = Shape::default();
    let mut inner = None;
    for record in records(bytes) {
        let data = record.data;
        let quarters = || [0, 4, 8, 12].map(|at| f64::from(u32_at(data, at).cast_signed()));
        match record.kind {
            GROUP_AREA => inner = Some(quarters()),
            OPTIONS => {
                let mut options = data.chunks_exact(6).take(usize::from(record.instance));
                let named = options.find(|it| u16_at(it, 0) & 0x3fff == PICTURE);
                shape.picture = named.map(|it| u32_at(it, 2)).filter(|it| *it > 0);
            }
            AREA => shape.area = Some(cells(data, grid)),
            CHILD_AREA => {
                shape.area = frames.map(|it| Area::Sheet(it.place(quarters())));
            }
            DATA => {
                shape.object = Some(counts.0);
                counts.0 += 1;
            }
            TEXT => {
                shape.text = Some(counts.1);
                counts.1 += 1;
            }
            _ => {}
        }
    }
    let frames =
        inner.zip(shape.area).map(|(inner, area)| Frames { inner, outer: grid.area(&area) });
    (shape, frames)
}

fn cells(data: &[u8], grid: &Grid) -> Area {
    let corner = |at: usize| {
        let part = |at: usize| u16_at(data, at);
        grid.corner(part(at), part(at + 2), part(at + 4), part(at + 6))
    };
    Area::Cells([corner(2), corner(10)])
}

impl Frames {
    /// Left, top, width and height of what lies within the group.
    fn place(&self, [left, top, right, bottom]: [f64; 4]) -> [i64; 4] {
        let [inner_left, inner_top, inner_right, inner_bottom] = self.inner;
        let [outer_left, outer_top, width, height] = self.outer;
        let ratio = |outer: f64, inner: f64| if inner.abs() < 1.0 { 1.0 } else { outer / inner };
        let (across, down) =
            (ratio(width, inner_right - inner_left), ratio(height, inner_bottom - inner_top));
        [
            outer_left + (left - inner_left) * across,
            outer_top + (top - inner_top) * down,
            (right - left) * across,
            (bottom - top) * down,
        ]
        .map(whole)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "bounded before")]
pub(super) fn whole(emu: f64) -> i64 {
    emu.clamp(-1e12, 1e12) as i64
}

/// The pictures of a workbook.
#[derive(Default)]
pub(super) struct Store {
    bytes: Vec<u8>,
}

impl Store {
    /// A piece of the store.
    pub(super) fn add(&mut self, pieces: &[&[u8]]) {
        for piece in pieces {
            if self.bytes.len() + piece.len() <= MAX_BYTES {
                self.bytes.extend(*piece);
            }
        }
    }

    /// A picture by its number in the store, from 1.
    fn picture(&self, number: u32, book: &mut Book) -> Option<u32> {
        const ENTRIES: u16 = 0xf001;
        if let Some((_, known)) = book.stored.iter().find(|it| it.0 == number) {
            return *known;
        }
        let entries = records(&self.bytes).next()?.find(ENTRIES)?;
        let at = usize::try_from(number).ok()?.checked_sub(1)?;
        let entry = records(entries.data).nth(at)?;
        let bytes = art::picture(&entry).or_else(|| art::in_entry(&entry));
        let added = bytes.and_then(|it| book.picture(&it));
        book.stored.push((number, added));
        added
    }
}

/// A corner of an anchor is never before the sheet.
impl From<(u32, i64, u32, i64)> for Corner {
    fn from((column, across, row, down): (u32, i64, u32, i64)) -> Self {
        Self { column, across, row, down }
    }
}
