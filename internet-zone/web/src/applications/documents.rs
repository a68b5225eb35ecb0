//! An issued document: opened here, told to the department the first time.

use axum::extract::{Path, State};
use domain::identity::Action;
use internet_zone_store::applications::documents;
use platform_web::{OrFault as _, PageResult, Reply, download};

use super::access;
use crate::caller::Caller;
use crate::site::Site;
use crate::{places, terminals, urls};

/// Sends a document and records that it was opened (NF-31).
pub(crate) async fn get(
    caller: Caller,
    State(site): State<Site>,
    Path((id, document)): Path<(String, String)>,
) -> PageResult {
    let open = access::application(&site, &caller, &id, Action::ReadDocument).await?;
    terminals::may_take_away(urls::application(&id))?;
    let wanted = document.clone();
    let found = site.store.read(move |db| documents::find(db, &wanted)).await?;
    let found = found
        .filter(|found| found.application_id == open.application.id)
        .ok_or_else(|| Reply::not_found("applications.no_document").link(urls::application(&id)))?;
    let name =
        site.vault.open_text(places::document_name(&document), &found.name_sealed).or_fault()?;
    let (vault, files, file_id, place) =
        (site.vault.clone(), site.files.clone(), found.file_id, document.clone());
    let read = move || -> Result<Vec<u8>, platform_web::Fault> {
        Ok(vault.open(places::document(&place), &files.get(&file_id)?)?)
    };
    let bytes = tokio::task::spawn_blocking(read).await.or_fault()??;
    let uuid = site.new_id();
    let letter = site.post.opened(uuid, &id, &document, site.clock.now()).or_fault()?;
    let by = caller.by();
    site.store.write(move |tx| documents::opened(tx, &by, &document, letter)).await?;
    (site.wake)();
    Ok(download::download(&name, &found.media, bytes))
}
