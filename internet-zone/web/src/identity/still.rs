//! Staying: whoever only reads is asked before the session ends, and one press keeps it (JIS X 8341-3, 2.2.1).

use axum::extract::State;
use axum::response::IntoResponse as _;
use http::{HeaderMap, StatusCode};
use platform_web::{PageResult, QueryData};

use crate::caller;
use crate::site::Site;

/// Whether there is a session. Being asked, it goes on, as by every other page; with `look` it is left as
/// it is, and the answer is how many seconds it has without a request, and how many at most: another
/// window may have kept it.
pub(crate) async fn get(
    State(site): State<Site>,
    QueryData(asked): QueryData,
    headers: HeaderMap,
) -> PageResult {
    let looks = asked.has("look");
    let found = if looks {
        caller::look(&headers, &site).await?
    } else {
        caller::session(&headers, &site).await?
    };
    let Some(session) = found else { return Ok(StatusCode::UNAUTHORIZED.into_response()) };
    if !looks {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let now = site.micros();
    let seconds = |end: i64| (end - now) / 1_000_000;
    let idle = seconds(session.seen_at + caller::idle(&site));
    Ok(format!("{idle} {}", seconds(session.expires_at)).into_response())
}
