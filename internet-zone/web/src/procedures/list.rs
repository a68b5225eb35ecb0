//! Search and list of procedures.

use axum::extract::State;
use axum::response::IntoResponse as _;
use platform_web::pager::{Pager, PagerView};
use platform_web::{Html, PageResult, QueryData};

use super::search::{self, Category, Hit};
use crate::caller::Caller;
use crate::frame::Frame;
use crate::site::Site;
use crate::texts::TEXTS;
use crate::urls;

/// Procedures on one page.
const PER_PAGE: u64 = 20;
/// Characters of a search that are looked at.
const LONGEST_QUERY: usize = 100;

#[derive(askama::Template)]
#[template(path = "procedures/list.html")]
struct Page<'a> {
    frame: Frame<'a>,
    query: String,
    category: String,
    category_name: String,
    categories: Vec<Category>,
    hits: Vec<Hit>,
    total: usize,
    pager: PagerView,
}

/// Lists what the search finds (NF-9, NF-53).
pub(crate) async fn get(
    caller: Caller,
    State(site): State<Site>,
    QueryData(asked): QueryData,
) -> PageResult {
    let query: String = asked.text("q").trim().chars().take(LONGEST_QUERY).collect();
    let category = asked.text("category").to_owned();
    let shown = site.shelf.shown();
    let hits = search::find(&shown, &query, &category, site.clock.now());
    let total = hits.len();
    let pager = Pager::new(asked.one("page"), PER_PAGE, total as u64);
    let from = usize::try_from(pager.offset()).unwrap_or(usize::MAX);
    let hits: Vec<Hit> = hits.into_iter().skip(from).take(PER_PAGE as usize).collect();
    let pager = pager.links(|page| {
        let (q, c) = (urls::encode(&query), urls::encode(&category));
        format!("{}?q={q}&category={c}&page={page}", urls::PROCEDURES)
    });
    let category_name = if category.is_empty() { String::new() } else { search::name(&category) };
    let frame = Frame::plain(&site, Some(&caller), TEXTS.text("procedures.list.title"));
    let categories = search::categories(&shown);
    Ok(Html(Page { frame, query, category, category_name, categories, hits, total, pager })
        .into_response())
}
