//! The two places where a request meets its view.

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use domain::forms::definition::Lang;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{Method, StatusCode};
use platform_web::see_other;

use super::marks;
use super::view::{VIEW, View};
use crate::device::{DEVICE, Device};
use crate::texts;

/// Outermost: everything below reads the language of this visitor.
pub(crate) async fn around(request: Request, next: Next) -> Response {
    let view = View::of(request.method(), request.uri(), request.headers());
    let lang = view.lang;
    let device = Device::of(request.headers());
    let answer = DEVICE.scope(device, VIEW.scope(view, next.run(request))).await;
    if lang == Lang::Ja { answer } else { unmarked(answer, lang).await }
}

/// Innermost: an address that wishes a language, a size or furigana sets the cookie and leads to
/// the same page without the wish. Nothing but this visitor's view changes, so it may be a link.
pub(crate) async fn choose(request: Request, next: Next) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let wished = request.uri().query().filter(|_| reads).and_then(|q| View::now().wished(q));
    let Some((view, rest)) = wished else { return next.run(request).await };
    let path = request.uri().path();
    let mut answer =
        see_other(if rest.is_empty() { path.to_owned() } else { format!("{path}?{rest}") });
    view.cookie().set_on(&mut answer);
    answer
}

/// Pages get elements for the marks, what scripts read gets none.
async fn unmarked(answer: Response, lang: Lang) -> Response {
    let media = answer.headers().get(CONTENT_TYPE).and_then(|media| media.to_str().ok());
    let page = media.is_some_and(|media| media.starts_with("text/html"));
    if !page && !media.is_some_and(|media| media.starts_with("application/json")) {
        return answer;
    }
    let note = || texts::in_language(lang, false).text("home.view.partly");
    rewritten(answer, |text| if page { marks::drawn(text, note()) } else { marks::without(text) })
        .await
}

/// An answer whose text is changed as a whole. It is in memory already: made by a template, or
/// from a value.
pub(crate) async fn rewritten(answer: Response, change: impl FnOnce(&str) -> String) -> Response {
    let (mut head, body) = answer.into_parts();
    let Ok(bytes) = to_bytes(body, usize::MAX).await else {
        head.status = StatusCode::INTERNAL_SERVER_ERROR;
        return Response::from_parts(head, Body::empty());
    };
    let text = change(&String::from_utf8_lossy(&bytes));
    head.headers.remove(CONTENT_LENGTH);
    Response::from_parts(head, Body::from(text))
}
