//! A page that is one form: registering, signing in, passwords.

use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use platform_web::Html;
use platform_web::fields::Problem;

use crate::forms::Question;
use crate::frame::Frame;

/// A page that is one form.
#[derive(askama::Template)]
#[template(path = "identity/form.html")]
pub(crate) struct FormPage<'a> {
    /// Title and frame.
    pub(crate) frame: Frame<'a>,
    /// Said above the form, finished HTML; may be empty.
    pub(crate) intro: String,
    /// Said in a box above the form, such as that something was saved; may be empty.
    pub(crate) done: String,
    /// Where it is sent.
    pub(crate) action: String,
    /// Values that go along.
    pub(crate) hidden: Vec<(&'static str, String)>,
    /// The questions.
    pub(crate) questions: Vec<Question>,
    /// Words of the button.
    pub(crate) submit: &'static str,
    /// Ways on: `(address, words)`.
    pub(crate) links: Vec<(String, &'static str)>,
}

impl FormPage<'_> {
    fn problems(&self) -> Vec<Problem> {
        self.questions.iter().flat_map(Question::problems).collect()
    }

    /// The page; with 422 and the errors on top when there are some.
    pub(crate) fn answer(mut self) -> Response {
        let wrong = !self.problems().is_empty();
        self.frame = self.frame.with_errors(wrong);
        let status = if wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
        (status, Html(self)).into_response()
    }
}
