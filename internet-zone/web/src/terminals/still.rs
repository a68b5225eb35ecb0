//! Is somebody there? Asked by script above the page, and without script by a page of its own
//! that counts down by loading itself again.

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::header::CONTENT_TYPE;
use http::{HeaderValue, StatusCode};
use platform_web::html::is_own_path;
use platform_web::{Html, PageResult, QueryData, Trouble, see_other};

use super::Here;
use crate::caller::Caller;
use crate::frame::Frame;
use crate::site::Site;
use crate::texts::TEXTS;
use crate::urls;

/// Seconds between two numbers of the countdown.
const STEP: i64 = 10;

#[derive(askama::Template)]
#[template(path = "terminals/still.html")]
struct Page<'a> {
    frame: Frame<'a>,
    left: i64,
    back: String,
}

/// Asks, and counts down. It leaves the session alone, so that asking keeps nobody signed in.
pub(crate) async fn get(
    at: Here,
    State(site): State<Site>,
    QueryData(asked): QueryData,
) -> PageResult {
    let warn = at.terminal.warn_seconds;
    let left = asked.text("left").parse().unwrap_or(warn).min(warn);
    if left <= 0 {
        return Ok(see_other(urls::OVER));
    }
    let back = asked.text("back");
    let back = if is_own_path(back) { back } else { urls::HOME }.to_owned();
    let step = left.min(STEP);
    let after = match left - step {
        0 => urls::OVER.to_owned(),
        rest => format!("{}?left={rest}&back={}", urls::STILL, urls::encode(&back)),
    };
    let frame = Frame::plain(&site, None, TEXTS.text("terminals.still.title"));
    let frame = frame.leading(format!("{step};url={after}"));
    Ok(Html(Page { frame, left, back }).into_response())
}

/// When the question of a page that saves stands on it, for browsers without script.
pub(crate) async fn css(at: Here) -> Response {
    let rule = format!(".terminal-ask{{animation-delay:{}s!important}}", at.terminal.idle_seconds);
    ([(CONTENT_TYPE, HeaderValue::from_static("text/css; charset=utf-8"))], rule).into_response()
}

/// Somebody types or reads on a page without sending anything: the session lives on.
pub(crate) async fn here(_: Here, _: Caller) -> Result<Response, Trouble> {
    Ok(StatusCode::NO_CONTENT.into_response())
}
