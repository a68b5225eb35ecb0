//! From the design to the last look before publishing, which is that of every definition.

use axum::extract::{Path, State};
use lgwan_zone_store::designs::{self, Changed};
use platform_web::{CsrfForm, OrFault as _, PageResult, Reply, Visitor, see_other};

use super::outline;
use super::work::{Said, Work, seen};
use crate::guard::{Who, sha256};
use crate::procedures::{import, publish};
use crate::site::{Site, TEXTS};

/// Keeps the document as it stands and shows it with its checks and what changes.
pub async fn post(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    Path(id): Path<String>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let work = Work::load(&site, &who, &id).await?;
    let seen = seen(&form);
    if !publish::checked(work.procedure()).0.is_empty() {
        let said = Said::Refused(vec![TEXTS.text("design.fault.not_yet").to_owned()]);
        return outline::again((&site, &who, &visitor), &work, said).await;
    }
    if seen != work.version() {
        let said = Said::behind(&work.since(&site, seen).await?);
        return outline::again((&site, &who, &visitor), &work, said).await;
    }
    let wanted = work.procedure().id.clone();
    let number = site.store.read(move |db| publish::next_revision(db, &wanted)).await?;
    let mut procedure = work.procedure().clone();
    procedure.revision = number;
    let document = procedure.canonical_json().or_fault()?;
    let (hash, id) = (sha256(&document), work.id.clone());
    let offered = site.store.write(move |tx| designs::offer(tx, (&id, seen), &hash)).await?;
    if offered != Changed::Done(seen) {
        return Err(Reply::conflict("design.overtaken").link(work.at("")).into());
    }
    let title = procedure.title.ja().to_owned();
    let document = String::from_utf8(document).or_fault()?;
    let import = import::keep(&site, &who, title, document).await?;
    Ok(see_other(format!("/procedures/imports/{import}")))
}
