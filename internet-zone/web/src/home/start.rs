//! The start page: search, categories, notices, how it works.

use axum::extract::State;
use axum::response::IntoResponse as _;
use platform_web::{Html, PageResult};

use crate::caller::Caller;
use crate::frame::Frame;
use crate::procedures::search::{self, Category};
use crate::site::{Notice, Site};
use crate::texts::TEXTS;
use crate::usage::Usage;

#[derive(askama::Template)]
#[template(path = "home/start.html")]
struct Page<'a> {
    frame: Frame<'a>,
    categories: Vec<Category>,
    life_events: Vec<(String, String)>,
    closing: Vec<search::Hit>,
    notices: Vec<&'a Notice>,
    total: usize,
}

/// Shows the start page (NF-9, NF-27).
pub(crate) async fn get(caller: Caller, State(site): State<Site>) -> PageResult {
    site.counts("", Usage::Visit);
    let shown = site.shelf.shown();
    let page = Page {
        frame: Frame::plain(&site, Some(&caller), TEXTS.text("home.title")),
        categories: search::categories(&shown),
        life_events: search::life_events(&shown),
        closing: search::closing_soon(&shown, site.clock.now()),
        notices: site.notices.iter().take(5).collect(),
        total: shown.listed.len(),
    };
    Ok(Html(page).into_response())
}
