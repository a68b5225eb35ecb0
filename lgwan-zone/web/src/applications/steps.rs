//! Steps that ask nothing more: 受付, 審査開始, 完了 (NF-34).

use axum::extract::{Path, State};
use domain::applications::Event;
use domain::identity::Action;
use lgwan_zone_store::applications::steps::Step;
use platform_web::{CsrfForm, FormData, PageResult, Trouble};

use super::desk;
use crate::guard::Who;
use crate::site::Site;

/// 受付する.
pub async fn accept(
    State(site): State<Site>,
    who: Who,
    Path(id): Path<String>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    plain(&site, &who, &id, &form, Event::Accept).await
}

/// 審査を始める.
pub async fn review(
    State(site): State<Site>,
    who: Who,
    Path(id): Path<String>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    plain(&site, &who, &id, &form, Event::StartReview).await
}

/// 完了にする.
pub async fn finish(
    State(site): State<Site>,
    who: Who,
    Path(id): Path<String>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    plain(&site, &who, &id, &form, Event::Finish).await
}

async fn plain(site: &Site, who: &Who, id: &str, form: &FormData, event: Event) -> PageResult {
    let step = planned(site, who, (id, desk::seen(form)), event).await?;
    desk::take(site, who, step, event.key()).await
}

/// The step of one application that was looked at in a version.
///
/// # Errors
/// A refusal when the person may not, or when the event does not apply now.
pub(super) async fn planned(
    site: &Site,
    who: &Who,
    (id, seen): (&str, i32),
    event: Event,
) -> Result<Step, Trouble> {
    let desk = desk::open(site, who, id, Action::WorkOnApplication).await?;
    let way = desk.way(who, event, "")?;
    let now = site.clock.now();
    let expected = desk.expected(site, way.end, now);
    let message = site.office.status(&desk.id()?, way.end, now, "", expected);
    let fee = desk.waits_for_fee(site, &way).await?;
    Ok(Step {
        application: desk.row.id.clone(),
        seen,
        hops: way.hops,
        correction: None,
        documents: Vec::new(),
        messages: vec![message],
        days: site.office.days().clone(),
        needs: desk.needs(event),
        fee,
    })
}
