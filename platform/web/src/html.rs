//! Pages made by askama templates, and redirects.

use askama::Template;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, LOCATION};
use http::{HeaderValue, StatusCode};

use crate::result::Fault;

/// A page. Values in it are escaped by the template engine (MN-7.2).
///
/// For another status: `(StatusCode::UNPROCESSABLE_ENTITY, Html(page))`.
#[derive(Debug)]
pub struct Html<T>(pub T);

impl<T: Template> IntoResponse for Html<T> {
    fn into_response(self) -> Response {
        match self.0.render() {
            Ok(text) => page(text),
            Err(error) => Fault::from(error).into_response(),
        }
    }
}

/// An answer of finished HTML.
pub(crate) fn page(text: String) -> Response {
    let mut answer = Response::new(text.into());
    let media = HeaderValue::from_static("text/html; charset=utf-8");
    answer.headers_mut().insert(CONTENT_TYPE, media);
    answer
}

/// Sends the browser to an own path with GET, after a POST that did its work.
///
/// Anything but an own path (`//host`, `https:`, `\`, control characters) leads
/// to the start page instead: a redirect never leaves the service.
#[must_use]
pub fn see_other(path: impl AsRef<str>) -> Response {
    let path = path.as_ref();
    let target = if is_own_path(path) { path } else { "/" };
    let target = HeaderValue::from_str(target).unwrap_or(HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(LOCATION, target)]).into_response()
}

/// As [`see_other`], after signing out: the browser forgets what it kept of us, so
/// that the next person at a shared computer finds nothing (IK-3.5.2b). Add the
/// expired session cookie.
#[must_use]
pub fn see_other_signed_out(path: impl AsRef<str>) -> Response {
    let mut answer = see_other(path);
    let what = HeaderValue::from_static("\"cache\", \"storage\"");
    answer.headers_mut().insert("clear-site-data", what);
    answer
}

/// Whether `path` stays on this service: starts with one `/`, ASCII, no `\`,
/// no control character or space.
#[must_use]
pub fn is_own_path(path: &str) -> bool {
    path.starts_with('/')
        && !path.starts_with("//")
        && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(path: &str) -> String {
        let answer = see_other(path);
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        answer.headers()[LOCATION].to_str().expect("a path is ASCII").to_owned()
    }

    /// MN-7.2, MN-7.4: a redirect never leaves the service, whatever the address holds.
    #[test]
    fn redirects_stay_on_the_service() {
        assert_eq!(target("/my/applications?page=2"), "/my/applications?page=2");
        for elsewhere in [
            "https://evil.example/",
            "//evil.example",
            "/\\evil.example",
            "/a\r\nSet-Cookie: x=1",
            "javascript:alert(1)",
            "/a b",
            "",
        ] {
            assert_eq!(target(elsewhere), "/", "{elsewhere:?}");
        }
    }
}
