//! Pictures, texts, tables, archives, and what crosses beside a document.

use sanitizer_intermediate::archive::{Archive, Content, Member};
use sanitizer_intermediate::csv::{Cell, Row, Separator, Table};
use sanitizer_intermediate::image::{Density, Format, Frame, Frames, Picture, Samples, Source};
use sanitizer_intermediate::text::{LineEnd, Text};
use sanitizer_intermediate::{
    ChangedKind, Confinement, Findings, HoldReason, Kind, Limits, Opened, Password, Place,
    RemovedKind, Request,
};

use crate::dice::Dice;

pub(crate) fn picture(dice: &mut Dice<'_>, samples: &[Samples]) -> Picture {
    let samples = dice.one(samples);
    let (width, height) = (1 + dice.below(9), 1 + dice.below(5));
    let width = u32::try_from(width).expect("small");
    let data = (0..samples.row_bytes(width) * height).map(|_| dice.byte()).collect();
    let source = if dice.flag() {
        let quality = 1 + u8::try_from(dice.below(100)).expect("small");
        Source::Lossy { quality, subsampled: dice.flag() }
    } else {
        Source::Lossless
    };
    Picture::new(width, u32::try_from(height).expect("small"), samples, data, source)
        .expect("samples that fit")
}

pub(crate) fn frames(dice: &mut Dice<'_>) -> Frames {
    let frame =
        |dice: &mut Dice<'_>| Frame { picture: picture(dice, Samples::ALL), delay_ms: dice.u32() };
    let mut frames = vec![frame(dice)];
    frames.extend(dice.list(3, frame));
    let inches = |dice: &mut Dice<'_>| 1 + dice.u16() % 10_000;
    let density = dice.option(|dice| Density { x: inches(dice), y: inches(dice) });
    Frames { format: dice.one(Format::ALL), frames, repeats: dice.u16(), density }
}

pub(crate) fn text(dice: &mut Dice<'_>) -> Text {
    Text::new(dice.text(1_000), dice.one(LineEnd::ALL)).expect("clean characters")
}

pub(crate) fn table(dice: &mut Dice<'_>) -> Table {
    let separator = dice.one(Separator::ALL);
    let row = |dice: &mut Dice<'_>| Row(dice.list(4, |dice| Cell(dice.text(100))));
    Table { separator, rows: dice.list(5, row) }
}

pub(crate) fn archive(dice: &mut Dice<'_>) -> Archive {
    let member = |dice: &mut Dice<'_>| {
        let folders = dice.list(2, |dice| dice.one(&["表", "a b", "x.y"]));
        let name = [folders, vec![dice.one(&["一覧.txt", "a", "b (2).pdf"])]].concat().join("/");
        let content = match dice.below(4) {
            0 => Content::File(dice.list(40, Dice::byte)),
            1 => Content::Folder,
            2 => Content::Link,
            _ => Content::Unreadable(dice.one(HoldReason::ALL)),
        };
        Member { name, content }
    };
    Archive { members: dice.list(4, member) }
}

pub(crate) fn place(dice: &mut Dice<'_>) -> Place {
    match dice.below(9) {
        0 => Place::Document,
        1 => Place::Page(dice.u32()),
        2 => Place::Paragraph(dice.u32()),
        3 => Place::Sheet(dice.u32()),
        4 => Place::Cell { sheet: dice.u32(), row: dice.u32(), column: dice.u32() },
        5 => Place::Slide(dice.u32()),
        6 => Place::Frame(dice.u32()),
        7 => Place::Line(dice.u32()),
        _ => Place::Member(dice.u32()),
    }
}

pub(crate) fn findings(dice: &mut Dice<'_>) -> Findings {
    let mut findings = Findings::default();
    for _ in 0..dice.below(5) {
        findings.remove(dice.one(RemovedKind::ALL), dice.u32(), place(dice));
        findings.change(dice.one(ChangedKind::ALL), dice.u32(), place(dice));
    }
    findings
}

pub(crate) fn limits(dice: &mut Dice<'_>) -> Limits {
    Limits {
        input_bytes: dice.u64(),
        answer_bytes: dice.u64(),
        decoded_bytes: dice.u64(),
        pixels: dice.u64(),
        frames: dice.u32(),
        pages: dice.u32(),
        objects: dice.u32(),
        parts: dice.u32(),
        cells: dice.u32(),
        text_bytes: dice.u32(),
        depth: dice.u16(),
        cpu_seconds: dice.u32(),
        memory_bytes: dice.u64(),
        wall_ms: dice.u32(),
        wall_ms_per_mb: dice.u32(),
        page_pictures: dice.flag(),
        show_opened: dice.flag(),
    }
}

pub(crate) fn request(dice: &mut Dice<'_>) -> Request {
    Request {
        hint: dice.option(|dice| dice.one(Kind::ALL)),
        // The file is no longer than the request says a file may be.
        limits: Limits { input_bytes: 64, ..limits(dice) },
        password: Password::new(dice.text(256)),
        bytes: dice.list(64, Dice::byte),
    }
}

pub(crate) fn opened(dice: &mut Dice<'_>) -> Opened {
    Opened(dice.list(40, Dice::byte))
}

pub(crate) fn confinement(dice: &mut Dice<'_>) -> Confinement {
    Confinement { landlock: dice.flag(), seccomp: dice.flag() }
}
