//! 保存延長: an application stays although its time is over (IK-3.5.1a).

use axum::extract::{Path, State};
use domain::identity::Action;
use lgwan_zone_store::retention::holds::{self, Hold};
use platform_web::{CsrfForm, PageResult, Reply, see_other};

use super::clash::keeping;
use super::desk;
use crate::guard::Who;
use crate::site::Site;
use crate::words;

/// Longest reason in characters.
const LONGEST: usize = 500;

/// A hold as the application's page shows it.
pub(super) struct View {
    pub(super) reason: String,
    pub(super) at: String,
    pub(super) by: String,
}

pub(super) fn view(hold: Hold) -> View {
    View { reason: hold.reason, at: words::stored(hold.at), by: hold.staff_name }
}

/// Puts a hold on the application, or lifts it; either has its reason, which stands in the log. A second press of the same button changes nothing.
pub async fn post(
    State(site): State<Site>,
    who: Who,
    Path(id): Path<String>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let desk = desk::open(&site, &who, &id, Action::WorkOnApplication).await?;
    let id = desk.row.id;
    let back = format!("/applications/{id}");
    let by = who.by(&site);
    let reason = form.text("reason").trim().to_owned();
    if reason.is_empty() || reason.chars().count() > LONGEST {
        let no = Reply::unprocessable("applications.hold_refused").link(back);
        return Err(keeping(no.into(), "applications.kept.reason", form.text("reason")));
    }
    if form.text("do") == "lift" {
        site.store.write(move |tx| holds::lift(tx, &by, &id, &reason)).await?;
        return Ok(see_other(format!("{back}?said=lifted")));
    }
    site.store.write(move |tx| holds::put(tx, &by, &id, &reason)).await?;
    Ok(see_other(format!("{back}?said=kept")))
}
