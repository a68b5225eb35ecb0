//! The report as a document of A4 pages, PDF/A-2u with its typeface inside (NB-9).

use jiff::civil::Date;
use krilla::geom::{PathBuilder, Point};
use krilla::page::PageSettings;
use krilla::paint::Stroke;
use krilla::surface::Surface;
use krilla::text::{Font, TextDirection};

use super::page::explained;
use super::sheet::{SHOWN, Sheet};
use crate::paper::{self, Measure, Typeface, Unprintable};
use crate::site::TEXTS;

/// Points a millimetre.
const MM: f32 = 72.0 / 25.4;
const WIDTH: f32 = 210.0 * MM;
const HEIGHT: f32 = 297.0 * MM;
const MARGIN: f32 = 20.0 * MM;
const ROOM: f32 = WIDTH - 2.0 * MARGIN;
const BODY: f32 = 9.0;
const LEADING: f32 = 14.0;
/// Between two columns.
const GUTTER: f32 = 6.0;

/// Prints the report. A character the typeface does not have becomes 〓, and the end says so.
///
/// # Errors
/// [`Unprintable`] when the document cannot be built.
pub(super) fn print(
    face: &Typeface,
    heading: &str,
    day: Date,
    sheet: &Sheet,
) -> Result<Vec<u8>, Unprintable> {
    let measure = face.measure()?;
    let mut writer = Writer { measure, pages: vec![Page::default()], y: MARGIN, replaced: false };
    write(&mut writer, heading, sheet);
    let font = face.font().map_err(|_| Unprintable::Broken)?;
    let pages = writer.pages;
    paper::archive(heading, day, |document| {
        for (number, page) in (1..).zip(&pages) {
            let settings = PageSettings::from_wh(WIDTH, HEIGHT)?;
            let mut sheet = document.start_page_with(settings);
            let mut surface = sheet.surface();
            page.draw(&mut surface, &font)?;
            let foot = format!("{number} / {}", pages.len());
            let place = Point::from_xy(WIDTH / 2.0 - 12.0, HEIGHT - 10.0 * MM);
            surface.draw_text(place, font.clone(), BODY, &foot, false, TextDirection::LeftToRight);
            surface.finish();
            sheet.finish();
        }
        Some(())
    })
}

#[derive(Default)]
struct Page {
    texts: Vec<(f32, f32, f32, String)>,
    rules: Vec<f32>,
}

impl Page {
    fn draw(&self, surface: &mut Surface<'_>, font: &Font) -> Option<()> {
        for (x, y, size, text) in &self.texts {
            let place = Point::from_xy(*x, *y);
            surface.draw_text(place, font.clone(), *size, text, false, TextDirection::LeftToRight);
        }
        surface.set_stroke(Some(Stroke { width: 0.5, ..Stroke::default() }));
        surface.set_fill(None);
        for y in &self.rules {
            let mut path = PathBuilder::new();
            path.move_to(MARGIN, *y);
            path.line_to(WIDTH - MARGIN, *y);
            surface.draw_path(&path.finish()?);
        }
        surface.set_stroke(None);
        surface.set_fill(Some(krilla::paint::Fill::default()));
        Some(())
    }
}

/// A column: share of the room, and whether its cells stand at the right.
#[derive(Clone, Copy)]
struct Column(f32, bool);

struct Writer<'a> {
    measure: Measure<'a>,
    pages: Vec<Page>,
    y: f32,
    replaced: bool,
}

impl Writer<'_> {
    fn page(&mut self, height: f32) -> &mut Page {
        if self.y + height > HEIGHT - MARGIN {
            self.pages.push(Page::default());
            self.y = MARGIN;
        }
        self.pages.last_mut().expect("there is always a page")
    }

    /// The text as the typeface can write it.
    fn known(&mut self, text: &str) -> String {
        let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let known: String =
            plain.chars().map(|c| if self.measure.has(c) { c } else { '〓' }).collect();
        self.replaced |= known != plain;
        known
    }

    fn text(&mut self, text: &str, size: f32, above: f32) {
        self.y += above;
        for line in text.lines() {
            let line = self.known(line);
            for line in self.measure.wrap(&line, size, ROOM) {
                let step = LEADING.max(size * 1.4);
                self.page(step);
                self.y += step;
                let y = self.y;
                self.page(0.0).texts.push((MARGIN, y, size, line));
            }
        }
    }

    fn row(&mut self, columns: &[Column], cells: &[&str]) {
        let mut x = MARGIN;
        let mut drawn: Vec<(f32, usize, String)> = Vec::new();
        let mut height = 1;
        for (Column(share, right), cell) in columns.iter().zip(cells) {
            let room = ROOM * share - GUTTER;
            let cell = self.known(cell);
            let lines = self.measure.wrap(&cell, BODY, room);
            height = height.max(lines.len());
            for (place, line) in lines.into_iter().enumerate() {
                let indent = if *right { room - self.measure.width(&line, BODY) } else { 0.0 };
                drawn.push((x + indent.max(0.0), place, line));
            }
            x += ROOM * share;
        }
        #[expect(clippy::cast_precision_loss, reason = "a cell has few lines")]
        let step = |lines: usize| lines as f32 * LEADING;
        self.page(step(height) + 4.0);
        let top = self.y;
        let page = self.page(0.0);
        for (x, place, line) in drawn {
            page.texts.push((x, top + step(place + 1), BODY, line));
        }
        page.rules.push(top + step(height) + 3.0);
        self.y = top + step(height) + 4.0;
    }
}

fn write(writer: &mut Writer<'_>, heading: &str, sheet: &Sheet) {
    let t = |key: &'static str| TEXTS.text(key);
    writer.text(heading, 16.0, 0.0);
    writer.text(&TEXTS.fill("numbers.report.made", &[("at", &sheet.made)]), BODY, 4.0);
    if sheet.unfinished {
        writer.text(t("numbers.report.unfinished"), BODY, 0.0);
    }
    let title = |writer: &mut Writer<'_>, key: &'static str| {
        writer.text(t(key), 12.0, 14.0);
        writer.y += 3.0;
    };
    title(writer, "numbers.report.use");
    for (what, number) in &sheet.sums {
        writer.row(&[Column(0.6, false), Column(0.4, true)], &[what, number]);
    }
    title(writer, "numbers.by_procedure");
    let columns: Vec<Column> = [Column(0.36, false), Column(0.2, false)]
        .into_iter()
        .chain(SHOWN.map(|_| Column(0.11, true)))
        .collect();
    let heads = SHOWN.map(|(_, key)| t(key));
    let first = [t("frame.word.procedure"), t("frame.word.department")];
    writer.row(&columns, &[&first[..], &heads[..]].concat());
    for one in &sheet.procedures {
        let mut cells = vec![one.title.as_str(), one.department.as_str()];
        cells.extend(one.cells.iter().map(String::as_str));
        writer.row(&columns, &cells);
    }
    title(writer, "numbers.report.level");
    levels(writer, sheet);
    title(writer, "numbers.report.stops");
    if sheet.stops.is_empty() {
        writer.text(t("numbers.report.no_stops"), BODY, 0.0);
    }
    let columns = [
        Column(0.14, false),
        Column(0.23, false),
        Column(0.23, false),
        Column(0.2, true),
        Column(0.2, false),
    ];
    for one in &sheet.stops {
        let cells = [one.side, &one.from, &one.until, &one.length, explained(one.explained)];
        writer.row(&columns, &cells);
    }
    title(writer, "numbers.report.register");
    if sheet.entries.is_empty() {
        writer.text(t("numbers.report.no_entries"), BODY, 0.0);
    }
    for one in &sheet.entries {
        let line =
            format!("{} {} {} - {} {}", one.kind, one.affected, one.began, one.ended, one.title);
        writer.text(&line, 10.0, 8.0);
        for (key, text) in [
            ("numbers.report.happened", &one.happened),
            ("numbers.report.cause", &one.cause),
            ("numbers.report.measure", &one.measure),
        ] {
            if !text.is_empty() {
                writer.text(
                    &TEXTS.fill("numbers.report.named", &[("name", &t(key)), ("text", text)]),
                    BODY,
                    0.0,
                );
            }
        }
    }
    writer.text(t("numbers.report.about"), BODY, 14.0);
    if writer.replaced {
        writer.text(t("numbers.report.replaced"), BODY, 0.0);
    }
}

fn levels(writer: &mut Writer<'_>, sheet: &Sheet) {
    let t = |key: &'static str| TEXTS.text(key);
    let columns = [Column(0.4, false), Column(0.2, true), Column(0.22, true), Column(0.18, true)];
    let heads = ["numbers.report.figure", "numbers.report.goal", "numbers.report.met"].map(t);
    writer.row(&columns, &["", heads[0], heads[1], heads[2]]);
    for side in &sheet.levels {
        let name = TEXTS.fill("numbers.report.availability_of", &[("side", &side.name)]);
        let one = &side.availability;
        writer.row(&columns, &[&name, &one.figure, &one.goal, one.word()]);
    }
    let one = &sheet.recovery;
    let name = t("numbers.report.recovery");
    writer.row(&columns, &[name, &one.figure, &one.goal, one.word()]);
    let one = &sheet.speed.fast;
    writer.row(&columns, &[t("numbers.report.fast"), &one.figure, &one.goal, one.word()]);
    let counts: [(&str, &dyn std::fmt::Display); 2] =
        [("pages", &sheet.speed.pages), ("p95", &sheet.speed.p95)];
    writer.text(&TEXTS.fill("numbers.report.speed_of", &counts), BODY, 2.0);
    for side in &sheet.levels {
        let told = TEXTS.fill(
            "numbers.report.times",
            &[
                ("side", &side.name),
                ("seen", &side.seen),
                ("planned", &side.planned),
                ("down", &side.down),
            ],
        );
        writer.text(&told, BODY, 2.0);
    }
}
