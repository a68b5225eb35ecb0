//! 配信・集信履歴: how far each lane is.

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse as _;
use domain::identity::{Action, Object};
use platform_web::{Html, PageResult, Visitor};

use crate::frame::{Frame, Place};
use crate::guard::Who;
use crate::site::Site;

#[derive(Template)]
#[template(path = "bridge/status.html")]
struct StatusPage {
    frame: Frame,
    tables: Vec<Table>,
}

struct Table {
    title: String,
    heads: Vec<String>,
    rows: Vec<Vec<(String, String)>>,
}

/// Shows the lanes.
pub async fn get(State(site): State<Site>, who: Who, visitor: Visitor) -> PageResult {
    who.may(Action::ReadOperations, &Object::Operations)?;
    let tables = Vec::new();
    let frame = Frame::of(&site, &who, &visitor, Place::Bridge);
    Ok(Html(StatusPage { frame, tables }).into_response())
}
