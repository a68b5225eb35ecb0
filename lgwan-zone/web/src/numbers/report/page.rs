//! The report of a month as a page to read and print, as a file, and as a document.

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse as _;
use domain::identity::{Action, Object};
use jiff::ToSpan as _;
use jiff::civil::Date;
use platform_web::download::download;
use platform_web::{Html, OrFault as _, PageResult, QueryData, Visitor};

use super::paper;
use super::sheet::{self, Goal, SHOWN, Sheet};
use crate::applications::csv::{Encoding, Sheet as Csv};
use crate::frame::{Frame, Place};
use crate::guard::Who;
use crate::site::{Site, TEXTS};
use crate::words;

#[derive(Template)]
#[template(path = "numbers/report.html")]
struct Page {
    frame: Frame,
    month: String,
    title: String,
    /// The month before and the one behind, when it has begun: as it is asked for, in words.
    before: (String, String),
    behind: Option<(String, String)>,
    heads: Vec<&'static str>,
    sheet: Sheet,
    can_write: bool,
}

/// Shows the report of a month.
pub async fn get(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    query: QueryData,
) -> PageResult {
    let today = words::day(site.clock.now());
    let month = sheet::month(&query.0, today);
    let sheet = sheet::of(&site, &who, month).await?;
    let behind = month.saturating_add(1.month());
    let page = Page {
        frame: Frame::of(&site, &who, &visitor, Place::Numbers),
        title: title(&sheet),
        month: sheet::written(month),
        before: other(month.saturating_sub(1.month())),
        behind: (behind <= today).then(|| other(behind)),
        heads: heads(),
        can_write: who.can(Action::RunOperations, &Object::Operations),
        sheet,
    };
    Ok(Html(page).into_response())
}

fn heads() -> Vec<&'static str> {
    SHOWN.iter().map(|(_, key)| TEXTS.text(key)).collect()
}

fn other(month: Date) -> (String, String) {
    let (year, number) = (month.year(), month.month());
    let told = TEXTS.fill("numbers.report.month_of", &[("year", &year), ("month", &number)]);
    (sheet::written(month), told)
}

fn title(sheet: &Sheet) -> String {
    let (year, month) = (sheet.month.year(), sheet.month.month());
    TEXTS.fill("numbers.report.title_of", &[("year", &year), ("month", &month)])
}

/// The report as rows: part, thing, what is said, value.
fn rows(sheet: &Sheet) -> Vec<[String; 4]> {
    let mut rows: Vec<[String; 4]> = Vec::new();
    let mut put = |part: &str, thing: &str, what: &str, value: &str| {
        rows.push([part, thing, what, value].map(str::to_owned));
    };
    let text = |key: &'static str| TEXTS.text(key);
    for (what, number) in &sheet.sums {
        put(text("numbers.report.use"), "", what, &number.replace(',', ""));
    }
    for one in &sheet.procedures {
        let name = format!("{} {}", one.department, one.title);
        for (what, cell) in heads().iter().zip(&one.cells) {
            put(text("numbers.by_procedure"), name.trim(), what, &cell.replace(',', ""));
        }
    }
    let level = text("numbers.report.level");
    let mut goal = |thing: &str, what: &str, one: &Goal| {
        put(level, thing, what, &one.figure);
        put(level, thing, text("numbers.report.goal"), &one.goal);
        put(level, thing, text("numbers.report.met"), one.word());
    };
    for side in &sheet.levels {
        goal(side.name, text("numbers.report.availability"), &side.availability);
    }
    goal("", text("numbers.report.recovery"), &sheet.recovery);
    goal("", text("numbers.report.fast"), &sheet.speed.fast);
    put(level, "", text("numbers.report.p95"), &sheet.speed.p95);
    put(level, "", text("numbers.report.pages"), &sheet.speed.pages.replace(',', ""));
    for day in &sheet.speed.days {
        let part = text("numbers.report.speed");
        put(part, &day.day, text("numbers.report.pages"), &day.pages.replace(',', ""));
        put(part, &day.day, text("numbers.report.fast"), &day.fast);
        put(part, &day.day, text("numbers.report.p95"), &day.p95);
    }
    for side in &sheet.levels {
        put(level, side.name, text("numbers.report.seen"), &side.seen);
        put(level, side.name, text("numbers.report.planned"), &side.planned);
        put(level, side.name, text("numbers.report.down"), &side.down);
    }
    for stop in &sheet.stops {
        let span = format!("{} - {} {}", stop.from, stop.until, stop.length);
        put(text("numbers.report.stops"), stop.side, explained(stop.explained), &span);
    }
    for one in &sheet.entries {
        let thing = format!("{} {}", one.began, one.title);
        for (key, value) in [
            ("numbers.report.affected", one.affected),
            ("numbers.report.ended", one.ended.as_str()),
            (
                "numbers.report.stopped",
                if one.stopped { text("numbers.report.yes") } else { text("numbers.report.no") },
            ),
            ("numbers.report.happened", one.happened.as_str()),
            ("numbers.report.cause", one.cause.as_str()),
            ("numbers.report.measure", one.measure.as_str()),
        ] {
            put(one.kind, &thing, text(key), value);
        }
    }
    rows
}

/// Whether the register says why it stood still.
pub(super) fn explained(yes: bool) -> &'static str {
    TEXTS.text(if yes { "numbers.report.explained" } else { "numbers.report.unexplained" })
}

/// The report as a file, safe to open in a spreadsheet.
pub async fn file(State(site): State<Site>, who: Who, query: QueryData) -> PageResult {
    let month = sheet::month(&query.0, words::day(site.clock.now()));
    let sheet = sheet::of(&site, &who, month).await?;
    let encoding = match query.0.text("encoding") {
        "cp932" => Encoding::Cp932,
        _ => Encoding::Utf8Bom,
    };
    let mut csv = Csv::new(encoding);
    csv.row(
        &["part", "thing", "which", "value"]
            .map(|name| TEXTS.text(&format!("numbers.report.csv.{name}")).to_owned()),
    );
    for row in rows(&sheet) {
        csv.row(&row);
    }
    let name = format!("{}.csv", title(&sheet));
    Ok(download(&name, encoding.media(), csv.take()))
}

/// The report as a document to hand in.
pub async fn document(State(site): State<Site>, who: Who, query: QueryData) -> PageResult {
    let month = sheet::month(&query.0, words::day(site.clock.now()));
    let sheet = sheet::of(&site, &who, month).await?;
    let (title, city) = (title(&sheet), site.settings.city.clone());
    let typeface = site.typeface.clone();
    let name = format!("{title}.pdf");
    let day = words::day(site.clock.now());
    let printed = tokio::task::spawn_blocking(move || {
        let heading = TEXTS.fill("numbers.report.heading", &[("city", &city), ("title", &title)]);
        paper::print(&typeface, &heading, day, &sheet)
    });
    let bytes = printed.await.or_fault()?.or_fault()?;
    Ok(download(&name, "application/pdf", bytes))
}
