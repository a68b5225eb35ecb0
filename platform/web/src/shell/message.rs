//! Refusals, faults and the framework's bare errors, drawn as pages.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use axum::extract::MatchedPath;
use axum::response::Response;
use http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE,
};
use http::{Method, StatusCode};
use platform_service::ids;

use crate::catalogue::Catalogue;
use crate::html;
use crate::result::{Reply, Undrawn};

/// What a refusal or fault tells the visitor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message<'a> {
    /// Status of the answer.
    pub status: StatusCode,
    /// Heading and title of the page.
    pub title: &'a str,
    /// What happened.
    pub what: &'a str,
    /// What to do now.
    pub next: &'a str,
    /// Where to go on: an own path and the text of the link.
    pub link: Option<(&'a str, &'a str)>,
    /// Number to tell the help desk, for faults.
    pub reference: Option<&'a str>,
    /// What was typed, to be used again: what it is called, and the words.
    pub kept: Vec<(&'a str, &'a str)>,
}

/// Draws a message as a page that looks like the zone's other pages.
pub trait Chrome: Send + Sync + 'static {
    /// The whole page as HTML.
    ///
    /// # Errors
    /// When the template fails; the shell then shows the bare words.
    fn message(&self, message: &Message<'_>) -> askama::Result<String>;
}

impl<F> Chrome for F
where
    F: Fn(&Message<'_>) -> askama::Result<String> + Send + Sync + 'static,
{
    fn message(&self, message: &Message<'_>) -> askama::Result<String> {
        self(message)
    }
}

/// What the log says about a request: never the address itself, which may hold
/// a token or a search word.
pub(super) struct Asked {
    pub(super) method: Method,
    pub(super) route: Option<MatchedPath>,
    /// Whether a program asks: it gets problem details, not a page.
    pub(super) program: bool,
}

impl Asked {
    pub(super) fn route(&self) -> &str {
        self.route.as_ref().map_or("-", MatchedPath::as_str)
    }
}

/// Words and frame of the pages drawn here.
pub(super) struct Painter {
    pub(super) texts: Box<dyn Fn() -> &'static Catalogue + Send + Sync>,
    pub(super) chrome: Box<dyn Chrome>,
}

impl Painter {
    /// Draws what the handler or the framework left undrawn.
    pub(super) fn draw(&self, mut answer: Response, asked: &Asked) -> Response {
        match answer.extensions_mut().remove::<Undrawn>() {
            Some(Undrawn::Refusal(reply)) => self.refusal(&reply, asked),
            Some(Undrawn::Fault(causes)) => self.fault(&causes, asked),
            None if is_bare_error(&answer) => self.bare(&answer, asked),
            None => answer,
        }
    }

    fn refusal(&self, reply: &Reply, asked: &Asked) -> Response {
        let texts = (self.texts)();
        let key = |part: &str| format!("{}.{part}", reply.key);
        let args: Vec<(&str, &dyn fmt::Display)> =
            reply.args.iter().map(|(name, value)| (*name, value as &dyn fmt::Display)).collect();
        let link_text = reply.link.is_some().then(|| texts.fill(&key("link"), &args));
        let own_title = texts.get(&key("title"));
        let message = Message {
            status: reply.status,
            title: own_title.unwrap_or_else(|| title(texts, reply.status)),
            what: &texts.fill(&key("what"), &args),
            next: &texts.fill(&key("next"), &args),
            link: reply.link.as_deref().zip(link_text.as_deref()),
            reference: None,
            kept: reply.kept.iter().map(|(key, words)| (texts.text(key), words.as_str())).collect(),
        };
        let mut answer = self.answer(&message, reply.key, asked);
        if let Some(seconds) = reply.retry_after {
            answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        answer
    }

    fn fault(&self, causes: &str, asked: &Asked) -> Response {
        let reference = reference();
        let (method, route) = (&asked.method, asked.route());
        tracing::error!(reference, %method, route, causes, "fault");
        let texts = (self.texts)();
        let message = Message {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            title: texts.text("web.fault.title"),
            what: texts.text("web.fault.what"),
            next: texts.text("web.fault.next"),
            link: None,
            reference: Some(&reference),
            kept: Vec::new(),
        };
        self.answer(&message, "web.fault", asked)
    }

    /// An error status of the framework, such as 404 or 405.
    fn bare(&self, bare: &Response, asked: &Asked) -> Response {
        let key = match bare.status() {
            StatusCode::NOT_FOUND => "web.not_found",
            StatusCode::METHOD_NOT_ALLOWED => "web.wrong_method",
            StatusCode::PAYLOAD_TOO_LARGE => "web.too_large",
            status if status.is_client_error() => "web.bad_request",
            _ => "web.unavailable",
        };
        let mut answer = self.refusal(&Reply::new(bare.status(), key), asked);
        if let Some(allow) = bare.headers().get(ALLOW) {
            answer.headers_mut().insert(ALLOW, allow.clone());
        }
        answer
    }

    fn answer(&self, message: &Message<'_>, code: &str, asked: &Asked) -> Response {
        if asked.program { problem(message, code) } else { self.message(message) }
    }

    fn message(&self, message: &Message<'_>) -> Response {
        let drawn = catch_unwind(AssertUnwindSafe(|| self.chrome.message(message)));
        let text = drawn.unwrap_or(Err(askama::Error::Fmt)).unwrap_or_else(|error| {
            tracing::error!(%error, "the page for a message cannot be drawn");
            bare_page(message)
        });
        let mut answer = html::page(text);
        *answer.status_mut() = message.status;
        answer
    }
}

/// Problem details (RFC 9457): words for people in `title` and `detail`, `code` for programs.
fn problem(message: &Message<'_>, code: &str) -> Response {
    let mut body = serde_json::json!({
        "type": "about:blank",
        "title": message.title,
        "status": message.status.as_u16(),
        "detail": format!("{}{}", message.what, message.next),
        "code": code,
    });
    if let Some(reference) = message.reference {
        body["reference"] = reference.into();
    }
    let mut answer = Response::new(body.to_string().into());
    *answer.status_mut() = message.status;
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if message.status == StatusCode::UNAUTHORIZED {
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    answer
}

/// An error that is no page yet: without content, or with the plain words of the framework.
fn is_bare_error(answer: &Response) -> bool {
    let status = answer.status();
    if !status.is_client_error() && !status.is_server_error() {
        return false;
    }
    let media = answer.headers().get(CONTENT_TYPE);
    media.is_none_or(|media| media.as_bytes().starts_with(b"text/plain"))
        || answer.headers().get(CONTENT_LENGTH) == Some(&HeaderValue::from_static("0"))
}

fn title(texts: &Catalogue, status: StatusCode) -> &str {
    texts.text(match status {
        StatusCode::FORBIDDEN => "web.title.forbidden",
        StatusCode::NOT_FOUND | StatusCode::GONE => "web.title.not_found",
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => "web.title.busy",
        _ => "web.title.refused",
    })
}

/// Eight characters that a visitor can read out on the telephone.
fn reference() -> String {
    ids::token()[..8].to_owned()
}

/// The words alone, for when even the frame of the page fails.
fn bare_page(message: &Message<'_>) -> String {
    let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    format!(
        "<!doctype html><html lang=\"ja\"><meta charset=\"utf-8\"><title>{0}</title>\
         <h1>{0}</h1><p>{1}<p>{2}<p>{3}",
        escape(message.title),
        escape(message.what),
        escape(message.next),
        escape(message.reference.unwrap_or_default()),
    )
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse as _;
    use http_body_util::BodyExt as _;

    use super::*;

    /// NN-21: even when the frame fails the visitor reads words, and no cause.
    #[tokio::test]
    async fn a_broken_frame_still_shows_the_words() {
        let texts = Box::leak(Box::new(Catalogue::load(&[]).expect("our texts are TOML")));
        let texts: &'static Catalogue = texts;
        let fails = |_: &Message<'_>| -> askama::Result<String> { Err(askama::Error::Fmt) };
        let panics = |_: &Message<'_>| -> askama::Result<String> { panic!("a broken frame") };
        let frames: [Box<dyn Chrome>; 2] = [Box::new(fails), Box::new(panics)];
        for chrome in frames {
            let painter = Painter { texts: Box::new(move || texts), chrome };
            let asked = Asked { method: Method::GET, route: None, program: false };
            let answer = painter.refusal(&Reply::forbidden("web.forged"), &asked);
            assert_eq!(answer.status(), StatusCode::FORBIDDEN);
            let body = answer.into_body().collect().await.expect("it is in memory").to_bytes();
            let body = String::from_utf8_lossy(&body);
            assert!(body.contains("<h1>この操作はできません</h1>"), "{body}");
        }
    }

    /// NB-2.6: a program reads the same refusal as problem details, with a code of its own.
    #[tokio::test]
    async fn a_program_reads_problem_details() {
        let texts = Box::leak(Box::new(Catalogue::load(&[]).expect("our texts are TOML")));
        let texts: &'static Catalogue = texts;
        let page = |_: &Message<'_>| -> askama::Result<String> { Ok("<p>page".to_owned()) };
        let painter = Painter { texts: Box::new(move || texts), chrome: Box::new(page) };
        let asked = Asked { method: Method::GET, route: None, program: true };
        let answer = painter.draw(StatusCode::NOT_FOUND.into_response(), &asked);
        assert_eq!(answer.headers()[CONTENT_TYPE], "application/problem+json");
        let body = answer.into_body().collect().await.expect("it is in memory").to_bytes();
        let body: serde_json::Value = serde_json::from_slice(&body).expect("JSON");
        assert_eq!((&body["code"], &body["status"]), (&"web.not_found".into(), &404.into()));
        assert!(body["detail"].as_str().is_some_and(|words| words.contains("ページ")), "{body}");
    }

    /// NN-21: a bad gateway or overload answer of a layer becomes a page, too; a page
    /// with an error status stays as it is.
    #[test]
    fn only_bare_errors_are_drawn_anew() {
        let mut page = html::page("<p>form with errors".to_owned());
        *page.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
        assert!(!is_bare_error(&page));
        let mut bare = Response::new(axum::body::Body::empty());
        assert!(!is_bare_error(&bare));
        *bare.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
        assert!(is_bare_error(&bare));
    }
}
