//! The list: both logs by period, person, thing, kind and outcome, and the same as a file.

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse as _;
use lgwan_zone_store::audit::{self, Zone};
use platform_web::{Html, PageResult, QueryData, Visitor};

use super::file::{Asked, Wanted, encoding};
use super::line::{Names, Row};
use super::sieve::{RESULTS, ROOMS, Sieve};
use crate::frame::{Choice, Frame, Place};
use crate::guard::Who;
use crate::site::{Site, TEXTS};

/// Rows a page.
const ROWS: usize = 100;

#[derive(Template)]
#[template(path = "audit/list.html")]
struct ListPage {
    frame: Frame,
    since: String,
    until: String,
    actor: String,
    object: String,
    zones: Vec<Choice>,
    acts: Vec<Choice>,
    results: Vec<Choice>,
    query: String,
    /// Before a further part of the query of a file.
    joint: char,
    rows: Vec<Row>,
    later: Option<String>,
}

/// Shows the logs.
pub async fn get(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    query: QueryData,
) -> PageResult {
    super::allowed(&who)?;
    let sieve = Sieve::of(&query.0);
    let asked = sieve.clone();
    let (mut found, names) = site
        .store
        .read(move |db| {
            let filter = asked.filter(db)?;
            let found = audit::look(db, asked.zone, &filter, asked.behind, ROWS + 1)?;
            let names = Names::of(db, &found)?;
            Ok((found, names))
        })
        .await?;
    let more = found.len() > ROWS;
    found.truncate(ROWS);
    let query = sieve.query();
    let joint = if query.is_empty() { '?' } else { '&' };
    let later = found
        .last()
        .filter(|_| more)
        .map(|last| format!("/audit{query}{joint}behind={}", last.cursor().written()));
    let day = |day: Option<jiff::civil::Date>| day.map_or_else(String::new, |day| day.to_string());
    let zones: Vec<&str> = Zone::ALL.into_iter().map(Zone::key).collect();
    let page = ListPage {
        frame: Frame::of(&site, &who, &visitor, Place::Audit),
        since: day(sieve.since),
        until: day(sieve.until),
        zones: choices("zone", &zones, sieve.zone.map_or("", Zone::key)),
        acts: choices("room", &ROOMS, sieve.act),
        results: choices("result", &RESULTS, sieve.result),
        rows: found.iter().map(|one| names.row(one, true)).collect(),
        actor: sieve.actor,
        object: sieve.object,
        query,
        joint,
        later,
    };
    Ok(Html(page).into_response())
}

/// Every one, then each of `words` under `audit.KIND.WORD`.
fn choices(kind: &str, words: &[&str], chosen: &str) -> Vec<Choice> {
    let every = Choice::new("", TEXTS.text("audit.every"), chosen.is_empty());
    let each = words.iter().map(|word| {
        Choice::new(word, TEXTS.text(&format!("audit.{kind}.{word}")), *word == chosen)
    });
    std::iter::once(every).chain(each).collect()
}

/// Saves what was searched for, however long the period is.
pub async fn export(State(site): State<Site>, who: Who, query: QueryData) -> PageResult {
    super::allowed(&who)?;
    let sieve = Sieve::of(&query.0);
    let asked = sieve.clone();
    let filter = site.store.read(move |db| asked.filter(db)).await?;
    let conditions = sieve.query().trim_start_matches('?').to_owned();
    let by = who.by(&site);
    site.store
        .write(move |tx| audit::taken_out(tx, &by, "audit.taken", "log", "", &conditions))
        .await?;
    let wanted = Wanted { zone: sieve.zone, filter, with_names: true };
    Ok(Asked { name: "audit", wanted, encoding: encoding(&query.0) }.send(&site))
}
