//! 配信履歴 and 集信履歴 of one lane, newest first.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use domain::identity::{Action, Object};
use lgwan_zone_store::lanes::{self, Before, Lane, ReceivedBundle, SentBundle};
use platform_web::{Html, PageResult, QueryData, Visitor};

use super::{lane_word, missing};
use crate::frame::{Frame, Place};
use crate::guard::Who;
use crate::site::{Site, TEXTS};
use crate::words;

/// Bundles on one page.
const PAGE: u32 = 50;

#[derive(Template)]
#[template(path = "bridge/history.html")]
struct HistoryPage {
    frame: Frame,
    title: String,
    lane: &'static str,
    rows: Vec<Row>,
    older: Option<String>,
}

/// One bundle.
struct Row {
    /// Address of its page, below the lane's.
    place: String,
    number: String,
    code: String,
    tone: &'static str,
    /// 件数(予定): what the bundle holds.
    expected: String,
    /// 件数(取込): what was taken in of it; nobody knows before the receipt.
    actual: String,
    bytes: String,
    made: String,
    taken: String,
}

/// Shows the bundles of a lane.
pub async fn get(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    query: QueryData,
    Path(lane): Path<String>,
) -> PageResult {
    who.may(Action::ReadOperations, &Object::Operations)?;
    let lane = Lane::from_word(&lane).ok_or_else(missing)?;
    let before = Before::parse(query.0.text("before"));
    let (sent, received) = site
        .store
        .read(move |db| {
            let sent = lanes::sent_before(db, lane, before, PAGE + 1)?;
            Ok((sent, lanes::received_before(db, lane, before, PAGE + 1)?))
        })
        .await?;
    let title = TEXTS.fill(
        if sent.is_empty() { "bridge.page.history.received" } else { "bridge.page.history.sent" },
        &[("lane", &lane_word(lane))],
    );
    let mut rows: Vec<Row> =
        sent.iter().map(sent_row).chain(received.iter().map(received_row)).collect();
    let more = rows.len() > PAGE as usize;
    rows.truncate(PAGE as usize);
    let older = rows
        .last()
        .filter(|_| more)
        .map(|last| format!("/bridge/lanes/{lane}?before={}", last.place.replace('/', "-")));
    let frame = Frame::of(&site, &who, &visitor, Place::Bridge);
    Ok(Html(HistoryPage { frame, title, lane: lane.word(), rows, older }).into_response())
}

fn sent_row(one: &SentBundle) -> Row {
    let in_part = one.set_aside > 0 && one.ingested_at.is_some();
    let (code, tone) = code(if in_part { "ingested_in_part" } else { &one.state });
    Row {
        place: format!("{}/{}", one.epoch, one.seq),
        number: number(one.epoch, one.seq),
        code,
        tone,
        expected: one.items.to_string(),
        actual: one.ingested_at.map_or_else(unknown, |_| taken_in(one.items, one.set_aside)),
        bytes: words::bytes(i64::try_from(one.bytes).unwrap_or(i64::MAX)),
        made: words::second(one.allocated_at),
        taken: one.ingested_at.map_or_else(String::new, words::second),
    }
}

fn received_row(one: &ReceivedBundle) -> Row {
    let (code, tone) = if one.set_aside == 0 { code("received") } else { code("received_in_part") };
    Row {
        place: format!("{}/{}", one.epoch, one.seq),
        number: number(one.epoch, one.seq),
        code,
        tone,
        expected: one.items.to_string(),
        actual: taken_in(one.items, one.set_aside),
        bytes: words::bytes(i64::try_from(one.bytes).unwrap_or(i64::MAX)),
        made: if one.clock_back {
            let at = words::second(one.sent_at);
            TEXTS.fill("bridge.page.history.clock_back", &[("at", &at)])
        } else {
            words::second(one.sent_at)
        },
        taken: words::second(one.ingested_at),
    }
}

/// 件数(取込): what is not set aside of the items of a bundle.
fn taken_in(items: u32, aside: u32) -> String {
    match aside {
        0 => items.to_string(),
        aside => TEXTS.fill(
            "bridge.page.history.and_aside",
            &[("items", &items.saturating_sub(aside)), ("aside", &aside)],
        ),
    }
}

fn unknown() -> String {
    TEXTS.text("bridge.page.history.unknown").to_owned()
}

/// 世代 and number, as operators say them.
pub(super) fn number(epoch: u32, seq: u64) -> String {
    format!("{epoch}-{seq:06}")
}

/// 完了コード with its word, and its colour.
pub(super) fn code(state: &str) -> (String, &'static str) {
    let tone = match state {
        "ingested" | "released" | "received" => "good",
        "received_in_part" | "ingested_in_part" => "bad",
        _ => "wait",
    };
    (TEXTS.text(&format!("bridge.code.{state}")).to_owned(), tone)
}
