//! A page that is one form: registering, signing in, passwords.

use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use platform_web::fields::Problem;
use platform_web::{FormData, Html, Trouble, Visitor};

use super::address;
use super::register::email_question;
use crate::caller::Caller;
use crate::forms::Question;
use crate::frame::Frame;
use crate::site::Site;
use crate::texts::TEXTS;

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

/// A page that asks for an address alone: the mail that goes there leads on.
pub(crate) struct AddressPage {
    /// Its title.
    pub(crate) title: &'static str,
    /// Said above the question, finished HTML.
    pub(crate) intro: &'static str,
    /// Where it is sent.
    pub(crate) action: &'static str,
    /// Words of the button.
    pub(crate) submit: &'static str,
    /// The way back: `(address, words)`.
    pub(crate) back: (&'static str, &'static str),
}

impl AddressPage {
    /// The page.
    pub(crate) fn shown(self, around: (&Site, &Caller, &Visitor)) -> Response {
        self.answer(around, "", None)
    }

    /// The address that was typed, or the page with it.
    ///
    /// # Errors
    /// When it is no address.
    pub(crate) fn read(
        self,
        around: (&Site, &Caller, &Visitor),
        form: &FormData,
    ) -> Result<String, Trouble> {
        let typed = form.text("email");
        address::read(typed).ok_or_else(|| {
            self.answer(around, typed, Some(TEXTS.text("identity.email_wrong"))).into()
        })
    }

    fn answer(
        self,
        (site, caller, visitor): (&Site, &Caller, &Visitor),
        typed: &str,
        error: Option<&str>,
    ) -> Response {
        let (back, words) = self.back;
        let page = FormPage {
            frame: Frame::form(site, caller, visitor, self.title),
            intro: self.intro.to_owned(),
            done: String::new(),
            action: self.action.to_owned(),
            hidden: Vec::new(),
            questions: vec![email_question(typed, error)],
            submit: self.submit,
            links: vec![(back.to_owned(), words)],
        };
        page.answer()
    }
}
