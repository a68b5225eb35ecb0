//! The staff's list, its CSV and a step for many, with a million applications behind them.

use std::io;
use std::time::{Duration, Instant};

use serde_json::Value;
use town::Database;

use crate::client::{Connection, Figures};
use crate::fill::{self, Desk};
use crate::floor;
use crate::inbox;
use crate::line::{Goal, detail, line};
use crate::person::Person;
use crate::place::Place;

/// A clerk of 市民課, where the load lies.
const CLERK: &str = "s0101";
/// Whatever takes longer does not come.
const PATIENCE: Duration = Duration::from_secs(600);
const PROCEDURE: &str = "deploy/sample-city/procedures/01-juminhyo.json";

/// What clerks ask the list for; `{procedure}` is the one the load belongs to.
const QUESTIONS: [(&str, &str); 18] = [
    ("top of the list", "/inbox"),
    ("oldest first", "/inbox?order=oldest"),
    ("waiting", "/inbox?state=arrived"),
    ("in review, oldest first", "/inbox?state=reviewing&order=oldest"),
    ("done", "/inbox?state=done"),
    ("one procedure", "/inbox?procedure={procedure}"),
    ("a month", "/inbox?since=2024-06-01&until=2024-06-30"),
    ("late", "/inbox?due=late"),
    ("corrections that are late", "/inbox?correction=late"),
    ("another department was asked", "/inbox?inquiry=open"),
    ("a day and time", "/inbox?slot=2024-06-03"),
    (
        "one procedure in review, by deadline",
        "/inbox?procedure={procedure}&state=reviewing&order=deadline",
    ),
    ("a label on every second", "/inbox?label={often}"),
    ("the same in review, by deadline", "/inbox?label={often}&state=reviewing&order=deadline"),
    ("the same, one procedure", "/inbox?label={often}&procedure={procedure}&state=arrived"),
    ("a label on one in ten thousand", "/inbox?label={rarely}&state=arrived&order=oldest"),
    ("by number", "/inbox?q={number}"),
    ("by name", "/inbox?q=%E5%B1%B1%E7%94%B04711"),
];

/// A town whose 市民課 has so many applications, and where they belong.
fn filled(database: Database, applications: u32) -> io::Result<(Place, Desk)> {
    let mut place = Place::open(database)?;
    let house = &place.town.plan.house;
    let document: Value = serde_json::from_slice(&std::fs::read(house.join(PROCEDURE))?)?;
    let text = |name: &str| document[name].as_str().unwrap_or_default().to_owned();
    let desk = Desk { procedure: text("id"), department: text("department") };
    let zone = place.town.kill("lgwan-zone")?;
    let filling = Instant::now();
    fill::applications(place.town.staff_database(), &desk, applications)
        .map_err(|error| io::Error::other(error.to_string()))?;
    println!("{applications} applications filled in in {:.1} s", filling.elapsed().as_secs_f64());
    place.town.revive(&zone)?;
    Ok((place, desk))
}

/// Measures the list.
///
/// # Errors
/// When the town does not start or the list does not answer.
pub async fn list(database: Database, applications: u32, times: usize) -> Result<(), String> {
    let words = |error: io::Error| error.to_string();
    let (place, desk) = filled(database, applications).map_err(words)?;
    let mut connection = Connection::open(place.town.staff()).await.map_err(words)?;
    let mut clerk = Person::new(place.town.staff(), &mut connection);
    inbox::log_in(&place, &mut clerk, CLERK).await.map_err(words)?;
    let bare = floor::page(1, times).await?;
    for (what, question) in QUESTIONS {
        let path = question
            .replace("{procedure}", &desk.procedure)
            .replace("{often}", fill::LABELS[0])
            .replace("{rarely}", fill::LABELS[1])
            .replace("{number}", &fill::sought().to_string());
        let figures = asked(&mut clerk, &path, times).await.map_err(words)?;
        let floor = Some(bare.within(95));
        line(&format!("list: {what}, p95"), "ms", figures.within(95), floor, Goal::AtMost(100.0));
    }
    // The hundredth page costs what the first does.
    clerk.open("/inbox").await.map_err(words)?;
    let mut deep = Vec::with_capacity(100);
    let start = Instant::now();
    for _ in 0..100 {
        let Some(next) = inbox::next_page(&clerk.page) else { break };
        let asked = Instant::now();
        clerk.open(&next).await.map_err(words)?;
        deep.push(asked.elapsed());
    }
    let deep = Figures::of(deep, 0, start.elapsed());
    let floor = Some(bare.within(95));
    line("list: page by page to the 100th, p95", "ms", deep.within(95), floor, Goal::AtMost(100.0));
    detail(&deep);
    place.close().map_err(words)
}

async fn asked(clerk: &mut Person<'_>, path: &str, times: usize) -> io::Result<Figures> {
    let mut taken = Vec::with_capacity(times);
    let start = Instant::now();
    for _ in 0..times {
        let asked = Instant::now();
        clerk.open(path).await?;
        taken.push(asked.elapsed());
    }
    if !clerk.page.contains("/applications/") {
        return Err(io::Error::other(format!("{path}: nothing found")));
    }
    Ok(Figures::of(taken, 0, start.elapsed()))
}

/// Applications in one batch, at most.
const BATCH: u32 = 5_000;

/// Measures one step for five thousand applications of the list (NF-36), most of which are others.
///
/// # Errors
/// When the town does not start or the step is not taken for each of them.
pub async fn batch(database: Database, applications: u32) -> Result<(), String> {
    let words = |error: io::Error| error.to_string();
    // Two of a hundred wait for this step.
    if applications / 50 < BATCH {
        return Err(format!("at least {} applications are needed", BATCH * 50));
    }
    let (place, _) = filled(database, applications).map_err(words)?;
    let mut connection = Connection::open(place.town.staff()).await.map_err(words)?;
    let mut clerk = Person::new(place.town.staff(), &mut connection);
    inbox::log_in(&place, &mut clerk, CLERK).await.map_err(words)?;
    clerk.open("/inbox?state=arrived").await.map_err(words)?;
    let request = clerk.post("/inbox/batches", &[("do", "accept")]);
    let (answer, looked) = clerk.ask(&request).await.map_err(words)?;
    let path = answer.header("location").ok_or("no batch was made")?.to_owned();
    clerk.open(&path).await.map_err(words)?;
    let pressed = Instant::now();
    clerk.send(&path, &[("do", "start")]).await.map_err(words)?;
    while !clerk.page.contains("終わりました") {
        if pressed.elapsed() > PATIENCE {
            return Err(format!("{path} does not end"));
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        clerk.open(&path).await.map_err(words)?;
    }
    let took = pressed.elapsed();
    if !clerk.page.contains("5,000件を処理しました") {
        return Err(format!("{path}: the step was not taken for all"));
    }
    let url = place.town.spare_database("floor.db").map_err(words)?;
    let commit = floor::accept(&url, 1, 100).await?;
    // A commit for every fifty rows, as the batch makes them.
    let floor = commit.within(50) * f64::from(BATCH) / 50.0 / 1_000.0;
    line("batch of 5,000: what it would do", "s", looked.as_secs_f64(), None, Goal::None);
    line("batch of 5,000: done", "s", took.as_secs_f64(), Some(floor), Goal::AtMost(60.0));
    place.close().map_err(words)
}

/// A week of a busy year.
const WEEK: &str = "since=2024-06-02&until=2024-06-08";
/// Its applications.
const OF_WEEK: usize = 10_080;
/// Times each file is taken.
const FILES: usize = 5;

/// Measures the CSV of ten thousand applications, with the notes of whose data left (NF-42).
///
/// # Errors
/// When the town does not start, the file is not what it should be, or somebody in it is not noted.
pub async fn csv(database: Database, applications: u32) -> Result<(), String> {
    let words = |error: io::Error| error.to_string();
    let (place, desk) = filled(database, applications).map_err(words)?;
    let mut connection = Connection::open(place.town.staff()).await.map_err(words)?;
    let mut clerk = Person::new(place.town.staff(), &mut connection);
    inbox::log_in(&place, &mut clerk, CLERK).await.map_err(words)?;
    let plain = format!("/inbox/export/file?{WEEK}");
    let answered = format!("{plain}&procedure={}", desk.procedure);
    let cp932 = format!("{answered}&encoding=cp932");
    let mut files = 0;
    for (what, path) in
        [("without answers", plain), ("with answers", answered), ("with answers, CP932", cp932)]
    {
        let mut times = Vec::new();
        let start = Instant::now();
        for _ in 0..FILES {
            let asked = Instant::now();
            clerk.open(&path).await.map_err(words)?;
            times.push(asked.elapsed());
        }
        let bytes = clerk.page.len();
        let rows = clerk.page.matches("\r\n").count() - 1;
        if rows != OF_WEEK {
            return Err(format!("{path}: {rows} rows instead of {OF_WEEK}"));
        }
        files += FILES;
        let noted = fill::noted(place.town.staff_database()).map_err(|error| error.to_string())?;
        if usize::try_from(noted) != Ok(files * OF_WEEK) {
            return Err(format!("{path}: {noted} noted instead of {}", files * OF_WEEK));
        }
        let taken = Figures::of(times, 0, start.elapsed());
        let bare = floor::body(bytes, 5).await?;
        let (own, floor) = (taken.within(50) / 1e3, bare.within(50) / 1e3);
        line(
            &format!("CSV of 10,080 and its notes, {what}"),
            "s",
            own,
            Some(floor),
            Goal::AtMost(1.0),
        );
    }
    place.close().map_err(words)
}
