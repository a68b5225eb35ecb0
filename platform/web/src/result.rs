//! The answers of a handler: a page, a refusal with words, or a fault of ours.
//!
//! A handler cannot draw a refusal or fault itself, because the page around it
//! belongs to the zone. It leaves the [`Trouble`] in the answer's extensions
//! and [`Shell`](crate::shell::Shell) draws it.

use std::error::Error;
use std::fmt;

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use platform_store::StoreError;

/// What a handler returns.
pub type PageResult = Result<Response, Trouble>;

/// A "no" the visitor can act on. Its words are in the catalogue under the key
/// it names: `<key>.what` says what happened, `<key>.next` what to do now;
/// `<key>.title` replaces the heading that goes with the status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// HTTP status of the answer.
    pub status: StatusCode,
    /// Key of the words, as `room.name`.
    pub key: &'static str,
    /// Values for `{name}` in the words.
    pub args: Vec<(&'static str, String)>,
    /// Where to go on: an own path; its text is `<key>.link`.
    pub link: Option<String>,
    /// Seconds after which trying again makes sense.
    pub retry_after: Option<u32>,
    /// What was typed, to be used again: what it is called, and the words.
    pub kept: Vec<(&'static str, String)>,
}

impl Reply {
    /// A refusal with any status.
    #[must_use]
    pub const fn new(status: StatusCode, key: &'static str) -> Self {
        Self { status, key, args: Vec::new(), link: None, retry_after: None, kept: Vec::new() }
    }

    /// 400: the request cannot be read.
    #[must_use]
    pub const fn bad_request(key: &'static str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, key)
    }

    /// 403: known, and not allowed.
    #[must_use]
    pub const fn forbidden(key: &'static str) -> Self {
        Self::new(StatusCode::FORBIDDEN, key)
    }

    /// 404: not there, or not to be known to be there.
    #[must_use]
    pub const fn not_found(key: &'static str) -> Self {
        Self::new(StatusCode::NOT_FOUND, key)
    }

    /// 409: the state of the thing forbids it now.
    #[must_use]
    pub const fn conflict(key: &'static str) -> Self {
        Self::new(StatusCode::CONFLICT, key)
    }

    /// 410: it was there and is over.
    #[must_use]
    pub const fn gone(key: &'static str) -> Self {
        Self::new(StatusCode::GONE, key)
    }

    /// 413: too many bytes.
    #[must_use]
    pub const fn too_large(key: &'static str) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, key)
    }

    /// 422: read, understood, and wrong in content.
    #[must_use]
    pub const fn unprocessable(key: &'static str) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, key)
    }

    /// 429: too often or too many at once.
    #[must_use]
    pub const fn too_many(key: &'static str) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, key)
    }

    /// 503: not now.
    #[must_use]
    pub const fn unavailable(key: &'static str) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, key)
    }

    /// Fills `{name}` in the words.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl fmt::Display) -> Self {
        self.args.push((name, value.to_string()));
        self
    }

    /// Offers a way on. `href` must be an own path.
    #[must_use]
    pub fn link(mut self, href: impl Into<String>) -> Self {
        self.link = Some(href.into());
        self
    }

    /// Gives back what was typed; `key` names it in the catalogue. Nothing is given back of nothing.
    #[must_use]
    pub fn kept(mut self, key: &'static str, words: &str) -> Self {
        if !words.trim().is_empty() {
            self.kept.push((key, words.to_owned()));
        }
        self
    }

    /// Says after how many seconds to try again.
    #[must_use]
    pub const fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after = Some(seconds);
        self
    }
}

/// A refusal that has words in the catalogue.
pub trait Explain {
    /// Which words, and which status.
    fn reply(&self) -> Reply;
}

impl Explain for Reply {
    fn reply(&self) -> Reply {
        self.clone()
    }
}

/// A fault of ours. The page shows a reference; the log has the same reference
/// and the chain of causes. Nothing of the cause reaches the page (NN-21).
#[derive(Debug)]
pub struct Fault(Box<dyn Error + Send + Sync>);

impl Fault {
    /// A fault that is no error value of another part.
    #[must_use]
    pub fn because(why: &'static str) -> Self {
        Self(why.into())
    }

    /// The causes, outermost first, joined by `: `.
    pub(crate) fn chain(&self) -> String {
        let mut text = self.0.to_string();
        let mut cause = self.0.source();
        while let Some(inner) = cause {
            text.push_str(": ");
            text.push_str(&inner.to_string());
            cause = inner.source();
        }
        text
    }
}

impl<E: Error + Send + Sync + 'static> From<E> for Fault {
    fn from(error: E) -> Self {
        Self(Box::new(error))
    }
}

/// Everything a handler returns instead of its page.
#[derive(Debug)]
pub enum Trouble {
    /// Expected; the visitor can act on it.
    Refusal(Box<Reply>),
    /// Ours.
    Fault(Fault),
    /// An answer that is ready, such as the form with its errors.
    Page(Box<Response>),
}

impl<T: Explain> From<T> for Trouble {
    fn from(refusal: T) -> Self {
        Self::Refusal(Box::new(refusal.reply()))
    }
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<Response> for Trouble {
    fn from(page: Response) -> Self {
        Self::Page(Box::new(page))
    }
}

impl From<StoreError> for Trouble {
    /// A commit whose outcome nobody knows has its line in the log, and the service starts anew:
    /// who sent something is told to send it again, not that we broke.
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::CommitUnknown(_) | StoreError::Closed => {
                Reply::unavailable("web.not_recorded").retry_after(60).into()
            }
            error => Self::Fault(error.into()),
        }
    }
}

impl From<std::io::Error> for Trouble {
    fn from(error: std::io::Error) -> Self {
        Self::Fault(error.into())
    }
}

impl From<askama::Error> for Trouble {
    fn from(error: askama::Error) -> Self {
        Self::Fault(error.into())
    }
}

/// Turns any error into a [`Fault`], so that `?` can pass it on.
pub trait OrFault<T> {
    /// The value, or the error as a fault.
    ///
    /// # Errors
    /// [`Trouble::Fault`] with the error as its cause.
    fn or_fault(self) -> Result<T, Trouble>;
}

impl<T, E: Error + Send + Sync + 'static> OrFault<T> for Result<T, E> {
    fn or_fault(self) -> Result<T, Trouble> {
        self.map_err(|error| Trouble::Fault(error.into()))
    }
}

/// Marks an answer that the shell still has to draw.
#[derive(Clone, Debug)]
pub(crate) enum Undrawn {
    Refusal(Reply),
    /// The chain of causes, for the log only.
    Fault(String),
}

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        match self {
            Self::Refusal(reply) => reply.into_response(),
            Self::Fault(fault) => fault.into_response(),
            Self::Page(page) => *page,
        }
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let mut answer = self.status.into_response();
        answer.extensions_mut().insert(Undrawn::Refusal(self));
        answer
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let mut answer = StatusCode::INTERNAL_SERVER_ERROR.into_response();
        answer.extensions_mut().insert(Undrawn::Fault(self.chain()));
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("outer")]
    struct Outer(#[source] std::io::Error);

    /// NN-21: causes go to the log as one chain, not to the page.
    #[test]
    fn a_fault_keeps_the_chain_of_causes() {
        let fault = Fault::from(Outer(std::io::Error::other("disk")));
        assert_eq!(fault.chain(), "outer: disk");
    }

    #[test]
    fn a_refusal_carries_words_and_status() {
        let trouble = Trouble::from(Reply::conflict("room.full").with("left", 0));
        let answer = trouble.into_response();
        assert_eq!(answer.status(), StatusCode::CONFLICT);
        let Some(Undrawn::Refusal(reply)) = answer.extensions().get() else {
            panic!("a refusal is drawn by the shell");
        };
        assert_eq!(reply.args, [("left", "0".to_owned())]);
    }
}
