//! 削除の記録: the tombstones of what went, newest first, found by number.

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse as _;
use domain::retention::Class;
use lgwan_zone_store::audit::Verdict;
use lgwan_zone_store::identity::staff;
use lgwan_zone_store::retention::{self, Graves, Tombstone};
use platform_web::{Html, PageResult, QueryData, Visitor};

use super::class_words;
use crate::frame::{Frame, Place};
use crate::guard::Who;
use crate::site::Site;
use crate::words;

/// Tombstones of a page.
const PAGE: usize = 100;

#[derive(Template)]
#[template(path = "retention/gone.html")]
struct Page {
    frame: Frame,
    number: String,
    rows: Vec<Row>,
    earlier: Option<String>,
    /// What a check of all of them found: `None` when it was not asked for.
    checked: Option<Result<String, i64>>,
}

struct Row {
    seq: i64,
    at: String,
    class: &'static str,
    label: String,
    ended: String,
    rule: String,
    proposer: String,
    approver: String,
    content: String,
}

/// Shows what went.
pub async fn get(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    QueryData(form): QueryData,
) -> PageResult {
    super::allowed(&who)?;
    let number = form.text("number").trim().to_owned();
    let which = Graves {
        label: (!number.is_empty()).then(|| number.clone()),
        before: form.text("before").parse().ok(),
    };
    let verdict = match form.text("check") {
        "1" => Some(retention::verify(&site.store, site.checkpoints.clone()).await?),
        _ => None,
    };
    let (stones, people) = site
        .store
        .read(move |db| {
            let most = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
            let stones = retention::tombstones(db, &which, most)?;
            let ids: Vec<String> = stones
                .iter()
                .flat_map(|one| [one.proposer.clone(), one.approver.clone()])
                .collect();
            let people = staff::names(db, &ids)?;
            Ok((stones, people))
        })
        .await?;
    let name = |id: &str| {
        let person = people.iter().find(|person| person.0 == id);
        person.map_or_else(|| id.to_owned(), |person| person.2.clone())
    };
    let more = stones.len() > PAGE;
    let rows: Vec<Row> = stones.iter().take(PAGE).map(|one| row(one, name)).collect();
    let last = rows.last().map(|row| row.seq).filter(|_| more);
    let page = Page {
        frame: Frame::of(&site, &who, &visitor, Place::Retention),
        earlier: last.map(|seq| {
            format!("/retention/tombstones?before={seq}&number={}", words::in_query(&number))
        }),
        number,
        rows,
        checked: verdict.map(|verdict| match verdict {
            Verdict::Whole { events, .. } => Ok(words::count(events)),
            Verdict::Broken { seq, why } => {
                tracing::error!(seq, why, "the tombstones are not as they were written");
                Err(seq)
            }
        }),
    };
    Ok(Html(page).into_response())
}

fn row(one: &Tombstone, name: impl Fn(&str) -> String) -> Row {
    Row {
        seq: one.seq,
        at: words::stored(one.at),
        class: Class::parse(&one.class).map_or("", class_words),
        label: one.label.clone(),
        ended: words::stored(one.ended_at),
        rule: one.rule.clone(),
        proposer: name(&one.proposer),
        approver: name(&one.approver),
        content: hex(&one.content),
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
