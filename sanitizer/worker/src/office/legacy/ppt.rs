//! PowerPoint 97 to 2003.
//!
//! ```text
//!  Current User        where the last save begins
//!  PowerPoint Document records; each save lists where its objects are
//!    document ─▶ list of slides ─▶ slide ─▶ drawing: shapes with text and pictures
//!  Pictures            one after the other
//! ```

mod footers;
mod persist;
mod remarks;
mod slide;

use sanitizer_intermediate::office::Slides;
use sanitizer_intermediate::{ChangedKind, Findings, HoldReason, Limits, Place, RemovedKind};

use super::art::{Record, records};
use super::bytes::{u32_at, usize_at};
use super::ole::Ole;
use crate::office::plain::Pictures;
use crate::office::plain::slides::{Deck, Frame};
use persist::Persist;

const DOCUMENT: u16 = 0x03e8;
const DOCUMENT_SETTINGS: u16 = 0x03e9;
const SLIDE: u16 = 0x03ee;
const NOTES: u16 = 0x03f0;
const SLIDE_SETTINGS: u16 = 0x03ef;
const LIST: u16 = 0x0ff0;
const LISTED: u16 = 0x03f3;
const STORE: u16 = 0xf001;
const HIDDEN: u16 = 0x0004;
const SHOW_SETTINGS: u16 = 0x03f9;
const MACRO_STORE: u16 = 0x03ff;
const OBJECTS: u16 = 0x0409;
/// EMU in a unit of the file: 576 to the inch.
const EMU_PER_UNIT: f64 = 914_400.0 / 576.0;

/// A slide or page of notes in a list of the document.
struct Listed<'d> {
    reference: u32,
    number: u32,
    /// Texts that the slide names by position.
    texts: Vec<slide::Words<'d>>,
}

/// Reads the presentation.
///
/// # Errors
/// [`HoldReason`] when it must not cross.
pub(super) fn read(
    ole: &mut Ole<'_>,
    limits: &Limits,
    findings: &mut Findings,
) -> Result<Slides, HoldReason> {
    let user = ole.stream("/Current User")?.unwrap_or_default();
    let stream = ole.stream("/PowerPoint Document")?.ok_or(HoldReason::Broken)?;
    let store = ole.stream("/Pictures")?.unwrap_or_default();
    let persist = Persist::read(&user, &stream)?;
    let document = persist.document(&stream).ok_or(HoldReason::Broken)?;
    note(&document, findings);
    let mut deck = Deck { size: size(&document), slides: Vec::new() };
    let mut reader = slide::Reader {
        pictures: Pictures::new(limits.answer_bytes),
        entries: document.find(STORE).map(|it| records(it.data).collect()).unwrap_or_default(),
        store: &store,
        known: Vec::new(),
        limits,
        findings,
        place: Place::Document,
    };
    let notes = listed(&document, 2);
    for (number, listed) in (1..).zip(listed(&document, 0)) {
        if deck.slides.len() >= limits.pages as usize {
            return Err(HoldReason::TooComplex);
        }
        reader.place = Place::Slide(number);
        let Some(record) = persist.object(&stream, listed.reference).filter(|it| it.kind == SLIDE)
        else {
            reader.findings.change(ChangedKind::Repaired, 1, reader.place);
            deck.slides.push(reader.outline(&listed.texts));
            continue;
        };
        let mut frame = reader.slide(&record, &listed.texts);
        frame.notes = noted(&record, &notes, &persist, &stream);
        frame.shapes.extend(footers::of(&record, deck.size));
        frame.remarks = remarks::of(&record);
        frame.hidden = record
            .find(SHOW_SETTINGS)
            .is_some_and(|it| u32_at(it.data, 8) >> 16 & u32::from(HIDDEN) != 0);
        deck.slides.push(frame);
    }
    reader.pictures.note(reader.findings);
    let pictures = reader.pictures.pictures;
    deck.finish(pictures, limits)
}

/// What the speaker wrote to a slide.
fn noted(
    slide: &Record<'_>,
    notes: &[Listed<'_>],
    persist: &Persist,
    stream: &[u8],
) -> Vec<String> {
    let number = slide.find(SLIDE_SETTINGS).map_or(0, |it| u32_at(it.data, 16));
    let listed = notes.iter().find(|it| number != 0 && it.number == number);
    let page = listed.and_then(|it| persist.object(stream, it.reference));
    page.filter(|it| it.kind == NOTES).map(|it| slide::notes(&it)).unwrap_or_default()
}

fn size(document: &Record<'_>) -> Option<(i64, i64)> {
    let settings = document.find(DOCUMENT_SETTINGS)?;
    let side = |at: usize| {
        let units = u32_at(settings.data, at).cast_signed();
        (units > 0).then(|| emu(units))
    };
    Some((side(0)?, side(4)?))
}

/// Units of the file as EMU.
fn emu(units: i32) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "32 bits by 1 587.5 fit 64")]
    let emu = (f64::from(units) * EMU_PER_UNIT) as i64;
    emu
}

/// The list of slides (0) or notes (2).
fn listed<'d>(document: &Record<'d>, instance: u16) -> Vec<Listed<'d>> {
    let mut found: Vec<Listed<'d>> = Vec::new();
    let lists = records(document.data).filter(|it| it.kind == LIST && it.instance == instance);
    for record in lists.flat_map(|it| records(it.data)) {
        if record.kind == LISTED {
            let (reference, number) = (u32_at(record.data, 0), u32_at(record.data, 12));
            found.push(Listed { reference, number, texts: Vec::new() });
        } else if let Some(last) = found.last_mut() {
            slide::collect(&mut last.texts, record);
        }
    }
    found
}

/// Notes what stays behind.
fn note(document: &Record<'_>, findings: &mut Findings) {
    let has_macros = document
        .find(MACRO_STORE)
        .is_some_and(|it| records(it.data).any(|it| usize_at(it.data, 0) != 0));
    findings.remove(RemovedKind::Macros, u32::from(has_macros), Place::Document);
    let objects = document.find(OBJECTS).map_or(0, |it| {
        // Embedded and linked objects, and controls.
        records(it.data).filter(|it| matches!(it.kind, 0x0fcc | 0x0fce | 0x0fee)).count()
    });
    let objects = u32::try_from(objects).unwrap_or(u32::MAX);
    findings.remove(RemovedKind::OleObjects, objects, Place::Document);
}

impl slide::Reader<'_> {
    /// A slide whose own record is missing, by its texts alone.
    fn outline(&self, texts: &[slide::Words<'_>]) -> Frame {
        Frame { shapes: texts.iter().map(slide::Words::shape).collect(), ..Frame::default() }
    }
}
