//! What every request and every answer of a zone passes.
//!
//! ```text
//!  request ─► address readable? ─► sent by our own page? ─► handler ─► panic?
//!  answer  ◄─ headers, cookie   ◄─ words for refusals, reference for faults ◄─┘
//! ```

mod message;

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
use http::{Method, StatusCode};
use tower::{Layer, Service};

use crate::catalogue::Catalogue;
use crate::csrf::{Guard, comes_from_here};
use crate::form::FormData;
use crate::headers;
use crate::result::{Fault, Reply};
use crate::server::Secure;

pub use message::{Chrome, Message};

use message::{Asked, Painter};

/// Longest address in bytes.
const LONGEST_ADDRESS: usize = 8 * 1024;

/// Wraps a zone's router. `Shell::new(guard, || &TEXTS, chrome, origins).around(router)`.
#[derive(Clone)]
pub struct Shell(Arc<Parts>);

struct Parts {
    guard: Guard,
    painter: Painter,
    origins: Vec<String>,
    /// Beginning of the addresses that programs use.
    programs: Option<&'static str>,
    /// Where pages of another site post what it signed.
    signed: Option<&'static str>,
}

impl fmt::Debug for Shell {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Shell").finish_non_exhaustive()
    }
}

impl Shell {
    /// A shell with the zone's key and cookie names, its texts and its page frame.
    /// The texts are asked for at each message: they may be in the reader's language.
    /// `origins` are the public addresses (`https://shinsei.city.example`) when a
    /// proxy in front changes the `Host` header; else it is empty.
    #[must_use]
    pub fn new(
        guard: Guard,
        texts: impl Fn() -> &'static Catalogue + Send + Sync + 'static,
        chrome: impl Chrome,
        origins: Vec<String>,
    ) -> Self {
        Self(Arc::new(Parts {
            guard,
            painter: Painter { texts: Box::new(texts), chrome: Box::new(chrome) },
            origins,
            programs: None,
            signed: None,
        }))
    }

    /// Addresses that begin so are for programs: refusals and faults are problem details
    /// (RFC 9457) there instead of pages.
    #[must_use]
    pub fn problems_under(mut self, prefix: &'static str) -> Self {
        if let Some(parts) = Arc::get_mut(&mut self.0) {
            parts.programs = Some(prefix);
        }
        self
    }

    /// At this one path another site's page may post: what it sends is signed, and its handler
    /// believes nothing but that signature. It takes [`FormData`]; no cookie of ours that is bound
    /// to this site comes with such a form.
    #[must_use]
    pub fn signed_answers_at(mut self, path: &'static str) -> Self {
        if let Some(parts) = Arc::get_mut(&mut self.0) {
            parts.signed = Some(path);
        }
        self
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
        let signed = self.0.signed == Some(uri.path());
        if !reads && !signed && !comes_from_here(request.headers(), &self.0.origins) {
            return Err(Reply::forbidden("web.forged"));
        }
        Ok(())
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
                program: shell.0.programs.is_some_and(|at| request.uri().path().starts_with(at)),
            };
            let visitor = shell.0.guard.visitor(request.headers());
            request.extensions_mut().insert(visitor.clone());
            let answer = match shell.gate(&request) {
                Err(reply) => reply.into_response(),
                Ok(()) => caught(async move { inner.call(request).await }).await,
            };
            let mut answer = shell.0.painter.draw(answer, &asked);
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

/// The answer of a handler; a panic in it is a fault of this one request.
async fn caught(handler: impl Future<Output = Result<Response, Infallible>>) -> Response {
    match AssertUnwindSafe(handler).catch_unwind().await {
        Ok(Ok(answer)) => answer,
        Ok(Err(never)) => match never {},
        Err(_) => Fault::because("panic; its place is in the line before this").into_response(),
    }
}

/// Whether a percent-encoded path stands for UTF-8 without control characters.
fn is_text(path: &str) -> bool {
    let plain = path.replace('+', "%2B").replace('&', "%26");
    let readable = |text: &str| !text.contains(char::is_control);
    FormData::parse(plain.as_bytes())
        .is_ok_and(|form| form.iter().all(|(left, right)| readable(left) && readable(right)))
}
