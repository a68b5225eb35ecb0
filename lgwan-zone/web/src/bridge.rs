//! 配信・集信履歴: how far each lane is.

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse as _;
use domain::identity::{Action, Object};
use lgwan_zone_store::lanes::{self, Lane, Receiving, Sending};
use platform_web::{Html, PageResult, Visitor};

use crate::frame::{Frame, Place};
use crate::guard::Who;
use crate::site::{Site, TEXTS};
use crate::words;

#[derive(Template)]
#[template(path = "bridge/status.html")]
struct StatusPage {
    frame: Frame,
    tables: Vec<Table>,
}

struct Table {
    title: String,
    heads: Vec<String>,
    rows: Vec<Vec<(String, String)>>,
}

const SENT: [&str; 7] = [
    "bridge.lane",
    "bridge.head",
    "bridge.stored",
    "bridge.ingested",
    "bridge.waiting",
    "bridge.oldest",
    "bridge.receipt_at",
];
const RECEIVED: [&str; 6] =
    ["bridge.lane", "bridge.seq", "bridge.at", "bridge.gaps", "bridge.aside", "bridge.running"];

/// Shows the lanes.
pub async fn get(State(site): State<Site>, who: Who, visitor: Visitor) -> PageResult {
    who.may(Action::ReadOperations, &Object::Operations)?;
    let status = site.store.read(lanes::status).await?;
    let tables = vec![
        table("bridge.sending", &SENT, status.sending.iter().map(sending).collect()),
        table("bridge.receiving", &RECEIVED, status.receiving.iter().map(receiving).collect()),
    ];
    let frame = Frame::of(&site, &who, &visitor, Place::Bridge);
    Ok(Html(StatusPage { frame, tables }).into_response())
}

fn table(title: &str, heads: &[&str], rows: Vec<Vec<String>>) -> Table {
    let heads: Vec<String> = heads.iter().map(|key| TEXTS.text(key).to_owned()).collect();
    let named = |row: Vec<String>| heads.iter().cloned().zip(row).collect();
    Table {
        title: TEXTS.text(title).to_owned(),
        rows: rows.into_iter().map(named).collect(),
        heads,
    }
}

fn sending(one: &Sending) -> Vec<String> {
    vec![
        lane(one.lane),
        one.head_seq.to_string(),
        one.stored_seq.to_string(),
        one.ingested_seq.to_string(),
        (one.waiting + one.unconfirmed).to_string(),
        one.oldest.map_or_else(none, words::second),
        one.receipt_at.map_or_else(none, words::second),
    ]
}

fn receiving(one: &Receiving) -> Vec<String> {
    let gaps: Vec<String> =
        one.gaps.iter().map(|(first, last)| format!("{first}-{last}")).collect();
    vec![
        lane(one.lane),
        one.seq.to_string(),
        words::second(one.at),
        if gaps.is_empty() { none() } else { gaps.join(TEXTS.text("frame.and")) },
        one.quarantined.to_string(),
        TEXTS.text(if one.halted.is_some() { "bridge.halted" } else { "bridge.runs" }).to_owned(),
    ]
}

fn none() -> String {
    TEXTS.text("bridge.none").to_owned()
}

fn lane(lane: Lane) -> String {
    let key = match lane {
        Lane::Raw => "bridge.raw",
        Lane::In => "bridge.in",
        Lane::InBulk => "bridge.in_bulk",
        Lane::PubCtl => "bridge.pub_ctl",
        Lane::PubDoc => "bridge.pub_doc",
        Lane::Exp => "bridge.exp",
        Lane::Exr => "bridge.exr",
    };
    TEXTS.text(key).to_owned()
}
