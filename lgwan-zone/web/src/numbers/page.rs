//! The page and the file.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse as _;
use domain::identity::{Action, Object};
use domain::spreadsheet;
use lgwan_zone_store::identity::departments;
use lgwan_zone_store::missed;
use lgwan_zone_store::numbers::{self, What};
use lgwan_zone_store::procedures;
use platform_web::download::download;
use platform_web::{Html, PageResult, QueryData, Trouble, Visitor};

use super::chart::Chart;
use super::period::Period;
use super::table::{INSIDE, Sums, Totals};
use crate::frame::{Frame, Place, name_of};
use crate::guard::Who;
use crate::site::{Site, TEXTS};
use crate::words;

/// What is shown for each procedure and in all, in this order.
const SHOWN: [What; 8] = [
    What::View,
    What::Start,
    What::Arrived,
    What::Terminal,
    What::Done,
    What::Ended,
    What::Correction,
    What::Download,
];

/// What is shown for each day or month.
const BY_DAY: [What; 4] = [What::Visit, What::Start, What::Arrived, What::Done];

/// Words shown that no search found.
const MISSED: i64 = 50;

#[derive(Template)]
#[template(path = "numbers/page.html")]
struct Page {
    frame: Frame,
    since: String,
    until: String,
    query: String,
    ways: Vec<(&'static str, String)>,
    piles: Vec<(&'static str, String)>,
    chart: Chart,
    /// What the chart says, in a sentence.
    told: String,
    /// Whether anything arrived.
    any: bool,
    heads: Vec<&'static str>,
    rows: Vec<Row>,
    day_heads: Vec<&'static str>,
    days: Vec<(String, Vec<String>)>,
    long: bool,
    /// The ways in which what arrived came.
    channels: Vec<(&'static str, String)>,
    /// Words that no search found, and how often.
    missed: Vec<(String, String)>,
}

struct Row {
    title: String,
    department: String,
    cells: Vec<String>,
}

/// What is known of a period.
struct Found {
    period: Period,
    totals: Totals,
    /// `(id, title, department)` of every procedure, by department and title.
    procedures: Vec<(String, String, String)>,
    missed: Vec<(String, i64)>,
}

async fn find(site: &Site, who: &Who, query: &QueryData) -> Result<Found, Trouble> {
    who.may(Action::ReadOperations, &Object::Operations)?;
    let period = Period::of(&query.0, words::day(site.clock.now()));
    let (since, until) = (period.since.to_string(), period.until.to_string());
    let (of_procedures, of_days, all, names, missed) = site
        .store
        .read(move |db| {
            let of_procedures = numbers::by_procedure(db, &since, &until)?;
            let of_days = numbers::by_day(db, &since, &until)?;
            let missed = missed::most(db, (&since, &until), MISSED)?;
            let all = procedures::list(db, None)?;
            Ok((of_procedures, of_days, all, departments::all(db)?, missed))
        })
        .await?;
    let names: Vec<(String, String)> = names.into_iter().map(|one| (one.id, one.name)).collect();
    let mut procedures: Vec<(String, String, String)> = all
        .into_iter()
        .map(|one| (one.id, one.title, name_of(&names, &one.department_id)))
        .collect();
    procedures.sort_by(|a, b| (&a.2, &a.1).cmp(&(&b.2, &b.1)));
    let totals = Totals::of(&of_procedures, &of_days, period);
    Ok(Found { period, totals, procedures, missed })
}

/// Shows the numbers of a period.
pub async fn get(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    query: QueryData,
) -> PageResult {
    let found = find(&site, &who, &query).await?;
    let (period, totals) = (found.period, &found.totals);
    let today = words::day(site.clock.now());
    let values: Vec<i64> = totals.columns.iter().map(|(_, sums)| sums.of(What::Arrived)).collect();
    let highest = totals.columns.iter().max_by_key(|(_, sums)| sums.of(What::Arrived));
    let highest = highest.filter(|(_, sums)| sums.of(What::Arrived) > 0);
    let none = || TEXTS.text("numbers.told_none").to_owned();
    let told = highest.map_or_else(none, |(column, sums)| {
        let most = words::count(sums.of(What::Arrived));
        TEXTS.fill("numbers.told", &[("column", column), ("count", &most)])
    });
    let name = TEXTS.text("numbers.this_month");
    let page = Page {
        frame: Frame::of(&site, &who, &visitor, Place::Numbers),
        since: period.since.to_string(),
        until: period.until.to_string(),
        query: period.query(),
        ways: vec![
            (name, "/numbers".to_owned()),
            (TEXTS.text("numbers.last_month"), address(Period::last_month(today))),
            (TEXTS.text("numbers.fiscal_year"), address(Period::fiscal_year(today))),
        ],
        piles: piles(&found),
        chart: Chart::of(&values),
        told,
        any: highest.is_some(),
        heads: heads(),
        rows: rows(&found),
        day_heads: BY_DAY.iter().map(|what| word(*what)).collect(),
        days: totals
            .columns
            .iter()
            .map(|(column, sums)| {
                let cells = BY_DAY.iter().map(|what| words::count(sums.of(*what))).collect();
                (column.clone(), cells)
            })
            .collect(),
        long: period.is_long(),
        channels: channels(&totals.all, words::count),
        missed: found.missed.into_iter().map(|(word, times)| (word, words::count(times))).collect(),
    };
    Ok(Html(page).into_response())
}

fn address(period: Period) -> String {
    format!("/numbers{}", period.query())
}

fn word(what: What) -> &'static str {
    TEXTS.text(match what {
        What::Visit => "numbers.what.visit",
        What::View => "numbers.what.view",
        What::Start => "numbers.what.start",
        What::Download => "numbers.what.download",
        What::Arrived => "numbers.what.arrived",
        What::Terminal => "numbers.what.terminal",
        What::Post => "entry.channel.post",
        What::Phone => "entry.channel.phone",
        What::Counter => "entry.channel.counter",
        What::Fax => "entry.channel.fax",
        What::Staff => "entry.channel.staff",
        What::Done => "numbers.what.done",
        What::Ended => "numbers.what.ended",
        What::Correction => "numbers.what.correction",
        What::Minutes => "numbers.what.days",
        What::Answered(_) => "numbers.report.pages",
    })
}

/// How what arrived came in (IK-2.1.2a3).
fn channels(sums: &Sums, write: impl Fn(i64) -> String) -> Vec<(&'static str, String)> {
    let online = (TEXTS.text("entry.channel.online"), write(sums.online()));
    let desk = INSIDE.iter().map(|what| (word(*what), write(sums.of(*what))));
    std::iter::once(online).chain(desk).collect()
}

/// The numbers at the top.
fn piles(found: &Found) -> Vec<(&'static str, String)> {
    let all = &found.totals.all;
    let used = found.totals.procedures.values().filter(|one| one.of(What::Arrived) > 0).count();
    let number = |what| (word(what), words::count(all.of(what)));
    vec![
        (TEXTS.text("numbers.procedures"), found.procedures.len().to_string()),
        (TEXTS.text("numbers.used"), used.to_string()),
        number(What::Visit),
        number(What::Arrived),
        number(What::Done),
        (TEXTS.text("numbers.rate"), rate(all)),
        (word(What::Minutes), days(all)),
    ]
}

fn rate(sums: &Sums) -> String {
    let none = || TEXTS.text("numbers.none").to_owned();
    sums.sent_of_hundred().map_or_else(none, |rate| format!("{rate}%"))
}

fn days(sums: &Sums) -> String {
    let none = || TEXTS.text("numbers.none").to_owned();
    sums.tenths_of_days().map_or_else(none, |tenths| {
        let number = format!("{}.{}", tenths / 10, tenths % 10);
        TEXTS.fill("numbers.days", &[("number", &number)])
    })
}

fn heads() -> Vec<&'static str> {
    let counts = SHOWN.iter().map(|what| word(*what));
    counts.chain([TEXTS.text("numbers.rate"), word(What::Minutes)]).collect()
}

fn cells(sums: &Sums, write: impl Fn(i64) -> String) -> Vec<String> {
    let counts = SHOWN.iter().map(|what| write(sums.of(*what)));
    counts.chain([rate(sums), days(sums)]).collect()
}

/// Title, department and counts of each procedure, also of one that the citizens' zone still counts and
/// nobody here knows any more.
fn listed(found: &Found) -> Vec<(&str, &str, Option<&Sums>)> {
    let mut left: BTreeMap<&str, &Sums> =
        found.totals.procedures.iter().map(|(id, sums)| (id.as_str(), sums)).collect();
    let mut listed: Vec<(&str, &str, Option<&Sums>)> = found
        .procedures
        .iter()
        .map(|(id, title, department)| {
            (title.as_str(), department.as_str(), left.remove(id.as_str()))
        })
        .collect();
    listed.extend(left.into_iter().map(|(id, sums)| (id, "", Some(sums))));
    listed
}

fn rows(found: &Found) -> Vec<Row> {
    let none = Sums::default();
    let row = |(title, department, sums): (&str, &str, Option<&Sums>)| Row {
        title: title.to_owned(),
        department: department.to_owned(),
        cells: cells(sums.unwrap_or(&none), words::count),
    };
    listed(found).into_iter().map(row).collect()
}

/// The numbers of a period by procedure as a file, with the sum at the end.
pub async fn file(State(site): State<Site>, who: Who, query: QueryData) -> PageResult {
    let found = find(&site, &who, &query).await?;
    let plain = |number: i64| number.to_string();
    let named = |title: &str, department: &str, sums: &Sums| {
        let first = [title.to_owned(), department.to_owned()];
        let ways = channels(sums, plain).into_iter().map(|(_, number)| number);
        first.into_iter().chain(cells(sums, plain)).chain(ways).collect::<Vec<String>>()
    };
    let none = Sums::default();
    let mut rows: Vec<Vec<String>> = listed(&found)
        .into_iter()
        .map(|(title, department, sums)| named(title, department, sums.unwrap_or(&none)))
        .collect();
    rows.push(named(TEXTS.text("numbers.sum"), "", &found.totals.all));
    let titles: Vec<String> =
        [TEXTS.text("frame.word.procedure"), TEXTS.text("frame.word.department")]
            .into_iter()
            .chain(heads())
            .chain(channels(&none, plain).into_iter().map(|(name, _)| name))
            .map(str::to_owned)
            .collect();
    let name = TEXTS.fill(
        "numbers.file_name",
        &[("since", &found.period.since), ("until", &found.period.until)],
    );
    Ok(download(&name, "text/csv; charset=utf-8", spreadsheet::written(&titles, &rows)))
}
