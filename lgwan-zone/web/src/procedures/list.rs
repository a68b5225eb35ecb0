//! The list of procedures.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse as _;
use domain::forms::Compiled;
use domain::forms::definition::Procedure as Definition;
use domain::identity::{Action, Object};
use lgwan_zone_store::identity::departments;
use lgwan_zone_store::procedures::{self, Procedure};
use platform_web::{Html, PageResult, QueryData, Visitor};

use super::{facts, proposal, show};
use crate::frame::{Frame, Place, name_of};
use crate::guard::{self, Who};
use crate::site::{Site, TEXTS};
use crate::{table, words};

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

/// The columns of the file.
const COLUMNS: [&str; 11] = [
    "procedures.file.id",
    "frame.word.procedure",
    "procedures.file.url",
    "frame.word.department",
    "frame.word.state",
    "frame.word.edition",
    "frame.word.updated",
    "procedures.file.mode",
    "procedures.file.period",
    "procedures.file.login",
    "procedures.file.stages",
];

/// The procedures this person may read as a file, each by its newest revision (手続の一覧).
pub async fn file(State(site): State<Site>, who: Who, query: QueryData) -> PageResult {
    let shelf = site.shelf.clone();
    let read = site.store.read(move |db| {
        let mut all: Vec<(Procedure, Option<Arc<Compiled>>)> = Vec::new();
        for one in procedures::list(db, None)? {
            let form = shelf.get(db, &one.id, one.revision)?;
            all.push((one, form));
        }
        Ok((all, departments::all(db)?))
    });
    let (all, names) = read.await?;
    let names: Vec<(String, String)> = names.into_iter().map(|one| (one.id, one.name)).collect();
    let readable = all.into_iter().filter(|(one, _)| show::may_read(&who, &one.department_id));
    let rows: Vec<Vec<String>> = readable
        .map(|(one, form)| {
            let open = one.state == "published";
            let state = if open { "frame.word.open" } else { "frame.word.stopped" };
            let said = form.map_or_else(Default::default, |form| said(form.procedure()));
            let own = [
                one.id,
                one.title,
                facts::url(&site, &one.slug),
                name_of(&names, &one.department_id),
                TEXTS.text(state).to_owned(),
                one.revision.to_string(),
                words::stored(one.updated_at),
            ];
            own.into_iter().chain(said).collect()
        })
        .collect();
    let (by, count) = (who.by(&site), rows.len().to_string());
    site.store
        .write(move |tx| {
            by.record(tx, "procedures.list_saved", "procedure", "", &count);
            Ok(())
        })
        .await?;
    let titles = COLUMNS.map(|key| TEXTS.text(key).to_owned());
    let name = TEXTS.text("procedures.file.name");
    Ok(table::file((name, query.0.text("encoding")), &titles, &rows)?)
}

/// What the newest revision says, in the order of the columns.
fn said(procedure: &Definition) -> [String; 4] {
    [
        facts::mode(procedure.mode),
        facts::period(&procedure.open),
        facts::login(&procedure.access),
        facts::stages(procedure),
    ]
}
