//! 取下げ of what staff entered: taken back by an applicant who has no page for it (IK-2.1.2a3).

use axum::extract::{Path, State};
use domain::applications::Channel;
use lgwan_zone_store::applications::entered;
use platform_web::{CsrfForm, PageResult, Reply, Trouble, Visitor};

use super::super::desk::Desk;
use super::No;
use crate::guard::Who;
use crate::site::Site;

/// 取下げを記録する; the application's own page asks for the reason.
pub async fn post(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    Path(id): Path<String>,
    CsrfForm(sent): CsrfForm,
) -> PageResult {
    super::act(&site, &who, &visitor, &id, &sent, No::Withdraw).await
}

/// Who applied through the citizens' pages takes back there.
pub(super) async fn may(site: &Site, desk: &Desk) -> Result<(), Trouble> {
    let id = desk.row.id.clone();
    let refused = match site.store.read(move |db| entered::of(db, &id)).await? {
        None => Some("entry.online"),
        Some(one) if one.channel() == Channel::Staff => Some("entry.internal"),
        Some(_) => None,
    };
    if let Some(key) = refused {
        let back = format!("/applications/{}", desk.row.id);
        return Err(Reply::conflict(key).link(back).into());
    }
    Ok(())
}
