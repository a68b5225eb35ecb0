//! The manuals, as they stand in `docs/manuals`: everybody's, and that of those who look after
//! accounts, settings and logs (IK-3.3.3).

use std::sync::LazyLock;

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse as _;
use domain::identity::Role;
use platform_web::manual::{Manual, manual};
use platform_web::{Html, PageResult, Visitor};

use crate::frame::{Frame, Place};
use crate::guard::Who;
use crate::site::Site;

static STAFF: LazyLock<Manual> =
    LazyLock::new(|| manual(include_str!("../../../../docs/manuals/staff.md")));
static ADMINISTRATOR: LazyLock<Manual> =
    LazyLock::new(|| manual(include_str!("../../../../docs/manuals/administrator.md")));

#[derive(Template)]
#[template(path = "identity/manual.html")]
struct ManualPage {
    frame: Frame,
    manual: &'static Manual,
    /// Address and words of the other manual, for those who may read it.
    other: Option<(&'static str, &'static str)>,
}

/// Shows the manual of all staff.
pub async fn get(State(site): State<Site>, who: Who, visitor: Visitor) -> PageResult {
    let other = match who.role {
        Role::Administrator | Role::Auditor => {
            Some(("/manual/administrator", ADMINISTRATOR.title.as_str()))
        }
        Role::ProcedureManager | Role::Clerk => None,
    };
    let frame = Frame::of(&site, &who, &visitor, Place::Elsewhere);
    Ok(Html(ManualPage { frame, manual: &STAFF, other }).into_response())
}

/// Shows the manual of administrators and auditors.
pub async fn administrator(State(site): State<Site>, who: Who, visitor: Visitor) -> PageResult {
    let frame = Frame::of(&site, &who, &visitor, Place::Elsewhere);
    let other = Some(("/manual", STAFF.title.as_str()));
    Ok(Html(ManualPage { frame, manual: &ADMINISTRATOR, other }).into_response())
}
