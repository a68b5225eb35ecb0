//! 配信・集信履歴: how far each lane is, what an operator must hear of, every bundle.

pub mod alarms;
pub mod aside;
pub mod bundle;
pub mod history;

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse as _;
use domain::identity::{Action, Object};
use jiff::Timestamp;
use lgwan_zone_store::lanes::{self, Lane, Receiving, Sending};
use platform_service::halts::Halt;
use platform_web::{Html, PageResult, Reply, Trouble, Visitor};

use crate::frame::{Frame, Place};
use crate::guard::Who;
use crate::site::{SignerSeen, Site, SpoolSeen, TEXTS};
use crate::words;

#[derive(Template)]
#[template(path = "bridge/status.html")]
struct StatusPage {
    frame: Frame,
    stops: Vec<Stop>,
    needs: Vec<String>,
    aside: u64,
    /// What is known of folder, disk and keys.
    facts: Vec<String>,
    tables: Vec<Table>,
}

struct Table {
    title: String,
    heads: Vec<String>,
    rows: Vec<Row>,
}

/// One lane.
struct Row {
    /// Its history; none when this zone has none of its bundles.
    history: Option<String>,
    cells: Vec<(String, String)>,
}

/// A lane that stopped while the service goes on.
struct Stop {
    lane: String,
    at: String,
    why: String,
}

const SENT: [&str; 11] = [
    "bridge.lane",
    "bridge.head",
    "bridge.ingested",
    "bridge.backed_up",
    "bridge.waiting",
    "bridge.waiting_bytes",
    "bridge.oldest",
    "bridge.receipt_at",
    "bridge.refused",
    "bridge.signer",
    "bridge.running",
];
const RECEIVED: [&str; 9] = [
    "bridge.lane",
    "bridge.seq",
    "bridge.at",
    "bridge.gaps",
    "bridge.waiting_parts",
    "bridge.aside",
    "bridge.rejected",
    "bridge.signer",
    "bridge.running",
];

/// Shows the lanes.
pub async fn get(State(site): State<Site>, who: Who, visitor: Visitor) -> PageResult {
    who.may(Action::ReadOperations, &Object::Operations)?;
    let status = site.store.read(lanes::status).await?;
    let halts = site.halts.all();
    let seen = (site.spool_seen)();
    let tables = vec![
        table(
            "bridge.sending",
            &SENT,
            status
                .sending
                .iter()
                .map(|one| (Some(one.lane), sending(one, &seen, &halts)))
                .collect(),
        ),
        table(
            "bridge.receiving",
            &RECEIVED,
            status
                .receiving
                .iter()
                .map(|one| {
                    // What is known of `raw` comes from the stamps of `in`.
                    let here = (one.lane != Lane::Raw).then_some(one.lane);
                    (here, receiving(one, &seen, (&halts, site.clock.now())))
                })
                .collect(),
        ),
    ];
    let needs = site.halts.warnings().iter().map(alarms::need).collect();
    let aside = status.receiving.iter().map(|one| one.quarantined).sum();
    let stops = Lane::ALL.iter().filter_map(|lane| stop(*lane, &halts)).collect();
    let frame = Frame::of(&site, &who, &visitor, Place::Bridge);
    let facts = facts(&seen);
    Ok(Html(StatusPage { frame, stops, needs, aside, facts, tables }).into_response())
}

/// How full the folder is, how long its disk takes, and which key set is in use.
fn facts(seen: &SpoolSeen) -> Vec<String> {
    let room = seen.used.map(|(disk, backlog)| {
        TEXTS.fill("bridge.page.status.room", &[("disk", &disk), ("backlog", &backlog)])
    });
    let sync = seen.sync.map(|(micros, count)| {
        let ms = format!("{}.{}", micros / 1_000, micros % 1_000 / 100);
        TEXTS.fill("bridge.page.status.sync", &[("ms", &ms), ("count", &count)])
    });
    let keys = TEXTS.fill("bridge.page.status.keys", &[("version", &seen.key_set)]);
    room.into_iter().chain(sync).chain([keys]).collect()
}

/// The key that signs the next bundle of a lane, and until which number.
fn signer(seen: &SpoolSeen, lane: Lane, next: u64) -> String {
    let signs = |one: &&SignerSeen| one.lane == lane && (one.from..=one.until).contains(&next);
    let Some(one) = seen.signers.iter().rev().find(signs) else { return none() };
    let key = match one.until {
        u64::MAX => "bridge.signs",
        _ => "bridge.signs_until",
    };
    TEXTS.fill(key, &[("key", &one.key), ("from", &one.from), ("until", &one.until)])
}

fn table(title: &str, heads: &[&str], rows: Vec<(Option<Lane>, Vec<String>)>) -> Table {
    let heads: Vec<String> = heads.iter().map(|key| TEXTS.text(key).to_owned()).collect();
    let named = |(lane, cells): (Option<Lane>, Vec<String>)| Row {
        history: lane.map(|lane| format!("/bridge/lanes/{lane}")),
        cells: heads.iter().cloned().zip(cells).collect(),
    };
    Table {
        title: TEXTS.text(title).to_owned(),
        rows: rows.into_iter().map(named).collect(),
        heads,
    }
}

fn sending(one: &Sending, seen: &SpoolSeen, halts: &[Halt]) -> Vec<String> {
    vec![
        lane_word(one.lane),
        one.head_seq.to_string(),
        one.ingested_seq.to_string(),
        one.backup_seq.to_string(),
        (one.waiting + one.unconfirmed).to_string(),
        words::bytes(i64::try_from(one.bytes).unwrap_or(i64::MAX)),
        one.oldest.map_or_else(none, words::second),
        one.receipt_at.map_or_else(none, words::second),
        one.set_aside.to_string(),
        signer(seen, one.lane, one.head_seq.saturating_add(1)),
        running(halt_of(one.lane, halts).is_some()),
    ]
}

/// A gap that a file leaves which takes long to rebuild is none for so many seconds.
const PATIENCE: i64 = 60;

fn receiving(one: &Receiving, seen: &SpoolSeen, (halts, now): (&[Halt], Timestamp)) -> Vec<String> {
    let lasts = one.gaps_since.is_some_and(|since| now.as_second() - since.as_second() >= PATIENCE);
    let gaps: Vec<String> =
        one.gaps.iter().filter(|_| lasts).map(|(first, last)| format!("{first}-{last}")).collect();
    vec![
        lane_word(one.lane),
        one.seq.to_string(),
        words::second(one.at),
        if gaps.is_empty() { none() } else { gaps.join(TEXTS.text("frame.and")) },
        one.waiting_parts.to_string(),
        one.quarantined.to_string(),
        seen.refused
            .iter()
            .find(|(lane, _)| *lane == one.lane && one.lane != Lane::Raw)
            .map_or_else(none, |(_, count)| count.to_string()),
        signer(seen, one.lane, one.seq.saturating_add(1)),
        running(one.halted.is_some() || halt_of(one.lane, halts).is_some()),
    ]
}

fn halt_of(lane: Lane, halts: &[Halt]) -> Option<&Halt> {
    halts.iter().find(|halt| halt.part == format!("lane {lane}"))
}

fn stop(which: Lane, halts: &[Halt]) -> Option<Stop> {
    let halt = halt_of(which, halts)?;
    Some(Stop {
        lane: lane_word(which),
        at: words::second(halt.at),
        why: alarms::why(halt.code).to_owned(),
    })
}

fn running(stopped: bool) -> String {
    TEXTS.text(if stopped { "bridge.halted" } else { "bridge.runs" }).to_owned()
}

fn none() -> String {
    TEXTS.text("bridge.none").to_owned()
}

fn missing() -> Trouble {
    Reply::not_found("bridge.missing").into()
}

/// What operators call a lane.
fn lane_word(lane: Lane) -> String {
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
