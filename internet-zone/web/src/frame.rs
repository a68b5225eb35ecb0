//! What is around every page: title, header, footer.

use platform_web::{Catalogue, Message, Visitor};

use crate::applications::acting::{self, Acting};
use crate::caller::Caller;
use crate::site::{City, Notice, Site};
use crate::texts::TEXTS;

/// The frame of a page. Templates read it as `frame`.
#[derive(Debug)]
pub(crate) struct Frame<'a> {
    /// All words.
    pub(crate) t: &'static Catalogue,
    /// Who runs the service.
    pub(crate) city: &'a City,
    /// Title of the page.
    pub(crate) title: String,
    /// Whether the page tells of errors: its title then begins with a word for it.
    pub(crate) error: bool,
    /// Whether an account is signed in.
    pub(crate) signed_in: bool,
    /// Token for the forms of the page; empty when it has none.
    pub(crate) token: String,
    /// That the page is about somebody else's application; empty on other pages.
    pub(crate) acting: String,
    /// Disturbances to tell on every page.
    pub(crate) urgent: Vec<&'a Notice>,
    /// Whether nothing can be sent for the moment, to tell on every page.
    pub(crate) closed: bool,
}

impl<'a> Frame<'a> {
    /// The frame of a page without forms that change something.
    pub(crate) fn plain(site: &'a Site, caller: Option<&Caller>, title: impl Into<String>) -> Self {
        Self {
            t: &TEXTS,
            city: &site.city,
            title: title.into(),
            error: false,
            signed_in: caller.is_some_and(|caller| caller.account().is_some()),
            token: String::new(),
            acting: String::new(),
            urgent: site.notices.iter().filter(|notice| notice.urgent).collect(),
            closed: !(site.open)(),
        }
    }

    /// The frame of a page with a form.
    pub(crate) fn form(
        site: &'a Site,
        caller: &Caller,
        visitor: &Visitor,
        title: impl Into<String>,
    ) -> Self {
        Self { token: visitor.token(), ..Self::plain(site, Some(caller), title) }
    }

    /// The same for a page of what a delegate began (NF-16).
    pub(crate) fn acting(mut self, acting: Option<&Acting>) -> Self {
        self.acting = acting::said(acting);
        self
    }

    /// The same for a page that tells of errors.
    pub(crate) fn with_errors(mut self, error: bool) -> Self {
        self.error = error;
        self
    }

    /// Title as the browser shows it.
    pub(crate) fn full_title(&self) -> String {
        let prefix = if self.error { self.t.text("web.error_prefix") } else { "" };
        let service = self.t.text("home.service");
        format!("{prefix}{}｜{} {service}", self.title, self.city.name)
    }
}

/// A refusal or fault, drawn like the other pages.
#[derive(askama::Template)]
#[template(path = "message.html")]
struct MessagePage<'a> {
    frame: Frame<'a>,
    message: &'a Message<'a>,
}

/// Draws refusals and faults of `site`.
pub(crate) fn chrome(site: Site) -> impl Fn(&Message<'_>) -> askama::Result<String> + Send + Sync {
    move |message| {
        let frame = Frame::plain(&site, None, message.title);
        askama::Template::render(&MessagePage { frame, message })
    }
}
