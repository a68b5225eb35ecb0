//! Pages of words: how it works, notices, terms, accessibility, privacy.

use axum::extract::State;
use axum::response::IntoResponse as _;
use domain::forms::definition::Lang;
use platform_web::{Html, PageResult};

use crate::caller::Caller;
use crate::frame::Frame;
use crate::identity::terms::TERMS;
use crate::markdown;
use crate::procedures::words;
use crate::reader::{self, marks};
use crate::site::{Notice, Site};
use crate::texts::TEXTS;

#[derive(askama::Template)]
#[template(path = "home/explain.html")]
struct Page<'a> {
    frame: Frame<'a>,
    /// Finished HTML.
    body: String,
    /// What is said under the heading, may be empty.
    note: String,
}

fn page(site: &Site, caller: &Caller, title: &str, body: String, note: String) -> PageResult {
    let frame = Frame::plain(site, Some(caller), title);
    let body = markdown::as_page(&body);
    Ok(Html(Page { frame, body, note }).into_response())
}

/// How an application works, step by step.
pub(crate) async fn guide(caller: Caller, State(site): State<Site>) -> PageResult {
    let body = markdown::html(TEXTS.text("documents.guide"));
    page(&site, &caller, TEXTS.text("home.guide.title"), body, String::new())
}

/// All announcements (NF-27).
pub(crate) async fn notices(caller: Caller, State(site): State<Site>) -> PageResult {
    let announced = |notice: &Notice| {
        let (date, title) = (words::date(notice.date), &notice.title);
        // Announcements are written in Japanese alone.
        let left = |text: &str| match reader::lang() {
            Lang::Ja => text.to_owned(),
            _ => marks::left(text),
        };
        let heading = format!("## {date}{}{}\n", TEXTS.text("home.gap"), left(title));
        markdown::html(&heading) + &markdown::html(&left(&notice.body))
    };
    let mut all: String = site.notices.iter().map(announced).collect();
    if all.is_empty() {
        all = markdown::html(TEXTS.text("home.notices.none"));
    }
    page(&site, &caller, TEXTS.text("home.notices.title"), all, String::new())
}

/// The terms of use in their present version (NF-62).
pub(crate) async fn terms(caller: Caller, State(site): State<Site>) -> PageResult {
    let note = TEXTS.fill("identity.terms.version", &[("version", &TERMS.version)]);
    page(
        &site,
        &caller,
        TEXTS.text("identity.terms.title"),
        markdown::html(TEXTS.text("documents.terms")),
        note,
    )
}

/// What is done for people with disabilities, and how far it goes.
pub(crate) async fn accessibility(caller: Caller, State(site): State<Site>) -> PageResult {
    let body = markdown::html(TEXTS.text("documents.accessibility"));
    page(&site, &caller, TEXTS.text("home.accessibility.title"), body, String::new())
}

/// What happens with personal data.
pub(crate) async fn privacy(caller: Caller, State(site): State<Site>) -> PageResult {
    let body = markdown::html(TEXTS.text("documents.privacy"));
    page(&site, &caller, TEXTS.text("home.privacy.title"), body, String::new())
}
