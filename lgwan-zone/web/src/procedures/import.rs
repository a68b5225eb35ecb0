//! Bringing a definition in: a JSON file or pasted text (NF-10, NF-66).

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse as _;
use domain::forms::definition::{MAX_DOCUMENT_BYTES, Procedure};
use http::StatusCode;
use lgwan_zone_store::procedures::{self, Import};
use platform_web::multipart::{Part, Upload};
use platform_web::{Html, PageResult, Trouble, Visitor, see_other};

use crate::frame::{Fault, Frame, Place};
use crate::guard::Who;
use crate::site::{Site, TEXTS};

#[derive(Template)]
#[template(path = "procedures/import.html")]
struct ImportPage {
    frame: Frame,
    faults: Vec<Fault>,
    text: String,
}

/// Shows the form.
pub async fn get(State(site): State<Site>, who: Who, visitor: Visitor) -> PageResult {
    let frame = Frame::of(&site, &who, &visitor, Place::Procedures);
    Ok(Html(ImportPage { frame, faults: Vec::new(), text: String::new() }).into_response())
}

/// Keeps what was sent for the preview, when it can be read at all.
pub async fn post(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    upload: Upload,
) -> PageResult {
    let (file_name, document) = read(upload).await?;
    let pasted = file_name.is_empty();
    let field = if pasted { "text" } else { "file" };
    let again = |words: String| -> Trouble {
        let frame = Frame::of(&site, &who, &visitor, Place::Procedures);
        let faults = vec![Fault::said(field, words)];
        let text = if pasted { document.clone() } else { String::new() };
        (StatusCode::UNPROCESSABLE_ENTITY, Html(ImportPage { frame, faults, text }))
            .into_response()
            .into()
    };
    if document.trim().is_empty() {
        return Err(again(TEXTS.text("procedures.fault.nothing").to_owned()));
    }
    let procedure = match Procedure::from_json(document.as_bytes()) {
        Ok(procedure) => procedure,
        Err(error) => return Err(again(TEXTS.fill("procedures.fault.shape", &[("why", &error)]))),
    };
    let is_own = who.departments.iter().any(|(id, _)| id == procedure.department.as_str());
    let by = who.by(&site);
    let import = Import {
        id: site.new_id(),
        file_name,
        document,
        imported_at: by.at.as_microsecond(),
        imported_by: who.id.clone(),
    };
    let id = import.id.clone();
    site.store.write(move |tx| procedures::import(tx, &by, &import)).await?;
    // What names a department of somebody else becomes a procedure of this person's own (NF-66).
    let next = if is_own { "" } else { "/own" };
    Ok(see_other(format!("/procedures/imports/{id}{next}")))
}

async fn read(mut upload: Upload) -> Result<(String, String), Trouble> {
    let mut found = (String::new(), String::new());
    while let Some(part) = upload.next().await? {
        match part {
            Part::Text { name, value } if name == "text" && found.1.is_empty() => found.1 = value,
            Part::Text { .. } => {}
            Part::File(file) if file.name == "file" => {
                let name = file.file_name.clone();
                let bytes = file.bytes(MAX_DOCUMENT_BYTES as u64).await?;
                // Bytes that are no UTF-8 are no JSON; the reader says so.
                found = (name, String::from_utf8_lossy(&bytes).into_owned());
            }
            Part::File(_) => {}
        }
    }
    Ok(found)
}
