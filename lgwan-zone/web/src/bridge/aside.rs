//! 保留: items that were set aside; taking one in again, or giving it up.

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse as _;
use domain::identity::{Action, Object};
use lgwan_zone_store::lanes::{self, Lane, Position, Quarantined, Redriven};
use platform_web::{CsrfForm, Html, PageResult, QueryData, Reply, Visitor, see_other};

use super::history::number;
use super::{lane_word, missing};
use crate::frame::{Frame, Place};
use crate::guard::Who;
use crate::site::Site;
use crate::words;

/// Items shown, the newest; more are counted.
const SHOWN: u32 = 200;
/// Longest reason kept, in characters.
const LONGEST: usize = 500;

#[derive(Template)]
#[template(path = "bridge/aside.html")]
struct AsidePage {
    frame: Frame,
    rows: Vec<Row>,
    /// How many there are and how many of them stand here; `None` where all do.
    cut: Option<(String, String)>,
    can_run: bool,
}

struct Row {
    lane: String,
    /// `lane epoch seq idx`, as the form sends it back.
    place: String,
    number: String,
    address: String,
    reason: String,
    at: String,
}

/// Lists the items.
pub async fn get(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    query: QueryData,
) -> PageResult {
    who.may(Action::ReadOperations, &Object::Operations)?;
    let (count, all) =
        site.store.read(|db| Ok((lanes::set_aside(db)?, lanes::quarantined(db, SHOWN)?))).await?;
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    let cut =
        (count > i64::from(SHOWN)).then(|| (words::count(count), words::count(i64::from(SHOWN))));
    let page = AsidePage {
        frame: Frame::of(&site, &who, &visitor, Place::Bridge).said(&query, "bridge"),
        rows: all.into_iter().map(row).collect(),
        cut,
        can_run: who.can(Action::RunOperations, &Object::Operations),
    };
    Ok(Html(page).into_response())
}

fn row(one: Quarantined) -> Row {
    Row {
        lane: lane_word(one.lane),
        place: format!("{} {} {} {}", one.lane, one.epoch, one.seq, one.idx),
        number: format!("{} / {}", number(one.epoch, one.seq), one.idx + 1),
        address: format!("/bridge/lanes/{}/{}/{}", one.lane, one.epoch, one.seq),
        reason: one.reason,
        at: words::second(one.at),
    }
}

/// Takes an item in again, or gives it up with a reason.
pub async fn post(State(site): State<Site>, who: Who, CsrfForm(form): CsrfForm) -> PageResult {
    who.may(Action::RunOperations, &Object::Operations)?;
    let (lane, at) = place(form.text("place")).ok_or_else(missing)?;
    let by = who.by(&site);
    if form.text("act") == "redrive" {
        let done = site.store.write(move |tx| lanes::redrive(tx, &by, lane, at)).await?;
        return match done {
            Redriven::Done => Ok(see_other("/bridge/aside?said=redriven")),
            Redriven::Elsewhere => {
                Err(Reply::conflict("bridge.elsewhere").link("/bridge/aside".to_owned()).into())
            }
            Redriven::Missing => Err(missing()),
        };
    }
    let why: String = form.text("why").trim().chars().take(LONGEST).collect();
    if why.is_empty() {
        return Err(Reply::conflict("bridge.no_reason").link("/bridge/aside".to_owned()).into());
    }
    if site.store.write(move |tx| lanes::discard(tx, &by, lane, at, &why)).await? {
        Ok(see_other("/bridge/aside?said=discarded"))
    } else {
        Err(missing())
    }
}

fn place(text: &str) -> Option<(Lane, Position)> {
    let mut words = text.split(' ');
    let lane = Lane::from_word(words.next()?)?;
    let at = Position {
        epoch: words.next()?.parse().ok()?,
        seq: words.next()?.parse().ok()?,
        idx: words.next()?.parse().ok()?,
    };
    words.next().is_none().then_some((lane, at))
}
