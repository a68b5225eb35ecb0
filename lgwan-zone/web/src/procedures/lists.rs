//! The lists of a procedure (NF-61): saved as CSV, and replaced by one. A new list is a new
//! definition: it is looked at before it is published, like any other.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use domain::forms::definition::{List, MAX_DOCUMENT_BYTES, Procedure};
use domain::forms::list_file::ListFault;
use domain::identity::Action;
use http::StatusCode;
use platform_web::download::download;
use platform_web::multipart::Upload;
use platform_web::{Html, OrFault as _, PageResult, Reply, Trouble, Visitor, see_other};

use super::{import, show};
use crate::frame::{Fault, Frame, Place};
use crate::guard::Who;
use crate::site::Site;
use crate::words;

#[derive(Template)]
#[template(path = "procedures/list_file.html")]
struct ListPage {
    frame: Frame,
    faults: Vec<Fault>,
    procedure: String,
    title: String,
    path: String,
    back: String,
    entries: usize,
    columns: Vec<String>,
    /// The first entries, so that one sees which list it is.
    first: Vec<Vec<String>>,
}

/// Entries shown.
const FIRST: usize = 20;

fn list<'p>(procedure: &'p Procedure, id: &str) -> Result<&'p List, Trouble> {
    let found = procedure.lists.iter().find(|list| list.id == id);
    found.ok_or_else(|| Reply::not_found("procedures.missing").into())
}

fn page(
    (site, who, visitor): (&Site, &Who, &Visitor),
    procedure: &Procedure,
    list: &List,
    faults: Vec<Fault>,
) -> ListPage {
    ListPage {
        frame: Frame::of(site, who, visitor, Place::Procedures),
        faults,
        procedure: procedure.title.ja().to_owned(),
        title: list.title.clone(),
        path: format!("/procedures/{}/lists/{}", procedure.id, list.id),
        back: format!("/procedures/{}", procedure.id),
        entries: list.rows.len(),
        columns: list.columns.iter().map(|column| column.title.clone()).collect(),
        first: list.rows.iter().take(FIRST).cloned().collect(),
    }
}

/// Shows a list and where to replace it.
pub async fn get(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    Path((id, list_id)): Path<(String, String)>,
) -> PageResult {
    let (_, procedure) = show::load(&site, &who, &id, Action::EditDefinition).await?;
    let list = list(&procedure, &list_id)?;
    Ok(Html(page((&site, &who, &visitor), &procedure, list, Vec::new())).into_response())
}

/// Saves a list as a file.
pub async fn file(
    State(site): State<Site>,
    who: Who,
    Path((id, list_id)): Path<(String, String)>,
) -> PageResult {
    let (row, procedure) = show::load(&site, &who, &id, Action::ReadDefinition).await?;
    let list = list(&procedure, &list_id)?;
    Ok(download(&format!("{}-{}.csv", row.slug, list.id), "text/csv", list.file()))
}

/// Takes a file in the place of the list; the new definition is looked at next.
pub async fn post(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    Path((id, list_id)): Path<(String, String)>,
    upload: Upload,
) -> PageResult {
    let (_, mut procedure) = show::load(&site, &who, &id, Action::EditDefinition).await?;
    let old = list(&procedure, &list_id)?;
    let most = MAX_DOCUMENT_BYTES as u64;
    let sent = upload.with_file("file", most).await?;
    let (file_name, bytes) = sent.file.unwrap_or_default();
    let said = |it: &ListFault| Fault::said("file", words::at_line(it.code.key(), it));
    let new = match &sent.too_large {
        Some(name) => Err(vec![Fault::too_large("file", name, most)]),
        None => old.with_file(&bytes).map_err(|faults| faults.iter().map(said).collect()),
    };
    let new = match new {
        Ok(new) => new,
        Err(faults) => {
            let page = page((&site, &who, &visitor), &procedure, old, faults);
            return Err((StatusCode::UNPROCESSABLE_ENTITY, Html(page)).into_response().into());
        }
    };
    let at = procedure.lists.iter().position(|list| list.id == list_id);
    if let Some(at) = at {
        procedure.lists[at] = new;
    }
    let document = serde_json::to_string(&procedure).or_fault()?;
    let id = import::keep(&site, &who, file_name, document).await?;
    Ok(see_other(format!("/procedures/imports/{id}")))
}
