//! Closing a procedure and opening it again.

use axum::extract::{Path, State};
use domain::identity::Action;
use lgwan_zone_store::procedures::{self, Closed, Looked, Published};
use platform_web::{CsrfForm, OrFault as _, PageResult, Reply, see_other};

use super::{publish, show};
use crate::guard::Who;
use crate::site::Site;

/// Stops taking applications.
pub async fn close(
    State(site): State<Site>,
    who: Who,
    Path(id): Path<String>,
    CsrfForm(_): CsrfForm,
) -> PageResult {
    let (row, procedure) = show::load(&site, &who, &id, Action::PublishDefinition).await?;
    let by = who.by(&site);
    let revision = u32::try_from(row.revision).or_fault()?;
    let message = site.office.closed(&procedure.id, revision, by.at);
    let page = format!("/procedures/{}", row.id);
    let target = format!("{page}?said=closed");
    let which = (row.id, row.revision);
    let closed = site.store.write(move |tx| {
        let (id, revision) = &which;
        procedures::close(tx, &by, (id, *revision), &message)
    });
    match closed.await? {
        Closed::Done => {
            (site.posted)();
            Ok(see_other(target))
        }
        Closed::Already => Ok(see_other(target)),
        Closed::Overtaken => Err(Reply::conflict("procedures.overtaken").link(page).into()),
    }
}

/// Takes applications again: the same definition as a new revision. Its words were released before,
/// so one person is enough.
pub async fn reopen(
    State(site): State<Site>,
    who: Who,
    Path(id): Path<String>,
    CsrfForm(_): CsrfForm,
) -> PageResult {
    let (row, procedure) = show::load(&site, &who, &id, Action::PublishDefinition).await?;
    let target = format!("/procedures/{}?said=reopened", row.id);
    if row.state == "published" {
        return Ok(see_other(target));
    }
    let number = u32::try_from(row.revision).unwrap_or(0) + 1;
    match publish::publish(&site, &who, procedure, (number, Looked::Once), (None, None)).await? {
        Published::Done | Published::Before => Ok(see_other(target)),
        Published::SlugTaken
        | Published::Overtaken
        | Published::OtherDepartment
        | Published::NotProposed
        | Published::NotAsTried
        | Published::NoDepartment => {
            let back = format!("/procedures/{}", row.id);
            Err(Reply::conflict("procedures.overtaken").link(back).into())
        }
    }
}
