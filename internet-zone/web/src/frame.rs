//! What is around every page: title, header, footer.

use domain::forms::definition::Lang;
use platform_web::{Catalogue, Message, Visitor};

use crate::applications::acting::{self, Acting};
use crate::caller::Caller;
use crate::reader::{self, Size, View, marks};
use crate::site::{City, Notice, Site};
use crate::terminals::{self, Bar};
use crate::texts::TEXTS;
use crate::urls;

/// The frame of a page. Templates read it as `frame`.
#[derive(Debug)]
pub(crate) struct Frame<'a> {
    /// All words, in the reader's language.
    pub(crate) t: &'static Catalogue,
    /// Language, size and furigana, and where the page is.
    pub(crate) view: View,
    /// Who runs the service.
    pub(crate) city: &'a City,
    /// Title of the page.
    pub(crate) title: String,
    /// Whether the page tells of errors: its title then begins with a word for it.
    pub(crate) error: bool,
    /// Whether an account is signed in.
    pub(crate) signed_in: bool,
    /// Seconds without a request after which the session ends; 0 where there is none, and at a counter
    /// terminal, which asks by itself.
    pub(crate) idle: i64,
    /// Seconds after which the session ends whatever is done; 0 where there is none.
    pub(crate) ends: i64,
    /// Token for the forms of the page; empty when it has none.
    pub(crate) token: String,
    /// That the page is about somebody else's application; empty on other pages.
    pub(crate) acting: String,
    /// Disturbances to tell on every page.
    pub(crate) urgent: Vec<&'a Notice>,
    /// Whether nothing can be sent for the moment, to tell on every page.
    pub(crate) closed: bool,
    /// Set at a counter terminal.
    pub(crate) terminal: Option<Bar>,
}

impl<'a> Frame<'a> {
    /// The frame of a page without forms that change something.
    pub(crate) fn plain(site: &'a Site, caller: Option<&Caller>, title: impl Into<String>) -> Self {
        let session = caller.and_then(|caller| caller.session.as_ref());
        Self {
            t: &TEXTS,
            view: View::now(),
            city: &site.city,
            title: title.into(),
            error: false,
            signed_in: caller.is_some_and(|caller| caller.account().is_some()),
            idle: match session {
                // A request is noted once a minute: the end may be so much nearer.
                Some(_) if !terminals::is_here() => (site.limits.idle_minutes - 1) * 60,
                Some(_) | None => 0,
            },
            ends: session.map_or(0, |session| (session.expires_at - site.micros()) / 1_000_000),
            token: String::new(),
            acting: String::new(),
            urgent: site.notices.iter().filter(|notice| notice.urgent).collect(),
            closed: !(site.open)(),
            terminal: terminals::bar(),
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

    /// Where to sign in. From within a form it leads back to the form, which goes along.
    pub(crate) fn sign_in(&self) -> String {
        urls::draft_in(self.view.here())
            .map_or_else(|| urls::LOGIN.to_owned(), |id| urls::login_then(&urls::draft(id)))
    }

    /// Whether what is typed goes when the visit at this terminal ends: no account keeps it.
    pub(crate) const fn leaves_with_visit(&self) -> bool {
        self.terminal.is_some() && !self.signed_in
    }

    /// The same for a page of a terminal that leads on by itself: after how many seconds, and where.
    pub(crate) fn leading(mut self, leave: String) -> Self {
        self.terminal = self.terminal.map(|bar| Bar { leave, ..bar });
        self
    }

    /// The same for a page whose form `filled` saves what is typed on it.
    pub(crate) fn keeping(mut self) -> Self {
        self.terminal = self.terminal.map(Bar::keeping);
        self
    }

    /// The same for a page that tells of errors.
    pub(crate) fn with_errors(mut self, error: bool) -> Self {
        self.error = error;
        self
    }

    /// Classes of the page: the size of its letters, and large things to touch at a terminal.
    pub(crate) fn classes(&self) -> String {
        let size = match self.view.size {
            Size::Normal => "",
            Size::Large => "text-large",
            Size::Largest => "text-largest",
        };
        let terminal = if self.terminal.is_some() { "terminal" } else { "" };
        [size, terminal].join(" ").trim().to_owned()
    }

    /// The languages to switch to.
    pub(crate) fn languages(&self) -> Vec<Wish> {
        let wish = |lang| Wish {
            href: self.view.link("lang", reader::code(lang)),
            text: reader::name(lang),
            tag: reader::tag(lang),
            chosen: lang == self.view.lang,
        };
        Lang::ALL.into_iter().map(wish).collect()
    }

    /// The sizes to switch to.
    pub(crate) fn sizes(&self) -> Vec<Wish> {
        let text = |size| match size {
            Size::Normal => self.t.text("home.view.normal"),
            Size::Large => self.t.text("home.view.large"),
            Size::Largest => self.t.text("home.view.largest"),
        };
        let wish = |size: Size| Wish {
            href: self.view.link("text-size", size.code()),
            text: text(size),
            tag: self.view.tag(),
            chosen: size == self.view.size,
        };
        Size::ALL.into_iter().map(wish).collect()
    }

    /// Furigana with and without, for who reads やさしい日本語; nothing for others.
    pub(crate) fn furigana(&self) -> Vec<Wish> {
        if self.view.lang != Lang::Easy {
            return Vec::new();
        }
        let wish = |on: bool, key: &'static str| Wish {
            href: self.view.link("furigana", if on { "yes" } else { "no" }),
            text: self.t.text(key),
            tag: self.view.tag(),
            chosen: on == self.view.furigana,
        };
        vec![wish(true, "home.view.with_furigana"), wish(false, "home.view.without_furigana")]
    }

    /// The language the browser asks for, in its own words, and staying with this one.
    pub(crate) fn offer(&self) -> Option<(Wish, Wish)> {
        let lang = self.view.offer?;
        let wish = |to: Lang, key: &'static str| Wish {
            href: self.view.link("lang", reader::code(to)),
            text: crate::texts::plain(lang).text(key),
            tag: reader::tag(lang),
            chosen: false,
        };
        Some((wish(lang, "home.view.offer"), wish(self.view.lang, "home.view.stay")))
    }

    /// Where the page says that parts of it are Japanese, when it turns out so.
    pub(crate) fn note(&self) -> String {
        if self.view.lang == Lang::Ja { String::new() } else { marks::NOTE.to_string() }
    }

    /// Words of the town, which are Japanese in every language: its name, announcements.
    pub(crate) fn in_japanese(&self, words: &str) -> String {
        if self.view.lang == Lang::Ja { words.to_owned() } else { marks::own(words) }
    }

    /// Title as the browser shows it.
    pub(crate) fn full_title(&self) -> String {
        let prefix = if self.error { self.t.text("web.error_prefix") } else { "" };
        let service = self.t.text("home.service");
        format!("{prefix}{}｜{} {service}", self.title, self.city.name)
    }
}

/// One thing to switch to.
pub(crate) struct Wish {
    /// The same page with the wish.
    pub(crate) href: String,
    /// Words of the link.
    pub(crate) text: &'static str,
    /// Language of these words.
    pub(crate) tag: &'static str,
    /// Whether it is so now.
    pub(crate) chosen: bool,
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
