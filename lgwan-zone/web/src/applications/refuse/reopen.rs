//! 再開: not over after all, back to a desk (NF-34).

use axum::extract::{Path, State};
use axum::response::Response;
use domain::applications::Event;
use lgwan_zone_store::applications::countdown;
use lgwan_zone_store::applications::plan::Way;
use lgwan_zone_store::applications::steps::Step;
use platform_web::{CsrfForm, PageResult, Trouble, Visitor};

use super::super::clash::Stopped;
use super::super::desk::{self, Desk};
use super::No;
use crate::guard::Who;
use crate::site::Site;

/// Shows the form.
pub async fn get(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    Path(id): Path<String>,
) -> PageResult {
    super::form(&site, &who, &visitor, &id, No::Reopen).await
}

/// 再開する.
pub async fn post(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    Path(id): Path<String>,
    CsrfForm(sent): CsrfForm,
) -> PageResult {
    super::act(&site, &who, &visitor, &id, &sent, No::Reopen).await
}

/// Takes the step; the promised open days begin anew.
pub(super) async fn taken(
    site: &Site,
    who: &Who,
    desk: &Desk,
    way: Way,
    (seen, reason): (i32, &str),
) -> Result<Result<Response, Stopped>, Trouble> {
    let (now, days) = (site.clock.now(), site.office.days());
    let anew = countdown::begun(&desk.form.procedure().workflow, way.end, now, days);
    let expected = anew.told(way.end);
    let message = site.office.status(&desk.id()?, way.end, now, reason, expected);
    let step = Step {
        application: desk.row.id.clone(),
        seen,
        hops: way.hops,
        correction: None,
        documents: Vec::new(),
        messages: vec![message],
        days: days.clone(),
        needs: desk.needs(Event::Reopen),
        fee: 0,
    };
    desk::reopen(site, who, step, anew).await
}
