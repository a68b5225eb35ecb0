//! What every request and every answer of a zone passes.
//!
//! ```text
//!  request ─► address readable? ─► sent by our own page? ─► handler ─► panic?
//!  answer  ◄─ headers, cookie   ◄─ words for refusals, reference for faults ◄─┘
//! ```

use std::convert::Infallible;
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::Router;
use axum::extract::{MatchedPath, Request};
use axum::response::{IntoResponse as _, Response};
use futures_util::FutureExt as _;
use http::header::{ALLOW, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use http::{Method, StatusCode};
use platform_service::ids;
use tower::{Layer, Service};

use crate::catalogue::Catalogue;
use crate::csrf::{Guard, comes_from_here};
use crate::form::FormData;
use crate::headers;
use crate::html;
use crate::result::{Fault, Reply, Undrawn};
use crate::server::Secure;

/// Longest address in bytes.
const LONGEST_ADDRESS: usize = 8 * 1024;

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

/// Wraps a zone's router. `Shell::new(guard, &TEXTS, chrome).around(router)`.
#[derive(Clone)]
pub struct Shell(Arc<Parts>);

struct Parts {
    guard: Guard,
    texts: &'static Catalogue,
    chrome: Box<dyn Chrome>,
    origins: Vec<String>,
}

impl fmt::Debug for Shell {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Shell").finish_non_exhaustive()
    }
}

impl Shell {
    /// A shell with the zone's key and cookie names, its texts and its page frame.
    /// `origins` are the public addresses (`https://shinsei.city.example`) when a
    /// proxy in front changes the `Host` header; else it is empty.
    #[must_use]
    pub fn new(
        guard: Guard,
        texts: &'static Catalogue,
        chrome: impl Chrome,
        origins: Vec<String>,
    ) -> Self {
        Self(Arc::new(Parts { guard, texts, chrome: Box::new(chrome), origins }))
    }

    /// Puts all routes, and the answers for unknown ones, into the shell.
    pub fn around(self, router: Router) -> Router {
        router.layer(self)
    }

    /// Refuses what no handler needs to see.
    fn gate(&self, request: &Request) -> Result<(), Reply> {
        let uri = request.uri();
        let length = uri.path().len() + uri.query().map_or(0, str::len);
        if length > LONGEST_ADDRESS {
            return Err(Reply::new(StatusCode::URI_TOO_LONG, "web.long_address"));
        }
        if uri.path().contains('%') && !is_text(uri.path()) {
            return Err(Reply::bad_request("web.bad_text"));
        }
        let reads = matches!(*request.method(), Method::GET | Method::HEAD);
        if !reads && !comes_from_here(request.headers(), &self.0.origins) {
            return Err(Reply::forbidden("web.forged"));
        }
        Ok(())
    }

    /// Draws what the handler or the framework left undrawn.
    fn draw(&self, mut answer: Response, asked: &Asked) -> Response {
        match answer.extensions_mut().remove::<Undrawn>() {
            Some(Undrawn::Refusal(reply)) => self.refusal(&reply),
            Some(Undrawn::Fault(causes)) => self.fault(&causes, asked),
            None if is_bare_error(&answer) => self.bare(&answer),
            None => answer,
        }
    }

    fn refusal(&self, reply: &Reply) -> Response {
        let texts = self.0.texts;
        let key = |part: &str| format!("{}.{part}", reply.key);
        let args: Vec<(&str, &dyn fmt::Display)> =
            reply.args.iter().map(|(name, value)| (*name, value as &dyn fmt::Display)).collect();
        let link_text = reply.link.is_some().then(|| texts.fill(&key("link"), &args));
        let mut answer = self.message(&Message {
            status: reply.status,
            title: texts.get(&key("title")).unwrap_or_else(|| title(texts, reply.status)),
            what: &texts.fill(&key("what"), &args),
            next: &texts.fill(&key("next"), &args),
            link: reply.link.as_deref().zip(link_text.as_deref()),
            reference: None,
        });
        if let Some(seconds) = reply.retry_after {
            let value = HeaderValue::from(seconds);
            answer.headers_mut().insert(RETRY_AFTER, value);
        }
        answer
    }

    fn fault(&self, causes: &str, asked: &Asked) -> Response {
        let reference = reference();
        tracing::error!(
            reference,
            method = %asked.method,
            route = asked.route(),
            causes,
            "fault"
        );
        let texts = self.0.texts;
        self.message(&Message {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            title: texts.text("web.fault.title"),
            what: texts.text("web.fault.what"),
            next: texts.text("web.fault.next"),
            link: None,
            reference: Some(&reference),
        })
    }

    /// An error status of the framework, such as 404 or 405.
    fn bare(&self, bare: &Response) -> Response {
        let key = match bare.status() {
            StatusCode::NOT_FOUND => "web.not_found",
            StatusCode::METHOD_NOT_ALLOWED => "web.wrong_method",
            StatusCode::PAYLOAD_TOO_LARGE => "web.too_large",
            status if status.is_client_error() => "web.bad_request",
            _ => "web.unavailable",
        };
        let mut answer = self.refusal(&Reply::new(bare.status(), key));
        if let Some(allow) = bare.headers().get(ALLOW) {
            answer.headers_mut().insert(ALLOW, allow.clone());
        }
        answer
    }

    fn message(&self, message: &Message<'_>) -> Response {
        let text = self.0.chrome.message(message).unwrap_or_else(|error| {
            tracing::error!(%error, "the page for a message cannot be drawn");
            bare_page(message)
        });
        let mut answer = html::page(text);
        *answer.status_mut() = message.status;
        answer
    }
}

/// What the log says about a request: never the address itself, which may hold
/// a token or a search word.
struct Asked {
    method: Method,
    route: Option<MatchedPath>,
}

impl Asked {
    fn route(&self) -> &str {
        self.route.as_ref().map_or("-", MatchedPath::as_str)
    }
}

impl<S> Layer<S> for Shell {
    type Service = Shelled<S>;

    fn layer(&self, inner: S) -> Shelled<S> {
        Shelled { shell: self.clone(), inner }
    }
}

/// A service inside a [`Shell`].
#[derive(Clone, Debug)]
pub struct Shelled<S> {
    shell: Shell,
    inner: S,
}

impl<S> Service<Request> for Shelled<S>
where
    S: Service<Request, Response = Response, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send + 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        let waiting = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, waiting);
        let shell = self.shell.clone();
        Box::pin(async move {
            let secure = request.extensions().get::<Secure>().is_some_and(|s| s.0);
            let asked = Asked {
                method: request.method().clone(),
                route: request.extensions().get::<MatchedPath>().cloned(),
            };
            let visitor = shell.0.guard.visitor(request.headers());
            request.extensions_mut().insert(visitor.clone());
            let answer = match shell.gate(&request) {
                Err(reply) => reply.into_response(),
                Ok(()) => {
                    let handled = async move { inner.call(request).await };
                    match AssertUnwindSafe(handled).catch_unwind().await {
                        Ok(Ok(answer)) => answer,
                        Ok(Err(never)) => match never {},
                        Err(_) => Fault::because("panic; its place is in the line before this")
                            .into_response(),
                    }
                }
            };
            let mut answer = shell.draw(answer, &asked);
            visitor.remember(&mut answer);
            headers::harden(answer.headers_mut(), secure);
            tracing::info!(
                target: "access",
                method = %asked.method,
                route = asked.route(),
                status = answer.status().as_u16(),
            );
            Ok(answer)
        })
    }
}

/// Whether a percent-encoded path stands for UTF-8 without control characters.
fn is_text(path: &str) -> bool {
    let plain = path.replace('+', "%2B").replace('&', "%26");
    FormData::parse(plain.as_bytes())
        .is_ok_and(|form| form.iter().all(|(text, _)| !text.contains(char::is_control)))
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
    let reference = message.reference.unwrap_or_default();
    format!(
        "<!doctype html><html lang=\"ja\"><meta charset=\"utf-8\"><title>{0}</title>\
         <h1>{0}</h1><p>{1}<p>{2}<p>{3}",
        escape(message.title),
        escape(message.what),
        escape(message.next),
        escape(reference),
    )
}
