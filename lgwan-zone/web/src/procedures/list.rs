//! The list of procedures.

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse as _;
use domain::identity::{Action, Object};
use lgwan_zone_store::identity::departments;
use lgwan_zone_store::procedures;
use platform_web::{Html, PageResult, QueryData, Visitor};

use super::{proposal, show};
use crate::frame::{Frame, Place, name_of};
use crate::guard::{self, Who};
use crate::site::Site;
use crate::words;

#[derive(Template)]
#[template(path = "procedures/list.html")]
struct ListPage {
    frame: Frame,
    procedures: Vec<Line>,
    can_publish: bool,
    /// Revisions that wait for somebody to release them.
    waiting: Vec<proposal::Line>,
    /// What became of what this person proposed.
    closed: Vec<proposal::Line>,
}

struct Line {
    id: String,
    title: String,
    department: String,
    open: bool,
    revision: i32,
    updated: String,
}

/// Lists the procedures this person may read.
pub async fn get(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    query: QueryData,
) -> PageResult {
    let (all, names) =
        site.store.read(|db| Ok((procedures::list(db, None)?, departments::all(db)?))).await?;
    let names: Vec<(String, String)> = names.into_iter().map(|one| (one.id, one.name)).collect();
    let procedures = all
        .into_iter()
        .filter(|one| show::may_read(&who, &one.department_id))
        .map(|one| Line {
            department: name_of(&names, &one.department_id),
            open: one.state == "published",
            revision: one.revision,
            updated: words::stored(one.updated_at),
            id: one.id,
            title: one.title,
        })
        .collect();
    let can_publish = who.departments.iter().any(|(id, _)| {
        guard::department(id).is_ok_and(|department| {
            who.can(Action::PublishDefinition, &Object::Definition { department })
        })
    });
    let frame = Frame::of(&site, &who, &visitor, Place::Procedures).said(&query, "procedures");
    let (waiting, closed) = proposal::lines(&site, &who).await?;
    Ok(Html(ListPage { frame, procedures, can_publish, waiting, closed }).into_response())
}
