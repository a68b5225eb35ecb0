//! Staying: whoever only reads is asked before the session ends, and one press keeps it (JIS X 8341-3, 2.2.1).

use axum::response::{IntoResponse as _, Response};
use http::StatusCode;

use crate::caller::Caller;

/// Whether there is a session. Being asked, it goes on, as by every other page.
pub(crate) async fn get(caller: Caller) -> Response {
    let here = caller.session.is_some();
    if here { StatusCode::NO_CONTENT } else { StatusCode::UNAUTHORIZED }.into_response()
}
