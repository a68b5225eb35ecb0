//! One bundle: its items, hashes and times, and sending it again (再送).

use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use domain::identity::{Action, Object};
use lgwan_zone_store::lanes::{self, Lane, OneBundle};
use platform_web::{CsrfForm, Html, PageResult, QueryData, Reply, Visitor, see_other};

use super::history::{code, number};
use super::{lane_word, missing};
use crate::frame::{Frame, Place};
use crate::guard::Who;
use crate::site::{Site, TEXTS};
use crate::words;

#[derive(Template)]
#[template(path = "bridge/bundle.html")]
struct BundlePage {
    frame: Frame,
    lane: &'static str,
    lane_word: String,
    number: String,
    address: String,
    code: String,
    tone: &'static str,
    hash: String,
    times: Vec<(String, String)>,
    items: Vec<Item>,
    can_replay: bool,
}

struct Item {
    uuid: String,
    kind: String,
    aside: bool,
}

/// Shows a bundle.
pub async fn get(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    query: QueryData,
    Path((lane, epoch, seq)): Path<(String, u32, u64)>,
) -> PageResult {
    who.may(Action::ReadOperations, &Object::Operations)?;
    let lane = Lane::from_word(&lane).ok_or_else(missing)?;
    let found = site.store.read(move |db| lanes::bundle(db, lane, epoch, seq)).await?;
    let bundle = found.ok_or_else(missing)?;
    let sent = bundle.state != "received";
    let aside = bundle.items.iter().any(|(_, _, state)| state == "quarantined");
    let (code, tone) = code(if aside { "received_in_part" } else { &bundle.state });
    let can_replay = sent
        && !["allocated", "released"].contains(&bundle.state.as_str())
        && who.can(Action::RunOperations, &Object::Operations);
    let page = BundlePage {
        frame: Frame::of(&site, &who, &visitor, Place::Bridge).said(&query, "bridge"),
        lane: lane.word(),
        lane_word: lane_word(lane),
        number: number(epoch, seq),
        address: format!("/bridge/lanes/{lane}/{epoch}/{seq}"),
        code,
        tone,
        hash: lanes::hex(&bundle.hash),
        times: times(&bundle),
        items: bundle.items.into_iter().map(|one| item(lane, one)).collect(),
        can_replay,
    };
    Ok(Html(page).into_response())
}

fn times(bundle: &OneBundle) -> Vec<(String, String)> {
    let time = |(what, at): &(&'static str, Option<jiff::Timestamp>)| {
        Some((TEXTS.text(&format!("bridge.time.{what}")).to_owned(), words::second((*at)?)))
    };
    bundle.times.iter().filter_map(time).collect()
}

fn item(lane: Lane, (uuid, kind, state): (String, u16, String)) -> Item {
    let kind = match lanes::kind_word(lane, kind) {
        Some(word) => TEXTS.text(&format!("bridge.kind.{word}")).to_owned(),
        None => TEXTS.fill("bridge.kind.other", &[("kind", &kind)]),
    };
    Item { uuid, kind, aside: state == "quarantined" }
}

/// Shows a sent bundle to the other side once more.
pub async fn replay(
    State(site): State<Site>,
    who: Who,
    Path((lane, epoch, seq)): Path<(String, u32, u64)>,
    CsrfForm(_): CsrfForm,
) -> PageResult {
    who.may(Action::RunOperations, &Object::Operations)?;
    let lane = Lane::from_word(&lane).ok_or_else(missing)?;
    let by = who.by(&site);
    let asked = site.store.write(move |tx| lanes::replay(tx, &by, lane, (epoch, seq))).await?;
    let page = format!("/bridge/lanes/{lane}/{epoch}/{seq}");
    if !asked {
        return Err(Reply::conflict("bridge.no_replay").link(page).into());
    }
    Ok(see_other(format!("{page}?said=replayed")))
}
