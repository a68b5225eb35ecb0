//! From the design to the last look before publishing, which is that of every definition.

use axum::extract::{Path, State};
use domain::forms::definition::Procedure;
use lgwan_zone_store::designs::{self, Changed};
use lgwan_zone_store::procedures;
use platform_web::{CsrfForm, OrFault as _, PageResult, Reply, Trouble, Visitor, see_other};

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
        let said = Said::Behind(work.behind(&site, seen, Vec::new()).await?);
        return outline::again((&site, &who, &visitor), &work, said).await;
    }
    let (procedure, document) = document(&site, &work).await?;
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

/// The design as it would be published next, with its bytes: what is looked at, tried and hashed.
pub(super) async fn document(site: &Site, work: &Work) -> Result<(Procedure, Vec<u8>), Trouble> {
    let wanted = work.procedure().id.clone();
    let (number, before) = site
        .store
        .read(move |db| {
            let number = publish::next_revision(db, &wanted)?;
            let last = i32::try_from(number.saturating_sub(1)).unwrap_or(i32::MAX);
            let before = procedures::revision(db, wanted.as_str(), last)?;
            Ok((number, before))
        })
        .await?;
    let before = before.and_then(|one| Procedure::from_json(one.document.as_bytes()).ok());
    let mut procedure = work.procedure().clone();
    procedure.revision = number;
    procedure.counts_by(site.office.days());
    // Whoever takes the file in sees by its version that the columns are others now.
    if let (Some(new), Some(old)) = (&mut procedure.export, before.and_then(|one| one.export))
        && new.columns != old.columns
    {
        new.version = new.version.max(old.version.saturating_add(1));
    }
    let document = procedure.canonical_json().or_fault()?;
    Ok((procedure, document))
}
