//! Procedures and their forms, as they were published.

use axum::extract::{Path, State};
use domain::identity::Action;
use lgwan_zone_store::procedures::{self, Procedure};
use platform_web::{OrFault as _, PageResult, QueryData, Reply};
use serde::Serialize;
use serde_json::Value;

use super::applications::moment;
use super::guard::Caller;
use super::{json, query};
use crate::site::Site;

#[derive(Serialize)]
struct Summary {
    id: String,
    slug: String,
    title: String,
    department: String,
    state: String,
    revision: i32,
    changed_at: String,
}

impl From<Procedure> for Summary {
    fn from(row: Procedure) -> Self {
        Self {
            id: row.id,
            slug: row.slug,
            title: row.title,
            department: row.department_id,
            state: row.state,
            revision: row.revision,
            changed_at: moment(row.updated_at),
        }
    }
}

#[derive(Serialize)]
struct Procedures {
    items: Vec<Summary>,
}

#[derive(Serialize)]
struct Form {
    #[serde(flatten)]
    summary: Summary,
    definition_sha256: String,
    published_at: String,
    definition: Value,
}

/// Lists the procedures within reach, by title.
pub(super) async fn list(State(site): State<Site>, caller: Caller, asked: QueryData) -> PageResult {
    query::known(&asked, &[])?;
    let departments = caller.departments();
    let rows = site.store.read(move |db| procedures::list(db, Some(&departments))).await?;
    let may =
        |row: &Procedure| caller.may(Action::ReadDefinition, &row.id, &row.department_id).is_ok();
    let items: Vec<Summary> = rows.into_iter().filter(may).map(Summary::from).collect();
    caller.noted(&site, "api.procedures_read", ("procedure", ""), &items.len().to_string()).await?;
    json(&Procedures { items })
}

/// Shows one revision of a form: the newest, or the one an application was filled in with.
pub(super) async fn show(
    State(site): State<Site>,
    caller: Caller,
    Path(id): Path<String>,
    asked: QueryData,
) -> PageResult {
    let typed = query::known(&asked, &["revision"])?;
    if !query::is_id(&id) {
        return Err(Reply::not_found("api.missing").into());
    }
    let wanted = query::number(typed, "revision", (1, 1_000_000), 0)?;
    let found = site
        .store
        .read(move |db| {
            let Some(row) = procedures::find(db, &id)? else { return Ok(None) };
            let number =
                if wanted == 0 { row.revision } else { i32::try_from(wanted).unwrap_or(0) };
            let revision = procedures::revision(db, &row.id, number)?;
            Ok(Some((row, revision)))
        })
        .await?;
    let missing = || Reply::not_found("api.missing");
    let (row, revision) = found.ok_or_else(missing)?;
    if let Err(denied) = caller.may(Action::ReadDefinition, &row.id, &row.department_id) {
        return Err(caller.refused(&site, ("procedure", &row.id), denied).await);
    }
    let revision = revision.ok_or_else(missing)?;
    caller.noted(&site, "api.procedures_read", ("procedure", &row.id), "").await?;
    let summary = Summary { revision: revision.revision, ..row.into() };
    json(&Form {
        summary,
        definition_sha256: revision.sha256,
        published_at: moment(revision.published_at),
        definition: serde_json::from_str(&revision.document).or_fault()?,
    })
}
