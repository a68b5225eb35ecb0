//! A slide: its shapes, their texts and pictures.

use sanitizer_intermediate::{Findings, Limits, Place, RemovedKind};

use super::emu;
use crate::office::legacy::art::{self, Record, records};
use crate::office::legacy::bytes::{latin, u16_at, u32_at, usize_at, utf16};
use crate::office::plain::Pictures;
use crate::office::plain::slides::{Area, Content, Frame, Line, Shape};

const HEADER: u16 = 0x0f9f;
const OUTLINE_TEXT: u16 = 0x0f9e;
const WIDE_TEXT: u16 = 0x0fa0;
const NARROW_TEXT: u16 = 0x0fa8;
const DRAWING: u16 = 0x040c;
const GROUP: u16 = 0xf003;
const SHAPE: u16 = 0xf004;
const GROUP_AREA: u16 = 0xf009;
const OPTIONS: u16 = 0xf00b;
const TEXT_BOX: u16 = 0xf00d;
const CHILD_AREA: u16 = 0xf00f;
const AREA: u16 = 0xf010;
const INTERACTION: u16 = 0x0ff2;
/// The option that names a picture.
const PICTURE: u16 = 0x0104;
const MAX_DEPTH: u32 = 20;
const MAX_SHAPES: usize = 20_000;

/// A text and what it is for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Words<'d> {
    kind: u32,
    text: Option<Record<'d>>,
}

/// Adds a record of a text to those before it.
pub(super) fn collect<'d>(texts: &mut Vec<Words<'d>>, record: Record<'d>) {
    match record.kind {
        HEADER => texts.push(Words { kind: u32_at(record.data, 0), text: None }),
        WIDE_TEXT | NARROW_TEXT => {
            if let Some(last) = texts.last_mut() {
                last.text = Some(record);
            }
        }
        _ => {}
    }
}

impl Words<'_> {
    fn is_title(self) -> bool {
        matches!(self.kind, 0 | 6)
    }

    fn is_list(self) -> bool {
        matches!(self.kind, 1 | 7 | 8)
    }

    fn lines(self) -> Vec<Line> {
        let text = match self.text {
            Some(record) if record.kind == WIDE_TEXT => utf16(record.data),
            Some(record) => latin(record.data),
            None => return Vec::new(),
        };
        let bullet = self.is_list();
        let line = |it: &str| Line { bullet: bullet && !it.trim().is_empty(), ..Line::plain(it) };
        text.trim_end_matches('\r').split('\r').map(line).collect()
    }

    /// The text on a slide that says nothing about where.
    pub(super) fn shape(&self) -> Shape {
        let lines = self.lines();
        let content = if self.is_title() { Content::Title(lines) } else { Content::Text(lines) };
        Shape { content, area: None }
    }
}

/// The lines of a page of notes.
pub(super) fn notes(page: &Record<'_>) -> Vec<String> {
    let mut found = Vec::new();
    let mut boxes = Vec::new();
    text_boxes(page.data, 0, &mut boxes);
    for text_box in boxes {
        let mut texts = Vec::new();
        records(text_box.data).for_each(|it| collect(&mut texts, it));
        for words in texts.iter().filter(|it| it.kind == 2) {
            let lines = words.lines().into_iter().filter(|it| !it.is_empty());
            found.extend(lines.flat_map(|it| it.runs).map(|it| it.text));
        }
    }
    found
}

fn text_boxes<'d>(bytes: &'d [u8], depth: u32, found: &mut Vec<Record<'d>>) {
    for record in records(bytes) {
        if record.kind == TEXT_BOX {
            found.push(record);
        } else if record.is_container() && depth < MAX_DEPTH && found.len() < MAX_SHAPES {
            text_boxes(record.data, depth + 1, found);
        }
    }
}

/// How a group's own measure maps onto the slide.
#[derive(Clone, Copy)]
struct Frames {
    inner: [f64; 4],
    outer: [f64; 4],
}

/// Reads slides, and collects what they show and lose.
pub(super) struct Reader<'r> {
    pub pictures: Pictures,
    /// The store's entries for pictures, from number 1.
    pub entries: Vec<Record<'r>>,
    pub store: &'r [u8],
    /// Numbers of pictures already read, by entry.
    pub known: Vec<(u32, Option<u32>)>,
    pub limits: &'r Limits,
    pub findings: &'r mut Findings,
    pub place: Place,
}

impl Reader<'_> {
    /// The shapes of a slide.
    pub(super) fn slide(&mut self, slide: &Record<'_>, texts: &[Words<'_>]) -> Frame {
        let mut shapes = Vec::new();
        if let Some(drawing) = slide.find(DRAWING) {
            self.walk(drawing.data, texts, None, 0, &mut shapes);
        }
        let titles = shapes.iter().position(|it| matches!(it.content, Content::Title(_)));
        // A slide has one title; more of them are texts.
        let mut title_seen = false;
        for shape in &mut shapes {
            if let Content::Title(lines) = &mut shape.content
                && std::mem::replace(&mut title_seen, titles.is_some())
            {
                shape.content = Content::Text(std::mem::take(lines));
            }
        }
        Frame { shapes, ..Frame::default() }
    }

    fn walk(
        &mut self,
        bytes: &[u8],
        texts: &[Words<'_>],
        frames: Option<Frames>,
        depth: u32,
        shapes: &mut Vec<Shape>,
    ) {
        if depth > MAX_DEPTH {
            return;
        }
        for record in records(bytes) {
            if shapes.len() >= MAX_SHAPES {
                return;
            }
            match record.kind {
                GROUP => {
                    let inner = group(&record, frames).or(frames);
                    self.walk(record.data, texts, inner, depth + 1, shapes);
                }
                SHAPE => self.shape(&record, texts, frames, shapes),
                _ if record.is_container() => {
                    self.walk(record.data, texts, frames, depth + 1, shapes);
                }
                _ => {}
            }
        }
    }

    fn shape(
        &mut self,
        shape: &Record<'_>,
        texts: &[Words<'_>],
        frames: Option<Frames>,
        shapes: &mut Vec<Shape>,
    ) {
        let area = area(shape, frames);
        if shape.find(INTERACTION).is_some() {
            self.findings.remove(RemovedKind::Links, 1, self.place);
        }
        if let Some(entry) = picture_of(shape) {
            match self.picture(entry) {
                Some(number) => {
                    let said = self.pictures.said(number);
                    shapes.push(Shape { content: Content::Picture(number, said), area });
                }
                None => self.findings.remove(RemovedKind::Pictures, 1, self.place),
            }
        }
        let Some(text_box) = records(shape.data).find(|it| it.kind == TEXT_BOX) else {
            return;
        };
        let mut own = Vec::new();
        let mut named = None;
        for record in records(text_box.data) {
            if record.kind == OUTLINE_TEXT {
                named = texts.get(usize_at(record.data, 0));
            } else {
                collect(&mut own, record);
            }
        }
        for words in named.into_iter().chain(&own).filter(|it| it.text.is_some()) {
            shapes.push(Shape { area, ..words.shape() });
        }
    }

    fn picture(&mut self, entry: u32) -> Option<u32> {
        if let Some(known) = self.known.iter().find(|it| it.0 == entry) {
            return known.1;
        }
        let record = self.entries.get((entry as usize).checked_sub(1)?)?;
        let bytes = art::first_picture(record.data).or_else(|| {
            let stored = self.store.get(usize_at(record.data, 28)..)?;
            art::picture(&records(stored).next()?)
        });
        let number = bytes.and_then(|it| self.pictures.add(&it, self.limits));
        self.known.push((entry, number));
        number
    }
}

/// The number of the entry a shape shows.
fn picture_of(shape: &Record<'_>) -> Option<u32> {
    let options = records(shape.data).find(|it| it.kind == OPTIONS)?;
    let mut entries = options.data.chunks_exact(6).take(usize::from(options.instance));
    let found = entries.find(|it| u16_at(it, 0) & 0x3fff == PICTURE)?;
    Some(u32_at(found, 2)).filter(|it| *it != 0)
}

fn long(bytes: &[u8], at: usize) -> f64 {
    f64::from(u32_at(bytes, at).cast_signed())
}

fn short(bytes: &[u8], at: usize) -> f64 {
    f64::from(u16_at(bytes, at).cast_signed())
}

/// Left, top, right, bottom in units of the file.
fn edges(shape: &Record<'_>, frames: Option<Frames>) -> Option<[f64; 4]> {
    for it in records(shape.data) {
        match it.kind {
            AREA if it.data.len() >= 16 => {
                return Some([
                    long(it.data, 4),
                    long(it.data, 0),
                    long(it.data, 8),
                    long(it.data, 12),
                ]);
            }
            AREA => {
                return Some([
                    short(it.data, 2),
                    short(it.data, 0),
                    short(it.data, 4),
                    short(it.data, 6),
                ]);
            }
            CHILD_AREA => {
                let own = [long(it.data, 0), long(it.data, 4), long(it.data, 8), long(it.data, 12)];
                return Some(frames.map_or(own, |it| it.outward(own)));
            }
            _ => {}
        }
    }
    None
}

fn area(shape: &Record<'_>, frames: Option<Frames>) -> Option<Area> {
    let [left, top, right, bottom] = edges(shape, frames)?.map(units);
    Some(Area { left, top, width: (right - left).abs(), height: (bottom - top).abs() })
}

fn units(value: f64) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "a cast to fewer bits saturates")]
    let whole = value as i32;
    emu(whole)
}

/// The measure of a group by its first shape.
fn group(group: &Record<'_>, around: Option<Frames>) -> Option<Frames> {
    let first = records(group.data).find(|it| it.kind == SHAPE)?;
    let inner = records(first.data).find(|it| it.kind == GROUP_AREA)?;
    let outer = edges(&first, around)?;
    let inner =
        [long(inner.data, 0), long(inner.data, 4), long(inner.data, 8), long(inner.data, 12)];
    Some(Frames { inner, outer })
}

impl Frames {
    fn outward(&self, own: [f64; 4]) -> [f64; 4] {
        let along = |value: f64, low: usize, high: usize| {
            let wide = self.inner[high] - self.inner[low];
            let share = if wide == 0.0 { 0.0 } else { (value - self.inner[low]) / wide };
            self.outer[low] + share * (self.outer[high] - self.outer[low])
        };
        [along(own[0], 0, 2), along(own[1], 1, 3), along(own[2], 0, 2), along(own[3], 1, 3)]
    }
}
