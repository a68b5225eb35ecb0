//! Codes with which anybody checks a receipt or a document. They are worked out from the identifier, a
//! receipt's with a key of this zone, a document's without, since it stands on the paper that the staff
//! zone prints: nothing is stored, and a code opens nothing.

use axum::extract::{Path, State};
use domain::applications::CheckCode;
use domain::identity::Action;
use domain::ids::DocumentId;
use internet_zone_store::applications::documents;
use internet_zone_store::vault::{Vault, sha256};
use platform_web::{PageResult, Reply};

use super::access;
use crate::caller::Caller;
use crate::procedures::qr;
use crate::site::Site;
use crate::urls;

/// The code of an application's receipt.
pub(super) fn of_receipt(vault: &Vault, application: &str) -> CheckCode {
    CheckCode::of_hash(&vault.index("check-code.receipt", application))
}

/// The code of an issued document, as it stands on the paper.
pub(super) fn of_document(document: &str) -> CheckCode {
    // An identifier that is none has a code that nobody was given.
    let id = DocumentId::parse(document).unwrap_or_else(|_| DocumentId::from_bits(0));
    CheckCode::of_hash(&sha256(CheckCode::of_document(&id).as_bytes()))
}

/// The code that stood beside a document before papers carried theirs.
pub(super) fn of_document_before(vault: &Vault, document: &str) -> CheckCode {
    CheckCode::of_hash(&vault.index("check-code.document", document))
}

fn picture(site: &Site, number: &str, code: CheckCode) -> PageResult {
    qr::drawn(&format!("{}{}", site.city.base_url, urls::verify(number, &code.to_string())))
}

/// Number and code of a receipt as a two-dimensional code.
pub(crate) async fn receipt(
    caller: Caller,
    State(site): State<Site>,
    Path(id): Path<String>,
) -> PageResult {
    let open = access::application(&site, &caller, &id, Action::ReadApplication).await?;
    picture(&site, &open.application.number, of_receipt(&site.vault, &id))
}

/// The same of a document.
pub(crate) async fn document(
    caller: Caller,
    State(site): State<Site>,
    Path((id, document)): Path<(String, String)>,
) -> PageResult {
    let open = access::application(&site, &caller, &id, Action::ReadDocument).await?;
    let found = site.store.read(move |db| documents::find(db, &document)).await?;
    // What came with a message was not issued: nobody vouches for it with a code.
    let found = found
        .filter(|found| found.application_id == open.application.id && found.message_id.is_none());
    let found = found
        .ok_or_else(|| Reply::not_found("applications.no_document").link(urls::application(&id)))?;
    picture(&site, &open.application.number, of_document(&found.id))
}
