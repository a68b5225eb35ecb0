//! Whether the logs are as they were written.

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse as _;
use lgwan_zone_store::audit::{self, Verdict, Zone};
use platform_web::{Html, PageResult, Visitor};

use super::line;
use crate::frame::{Frame, Place};
use crate::guard::Who;
use crate::site::Site;
use crate::words;

#[derive(Template)]
#[template(path = "audit/verify.html")]
struct VerifyPage {
    frame: Frame,
    walks: Vec<Walk>,
    at: String,
}

/// What came of one log.
struct Walk {
    /// Whose log.
    zone: &'static str,
    bad: Option<i64>,
    events: String,
    head: Option<String>,
}

/// Walks both logs whole.
pub async fn verify(State(site): State<Site>, who: Who, visitor: Visitor) -> PageResult {
    super::allowed(&who)?;
    let key = site.checkpoints.clone();
    let verdicts = site
        .store
        .read(move |db| Ok([audit::verify(db, key.as_deref())?, audit::verify_mirror(db)?]))
        .await?;
    let walks: Vec<Walk> = Zone::ALL.into_iter().zip(verdicts).map(walk).collect();
    let told: Vec<String> = walks
        .iter()
        .map(|walk| match walk.bad {
            None => format!("{} events", walk.events),
            Some(bad) => format!("bad: {bad}"),
        })
        .collect();
    let (by, detail) = (who.by(&site), told.join(", "));
    site.store
        .write(move |tx| audit::taken_out(tx, &by, "audit.verified", "log", "", &detail))
        .await?;
    let page = VerifyPage {
        frame: Frame::of(&site, &who, &visitor, Place::Audit),
        walks,
        at: words::second(site.clock.now()),
    };
    Ok(Html(page).into_response())
}

fn walk((zone, verdict): (Zone, Verdict)) -> Walk {
    let zone = line::zone(zone);
    match verdict {
        Verdict::Whole { events, head } => {
            Walk { zone, bad: None, events: words::count(events), head: Some(hex(&head)) }
        }
        Verdict::Broken { seq, why } => {
            tracing::error!(seq, why, "an operation log is not as it was written");
            Walk { zone, bad: Some(seq), events: words::count(seq - 1), head: None }
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
