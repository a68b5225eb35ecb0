//! Bringing a definition in: a JSON file, a workbook or pasted text (NF-10, NF-37, NF-66).

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse as _;
use domain::forms::definition::{MAX_DOCUMENT_BYTES, Procedure};
use http::StatusCode;
use lgwan_zone_store::procedures::{self, Import};
use platform_web::multipart::Upload;
use platform_web::{Html, OrFault as _, PageResult, Trouble, Visitor, see_other};

use super::bundle::{self, signed};
use super::workbook::{self, opened};
use crate::frame::{Fault, Frame, Place};
use crate::guard::Who;
use crate::site::{Site, TEXTS};

/// Bytes of the largest file: a bundle.
const LARGEST_FILE: u64 = signed::LARGEST as u64;
/// Bytes of one request: the file, and what may be pasted beside it.
pub const LARGEST: u64 = LARGEST_FILE + 2 * 1024 * 1024;

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
    let sent = upload.with_file("file", LARGEST_FILE).await?;
    let text = sent.form.text("text").to_owned();
    let again = |faults: Vec<Fault>| again(&site, &who, &visitor, faults, text.clone());
    if let Some(name) = &sent.too_large {
        return Err(again(vec![Fault::too_large("file", name, LARGEST_FILE)]));
    }
    if let Some((name, bytes)) = &sent.file
        && signed::is_bundle(bytes)
    {
        return match bundle::bring(&site, &who, (name, bytes)).await? {
            Ok(next) => Ok(see_other(next)),
            Err(words) => Err(again(vec![Fault::said("file", words)])),
        };
    }
    if let Some((name, bytes)) = &sent.file
        && opened::is_zip(bytes)
    {
        let procedure = match workbook::definition(&site, bytes).await? {
            Ok(procedure) => procedure,
            Err(words) => {
                let faults = words.into_iter().map(|words| Fault::said("file", words)).collect();
                return Err(again(faults));
            }
        };
        let document = serde_json::to_string(&procedure).or_fault()?;
        return looked_at(&site, &who, &procedure, name.clone(), document).await;
    }
    let (file_name, document) = match sent.file {
        Some((name, bytes)) if bytes.len() > MAX_DOCUMENT_BYTES => {
            let most = MAX_DOCUMENT_BYTES as u64;
            return Err(again(vec![Fault::too_large("file", &name, most)]));
        }
        // Bytes that are no UTF-8 are no JSON; the reader says so.
        Some((name, bytes)) => (name, String::from_utf8_lossy(&bytes).into_owned()),
        None => (String::new(), text.clone()),
    };
    let field = if file_name.is_empty() { "text" } else { "file" };
    let refused = |words: String| again(vec![Fault::said(field, words)]);
    if document.trim().is_empty() {
        return Err(refused(TEXTS.text("procedures.fault.nothing").to_owned()));
    }
    let procedure = match Procedure::from_json(document.as_bytes()) {
        Ok(procedure) => procedure,
        Err(error) => {
            return Err(refused(TEXTS.fill("procedures.fault.shape", &[("why", &error)])));
        }
    };
    looked_at(&site, &who, &procedure, file_name, document).await
}

/// The page once more, with what is wrong.
fn again(site: &Site, who: &Who, visitor: &Visitor, faults: Vec<Fault>, text: String) -> Trouble {
    let frame = Frame::of(site, who, visitor, Place::Procedures);
    let page = Html(ImportPage { frame, faults, text });
    (StatusCode::UNPROCESSABLE_ENTITY, page).into_response().into()
}

/// Keeps a definition that reads, and shows it before it is published.
pub(super) async fn looked_at(
    site: &Site,
    who: &Who,
    procedure: &Procedure,
    file_name: String,
    document: String,
) -> PageResult {
    let is_own = who.departments.iter().any(|(id, _)| id == procedure.department.as_str());
    let id = keep(site, who, file_name, document).await?;
    // What names a department of somebody else becomes a procedure of this person's own (NF-66).
    let next = if is_own { "" } else { "/own" };
    Ok(see_other(format!("/procedures/imports/{id}{next}")))
}

/// Keeps a definition to be looked at before it is published; its address is
/// `/procedures/imports/{id}`.
pub(super) async fn keep(
    site: &Site,
    who: &Who,
    file_name: String,
    document: String,
) -> Result<String, Trouble> {
    let by = who.by(site);
    let import = Import {
        id: site.new_id(),
        file_name,
        document,
        imported_at: by.at.as_microsecond(),
        imported_by: who.id.clone(),
    };
    let id = import.id.clone();
    site.store.write(move |tx| procedures::import(tx, &by, &import)).await?;
    Ok(id)
}
