//! The lists of a procedure (NF-61): saved as CSV, and replaced by one. A new list is a new
//! definition: it is looked at before it is published, like any other.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use domain::forms::definition::{List, MAX_DOCUMENT_BYTES, Procedure};
use domain::forms::list_file::ListFault;
use domain::identity::Action;
use http::StatusCode;
use lgwan_zone_store::procedures::{self, Import};
use platform_web::download::download;
use platform_web::multipart::{Part, Upload};
use platform_web::{Html, OrFault as _, PageResult, Reply, Trouble, Visitor, see_other};

use super::show;
use crate::frame::{Fault, Frame, Place};
use crate::guard::Who;
use crate::site::{Site, TEXTS};

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
    let (file_name, bytes) = read(upload).await?;
    let new = match old.with_file(&bytes) {
        Ok(new) => new,
        Err(faults) => {
            let faults = faults.iter().map(|fault| Fault::said("file", words(fault))).collect();
            let page = page((&site, &who, &visitor), &procedure, old, faults);
            return Err((StatusCode::UNPROCESSABLE_ENTITY, Html(page)).into_response().into());
        }
    };
    let at = procedure.lists.iter().position(|list| list.id == list_id);
    if let Some(at) = at {
        procedure.lists[at] = new;
    }
    let by = who.by(&site);
    let import = Import {
        id: site.new_id(),
        file_name,
        document: serde_json::to_string(&procedure).or_fault()?,
        imported_at: by.at.as_microsecond(),
        imported_by: who.id.clone(),
    };
    let id = import.id.clone();
    site.store.write(move |tx| procedures::import(tx, &by, &import)).await?;
    Ok(see_other(format!("/procedures/imports/{id}")))
}

fn words(fault: &ListFault) -> String {
    let args: [(&str, &dyn std::fmt::Display); 2] =
        [("line", &fault.line), ("detail", &fault.detail)];
    TEXTS.fill(fault.code.key(), &args)
}

async fn read(mut upload: Upload) -> Result<(String, Vec<u8>), Trouble> {
    let mut found = (String::new(), Vec::new());
    while let Some(part) = upload.next().await? {
        match part {
            Part::File(file) if file.name == "file" => {
                let name = file.file_name.clone();
                found = (name, file.bytes(MAX_DOCUMENT_BYTES as u64).await?.to_vec());
            }
            Part::File(_) | Part::Text { .. } => {}
        }
    }
    Ok(found)
}
