//! 期限切れ: nobody answered the correction in time (NF-34).

use axum::extract::{Path, State};
use platform_web::{CsrfForm, PageResult, Reply, Trouble, Visitor};

use super::super::desk::Desk;
use super::No;
use crate::guard::Who;
use crate::site::Site;
use crate::words;

/// Shows the form.
pub async fn get(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    Path(id): Path<String>,
) -> PageResult {
    super::form(&site, &who, &visitor, &id, No::Expire).await
}

/// 期限切れにする.
pub async fn post(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    Path(id): Path<String>,
    CsrfForm(sent): CsrfForm,
) -> PageResult {
    super::act(&site, &who, &visitor, &id, &sent, No::Expire).await
}

/// Whether the day of its correction is over.
pub(in super::super) fn is_late(site: &Site, desk: &Desk) -> bool {
    let today = words::day(site.clock.now()).to_string();
    desk.row.due.as_ref().is_some_and(|due| *due < today)
}

/// Not before that.
pub(super) fn may(site: &Site, desk: &Desk) -> Result<(), Trouble> {
    if desk.state.waits_for_applicant() && !is_late(site, desk) {
        let back = format!("/applications/{}", desk.row.id);
        return Err(Reply::conflict("applications.not_late").link(back).into());
    }
    Ok(())
}
