//! How long pages take (NB-9, NN-15): counted in classes beside how they are used, nobody told apart.
//! Counted is what a person waits for, a page or the way to the next one; not a file, and not a form
//! that carries files, whose time is that of the line.

use std::time::Instant;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use domain::speed::Speed;
use http::HeaderMap;
use http::header::CONTENT_TYPE;

use crate::site::Site;

/// Answers, and counts how long it took.
pub(crate) async fn around(State(site): State<Site>, request: Request, next: Next) -> Response {
    let with_files = is(request.headers(), "multipart/");
    let begun = Instant::now();
    let answer = next.run(request).await;
    let page = is(answer.headers(), "text/html") || answer.status().is_redirection();
    if page && !with_files {
        site.counts("", Speed::of(begun.elapsed().as_millis()).into());
    }
    answer
}

fn is(headers: &HeaderMap, kind: &str) -> bool {
    let media = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    media.is_some_and(|media| media.starts_with(kind))
}
