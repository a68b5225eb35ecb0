//! Counter terminals (窓口端末): one browser in the town hall, used by one person after the other,
//! also by people without card, account or address (IK-2.1.2a2).
//!
//! ```text
//!  /terminal, the code typed once ─► cookie ─► around: this request is at "市民課 1番"
//!                                                │ larger targets, no way out, nothing to save
//!        ┌──────────────┬────────────────────────┴──────────────┐
//!   終了 pressed    nobody touched it:                     「スマートフォンで続ける」
//!        │          still there? ─► over                  a code to scan, or a mail
//!        └──────► wiped ◄────────────────────────────────────────┘
//! ```
//!
//! The name of a terminal is no secret and proves nothing about a person: what a browser with the
//! cookie may do more than others is to apply without an address. What it may do less is the point.

mod away;
pub(crate) mod end;
pub(crate) mod hand_over;
pub(crate) mod receipt;
pub(crate) mod setup;
pub(crate) mod still;
pub(crate) mod take_over;

use std::sync::Arc;

use axum::extract::{FromRequestParts, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::request::Parts;
use http::{HeaderMap, HeaderValue};
use internet_zone_store::vault::token_hash;
use platform_web::cookies::{self, Cookie};
use platform_web::{Reply, Trouble};

use crate::caller::{SESSION_COOKIE, VISITOR_COOKIE};
use crate::reader::{self, View};
use crate::site::{Site, Terminal};
use crate::urls;

/// Name of the cookie that makes a browser a terminal; it holds the code.
const COOKIE: &str = "__Host-madoguchi-terminal";
/// As long as browsers keep a cookie at most: 400 days. Every end of a visit renews it.
const SECONDS: u32 = 400 * 24 * 60 * 60;
/// What one person leaves in the browser: the session, the form tokens, the language.
const OF_A_VISIT: [&str; 3] = [SESSION_COOKIE, VISITOR_COOKIE, reader::COOKIE];
/// Seconds a session outlives the time shown on the page, for a slow line.
const SLACK: i64 = 20;

tokio::task_local! {
    static HERE: Here;
}

/// The terminal a request comes from.
#[derive(Clone, Debug)]
pub(crate) struct Here {
    /// The terminal.
    pub(crate) terminal: Arc<Terminal>,
    /// The code in its cookie.
    code: String,
    /// Whether the browser holds anything of a visit.
    used: bool,
}

/// What every page shows at a terminal.
#[derive(Debug)]
pub(crate) struct Bar {
    /// What the town calls it.
    pub(crate) name: String,
    /// Seconds without a touch before it asks.
    pub(crate) idle: i64,
    /// Seconds it asks.
    pub(crate) warn: i64,
    /// Seconds and address, for browsers without script; empty where nothing is left to wipe.
    pub(crate) leave: String,
    /// Without script the page asks itself, by a button that saves what is typed on it.
    pub(crate) keeps: bool,
}

impl Bar {
    /// The same on a page with something to save: the question stands on it, so that going on loses
    /// nothing, and the page leads to the end by itself.
    pub(crate) fn keeping(self) -> Self {
        let leave = format!("{};url={}", self.idle + self.warn, urls::OVER);
        Self { leave, keeps: true, ..self }
    }
}

/// The terminal the request at hand comes from; `None` elsewhere and outside a request.
pub(crate) fn here() -> Option<Here> {
    HERE.try_with(Here::clone).ok()
}

/// Whether the request at hand comes from a terminal.
pub(crate) fn is_here() -> bool {
    HERE.try_with(|_| ()).is_ok()
}

/// Microseconds after which a session ends at the terminal at hand, whatever its browser does.
pub(crate) fn idle() -> Option<i64> {
    here().map(|here| {
        let Terminal { idle_seconds, warn_seconds, .. } = *here.terminal;
        (idle_seconds + warn_seconds + SLACK) * 1_000_000
    })
}

/// What the page at hand shows.
pub(crate) fn bar() -> Option<Bar> {
    let here = here()?;
    let page = View::now();
    let rests = page.here() == urls::HOME && !here.used || page.here().starts_with(urls::ENDED);
    let leave = || {
        format!(
            "{};url={}?back={}",
            here.terminal.idle_seconds,
            urls::STILL,
            urls::encode(page.here())
        )
    };
    Some(Bar {
        name: here.terminal.name.clone(),
        idle: here.terminal.idle_seconds,
        warn: here.terminal.warn_seconds,
        leave: if rests { String::new() } else { leave() },
        keeps: false,
    })
}

/// Refuses files to save: the next person would find them.
pub(crate) fn may_take_away(back: String) -> Result<(), Reply> {
    if is_here() { Err(Reply::forbidden("terminals.no_files").link(back)) } else { Ok(()) }
}

/// Outermost but for the language: finds out whether a terminal asks, and keeps what it gets from
/// being kept or left.
pub(crate) async fn around(State(site): State<Site>, request: Request, next: Next) -> Response {
    let Some(here) = of(&site, request.headers()) else { return next.run(request).await };
    let mut answer = HERE.scope(here, next.run(request)).await;
    let headers = answer.headers_mut();
    // Style sheets, scripts and pictures of the release are nobody's.
    let ours = |rule: &HeaderValue| rule.to_str().is_ok_and(|rule| rule.contains("immutable"));
    if !headers.get(CACHE_CONTROL).is_some_and(ours) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    let media = headers.get(CONTENT_TYPE).and_then(|media| media.to_str().ok());
    if media.is_some_and(|media| media.starts_with("text/html")) {
        reader::rewritten(answer, away::bare).await
    } else {
        answer
    }
}

fn of(site: &Site, headers: &HeaderMap) -> Option<Here> {
    let code = cookies::read(headers, COOKIE)?;
    let terminal = with_code(site, code)?;
    let used = OF_A_VISIT.into_iter().any(|name| cookies::read(headers, name).is_some());
    Some(Here { terminal, code: code.to_owned(), used })
}

/// The terminal of a code. The codes are 256 random bits, so their hashes may be compared plainly.
fn with_code(site: &Site, code: &str) -> Option<Arc<Terminal>> {
    if !code.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    let hash = token_hash(code);
    site.terminals.iter().find(|terminal| terminal.code_hash == hash).cloned()
}

/// The cookie that makes a browser a terminal. No other site leads here from a terminal.
fn cookie(code: &str) -> Cookie {
    Cookie::new(COOKIE, code).strict().for_seconds(SECONDS)
}

impl FromRequestParts<Site> for Here {
    type Rejection = Trouble;

    /// Pages of terminals are nowhere else.
    async fn from_request_parts(_: &mut Parts, _: &Site) -> Result<Self, Trouble> {
        here().ok_or_else(|| Reply::not_found("web.not_found").into())
    }
}
