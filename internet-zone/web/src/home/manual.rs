//! The manual for citizens, as it stands in `docs/manuals` (IK-3.3.3).

use std::sync::LazyLock;

use axum::extract::State;
use axum::response::IntoResponse as _;
use domain::forms::definition::Lang;
use platform_web::manual::{Manual, manual};
use platform_web::{Html, PageResult};

use crate::caller::Caller;
use crate::frame::Frame;
use crate::reader::{self, marks};
use crate::site::Site;
use crate::texts::TEXTS;

static MANUAL: LazyLock<Manual> =
    LazyLock::new(|| manual(include_str!("../../../../docs/manuals/citizen.md")));

#[derive(askama::Template)]
#[template(path = "home/manual.html")]
struct Page<'a> {
    frame: Frame<'a>,
    chapters: &'a [(String, String)],
    /// Finished HTML.
    body: String,
}

/// Shows the manual with its chapters; it is written in Japanese alone.
pub(crate) async fn get(caller: Caller, State(site): State<Site>) -> PageResult {
    let frame = Frame::plain(&site, Some(&caller), TEXTS.text("home.manual.title"));
    let body = match reader::lang() {
        Lang::Ja => MANUAL.body.clone(),
        _ => marks::left_html(&MANUAL.body),
    };
    Ok(Html(Page { frame, chapters: &MANUAL.chapters, body }).into_response())
}
