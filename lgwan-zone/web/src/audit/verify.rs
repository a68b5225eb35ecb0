//! Whether the logs are as they were written.

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse as _;
use lgwan_zone_store::audit::{self, Log, Verdict, Zone};
use lgwan_zone_store::retention;
use platform_web::{Html, PageResult, Visitor};

use super::line;
use crate::frame::{Frame, Place};
use crate::guard::Who;
use crate::site::{Site, TEXTS};
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
    /// Whose log, or the tombstones.
    zone: &'static str,
    /// Number of the last event that went when its time was over.
    gone: Option<String>,
    bad: Option<i64>,
    events: String,
    head: Option<String>,
}

/// Walks both logs whole.
pub async fn verify(State(site): State<Site>, who: Who, visitor: Visitor) -> PageResult {
    super::allowed(&who)?;
    let key = site.checkpoints.clone();
    let own = audit::verify(&site.store, key.clone(), Log::Own).await?;
    let other = audit::verify(&site.store, None, Log::Other).await?;
    let stones = retention::verify(&site.store, key).await?;
    let floors =
        site.store.read(|db| Ok((audit::floor(db, Log::Own)?, audit::floor(db, Log::Other)?)));
    let (floor, floor_there) = floors.await?;
    let verdicts = [(floor, own), (floor_there, other), (0, stones)];
    let names = Zone::ALL.map(line::zone).into_iter();
    let names = names.chain([TEXTS.text("audit.page.verify.tombstones")]);
    let walks: Vec<Walk> =
        names.zip(verdicts).map(|(name, (gone, verdict))| walk(name, gone, verdict)).collect();
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

fn walk(zone: &'static str, floor: i64, verdict: Verdict) -> Walk {
    let gone = (floor > 0).then(|| words::count(floor));
    let events = |last: i64| words::count((last - floor).max(0));
    match verdict {
        Verdict::Whole { events: last, head } => {
            Walk { zone, gone, bad: None, events: events(last), head: Some(hex(&head)) }
        }
        Verdict::Broken { seq, why } => {
            tracing::error!(seq, why, "an operation log is not as it was written");
            Walk { zone, gone, bad: Some(seq), events: events(seq - 1), head: None }
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
